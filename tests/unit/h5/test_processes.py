"""Threads, garbage collection, locks of h5py, interpreter exit, child processes."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import subprocess
import sys
import textwrap
import threading

import h5py
import numpy as np
import pytest

from lindi_explorer import LindiH5pyFile
from lindi_explorer.h5 import open_any


def many_kinds(file):
    file["few"] = np.arange(5)
    file["many"] = np.arange(20_000)
    file.create_dataset(
        "chunked", data=np.arange(60_000).reshape(200, 300), chunks=(32, 32), compression="gzip"
    )
    file.create_dataset("linked", data=np.arange(5000), chunks=(500,), compression="lzf")
    file["text"] = [f"text {number}" for number in range(50)]
    file["refs"] = np.array([file.ref] * 3, dtype=h5py.ref_dtype)
    for number in range(20):
        file[f"g{number}/d"] = np.arange(number, number + 1500)
        file[f"g{number}"].attrs["number"] = number


@pytest.fixture
def path(hdf5):
    return hdf5(many_kinds)


def run(script, *args, timeout=60):
    """Run a script in a fresh interpreter; gives its exit code and what it printed."""
    done = subprocess.run(
        [sys.executable, "-X", "faulthandler", "-c", textwrap.dedent(script), *map(str, args)],
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


@pytest.fixture
def sources(path, serve):
    """The same file thrice: on this computer, on a server, and as a document."""
    document = path.with_suffix(".lindi.json")
    with LindiH5pyFile.from_hdf5_file(path) as file:
        file.write_lindi_file(document)
    return [path, serve(path.parent).url(path.name), document]


READ_EVERYTHING = """
    import sys, h5py
    from lindi_explorer.h5 import open_any
    kept = []
    def read(group):
        for item in group.values():
            kept.append(item)
            if isinstance(item, h5py.Dataset):
                kept.append(item[()])
            else:
                read(item)
    files = [open_any(source) for source in sys.argv[1:]]
    for file in files:
        read(file)
"""


# ---------------------------------------------------------------- exit


def test_a_script_that_leaves_everything_open_ends_well(sources):
    """An h5py.File over a Python object that is open at exit crashes Python unless it is taken care of."""
    code, output = run(READ_EVERYTHING + "\n    print('end')", *sources)
    assert (code, output.splitlines()) == (0, ["end"])


def test_a_script_that_ends_in_an_error_with_files_open(sources):
    code, output = run(READ_EVERYTHING + "\n    1 / 0", *sources)
    assert code == 1
    assert output.rstrip().endswith("ZeroDivisionError: division by zero")
    assert "Fatal" not in output


def test_exit_while_threads_read(sources):
    script = (
        READ_EVERYTHING
        + """
    import threading
    def work():
        while True:
            for file in files:
                file["chunked"][...]
                file["linked"][...]
    for _ in range(4):
        threading.Thread(target=work, daemon=True).start()
    files[0]["many"][...]
    print("end")
    """
    )
    code, output = run(script, *sources)
    assert (code, output.splitlines()[:1]) == (0, ["end"]), output


# ---------------------------------------------------------------- threads


@pytest.mark.parametrize("how", ["local", "remote"])
def test_threads_read_the_same_values(path, serve, how, count):
    with h5py.File(path) as file:
        expected = {name: file[name][()] for name in ("few", "many", "chunked", "linked", "text")}
    wrong = []

    def work(file, seed):
        order = np.random.default_rng(seed).permutation(sorted(expected))
        for name in map(str, [*order] * count(2, 40)):
            wrong.extend([] if file[name][()].tolist() == expected[name].tolist() else [name])
        groups = [file[f"g{number}"] for number in range(20)]
        wrong.extend(n for n, group in enumerate(groups) if not group.attrs["number"] == group["d"][0] == n)

    source = serve(path.parent).url(path.name) if how == "remote" else path
    with open_any(source) as file:
        threads = [threading.Thread(target=work, args=(file, seed)) for seed in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
            assert not thread.is_alive()
    assert wrong == []


def test_reading_while_h5py_is_locked_does_not_wait_for_ever(sources):
    """Comparing with h5py inside of its own callbacks is what people do."""
    script = """
        import sys, h5py, faulthandler
        from lindi_explorer.h5 import open_any
        faulthandler.dump_traceback_later(40, exit=True)
        theirs = h5py.File(sys.argv[1])
        for source in sys.argv[1:]:
            ours = open_any(source)
            def compare(name, item):
                if isinstance(item, h5py.Dataset):
                    found = ours[name][()]
                    assert "ref" in name or (found == item[()]).all()
            theirs.visititems(compare)
            with h5py._objects.phil:
                fresh = open_any(source)
                assert fresh["chunked"][3, 5] == 905
                assert fresh["linked"][7] == 7
                assert fresh["g3/d"][0] == 3
        print("end")
    """
    code, output = run(script, *sources)
    assert (code, output) == (0, "end\n")


def test_reading_while_h5py_is_locked_and_the_thread_of_the_reads_collects(sources):
    script = """
        import sys, gc, time, h5py, faulthandler
        import numpy as np
        from lindi_explorer.remote import background
        from lindi_explorer.h5 import open_any
        faulthandler.dump_traceback_later(40, exit=True)
        class Garbage:
            pass
        for source in sys.argv[1:]:
            ours = open_any(source)
            points = np.zeros((200, 300), bool)
            points[3, 5] = points[9, 9] = True
            outside = ours["chunked"][0, 0], ours["chunked"][points].tolist()
            with h5py._objects.phil:
                garbage = Garbage()
                garbage.itself, garbage.held = garbage, h5py.h5s.create_simple((1,))
                del garbage
                background._running().call_soon_threadsafe(gc.collect)
                time.sleep(0.3)  # by then it waits for the lock
                inside = ours["chunked"][0, 0], ours["chunked"][points].tolist()
                assert (outside == inside), (outside, inside)
                assert ours["chunked"][3:5, 5:9].shape == (2, 4)
                assert open_any(source)["chunked"][3, 5] == 905
        print("end")
    """
    assert run(script, *sources) == (0, "end\n")


def test_no_deadlock_when_collecting_often(path, serve):
    """Finalizers run wherever the collector does: inside of h5py, of zarr's loop, of our locks."""
    script = """
        import gc, sys, threading, faulthandler
        gc.set_threshold(50)
        faulthandler.dump_traceback_later(50, exit=True)
        from lindi_explorer.h5 import open_any
        def work(source):
            for _ in range(5):
                file = open_any(source)
                file.loop = file  # only the collector finds it
                assert file["chunked"][199, 299] == 59999
                assert file["linked"][...].sum() == 12497500
                assert file["text"][3] == b"text 3"
                assert len(file.to_reference_file_system()["refs"]) > 50
        threads = [threading.Thread(target=work, args=(source,)) for source in sys.argv[1:] * 2]
        for thread in threads: thread.start()
        for thread in threads: thread.join()
        print("end")
    """
    code, output = run(script, path, serve(path.parent).url(path.name), timeout=100)
    assert (code, output) == (0, "end\n")


def test_closing_while_others_read_is_an_error_for_them_and_no_crash(path):
    script = """
        import sys, threading, faulthandler
        faulthandler.dump_traceback_later(40, exit=True)
        from lindi_explorer.h5 import open_any
        problems = []
        for _ in range(10):
            file = open_any(sys.argv[1])
            started = threading.Barrier(4)
            def work():
                started.wait()
                try:
                    while True:
                        assert file["chunked"][199, 299] == 59999
                        assert file["linked"][4999] == 4999
                except ValueError:
                    pass
                except BaseException as error:
                    problems.append(repr(error))
            threads = [threading.Thread(target=work) for _ in range(3)]
            for thread in threads: thread.start()
            started.wait()
            file.close()
            for thread in threads: thread.join()
        print(problems or "end")
    """
    code, output = run(script, path)
    assert (code, output) == (0, "end\n")


# ---------------------------------------------------------------- child processes


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_a_child_process_that_was_forked_reads_too(sources):
    """As PyTorch's loaders do: open, read a little, fork, read in the child."""
    script = """
        import os, sys, faulthandler, warnings
        warnings.simplefilter("ignore")
        from lindi_explorer.h5 import open_any
        files = [open_any(source) for source in sys.argv[1:]]
        assert all(file["many"][5] == 5 for file in files)
        child = os.fork()
        if child == 0:
            faulthandler.dump_traceback_later(30, exit=True)
            for source in sys.argv[1:]:
                fresh = open_any(source)
                assert fresh["chunked"][199, 299] == 59999
                assert fresh["linked"][7] == 7
            os._exit(0)
        _, status = os.waitpid(child, 0)
        assert all(file["chunked"][0, 1] == 1 for file in files)
        print(os.waitstatus_to_exitcode(status))
    """
    code, output = run(script, *sources)
    assert (code, output) == (0, "0\n")


def _read_in_child(source, queue):
    with open_any(source) as file:
        queue.put(int(file["chunked"][199, 299]))


def test_a_child_process_that_was_spawned_reads_too(path):
    context = multiprocessing.get_context("spawn")
    queue = context.SimpleQueue()
    child = context.Process(target=_read_in_child, args=(str(path), queue))
    child.start()
    child.join(60)
    assert (child.exitcode, queue.get()) == (0, 59_999)


def test_files_and_datasets_are_not_pickled_and_say_so(path):
    """As h5py: an open file does not travel; its path does."""
    with LindiH5pyFile.from_hdf5_file(path) as file:
        for thing in (file, file["g0"], file["many"], file.attrs):
            with pytest.raises(TypeError, match="pickle"):
                pickle.dumps(thing)


def test_reading_through_several_files_at_once_does_not_crash(hdf5):
    """HDF5 shares open datasets between the files of one path, and what dies with the first of them."""

    def fill(file):
        kind = np.dtype([("x", "<f8"), ("points", h5py.vlen_dtype("<i4"))])
        rows = np.zeros(500, kind)
        for row in rows:
            row["points"] = np.arange(5, dtype="<i4")
        file["rows"] = rows

    script = """
        import sys, h5py
        from lindi_explorer import LindiH5pyFile
        theirs = h5py.File(sys.argv[1])
        for _ in range(30):
            # The file of the round before is closed when the new one is there.
            ours = LindiH5pyFile.from_hdf5_file(sys.argv[1])
            assert len(ours["rows"][()]) == len(theirs["rows"][()]) == 500
            ours.to_reference_file_system()
        print("end")
    """
    assert run(script, hdf5(fill)) == (0, "end\n")
