"""Explorers of dandisets: their files are listed and searched, one is chosen, and there is a way back."""

from __future__ import annotations

import h5py
import pytest

import lindi_explorer as lindi
from lindi_explorer.archive import instances
from lindi_explorer.archive.browsing import Browser, PathPage, PathRow
from lindi_explorer.archive.dandisets import dandiset_named
from lindi_explorer.errors import (
    AccessDeniedError,
    FileInUseError,
    FormatError,
    MissingFileError,
    TransferError,
    UnsupportedError,
)
from lindi_explorer.explorer import protocol as p
from lindi_explorer.explorer.choosing import DandisetSession
from lindi_explorer.explorer.session import ExplorerSession
from lindi_explorer.remote import RetryRules
from tests.dandi.double import Double

ALICE = "a11ce" * 8


@pytest.fixture(scope="module")
def running_double():
    with Double() as made:
        yield made


@pytest.fixture
def double(running_double, monkeypatch, tmp_path):
    running_double.reset()
    running_double.add_user(ALICE, "alice")
    monkeypatch.setenv("LINDI_EXPLORER_JOURNAL_DIR", str(tmp_path / "journals"))
    monkeypatch.delenv(instances.VARIABLE, raising=False)
    monkeypatch.delenv("DOUBLE_API_KEY", raising=False)
    monkeypatch.setattr(instances, "_added", ())
    lindi.add_dandi_instance(
        "double",
        running_double.api,
        web=running_double.api.removesuffix("/api"),
        storage=[running_double.storage],
    )
    yield running_double
    assert running_double.leaks() == []


@pytest.fixture
def h5_file(tmp_path):
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        file.attrs["which"] = "the file itself"
        file["data"] = [1.0, 2.0]
    return path


@pytest.fixture
def dandiset(double, h5_file, tmp_path):
    """Three files in folders, one of them with a LINDI file beside it."""
    ready = tmp_path / "ready.lindi.json"
    identifier = double.add_dandiset(["alice"])
    with lindi.LindiH5pyFile.from_hdf5_file(h5_file, mode="r+") as file:
        file.attrs["which"] = "the ready-made one"
        file.write_lindi_file(ready)
    double.put_asset(identifier, "sub-1/ses-a/one.nwb", h5_file)
    double.put_asset(identifier, "sub-1/ses-a/one.nwb.lindi.json", ready)
    double.put_asset(identifier, "sub-2/Two.nwb", h5_file)
    text = tmp_path / "readme.txt"
    text.write_text("hello")
    double.put_asset(identifier, "readme.txt", text)
    return identifier


@pytest.fixture
def choose(dandiset):
    """A session of the dandiset; ``ask(op, ...)`` gives the answer."""
    session = DandisetSession.open(f"dandi://double/{dandiset}")
    yield session
    session.close()


def ask(session, request):
    return session.handle(request)[0]


def children(session, path="/", **options):
    return ask(session, p.GetChildren(id="1", path=path, **options))


# ---------------------------------------------------------------- what names a dandiset


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("dandi://dandi/000123", ("dandi", "000123", "", "")),
        ("dandi://sandbox/000123", ("dandi-sandbox", "000123", "", "")),
        ("dandi://dandi/000123@0.210813.1807", ("dandi", "000123", "0.210813.1807", "")),
        ("dandi://dandi/000123@draft/sub-1/ses%201/", ("dandi", "000123", "draft", "sub-1/ses 1")),
        ("https://dandiarchive.org/dandiset/000123", ("dandi", "000123", "", "")),
        ("https://dandiarchive.org/dandiset/000123/draft/files", ("dandi", "000123", "draft", "")),
        ("https://dandiarchive.org/#/dandiset/000123/0.2", ("dandi", "000123", "0.2", "")),
        (
            "https://sandbox.dandiarchive.org/dandiset/000123/draft/files?location=sub-1%2F&page=1",
            ("dandi-sandbox", "000123", "draft", "sub-1"),
        ),
        ("https://api.dandiarchive.org/api/dandisets/000123/", ("dandi", "000123", "", "")),
        (
            "https://api.dandiarchive.org/api/dandisets/000123/versions/0.2/assets/",
            ("dandi", "000123", "0.2", ""),
        ),
    ],
)
def test_names_of_dandisets(source, found):
    named = dandiset_named(source)
    assert (named.instance.name, named.dandiset, named.version, named.folder) == found


@pytest.mark.parametrize(
    "source",
    [
        "dandi://dandi/000123/sub-1/a.nwb",
        "https://dandiarchive.org/dandiset/000123/draft/files?location=sub-1%2Fa.nwb",
        "https://api.dandiarchive.org/api/dandisets/000123/versions/draft/assets/?path=a.nwb",
        "https://example.org/dandiset/000123",
        "folder/000123",
        ("000123", "a.nwb"),
        {},
    ],
)
def test_names_of_something_else(source):
    assert dandiset_named(source) is None


def test_an_archive_that_nobody_knows():
    with pytest.raises(FormatError, match="no DANDI instance 'nowhere'"):
        dandiset_named("dandi://nowhere/000123")


# ---------------------------------------------------------------- the list


def test_a_dandiset_is_listed_a_folder_at_a_time(choose, dandiset):
    opened = ask(choose, p.Open(id="1"))
    assert isinstance(opened, p.Choosing)
    assert (opened.name, opened.version, opened.files) == (f"Dandiset {dandiset}", "draft", 4)
    assert opened.web_page.endswith(f"/dandiset/{dandiset}/draft")
    assert opened.root.children
    top = children(choose)
    assert [(row.path, row.icon, row.children) for row in top.rows] == [
        ("/readme.txt", "type", 0),
        ("/sub-1", "folder", 1),
        ("/sub-2", "folder", 1),
    ]
    assert top.rows[1].type_name == "2 files"
    assert [row.path for row in children(choose, "/sub-1").rows] == ["/sub-1/ses-a"]


def test_sizes_are_those_of_the_files(choose, h5_file):
    (row,) = children(choose, "/sub-2").rows
    assert (row.path, row.name, row.stored_bytes) == ("/sub-2/Two.nwb", "Two.nwb", h5_file.stat().st_size)


def test_a_lindi_file_beside_is_shown_with_the_file_it_stands_for(choose):
    first, second = children(choose, "/sub-1/ses-a").rows
    assert (first.name, first.type_name) == ("one.nwb", "LINDI")
    assert (second.name, second.type_name) == ("one.nwb.lindi.json", "")


def test_it_is_seen_on_the_next_page_too(double, h5_file, monkeypatch):
    monkeypatch.setattr("lindi_explorer.explorer.assets._PAGE", 3)
    identifier = double.add_dandiset(["alice"])
    for name in ("a.nwb", "b.nwb", "c.nwb", "c.nwb.lindi.json", "d.nwb"):
        double.put_asset(identifier, name, h5_file)
    session = DandisetSession.open(f"dandi://double/{identifier}")
    page = children(session, offset=0, limit=3)
    assert [row.type_name for row in page.rows] == ["", "", "LINDI"]
    assert page.total == 5
    last = children(session, offset=2, limit=10)
    assert [row.name for row in last.rows] == ["c.nwb", "c.nwb.lindi.json", "d.nwb"]


def test_a_folder_is_asked_for_once(choose, double):
    children(choose)
    double.forget()
    children(choose)
    children(choose, "/sub-1")
    assert len(double.log("api")) == 1


def test_search_is_the_archives_and_knows_no_case(choose, double):
    double.forget()
    found = ask(choose, p.Search(id="1", text="two"))
    assert [row.path for row in found.rows] == ["/sub-2", "/sub-2/Two.nwb"]
    assert (found.matches, found.total, found.objects) == (["/sub-2/Two.nwb"], 1, 4)
    assert len(double.log("api")) == 1


def test_found_files_come_after_their_folders_in_the_order_of_the_tree(choose):
    found = ask(choose, p.Search(id="1", text="nwb"))
    assert [row.path for row in found.rows] == [
        "/sub-1",
        "/sub-1/ses-a",
        "/sub-1/ses-a/one.nwb",
        "/sub-1/ses-a/one.nwb.lindi.json",
        "/sub-2",
        "/sub-2/Two.nwb",
    ]
    assert found.rows[2].type_name == "LINDI"


def test_a_publication_is_listed_as_it_was(double, dandiset, h5_file):
    version = double.publish(dandiset)
    double.put_asset(dandiset, "later.nwb", h5_file)
    for source in (f"dandi://double/{dandiset}", f"dandi://double/{dandiset}@{version}"):
        session = DandisetSession.open(source)
        assert ask(session, p.Open(id="1")).version == version
        assert "/later.nwb" not in [row.path for row in children(session).rows]
    draft = DandisetSession.open(f"dandi://double/{dandiset}@draft")
    assert "/later.nwb" in [row.path for row in children(draft).rows]


def test_a_folder_that_is_named_is_where_it_begins(dandiset):
    session = DandisetSession.open(f"dandi://double/{dandiset}/sub-1/ses-a/")
    assert ask(session, p.Open(id="1")).selected == "/sub-1/ses-a"


# ---------------------------------------------------------------- refusals


def test_an_unknown_dandiset(double):
    with pytest.raises(MissingFileError, match="no dandiset 000099 on double"):
        DandisetSession.open("dandi://double/000099")


def test_embargo_wants_a_key(double, h5_file, monkeypatch):
    identifier = double.add_dandiset(["alice"], embargo="EMBARGOED")
    double.put_asset(identifier, "secret.nwb", h5_file)
    with pytest.raises(AccessDeniedError) as refusal:
        DandisetSession.open(f"dandi://double/{identifier}")
    assert "DOUBLE_API_KEY" in refusal.value.hint
    monkeypatch.setenv("DOUBLE_API_KEY", ALICE)
    session = DandisetSession.open(f"dandi://double/{identifier}")
    assert ask(session, p.Open(id="1")).embargoed
    assert [row.name for row in children(session).rows] == ["secret.nwb"]


def test_a_folder_that_is_gone(choose):
    with pytest.raises(MissingFileError, match="no folder nowhere in dandiset"):
        children(choose, "/nowhere")


def test_an_archive_that_does_not_answer(monkeypatch):
    monkeypatch.setattr(instances, "_added", ())
    monkeypatch.setattr(RetryRules, "delay", lambda *_: None)
    lindi.add_dandi_instance("away", "http://127.0.0.1:9/api")
    with pytest.raises(TransferError, match="away did not answer"):
        DandisetSession.open("dandi://away/000001")


# ---------------------------------------------------------------- choosing


def test_a_chosen_file_is_open_and_there_is_a_way_back(choose, dandiset):
    told = []
    choose.subscribe(told.append)
    with pytest.raises(MissingFileError, match="has been chosen yet"):
        _ = choose.chosen
    opened = ask(choose, p.ChooseAsset(id="1", path="/sub-2/Two.nwb"))
    assert isinstance(opened, p.Opened)
    assert (opened.name, opened.dandiset) == ("Two.nwb", f"Dandiset {dandiset}")
    assert [type(message) for message in told] == [p.Opened]
    assert [row.name for row in children(choose).rows] == ["data"]
    choose.chosen.file.attrs["which"] = "edited"
    assert isinstance(told[-1], p.Edited)

    back = ask(choose, p.BackToAssets(id="2"))
    assert isinstance(back, p.Choosing)
    assert back.selected == "/sub-2/Two.nwb"
    assert type(told[-1]) is p.Choosing
    assert [row.name for row in children(choose).rows] == ["readme.txt", "sub-1", "sub-2"]


def test_the_way_back_leads_to_what_is_there_now(choose, double, dandiset, h5_file):
    children(choose)
    ask(choose, p.ChooseAsset(id="1", path="/sub-2/Two.nwb"))
    double.put_asset(dandiset, "sub-2/Two.nwb.lindi.json", h5_file)
    back = ask(choose, p.BackToAssets(id="2"))
    assert back.files == 5
    assert [row.name for row in children(choose, "/sub-2").rows] == ["Two.nwb", "Two.nwb.lindi.json"]


def test_without_a_list_the_file_stays_open(choose, double):
    ask(choose, p.ChooseAsset(id="1", path="/sub-2/Two.nwb"))
    double.fault("broken", path="/dandisets/")
    with pytest.raises(TransferError):
        ask(choose, p.BackToAssets(id="2"))
    double.mend()
    assert choose.chosen.file.attrs["which"] == "the file itself"
    assert isinstance(ask(choose, p.BackToAssets(id="3")), p.Choosing)


def test_an_open_file_still_says_where_it_is_from(choose, dandiset):
    opened = ask(choose, p.ChooseAsset(id="1", path="/sub-2/Two.nwb"))
    assert (opened.source, opened.embargoed) == (f"double {dandiset} draft", False)


def test_an_upload_begins_with_the_dandiset_that_the_file_is_from(double, dandiset, h5_file, monkeypatch):
    monkeypatch.setenv("DOUBLE_API_KEY", ALICE)
    other = double.add_dandiset(["alice"])
    double.put_asset(other, "a.nwb", h5_file)
    for identifier, path in ((dandiset, "sub-2/Two.nwb"), (other, "a.nwb")):
        session = DandisetSession.open(f"dandi://double/{identifier}/{path}")
        found = ask(session, p.GetUploadTargets(id="2"))
        assert {one.identifier for one in found.dandisets} == {dandiset, other}
        assert found.dandiset == identifier
        session.close()


def test_a_dandiset_of_others_is_not_offered(choose, double, monkeypatch):
    monkeypatch.setenv("DOUBLE_API_KEY", "b0b00" * 8)
    double.add_user("b0b00" * 8, "bob")
    own = double.add_dandiset(["bob"])
    ask(choose, p.ChooseAsset(id="1", path="/sub-2/Two.nwb"))
    assert ask(choose, p.GetUploadTargets(id="2")).dandiset == own


def test_edits_wait_in_the_journal_while_another_file_is_looked_at(choose):
    ask(choose, p.ChooseAsset(id="1", path="/sub-2/Two.nwb"))
    choose.chosen.file.attrs["which"] = "edited"
    ask(choose, p.BackToAssets(id="2"))
    opened = ask(choose, p.ChooseAsset(id="3", path="/sub-2/Two.nwb"))
    assert opened.pending.changes == 1


@pytest.mark.parametrize(("ready_made", "which"), [(True, "the ready-made one"), (False, "the file itself")])
def test_the_lindi_file_beside_is_preferred_but_not_forced(choose, ready_made, which):
    ask(choose, p.ChooseAsset(id="1", path="/sub-1/ses-a/one.nwb", ready_made=ready_made))
    assert choose.chosen.file.attrs["which"] == which


def test_what_cannot_be_opened_leaves_the_list(choose):
    with pytest.raises(FormatError):
        ask(choose, p.ChooseAsset(id="1", path="/readme.txt"))
    assert choose.now is None
    assert isinstance(ask(choose, p.Open(id="2")), p.Choosing)


def test_a_file_that_was_opened_by_itself_has_no_list(h5_file):
    with (
        ExplorerSession.open(h5_file) as session,
        pytest.raises(UnsupportedError, match="not chosen from a dandiset"),
    ):
        session.handle(p.BackToAssets(id="1"))


@pytest.mark.parametrize("form", ["dandi", "web", "listing"])
def test_a_file_that_was_named_has_a_way_to_the_others(dandiset, double, form):
    api = double.api
    source = {
        "dandi": f"dandi://double/{dandiset}/sub-2/Two.nwb",
        "web": f"{api.removesuffix('/api')}/dandiset/{dandiset}/draft/files?location=sub-2%2FTwo.nwb",
        "listing": f"{api}/dandisets/{dandiset}/versions/draft/assets/?path=sub-2/Two.nwb",
    }[form]
    session = DandisetSession.open(source)
    opened = ask(session, p.Open(id="1"))
    assert (opened.name, opened.dandiset) == ("Two.nwb", f"Dandiset {dandiset}")
    back = ask(session, p.BackToAssets(id="2"))
    assert (back.selected, back.files) == ("/sub-2/Two.nwb", 4)
    session.close()


def test_naming_a_file_asks_for_no_list(dandiset, double):
    double.forget()
    session = DandisetSession.open(f"dandi://double/{dandiset}@draft/sub-2/Two.nwb")
    assert not [entry for entry in double.log("api") if "/paths/" in entry["path"]]
    session.close()


@pytest.mark.parametrize(
    "source", ["a.nwb", "https://example.org/a.nwb", {}, "3b7d91c0-5a52-4b5e-9d43-8f1b0c2a7e11"]
)
def test_other_sources_are_of_no_dandiset(source):
    assert DandisetSession.open(source) is None


def test_a_long_folder_costs_a_page(dandiset, monkeypatch):
    asked = []

    def folder(_browser, _dandiset, _version, _folder, number, size):
        asked.append(number)
        rows = [
            PathRow(f"sub-{index:06}.nwb", 1, 10, asset=None)
            for index in range((number - 1) * size, number * size)
        ]
        return PathPage(rows, 100_000, "https://example.org/next" if number < 200 else None)

    session = DandisetSession.open(f"dandi://double/{dandiset}")
    monkeypatch.setattr(Browser, "folder", folder)
    page = children(session, offset=99_500, limit=500)
    assert (page.total, len(page.rows), page.rows[-1].name) == (100_000, 500, "sub-099999.nwb")
    assert asked == [200]
    page = children(session, offset=250, limit=500)
    assert [page.rows[0].name, page.rows[-1].name] == ["sub-000250.nwb", "sub-000749.nwb"]
    assert asked == [200, 1, 2]
    session.close()


def test_a_file_that_is_being_uploaded_stays_open(choose, monkeypatch):
    ask(choose, p.ChooseAsset(id="1", path="/sub-2/Two.nwb"))
    monkeypatch.setattr(type(choose.chosen.uploads), "is_running", True)
    for request in (p.BackToAssets(id="2"), p.ChooseAsset(id="3", path="/sub-2/Two.nwb")):
        with pytest.raises(FileInUseError, match=r"Two\.nwb is being uploaded"):
            ask(choose, request)
    assert choose.chosen.file
