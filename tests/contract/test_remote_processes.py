"""Processes that read over HTTP and are stopped, killed, left with everything open; several on one cache."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sqlite3
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import h5py
import numpy as np
import pytest

from lindi_explorer import LindiH5pyFile
from lindi_explorer.remote import LocalCache
from tests.contract.bad_server import BadServer
from tests.unit.remote.walk.make import make

KB = 1 << 10
PATIENCE = 90
ROOT = Path(__file__).parents[2]
LARGE_FILES = """
    from lindi_explorer.remote import file, kept, reader
    file.WHOLE_FILE = 0
    for module in (reader, kept): module.OPENING_LENGTH = 8 << 10
"""


@pytest.fixture(scope="module")
def web(tmp_path_factory):
    folder = tmp_path_factory.mktemp("web")
    make(folder / "old.h5", "earliest", size=3)
    make(folder / "new.h5", "latest", size=3)
    with h5py.File(folder / "data.h5", "w") as made:
        data = made.create_dataset("d", (3000, 1024), "f8", chunks=(10, 1024))
        for number in range(300):
            data.id.write_direct_chunk((10 * number, 0), np.full(10_240, number, "f8").tobytes())
    _make_deep(folder / "deep.h5")
    with BadServer(folder) as server:
        server.folder = folder
        yield server


def _make_deep(path) -> None:
    """Groups inside of groups, each in a place of its own: a walk takes a round trip for each level."""
    with h5py.File(path, "w") as made:
        for branch in range(40):
            group = made.create_group(f"branch {branch}")
            for level in range(12):
                group = group.create_group(f"level {level}")
                group.attrs["number"] = level
                group.create_dataset("filler", data=np.zeros(20_000))


@pytest.fixture
def server(web):
    web.behave()
    return web


@pytest.fixture
def environment(tmp_path):
    return {**os.environ, "LINDI_LOCAL_CACHE_DIR": str(tmp_path / "cache"), "PYTHONPATH": str(ROOT)}


def _script(text: str, *arguments: str) -> list[str]:
    return [
        sys.executable,
        "-X",
        "faulthandler",
        "-c",
        textwrap.dedent(LARGE_FILES) + textwrap.dedent(text),
        *arguments,
    ]


def _run(command, environment) -> tuple[int, str, str]:
    """The process must end by itself: one that hangs is killed and fails the test."""
    done = subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    return done.returncode, done.stdout, done.stderr


# -------------------------------------------------------------------- leaving everything open


def test_a_script_that_leaves_everything_open_ends_well(server, environment):
    script = """
        import sys
        from lindi_explorer import LindiH5pyFile, LocalCache
        from lindi_explorer.h5 import open_any
        kept = []
        for url in sys.argv[1:]:
            file = LindiH5pyFile.from_hdf5_file(url, local_cache=LocalCache())
            file.read_ahead()
            names = iter(file)
            kept += [file, names, next(names), list(file.values()), file.attrs, open_any(url)]
            kept += [file["g0/rows"], file["g0/rows"].attrs, file["g0/names"][()], file["virtual"][()]]
            kept += [file["extensible gzip"][5:9], file.reader.size_and_head(url)]
        print(len(kept))
    """
    urls = [server.url("old.h5"), server.url("new.h5")]
    assert _run(_script(script, *urls), environment) == (0, "24\n", "")


# -------------------------------------------------------------------- collecting garbage, threads


def test_opening_while_garbage_is_collected_all_the_time(server, environment, count):
    """The collector frees h5py objects, which takes h5py's lock, on whatever thread it runs."""
    script = """
        import faulthandler, gc, json, sys, threading, h5py
        from lindi_explorer import LindiH5pyFile
        faulthandler.dump_traceback_later(float(sys.argv[3]), exit=True)
        gc.set_threshold(50)
        expected = {}
        for name in ("old.h5", "new.h5"):
            with LindiH5pyFile.from_hdf5_file(sys.argv[2] + "/" + name, url="http://localhost/x.h5") as local:
                expected[name] = json.dumps(local.to_reference_file_system(), sort_keys=True)
        wrong, opened = [], []
        def work(name):
            for turn in range(int(sys.argv[4])):
                url = sys.argv[1] + name
                file = LindiH5pyFile.from_hdf5_file(url, url="http://localhost/x.h5")
                file.loop = file  # only the collector finds it
                if turn % 2:
                    file.read_ahead()
                rows = file["tree gzip"][:20, :20]
                if rows.sum() != sum(90 * row + column for row in range(20) for column in range(20)):
                    wrong.append((name, turn))
                if json.dumps(file.to_reference_file_system(), sort_keys=True) != expected[name]:
                    wrong.append((name, turn))
                opened.append(turn)
        threads = [threading.Thread(target=work, args=(name,)) for name in ("old.h5", "new.h5") * 2]
        for thread in threads: thread.start()
        for thread in threads: thread.join()
        print(len(opened), wrong)
    """
    turns = count(3, 50)
    seconds = 60 + 20 * turns
    command = _script(script, server.url(""), str(server.folder), str(seconds), str(turns))
    done = subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=seconds + 30, check=False
    )
    assert (done.returncode, done.stdout) == (0, f"{4 * turns} []\n"), done.stderr[-3000:]


# -------------------------------------------------------------------- Ctrl-C

STOPPED_WHILE = {
    "opening": (0, "LindiH5pyFile.from_hdf5_file(url)"),
    "walking": (3, "LindiH5pyFile.from_hdf5_file(url).read_ahead()"),
    "reading for HDF5": (3, "list(LindiH5pyFile.from_hdf5_file(url).to_reference_file_system())"),
    "listing": (2, "[list(group) for group in LindiH5pyFile.from_hdf5_file(url).values()]"),
    "reading data": (30, "LindiH5pyFile.from_hdf5_file(data)['d'][...]"),
    "reading one row": (2, "LindiH5pyFile.from_hdf5_file(data)['d'][2999]"),
}


def _stop(command, environment, server, after, how=signal.SIGINT, settled=None) -> tuple[int, str, str]:
    """Start a process, stop it when so many requests have come and one more waits; say what it said.

    ``settled`` is called before it is stopped, where something else is waited for.
    """
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            end = time.monotonic() + PATIENCE
            while server.counts()["requests"] <= after and process.poll() is None and time.monotonic() < end:
                time.sleep(0.02)
            if settled is not None:
                settled()
            start = time.monotonic()
            process.send_signal(how)
            out, err = process.communicate(timeout=20)
            sys.stdout.write(f"{how.name}: ended after {time.monotonic() - start:.2f} s\n")
        finally:
            process.kill()
    return process.returncode, out, err


@pytest.mark.parametrize("what", STOPPED_WHILE)
def test_ctrl_c_stops_a_script_that_waits_for_the_network(server, environment, what):
    after, expression = STOPPED_WHILE[what]
    script = f"""
        import sys
        from lindi_explorer import LindiH5pyFile
        url, data = sys.argv[1:]
        try:
            {expression}
        except KeyboardInterrupt:
            print("stopped")
    """
    server.behave(slow_after=after, slow=600)
    command = _script(script, server.url("deep.h5"), server.url("data.h5"))
    assert _stop(command, environment, server, after) == (0, "stopped\n", "")


@pytest.mark.parametrize("after", [0, 20])
def test_ctrl_c_stops_the_index_command(server, environment, tmp_path, after):
    server.behave(slow_after=after, slow=600)
    script = "import sys\nfrom lindi_explorer.cli import main\nsys.exit(main(['index', *sys.argv[1:]]))"
    command = _script("", server.url("deep.h5"), "-o", str(tmp_path / "x.lindi.json"))
    command[4] += script
    assert _stop(command, environment, server, after) == (130, "", "Stopped.\n")
    assert not (tmp_path / "x.lindi.json").exists()


def _wait_for_the_cache(environment) -> None:
    """Wait until nothing more comes to the cache: a process that waits for the server writes what it has."""
    (path,) = Path(environment["LINDI_LOCAL_CACHE_DIR"]).glob("*.db")
    count, before, end = 0, -1, time.monotonic() + PATIENCE
    with contextlib.closing(sqlite3.connect(path)) as database:
        while (count != before or not count) and time.monotonic() < end:
            before = count
            time.sleep(2)
            (count,) = database.execute("SELECT count(*) FROM parts").fetchone()


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL], ids=lambda how: how.name)
def test_an_index_that_was_stopped_goes_on_from_the_cache(server, environment, tmp_path, how):
    script = "import sys\nfrom lindi_explorer.cli import main\nsys.exit(main(['index', *sys.argv[1:]]))"
    out = tmp_path / "x.lindi.json"
    command = _script("", server.url("deep.h5"), "-o", str(out))
    command[4] += script
    server.behave()
    elsewhere = {**environment, "LINDI_LOCAL_CACHE_DIR": str(tmp_path / "other cache")}
    assert _run(command, elsewhere)[0] == 0
    total, whole = server.counts()["requests"], out.read_bytes()
    out.unlink()
    after = total * 2 // 3
    server.behave(slow_after=after, slow=600)
    settled = None if how == signal.SIGINT else lambda: _wait_for_the_cache(environment)
    _stop(command, environment, server, after, how, settled)
    answered = after  # the others were not
    server.behave()
    assert _run(command, environment)[0] == 0
    second = server.counts()["requests"]
    sys.stdout.write(f"{total} requests; {answered} were answered before {how.name}, {second} after it\n")
    assert out.read_bytes() == whole
    # One request asks whether the file is the same, and what was just coming may be lost.
    assert second <= total - answered + 1 + 16


# -------------------------------------------------------------------- one cache, several processes


def test_processes_share_a_cache(server, environment, tmp_path, count):
    script = """
        import json, sys
        from lindi_explorer import LindiH5pyFile, LocalCache
        texts = set()
        for turn in range(int(sys.argv[2])):
            cache = LocalCache(max_bytes=int(sys.argv[3]))
            address = "http://localhost/x.h5"
            with LindiH5pyFile.from_hdf5_file(sys.argv[1], url=address, local_cache=cache) as file:
                if turn % 2:
                    file.read_ahead()
                texts.add(json.dumps(file.to_reference_file_system(), sort_keys=True))
            cache.close()
        (text,) = texts
        print(text)
    """
    turns, most = count(3, 50), 400 * KB
    with LindiH5pyFile.from_hdf5_file(server.folder / "old.h5", url="http://localhost/x.h5") as local:
        expected = json.dumps(local.to_reference_file_system(), sort_keys=True)
    processes = [
        subprocess.Popen(
            _script(script, server.url("old.h5"), str(turns), str(limit)),
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for limit in (most, most, 4 << 30)
    ]
    for process in processes:
        out, err = process.communicate(timeout=PATIENCE * turns)
        assert (process.returncode, err) == (0, "")
        assert out == expected + "\n"
    cache = LocalCache(cache_dir=environment["LINDI_LOCAL_CACHE_DIR"], max_bytes=most)
    url = server.url("old.h5")
    with LindiH5pyFile.from_hdf5_file(url, local_cache=cache, url="http://localhost/x.h5") as file:
        assert json.dumps(file.to_reference_file_system(), sort_keys=True) == expected
    cache.close()
