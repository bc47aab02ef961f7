"""``lindi-explorer upload``, as somebody types it."""

from __future__ import annotations

import io
import json
import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path

import h5py
import numpy as np
import pytest

import lindi_explorer as lindi
from lindi_explorer.archive import instances
from lindi_explorer.archive.uploading import Upload
from lindi_explorer.cli import main
from lindi_explorer.h5 import open_any
from tests.dandi.asking import ask
from tests.dandi.double import Double

ALICE = "a11ce" * 8
ROOT = Path(__file__).resolve().parents[3]
DATA = np.arange(3000, dtype="<f8").reshape(30, 100)


@pytest.fixture(scope="module")
def running():
    with Double(validate_seconds=0) as made:
        yield made


@pytest.fixture
def double(running, monkeypatch, tmp_path):
    """An archive with one file, which the environment knows by the name of ``double``."""
    running.reset()
    running.add_user(ALICE, "alice")
    running.add_dandiset(["alice"])
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        file.create_dataset("data", data=DATA, chunks=(3, 100))
    running.asset = running.put_asset("000001", "sub-1/a.nwb", path)
    place = {"api": running.api, "web": running.api[:-4], "storage": [running.storage]}
    monkeypatch.setenv(instances.VARIABLE, json.dumps({"double": place}))
    monkeypatch.setenv("DOUBLE_API_KEY", ALICE)
    monkeypatch.setenv("LINDI_EXPLORER_JOURNAL_DIR", str(tmp_path / "journals"))
    monkeypatch.setattr(Upload, "interval", 0.01)
    monkeypatch.chdir(tmp_path)
    return running


@pytest.fixture
def edited(double, tmp_path):
    """A LINDI file of this machine, made from the one of the archive."""
    path = tmp_path / "edited.nwb.lindi.tar"
    with open_any(double.download_url(double.asset)) as file:
        file.write_lindi_file(path)
    with lindi.LindiH5pyFile.from_lindi_file(path, mode="r+") as file:
        file.attrs["name"] = "edited"
        file.create_dataset("new", data=np.arange(5000), chunks=(1000,))
    return path


@pytest.fixture
def run(capsys):
    """Run the command: exit status, standard output, standard error."""

    def run(*arguments):
        status = main([*map(str, arguments)])
        captured = capsys.readouterr()
        assert ALICE not in captured.out + captured.err
        return status, captured.out, captured.err

    return run


def listed(double) -> dict[str, str]:
    rows = ask("GET", f"{double.api}/dandisets/000001/versions/draft/assets/").json["results"]
    return {row["path"]: row["asset_id"] for row in rows}


def test_it_says_what_it_does_and_does_it(run, double, edited):
    status, out, err = run("upload", edited, "000001", "--instance", "double", "--yes")
    assert (status, err) == (0, "")
    lines = out.splitlines()
    assert lines[0].startswith("Upload to sub-1/a.nwb.lindi.json of dandiset 000001 on double: ")
    assert "  ok      API key     accepted by double, account alice approved" in lines
    asset = listed(double)["sub-1/a.nwb.lindi.json"]
    assert f"Address:   {double.download_url(asset)}" in lines
    assert f"Page:      {double.api[:-4]}/dandiset/000001/draft/files?location=sub-1" in lines
    assert lines[-1] == "The archive's check found nothing wrong."
    with open_any(double.download_url(asset)) as file:
        assert file.attrs["name"] == "edited"
        np.testing.assert_array_equal(file["new"][...], np.arange(5000))
        np.testing.assert_array_equal(file["data"][...], DATA)


def test_nothing_is_sent_without_agreement(run, double, edited, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO("y\n"))
    status, out, err = run("upload", edited, "000001", "--instance", "double")
    assert (status, "Upload to sub-1/a.nwb.lindi.json" in out) == (1, True)
    assert "Nobody is there to agree" in err
    assert "--yes" in err
    assert listed(double).keys() == {"sub-1/a.nwb"}


@pytest.mark.parametrize(("answer", "sent"), [("y\n", True), ("\n", False), ("no\n", False)])
def test_a_person_is_asked(double, edited, answer, sent):
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "lindi_explorer", "upload", edited, "000001", "--instance", "double"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        command, stdin=theirs, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    ) as process:
        os.write(ours, answer.encode())
        out, err = process.communicate(timeout=60)
    os.close(ours)
    os.close(theirs)
    assert "Upload it? [y/N] " in out
    assert process.returncode == (0 if sent else 1), err
    assert ("Nothing was sent." in err) is not sent
    assert ("sub-1/a.nwb.lindi.json" in listed(double)) is sent


def test_a_name_that_is_taken(run, double, edited):
    options = ("upload", edited, "000001", "--instance", "double", "--yes")
    assert run(*options)[0] == 0
    first = listed(double)["sub-1/a.nwb.lindi.json"]
    status, out, err = run(*options)
    assert (status, "BLOCKED Name" in out) == (1, True)
    assert "exists in dandiset 000001 on double" in err
    assert "--replace or --rename" in err
    assert run(*options, "--rename")[0] == 0
    assert listed(double)["sub-1/a-2.nwb.lindi.json"]
    with lindi.LindiH5pyFile.from_lindi_file(edited, mode="r+") as file:
        file.attrs["name"] = "again"
    assert run(*options, "--replace")[0] == 0
    assert listed(double)["sub-1/a.nwb.lindi.json"] != first


@pytest.mark.parametrize("mode", ["json", "tar", "nwb"])
def test_modes_and_names(run, double, edited, mode):
    name = {"json": "x.lindi.json", "tar": "x.lindi.tar", "nwb": "x.nwb"}[mode]
    status, _, _ = run(
        *("upload", edited, "000001", "--instance", "double", "--yes"),
        *("--mode", mode, "--path", f"y/{name}"),
    )
    assert status == 0
    with open_any(double.download_url(listed(double)[f"y/{name}"])) as file:
        np.testing.assert_array_equal(file["new"][...], np.arange(5000))


def test_what_is_in_the_way_is_an_error(run, double, edited, monkeypatch):
    monkeypatch.delenv("DOUBLE_API_KEY")
    status, out, err = run("upload", edited, "000001", "--instance", "double", "--yes")
    assert (status, "BLOCKED API key" in out) == (1, True)
    assert "DOUBLE_API_KEY" in err
    assert run("upload", edited, "1", "--instance", "double", "--yes")[0] == 1


def test_a_check_that_fails_is_an_error(run, double, edited, monkeypatch):
    monkeypatch.setattr("lindi_explorer.archive.steps.ENCODINGS", {"inline": "", "json": "x"})
    status, _, err = run(
        "upload", edited, "000001", "--instance", "double", "--yes", "--path", "x.lindi.json"
    )
    assert (status, "found it invalid" in err, "encodingFormat" in err) == (1, True, True)


def test_a_check_that_takes_long_is_told(run, double, edited, monkeypatch):
    monkeypatch.setattr(Upload, "patience", 0.0)
    double.set(validate_seconds=60)
    status, out, _ = run("upload", edited, "000001", "--instance", "double", "--yes")
    assert (status, out.splitlines()[-1]) == (0, "The archive is still checking it.")


def test_what_a_failure_has_left_is_listed(run, double, edited):
    options = ("upload", edited, "000001", "--instance", "double", "--yes", "--mode", "json")
    double.fault("denied", "storage", method="PUT", every=2)
    status, _, err = run(*options)
    double.mend()
    assert status == 1
    assert "answered" in err
    left = [path for path in listed(double) if path.startswith("lindi_blobs/")]
    assert len(left) == 1
    assert "1 file may be in the dandiset; the same upload goes on with them:" in err
    assert f"  {left[0]}" in err.splitlines()
    assert run(*options)[0] == 0


def test_ctrl_c_ends_it_at_once_and_says_what_is_there(double, edited):
    double.set(part_seconds=120)
    command = [
        sys.executable,
        "-m",
        "lindi_explorer",
        "upload",
        str(edited),
        "000001",
        "--yes",
        "--mode",
        "json",
    ]
    with subprocess.Popen(
        [*command, "--instance", "double"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    ) as process:
        while not any(entry["method"] == "PUT" for entry in double.log("storage")):
            assert process.poll() is None
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)  # the storage thinks for longer
    double.set(part_seconds=0)
    assert process.returncode == 130
    assert "Traceback" not in err
    assert ALICE not in out + err
    assert "X-Amz" not in out + err


def test_no_argument_takes_a_key(capsys):
    with pytest.raises(SystemExit):
        main(["upload", "--help"])
    said = capsys.readouterr().out
    assert "DANDI_SANDBOX_API_KEY" in said
    assert "--key" not in said
    assert "--token" not in said


def test_what_was_uploaded_is_downloaded(run, double, edited):
    assert run("upload", edited, "000001", "--instance", "double", "--yes", "--mode", "json")[0] == 0
    # By its name, the LINDI file beside it is taken; by its address, the file itself.
    names = {"dandi://double/000001/sub-1/a.nwb": "edited", double.download_url(double.asset): None}
    for source in names:
        status, out, _ = run("download", source, "-o", f"{len(source)}.lindi.tar")
        assert (status, out.startswith("Downloaded ")) == (0, True)
    double.drop_user(ALICE)
    for source, name in names.items():
        with lindi.LindiH5pyFile.from_lindi_file(f"{len(source)}.lindi.tar") as file:
            assert file.attrs.get("name") == name
            np.testing.assert_array_equal(file["data"][...], DATA)
