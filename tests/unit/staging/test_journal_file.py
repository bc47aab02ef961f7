"""Journals on disk when processes live side by side and are killed."""

from __future__ import annotations

import itertools
import json
import os
import random
import signal
import subprocess
import sys
import textwrap

import pytest

from lindi_explorer.errors import FormatError
from lindi_explorer.references.model import Node
from lindi_explorer.references.written import WrittenChunks
from lindi_explorer.staging.edits import AttributeEdit, AttributeRecord, NodeEdit, RemoveEdit
from lindi_explorer.staging.journal import Step
from lindi_explorer.staging.journal_file import JournalFile, read_journal
from lindi_explorer.staging.node_record import NodeRecord, TreeRecord

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


# ---------------------------------------------------------------- how it grows

ARRAY = {
    "chunks": [4000],
    "compressor": None,
    "dtype": "|u1",
    "fill_value": 0,
    "filters": None,
    "order": "C",
    "shape": [8000],
    "zarr_format": 2,
}


def attribute_step(number):
    return Step(f"Set {number}", (AttributeEdit("g", f"a{number}", None, AttributeRecord(value="x" * 50)),))


def array(*chunks):
    """The node of an array of two chunks."""
    return Node(
        array=ARRAY, chunks=WrittenChunks({}, (2,)).with_chunks({(n,): c for n, c in enumerate(chunks)})
    )


def data(number, length=4000):
    return random.Random(number).randbytes(length)


@pytest.fixture
def journal(tmp_path):
    file = JournalFile("https://ex.org/f.nwb", tmp_path)
    yield file
    file.close()


def test_a_step_is_appended_and_what_was_there_is_not_written_again(journal):
    steps = tuple(map(attribute_step, range(100)))
    journal.save(steps[:1])
    before = journal.path.stat()
    sizes = [before.st_size]
    for count in range(2, 101):
        journal.save(steps[:count])
        sizes.append(journal.path.stat().st_size)
    assert journal.path.stat().st_ino == before.st_ino, "a file that is replaced is another"
    grown = [after - before for before, after in itertools.pairwise(sizes)]
    assert max(grown) - min(grown) < 10
    assert read_journal(journal.path).steps == steps


def test_undone_steps_are_cut_off_and_others_come_in_their_place(journal):
    steps = tuple(map(attribute_step, range(6)))
    journal.save(steps[:5])
    journal.save(steps[:2])
    assert read_journal(journal.path).steps == steps[:2]
    journal.save((*steps[:2], steps[5]))
    assert read_journal(journal.path).steps == (*steps[:2], steps[5])
    journal.save((steps[5],))
    assert read_journal(journal.path).steps == (steps[5],)


def test_a_line_that_was_not_finished_is_not_there(journal):
    steps = tuple(map(attribute_step, range(3)))
    for count in (1, 2, 3):
        journal.save(steps[:count])
    text = journal.path.read_bytes()
    start = text.rindex(b"\n", 0, -1) + 1
    for end in range(start, len(text)):
        journal.path.write_bytes(text[:end])
        assert read_journal(journal.path).steps == steps[:2]


def test_a_line_that_is_damaged_is_not_taken_for_the_end(journal):
    journal.save(tuple(map(attribute_step, range(3))))
    lines = journal.path.read_bytes().splitlines(keepends=True)
    journal.path.write_bytes(b"".join([*lines[:2], b'{"step": 5}\n', lines[3]]))
    with pytest.raises(FormatError, match="cannot be read"):
        read_journal(journal.path)


def test_what_somebody_else_has_done_to_the_file_is_written_over(journal):
    steps = tuple(map(attribute_step, range(3)))
    journal.save(steps[:1])
    journal.path.unlink()
    journal.save(steps[:2])
    assert read_journal(journal.path).steps == steps[:2]
    with journal.path.open("ab") as file:
        file.write(b"rubbish")
    journal.save(steps)
    assert read_journal(journal.path).steps == steps


def test_long_chunks_stand_beside_the_text_each_once(journal, tmp_path):
    one, other = data(1), data(2)
    add = NodeEdit("d", None, NodeRecord(array(one, b"short" * 10)))
    write = NodeEdit("d", NodeRecord(array(one, b"short" * 10)), NodeRecord(array(one, other)))
    steps = (Step("Create d", (add,)), Step("Set d", (write, RemoveEdit("g", TreeRecord("a group", "x")))))
    journal.save(steps)
    assert journal.path.stat().st_size < 3000
    (chunks,) = tmp_path.glob("*.chunks")
    assert chunks.read_bytes() == one + other
    first, second = read_journal(journal.path).steps
    assert dict(first.edits[0].new.whole().chunks) == {(0,): one, (1,): b"short" * 10}
    assert set(second.edits[0].new.refs) == {"1"}, "only what differs"
    journal.save(())
    assert not chunks.exists()
    assert not journal.path.exists()


def test_steps_that_write_to_one_array_and_are_saved_together_are_one(journal):
    states = [array(data(number), data(9)) for number in range(6)]
    steps = tuple(
        Step(f"Set {number}", (NodeEdit("d", NodeRecord(before), NodeRecord(after)),))
        for number, (before, after) in enumerate(itertools.pairwise(states))
    )
    journal.save((attribute_step(0), *steps, attribute_step(1)))
    found = read_journal(journal.path).steps
    assert [step.words for step in found] == ["Set 0", "Set 4", "Set 1"]
    over = found[1].edits[0].new.over(states[0], found[1].edits[0].old, "d")
    assert dict(over.chunks) == dict(states[-1].chunks)
    # Some of those that became one are undone.
    journal.save((attribute_step(0), *steps[:3]))
    assert [step.words for step in read_journal(journal.path).steps] == ["Set 0", "Set 2"]


def test_a_full_disk_leaves_what_was_there_and_the_next_save_has_all(journal, monkeypatch):
    steps = tuple(map(attribute_step, range(3)))
    journal.save(steps[:1])

    def full(_handle):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("lindi_explorer.staging.journal_lines.os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        journal.save(steps[:2])
    assert read_journal(journal.path).steps == steps[:1]
    monkeypatch.undo()
    journal.save(steps)
    assert read_journal(journal.path).steps == steps
