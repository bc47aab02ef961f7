"""What a published file holds: nothing that only this machine can follow, and nothing secret."""

from __future__ import annotations

import json

import h5py
import pytest

import lindi_explorer as lindi
from lindi_explorer.archive.instances import DEFAULT
from lindi_explorer.archive.links import neurosift
from lindi_explorer.errors import AccessDeniedError
from lindi_explorer.h5 import open_any
from lindi_explorer.references.secrets import scrubbed
from tests.unit.archive.conftest import NEW
from tests.unit.archive.in_the_way import blocked, found


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("https://b.s3.amazonaws.com/x.h5?X-Amz-Credential=abc", "behind a signed link"),
        ("/home/me/secret/b.h5", "b.h5 lies on this machine"),
        ("file:///home/me/secret/b.h5", "b.h5 lies on this machine"),
        ("C:\\\\secret\\\\b.h5", "lies on this machine"),
        ("http://10.0.0.1/b.h5", "inside this computer"),
    ],
)
def test_links_to_other_files_by_their_names(desk, name, said):
    with desk.edited() as file:
        file["away"] = h5py.ExternalLink(name, "/x")
        told = blocked(desk, file, "References", AccessDeniedError)
    assert said in told
    assert "abc" not in told


def test_links_to_files_beside_it_may_be_published(desk):
    with desk.edited() as file:
        file["away"] = h5py.ExternalLink("b.h5", "/x")
        assert desk.prepare(file).preflight.ready


NOTED = {
    "generationMetadata": {
        "source": "https://b.s3.amazonaws.com/x.h5?X-Amz-Credential=abc&versionId=1",
        "from": "/home/me/secret/x.h5",
        "command": "index --out=/home/me/secret/y.json https://me:abc@example.org/x.h5",
        "number": [1, {"file:///home/me/secret/z": None}],
        "page": "https://example.org/a/b?c=1",
    },
    "history": "made of ~/secret/x.h5 on 2024/03/12",
}


@pytest.mark.parametrize(
    ("mode", "path"), [("inline", "x.lindi.json"), ("json", "x.lindi.json"), ("tar", "x.lindi.tar")]
)
def test_what_is_noted_beside_the_references(desk, mode, path):
    refs = {".zgroup": {"zarr_format": 2}, ".zattrs": {"a": 1}}
    rfs = {"refs": refs, "version": 1, **json.loads(json.dumps(NOTED))}
    with lindi.LindiH5pyFile.from_reference_file_system(rfs, mode="r+") as file:
        done = desk.prepare(file, mode=mode, path=path).run()
        assert file.to_reference_file_system()["history"] == NOTED["history"]
    content = desk.content(done.asset_id)
    assert b"abc" not in content
    assert b"secret" not in content
    with open_any(done.url) as file:
        published = file.to_reference_file_system()
    noted = published["generationMetadata"]
    assert noted["from"] == "x.h5"
    assert noted["source"] == "https://b.s3.amazonaws.com/x.h5"
    assert noted["command"] == "index --out=y.json https://example.org/x.h5"
    assert noted["number"] == [1, {"z": None}]
    assert noted["page"] == "https://example.org/a/b?c=1"
    assert published["history"] == "made of x.h5 on 2024/03/12"


def test_scrubbing_takes_no_time_whatever_the_text_is():
    for text in ("~(" * 50_000, "/a" * 50_000, "/" * 50_000, "C:" * 50_000, "a" * 100_000, "(/" * 50_000):
        scrubbed(text)


def test_a_patch_that_names_what_was_there_before(desk):
    with desk.edited(new=NEW[:10]) as file:
        file["away"] = h5py.ExternalLink("b.h5", "/x")
        rfs = file.to_reference_file_system()
    rfs["refs"]["away/.lindi_explorer"]["link"]["external"]["base"] = "http://10.0.0.5/lab/x.h5"
    path = desk.folder / "doc.lindi.json"
    path.write_text(json.dumps(rfs))
    asset = desk.double.put_asset(desk.assets.open_set, "doc.lindi.json", path)
    with open_any(desk.double.download_url(asset)) as file:
        del file["away"]
        file["away"] = h5py.ExternalLink("c.h5", "/x")
        assert b"10.0.0.5" in file.patch().text()
        prepared = desk.prepare(file, path="new.lindi.json")
        assert prepared.preflight.ready
        assert found(prepared, "Patch")[0] == "note"
        prepared.run()
    assert "new.lindi.json" in desk.listed()
    for name, one in desk.listed().items():
        assert name == "doc.lindi.json" or b"10.0.0.5" not in desk.content(one), name


def test_a_patch_is_left_out_where_it_names_what_must_not_be_published(desk, monkeypatch):
    with desk.edited() as file:
        monkeypatch.setattr(
            "lindi_explorer.archive.patch_beside._addresses_of", lambda _patch: ["/home/me/x.h5"]
        )
        prepared = desk.prepare(file)
        level, said = found(prepared, "Patch")
        assert (level, "x.h5 lies on this machine" in said, "/home" in said) == ("note", True, False)
        prepared.run()
    assert not any("patch" in path for path in desk.listed())


def test_neurosift_shows_what_everybody_can_read():
    asset = "4e074085-62be-4b8b-a0ce-05c1decfe3ad"
    url = neurosift(DEFAULT, "000001", asset, "json", embargoed=False)
    assert url == (
        "https://neurosift.app/nwb?url=https%3A%2F%2Fapi.dandiarchive.org%2Fapi%2Fassets%2F"
        f"{asset}%2Fdownload%2F&dandisetId=000001&dandisetVersion=draft&st=lindi"
    )
    assert "st=" not in (neurosift(DEFAULT, "000001", asset, "nwb", embargoed=False) or "st=")
    assert neurosift(DEFAULT, "000001", asset, "json", embargoed=True) is None
