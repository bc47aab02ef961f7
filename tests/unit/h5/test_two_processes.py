"""Two processes and one LINDI file: one writes, all may read, and one that is killed leaves no lock."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import textwrap

import pytest

from lindi_explorer import LindiH5pyFile
from lindi_explorer.errors import FileInUseError

KINDS = ["lindi.json", "lindi.d", "lindi.tar"]

WRITER = textwrap.dedent(
    """
    import sys
    import numpy as np
    from lindi_explorer import LindiH5pyFile
    file = LindiH5pyFile.from_lindi_file(sys.argv[1], mode="r+")
    file.attrs["unsaved"] = 1
    print("open", flush=True)
    sys.stdin.readline()
    """
)


@pytest.fixture(params=KINDS)
def path(request, tmp_path):
    path = tmp_path / f"f.{request.param}"
    with LindiH5pyFile.from_lindi_file(path, mode="w") as file:
        file["x"] = list(range(2000))
    return path


@pytest.fixture
def writer(path):
    """Another process that has the file open for writing."""
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout.readline() == "open\n"
        yield process
        process.kill()


def left_over(path):
    return [one.name for one in path.parent.iterdir() if one != path and "lindi-lock" not in one.name]


def test_the_second_writer_is_told_at_once_and_readers_are_not_kept_out(path, writer):
    for mode in ("r+", "a", "w"):
        with pytest.raises(FileInUseError, match="open for writing elsewhere"):
            LindiH5pyFile.from_lindi_file(path, mode=mode)
    with LindiH5pyFile.from_lindi_file(path) as file:
        assert file["x"][1999] == 1999
        assert "unsaved" not in file.attrs
    writer.communicate("close\n", timeout=30)
    # The other process has ended without closing, or saving, the file.
    with LindiH5pyFile.from_lindi_file(path, mode="r+") as file:
        assert file["x"][1999] == 1999


@pytest.mark.skipif(os.name == "nt", reason="there is no SIGKILL")
def test_a_killed_writer_leaves_no_lock(path, writer):
    writer.send_signal(signal.SIGKILL)
    writer.wait(30)
    with LindiH5pyFile.from_lindi_file(path, mode="r+") as file:
        file.attrs["mine"] = 2
    with LindiH5pyFile.from_lindi_file(path) as file:
        assert dict(file.attrs) == {"mine": 2}
    assert left_over(path) == []


def test_two_files_of_one_process(path):
    with LindiH5pyFile.from_lindi_file(path, mode="r+"):
        with pytest.raises(FileInUseError):
            LindiH5pyFile.from_lindi_file(path, mode="a")
        with LindiH5pyFile.from_lindi_file(path) as reading:
            assert reading["x"][3] == 3
    LindiH5pyFile.from_lindi_file(path, mode="a").close()


SAVER = textwrap.dedent(
    """
    import sys
    import numpy as np
    from lindi_explorer import LindiH5pyFile
    file = LindiH5pyFile.from_lindi_file(sys.argv[1], mode="r+")
    print("open", flush=True)
    number = int(file.attrs.get("number", 0))
    while True:
        number += 1
        if "data" in file:
            del file["data"]
        file.create_dataset("data", data=np.full((40, 500), number, "i4"), chunks=(10, 500))
        file["data"][3:5] = number
        file.attrs["number"] = number
        file.flush()
        print("saved", flush=True)
    """
)


@pytest.mark.skipif(os.name == "nt", reason="there is no SIGKILL")
def test_killed_while_it_saves(path, count):
    chance = random.Random(0)
    last = 0
    for turn in range(count(4, 200)):
        with subprocess.Popen(
            [sys.executable, "-c", SAVER, path], stdout=subprocess.PIPE, text=True
        ) as saver:
            assert saver.stdout.readline() == "open\n"
            if turn % 2:  # in its first save, or in a later one
                assert saver.stdout.readline() == "saved\n"
            try:
                saver.wait(chance.uniform(0.01, 0.15))  # not for timing: to kill it wherever it happens to be
            except subprocess.TimeoutExpired:
                saver.send_signal(signal.SIGKILL)
        with LindiH5pyFile.from_lindi_file(path) as file:
            number = int(file.attrs.get("number", 0))
            assert number >= last
            assert ("data" in file) == (number > 0)
            assert not number or set(file["data"][...].reshape(-1).tolist()) == {number}
            assert file["x"][1999] == 1999
        last = number
    assert last > 0
