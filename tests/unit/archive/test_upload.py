"""Uploads from beginning to end: what is in the dandiset afterwards, and what is not."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import h5py
import numpy as np
import pytest

import lindi_explorer as lindi
from lindi_explorer.archive import new_chunks
from lindi_explorer.archive.side_by_side import AT_ONCE
from lindi_explorer.errors import CancelledByUserError
from lindi_explorer.h5 import open_any
from lindi_explorer.remote import CancelToken, cancelling
from lindi_explorer.staging.patch import Patch
from tests.dandi.etag import dandi_etag
from tests.unit.archive.conftest import DATA, NEW, PART

DOCUMENT = "sub-1/a.nwb.lindi.json"
PATCH = "sub-1/a.nwb.lindi_patch.json"


def check(url: str, new: np.ndarray = NEW) -> None:
    """What was edited is there, and so is what was not."""
    with open_any(url) as file:
        assert file.attrs["name"] == "edited"
        np.testing.assert_array_equal(file["new"][...], new)
        np.testing.assert_array_equal(file["data"][...], DATA)


@pytest.mark.parametrize(
    ("mode", "path", "encoding"),
    [
        ("inline", DOCUMENT, "application/json"),
        ("json", DOCUMENT, "application/json"),
        ("tar", "sub-1/a.nwb.lindi.tar", "application/x-tar"),
        ("nwb", "sub-1/b.nwb", "application/x-nwb"),
    ],
)
def test_every_mode_brings_the_edited_file_there(desk, mode, path, encoding):
    before = desk.listed()
    with desk.edited() as file:
        prepared = desk.prepare(file, mode=mode, path="sub-1/b.nwb" if mode == "nwb" else None)
        assert prepared.preflight.ready
        assert (prepared.preflight.path, prepared.preflight.mode) == (path, mode)
        done = prepared.run()
    check(done.url)
    after = desk.listed()
    assert before.items() <= after.items()
    assert after[path] == done.asset_id
    assert (done.status, done.errors, done.orphans) == ("Valid", (), ())
    assert desk.metadata(done.asset_id)["encodingFormat"] == encoding
    assert done.size == len(desk.content(done.asset_id))
    assert done.sent == desk.arrived()
    blobs = [name for name in after if name.startswith("lindi_blobs/")]
    assert len(blobs) == prepared.preflight.blobs == (1 if mode == "json" else 0)
    left = (desk.folder / "journals" / "uploads").iterdir()
    assert {entry.suffix for entry in left} == {".lock"}


def test_blobs_lie_by_their_content_and_the_document_knows_them(desk):
    with desk.edited() as file:
        done = desk.prepare(file, mode="json").run()
    (path,) = [name for name in desk.listed() if name.startswith("lindi_blobs/")]
    asset_id = desk.listed()[path]
    content = desk.content(asset_id)
    sha256 = hashlib.sha256(content).hexdigest()
    assert path == f"lindi_blobs/{sha256[:2]}/{sha256}"
    document = json.loads(desk.content(done.asset_id))
    file = desk.folder / "blob"
    file.write_bytes(content)
    assert document["generationMetadata"]["blobs"] == [
        {
            "sha256": sha256,
            "dandi-etag": dandi_etag(file, PART),
            "size": len(content),
            "path": path,
            "dandiset": desk.assets.open_set,
            "instance": "double",
            "url": desk.double.download_url(asset_id),
        }
    ]
    assert document["generationMetadata"]["generatedBy"].startswith("lindi_explorer ")
    allowed = {desk.double.download_url(desk.assets.h5), desk.double.download_url(asset_id)}
    names = document.get("templates", {})
    found = {value[0] for value in document["refs"].values() if isinstance(value, list)}
    assert {names.get(one.strip("{}"), one) for one in found} == allowed


def test_by_itself_little_new_data_is_inside_and_much_is_not(desk, monkeypatch):
    with desk.edited() as file:
        assert desk.prepare(file).preflight.mode == "inline"
        monkeypatch.setattr("lindi_explorer.archive.frozen.FEW", 800_000)
        assert desk.prepare(file).preflight.mode == "json"


@pytest.mark.parametrize("mode", ["inline", "json", "tar", "nwb"])
def test_the_summary_says_about_how_much_is_sent(desk, mode):
    with desk.edited() as file:
        prepared = desk.prepare(file, mode=mode, conflict="rename")
        done = prepared.run()
    assert prepared.preflight.size == pytest.approx(done.sent, rel=0.03)


def test_only_what_is_new_is_sent_the_next_time(desk):
    with desk.edited() as file:
        first = desk.prepare(file, mode="json").run()
        file.attrs["name"] = "edited"
        file.attrs["more"] = 1
        second = desk.prepare(file, mode="json", conflict="replace").run()
    assert first.sent > NEW.nbytes
    assert second.asset_id != first.asset_id
    # The patch has the new data in it, and is another one now.
    assert second.sent == second.size + len(desk.content(desk.listed()[PATCH]))
    check(second.url)


def test_the_patch_lies_beside_the_file_and_makes_it(desk):
    with desk.edited(new=NEW[:1000]) as file:
        desk.prepare(file).run()
    patch = Patch.parse(desk.content(desk.listed()[PATCH]))
    with open_any(desk.double.download_url(desk.assets.h5)) as file:
        lindi.apply(patch, file)
        assert file.attrs["name"] == "edited"
        np.testing.assert_array_equal(file["new"][...], NEW[:1000])


def test_a_file_of_somebody_in_the_place_of_the_patch_stays(desk):
    other = desk.double.put_asset(desk.assets.open_set, PATCH, desk.assets.path)
    with desk.edited() as file:
        desk.prepare(file).run()
        file.attrs["more"] = 1
        desk.prepare(file, conflict="replace").run()
    assert desk.listed()[PATCH] == other
    assert [path for path in desk.listed() if "patch" in path] == [PATCH, "sub-1/a-2.nwb.lindi_patch.json"]


def test_every_file_has_a_patch_of_its_own(desk):
    with desk.edited(new=NEW[:1000]) as file:
        desk.prepare(file, mode="inline").run()
        file.attrs["name"] = "later"
        desk.prepare(file, mode="tar").run()
        desk.prepare(file, mode="nwb", path="sub-1/b.nwb").run()
    listed = desk.listed()
    names = [PATCH, "sub-1/a.nwb.lindi.tar_patch.json", "sub-1/b.nwb_patch.json"]
    assert sorted(path for path in listed if "patch" in path) == sorted(names)
    for path, name in zip(names, ("edited", "later", "later"), strict=True):
        patch = Patch.parse(desk.content(listed[path]))
        with open_any(desk.double.download_url(desk.assets.h5)) as file:
            lindi.apply(patch, file)
            assert file.attrs["name"] == name


def test_without_changes_there_is_no_patch(desk):
    done = lindi.upload(
        f"dandi://double/{desk.assets.open_set}/sub-1/a.nwb", desk.assets.open_set, instance="double"
    )
    assert set(desk.listed()) == {"sub-1/a.nwb", DOCUMENT}
    with open_any(done.url) as file:
        np.testing.assert_array_equal(file["data"][...], DATA)


@pytest.mark.parametrize("mode", ["json", "inline", "tar", "nwb"])
def test_what_is_edited_meanwhile_is_not_uploaded(desk, mode):
    with desk.edited() as file:
        file["general/keywords"] = ["before"]
        prepared = desk.prepare(file, mode=mode, conflict="rename")
        file["new"][...] = 0
        file.attrs["name"] = "later"
        file["general/keywords"][...] = ["after"]
        done = prepared.run()
        assert file.attrs["name"] == "later"
        np.testing.assert_array_equal(file["data"][...], DATA)
    check(done.url)
    assert desk.metadata(done.asset_id)["keywords"] == ["before"]


@pytest.mark.parametrize("ending", ["lindi.tar", "lindi.d", "lindi.json"])
def test_new_data_in_a_file_of_this_machine_goes_along(desk, ending):
    path = desk.folder / f"mine.nwb.{ending}"
    with open_any(desk.double.download_url(desk.assets.h5)) as file:
        file.write_lindi_file(path)
    with lindi.LindiH5pyFile.from_lindi_file(path, mode="r+") as file:
        file.attrs["name"] = "edited"
        file.create_dataset("new", data=NEW, chunks=(90_000,))
    before = path.stat().st_size
    done = lindi.upload(path, desk.assets.open_set, instance="double", mode="json")
    check(done.url)
    assert path.stat().st_size == before
    assert done.size < 10_000
    # Beside the asset that it refers to, as it was made from that.
    assert desk.listed()[DOCUMENT] == done.asset_id


def test_new_data_in_memory_goes_along(desk):
    with open_any(desk.double.download_url(desk.assets.h5)) as file:
        file.attrs["name"] = "edited"
        file.create_dataset("new", data=NEW, chunks=(90_000,))
        done = desk.prepare(file, mode="json").run()
    check(done.url)
    assert done.size < 10_000


def test_short_chunks_stay_in_the_document(desk):
    with desk.edited(new=NEW[:50]) as file:
        file.create_dataset("short", data=NEW[:12_000], chunks=(3000,))
        prepared = desk.prepare(file, mode="json")
        done = prepared.run()
    assert prepared.preflight.blobs == 0
    with open_any(done.url) as file:
        np.testing.assert_array_equal(file["short"][...], NEW[:12_000])


def test_many_blobs(desk, monkeypatch):
    monkeypatch.setattr(new_chunks, "FULL", 200_000)
    with desk.edited() as file:
        prepared = desk.prepare(file, mode="json")
        done = prepared.run()
    blobs = [name for name in desk.listed() if name.startswith("lindi_blobs/")]
    assert len(blobs) == prepared.preflight.blobs == 4
    check(done.url)


def test_a_file_under_embargo_stays_among_its_owners(desk):
    with desk.edited(desk.double.download_url(desk.assets.secret)) as file:
        prepared = desk.prepare(file, mode="json", dandiset=desk.assets.closed_set)
        assert prepared.preflight.embargoed
        done = prepared.run()
    check(done.url)
    assert done.neurosift is None
    assert all(desk.double.describe(one)["embargoed"] for one in desk.listed(desk.assets.closed_set).values())
    keyed = {(entry["origin"], entry["path"]) for entry in desk.double.log() if entry["keyed"]}
    assert {origin for origin, _ in keyed} == {"api"}


def test_progress_goes_through_nine_steps(desk):
    told = []
    with desk.edited() as file:
        desk.prepare(file, mode="json").run(told.append)
    assert list(dict.fromkeys(one.step for one in told)) == list(range(1, 10))
    assert all(0 <= one.done <= one.total or one.total == 0 for one in told)
    sending = [one for one in told if one.step == 4]
    assert sending[-1].done == sending[-1].total == 2 * NEW.nbytes
    assert [one.done for one in sending] == sorted(one.done for one in sending)


def test_it_stops_when_it_is_told_to_and_goes_on_later(desk):
    token = CancelToken()

    def told(progress):
        if progress.step == 4 and progress.done > NEW.nbytes + 3 * PART:
            token.set()

    with desk.edited() as file:
        with pytest.raises(CancelledByUserError), cancelling(token):
            desk.prepare(file, mode="json").run(told)
        assert set(desk.listed()) == {"sub-1/a.nwb"}
        prepared = desk.prepare(file, mode="json")
        (earlier,) = [one for one in prepared.preflight.findings if one.title == "Earlier upload"]
        assert earlier.level == "note"
        done = prepared.run()
    check(done.url)
    patch = len(desk.content(desk.listed()[PATCH]))
    assert desk.arrived() <= NEW.nbytes + patch + done.size + AT_ONCE * PART


def test_who_does_not_wait_for_the_check_has_the_file_all_the_same(desk, monkeypatch):
    desk.double.set(validate_seconds=60)
    token = CancelToken()

    def told(progress):
        if progress.step == 8:
            token.set()

    with desk.edited() as file, cancelling(token):
        done = desk.prepare(file).run(told)
    assert (done.status, desk.listed()[DOCUMENT]) == ("Pending", done.asset_id)
    monkeypatch.setattr("lindi_explorer.archive.uploading.Upload.patience", 0.05)
    with desk.edited() as file:
        assert desk.prepare(file, conflict="rename").run().status == "Pending"


def test_nothing_is_left_of_copies_that_were_made_for_it(desk):
    with desk.edited() as file:
        for mode in ("tar", "nwb", "json"):
            desk.prepare(file, mode=mode, conflict="rename").run()
    left = [path for path in (desk.folder / "journals").rglob("*") if path.is_file()]
    assert {path.suffix for path in left} == {".lock"}


def test_a_file_that_is_written_out_is_an_hdf5_file(desk, tmp_path):
    with desk.edited() as file:
        done = desk.prepare(file, mode="nwb", conflict="rename").run()
    path = Path(tmp_path / "back.nwb")
    path.write_bytes(desk.content(done.asset_id))
    with h5py.File(path) as back:
        np.testing.assert_array_equal(back["new"][...], NEW)
        np.testing.assert_array_equal(back["data"][...], DATA)
    assert desk.listed()["sub-1/a-2.nwb"] == done.asset_id
