"""Several threads read and edit one file: nothing is torn or lost, and nobody waits for ever."""

from __future__ import annotations

import subprocess
import sys
import textwrap
import threading

import h5py
import numpy as np
import pytest

from lindi_explorer import LindiH5pyFile


def source(file):
    file.create_dataset("same", data=np.zeros((64, 64), "i4"), chunks=(8, 8))
    file["rows"] = np.zeros(40, "i4")
    for number in range(5):
        file[f"g{number}/d"] = np.arange(number, number + 1500)


SCRIPT = textwrap.dedent(
    """
    import faulthandler, gc, random, sys, threading, time, traceback
    import h5py, numpy as np
    from h5py._objects import phil
    from lindi_explorer import LindiH5pyFile

    kind, source, target, rounds = *sys.argv[1:4], int(sys.argv[4])
    faulthandler.dump_traceback_later(30 + 10 * rounds, exit=True)
    gc.set_threshold(50)
    if kind in ("hdf5", "remote"):
        file = LindiH5pyFile.from_hdf5_file(source, mode="r+")
    else:
        file = LindiH5pyFile.from_lindi_file(f"{target}/f.{kind}", mode="w")
        file.create_dataset("same", (64, 64), "i4", chunks=(8, 8))
        file.create_dataset("rows", (40,), "i4")
    theirs = h5py.File(f"{target}/f.h5")
    problems, over = [], threading.Event()

    def worker(work):
        def guarded():
            try:
                work()
            except BaseException:
                problems.append(traceback.format_exc())
        return threading.Thread(target=guarded)

    def own(number):
        data = file.create_dataset(f"own/{number}", (rounds, 20), "i8", chunks=(3, 20), compression="gzip")
        for row in range(rounds):
            data[row] = np.arange(20) + 1000 * row + number
            assert (data[row] == np.arange(20) + 1000 * row + number).all()
            data.attrs["row"] = row

    def chunks(number):
        for turn in range(5 * rounds):
            top, left = 8 * random.randrange(8), 8 * random.randrange(8)
            file["same"][top : top + 8, left : left + 8] = 1000 * turn + number

    def rows(number):
        for turn in range(5 * rounds):
            file["rows"][10 * number : 10 * number + 10] = turn

    def structure(number):
        for turn in range(rounds):
            group = file.create_group(f"made/{number}/{turn}")
            group["text"] = [f"text {turn}"] * 3
            file.move(f"made/{number}/{turn}", f"made/{number}/moved {turn}")
            if turn % 2:
                del file[f"made/{number}/moved {turn}"]

    def read():
        while not over.is_set():
            found = file["same"][...].reshape(8, 8, 8, 8).transpose(0, 2, 1, 3).reshape(64, 64)
            assert (found == found[:, :1]).all()
            file["rows"][::3]
            file.visititems(lambda name, item: dict(item.attrs))

    def inside():
        # h5py holds its lock while it calls this.
        def see(name, item):
            file["same"][5, 5], file["rows"][3:5], file.get(name)
            file.attrs["seen"] = name
        while not over.is_set():
            theirs.visititems(see)
            with phil:
                file["rows"][39] = 7
            time.sleep(0.05)

    def save():
        while not over.is_set():
            file.flush()
            file.to_reference_file_system()
            file.journal.changes()
            time.sleep(0.05)

    writers = [worker(lambda one=one, number=number: one(number))
               for one in (own, chunks, rows, structure) for number in range(2)]
    others = [worker(one) for one in (read, inside, save)]
    for thread in writers + others:
        thread.start()
    for thread in writers:
        thread.join()
    over.set()
    for thread in others:
        thread.join()
    for number in range(2):
        rows = np.arange(rounds)[:, None] * 1000 + np.arange(20) + number
        assert (file[f"own/{number}"][...] == rows).all()
        assert list(file[f"made/{number}"]) == sorted(f"moved {turn}" for turn in range(0, rounds, 2))
        assert set(file["rows"][10 * number : 10 * number + 10]) == {5 * rounds - 1}
    steps = len(file.journal.steps)
    while file.journal.undo():
        pass
    while file.journal.redo():
        pass
    assert len(file.journal.steps) == steps
    assert (file["own/1"][...] == rows).all()
    print("\\n".join(problems) or "end")
    """
)


@pytest.mark.parametrize("kind", ["lindi.json", "lindi.d", "lindi.tar", "hdf5", "remote"])
def test_readers_and_writers_of_one_file(tmp_path, hdf5, serve, count, kind):
    path = hdf5(source)
    address = serve(tmp_path).url(path.name) if kind == "remote" else path
    rounds = count(3, 40)
    done = subprocess.run(
        [sys.executable, "-X", "faulthandler", "-c", SCRIPT, kind, address, tmp_path, str(rounds)],
        capture_output=True,
        text=True,
        timeout=90 + 10 * rounds,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "end\n"), done.stdout + done.stderr


def test_undo_while_others_write(opened):
    """What a writer has looked at is still there when it makes a step of it."""
    file = opened(LindiH5pyFile.from_reference_file_system(None, mode="r+"))
    file.create_dataset("x", data=np.zeros(100, "i4"), chunks=(10,))
    problems, over = [], threading.Event()

    def write(number):
        try:
            for turn in range(60):
                file["x"][number * 5 : number * 5 + 5] = turn
                file.attrs[f"a{number}"] = turn
        except Exception as error:  # noqa: BLE001 - it belongs to the test
            problems.append(error)

    def back_and_forth():
        while not over.is_set():
            if len(file.journal.steps) > 1 and file.journal.undo():
                file.journal.redo()

    writers = [threading.Thread(target=write, args=(number,)) for number in range(3)]
    undoing = threading.Thread(target=back_and_forth)
    for thread in (*writers, undoing):
        thread.start()
    for thread in writers:
        thread.join(60)
    over.set()
    undoing.join(60)
    assert problems == []
    while file.journal.undo():
        pass
    assert list(file) == []


def test_a_document_that_is_made_while_others_write_is_of_one_moment(opened):
    file = opened(LindiH5pyFile.from_reference_file_system(None, mode="r+"))
    over = threading.Event()

    def work():
        while not over.is_set():
            file.create_group("g")["x"] = 1
            del file["g"]

    writer = threading.Thread(target=work)
    writer.start()
    try:
        for _ in range(60):
            document = file.to_reference_file_system()
            flat = file.journal.flatten()
            with LindiH5pyFile.from_reference_file_system(document) as again:
                assert "g" not in again or set(again["g"]) <= {"x"}
            assert not flat.has("g/x") or flat.has("g")
    finally:
        over.set()
        writer.join(60)


def test_watchers_are_told_when_others_may_edit_again(opened):
    """What they wait for may itself wait for an edit."""
    file = opened(LindiH5pyFile.from_reference_file_system(None, mode="r+"))
    edited = []

    def told():
        if not edited:
            edited.append("begun")
            other = threading.Thread(target=lambda: file.attrs.__setitem__("b", 2))
            other.start()
            other.join(30)
            edited.append(not other.is_alive())

    file.journal.watch(told)
    file.attrs["a"] = 1
    assert edited == ["begun", True]
    assert dict(file.attrs) == {"a": 1, "b": 2}


def test_edits_inside_of_callbacks_of_h5py(hdf5, opened):
    theirs = opened(h5py.File(hdf5(source)))
    ours = opened(LindiH5pyFile.from_reference_file_system(None, mode="r+"))

    def copy(name, item):
        if isinstance(item, h5py.Dataset):
            ours.create_dataset(name, data=item[...])

    others = [
        threading.Thread(target=lambda n=n: ours.create_group(f"o{n}").attrs.update(n=n)) for n in range(20)
    ]
    for thread in others:
        thread.start()
    theirs.visititems(copy)
    for thread in others:
        thread.join(30)
        assert not thread.is_alive()
    assert ours["g4/d"][10] == 14
    assert len(ours) == len(theirs) + 20
