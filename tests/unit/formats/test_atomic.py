from __future__ import annotations

import os
import random
import signal
import stat
import subprocess
import sys

import pytest

from lindi_explorer.formats import atomic
from lindi_explorer.formats.atomic import write_atomically

OLD, NEW = b"old " * 200_000, b"new " * 300_000


def test_a_file_is_written_and_replaced(tmp_path):
    path = tmp_path / "f.json"
    for data in (b"first", b"", b"second"):
        write_atomically(path, data)
        assert path.read_bytes() == data
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(os.name == "nt", reason="permissions of POSIX")
def test_permissions_are_kept_and_otherwise_those_of_open(tmp_path):
    path, other = tmp_path / "f", tmp_path / "g"
    path.write_bytes(b"")
    path.chmod(0o640)
    write_atomically(path, b"x")
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    other.write_bytes(b"")
    new = tmp_path / "h"
    write_atomically(new, b"x")
    assert new.stat().st_mode == other.stat().st_mode


def test_a_symbolic_link_stays_and_what_it_leads_to_is_replaced(tmp_path):
    (tmp_path / "elsewhere").mkdir()
    target, link = tmp_path / "elsewhere" / "f", tmp_path / "link"
    target.write_bytes(b"old")
    link.symlink_to(target)
    write_atomically(link, b"new")
    assert link.is_symlink()
    assert target.read_bytes() == b"new"


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_failure_leaves_the_old_file_and_no_rubbish(tmp_path, monkeypatch, step):
    path = tmp_path / "f"
    path.write_bytes(OLD)

    def fail(*_args):
        raise OSError(28, "No space left on device")

    owner = os if step == "fsync" else atomic.Path
    monkeypatch.setattr(owner, step, fail)
    with pytest.raises(OSError, match="No space left"):
        write_atomically(path, NEW)
    assert path.read_bytes() == OLD
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_that_is_not_there(tmp_path):
    with pytest.raises(FileNotFoundError):
        write_atomically(tmp_path / "no" / "f", b"x")


WRITER = """
import sys
from pathlib import Path
from lindi_explorer.formats.atomic import write_atomically
path, old, new = Path(sys.argv[1]), b"old " * 200_000, b"new " * 300_000
print("ready", flush=True)
while True:
    write_atomically(path, new)
    write_atomically(path, old)
"""


@pytest.mark.skipif(os.name == "nt", reason="there is no SIGKILL")
def test_a_kill_at_any_moment_leaves_the_old_or_the_new_file(tmp_path, count):
    path = tmp_path / "f"
    path.write_bytes(OLD)
    chance = random.Random(0)
    for _ in range(count(4, 200)):
        writer = subprocess.Popen([sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE)
        with writer:
            assert writer.stdout.readline()
            try:
                writer.wait(chance.uniform(0, 0.03))  # not for timing: to kill it wherever it happens to be
            except subprocess.TimeoutExpired:
                writer.send_signal(signal.SIGKILL)
        assert path.read_bytes() in (OLD, NEW)
