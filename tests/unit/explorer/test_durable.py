"""What a person has typed survives a killed kernel, and is offered again."""

from __future__ import annotations

import gc
import signal
import subprocess
import sys
import time

import h5py
import numpy as np
import pytest

from lindi_explorer.errors import ConflictError, LindiError, NodeNotFoundError
from lindi_explorer.explorer import protocol as p
from lindi_explorer.explorer.session import ExplorerSession
from lindi_explorer.h5 import LindiH5pyFile, open_any
from lindi_explorer.references import codec
from lindi_explorer.staging.area import StagingArea
from lindi_explorer.staging.journal import EditJournal
from lindi_explorer.staging.journal_file import read_journal

DATA = "/acquisition/raw/data"

CHILD = """
import os, sys
from pathlib import Path
from lindi_explorer.explorer import protocol as p
from lindi_explorer.explorer.session import ExplorerSession
session = ExplorerSession.open(sys.argv[1], journal_folder=Path(sys.argv[2]))
number = 0
while True:
    number += 1
    request = p.SetAttribute(id="1", path="/acquisition/raw/data", name=f"note{number}", text=str(number))
    session.handle(request)
    print(number, flush=True)
"""


def test_a_killed_kernel_loses_nothing_that_was_answered(explore, sample_nwb, journals, count):
    for _ in range(count(2, 50)):
        child = subprocess.Popen(
            [sys.executable, "-c", CHILD, str(sample_nwb), str(journals)], stdout=subprocess.PIPE, text=True
        )
        answered = 0
        while answered < 5:
            answered = int(child.stdout.readline())
        child.send_signal(signal.SIGKILL)
        rest = child.stdout.read().split()
        child.stdout.close()
        child.wait()
        answered = max([answered, *map(int, rest)])
        asked = explore(sample_nwb)
        pending = asked.open().pending
        # The last edit may be on disk although its answer never left the child.
        assert pending.changes in (answered, answered + 1)
        resumed = asked.ask(p.ResumeJournal)
        assert resumed.words == f"Resumed {pending.changes} changes"
        assert resumed.touched == [DATA]
        assert resumed.pending is None
        assert asked.file[DATA].attrs[f"note{answered}"] == str(answered)
        asked.ask(p.Revert, changes=[])
        asked.ask(p.Export, filename=str(journals / "out.lindi.json"), replace=True, local_paths=True)
        asked.session.close()


@pytest.fixture
def left_behind(explore, sample_nwb):
    """Two changes that an explorer has left behind."""
    first = explore(sample_nwb)
    first.set(DATA, "unit", "mV")
    first.ask(p.SetValue, path="/general/subject/age", text="P91D")
    first.session.close()


def test_what_was_left_behind_is_offered_and_resumed(left_behind, explore, sample_nwb):
    asked = explore(sample_nwb)
    opened = asked.open()
    assert opened.pending.changes == 2
    assert opened.pending.saved_at[-6] in "+-"
    assert opened.status.changes == 0
    resumed = asked.ask(p.ResumeJournal)
    assert (resumed.pending, resumed.status.changes) == (None, 2)
    assert resumed.status.undo == "Set value of age"
    assert asked.file[DATA].attrs["unit"] == "mV"
    assert asked.ask(p.Undo).status.changes == 1
    assert asked.open().pending is None
    with pytest.raises(NodeNotFoundError, match="no journal to resume"):
        asked.ask(p.ResumeJournal)


def test_what_was_resumed_is_durable_again(left_behind, explore, sample_nwb):
    asked = explore(sample_nwb)
    asked.ask(p.ResumeJournal)
    asked.session.close()
    assert explore(sample_nwb).open().pending.changes == 2


def test_what_was_left_behind_can_be_discarded(left_behind, explore, sample_nwb):
    asked = explore(sample_nwb)
    discarded = asked.ask(p.DiscardJournal)
    assert discarded.words == "Discarded 2 changes of an earlier explorer"
    assert (discarded.pending, discarded.status.changes) == (None, 0)
    assert asked.ask(p.DiscardJournal).words == "There is no journal to discard"
    asked.session.close()
    assert explore(sample_nwb).open().pending is None


def test_an_edit_before_deciding_starts_a_new_journal_and_the_old_one_stays(left_behind, explore, sample_nwb):
    asked = explore(sample_nwb)
    edited = asked.set(DATA, "note", "new")
    assert edited.pending.changes == 2
    resumed = asked.ask(p.ResumeJournal)
    assert resumed.status.changes == 3
    asked.session.close()
    assert explore(sample_nwb).open().pending.changes == 3


def test_a_journal_that_no_longer_fits_is_refused_whole_and_kept(explore, tmp_path):
    path = tmp_path / "x.h5"
    with h5py.File(path, "w") as file:
        file.create_group("subject").attrs.update({"age": "ten days", "sex": "male"})
    asked = explore(path)
    asked.set("/subject", "sex", "M")
    asked.set("/subject", "age", "P10D")
    asked.session.close()
    with h5py.File(path, "r+") as file:
        file["subject"].attrs["age"] = "P11D"
    asked = explore(path)
    with pytest.raises(ConflictError) as caught:
        asked.ask(p.ResumeJournal)
    for part in ("subject", "age", "ten days", "P11D"):
        assert part in caught.value.message
    assert asked.status().changes == 0
    assert asked.status().redo == ""
    assert asked.open().pending.changes == 2
    asked.session.close()
    assert explore(path).open().pending.changes == 2


def test_exporting_or_undoing_everything_leaves_nothing_to_resume(explore, sample_nwb, tmp_path):
    asked = explore(sample_nwb)
    asked.set(DATA, "unit", "mV")
    asked.ask(p.Export, filename=str(tmp_path / "x.lindi.json"), local_paths=True)
    asked.session.close()
    asked = explore(sample_nwb)
    assert asked.open().pending is None
    asked.set(DATA, "unit", "mV")
    asked.ask(p.Undo)
    asked.session.close()
    assert explore(sample_nwb).open().pending is None


def test_an_edit_after_an_export_is_kept_with_what_was_before(explore, sample_nwb, tmp_path):
    asked = explore(sample_nwb)
    asked.set(DATA, "unit", "mV")
    asked.ask(p.Export, filename=str(tmp_path / "x.lindi.json"), local_paths=True)
    asked.set(DATA, "note", "later")
    asked.session.close()
    assert explore(sample_nwb).open().pending.changes == 2


def test_a_live_explorer_keeps_its_journal_to_itself(explore, sample_nwb):
    first, second = explore(sample_nwb), explore(sample_nwb)
    first.set(DATA, "unit", "mV")
    assert explore(sample_nwb).open().pending is None
    second.set(DATA, "unit", "uV")
    first.session.close()
    second.session.close()
    assert explore(sample_nwb).open().pending.changes == 1


def test_what_exists_in_memory_only_has_no_journal_on_disk(explore, journals):
    asked = explore({"refs": {".zgroup": {"zarr_format": 2}}})
    asked.set("/", "note", "x")
    assert not journals.exists()


def test_a_full_disk_is_told_and_the_change_stays(sample, monkeypatch):
    told = []
    sample.session.subscribe(told.append)

    def full(*_args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("lindi_explorer.staging.journal_lines.write_atomically", full)
    with pytest.raises(
        LindiError, match="the change is made, but the journal could not be written"
    ) as caught:
        sample.set(DATA, "unit", "mV")
    assert "No space left" in caught.value.message
    assert sample.file[DATA].attrs["unit"] == "mV"
    assert [message.status.changes for message in told] == [1]
    monkeypatch.undo()
    assert sample.set(DATA, "note", "x").status.changes == 2


def test_a_journal_folder_that_cannot_be_made_does_not_keep_a_file_from_opening(
    explore, sample_nwb, journals
):
    journals.write_text("a file where the folder should be")
    asked = explore(sample_nwb)
    assert asked.open().pending is None
    with pytest.raises(LindiError, match="the change is made"):
        asked.set(DATA, "unit", "mV")


def test_explorers_of_the_same_open_file_share_one_journal(sample_nwb, explore, journals):
    file = open_any(sample_nwb)
    first, second = explore(file), explore(file)
    heard = []
    second.session.subscribe(heard.append)
    first.set(DATA, "unit", "mV")
    assert [message.words for message in heard] == ["Set unit of data"]
    assert second.status().changes == 1
    assert len(list(journals.glob("*.jsonl"))) == 1
    first.session.close()
    second.set(DATA, "note", "x")
    second.session.close()
    file.close()
    assert explore(sample_nwb).open().pending.changes == 2


def test_an_explorer_that_is_dropped_without_closing_leaves_its_journal_behind(sample_nwb, explore, journals):
    dropped = ExplorerSession.open(sample_nwb, journal_folder=journals)
    dropped.file[DATA].attrs["unit"] = "mV"
    del dropped
    gc.collect()
    assert explore(sample_nwb).open().pending.changes == 1


STRUCTURE = """
import sys
from pathlib import Path
import h5py
import numpy as np
from lindi_explorer.explorer import protocol as p
from lindi_explorer.explorer.session import ExplorerSession
session = ExplorerSession.open(sys.argv[1], journal_folder=Path(sys.argv[2]))
file = session.file
random = np.random.default_rng(0)
file.create_dataset("new/data", data=random.random((40, 1000)), chunks=(4, 1000), compression="gzip")
for number in range(40):
    file["new/data"][number, :10] = number
file["new/name"] = "x"
file["new/link"] = h5py.SoftLink("/units")
file["acquisition/raw/data"][3] = 7
file.move("general/subject", "general/animal")
del file["intervals"]
session.handle(p.SetAttribute(id="1", path="/new/data", name="unit", text="V"))
print("done", flush=True)
sys.stdin.read()
"""


def test_objects_and_data_that_code_has_made_survive_a_killed_kernel(explore, sample_nwb, journals):
    with open_any(sample_nwb) as untouched:
        raw = untouched["acquisition/raw/data"][:]
    with subprocess.Popen(
        [sys.executable, "-c", STRUCTURE, str(sample_nwb), str(journals)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as child:
        assert child.stdout.readline() == "done\n"
        child.send_signal(signal.SIGKILL)
    asked = explore(sample_nwb)
    assert asked.open().pending.changes < 15, "rows that are written in a loop are one change"
    asked.ask(p.ResumeJournal)
    file = asked.file
    expected = np.random.default_rng(0).random((40, 1000))
    expected[:, :10] = np.arange(40)[:, np.newaxis]
    np.testing.assert_array_equal(file["new/data"][:], expected)
    raw[3] = 7
    np.testing.assert_array_equal(file["acquisition/raw/data"][:], raw)
    assert (file["new/name"][()], file["new/data"].attrs["unit"]) == (b"x", "V")
    assert file["new/link"] == file["units"]
    assert "subject" not in file["general"]
    assert file["general/animal/age"][()] == b"P90D"
    assert "intervals" not in file
    while asked.ask(p.Undo).status.undo:
        pass
    assert "new" not in file
    assert "intervals" in file
    asked.session.close()
    assert not list(journals.glob("*.chunks")), "they go with the journal"


def test_data_that_code_writes_in_a_loop_is_on_disk_a_moment_later(explore, sample_nwb, journals):
    asked = explore(sample_nwb)
    new = asked.file.create_dataset("new", shape=(200, 500), dtype="f8", chunks=(50, 500))
    for number in range(200):
        new[number] = number
    (path,) = journals.glob("*.jsonl")
    deadline = time.monotonic() + 60
    while len(read_journal(path).steps) < 2 or _last_row(path) != 199:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert len(read_journal(path).steps) < 100


def _last_row(path):
    journal = EditJournal(codec.decode({"refs": {".zgroup": {"zarr_format": 2}}}))
    for step in read_journal(path).steps:
        journal.apply(step.words, step.edits)
    store = LindiH5pyFile.from_reference_file_system(codec.encode(journal))
    return store["new"][199, 0]


def test_what_code_has_written_last_is_saved_by_closing(explore, sample_nwb):
    asked = explore(sample_nwb)
    new = asked.file.create_dataset("new", data=np.zeros(5000), chunks=(1000,))
    for number in range(50):
        new[number] = number
    asked.session.close()
    again = explore(sample_nwb)
    again.ask(p.ResumeJournal)
    np.testing.assert_array_equal(again.file["new"][:50], np.arange(50))


def test_chunks_in_a_staging_area_that_has_gone_are_in_the_journal(explore, sample_nwb, tmp_path):
    values = np.random.default_rng(0).random((4, 1000))
    with StagingArea.create(base_dir=tmp_path / "area") as area:
        file = LindiH5pyFile.from_hdf5_file(str(sample_nwb), mode="r+", staging_area=area)
        asked = explore(file)
        file.create_dataset("new", data=values, chunks=(1, 1000))
        asked.session.close()
        file.close()
    assert not (tmp_path / "area").exists() or not list((tmp_path / "area").iterdir())
    again = explore(sample_nwb)
    again.ask(p.ResumeJournal)
    np.testing.assert_array_equal(again.file["new"][:], values)


def test_a_journal_whose_chunks_are_gone_is_not_offered(explore, sample_nwb, journals):
    asked = explore(sample_nwb)
    asked.file.create_dataset("new", data=np.random.default_rng(0).random(1000), chunks=(1000,))
    asked.session.close()
    (chunks,) = journals.glob("*.chunks")
    chunks.unlink()
    assert explore(sample_nwb).open().pending is None
    assert list(journals.glob("*.jsonl")), "it is left as it is"


def test_exporting_removes_the_chunks_of_the_journal_too(explore, sample_nwb, journals, tmp_path):
    asked = explore(sample_nwb)
    asked.file.create_dataset("new", data=np.random.default_rng(0).random(1000), chunks=(1000,))
    assert list(journals.glob("*.chunks"))
    asked.ask(p.Export, filename=str(tmp_path / "x.lindi.json"), local_paths=True)
    assert not list(journals.glob("*.chunks"))
    asked.file.create_dataset("new2", data=np.random.default_rng(1).random(1000), chunks=(1000,))
    asked.session.close()
    assert explore(sample_nwb).open().pending.changes == 2
