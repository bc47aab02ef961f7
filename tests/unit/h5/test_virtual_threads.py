"""Sources of virtual datasets are read from several threads and processes, and replaced meanwhile."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
import threading

import h5py
import numpy as np
import pytest

import lindi_explorer.h5.opening.open
from lindi_explorer import LindiH5pyFile
from lindi_explorer.h5.virtual.data import VirtualData

SLOW = """
    import os, sys, threading
    import h5py, numpy as np
    import lindi_explorer.h5.opening.open as opening
    from lindi_explorer import LindiH5pyFile

    os.chdir(sys.argv[1])
    for number in range(2):
        with h5py.File(f"{number}.h5", "w") as file:
            file["data"] = np.arange(4) + number
    file = LindiH5pyFile.from_lindi_file("v.lindi.json", mode="w")
    for number in range(2):
        layout = h5py.VirtualLayout((4,), "i8")
        layout[:] = h5py.VirtualSource(f"{number}.h5", "data", shape=(4,))
        file.create_virtual_dataset(str(number), layout, fillvalue=-1)

    begun, go_on, real = threading.Event(), threading.Event(), opening.open_linked

    def slowly(reader, address):
        if not begun.is_set():
            begun.set()
            go_on.wait(60)
        return real(reader, address)

    opening.open_linked = slowly
    read = []
    slow = threading.Thread(target=lambda: read.append(file["0"][...].tolist()), daemon=True)
"""
"""A file whose first reader of a source waits for ``go_on`` while it opens that."""


def runs(script, folder):
    """Whether a script ends well; in a process of its own, for what fails here would wait for ever."""
    code = textwrap.dedent(SLOW) + textwrap.dedent(script)
    command = [sys.executable, "-W", "ignore", "-c", code, str(folder)]
    try:
        return subprocess.run(command, check=False, timeout=60).returncode == 0
    except subprocess.TimeoutExpired:
        return False


def test_callbacks_of_h5py_read_while_others_do(tmp_path):
    script = """
    slow.start()
    assert begun.wait(60)

    def callback(name, found):
        go_on.set()  # the other now waits for h5py's lock, which this has
        read.append(file["0"][...].tolist())

    with h5py.File("1.h5") as other:
        other.visititems(callback)
    slow.join()
    os._exit(int(read != [[0, 1, 2, 3]] * 2))
    """
    assert runs(script, tmp_path)


def test_others_read_while_a_source_is_slow_to_open(tmp_path):
    script = """
    slow.start()
    assert begun.wait(60)
    fast = file["1"][...].tolist()
    go_on.set()
    slow.join()
    os._exit(int([fast, *read] != [[1, 2, 3, 4], [0, 1, 2, 3]]))
    """
    assert runs(script, tmp_path)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork on this system")
def test_a_child_that_is_forked_during_a_read_reads(tmp_path):
    script = """
    slow.start()
    assert begun.wait(60)
    child = os.fork()
    if child == 0:
        os._exit(int(file["0"][...].tolist() != [0, 1, 2, 3]))
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    go_on.set()
    slow.join()
    os._exit(code)
    """
    assert runs(script, tmp_path)


# ---------------------------------------------------------------- replaced during a read


def write(path, value):
    with h5py.File(path.with_suffix(".new"), "w") as file:
        file.create_dataset("data", data=np.full(4, value), chunks=(2,), compression="gzip")
    path.with_suffix(".new").replace(path)


@pytest.fixture
def virtual(tmp_path, opened):
    write(tmp_path / "s.h5", 1)
    made = h5py.VirtualLayout((4,), "i8")
    made[:] = h5py.VirtualSource("s.h5", "data", shape=(4,))
    file = opened(LindiH5pyFile.from_lindi_file(tmp_path / "v.lindi.json", mode="w"))
    return file.create_virtual_dataset("v", made, fillvalue=-1)


def read_meanwhile(monkeypatch, virtual, meanwhile):
    """What a reader gets that has opened its source when something happens."""
    real, added, there, go_on = VirtualData._add, [], threading.Event(), threading.Event()

    def slowly(self, *arguments):
        if not there.is_set():
            there.set()
            assert go_on.wait(60)
        added.append(arguments)
        real(self, *arguments)

    monkeypatch.setattr(VirtualData, "_add", slowly)
    read = []

    def reader():
        try:
            read.append(virtual[...].tolist())
        except Exception as error:  # noqa: BLE001 - the test shows it
            read.append(error)

    thread = threading.Thread(target=reader)
    thread.start()
    assert there.wait(60)
    meanwhile()
    go_on.set()
    thread.join()
    return read[0]


def test_a_source_that_is_replaced_is_read_to_its_end_by_who_has_opened_it(virtual, tmp_path, monkeypatch):
    seen = []

    def replace():
        write(tmp_path / "s.h5", 2)
        seen.append(virtual[...].tolist())

    assert read_meanwhile(monkeypatch, virtual, replace) in ([1] * 4, [2] * 4)
    assert seen == [[2] * 4]
    with h5py.File(tmp_path / "s.h5", "r+") as source:  # nobody has either of them open any more
        source["data"][...] = 3
    assert virtual[...].tolist() == [3] * 4


def test_who_opens_a_source_second_reads_what_the_first_opened(virtual, tmp_path, monkeypatch):
    real, opened_now, together = lindi_explorer.h5.opening.open.open_linked, [], threading.Barrier(2)

    def at_once(reader, address):
        together.wait(60)
        opened_now.append(real(reader, address))
        return opened_now[-1]

    monkeypatch.setattr(lindi_explorer.h5.opening.open, "open_linked", at_once)
    read = []
    threads = [threading.Thread(target=lambda: read.append(virtual[...].tolist())) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert read == [[1] * 4] * 2
    assert [repr(file) for file in opened_now] == ["<Closed HDF5 file>"] * 2
    with h5py.File(tmp_path / "s.h5", "r+") as source:
        assert source["data"][0] == 1
