"""A process that writes containers is killed at any moment: what is there is whole, old or new."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys

import pytest

from lindi_explorer.formats.container import create
from tests.unit.formats import contents
from tests.unit.formats.contents import data

pytestmark = pytest.mark.skipif(os.name == "nt", reason="there is no SIGKILL")

# Chunk i of the array is that of number i; each save adds a few, and says so in an attribute.
WRITER = """
import sys
from tests.unit.formats import contents
container, references = contents.again(sys.argv[1])
chunks = references.node("x").chunks
refs = [chunks[(at,)] for at in range(len(chunks))]
print("ready", flush=True)
while True:
    for _ in range(3):
        refs.append(container.put(contents.data(len(refs), 3000 + len(refs))))
    padding = "x" * (len(refs) % 10 * 3000)
    contents.save(container, refs, {"count": len(refs), "padding": padding})
"""


@pytest.mark.parametrize("suffix", ["tar", "d", "json"])
def test_killed_at_any_moment(tmp_path, count, suffix):
    path = tmp_path / f"f.lindi.{suffix}"
    with create(str(path), exist_ok=False) as container:
        contents.save(container, [container.put(data(0, 3000))], {"count": 1})
    chance = random.Random(0)
    last = 1
    for _ in range(count(6, 300)):
        writer = subprocess.Popen([sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE)
        with writer:
            assert writer.stdout.readline()
            try:
                writer.wait(chance.uniform(0, 0.04))  # not for timing: to kill it wherever it happens to be
            except subprocess.TimeoutExpired:
                writer.send_signal(signal.SIGKILL)
        assert writer.returncode == -signal.SIGKILL
        saved = contents.saved_chunks(path)
        assert contents.load(path).node("").attributes["count"] == len(saved) >= last
        assert saved == [data(number, 3000 + number) for number in range(len(saved))]
        last = len(saved)
        if last > 300:  # a document that grew without end would take all the time
            with create(str(path), exist_ok=True) as container:
                contents.save(container, [container.put(data(0, 3000))], {"count": 1})
            last = 1
    assert [one.name for one in tmp_path.iterdir() if not one.name.startswith(".")] == [path.name]


CREATOR = """
import sys
from lindi_explorer.formats.container import create
from tests.unit.formats import contents
print("ready", flush=True)
while True:
    with create(sys.argv[1], exist_ok=True) as container:
        contents.save(container, [container.put(contents.data(1))])
"""


@pytest.mark.parametrize("suffix", ["tar", "json"])
def test_killed_while_it_is_replaced(tmp_path, count, suffix):
    path = tmp_path / f"f.lindi.{suffix}"
    create(str(path), exist_ok=False).close()
    chance = random.Random(0)
    for _ in range(count(3, 100)):
        writer = subprocess.Popen([sys.executable, "-c", CREATOR, str(path)], stdout=subprocess.PIPE)
        with writer:
            assert writer.stdout.readline()
            try:
                writer.wait(chance.uniform(0, 0.04))
            except subprocess.TimeoutExpired:
                writer.send_signal(signal.SIGKILL)
        if contents.load(path).has("x"):
            assert contents.saved_chunks(path) == [data(1)]
