"""Search by name over the whole hierarchy."""

from __future__ import annotations

import h5py
import pytest

from lindi_explorer.errors import CancelledByUserError
from lindi_explorer.explorer import protocol as p
from lindi_explorer.remote import CancelToken


@pytest.fixture
def tree(explore, tmp_path):
    with h5py.File(tmp_path / "x.h5", "w") as file:
        file["b/Alpha/x"] = 1
        file["a/beta/ALPHAbet"] = 1
        file["a/gamma"] = h5py.SoftLink("/a/beta")
        file["c"] = 1
    return explore(tmp_path / "x.h5")


def found(asked, text, **options):
    answer = asked.ask(p.Search, text=text, **options)
    return answer.matches, [row.path for row in answer.rows]


def test_matches_keep_their_parents_in_the_order_of_the_tree(tree):
    matches, rows = found(tree, "alpha")
    assert matches == ["/a/beta/ALPHAbet", "/b/Alpha"]
    assert rows == ["/", "/a", "/a/beta", "/a/beta/ALPHAbet", "/b", "/b/Alpha"]


def test_links_are_found_by_their_own_name_and_not_followed(tree):
    matches, _ = found(tree, "bet")
    assert matches == ["/a/beta", "/a/beta/ALPHAbet"]
    assert found(tree, "gamma")[0] == ["/a/gamma"]


def test_more_matches_than_asked_for_are_counted(tree):
    answer = tree.ask(p.Search, text="a", limit=1)
    assert answer.matches == ["/a"]
    assert answer.total == 5
    assert answer.objects == 8


@pytest.mark.parametrize("text", ["", "nothing like it"])
def test_nothing_is_found(tree, text):
    assert found(tree, text) == ([], [])


def test_marks_are_seen_in_what_was_found(tree):
    tree.set("/b/Alpha", "unit", "m")
    rows = {row.path: row for row in tree.ask(p.Search, text="Alpha").rows}
    assert rows["/b/Alpha"].mark == "M"
    assert rows["/b"].below == "M"


def test_a_document_is_searched_without_a_request(sample, explore, serve, tmp_path):
    sample.ask(p.Export, filename=str(tmp_path / "x.nwb.lindi.json"), local_paths=True)
    server = serve(tmp_path)
    asked = explore(server.url("x.nwb.lindi.json"))
    before = asked.status().requests
    assert asked.ask(p.Search, text="timestamps").matches
    assert asked.status().requests == before


def test_a_search_can_be_cancelled(explore):
    refs = {".zgroup": {"zarr_format": 2}} | {f"{n:05}/.zgroup": {"zarr_format": 2} for n in range(3000)}
    asked = explore({"refs": refs})
    token, looked = CancelToken(), []
    children = asked.file.journal.children

    def counting(path):
        looked.append(path)
        if len(looked) == 100:
            token.set()
        return children(path)

    asked.file.journal.children = counting
    with pytest.raises(CancelledByUserError):
        asked.session.handle(p.Search(id="1", text="1"), cancel=token)
    assert len(looked) < 300
    asked.file.journal.children = children
    assert asked.ask(p.Search, text="00001").matches == ["/00001"]
