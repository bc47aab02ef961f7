"""An upload of fifty chunks, while every seventh request fails and the process is killed again and again."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

import lindi_explorer as lindi
from lindi_explorer.archive.side_by_side import AT_ONCE
from lindi_explorer.h5 import open_any
from tests.unit.archive.conftest import ALICE, DATA, PART
from tests.unit.archive.uploading_child import CHUNKS, chunk

DOCUMENT = "sub-1/a.nwb.lindi.json"
ROOT = Path(__file__).resolve().parents[3]
DEATHS = 3


@pytest.fixture
def job(desk, count):
    """A file of this machine with fifty new chunks, and where it goes."""
    size = count(60_000, 6_000_000)
    path = desk.folder / "edited.nwb.lindi.tar"
    with open_any(desk.double.download_url(desk.assets.h5)) as file:
        file.write_lindi_file(path)
    with lindi.LindiH5pyFile.from_lindi_file(path, mode="r+") as file:
        file.attrs["name"] = "edited"
        new = file.create_dataset("new", shape=(CHUNKS * size,), dtype="u1", chunks=(size,))
        for number in range(CHUNKS):
            new[number * size : (number + 1) * size] = chunk(number, size)
    part = size + PART // 3
    desk.double.set(part=part)
    return {
        "api": desk.double.api,
        "storage": desk.double.storage,
        "dandiset": desk.assets.open_set,
        "file": str(path),
        "part": part,
        "blob": 10 * size,
        "size": size,
    }


def run(desk, job, die=()):
    """Upload in another process; None if that was killed, else what came of it."""
    path = desk.folder / "job.json"
    path.write_text(json.dumps({**job, "die": die}))
    command = [sys.executable, "-m", "tests.unit.archive.uploading_child", str(path)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT, env=environment
    ) as process:
        # What everybody on this machine can see of it.
        assert ALICE.encode() not in Path(f"/proc/{process.pid}/cmdline").read_bytes()
        out, err = process.communicate()
    assert ALICE not in out + err
    if process.returncode == -signal.SIGKILL:
        return None
    assert process.returncode == 0, err[-3000:]
    return json.loads(out)


def test_it_goes_on_where_it_was_and_comes_to_the_same(desk, job):
    # A file that is there already must not be away for a moment.
    desk.double.put_asset(job["dandiset"], DOCUMENT, desk.assets.path)
    desk.double.keep(job["dandiset"], DOCUMENT)
    desk.double.keep(job["dandiset"], "sub-1/a.nwb")
    desk.double.rotate(7)
    chance = random.Random(7)
    for first in (20, 20, 30):
        at = chance.randrange(first, first + 20)
        assert run(desk, job, (at, chance.random() < 0.5)) is None
        left_behind(desk)
    done = run(desk, job)
    desk.double.mend()
    assert (done["status"], done["errors"]) == ("Valid", [])

    with open_any(done["url"]) as file:
        assert file.attrs["name"] == "edited"
        np.testing.assert_array_equal(file["data"][...], DATA)
        for number in range(0, CHUNKS, 7):
            start = number * job["size"]
            np.testing.assert_array_equal(
                file["new"][start : start + job["size"]], chunk(number, job["size"])
            )
    document = json.loads(desk.content(done["asset_id"]))
    needed = {blob["path"] for blob in document["generationMetadata"]["blobs"]}
    assert len(needed) == 5
    listed = desk.listed()
    assert listed.keys() == {"sub-1/a.nwb", DOCUMENT, *needed, *done["orphans"]}
    assert listed[DOCUMENT] == done["asset_id"]
    assert desk.double.missed() == []

    log = desk.double.log()
    assert not any(entry["method"] == "DELETE" for entry in log)
    sent = Counter(
        (entry["path"], entry["part"])
        for entry in log
        if entry["method"] == "PUT" and entry["origin"] == "storage" and entry["status"] == 200
        if not entry["fault"]
    )
    twice = sum(times - 1 for times in sent.values())
    # The parts that are under way when the process dies are the only ones that are sent again.
    assert twice <= DEATHS * AT_ONCE
    arrived = desk.arrived()
    assert arrived <= CHUNKS * job["size"] + done["size"] + DEATHS * AT_ONCE * job["part"]
    met = {entry["fault"] for entry in log}
    assert len(met - {""}) >= 6


def left_behind(desk) -> None:
    """What a killed process leaves on the disk has the record, and no key."""
    found = [path for path in desk.folder.rglob("*") if path.is_file()]
    assert any(path.name == "record.json" for path in found)
    for path in found:
        assert ALICE.encode() not in path.read_bytes(), path
