"""What README.md says is run: its examples, and every row of its table of differences."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import h5py
import numpy as np
import pynwb
import pytest
import zarr

import lindi_explorer as lindi
from lindi_explorer.samples import make_nwb
from lindi_explorer.samples.judge import differences

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def section(heading: str) -> str:
    """The text below a heading, up to the next one of its rank."""
    return README.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]


def blocks(heading: str) -> list[str]:
    """The Python code below a heading."""
    return re.findall(r"^```python\n(.*?)^```", section(heading), re.MULTILINE | re.DOTALL)


FIRST_RESULT = blocks("First result")
*ORIGINAL, UPLOAD = blocks("Examples")

OUR_ADDRESS = "https://data.example.org"
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
            here = here.replace(OUR_ADDRESS, server.url("").rstrip("/"))
            here = here.replace("'served'", repr(str(tmp_path / "web")))
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
    assert len(ORIGINAL) == 5


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


def test_a_staging_area_is_temporary(run, tmp_path):
    names = run(ORIGINAL[4])
    assert isinstance(names["client"].staging_store, lindi.LindiStagingStore)
    assert names["staging_area"].directory.startswith(str(tmp_path / "work" / "lindi_staging"))
    assert list((tmp_path / "work").glob("lindi_staging/*")) == []


READ = """
import json, sys, warnings
warnings.simplefilter("ignore")
import pynwb
import {module} as lindi
with pynwb.NWBHDF5IO(file=lindi.LindiH5pyFile.from_lindi_file({url!r}), mode="r") as io:
    nwbfile = io.read()
    pressure = nwbfile.acquisition["pressure"]
    print(json.dumps([
        [float(value) for value in pressure.data[:]],
        [float(value) for value in nwbfile.units["drift"].data[:]],
        pressure.unit, pressure.rate, nwbfile.acquisition["raw"].data[:5, 0].tolist(),
    ]))
"""


def make_plain(path):
    """An NWB file that the original reads with pynwb: without scalar compound data, which the sample has."""
    nwbfile = pynwb.NWBFile("plain", "plain", datetime(2024, 1, 1, tzinfo=UTC))
    raw = np.arange(4000, dtype="i2").reshape(1000, 4)
    nwbfile.add_acquisition(pynwb.TimeSeries(name="raw", data=raw, unit="V", rate=30.0))
    for unit in range(4):
        nwbfile.add_unit(spike_times=[0.5 * unit, 1.0, 2.0])
    with pynwb.NWBHDF5IO(path, "w") as io:
        io.write(nwbfile)


@pytest.mark.parametrize("reader", ["lindi_explorer", "lindi"])
def test_an_upload_is_read_by_pynwb_in_another_process(run, server, capsys, tmp_path, reader):
    original = tmp_path / "web" / "sample.nwb"
    make_plain(original)
    with lindi.LindiH5pyFile.from_hdf5_file(server.url("sample.nwb")) as file:
        file.write_lindi_file(f"{original}.lindi.json")
    before = (tmp_path / "web" / "sample.nwb.lindi.json").read_bytes()
    run(UPLOAD)
    url = capsys.readouterr().out.strip()
    assert url == server.url("extended.nwb.lindi.json")
    assert (tmp_path / "web" / "sample.nwb.lindi.json").read_bytes() == before
    assert list((tmp_path / "work").glob("lindi_staging/*")) == []
    if reader == "lindi" and not (ROOT / ".venv-upstream" / ".installed").exists():
        pytest.skip(".venv-upstream is missing (make interop installs it)")
    python = sys.executable if reader == "lindi_explorer" else ROOT / ".venv-upstream" / "bin" / "python"
    done = subprocess.run(
        [python, "-c", READ.format(module=reader, url=url)],
        capture_output=True,
        text=True,
        cwd=ROOT if reader == "lindi_explorer" else tmp_path,
        timeout=100,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    # The original says more when it is closed twice.
    pressure, drift, unit, rate, raw = json.loads(done.stdout.splitlines()[0])
    assert pressure == np.sin(np.arange(100_000) / 500).tolist()
    assert drift == np.linspace(0, 1, 4).tolist()
    assert raw == [0, 4, 8, 12, 16]
    assert (unit, rate) == ("kPa", 1000.0)


def test_a_patch_is_passed_on(run, sample_nwb):
    run(*blocks("Pass changes on"))
    with lindi.LindiH5pyFile.from_lindi_file("corrected.nwb.lindi.json") as file:
        assert differences(sample_nwb, file)[1] == ["/acquisition/raw/data.conversion"]
    assert lindi.Patch.load("gain.json").note == "the gain was entered wrongly"


def test_what_is_written(run, tmp_path):
    (code,) = blocks("Write")
    run(code)
    assert [path.name for path in (tmp_path / "work").iterdir()] == ["new.lindi.tar"]
    with lindi.LindiH5pyFile.from_lindi_file(tmp_path / "work" / "new.lindi.tar") as file:
        assert sorted(file) == ["lab", "latest"]
        data = file["latest"]
        assert (data.shape, data.chunks, data.maxshape, data.compression) == (
            (200, 8),
            (50, 8),
            (None, 8),
            "gzip",
        )
        assert data[99].tolist() == [0] * 8
        assert data[100].tolist() == [1] * 8
        assert data.attrs["unit"] == "V"


def kept(file, folder):
    """Where the chunks of new data are: names of files in a folder, or `document`."""
    file["data"] = np.random.default_rng(0).random(5000)
    refs = file.to_reference_file_system()
    value = refs["refs"]["data/0"]
    if isinstance(value, str):
        return "document"
    address = re.sub(r"{{(\w+)}}", lambda match: refs["templates"][match[1]], value[0])
    return Path(address).relative_to(folder).parts[0]


def test_where_new_chunks_go(server, tmp_path):
    """The table of `Write`, row by row."""
    made = lindi.LindiH5pyFile
    with lindi.StagingArea.create(dir=tmp_path / "area") as area:
        for mode, source in (("w", tmp_path / "one.lindi.json"), ("r+", server.url("sample.nwb.lindi.json"))):
            with made.from_lindi_file(source, mode=mode, staging_area=area) as file:
                assert kept(file, tmp_path) == "area"
    with made.from_lindi_file(tmp_path / "two.lindi.json", mode="w") as file:
        assert kept(file, tmp_path) == "document"
    with lindi.File(tmp_path / "three.lindi.json", "w") as file:
        assert kept(file, tmp_path) == "three.lindi.json.d"
    for name in ("four.lindi.tar", "five.lindi.d"):
        with made.from_lindi_file(tmp_path / name, mode="w") as file:
            assert kept(file, tmp_path) == name
    rfs: dict[str, object] = {}
    with made.from_reference_file_system(rfs, mode="w") as file:
        assert kept(file, tmp_path) == "document"
    assert isinstance(rfs["refs"]["data/0"], str)  # type: ignore[index]
    with made.from_hdf5_file(tmp_path / "web" / "sample.nwb", mode="r+") as file:
        assert kept(file, tmp_path) == "document"


def test_undo_redo_steps_and_changes():
    with lindi.LindiH5pyFile.from_reference_file_system(None, mode="w") as file:
        file.create_group("lab")
        file.move("lab", "archive")
        assert len(file.journal.steps) == 2
        file.journal.undo()
        assert list(file) == ["lab"]
        file.journal.redo()
        assert list(file) == ["archive"]
        assert [change.path for change in file.journal.changes()] == ["archive"]


def test_data_that_was_chosen_is_here(run, server, capsys, sample_nwb):
    (code,) = blocks("Bring data here")
    names = run(code)
    server.close()
    assert re.fullmatch(r"\d+ \(\)\n", capsys.readouterr().out)
    with names["archive"] as archive, h5py.File(sample_nwb) as original:
        assert archive.mode == "r+"
        for path in ("acquisition/raw/data", "units/waveform_mean"):
            assert (archive[path][...] == original[path][...]).all()
    (command,) = re.findall(r"`(lindi-explorer download .*?)`", section("Bring data here"))
    arguments = command.replace("SOURCE", str(sample_nwb)).replace("chosen", "again").split()[1:]
    assert subprocess.run([sys.executable, "-m", "lindi_explorer", *arguments], check=False).returncode == 0
    with lindi.LindiH5pyFile.from_lindi_file("again.lindi.tar") as file:
        assert differences(sample_nwb, file)[1] == []


def test_copies_that_stand_alone(run, capsys, tmp_path):
    (code,) = blocks("Copy out")
    run(*FIRST_RESULT, code)
    printed = capsys.readouterr().out.splitlines()
    assert printed[0] == "3.9e-07"
    assert re.fullmatch(r"\d+ \(\)", printed[1])
    work = tmp_path / "work"
    copies = {}
    for name in ("sample.nwb", "whole.nwb"):
        with h5py.File(work / name) as file:
            copies[name] = file["acquisition/raw/data"][:]
    assert (copies["sample.nwb"] == copies["whole.nwb"]).all()
    store = zarr.storage.LocalStore(work / "whole.zarr")
    with lindi.LindiH5pyFile.from_zarr_store(store) as file:
        assert differences(work / "whole.nwb", file)[1] == []
    (command,) = re.findall(r"`(lindi-explorer materialise .*?)`", section("Copy out"))
    arguments = [*command.split()[1:-1], "again.nwb"]
    assert subprocess.run([sys.executable, "-m", "lindi_explorer", *arguments], check=False).returncode == 0
    with h5py.File(work / "again.nwb") as file:
        assert file["acquisition/raw/data"].attrs["conversion"] == 3.9e-7


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


TABLE = section("Differences to lindi, on purpose")
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
    assert int(zarr.__version__.split(".")[0]) >= 3


def writing(folder, file, server):
    with lindi.LindiH5pyFile.from_lindi_file(folder / "new.lindi.json", mode="w") as made:
        made.create_dataset("one", data=[1, 2], maxshape=(None,))
        made["one"].resize((3,))
        made.copy(made["one"], made, "two")
        made.move("one", "three")
        made["hard"] = made["three"]
        made["external"] = h5py.ExternalLink("sample.nwb", "/units")
        assert sorted(made) == ["external", "hard", "three", "two"]
        made.journal.undo()
        assert "external" not in made
        assert made["hard"].maxshape == (None,)


def staging(folder, file, server):
    assert file.staging_store is None
    for ending in ("json", "tar", "d"):
        with lindi.File(folder / f"new.lindi.{ending}", "w") as made:
            assert isinstance(made, lindi.LindiH5pyFile)


def two_writers(folder, file, server):
    with (
        lindi.LindiH5pyFile.from_lindi_file(folder / "new.lindi.tar", mode="w"),
        pytest.raises(BlockingIOError) as caught,
    ):
        lindi.LindiH5pyFile.from_lindi_file(folder / "new.lindi.tar", mode="r+")
    assert type(caught.value).__name__ == "FileInUseError"


def zarr_stores(folder, file, server):
    store = zarr.storage.LocalStore(folder / "a.zarr")
    root = zarr.open_group(store, mode="w", zarr_format=2)
    with lindi.LindiH5pyFile.from_zarr_group(root, mode="r+") as edited:
        edited["data"] = [1, 2, 3]
        assert "data" not in zarr.open_group(store, mode="r")
        edited.flush()
        assert zarr.open_group(store, mode="r")["data"][:].tolist() == [1, 2, 3]


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
    "Writing": writing,
    "`StagingArea`, `upload`, `File`": staging,
    "A file that is open for writing twice": two_writers,
    "`from_zarr_store`, `from_zarr_group`": zarr_stores,
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
