"""What is never sent: what others could not follow, or must not see."""

from __future__ import annotations

import h5py
import pytest

import lindi_explorer as lindi
from lindi_explorer.archive import instances
from lindi_explorer.archive.guard import require_public
from lindi_explorer.errors import (
    AccessDeniedError,
    ConflictError,
    MissingFileError,
    TransferError,
)
from lindi_explorer.h5 import open_any
from tests.unit.archive.in_the_way import blocked, document, found


def test_what_is_under_embargo_does_not_go_where_all_can_see_it(desk):
    with desk.edited(desk.double.download_url(desk.assets.secret)) as file:
        for mode in ("json", "inline", "tar", "nwb"):
            said = blocked(desk, file, "Embargo", AccessDeniedError, mode=mode, path=None)
    assert "under embargo" in said
    assert desk.double.describe(desk.assets.secret)["embargoed"]


def test_a_document_of_this_machine_that_leads_under_embargo(desk):
    path = desk.folder / "b.lindi.json"
    with open_any(desk.double.download_url(desk.assets.secret)) as file:
        file.write_lindi_file(path)
    with open_any(path) as file:
        blocked(desk, file, "Embargo", AccessDeniedError)


def test_every_source_is_looked_at_however_many_there_are(desk):
    asset = desk.double.put_asset(desk.assets.open_set, "x", desk.assets.path)
    url = desk.double.download_url(asset)
    addresses = {f"a{number}": f"{url}?x={number}" for number in range(120)}
    with document(desk, **addresses, z=desk.double.download_url(desk.assets.secret)) as file:
        blocked(desk, file, "Embargo", AccessDeniedError, path="x.lindi.json")


def test_an_open_source_may_go_under_embargo(desk):
    with desk.edited() as file:
        prepared = desk.prepare(file, dandiset=desk.assets.closed_set)
        assert found(prepared, "Embargo")[0] == "note"
        assert found(prepared, "Dandisets")[0] == "warning"
        assert prepared.preflight.ready


def test_an_embargo_that_ends_meanwhile(desk):
    with desk.edited(desk.double.download_url(desk.assets.secret)) as file:
        prepared = desk.prepare(file, dandiset=desk.assets.closed_set)
        assert prepared.preflight.ready
        desk.double.set_embargo(desk.assets.closed_set, "OPEN")
        with pytest.raises(ConflictError, match="has changed since the upload was prepared"):
            prepared.run()
        desk.double.set_embargo(desk.assets.closed_set, "UNEMBARGOING")
        said = blocked(desk, file, "Dandiset", AccessDeniedError, dandiset=desk.assets.closed_set)
    assert "is being lifted" in said


def test_sandboxes_are_not_referred_to_from_publications(desk, monkeypatch):
    serious = instances.Instance("dandi", "https://api.dandiarchive.org/api")
    sandbox = instances.Instance("dandi-sandbox", "https://api.sandbox.dandiarchive.org/api")
    monkeypatch.setattr(instances, "_KNOWN", (serious, sandbox))
    asset = "4e074085-62be-4b8b-a0ce-05c1decfe3ad"
    with pytest.raises(ConflictError, match="dandi must not refer to it"):
        require_public([sandbox.download_address(asset)], serious)
    with pytest.raises(ConflictError, match="dandi must not refer to it"):
        require_public([desk.double.download_url(asset)], serious)
    require_public([serious.download_address(asset)], serious)
    require_public([serious.download_address(asset)], sandbox)
    require_public([sandbox.download_address(asset)], serious, copied=True)


# ---------------------------------------------------------------- references


NOT_PUBLISHED = {
    "/etc/passwd": "passwd lies on this machine",
    "file:///etc/passwd": "passwd lies on this machine",
    "": "a file in memory lies on this machine",
    "../x.h5": "x.h5 lies on this machine",
    "ftp://example.org/x": "x lies on this machine",
    "https://example.org/x?X-Amz-Credential=abc": "behind a signed link",
    "https://example.org/x?Signature=abc": "behind a signed link",
    "https://example.org/x?token=abc": "behind a signed link",
    "https://me:secret@example.org/x": "behind a signed link",
    "http://127.0.0.1:9/x": "inside this computer",
    "http://localhost:9/x": "inside this computer",
    "http://10.0.0.1/x": "inside this computer",
    "http://169.254.169.254/latest/meta-data": "inside this computer",
    "http://[::1]/x": "inside this computer",
    "http://[::ffff:127.0.0.1]/x": "inside this computer",
    "http://127.1/x": "hides which it is",
    "http://2130706433/x": "hides which it is",
    "http://0177.0.0.1/x": "hides which it is",
    "http://0x7f.0.0.1/x": "hides which it is",
    "http://127.0.0.0x1/x": "hides which it is",
    "http://\uff11\uff12\uff17.0.0.1/x": "hides which it is",
    "http://[::127.0.0.1]/x": "hides which it is",
    "http://[2002:7f00:1::]/x": "hides which it is",
    "http://[64:ff9b:1::7f00:1]/x": "hides which it is",
}


@pytest.mark.parametrize("mode", ["json", "inline", "tar"])
def test_references_that_are_not_published(desk, mode):
    for address, said in NOT_PUBLISHED.items():
        with document(desk, data=desk.double.download_url(desk.assets.h5), other=address) as file:
            told = blocked(desk, file, "References", AccessDeniedError, mode=mode)
        assert said in told
        assert "secret" not in told
        assert "abc" not in told


def test_nor_is_the_data_behind_them(desk):
    for address in ("/etc/hostname", "file:///etc/hostname", "http://127.0.0.1:9/x"):
        with document(desk, data=desk.double.download_url(desk.assets.h5), other=address) as file:
            blocked(desk, file, "References", AccessDeniedError, mode="nwb", path="x.nwb")


def test_a_staging_area_holds_no_door_to_the_outside(desk):
    secret = desk.folder / "secret"
    secret.write_bytes(bytes(8))
    area = lindi.StagingArea.create(base_dir=desk.folder / "staging")
    area.begin()
    link = desk.folder / "staging" / area.directory.rpartition("/")[2] / "link"
    link.symlink_to(secret)
    refs = document(desk, other=str(link)).to_reference_file_system()
    file = lindi.LindiH5pyFile.from_reference_file_system(refs, mode="r+", staging_area=area)
    blocked(desk, file, "References", AccessDeniedError)


def test_links_to_files_of_this_machine_are_seen_as_well(desk):
    with desk.edited() as file:
        file["away"] = h5py.ExternalLink("b.h5", "/x")
        refs = file.to_reference_file_system()
    refs["refs"]["away/.lindi_explorer"]["link"]["external"]["base"] = "/home/me/a.h5"
    with lindi.LindiH5pyFile.from_reference_file_system(refs, mode="r+") as file:
        blocked(desk, file, "References", AccessDeniedError, path="x.lindi.json")


def test_files_of_this_machine_go_as_a_whole_only(desk):
    with open_any(desk.assets.path) as file:
        said = blocked(desk, file, "References", AccessDeniedError)
        assert "mode nwb" in said
        assert str(desk.assets.path.parent) not in said
        done = desk.prepare(file, mode="nwb").run()
    assert desk.listed()["a.h5"] == done.asset_id
    with open_any(done.url) as file:
        assert file.attrs["name"] == "of the archive"


def test_a_source_that_is_gone(desk):
    gone = desk.double.download_url("00000000-0000-4000-8000-000000000000")
    with document(desk, data=gone) as file:
        blocked(desk, file, "References", MissingFileError, path="x.lindi.json")


def test_a_server_that_does_not_answer_is_told(desk, monkeypatch):
    with desk.edited() as file:
        monkeypatch.setattr("lindi_explorer.remote.RangeReader.read_now", _no_answer)
        prepared = desk.prepare(file)
    assert found(prepared, "References")[0] == "warning"
    assert prepared.preflight.ready


def _no_answer(*_arguments, **_options):
    raise TransferError("no answer")


def test_other_dandisets_are_named(desk):
    other = desk.double.add_dandiset(["alice"])
    with desk.edited() as file:
        prepared = desk.prepare(file, dandiset=other)
        level, said = found(prepared, "Dandisets")
    assert (level, "1 of 1 sources are not in dandiset" in said) == ("warning", True)
    assert prepared.preflight.ready


def test_what_is_too_much_for_a_patch_is_told(desk, monkeypatch):
    monkeypatch.setattr("lindi_explorer.staging.patch_making.MOST_DATA", 1000)
    with desk.edited() as file:
        prepared = desk.prepare(file, mode="json")
        assert found(prepared, "Patch")[0] == "note"
        prepared.run()
    assert not any("patch" in path for path in desk.listed())
