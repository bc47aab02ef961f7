"""Files of DANDI by all the names that they have."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from urllib.parse import quote

import numpy as np
import pytest

import lindi_explorer as lindi
from lindi_explorer.archive import client, instances, names
from lindi_explorer.archive.dandi import DANDI
from lindi_explorer.cli import main
from lindi_explorer.errors import AccessDeniedError, FormatError, MissingFileError, UnsupportedError
from lindi_explorer.explorer.protocol import GetHome, Open
from lindi_explorer.explorer.session import ExplorerSession
from lindi_explorer.h5 import open_any
from tests.unit.archive.conftest import ALICE, DATA


@pytest.fixture
def by_default(double, monkeypatch):
    """The double stands where nobody names an archive."""
    monkeypatch.setattr(names, "DEFAULT", instances.instance_named("double"))


def spellings(double, assets) -> dict[str, object]:
    dandiset, web = assets.open_set, double.api[:-4]
    listing = f"{double.api}/dandisets/{dandiset}/versions/draft/assets/"
    return {
        "address": f"dandi://double/{dandiset}/sub-1/a.nwb",
        "address with a version": f"dandi://double/{dandiset}@draft/sub-1/a.nwb",
        "address with an id": f"dandi://double/{assets.h5}",
        "id": assets.h5,
        "id in capitals": assets.h5.upper(),
        "pair": (dandiset, "sub-1/a.nwb"),
        "download": double.download_url(assets.h5),
        "asset": f"{double.api}/assets/{assets.h5}/",
        "listed download": f"{listing}{assets.h5}/download/",
        "listed asset": f"{listing}{assets.h5}",
        "download without a slash": double.download_url(assets.h5)[:-1],
        "listed download without a slash": f"{listing}{assets.h5}/download",
        "download in capitals": f"{double.api}/assets/{assets.h5.upper()}/download/",
        "escaped download": f"{double.api}/%61ssets/{assets.h5}/download/",
        "listing": f"{listing}?path=sub-1/a.nwb",
        "page": f"{web}/dandiset/{dandiset}/draft/files?location=sub-1%2Fa.nwb&page=1",
        "older page": f"{web}/#/dandiset/{dandiset}/files?location=sub-1/a.nwb",
    }


@pytest.mark.parametrize(
    "name",
    [
        "address",
        "address with a version",
        "address with an id",
        "id",
        "id in capitals",
        "pair",
        "download",
        "asset",
        "listed download",
        "listed asset",
        "download without a slash",
        "listed download without a slash",
        "download in capitals",
        "escaped download",
        "listing",
        "page",
        "older page",
    ],
)
def test_every_name_opens_the_same_file(double, assets, by_default, name):
    source = spellings(double, assets)[name]
    with open_any(source) as file:
        assert file.attrs["name"] == "of the archive"
        np.testing.assert_array_equal(file["data"][10:20], DATA[10:20])
    with lindi.LindiH5pyFile.from_hdf5_file(source) as file:
        assert file["data"].shape == DATA.shape


def test_one_address_stands_for_all_spellings_of_a_download():
    asset = "4e074085-62be-4b8b-a0ce-05c1decfe3ad"
    api = "api.dandiarchive.org/api/assets"
    for url in (
        f"https://{api}/{asset}/download",
        f"http://{api}/{asset}/download/",
        f"http://API.dandiarchive.org:80/api/assets/{asset}/download",
        f"https://{api}/{asset.upper()}/",
    ):
        assert names.parse(url) == f"https://{api}/{asset}/download/"
    for url in (f"http://{api}:443/{asset}/download/", f"https://{api}.evil.org/{asset}/download/"):
        assert names.parse(url) is None


def test_an_archive_is_named_in_any_case():
    assert instances.instance_named("DANDI").name == "dandi"
    assert instances.instance_named("Sandbox").name == "dandi-sandbox"


def test_the_store_opens_it_too(double, assets):
    with lindi.LindiH5ZarrStore.from_file(f"dandi://double/{assets.open_set}/sub-1/a.nwb") as store:
        assert json.loads(store["data/.zarray"])["shape"] == list(DATA.shape)


def test_a_file_here_with_the_name_of_an_id_is_that_file(assets, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / assets.h5).write_bytes(assets.path.read_bytes())
    with open_any(assets.h5) as file:
        assert file.source.kind == "local"


def test_what_is_written_down_refers_to_the_api(double, assets, tmp_path):
    with open_any(f"dandi://double/{assets.open_set}/sub-1/a.nwb") as file:
        assert file.source.name == "a.nwb"
        file.write_lindi_file(tmp_path / "a.nwb.lindi.json")
    text = (tmp_path / "a.nwb.lindi.json").read_text()
    assert double.download_url(assets.h5) in text
    assert double.storage not in text
    with lindi.LindiH5pyFile.from_lindi_file(tmp_path / "a.nwb.lindi.json") as file:
        np.testing.assert_array_equal(file["data"][2990:], DATA[2990:])


def test_the_newest_publication_is_meant_where_none_is_named(double, assets, h5_file, tmp_path):
    name = double.publish(assets.open_set)
    other = tmp_path / "other"
    other.write_bytes(b"\x89HDF\r\n\x1a\n" + bytes(100))
    new = double.put_asset(assets.open_set, "sub-1/a.nwb", other)
    only_draft = double.put_asset(assets.open_set, "late.nwb", h5_file)

    def leads_to(version: str, path: str = "sub-1/a.nwb") -> str:
        place = DANDI.find(f"dandi://double/{assets.open_set}{version}/{path}", "any")
        assert place is not None
        return place.address

    assert leads_to("") == leads_to(f"@{name}") == double.download_url(assets.h5)
    assert leads_to("@draft") == double.download_url(new)
    assert leads_to("@draft", "late.nwb") == double.download_url(only_draft)
    with pytest.raises(MissingFileError) as found:
        leads_to("", "late.nwb")
    assert "@draft" in found.value.hint


def test_the_path_is_compared_exactly(double, assets, h5_file, monkeypatch):
    monkeypatch.setattr(client, "_PAGE", 2)
    for number in range(5):
        double.put_asset(assets.open_set, f"SUB-1/A.nwb{number}", h5_file)
    wanted = double.put_asset(assets.open_set, "sub-1/a.nwb9", h5_file)
    place = DANDI.find(f"dandi://double/{assets.open_set}/sub-1/a.nwb9", "any")
    assert place is not None
    assert place.address == double.download_url(wanted)
    place = DANDI.find(f"dandi://double/{assets.open_set}/sub-1/a.nwb", "any")
    assert place is not None
    assert place.address == double.download_url(assets.h5)


def test_odd_letters_in_paths(double, assets, h5_file):
    path = "sub 1/a,b (c)+d~e#f&g=h.nwb"
    asset = double.put_asset(assets.open_set, path, h5_file)
    for source in (
        lindi.dandi_address(assets.open_set, path, instance="double"),
        f"dandi://double/{assets.open_set}/{path}",
        f"{double.api[:-4]}/dandiset/{assets.open_set}/draft/files?location={quote(path)}",
    ):
        place = DANDI.find(source, "any")
        assert place is not None
        assert (place.address, place.name) == (double.download_url(asset), "a,b (c)+d~e#f&g=h.nwb")


@pytest.mark.parametrize(
    ("path", "message", "hint"),
    [
        ("SUB-1/a.nwb", "There is no file SUB-1/a.nwb in version draft", "Did you mean sub-1/a.nwb?"),
        ("sub-1", "There is no file sub-1", "That is a folder; the first file in it is sub-1/a.nwb."),
        ("x.nwb", "There is no file x.nwb", "Check the path"),
    ],
)
def test_a_path_that_is_none(assets, path, message, hint):
    with pytest.raises(MissingFileError, match=message) as found:
        open_any(f"dandi://double/{assets.open_set}/{path}")
    assert hint in found.value.hint


def test_a_dandiset_or_an_asset_that_is_none(assets, by_default):
    for version in ("", "@draft", "@0.1"):
        with pytest.raises(
            MissingFileError, match="There is no dandiset 000099 on double, or no access to it"
        ):
            open_any(f"dandi://double/000099{version}/a.nwb")
    with pytest.raises(MissingFileError):
        open_any("00000000-0000-4000-8000-000000000000")


@pytest.mark.parametrize(
    "source",
    [
        "dandi://",
        "dandi://double",
        "dandi://double/000001",
        "dandi://double/000001/",
        "dandi://double/000001/folder/",
        "dandi://double/1/a.nwb",
        "dandi://double/000001@a/b@/x?y",
        ("000001", ""),
        ("1", "a.nwb"),
    ],
)
def test_what_names_no_file(double, source):
    with pytest.raises(FormatError):
        open_any(source)
    assert double.log() == []


def test_other_tuples_are_refused(double):
    with pytest.raises(TypeError, match="dandiset, path"):
        open_any(("000001",))


def test_an_archive_that_is_none(double):
    with pytest.raises(
        FormatError, match="There is no DANDI instance 'elsewhere'; there are dandi, dandi-sandbox"
    ):
        open_any("dandi://elsewhere/000001/a.nwb")


def test_a_page_about_a_whole_dandiset(double, assets):
    for rest in ("", "/draft", "/draft/files", "/draft/files?location=sub-1/"):
        with pytest.raises(FormatError, match=f"a page about dandiset {assets.open_set}, not about a file"):
            open_any(f"{double.api[:-4]}/dandiset/{assets.open_set}{rest}")


def test_a_zarr_asset_is_no_file(double, assets):
    double.put_zarr(assets.open_set, "a.zarr")
    with pytest.raises(UnsupportedError, match=r"a\.zarr of dandiset 000001 is a Zarr hierarchy, not a file"):
        open_any(f"dandi://double/{assets.open_set}/a.zarr")


# ---------------------------------------------------------------- a LINDI file beside it


@pytest.fixture
def ready(double, assets, tmp_path) -> str:
    """A LINDI file that says so lies beside the HDF5 file."""
    with open_any(double.download_url(assets.h5)) as file:
        file.attrs["name"] = "ready-made"
        file.write_lindi_file(tmp_path / "ready.nwb.lindi.json")
    double.put_asset(assets.open_set, "sub-1/a.nwb.lindi.json", tmp_path / "ready.nwb.lindi.json")
    return f"dandi://double/{assets.open_set}/sub-1/a.nwb"


def test_a_ready_made_lindi_file_is_opened_in_its_place_and_that_is_said(ready, capfd):
    with open_any(ready) as file:
        assert file.attrs["name"] == "ready-made"
        assert (file.source.name, file.source.format) == ("a.nwb.lindi.json", "LINDI JSON")
        assert file.source.note == "a.nwb.lindi.json lies beside sub-1/a.nwb and was opened in its place."
        np.testing.assert_array_equal(file["data"][::1000], DATA[::1000])
        note = file.source.note
    assert main(["show", ready]) == 0
    assert note in capfd.readouterr().out


def test_who_wants_the_file_itself_gets_it(ready, assets):
    for source in (f"{ready}?ready-made=no", f"dandi://double/{assets.h5}"):
        with open_any(source) as file:
            assert (file.attrs["name"], file.source.note) == ("of the archive", "")
    plain = lindi.dandi_address(assets.open_set, "sub-1/a.nwb", instance="double", ready_made=False)
    assert plain == f"{ready}?ready-made=no"
    with lindi.LindiH5pyFile.from_hdf5_file(ready) as file:
        assert file.attrs["name"] == "of the archive"
    with lindi.LindiH5pyFile.from_lindi_file(ready) as file:
        assert file.attrs["name"] == "ready-made"
    with lindi.LindiH5pyFile.from_lindi_file(f"{ready}.lindi.json") as file:
        assert (file.attrs["name"], file.source.note) == ("ready-made", "")


# ---------------------------------------------------------------- the explorer and the command line


def test_a_session_says_where_the_file_is_from(ready, double):
    with ExplorerSession.open(ready) as session:
        opened, _ = session.handle(Open(id="1"))
        home, _ = session.handle(GetHome(id="2"))
    assert opened.name == "a.nwb.lindi.json"
    assert (
        "a.nwb.lindi.json lies beside sub-1/a.nwb and was opened in its place."
        in {fact.label: fact.text for fact in home.file}["Note"]
    )


def test_other_processes_know_the_archive_from_the_environment(double, assets, key, tmp_path):
    key(ALICE)
    entry = {"lab": {"api": double.api, "storage": [double.storage]}}
    environment = {**os.environ, "LINDI_DANDI_INSTANCES": json.dumps(entry), "LAB_API_KEY": ALICE}
    source = f"dandi://lab/{assets.closed_set}/b.nwb"
    out = tmp_path / "b.nwb.lindi.json"
    for command in (["show", source], ["index", source, "-o", str(out)]):
        done = subprocess.run(
            [sys.executable, "-m", "lindi_explorer", *command],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert ALICE not in done.stdout + done.stderr
    assert double.download_url(assets.secret) in out.read_text()


def test_index_names_its_output_after_the_file(double, assets, tmp_path, monkeypatch, capfd):
    monkeypatch.chdir(tmp_path)
    assert main(["index", f"dandi://double/{assets.open_set}/sub-1/a.nwb"]) == 0
    document = json.loads((tmp_path / "a.nwb.lindi.json").read_text())
    assert json.loads(json.dumps(document["refs"][".zattrs"]))["name"] == "of the archive"


def test_nothing_remote_is_written(double, assets):
    with pytest.raises(lindi.LindiError, match="not on this machine"):
        lindi.LindiH5pyFile.from_lindi_file(f"dandi://double/{assets.open_set}/sub-1/a.nwb", mode="w")
    with pytest.raises(AccessDeniedError):
        open_any(f"dandi://double/{assets.closed_set}/b.nwb")


def test_a_widget_opens_a_pair(double, assets, by_default):
    explorer = lindi.LindiExplorer((assets.open_set, "sub-1/a.nwb"))
    try:
        assert explorer.file.attrs["name"] == "of the archive"
    finally:
        explorer.close()


def test_a_reference_file_system_is_opened_by_name(ready):
    with lindi.LindiH5pyFile.from_reference_file_system(ready) as file:
        assert file.attrs["name"] == "ready-made"
