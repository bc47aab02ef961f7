"""Tables of arrays, and every type as text."""

from __future__ import annotations

import h5py
import numpy as np
import pytest

from lindi_explorer.errors import InvalidSelectionError, UnsupportedError
from lindi_explorer.explorer.preview import choices
from lindi_explorer.explorer.protocol import EmptyPreview, TablePreview, ValuePreview
from lindi_explorer.h5 import open_any


@pytest.fixture(scope="module")
def edge(edge_cases_h5):
    file = open_any(edge_cases_h5)
    yield file
    file.close()


def rows(edge, ask, path):
    answer, _ = ask(edge, path, view="table")
    return [column.name for column in answer.columns], answer.rows


def test_compound_rows_have_a_column_for_each_field(edge, ask):
    names, cells = rows(edge, ask, "/compounds/plain")
    assert names == ["id", "value", "flag", "name"]
    assert cells == [["1", "NaN", "true", "one"], ["2", "2.5", "false", ""]]
    answer, _ = ask(edge, "/compounds/plain")
    assert isinstance(answer, TablePreview), "a table is what it is first"
    assert [column.numeric for column in answer.columns] == [True, True, False, False]


@pytest.mark.parametrize(
    ("path", "cells"),
    [
        ("/compounds/mixed", [["é", "/compounds/plain", "1"], ["", "null", "2"]]),
        ("/compounds/nested", [["(0.0, 0.0)", "[[0, 0], [0, 0]]"]] * 2),
        ("/numbers/enum", [["RED"], ["GREEN"], ["BLUE"]]),
        ("/numbers/complex", [["1+2j"], ["nan+nanj"]]),
        ("/numbers/bool", [["true"], ["false"], ["true"]]),
        ("/numbers/opaque", [["000102"], ["fffefd"]]),
        ("/numbers/arrays", [["[[0, 1, 2], [3, 4, 5]]"], ["[[6, 7, 8], [9, 10, 11]]"]]),
        ("/numbers/not_finite", [["NaN"], ["inf"], ["-inf"], ["-0.0"], ["5e-324"]]),
        ("/numbers/big_u8", [["0"], ["1"], ["0"], ["18446744073709551615"]]),
        ("/lists/ints", [["[0, 1, 2]"], ["[0, 1, 2, 3, 4]"], ["[]"]]),
        ("/references/objects", [["/references"], ["/references/data"], ["/"], ["null"]]),
        ("/references/regions", [["/references/data"], ["/references/data"], ["null"]]),
        ("/strings/fixed", [["a"], ["bcdef"], [""], ["x y"]]),
        ("/strings/not_utf8", [["\ufffd\ufffd"], ["ok"]]),
    ],
)
def test_every_type_has_a_text(edge, ask, path, cells):
    assert rows(edge, ask, path)[1] == cells


def test_long_texts_are_cut_and_marked(edge, ask):
    answer, _ = ask(edge, "/strings/utf8", view="table")
    last = answer.rows[-1][0]
    assert len(last) == 200
    assert last.endswith("x…")


def test_a_page_of_a_matrix(make, ask):
    data = np.arange(5000 * 3).reshape(5000, 3)
    file = make(lambda file: file.create_dataset("m", data=data))
    answer, _ = ask(file, "/m", view="table", selection="4990:5000, 1:3")
    assert [column.name for column in answer.columns] == ["1", "2"]
    assert answer.rows == [[str(value) for value in row] for row in data[4990:, 1:3]]
    assert (answer.total, answer.offset) == (5000, 4990)


def test_a_reply_holds_a_bounded_number_of_cells(make, ask):
    file = make(lambda file: file.create_dataset("m", data=np.zeros((5000, 3000), "u1")))
    answer, _ = ask(file, "/m", view="table", selection="0:5000, 0:3000")
    assert len(answer.rows) * len(answer.columns) <= 20_000
    assert answer.selection == f"0:{len(answer.rows)}, 0:{len(answer.columns)}", "what was read is named"
    assert answer.total == 5000


def test_three_ranges_are_no_table(make, ask):
    file = make(lambda file: file.create_dataset("m", data=np.zeros((5, 5, 5))))
    with pytest.raises(InvalidSelectionError, match="A table needs 1 or 2 ranges"):
        ask(file, "/m", view="table", selection=":, :, :")
    answer, _ = ask(file, "/m", view="table", selection="1, 2, 3")
    assert answer.rows == [["0.0"]]


def test_a_scalar_with_fields_is_a_row(edge, ask):
    answer, _ = ask(edge, "/scalars/compound")
    assert (answer.rows, answer.total, answer.selection) == ([["1", "2.5"]], 1, "()")
    again, _ = ask(edge, "/scalars/compound", view="table", selection="0:1")
    assert again.rows == answer.rows


# ---------------------------------------------------------------- values


@pytest.mark.parametrize(
    ("path", "text", "dtype"),
    [
        ("/scalars/int", "3", "int64"),
        ("/scalars/float", "2.5", "float64"),
        ("/scalars/bool", "true", "bool"),
        ("/scalars/text", "hé", "utf-8"),
        ("/scalars/empty_text", "", "utf-8"),
        ("/scalars/bytes", "abc", "ascii [3 bytes]"),
        ("/shapes/one", "0.0", "float64"),
    ],
)
def test_scalars_are_values(edge, ask, path, text, dtype):
    answer, buffers = ask(edge, path)
    assert isinstance(answer, ValuePreview)
    assert (answer.text, answer.dtype, answer.truncated, buffers) == (text, dtype, False, [])


def test_a_few_texts_are_lines(edge, ask):
    answer, _ = ask(edge, "/strings/ascii")
    assert answer.text == "a\n\nzz"


def test_json_is_shown_as_it_is(make, ask):
    text = '{"b": 1,  "a": [1, 2]}'
    file = make(lambda file: file.create_dataset("spec", data=text))
    assert ask(file, "/spec")[0].text == text


def test_long_text_is_cut_and_says_so(make, ask):
    file = make(lambda file: file.create_dataset("t", data="x" * 300_000))
    answer, _ = ask(file, "/t")
    assert (len(answer.text), answer.truncated) == (100_000, True)


def test_a_reference_leads_to_its_target(make, ask):
    def fill(file):
        file["a/b"] = 1
        file.create_dataset("ref", data=file["a/b"].ref, dtype=h5py.ref_dtype)
        file.create_dataset("null", data=h5py.Reference(), dtype=h5py.ref_dtype)

    file = make(fill)
    answer, _ = ask(file, "/ref")
    assert (answer.text, answer.target) == ("/a/b", "/a/b")
    null, _ = ask(file, "/null")
    assert (null.text, null.target) == ("null", "")


# ---------------------------------------------------------------- nothing


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/scalars/null", "has a type but no value"),
        ("/scalars/null_text", "has a type but no value"),
        ("/shapes/none", "its shape is 0"),
        ("/shapes/none_2d", "its shape is 0 × 3"),
        ("/shapes/no_columns", "its shape is 3 × 0"),
        ("/shapes/none_text", "its shape is 0"),
    ],
)
def test_nothing_to_show_says_why(edge, ask, path, words):
    answer, buffers = ask(edge, path)
    assert isinstance(answer, EmptyPreview)
    assert words in answer.words
    assert buffers == []
    assert [choice.view for choice in choices(edge, path)] == ["empty"]


def test_what_has_no_preview_says_so(edge, ask):
    assert choices(edge, "/scalars") == []
    with pytest.raises(UnsupportedError, match="/scalars has no preview of its own"):
        ask(edge, "/scalars")
    with pytest.raises(UnsupportedError, match="cannot be shown as image") as caught:
        ask(edge, "/strings/utf8", view="image")
    assert "table" in caught.value.hint


def test_broken_nodes_have_no_choices(edge, ask):
    assert choices(edge, "/links/soft_dangling") == []
    with pytest.raises(KeyError):
        ask(edge, "/links/soft_dangling")
    with pytest.raises(KeyError):
        ask(edge, "/nowhere")


def test_every_node_of_the_edge_cases_is_shown_or_says_why_not(edge, ask):
    """All views of everything that h5py can write."""
    shown = 0
    for path in edge.journal.walk():
        for choice in choices(edge, f"/{path}"):
            try:
                answer, buffers = ask(edge, f"/{path}", view=choice.view)
            except UnsupportedError:
                assert "dangling" in path, "the one thing HDF5 itself cannot read"
                continue
            shown += 1
            assert answer.path
            assert sum(map(len, buffers)) < 2_000_000
    assert shown > 150
