"""What README.md says is run: its examples, and every row of its table of differences."""

from __future__ import annotations

import json
import re
from pathlib import Path

import h5py
import numpy as np
import pynwb
import pytest

import lindi_explorer as lindi
from lindi_explorer.samples import make_nwb
from lindi_explorer.samples.judge import differences

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```python\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
FIRST_RESULT, ORIGINAL = BLOCKS[:3], BLOCKS[3:]

NWB_URL = "https://api.dandiarchive.org/api/assets/11f512ba-5bcf-4230-a8cb-dc8d36db38cb/download/"
LINDI_URL = "https://lindi.neurosift.org/dandi/dandisets/000939/assets/56d875d6-a705-48d3-944c-53394a389c85/nwb.lindi.json"


@pytest.fixture
def server(sample_nwb, serve, tmp_path):
    """The sample and its LINDI file on the web."""
    folder = tmp_path / "web"
    folder.mkdir()
    (folder / "sample.nwb").write_bytes(sample_nwb.read_bytes())
    server = serve(folder)
    with lindi.LindiH5pyFile.from_hdf5_file(server.url("sample.nwb")) as file:
        file.write_lindi_file(folder / "sample.nwb.lindi.json")
    server.reset()
    return server


@pytest.fixture
def run(server, monkeypatch, tmp_path):
    """Run blocks of code one after the other, with addresses that exist here; gives their names."""
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    monkeypatch.setenv("LINDI_EXPLORER_JOURNAL_DIR", str(tmp_path / "journals"))

    def run(*blocks: str) -> dict[str, object]:
        names: dict[str, object] = {}
        for block in blocks:
            here = block.replace(NWB_URL, server.url("sample.nwb"))
            here = here.replace(LINDI_URL, server.url("sample.nwb.lindi.json"))
            assert "https://" not in here
            exec(compile(here, "README.md", "exec"), names)  # noqa: S102 - our own examples
        return names

    return run


def test_the_first_result(run, capsys, tmp_path):
    names = run(*FIRST_RESULT)
    assert capsys.readouterr().out == "3.9e-07\n"
    assert names["explorer"].selected == "/acquisition/raw/data"
    with lindi.LindiH5pyFile.from_lindi_file("corrected.nwb.lindi.json") as corrected:
        assert differences("sample.nwb", corrected)[1] == ["/acquisition/raw/data.conversion"]
    names["explorer"].close()


def test_the_original_examples_are_all_here_and_verbatim():
    original = Path(ROOT.parent, "shared", "design", "000_0068115d8cf3649e.txt")
    if not original.exists():
        pytest.skip("../shared is not beside this clone")
    text = original.read_text(encoding="utf-8")
    for block in ORIGINAL:
        assert block.replace("import lindi_explorer as lindi", "import lindi") in text
    assert len(ORIGINAL) == 4


def test_lazy_loading_reads_from_the_cache_the_second_time(run, server, capsys, tmp_path):
    make_nwb(tmp_path / "web" / "sample.nwb", size="small")
    names = run(ORIGINAL[0])
    assert names["nwbfile"].session_description in capsys.readouterr().out
    first = server.stats()
    server.reset()
    run(ORIGINAL[0])
    again = server.stats()
    assert first.bytes > 2_500_000
    assert (again.requests, again.bytes) == (1, 1)  # whether the file is still the same


def test_what_is_represented_can_be_read(run, sample_nwb):
    run(ORIGINAL[1])
    with lindi.LindiH5pyFile.from_lindi_file("example.lindi.json") as file:
        assert differences(sample_nwb, file)[1] == []


def test_a_remote_lindi_file_is_read_by_pynwb(run, capsys, sample_nwb):
    with pynwb.NWBHDF5IO(sample_nwb, "r") as io:
        expected = str(io.read())
    run(ORIGINAL[2])
    address = re.compile(r" at 0x\d+")
    assert address.sub("", capsys.readouterr().out.strip()) == address.sub("", expected.strip())


def test_an_edit_is_written_to_a_new_file(run, sample_nwb, server, tmp_path):
    before = (tmp_path / "web" / "sample.nwb.lindi.json").read_bytes()
    run(ORIGINAL[3])
    with lindi.LindiH5pyFile.from_lindi_file("new.nwb.lindi.json") as file:
        assert file.attrs["new_attribute"] == "new_value"
        assert differences(sample_nwb, file)[1] == ["/.new_attribute"]
    assert (tmp_path / "web" / "sample.nwb.lindi.json").read_bytes() == before


def test_the_files_it_links_to_exist():
    links = re.findall(r"\]\((?!http)([^)#]+)\)", README)
    assert links
    for link in links:
        assert (ROOT / link).exists(), link


def test_the_picture_is_small():
    assert (ROOT / "notebooks" / "quickstart.png").stat().st_size < 200_000


def test_the_commands_are_those_there_are():
    from lindi_explorer.cli.commands import _parser

    shown = set(re.findall(r"^lindi-explorer (\w+)", README, re.MULTILINE))
    (commands,) = (action for action in _parser()._actions if action.dest == "command")
    assert shown == set(commands.choices)


# ---------------------------------------------------------------- the table of differences


TABLE = README.partition("## Differences to lindi")[2].partition("\n## ")[0]
ROWS = [line.split(" | ")[0].removeprefix("| ") for line in TABLE.splitlines() if line.startswith("| ")][1:]


def round_trip(make, folder):
    """What `make` writes into an HDF5 file, as HDF5 and after a detour through LINDI."""
    path = folder / "made.h5"
    with h5py.File(path, "w") as file:
        make(file)
    with lindi.LindiH5pyFile.from_hdf5_file(path) as file:
        file.write_lindi_file(folder / "made.lindi.json")
    return h5py.File(path), lindi.LindiH5pyFile.from_lindi_file(folder / "made.lindi.json")


def absent(folder, file, server):
    with pytest.raises(KeyError):
        file["absent"]


def containers(folder, file, server):
    found = []
    file.visititems(lambda name, item: found.append(name))
    assert len(file) == len(list(file))
    assert "acquisition/raw/data" in found


def strings(folder, file, server):
    assert isinstance(file["identifier"][()], bytes)
    assert isinstance(file["identifier"].asstr()[()], str)


def compound(folder, file, server):
    rows = file["intervals/epochs/timeseries"]
    assert rows[1:3].dtype.names == ("idx_start", "count", "timeseries")
    assert rows["count"].tolist() == [row["count"] for row in rows[:]]


def selections(folder, file, server):
    def make(made):
        made["data"] = np.arange(5)
        made.attrs["part"] = made["data"].regionref[1:3]

    _plain, ours = round_trip(make, folder)
    data = ours["data"]
    assert data[[0, 3]].tolist() == [0, 3]
    assert data[np.array([True, False, False, False, True])].tolist() == [0, 4]
    assert data[ours.attrs["part"]].tolist() == [1, 2]


def filename(folder, file, server):
    assert file.filename == str(folder / "sample.nwb")
    remote = lindi.LindiH5pyFile.from_hdf5_file(server.url("sample.nwb") + "?token=hush")
    assert remote.filename.startswith(server.url("sample.nwb"))
    assert "hush" not in remote.filename
    remote.close()


def references(folder, file, server):
    one, again = file["units/electrode_group"][0], file["units/electrode_group"][0]
    assert one
    assert one == again
    assert len({one, again}) == 1


def properties(folder, file, server):
    with h5py.File(folder / "sample.nwb") as plain:
        for path in ("units/spike_times", "acquisition/raw/data"):
            for name in ("maxshape", "fillvalue", "compression", "compression_opts", "chunks", "shuffle"):
                assert getattr(file[path], name) == getattr(plain[path], name), (path, name)


def types(folder, file, server):
    def make(made):
        made.attrs["single"] = np.float32(0.1)
        made.attrs["fixed"] = np.bytes_("abc")
        made.attrs["empty"] = h5py.Empty("<i2")
        made["data"] = np.arange(4)
        made.attrs["region"] = made["data"].regionref[:2]

    plain, ours = round_trip(make, folder)
    for name in ("single", "fixed"):
        assert type(ours.attrs[name]) is type(plain.attrs[name])
        assert ours.attrs[name] == plain.attrs[name]
    assert ours.attrs["empty"] == plain.attrs["empty"]
    assert isinstance(ours.attrs["region"], h5py.RegionReference)
    document = json.loads((folder / "made.lindi.json").read_text())
    assert ".lindi_explorer" in document["refs"]


def hard_links(folder, file, server):
    def make(made):
        made["one"] = np.arange(1000)
        made["two"] = made["one"]

    _plain, ours = round_trip(make, folder)
    assert ours["one"] == ours["two"]
    document = json.loads((folder / "made.lindi.json").read_text())
    assert [key for key in document["refs"] if key.endswith(".zarray")] == ["one/.zarray"]


def external_links(folder, file, server):
    def make(made):
        made["away"] = h5py.ExternalLink("sample.nwb", "/acquisition/raw/data")

    plain, ours = round_trip(make, folder)
    assert ours["away"][:5].tolist() == plain["away"][:5].tolist()


def many_chunks(folder, file, server):
    assert lindi.LindiH5ZarrStoreOpts().num_dataset_chunks_threshold is None
    round_trip(lambda made: made.create_dataset("data", data=np.arange(3000), chunks=(2,)), folder)
    document = json.loads((folder / "made.lindi.json").read_text())
    assert (
        sum(key.startswith("data/") and isinstance(value, list) for key, value in document["refs"].items())
        == 1500
    )


def local_references(folder, file, server):
    addresses = file.to_reference_file_system()["templates"].values()
    assert list(addresses) == [str(folder / "sample.nwb")]


def editable_hdf5(folder, file, server):
    before = (folder / "sample.nwb").read_bytes()
    with lindi.LindiH5pyFile.from_hdf5_file(folder / "sample.nwb", mode="r+") as edited:
        edited.attrs["note"] = "new"
        edited.write_lindi_file(folder / "edited.lindi.json")
    with lindi.LindiH5pyFile.from_lindi_file(folder / "edited.lindi.json") as read:
        assert read.attrs["note"] == "new"
    assert (folder / "sample.nwb").read_bytes() == before


def closing_a_url(folder, file, server):
    with lindi.LindiH5pyFile.from_lindi_file(server.url("sample.nwb.lindi.json"), mode="r+") as remote:
        remote.attrs["note"] = "new"


def errors(folder, file, server):
    with pytest.raises(FileNotFoundError) as caught:
        lindi.LindiH5pyFile.from_lindi_file(folder / "absent.lindi.json")
    assert isinstance(caught.value, lindi.LindiError)
    assert caught.value.code == "no-file"
    assert caught.value.hint


def documents_from_the_web(folder, file, server):
    document = file.to_reference_file_system()  # with references to a file of this machine
    Path(folder, "web", "evil.lindi.json").write_text(json.dumps(document))
    remote = lindi.LindiH5pyFile.from_lindi_file(server.url("evil.lindi.json"))
    with pytest.raises(PermissionError):
        remote["acquisition/raw/data"][:2]


def cache(folder, file, server):
    small = lindi.LocalCache(cache_dir=folder / "cache", max_bytes=300_000)
    for number in range(10):
        small.put_remote_chunk(url="https://a/b", offset=number, size=100_000, data=bytes(100_000))
    kept = [
        n for n in range(10) if small.get_remote_chunk(url="https://a/b", offset=n, size=100_000) is not None
    ]
    assert kept
    assert kept == list(range(kept[0], 10))
    assert kept[0] > 5
    small.close()


def zarr_version(folder, file, server):
    import zarr

    assert int(zarr.__version__.split(".")[0]) >= 3


CHECKS = {
    '`f["absent"]`': absent,
    "`len(f)`, `list(f)`, `f.visititems`": containers,
    "Variable-length strings": strings,
    "Compound data": compound,
    "Selections": selections,
    "`filename`": filename,
    "Object references": references,
    "`maxshape`, `fillvalue`, `compression`, `chunks`": properties,
    "Types of attributes": types,
    "Hard links": hard_links,
    "External links": external_links,
    "Many chunks": many_chunks,
    "References of a local HDF5 file": local_references,
    'An HDF5 file with `mode="r+"`': editable_hdf5,
    'Closing a URL opened with `mode="r+"`': closing_a_url,
    "Errors": errors,
    "Documents from the web": documents_from_the_web,
    "`LocalCache`": cache,
    "zarr": zarr_version,
}


def test_every_difference_has_its_check():
    assert list(CHECKS) == ROWS


@pytest.mark.parametrize("row", CHECKS)
def test_a_difference_is_as_the_table_says(row, sample_nwb, server, tmp_path):
    (tmp_path / "sample.nwb").write_bytes(sample_nwb.read_bytes())
    with lindi.LindiH5pyFile.from_hdf5_file(tmp_path / "sample.nwb") as file:
        CHECKS[row](tmp_path, file, server)
