"""What is under embargo, by whatever name: it never goes where all can see it."""

from __future__ import annotations

import numpy as np
import pytest

import lindi_explorer as lindi
from lindi_explorer.archive import instances
from lindi_explorer.archive.guard import refuse_signed_storage, require_public
from lindi_explorer.cli import main
from lindi_explorer.errors import AccessDeniedError, ConflictError, UnsupportedError
from lindi_explorer.h5 import open_any
from tests.dandi.asking import ask
from tests.unit.archive.conftest import DATA, NEW
from tests.unit.archive.in_the_way import blocked, document, found

MODES = ("json", "inline", "tar", "nwb")
PATHS = {"json": "x.lindi.json", "inline": "x.lindi.json", "tar": "x.lindi.tar", "nwb": "x.nwb"}


def test_the_double_redirects_as_servers_do(desk):
    url = desk.double.download_url(desk.assets.h5)
    for other in (url[:-1], desk.double.away_url(desk.assets.h5)):
        reply = ask("GET", other)
        assert reply.status in (301, 302)
        assert url.endswith(reply.headers["location"].removeprefix(desk.double.api[:-4]))


@pytest.mark.parametrize("spelt", ["without a slash", "in capitals", "escaped"])
def test_another_spelling_of_a_download(desk, spelt):
    url = desk.double.download_url(desk.assets.secret)
    other = {
        "without a slash": url[:-1],
        "in capitals": url.replace(desk.assets.secret, desk.assets.secret.upper()),
        "escaped": url.replace("/assets/", "/%61ssets/"),
    }[spelt]
    for mode in MODES:
        with document(desk, data=other) as file:
            blocked(desk, file, "Embargo", AccessDeniedError, mode=mode, path=PATHS[mode])


def test_an_address_that_only_redirects_there(desk):
    url = desk.double.away_url(desk.assets.secret)
    for mode in MODES:
        with document(desk, data=url) as file:
            blocked(desk, file, "Embargo", AccessDeniedError, mode=mode, path=PATHS[mode])
    with lindi.LindiH5pyFile.from_hdf5_file(url, mode="r") as file:
        assert file.attrs["name"] == "under embargo"
        blocked(desk, file, "Embargo", AccessDeniedError, mode="nwb", path="x.nwb")


def test_a_document_behind_such_an_address(desk):
    path = desk.folder / "c.lindi.json"
    path.write_text('{"refs": {".zgroup": {"zarr_format": 2}, ".zattrs": {"secret": "x"}}, "version": 1}')
    asset = desk.double.put_asset(desk.assets.closed_set, "c.lindi.json", path)
    with open_any(desk.double.away_url(asset)) as file:
        assert file.attrs["secret"] == "x"
        for mode in MODES:
            blocked(desk, file, "Embargo", AccessDeniedError, mode=mode, path=PATHS[mode])


def test_its_owners_download_it_with_all_its_chunks(desk, monkeypatch, capfd):
    with desk.edited(desk.double.download_url(desk.assets.secret)) as file:
        done = desk.prepare(file, mode="json", dandiset=desk.assets.closed_set).run()
    here = desk.folder / "here.lindi.tar"
    assert main(["download", done.url, "-o", str(here)]) == 0
    monkeypatch.delenv("DOUBLE_API_KEY")
    assert main(["download", done.url, "-o", str(desk.folder / "there.lindi.tar")]) != 0
    assert "Set DOUBLE_API_KEY to your API key" in capfd.readouterr().err
    desk.double.forget()
    with lindi.LindiH5pyFile.from_lindi_file(here) as file:
        np.testing.assert_array_equal(file["data"][...], DATA)
        np.testing.assert_array_equal(file["new"][...], NEW)
    assert desk.double.log() == []


def test_what_was_downloaded_is_under_embargo_still(desk):
    here, copy = desk.folder / "here.lindi.tar", desk.folder / "copy.lindi.tar"
    assert main(["download", desk.double.download_url(desk.assets.secret), "-o", str(here)]) == 0
    with lindi.LindiH5pyFile.from_lindi_file(here, mode="r+") as file:
        file.attrs["name"] = "edited"
        for mode in MODES:
            blocked(desk, file, "Embargo", AccessDeniedError, mode=mode, path=PATHS[mode])
        file.write_lindi_file(copy)
    with open_any(copy) as file:
        blocked(desk, file, "Embargo", AccessDeniedError)
        prepared = desk.prepare(file, dandiset=desk.assets.closed_set, mode="tar")
        assert found(prepared, "Embargo")[0] == "ok"
        assert prepared.preflight.path == "b.nwb.lindi.tar"
        assert prepared.run().status == "Valid"
    desk.double.set_embargo(desk.assets.closed_set, "OPEN")
    with open_any(copy) as file:
        assert desk.prepare(file).preflight.ready


def test_what_was_downloaded_of_an_open_file_may_be_shown(desk):
    here = desk.folder / "here.lindi.tar"
    assert main(["download", desk.double.download_url(desk.assets.h5), "-o", str(here)]) == 0
    with lindi.LindiH5pyFile.from_lindi_file(here, mode="r+") as file:
        file.attrs["name"] = "edited"
        prepared = desk.prepare(file)
        assert prepared.preflight.ready
        # It holds its data, and needs no address to last.
        assert not any(one.title == "Durability" for one in prepared.preflight.findings)
        done = prepared.run()
    assert desk.listed()["sub-1/a.nwb.lindi.json"] == done.asset_id


def test_it_may_go_under_an_embargo(desk):
    with document(desk, data=desk.double.away_url(desk.assets.secret)) as file:
        prepared = desk.prepare(file, dandiset=desk.assets.closed_set, path="x.lindi.json")
    assert found(prepared, "Embargo")[0] == "ok"
    assert prepared.preflight.ready


def test_an_open_file_behind_a_redirect_is_no_secret(desk):
    with document(desk, data=desk.double.away_url(desk.assets.h5)) as file:
        prepared = desk.prepare(file, path="x.lindi.json")
    assert found(prepared, "Embargo")[0] == "ok"
    assert prepared.preflight.ready


def test_signed_links_to_the_storage_do_not_say_what_they_are(desk):
    url = desk.double.describe(desk.assets.h5)["unsigned_url"] + "?Signature=abc"
    with lindi.LindiH5pyFile.from_hdf5_file(url) as file:
        said = blocked(desk, file, "References", AccessDeniedError, mode="nwb", path="x.nwb")
    assert "signed link to an archive's storage" in said
    assert "abc" not in said


def test_more_sources_than_are_looked_at(desk, monkeypatch):
    monkeypatch.setattr("lindi_explorer.archive.looking.MOST", 2)
    addresses = {
        f"a{number}": f"{desk.double.download_url(desk.assets.h5)}?x={number}" for number in range(3)
    }
    with document(desk, **addresses) as file:
        blocked(desk, file, "References", UnsupportedError, path="x.lindi.json")


# ---------------------------------------------------------------- archives by other names


@pytest.mark.parametrize(
    ("bucket", "name"),
    [
        ("dandiarchive", "dandi"),
        ("dandiarchive-embargo", "dandi"),
        ("dandi-api-staging-embargo-dandisets", "dandi-sandbox"),
        ("ember-open-data", "ember-dandi"),
        ("ember-dandi-archive-embargo", "ember-dandi"),
        ("ember-dandi-private", "ember-dandi"),
    ],
)
def test_the_storage_of_an_archive_is_known_with_what_is_private(double, bucket, name):
    for address in (f"https://{bucket}.s3.amazonaws.com/x", f"https://s3.us-east-2.amazonaws.com/{bucket}/x"):
        found = instances.storage_at(address)
        assert found is not None
        assert found.name == name
        with pytest.raises(AccessDeniedError, match="signed link to an archive's storage"):
            refuse_signed_storage([f"{address}?X-Amz-Signature=abc"])


@pytest.mark.parametrize(
    "url",
    [
        "https://dandi-api-staging-dandisets.s3.amazonaws.com/blobs/0a1/b2c/0a1b2c",
        "https://dandi-api-staging-dandisets.s3.us-east-2.amazonaws.com/blobs/0a1/b2c/0a1b2c",
        "https://s3.amazonaws.com/dandi-api-staging-dandisets/blobs/0a1/b2c/0a1b2c",
        "http://api.sandbox.dandiarchive.org/api/assets/4e074085-62be-4b8b-a0ce-05c1decfe3ad/download",
    ],
)
def test_a_sandbox_is_not_referred_to_by_its_storage(url):
    with pytest.raises(ConflictError, match="dandi must not refer to it"):
        require_public([url], instances.DEFAULT)
    require_public([url], instances.instance_named("sandbox"))
    require_public(["https://dandiarchive.s3.amazonaws.com/blobs/0a1/b2c/0a1b2c"], instances.DEFAULT)


def test_an_archive_for_publications_is_one_by_every_name(double):
    alias = lindi.add_dandi_instance("prod", "https://api.dandiarchive.org/api/")
    assert alias.is_production
    assert lindi.add_dandi_instance("prod", "http://API.dandiarchive.org/api").is_production
    assert not lindi.add_dandi_instance("prod", "https://api.example.org/api").is_production
    with pytest.raises(ConflictError):
        require_public([double.download_url("4e074085-62be-4b8b-a0ce-05c1decfe3ad")], alias)
