"""Uploading the same file again, and others to the same dandiset: whose file it is, and what is left."""

from __future__ import annotations

import numpy as np
import pytest

import lindi_explorer as lindi
from lindi_explorer.errors import AssetChangedError, AssetExistsError, TransferError
from lindi_explorer.h5 import open_any
from lindi_explorer.remote.calls import Reply, WebCalls
from lindi_explorer.staging.sent import open_record
from tests.dandi.asking import ask
from tests.unit.archive.conftest import ALICE, NEW, PART
from tests.unit.archive.in_the_way import blocked, found

DOCUMENT = "sub-1/a.nwb.lindi.json"
PATCH = "sub-1/a.nwb.lindi_patch.json"


def fail_at(step: int):
    """A listener that lets an upload fail at a step."""

    def told(progress):
        if progress.step == step:
            raise RuntimeError("in the middle")

    return told


def blobs(desk) -> list[str]:
    """Paths of the blobs in the dandiset."""
    return sorted(path for path in desk.listed() if path.startswith("lindi_blobs/"))


# ---------------------------------------------------------------- whose file it is


def test_a_file_is_saved_twice_from_one_session(desk):
    with desk.edited() as file:
        opened = desk.prepare(file).run()
    with open_any(opened.url) as file:
        for number in range(3):
            file.attrs["more"] = number
            done = desk.prepare(file, conflict="replace").run()
            assert desk.listed()[DOCUMENT] == done.asset_id
        desk.double.put_asset(desk.assets.open_set, DOCUMENT, desk.assets.path)
        file.attrs["more"] = 4
        blocked(desk, file, "Name", AssetChangedError, conflict="replace")


def test_the_same_path_of_another_dandiset_is_another_file(desk):
    with desk.edited() as file:
        desk.prepare(file).run()
    other = desk.double.add_dandiset(["alice"])
    there = desk.double.put_asset(other, DOCUMENT, desk.assets.path)
    with open_any(f"dandi://double/{desk.assets.open_set}/{DOCUMENT}") as file:
        file.attrs["more"] = 1
        prepared = desk.prepare(file, dandiset=other, conflict="replace")
        assert prepared.preflight.replaces == there
        assert prepared.run().asset_id == desk.listed(other)[DOCUMENT]


def test_only_the_file_that_was_agreed_to_is_replaced(desk):
    seen = desk.double.put_asset(desk.assets.open_set, DOCUMENT, desk.assets.path)
    with desk.edited() as file:
        blocked(desk, file, "Name", AssetExistsError)
        assert desk.prepare(file).preflight.replaces == seen
        assert desk.prepare(file, replaces=seen).preflight.ready
        newer = desk.double.put_asset(desk.assets.open_set, DOCUMENT, desk.assets.path)
        for conflict in ("ask", "replace", "rename"):
            blocked(desk, file, "Name", AssetChangedError, conflict=conflict, replaces=seen)
        done = desk.prepare(file, replaces=newer).run()
    assert desk.listed()[DOCUMENT] == done.asset_id


def test_what_was_agreed_to_replace_is_gone(desk):
    seen = desk.double.put_asset(desk.assets.open_set, DOCUMENT, desk.assets.path)
    route = f"/dandisets/{desk.assets.open_set}/versions/draft/assets/{seen}/"
    assert ask("DELETE", f"{desk.double.api}{route}", token=ALICE).status == 204
    with desk.edited() as file:
        blocked(desk, file, "Name", AssetChangedError, replaces=seen)
        # Somebody who means a file that was never there has another path in mind.
        blocked(desk, file, "Name", AssetChangedError, replaces=desk.assets.h5)
        assert desk.prepare(file).preflight.ready


def test_in_one_call_only_the_file_that_was_agreed_to_is_replaced(desk):
    seen = desk.double.put_asset(desk.assets.open_set, DOCUMENT, desk.assets.path)
    place = {"instance": "double", "replaces": seen}
    with desk.edited() as file:
        done = lindi.upload(file, desk.assets.open_set, **place)
        assert desk.listed()[DOCUMENT] == done.asset_id != seen
        file.attrs["more"] = 1
        with pytest.raises(AssetChangedError):
            lindi.upload(file, desk.assets.open_set, **place)
    assert desk.listed()[DOCUMENT] == done.asset_id


def test_what_was_agreed_to_holds_for_an_upload_that_goes_on(desk):
    seen = desk.double.put_asset(desk.assets.open_set, DOCUMENT, desk.assets.path)
    with desk.edited() as file:
        with pytest.raises(RuntimeError):
            desk.prepare(file, replaces=seen).run(fail_at(8))
        assert desk.listed()[DOCUMENT] != seen
        done = desk.prepare(file, replaces=seen).run()
    assert desk.listed()[DOCUMENT] == done.asset_id


def test_the_patch_of_somebody_who_was_first_stays(desk):
    with desk.edited(new=NEW[:1000]) as file:
        desk.prepare(file).run()
    with desk.edited(new=NEW[:2000]) as mine, desk.edited(new=NEW[:3000]) as theirs:
        prepared = desk.prepare(mine, conflict="replace")
        done = desk.prepare(theirs, conflict="replace").run()
        patch = desk.listed()[PATCH]
        with pytest.raises(AssetChangedError):
            prepared.run()
    assert (desk.listed()[DOCUMENT], desk.listed()[PATCH]) == (done.asset_id, patch)


@pytest.mark.parametrize("mode", ["json", "inline", "tar"])
def test_a_file_beside_another_is_not_there_twice_because_its_upload_was_killed(desk, mode):
    ending = "tar" if mode == "tar" else "json"
    desk.double.put_asset(desk.assets.open_set, f"sub-1/a.nwb.lindi.{ending}", desk.assets.path)
    options = {"mode": mode, "conflict": "rename"}
    with desk.edited() as file, pytest.raises(RuntimeError):
        desk.prepare(file, **options).run(fail_at(8))
    first = desk.listed()
    with desk.edited() as file:
        prepared = desk.prepare(file, **options)
        assert prepared.preflight.path == f"sub-1/a-2.nwb.lindi.{ending}"
        assert "goes on" in found(prepared, "Name")[1]
        done = prepared.run()
        assert desk.listed() == first
        assert first[prepared.preflight.path] == done.asset_id
        # When that is done with, the next one is another file.
        assert desk.prepare(file, **options).preflight.path == f"sub-1/a-3.nwb.lindi.{ending}"


# ---------------------------------------------------------------- after the file is there


def test_a_patch_that_cannot_be_stored_is_told(desk, monkeypatch):
    send = WebCalls.send

    def odd(self, method, url, headers=None, content=None):
        body = b"" if content is None else b"".join(content.pieces())
        if method == "POST" and b"_patch.json" in body:
            return Reply(500, {}, b"")
        return send(self, method, url, headers, content)

    with desk.edited() as file:
        prepared = desk.prepare(file)
        monkeypatch.setattr(WebCalls, "send", odd)
        done = prepared.run()
    assert desk.listed()[DOCUMENT] == done.asset_id
    assert done.status == "Valid"
    (said,) = done.errors
    assert said.startswith("the patch is not stored beside the file: double answered")


@pytest.mark.parametrize("mode", ["json", "inline", "tar", "nwb"])
def test_the_file_itself_is_read_back_and_what_is_wrong_is_told(desk, mode):
    other = desk.folder / "other"
    # Of the same length: only its bytes tell.
    events = {"damaged": "sends something else of the file", "denied": "the file could not be read back"}
    for event, said in events.items():
        path = f"{event}.{'nwb' if mode == 'nwb' else 'lindi.tar' if mode == 'tar' else 'lindi.json'}"

        def told(progress, event=event, path=path):
            if progress.label != "Reading the document back" or progress.done:
                return
            asset = desk.listed()[path]
            if event == "damaged":
                other.write_bytes(bytes(len(desk.content(asset))))
                desk.double.overwrite(asset, other)
            else:
                desk.double.fault(event, "storage", method="GET", times=2)

        with desk.edited() as file:
            file.attrs["more"] = event
            done = desk.prepare(file, mode=mode, path=path).run(told)
        desk.double.mend()
        assert desk.listed()[path] == done.asset_id
        assert any(one.startswith(said) or said in one for one in done.errors), done.errors


@pytest.mark.parametrize("route", ["/validation/", "&page=1"])
@pytest.mark.parametrize("reply", [Reply(200, {}, b"[]"), Reply(403, {}, b""), Reply(401, {}, b"")])
def test_what_goes_wrong_after_the_file_is_there_undoes_nothing(desk, monkeypatch, route, reply):
    send = WebCalls.send
    there = []

    def odd(self, method, url, headers=None, content=None):
        if there and route in url:
            return reply
        return send(self, method, url, headers, content)

    def told(progress):
        there.extend([1] if progress.step == 8 else [])

    with desk.edited() as file:
        with pytest.raises(RuntimeError):
            desk.prepare(file, mode="json").run(fail_at(5))
        file["new"][...] = 1
        prepared = desk.prepare(file, mode="json")
        monkeypatch.setattr(WebCalls, "send", odd)
        done = prepared.run(told)
    monkeypatch.setattr(WebCalls, "send", send)
    assert desk.listed()[DOCUMENT] == done.asset_id
    assert done.status == ("Pending" if route == "/validation/" else "Valid")


# ---------------------------------------------------------------- what is left


def test_what_an_upload_that_failed_has_left_is_listed(desk):
    with desk.edited() as file:
        prepared = desk.prepare(file, mode="json")
        assert prepared.left_behind() == ()
        with pytest.raises(RuntimeError):
            prepared.run(fail_at(5))
        assert prepared.left_behind() == tuple(blobs(desk)) != ()
        prepared.run()
        assert prepared.left_behind() == ()


def test_a_blob_that_another_document_needs_is_no_orphan(desk):
    with desk.edited() as file:
        with pytest.raises(RuntimeError):
            desk.prepare(file, mode="json", path="1.lindi.json").run(fail_at(5))
        (needed,) = blobs(desk)
        desk.prepare(file, mode="json", path="3.lindi.json").run()
        # An upload that finds it there has not put it there, and leaves nothing behind.
        with pytest.raises(RuntimeError):
            desk.prepare(file, mode="json", path="2.lindi.json").run(fail_at(5))
        file["new"][...] = 1
        done = desk.prepare(file, mode="json", path="4.lindi.json").run()
    assert done.orphans == ()
    assert needed in desk.listed()


def test_blobs_of_an_upload_under_way_are_no_orphans(desk):
    with desk.edited() as file:
        with pytest.raises(RuntimeError):
            desk.prepare(file, mode="json", path="1.lindi.json").run(fail_at(5))
        (blob,) = blobs(desk)
        file["new"][...] = 1
        with open_record(desk.double.api, desk.assets.open_set, "1.lindi.json"):
            assert desk.prepare(file, mode="json", path="2.lindi.json").run().orphans == ()
        file["new"][...] = 2
        assert desk.prepare(file, mode="json", path="3.lindi.json").run().orphans == (blob,)


@pytest.mark.parametrize("mode", ["inline", "tar", "nwb"])
def test_an_upload_in_one_file_goes_on_where_it_was(desk, mode):
    with desk.edited() as file:
        prepared = desk.prepare(file, mode=mode, conflict="rename")
        desk.double.fault("gateway", "api", path="/complete/")
        with pytest.raises(TransferError):
            prepared.run()
        desk.double.mend()
    with desk.edited() as file:
        done = desk.prepare(file, mode=mode, conflict="rename").run()
    patch = next(desk.content(asset) for path, asset in desk.listed().items() if "patch" in path)
    assert desk.arrived() <= done.size + len(patch) + PART
    with open_any(done.url) as file:
        np.testing.assert_array_equal(file["new"][...], NEW)


def test_an_owner_of_many_dandisets(desk):
    for _ in range(110):
        desk.double.add_dandiset(["alice"])
    last = desk.double.add_dandiset(["alice"])
    with desk.edited() as file:
        assert desk.prepare(file, dandiset=last).preflight.ready
