"""What is put into the text of a document is what writing it as a whole would give."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lindi_explorer.formats.splice import splice
from lindi_explorer.references.codec import to_text

KEYS = st.sampled_from(
    [
        "a/.zattrs",
        "a/.zgroup",
        "a/b/.zarray",
        "a/b/0",
        "a/b/0.1",
        "a/b/10",
        'q"uo": te/0',
        "é/0",
        "é/\\/1",
        "z/0",
    ]
) | st.text(min_size=1, max_size=6)
VALUES = st.one_of(
    st.text(max_size=8),
    st.dictionaries(
        st.text(max_size=3), st.integers() | st.text(max_size=3) | st.lists(st.booleans(), max_size=2)
    ),
    st.tuples(st.sampled_from(["https://a/x", "./b"]), st.integers(0, 99), st.integers(0, 99)).map(list),
)
REFS = st.dictionaries(KEYS, VALUES, min_size=1, max_size=8)


def text_of(refs, **members) -> bytes:
    return to_text({"refs": refs, "version": 1, **members}).encode("ascii")


def joined(document) -> bytes:
    return b"".join(document.text())


@given(REFS, REFS | st.just({}), st.sets(KEYS, max_size=4))
def test_it_is_the_text_that_the_whole_document_has(refs, values, gone):
    gone = gone - values.keys()
    expected = {key: value for key, value in {**refs, **values}.items() if key not in gone}
    document = splice(text_of(refs), values, gone)
    addresses = [value[0] for value in values.values() if isinstance(value, list)]
    if not expected or any(addresses.count(one) >= 5 for one in addresses):
        assert document is None
        return
    assert joined(document) == text_of(expected)
    assert document.addresses() == {value[0] for value in expected.values() if isinstance(value, list)}


TEMPLATES = {"u1": "https://a/x"}
MANY = {f"d/{number}": ["{{u1}}", number, 1] for number in range(5)}


def test_addresses_that_have_a_template_use_it():
    document = splice(text_of(MANY, templates=TEMPLATES), {"e/0": ["https://a/x", 7, 7]}, {"d/1"})
    assert json.loads(joined(document))["refs"]["e/0"] == ["{{u1}}", 7, 7]
    assert document.addresses() == {"https://a/x"}


@pytest.mark.parametrize(
    "values",
    [{f"e/{number}": ["https://b/y", number, 1] for number in range(5)}, {"e/0": ["https://{{odd}}", 0, 1]}],
    ids=["often", "braces"],
)
def test_where_templates_would_be_others_it_is_written_as_a_whole(values):
    assert splice(text_of(MANY, templates=TEMPLATES), values, ()) is None


def test_no_template_stays_without_use():
    assert splice(text_of({**MANY, "e/0": "x"}, templates=TEMPLATES), {}, MANY.keys()) is None
    assert splice(text_of({**MANY, "e/0": "x"}, templates=TEMPLATES), dict.fromkeys(MANY, "y"), ()) is None


@pytest.mark.parametrize(
    "text",
    [
        b'{"refs": {"a": "x"}}',
        text_of({"a": "x"}) + b"\n",
        text_of({"a": "x"}).replace(b'"x"', '"é"'.encode()),
        b'{\n  "refs": {\n    "b": "x",\n    "a": "y"\n  }\n}',
        b'{\n  "refs": {\n    "a": "x",\n    "a": "y"\n  }\n}',
        text_of({}),
        b"{}",
        b"",
        b"not JSON",
    ],
)
def test_text_that_is_not_as_we_write_it_is_left_alone(text):
    assert splice(text, {"a": "z"}, ()) is None
