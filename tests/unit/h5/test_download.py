"""Downloads: what is inside, what stays away, what is not fetched twice, and what a person is told."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import h5py
import numpy as np
import pytest

from lindi_explorer import LindiH5pyFile
from lindi_explorer.errors import (
    CancelledByUserError,
    ConflictError,
    ExistingFileError,
    FileInUseError,
    FormatError,
    NodeNotFoundError,
    StaleFileError,
    TransferError,
)
from lindi_explorer.formats import tar_container
from lindi_explorer.h5.materialise.tally import Loss
from lindi_explorer.remote import CancelToken
from lindi_explorer.samples.judge import differences
from lindi_explorer.staging import fetched
from tests.unit.h5.test_written_out import addresses, references

ROOT = Path(__file__).resolve().parents[3]
SUFFIXES = ["tar", "d"]
CHUNKS, CHUNK = 60, 80_000


@pytest.fixture
def far(tmp_path):
    """The folder that is served."""
    (tmp_path / "far").mkdir()
    return tmp_path / "far"


@pytest.fixture
def here(tmp_path):
    """The folder for what is downloaded."""
    (tmp_path / "here").mkdir()
    return tmp_path / "here"


@pytest.fixture
def large(far):
    """An HDF5 file of some five megabytes that do not compress, in chunks; gives its path."""
    return make_large(far / "large.h5")


def make_large(path, seed=1):
    with h5py.File(path, "w") as file:
        data = np.random.default_rng(seed).integers(0, 255, CHUNKS * CHUNK, dtype="u1")
        # Between the two lie the others: they are not neighbours.
        for name in ("a", "b"):
            file.create_dataset(name, data=data, chunks=(CHUNK,))
            file.create_dataset(f"other/{name}", data=np.arange(1000))
    return path


def names(folder):
    return sorted(one.name for one in folder.iterdir())


# ---------------------------------------------------------------- what is inside


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("kind", ["hdf5", "json", "tar"])
def test_all_of_it_is_read_where_there_is_no_server_any_more(
    sample_nwb, far, here, serve, opened, kind, suffix
):
    (far / "s.nwb").write_bytes(sample_nwb.read_bytes())
    server = serve(far)
    url = server.url("s.nwb")
    if kind != "hdf5":
        with LindiH5pyFile.from_hdf5_file(url) as file:
            file.write_lindi_file(far / f"s.lindi.{kind}")
    target = here / f"o.lindi.{suffix}"
    opening = LindiH5pyFile.from_hdf5_file if kind == "hdf5" else LindiH5pyFile.from_lindi_file
    with opening(url if kind == "hdf5" else server.url(f"s.lindi.{kind}")) as file:
        report = file.download(target)
    server.close()
    assert differences(sample_nwb, opened(LindiH5pyFile.from_lindi_file(target)))[1] == []
    assert all(address.startswith("./blobs/") for address in addresses(target))
    assert report.losses == ()
    assert report.chunks == len(references(target)) > 10
    assert report.bytes == sum(value[2] for value in references(target).values())
    assert names(here) == [target.name]


def test_tar_lists_an_archive_that_was_downloaded(large, far, here, serve):
    target = here / "o.lindi.tar"
    with LindiH5pyFile.from_hdf5_file(serve(far).url("large.h5")) as file:
        file.download(target)
    listed = subprocess.run(["tar", "tf", target], capture_output=True, check=True, text=True).stdout.split()
    assert {address.removeprefix("./") for address in addresses(target)} < set(listed)


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize(
    "select",
    ["/a", "a", ["a"], ["/linked/a"], ["/softly"], lambda dataset: dataset.name == "/a"],
    ids=["path", "without slash", "list", "hard link", "soft link", "function"],
)
def test_what_was_chosen_is_inside_and_the_rest_stays_away(large, far, here, serve, opened, select, suffix):
    with h5py.File(large, "r+") as file:
        file["linked/a"] = file["a"]
        file["softly"] = h5py.SoftLink("/a")
    url = serve(far).url("large.h5")
    target = here / f"o.lindi.{suffix}"
    with LindiH5pyFile.from_hdf5_file(url) as file:
        report = file.download(target, select=select)
    assert (report.objects, report.chunks, report.bytes) == (1, CHUNKS, CHUNKS * CHUNK)
    assert all(address.startswith("./blobs/") for address in addresses(target, "a/"))
    assert addresses(target, "b/") == addresses(target, "other/") == {url}
    assert differences(large, opened(LindiH5pyFile.from_lindi_file(target)))[1] == []


def test_below_a_group_everything_is_chosen_and_what_hard_links_there_lead_to(large, far, here, serve):
    with h5py.File(large, "r+") as file:
        file["group/again"] = file["other"]
        file["group/own"] = np.arange(2000)
    url = serve(far).url("large.h5")
    with LindiH5pyFile.from_hdf5_file(url) as file:
        assert file.download(here / "o.lindi.d", select=["group"]).objects == 3
    assert addresses(here / "o.lindi.d", "a/") == {url}
    assert url not in addresses(here / "o.lindi.d", "other/") | addresses(here / "o.lindi.d", "group/")


def test_a_path_that_is_not_there_is_named_and_nothing_is_fetched(large, far, here, serve):
    url = serve(far).url("large.h5")
    with LindiH5pyFile.from_hdf5_file(url) as file, pytest.raises(NodeNotFoundError, match="/absent"):
        file.download(here / "o.lindi.tar", select=["a", "/absent"])
    assert names(here) == []


def test_edits_and_new_data_come_along(large, far, here, serve, opened):
    target = here / "o.lindi.tar"
    with LindiH5pyFile.from_hdf5_file(serve(far).url("large.h5"), mode="r+") as file:
        file.attrs["note"] = "new"
        file["a"][0] = 7
        file["new"] = np.arange(5000)
        file.download(target, select="b")
    again = opened(LindiH5pyFile.from_lindi_file(target))
    with h5py.File(large) as original:
        assert again.attrs["note"] == "new"
        assert again["a"][:3].tolist() == [7, *original["a"][1:3].tolist()]
        assert (again["b"][:] == original["b"][:]).all()
        assert again["new"][-1] == 4999


def test_files_of_this_machine_are_brought_in_too(large, here, opened):
    target = here / "o.lindi.d"
    told = []
    with LindiH5pyFile.from_hdf5_file(large) as file:
        report = file.download(target, progress=told.append)
    size = large.stat().st_size
    large.unlink()
    assert opened(LindiH5pyFile.from_lindi_file(target))["b"].shape == (CHUNKS * CHUNK,)
    assert size > report.bytes > 2 * CHUNKS * CHUNK
    assert told[-1].bytes == told[-1].bytes_total == report.bytes


def test_of_a_container_the_chunks_come_along_whatever_is_chosen(large, far, here, serve, opened):
    url = serve(far).url("large.h5")
    first, second = here / "first.lindi.tar", here / "second.lindi.d"
    with LindiH5pyFile.from_hdf5_file(url) as file:
        file.download(first, select="a")
    with LindiH5pyFile.from_lindi_file(first) as file:
        report = file.download(second, select="b")
    first.unlink()
    assert report.chunks == 2 * CHUNKS
    assert differences(large, opened(LindiH5pyFile.from_lindi_file(second)))[1] == []
    assert addresses(second, "other/") == {url}


# ---------------------------------------------------------------- data that only HDF5 reads


@pytest.fixture
def odd(far):
    """A file with data that nothing but HDF5 reads; gives its path."""
    with h5py.File(far / "odd.h5", "w") as file:
        file.attrs["title"] = "odd"
        file.create_dataset(
            "lzf", data=np.arange(300_000).reshape(300, 1000), chunks=(70, 400), compression="lzf"
        )
        file["lzf"].attrs["unit"] = "m"
        file.create_dataset("scaled", data=np.arange(5000), scaleoffset=0, chunks=(999,))
        layout = h5py.VirtualLayout((2, 300, 1000), "i8", maxshape=(None, 300, 1000))
        layout[0] = layout[1] = h5py.VirtualSource(file["lzf"])
        file.create_virtual_dataset("virtual", layout)
        text = file.create_dataset("text", (40,), h5py.string_dtype(), chunks=(7,), compression="lzf")
        text[:] = [f"é{number}" * 300 for number in range(40)]
    return far / "odd.h5"


def links(path):
    """The datasets that are read through an HDF5 file."""
    with LindiH5pyFile.from_lindi_file(path) as file:
        refs = file.to_reference_file_system()["refs"]
    return {
        key.rpartition("/")[0]
        for key, value in refs.items()
        if key.endswith(".zattrs") and "_EXTERNAL_ARRAY_LINK" in value
    }


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_data_that_only_hdf5_reads_is_encoded_anew(odd, far, here, serve, opened, suffix):
    server = serve(far)
    target = here / f"o.lindi.{suffix}"
    with LindiH5pyFile.from_hdf5_file(server.url("odd.h5")) as file:
        report = file.download(target)
    server.close()
    assert report.losses == ()
    assert links(target) == set()
    assert differences(odd, opened(LindiH5pyFile.from_lindi_file(target)))[1] == []


def test_data_that_only_hdf5_reads_stays_a_link_where_it_was_not_chosen(odd, far, here, serve, opened):
    target = here / "o.lindi.tar"
    with LindiH5pyFile.from_hdf5_file(serve(far).url("odd.h5")) as file:
        file.download(target, select=["virtual"])
    assert links(target) == {"lzf", "scaled"}
    again = opened(LindiH5pyFile.from_lindi_file(target))
    with h5py.File(odd) as original:
        for name in ("lzf", "scaled", "virtual"):
            assert (again[name][...] == original[name][...]).all()


def test_a_stopped_encoding_goes_on(odd, far, here, serve, opened, monkeypatch):
    monkeypatch.setattr(fetched, "_ROWS", 1)
    target = here / "o.lindi.tar"
    url = serve(far).url("odd.h5")
    token = CancelToken()

    def stop(done):
        if done.chunks > 9:
            token.set()

    monkeypatch.setattr("lindi_explorer.h5.copies.downloaded._EVERY", 0)
    with LindiH5pyFile.from_hdf5_file(url) as file, pytest.raises(CancelledByUserError):
        file.download(target, progress=stop, cancel=token)
    with LindiH5pyFile.from_hdf5_file(url) as file:
        report = file.download(target)
    assert report.resumed > 0
    again = opened(LindiH5pyFile.from_lindi_file(target))
    with h5py.File(odd) as original:
        assert all((again[name][...] == original[name][...]).all() for name in original)


def test_data_that_cannot_be_read_stays_where_it_is_and_is_told(large, far, here, serve, opened):
    """One chunk is said to lie behind the end of the file."""
    server = serve(far)
    with LindiH5pyFile.from_hdf5_file(server.url("large.h5")) as file:
        document = file.to_reference_file_system()
    document["refs"]["a/3"] = [document["refs"]["a/3"][0], large.stat().st_size - 5, CHUNK]
    (far / "bad.lindi.json").write_text(json.dumps(document))
    target = here / "o.lindi.tar"
    with LindiH5pyFile.from_lindi_file(server.url("bad.lindi.json")) as file:
        report = file.download(target)
    assert [loss.path for loss in report.losses] == ["/a"]
    assert isinstance(report.losses[0], Loss)
    assert "ends after" in report.losses[0].why
    assert references(target)["a/3"] == [server.url("large.h5"), large.stat().st_size - 5, CHUNK]
    again = opened(LindiH5pyFile.from_lindi_file(target))
    with h5py.File(large) as original:
        assert (again["a"][: 3 * CHUNK] == original["a"][: 3 * CHUNK]).all()
        assert (again["b"][:] == original["b"][:]).all()


# ---------------------------------------------------------------- going on


def document(url):
    """A document that refers to an HDF5 file: to open it, nothing is read from the server."""
    with LindiH5pyFile.from_hdf5_file(url) as file:
        return file.to_reference_file_system()


def stopped(source, target, at, **options):
    """Begin a download that is stopped when so many bytes have come."""
    token = CancelToken()

    def stop(done):
        if done.bytes >= at:
            token.set()

    with opened_source(source) as file, pytest.raises(CancelledByUserError):
        file.download(target, progress=stop, cancel=token, **options)


def opened_source(source):
    if isinstance(source, dict):
        return LindiH5pyFile.from_reference_file_system(source)
    return LindiH5pyFile.from_hdf5_file(source)


def finished(source, target, **options):
    with opened_source(source) as file:
        return file.download(target, **options)


@pytest.fixture(autouse=True)
def _at_once(monkeypatch):
    """Every chunk is put into the record, and told."""
    monkeypatch.setattr(fetched, "_ROWS", 1)
    monkeypatch.setattr("lindi_explorer.h5.copies.downloaded._EVERY", 0)
    monkeypatch.setattr("lindi_explorer.staging.reading._AT_ONCE", 4 * CHUNK)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_what_was_fetched_is_not_fetched_again(large, far, here, serve, opened, suffix):
    server = serve(far)
    source, target = document(server.url("large.h5")), here / f"o.lindi.{suffix}"
    server.reset()
    stopped(source, target, CHUNKS * CHUNK)
    assert names(here) == [f".{target.name}.download"]
    before = server.stats().bytes
    assert before < 1.2 * CHUNKS * CHUNK
    server.reset()
    report = finished(source, target)
    assert CHUNKS * CHUNK <= report.resumed <= before
    # One byte to see whether the file is the same still, and what lies between small chunks.
    assert server.stats().bytes <= report.bytes - report.resumed + 20_000
    assert differences(large, opened(LindiH5pyFile.from_lindi_file(target)))[1] == []
    assert names(here) == [target.name]


def test_what_was_chosen_may_be_another_the_next_time(large, far, here, serve, opened):
    url, target = serve(far).url("large.h5"), here / "o.lindi.d"
    stopped(url, target, CHUNKS * CHUNK // 2, select="a")
    report = finished(url, target, select="b")
    assert (report.chunks, report.resumed) == (CHUNKS, 0)
    inside = sum(one.stat().st_size for one in (target / "blobs").iterdir())
    assert inside == CHUNKS * CHUNK, "nothing of what is not chosen any more"
    assert differences(large, opened(LindiH5pyFile.from_lindi_file(target)))[1] == []


def test_only_what_was_damaged_is_fetched_again(large, far, here, serve, opened):
    server = serve(far)
    url, target = server.url("large.h5"), here / "o.lindi.tar"
    stopped(url, target, CHUNKS * CHUNK, select="a")
    work = here / ".o.lindi.tar.download"
    (blob,) = (work / "blobs").iterdir()
    with blob.open("r+b") as file:
        file.seek(3 * CHUNK + 5)
        file.write(b"damaged")
        file.truncate(CHUNKS * CHUNK - 5)
    with (work / "record").open("ab") as file:
        file.write(b'{"type":"chunks","source":0,"fi')
    report = finished(url, target)
    assert 0 < CHUNKS * CHUNK - report.resumed <= 3 * CHUNK
    assert differences(large, opened(LindiH5pyFile.from_lindi_file(target)))[1] == []


@pytest.mark.parametrize(
    "line",
    [
        b"nonsense\n",
        b'{"type":"chunks","source":9,"file":"x","rows":[]}\n',
        b'{"type":"chunks","source":0,"file":"../../x","rows":[[1,2,3,4]]}\n',
        b'{"type":"chunks","source":0,"file":"x","rows":[[-1,2,3,4]]}\n',
        b'{"type":"chunks","source":0,"file":"x","rows":[[1,2,3]]}\n',
        b'{"type":"head","version":1}\n',
        b"\0" * 4096,
    ],
)
def test_a_record_that_makes_no_sense_counts_up_to_there(large, far, here, serve, opened, line):
    url, target = serve(far).url("large.h5"), here / "o.lindi.tar"
    stopped(url, target, CHUNKS * CHUNK)
    with (here / ".o.lindi.tar.download" / "record").open("ab") as file:
        file.write(line)
    stopped(url, target, CHUNKS * CHUNK * 3 // 2)
    assert finished(url, target).resumed >= CHUNKS * CHUNK * 3 // 2
    assert differences(large, opened(LindiH5pyFile.from_lindi_file(target)))[1] == []


def test_a_source_that_has_changed_is_fetched_anew_and_that_is_told(large, far, here, serve, opened):
    server = serve(far)
    url, target = server.url("large.h5"), here / "o.lindi.tar"
    stopped(url, target, CHUNKS * CHUNK)
    make_large(large, seed=2)
    os.utime(large, (1, 1))
    told = []
    report = finished(url, target, progress=told.append)
    assert report.resumed == 0
    assert report.changed == (url,)
    assert any(one.bytes == 0 and one.changed == (url,) for one in told)
    assert differences(large, opened(LindiH5pyFile.from_lindi_file(target)))[1] == []


def test_a_source_that_changes_meanwhile_ends_the_download(large, far, here, serve):
    source, target = document(serve(far).url("large.h5")), here / "o.lindi.tar"

    def change(done):
        if done.bytes >= CHUNKS * CHUNK:
            os.utime(large, (1, 1))

    with opened_source(source) as file, pytest.raises(StaleFileError, match="changed"):
        file.download(target, progress=change)
    assert names(here) == [".o.lindi.tar.download"]


DOWNLOADER = textwrap.dedent(
    """
    import sys
    from lindi_explorer import LindiH5pyFile
    from lindi_explorer.h5.copies import download  # before the clock begins
    from lindi_explorer.staging import fetched, reading
    fetched._ROWS, reading._AT_ONCE = 1, 2 * 80_000
    with LindiH5pyFile.from_lindi_file(sys.argv[1]) as file:
        print("ready", flush=True)
        file.download(sys.argv[2])
    """
)


@pytest.mark.skipif(os.name == "nt", reason="there is no SIGKILL")
@pytest.mark.parametrize("suffix", SUFFIXES)
def test_killed_at_any_moment_it_goes_on(large, far, here, serve, count, opened, suffix):
    server = serve(far, latency_ms=1)
    chance, source = random.Random(5), far / "large.lindi.json"
    source.write_text(json.dumps(document(server.url("large.h5"))))
    for number in range(count(1, 20)):
        target = here / f"{number}.lindi.{suffix}"
        server.reset()
        kills = 0
        for _ in range(3):
            command = [sys.executable, "-c", DOWNLOADER, str(source), str(target)]
            with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as process:
                assert process.stdout.readline()
                try:
                    process.wait(
                        chance.uniform(0, 0.25)
                    )  # not for timing: to kill it wherever it happens to be
                except subprocess.TimeoutExpired:
                    process.send_signal(signal.SIGKILL)
            kills += process.returncode != 0
            if not kills:
                break
        if not target.exists():
            with LindiH5pyFile.from_lindi_file(source) as file:
                file.download(target)
        # At each kill two batches of two chunks may have been on their way.
        assert server.stats().bytes <= (2 * CHUNKS + kills * 5) * CHUNK + 100_000
        assert differences(large, opened(LindiH5pyFile.from_lindi_file(target)))[1] == []
        assert [name for name in names(here) if not name.endswith("lindi-lock")] == sorted(
            f"{done}.lindi.{suffix}" for done in range(number + 1)
        )


# ---------------------------------------------------------------- checks, secrets, refusals


def test_what_is_written_is_read_back(large, far, here, serve, monkeypatch):
    url, target = serve(far).url("large.h5"), here / "o.lindi.tar"
    write_at = tar_container.write_at

    def wrong(descriptor, data, at):
        write_at(descriptor, data[:-1] + b"\0" if len(data) == CHUNK else data, at)

    monkeypatch.setattr(tar_container, "write_at", wrong)
    with pytest.raises(TransferError, match="not what was written"):
        finished(url, target)
    assert not target.exists()
    finished(url, target, verify=False)
    assert target.exists()


def test_the_secret_of_a_signed_link_is_written_nowhere_and_a_new_one_goes_on(large, far, here, serve):
    server = serve(far)
    plain, target = server.url("large.h5"), here / "o.lindi.d"
    stopped(f"{plain}?X-Amz-Signature=hush", target, CHUNKS * CHUNK // 2, select="a")
    report = finished(f"{plain}?X-Amz-Signature=other", target, select="a")
    assert report.resumed >= CHUNKS * CHUNK // 2
    assert addresses(target, "b/") == {plain}
    assert "other" not in {value.partition("=")[2] for value in addresses(target)}
    stopped(f"{plain}?X-Amz-Signature=hush", here / "p.lindi.d", CHUNKS * CHUNK // 2)
    assert b"hush" not in (here / ".p.lindi.d.download" / "record").read_bytes()


def test_progress_counts_what_is_here_and_what_is_to_come(large, far, here, serve):
    url, target = serve(far).url("large.h5"), here / "o.lindi.tar"
    stopped(url, target, CHUNKS * CHUNK)
    told = []
    report = finished(url, target, progress=told.append)
    last = told[-1]
    assert any(one.bytes == one.resumed == report.resumed for one in told)
    assert [one.bytes for one in told] == sorted(one.bytes for one in told)
    assert (last.objects, last.chunks, last.bytes) == (
        last.objects_total,
        last.chunks_total,
        last.bytes_total,
    )
    assert (last.objects, last.chunks, last.bytes) == (report.objects, report.chunks, report.bytes)
    assert last.rate > 0


@pytest.mark.parametrize("name", ["o.lindi.json", "o.tar", "o.h5"])
def test_other_endings_are_refused(large, here, name):
    with (
        LindiH5pyFile.from_hdf5_file(large) as file,
        pytest.raises(FormatError, match=r"\.lindi\.tar or \.lindi\.d"),
    ):
        file.download(here / name)
    assert names(here) == []


def test_what_is_there_is_replaced_at_the_end_and_a_folder_never(large, far, here, serve, opened):
    url = serve(far).url("large.h5")
    archive, folder = here / "o.lindi.tar", here / "o.lindi.d"
    archive.write_bytes(b"old")
    folder.mkdir()
    stopped(url, archive, CHUNKS * CHUNK)
    assert archive.read_bytes() == b"old"
    finished(url, archive)
    assert (opened(LindiH5pyFile.from_lindi_file(archive))["a"].shape) == (CHUNKS * CHUNK,)
    with pytest.raises(ExistingFileError):
        finished(url, folder)
    with LindiH5pyFile.from_lindi_file(archive, mode="r+"), pytest.raises(FileInUseError):
        finished(url, archive)
    with LindiH5pyFile.from_lindi_file(archive) as file, pytest.raises(ConflictError):
        file.download(archive)
