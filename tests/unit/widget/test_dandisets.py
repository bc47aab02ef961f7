"""An explorer of a dandiset, from Python and with a page that shows it."""

from __future__ import annotations

import h5py
import pytest

import lindi_explorer as lindi
from lindi_explorer.archive import instances
from lindi_explorer.errors import (
    AccessDeniedError,
    AssetChangedError,
    AssetExistsError,
    MissingFileError,
    UnsupportedError,
)
from tests.dandi.double import Double

ALICE = "a11ce" * 8


@pytest.fixture(scope="module")
def running_double():
    with Double() as made:
        yield made


@pytest.fixture
def source(running_double, monkeypatch, tmp_path):
    """The name of a dandiset with one file in a folder."""
    running_double.reset()
    monkeypatch.delenv(instances.VARIABLE, raising=False)
    monkeypatch.setattr(instances, "_added", ())
    lindi.add_dandi_instance("double", running_double.api, storage=[running_double.storage])
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        file["data"] = [1.0, 2.0]
    running_double.set(validate_seconds=0)
    running_double.add_user(ALICE, "alice")
    monkeypatch.setenv("DOUBLE_API_KEY", ALICE)
    identifier = running_double.add_dandiset(["alice"])
    running_double.put_asset(identifier, "sub-1/a.nwb", path)
    return f"dandi://double/{identifier}"


@pytest.fixture
def asset_id(source, running_double, tmp_path):
    """The id of the file, which is put there once more."""
    return running_double.put_asset("000001", "sub-1/a.nwb", tmp_path / "a.h5")


def test_it_shows_a_list_and_has_no_file_yet(explore, source):
    explorer, page = explore(source)
    assert page.ask("open")[0]["type"] == "choosing"
    assert explorer.error is None
    with pytest.raises(MissingFileError, match="has been chosen yet"):
        _ = explorer.file
    assert repr(explorer) == "<LindiExplorer at />"
    failure, _ = page.ask("node", path="/")
    assert (failure["type"], failure["code"]) == ("failure", "no-file")


def test_a_saved_notebook_shows_what_is_in_the_dandiset(explore, source):
    explorer, _ = explore(source)
    assert explorer.to_text().splitlines() == ["Dandiset 000001", "  sub-1  1 file"]
    data, _ = explorer._repr_mimebundle_()
    assert "sub-1" in data["text/html"]
    explorer.choose("sub-1/a.nwb")
    assert explorer.to_text().splitlines() == ["a.nwb", "  data  2  float64"]


def test_a_file_that_the_page_chooses_is_the_explorers(explore, source):
    explorer, page = explore(source)
    assert page.ask("choose", path="/sub-1/a.nwb")[0]["type"] == "opened"
    assert page.event("opened")["name"] == "a.nwb"
    assert list(explorer.file["data"][:]) == [1.0, 2.0]
    assert page.ask("node", path="/data")[0]["type"] == "node"


def test_python_chooses_and_every_page_is_told(explore, source):
    explorer, page = explore(source)
    page.ask("open")
    explorer.choose("sub-1/a.nwb")
    assert page.event("opened")["dandiset"] == "Dandiset 000001"
    assert "a.nwb" in repr(explorer)
    explorer.selected = "/data"
    explorer.choose("sub-1/a.nwb")
    assert explorer.selected == "/"
    with pytest.raises(MissingFileError, match="There is no file"):
        explorer.choose("sub-1/b.nwb")
    assert "data" in explorer.file


def test_an_explorer_of_a_file_has_nothing_to_choose(explore, sample_nwb):
    explorer, _ = explore(sample_nwb)
    with pytest.raises(UnsupportedError, match="not chosen from a dandiset"):
        explorer.choose("sub-1/a.nwb")


def test_python_uploads_and_every_page_is_told(explore, source):
    explorer, page = explore(source)
    explorer.choose("sub-1/a.nwb")
    explorer.file.attrs["name"] = "edited"
    uploaded = explorer.upload("000001", instance="double")
    assert uploaded.status == "Valid"
    assert page.event("upload_state")["state"] == "running"
    done = page.wait(lambda item: item["type"] == "upload_state" and item["state"] == "done")[0]
    assert done["uploaded"]["url"] == uploaded.url
    with lindi.LindiH5pyFile.from_lindi_file(uploaded.url) as file:
        assert file.attrs["name"] == "edited"
    with pytest.raises(AssetExistsError, match="exists in dandiset 000001"):
        explorer.upload("000001", instance="double")
    explorer.file.attrs["name"] = "edited again"
    again = explorer.upload("000001", instance="double", conflict="replace")
    assert again.asset_id not in {"", uploaded.asset_id}
    explorer.file.attrs["name"] = "edited for the third time"
    with pytest.raises(AssetChangedError):
        explorer.upload("000001", instance="double", conflict="replace", replaces=uploaded.asset_id)
    agreed = explorer.upload("000001", instance="double", conflict="replace", replaces=again.asset_id)
    assert agreed.asset_id not in {uploaded.asset_id, again.asset_id}


def test_an_upload_may_have_a_name_and_the_archive_a_short_one(explore, source, monkeypatch):
    monkeypatch.setitem(instances._SHORT_NAMES, "sandbox", "double")
    explorer, page = explore("dandi://sandbox/000001/sub-1/a.nwb")
    assert page.ask("open")[0]["dandiset"] == "Dandiset 000001"
    explorer.file.attrs["name"] = "edited"
    uploaded = explorer.upload("000001", instance="sandbox", path="mine/b.nwb.lindi.json")
    listed, _ = explore("dandi://sandbox/000001/mine/b.nwb.lindi.json")
    assert listed.file.attrs["name"] == "edited"
    by_id, _ = explore(uploaded.url)
    assert by_id.file.attrs["name"] == "edited"


def test_a_file_by_the_id_of_its_asset_is_uploaded_like_any_other(explore, source, asset_id, monkeypatch):
    monkeypatch.setattr("lindi_explorer.archive.names.DEFAULT", instances.instance_named("double"))
    explorer, page = explore(asset_id)
    assert page.ask("open")[0]["dandiset"] == ""
    explorer.file.attrs["name"] = "edited"
    uploaded = explorer.upload("000001", instance="double")
    done = page.wait(lambda item: item["type"] == "upload_state" and item["state"] == "done")[0]
    assert done["path"] == "sub-1/a.nwb.lindi.json"
    with lindi.LindiH5pyFile.from_lindi_file(uploaded.url) as file:
        assert file.attrs["name"] == "edited"


def test_a_file_of_this_machine_is_not_uploaded_as_references(explore, source, tmp_path):
    with h5py.File(tmp_path / "long.h5", "w") as file:
        file.create_dataset("data", data=range(20_000), chunks=(10_000,))
    explorer, page = explore(tmp_path / "long.h5")
    explorer.file.attrs["name"] = "edited"
    with pytest.raises(AccessDeniedError):
        explorer.upload("000001", instance="double", mode="json")
    failed = page.wait(lambda item: item["type"] == "upload_state" and item["state"] == "failed")[0]
    assert str(tmp_path) not in str(failed)
    uploaded = explorer.upload("000001", instance="double", mode="nwb")
    assert uploaded.status == "Valid"
    with lindi.LindiH5pyFile.from_hdf5_file(uploaded.url) as file:
        assert list(file["data"][-2:]) == [19_998, 19_999]


def test_what_was_shown_of_one_file_is_not_taken_for_the_next(explore, source):
    explorer, page = explore(source)
    explorer.choose("sub-1/a.nwb")
    explorer.selected = "/data"
    page.ask("preview", path="/data", view="line", width=100, selection="0:1")
    assert list(explorer.value) == [1.0]
    picture = "data:image/png;base64,"
    assert picture in explorer._repr_mimebundle_()[0]["text/html"]
    # Another view of the same file changes nothing.
    page.ask("open")
    assert picture in explorer._repr_mimebundle_()[0]["text/html"]

    page.ask("back_to_assets")
    assert picture not in explorer._repr_mimebundle_()[0]["text/html"]
    explorer.choose("sub-1/a.nwb")
    explorer.selected = "/data"
    assert explorer.value.shape == (2,)
    assert picture not in explorer._repr_mimebundle_()[0]["text/html"]


def test_python_says_what_is_meant_for_publications(explore, source, monkeypatch):
    explorer, _ = explore(source)
    explorer.choose("sub-1/a.nwb")
    monkeypatch.setenv("DANDI_API_KEY", ALICE)
    with pytest.raises(AccessDeniedError, match="for publications") as refusal:
        explorer.upload("000001", instance="dandi")
    assert "production=True" in refusal.value.hint
    with pytest.raises(ValueError, match="'zip' is none of auto, json"):
        explorer.upload("000001", instance="double", mode="zip")
