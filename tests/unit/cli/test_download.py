"""``lindi-explorer download``, as somebody types it."""

from __future__ import annotations

import fcntl
import json
import os
import re
import signal
import struct
import subprocess
import sys
import termios
from pathlib import Path

import h5py
import numpy as np
import pytest

import lindi_explorer as lindi
from lindi_explorer.cli import main
from lindi_explorer.samples.judge import differences

COMMAND = (sys.executable, "-m", "lindi_explorer", "download")
ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def run(capsys, monkeypatch, tmp_path):
    """Run the command in an empty folder: exit status, standard output, standard error."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: object) -> tuple[int, str, str]:
        status = main(["download", *map(str, arguments)])
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return run


@pytest.fixture
def served(tmp_path, serve):
    """A server with a document, and the file of ten megabytes that it refers to."""
    folder = tmp_path / "served"
    folder.mkdir()
    server = serve(folder)
    with h5py.File(folder / "f.h5", "w") as file:
        data = np.random.default_rng(0).integers(0, 255, 10_000_000, dtype="u1")
        file.create_dataset("data", data=data, chunks=(100_000,))
    with lindi.LindiH5pyFile.from_hdf5_file(server.url("f.h5")) as file:
        file.write_lindi_file(folder / "f.lindi.json")
    server.reset()
    return server


def test_everything_is_in_the_archive_and_what_it_cost_is_said(run, sample_nwb, serve, tmp_path):
    server = serve(sample_nwb.parent)
    status, out, err = run(server.url(sample_nwb.name), "-o", "o.lindi.tar")
    server.close()
    with lindi.LindiH5pyFile.from_lindi_file(tmp_path / "o.lindi.tar") as file:
        assert differences(sample_nwb, file)[1] == []
    assert (status, err) == (0, "")
    assert out.startswith("Downloaded 8 datasets, 28 chunks of 157 kB, in ")
    assert "Wrote o.lindi.tar (" in out


def test_a_choice_is_brought_into_a_folder(run, sample_nwb, serve, tmp_path):
    url = serve(sample_nwb.parent).url(sample_nwb.name)
    status, out, _err = run(url, "-o", "o.lindi.d", "--select", "/acquisition/raw/data", "--select", "/units")
    assert (status, out.startswith("Downloaded 2 datasets, 2 chunks of ")) == (0, True)
    refs = json.loads((tmp_path / "o.lindi.d" / "lindi.json").read_text())["refs"]
    inside = {key for key, value in refs.items() if isinstance(value, list) and value[0].startswith("./")}
    assert {key.rpartition("/")[0] for key in inside} == {"acquisition/raw/data", "units/waveform_mean"}


def test_a_path_that_is_not_there_is_named(run, sample_nwb, tmp_path):
    status, _out, err = run(sample_nwb, "-o", "o.lindi.d", "--select", "/absent")
    assert (status, "no object at /absent" in err) == (1, True)
    assert not (tmp_path / "o.lindi.d").exists()


def test_what_is_there_is_replaced_only_where_that_is_said(run, sample_nwb, tmp_path):
    (tmp_path / "o.lindi.tar").write_bytes(b"old")
    status, _out, err = run(sample_nwb, "-o", "o.lindi.tar")
    assert (status, "o.lindi.tar is there already" in err, "--overwrite" in err) == (1, True, True)
    assert (tmp_path / "o.lindi.tar").read_bytes() == b"old"
    assert run(sample_nwb, "-o", "o.lindi.tar", "--overwrite")[0] == 0
    assert (tmp_path / "o.lindi.tar").read_bytes() != b"old"


def test_another_ending_is_no_name(run, sample_nwb, capsys):
    with pytest.raises(SystemExit) as caught:
        run(sample_nwb, "-o", "o.lindi.json")
    assert caught.value.code == 2
    assert "must end with .lindi.tar or .lindi.d" in capsys.readouterr().err


@pytest.mark.skipif(os.name == "nt", reason="there is no SIGINT")
def test_ctrl_c_stops_it_and_the_next_run_goes_on(run, served, tmp_path):
    """The server stops answering when some of it has come."""
    command = [*COMMAND, str(tmp_path / "served" / "f.lindi.json"), "-o", str(tmp_path / "o.lindi.tar")]
    work = tmp_path / ".o.lindi.tar.download" / "record"
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True) as process:
        while not (work.exists() and work.read_bytes().count(b"chunks")):
            assert process.poll() is None
        served.latency(1e6)
        process.send_signal(signal.SIGINT)
        _out, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (130, "Stopped.\n")
    assert not (tmp_path / "o.lindi.tar").exists()
    served.latency(0)
    served.reset()
    status, out, _err = run(tmp_path / "served" / "f.lindi.json", "-o", "o.lindi.tar")
    assert (status, "of it by an earlier run" in out) == (0, True)
    assert served.stats().bytes < 9_000_000


def test_a_terminal_shows_how_far_it_is(served, tmp_path):
    ours, theirs = os.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 120, 0, 0))
    command = [*COMMAND, str(tmp_path / "served" / "f.lindi.json"), "-o", str(tmp_path / "o.lindi.tar")]
    subprocess.run(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=theirs, check=True)
    shown = os.read(ours, 100_000).decode()
    os.close(ours)
    os.close(theirs)
    assert re.search(r"of 10 MB, \d of 1 datasets, \d+ of 100 chunks, ", shown)
    assert re.search(r" [kMG]?B/s", shown)
    assert shown.splitlines()[-1].strip() == ""  # and is cleared at the end
