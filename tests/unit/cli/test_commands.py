from __future__ import annotations

import fcntl
import json
import os
import signal
import struct
import subprocess
import sys
import termios
from pathlib import Path

import h5py
import pytest

import lindi_explorer as lindi
from lindi_explorer.cli import main
from lindi_explorer.samples import Fault
from lindi_explorer.samples.judge import differences

COMMAND = (sys.executable, "-m", "lindi_explorer")
ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def run(capsys, monkeypatch, tmp_path):
    """Run a command in an empty folder: exit status, standard output, standard error."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: object) -> tuple[int, str, str]:
        status = main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return run


@pytest.fixture
def folder(tmp_path) -> Path:
    (tmp_path / "served").mkdir()
    return tmp_path / "served"


# ---------------------------------------------------------------- index


def test_an_index_of_a_local_file_holds_all_of_it(run, sample_nwb, tmp_path):
    status, out, err = run("index", sample_nwb)
    written = tmp_path / "sample.nwb.lindi.json"
    with lindi.LindiH5pyFile.from_lindi_file(written) as file:
        compared, different = differences(sample_nwb, file)
    assert (status, err, different) == (0, "", [])
    assert compared > 500
    assert "Indexed 202 objects" in out
    assert f"Wrote {written.name} ({written.stat().st_size / 1000:.0f} kB)" in out
    assert "references lead to this machine" in out


def test_an_index_of_a_remote_file_says_what_it_cost_and_can_be_read(run, sample_nwb, serve, tmp_path):
    server = serve(sample_nwb.parent)
    status, out, _err = run("index", server.url(sample_nwb.name), "-o", "out.lindi.json")
    assert status == 0
    assert f"read {server.stats().bytes / 1000:.0f} kB in {server.stats().requests} request" in out
    assert "this machine" not in out
    with lindi.LindiH5pyFile.from_lindi_file(tmp_path / "out.lindi.json") as file:
        assert differences(sample_nwb, file)[1] == []


def test_references_carry_the_address_that_is_named(run, sample_nwb, tmp_path):
    address = "https://data.example.org/session.nwb"
    status, out, _err = run("index", sample_nwb, "-o", "out.lindi.json", "--url", address)
    text = (tmp_path / "out.lindi.json").read_text()
    assert status == 0
    assert address in text
    assert str(sample_nwb) not in text
    assert "this machine" not in out


def test_the_secret_of_a_signed_link_is_neither_written_nor_printed(run, sample_nwb, serve, tmp_path):
    link = f"{serve(sample_nwb.parent).url(sample_nwb.name)}?X-Amz-Signature=hush"
    status, out, err = run("index", link)
    text = (tmp_path / "sample.nwb.lindi.json").read_text()
    assert status == 0
    assert json.loads(text)["templates"]["u1"] == link.partition("?")[0]
    assert "without the secret part" in out
    assert "hush" not in text + out + err


def test_a_lindi_file_is_not_indexed_and_nothing_is_written(run, tmp_path):
    (tmp_path / "a.lindi.json").write_text('{"refs": {".zgroup": {"zarr_format": 2}}}')
    status, _out, err = run("index", "a.lindi.json", "-o", "b.lindi.json")
    assert status == 1
    assert "is a JSON file, not an HDF5 file" in err
    assert not (tmp_path / "b.lindi.json").exists()


def test_the_source_is_never_overwritten(run, sample_nwb, tmp_path):
    source = tmp_path / "misnamed.lindi.json"
    source.write_bytes(sample_nwb.read_bytes())
    status, _out, err = run("index", source, "-o", source.name)
    assert status == 1
    assert "is the source itself" in err
    assert source.read_bytes() == sample_nwb.read_bytes()


def test_a_folder_that_does_not_exist_is_named(run, sample_nwb):
    status, _out, err = run("index", sample_nwb, "-o", "absent/a.lindi.json")
    assert (status, "there is no folder absent" in err) == (1, True)


# ---------------------------------------------------------------- show


def test_a_tree_shows_kinds_shapes_types_values_and_targets(run, sample_nwb):
    status, out, _err = run("show", sample_nwb, "--depth", 2)
    assert status == 0
    assert out.startswith("sample.nwb · HDF5 · NWB 2.")
    for line in (
        "/  NWBFile\n├── acquisition\n",
        "\n│   ├── raw  ElectricalSeries  (3 inside)\n",
        "\n├── identifier  string  = ",
        "\n└── units  Units\n",
        "\n    ├── spike_times  VectorData  float64 [",
    ):
        assert line in out


def test_a_tree_starts_where_it_is_told_and_lists_the_attributes_there(run, sample_nwb):
    _status, out, _err = run("show", sample_nwb, "--path", "/acquisition/raw/data")
    assert "unit        volts  (utf-8)" in out
    assert "resolution  -1.0  (float64)" in out
    assert "shuffle, gzip 4" in out
    assert "/acquisition/raw/data  int16 [3000, 8]" in out


def test_every_odd_thing_has_its_line(run, edge_cases_h5):
    status, out, err = run("show", edge_cases_h5, "--depth", 9)
    assert (status, err) == (0, "")
    with h5py.File(edge_cases_h5) as file:
        links: list[str] = []
        file.visit_links(links.append)
    assert len(out.splitlines()) > len(links)


def test_names_and_values_cannot_command_the_terminal(run, tmp_path):
    with h5py.File(tmp_path / "evil.h5", "w") as file:
        file["a\x1b]0;owned\x07"] = "red \x1b[31m\u202e"
        file.attrs["note"] = "\x1b[2J"
    _status, out, _err = run("show", "evil.h5")
    assert "\x1b" not in out
    assert "\x07" not in out
    assert r"a\x1b]0;owned\x07" in out
    assert r"\u202e" in out


def test_a_path_that_is_not_there(run, sample_nwb):
    status, out, err = run("show", sample_nwb, "--path", "/nowhere")
    assert (status, out) == (1, "")
    assert "/nowhere" in err


# ---------------------------------------------------------------- validate


def test_a_valid_file_is_said_to_be_valid(run, sample_nwb):
    assert run("validate", sample_nwb) == (0, "sample.nwb is valid NWB\n", "")


def test_mistakes_are_named_with_their_place_and_fail(run, sample_nwb, tmp_path):
    broken = tmp_path / "broken.nwb"
    broken.write_bytes(sample_nwb.read_bytes())
    with h5py.File(broken, "r+") as file:
        del file["acquisition/raw/data"].attrs["unit"]
    status, out, _err = run("validate", broken)
    assert status == 1
    assert out.startswith("error    /acquisition/raw/data  unit is missing\n")
    assert "1 error in broken.nwb" in out


def test_a_file_that_is_not_nwb_is_a_hint_and_no_failure(run, edge_cases_h5):
    status, out, _err = run("validate", edge_cases_h5)
    assert (status, out.startswith("hint     /  This is not an NWB file")) == (0, True)


# ---------------------------------------------------------------- what goes wrong


@pytest.mark.parametrize("command", ["index", "show", "validate"])
def test_a_missing_file_is_one_clear_error(run, command):
    status, out, err = run(command, "absent.nwb")
    assert (status, out) == (1, "")
    assert err.startswith("Error: ")
    assert "absent.nwb" in err
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (Fault(status=404), "There is no file at"),
        (Fault(status=403), "403"),
        (Fault(html=True), "is a web page, not an HDF5 file"),
    ],
)
def test_an_address_that_gives_no_file_is_explained_without_its_secrets(run, sample_nwb, serve, fault, words):
    server = serve(sample_nwb.parent, faults={sample_nwb.name: fault})
    status, _out, err = run("index", f"{server.url(sample_nwb.name)}?token=hush")
    assert status == 1
    assert words in err
    assert "hush" not in err
    assert len(err.splitlines()) == 2  # what happened, and what to do


def test_a_file_cut_in_half_is_an_error(run, sample_nwb, tmp_path):
    (tmp_path / "half.nwb").write_bytes(sample_nwb.read_bytes()[: sample_nwb.stat().st_size // 2])
    status, out, err = run("show", "half.nwb")
    assert (status, out, err.startswith("Error: ")) == (1, "", True)


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["index"],
        ["paint", "a.nwb"],
        ["index", "a.nwb", "-o", "a.json"],
        ["index", "a.nwb", "--url", "a.nwb"],
        ["show", "a.nwb", "--depth", "deep"],
        ["show", "a.nwb", "--depth", "-1"],
    ],
)
def test_arguments_that_are_not_understood_end_with_2(arguments, capsys):
    with pytest.raises(SystemExit) as end:
        main(arguments)
    assert end.value.code == 2
    assert capsys.readouterr().err.startswith("usage: lindi-explorer")


def test_what_nobody_foresaw_is_named_without_a_trace(run, monkeypatch, sample_nwb):
    def burst(_file):
        raise RuntimeError("hush")

    monkeypatch.setattr("lindi_explorer.cli.index.index", burst)
    status, _out, err = run("index", sample_nwb)
    assert status == 1
    assert "This is a mistake in lindi_explorer: RuntimeError in cli/index.py" in err
    assert "hush" not in err


# ---------------------------------------------------------------- as a process


def test_help_names_the_commands():
    result = subprocess.run([*COMMAND, "--help"], cwd=ROOT, capture_output=True, text=True, check=True)
    for command in ("index", "show", "validate", "demo"):
        assert f"\n    {command} " in result.stdout


@pytest.mark.parametrize("when", ["opening", "indexing"])
def test_control_c_ends_it_at_once_with_130(sample_nwb, serve, tmp_path, when):
    # The reply that is waited for takes longer than the test may.
    server = serve(sample_nwb.parent, latency_ms=1e6 if when == "opening" else 0)
    if when == "indexing":
        from lindi_explorer.samples import make_nwb

        sample_nwb = make_nwb(tmp_path / "large.nwb", size="large")  # so that indexing needs requests
        server = serve(tmp_path, latency_ms=50)
    command = [*COMMAND, "index", server.url(sample_nwb.name), "-o", tmp_path / "out.lindi.json"]
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True) as process:
        if when == "opening":
            while not server.stats().connections:
                pass
        else:
            while server.stats().requests < 5:
                pass
            server.latency(1e6)
        process.send_signal(signal.SIGINT)
        _out, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (130, "Stopped.\n")
    assert not (tmp_path / "out.lindi.json").exists()


def test_a_terminal_shows_how_far_it_is(sample_nwb, serve, tmp_path):
    ours, theirs = os.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 120, 0, 0))
    command = [
        *COMMAND,
        "index",
        serve(sample_nwb.parent).url(sample_nwb.name),
        "-o",
        tmp_path / "out.lindi.json",
    ]
    subprocess.run(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=theirs, check=True)
    shown = os.read(ours, 100_000).decode()
    os.close(ours)
    os.close(theirs)
    assert "Indexing: 0 objects" in shown
    assert shown.splitlines()[-1].strip() == ""  # and is cleared at the end


def test_a_reader_that_goes_away_is_no_error(edge_cases_h5):
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "w") as pipe:
        result = subprocess.run(
            [*COMMAND, "show", edge_cases_h5],
            cwd=ROOT,
            stdout=pipe,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert (result.returncode, result.stderr) == (141, "")


def test_a_terminal_that_knows_ascii_only_gets_a_tree_too(sample_nwb):
    result = subprocess.run(
        [*COMMAND, "show", sample_nwb],
        cwd=ROOT,
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (result.returncode, result.stderr) == (0, "")
    assert "acquisition" in result.stdout
