"""Journals on disk when processes live side by side and are killed."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import textwrap

import pytest

from lindi_explorer.staging.edits import AttributeEdit, AttributeRecord
from lindi_explorer.staging.journal import Step
from lindi_explorer.staging.journal_file import JournalFile, read_journal

pytestmark = pytest.mark.skipif(os.name == "nt", reason="there is no SIGKILL")

EXPLORER = textwrap.dedent(
    """
    import sys
    from pathlib import Path
    from lindi_explorer.staging.edits import AttributeEdit, AttributeRecord
    from lindi_explorer.staging.journal import Step
    from lindi_explorer.staging.journal_file import JournalFile

    file = JournalFile("https://ex.org/f.nwb", Path(sys.argv[1]))
    print(file.path.name, flush=True)
    steps = ()
    for line in sys.stdin:
        value = "x" * 50_000 if line == "large\\n" else line.strip()
        steps += (Step("Set", (AttributeEdit("g", "a", None, AttributeRecord(value=value)),)),)
        file.save(steps)
        print(len(steps), flush=True)
    """
)


@pytest.fixture
def explorer(tmp_path):
    """Start an explorer in a process of its own: ``explorer()`` gives the process and its slot."""
    running = []

    def start():
        process = subprocess.Popen(
            [sys.executable, "-c", EXPLORER, str(tmp_path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        running.append(process)
        return process, process.stdout.readline().strip()

    yield start
    for process in running:
        with process:
            process.kill()


def save(process, value):
    """Have the explorer save one more step; returns when it says that it has."""
    process.stdin.write(f"{value}\n")
    process.stdin.flush()
    return int(process.stdout.readline())


def kill(process):
    process.send_signal(signal.SIGKILL)
    process.wait()


def values(document):
    return [step.edits[0].new.value for step in document.steps]


def test_two_live_explorers_have_two_slots_and_do_not_see_each_other(explorer, tmp_path):
    (one, first), (other, second) = explorer(), explorer()
    assert first != second
    save(one, "a")
    save(other, "b")
    third = JournalFile("https://ex.org/f.nwb", tmp_path)
    assert third.pending() is None
    assert third.path.name not in (first, second)
    third.close()


def test_what_was_saved_survives_a_kill(explorer, tmp_path):
    process, _ = explorer()
    assert [save(process, value) for value in ("a", "b", "c")] == [1, 2, 3]
    kill(process)
    file = JournalFile("https://ex.org/f.nwb", tmp_path)
    assert values(file.pending()) == ["a", "b", "c"]
    file.close()


def test_a_kill_at_any_moment_leaves_a_journal_that_can_be_read(explorer, tmp_path, count):
    chance = random.Random(0)
    for _ in range(count(4, 100)):
        process, slot = explorer()
        assert save(process, "first") == 1
        for _ in range(200):
            process.stdin.write("large\n")
        process.stdin.flush()
        said = 1
        for _ in range(chance.randrange(20)):
            said = int(process.stdout.readline())
        kill(process)
        document = read_journal(tmp_path / slot)
        assert document.source == "https://ex.org/f.nwb"
        assert len(document.steps) >= said
        assert values(document)[0] == "first"
        (tmp_path / slot).unlink()
    assert not [path for path in tmp_path.iterdir() if path.suffix == ".jsonl"]


def test_the_file_says_what_it_is_and_holds_no_more_than_it_should(tmp_path):
    file = JournalFile("https://ex.org/f.nwb", tmp_path / "journals")
    step = Step("Set a", (AttributeEdit("g", "a", AttributeRecord(value=1), AttributeRecord(value=1.0)),))
    file.save((step,))
    head, line = file.path.read_text().splitlines()
    assert json.loads(head) == {"version": 2, "source": "https://ex.org/f.nwb"}
    assert set(json.loads(line)) == {"saved_at", "step"}
    assert read_journal(file.path).steps == (step,)
    assert (tmp_path / "journals").stat().st_mode & 0o077 == 0, "nobody else looks at a person's edits"
    assert "f.nwb" not in file.path.name
    file.close()


def test_where_journals_are_kept(tmp_path, monkeypatch):
    monkeypatch.setenv("LINDI_EXPLORER_JOURNAL_DIR", str(tmp_path / "named"))
    file = JournalFile("x")
    assert file.path.parent == tmp_path / "named"
    file.close()
    monkeypatch.delenv("LINDI_EXPLORER_JOURNAL_DIR")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    if sys.platform == "linux":
        file = JournalFile("x")
        assert file.path.is_relative_to(tmp_path / "data")
        file.close()
