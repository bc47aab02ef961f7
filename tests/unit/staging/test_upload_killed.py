"""Uploads in a process that is killed at any moment, again and again, until one of them comes to its end."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import textwrap
import time
from collections import Counter
from pathlib import Path

import pytest

from lindi_explorer.references import codec
from tests.unit.staging.hierarchies import chunk, contents

pytestmark = pytest.mark.skipif(os.name == "nt", reason="there is no SIGKILL")

ROOT = Path(__file__).resolve().parents[3]
ARRAYS, CHUNKS = 4, 20

UPLOADER = textwrap.dedent(
    """
    import functools, json, shutil, sys, time
    from pathlib import Path
    from lindi_explorer.formats.blobs import BlobFiles
    from lindi_explorer.references import codec
    from lindi_explorer.staging import upload as uploading
    from lindi_explorer.staging.area import StagingArea
    from lindi_explorer.staging.record import digest_of
    from tests.unit.staging.hierarchies import chunk, hierarchy

    root, arrays, chunks = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    uploading.consolidate = functools.partial(uploading.consolidate, small=8000, full=10000)
    area = StagingArea.create(dir=root / "area")
    area._blobs = BlobFiles(area._blobs.folder, full=12000)
    saved = root / "area" / "rfs.lindi.json"
    log = (root / "log").open("a", buffering=1)

    def written():
        return {
            f"a{number}": {
                at: area.put(chunk(1000 * number + at)) for old in (500, 0) for at in range(old, old + chunks)
            }
            for number in range(arrays)
        }

    def staged():
        found = written()
        return hierarchy({
            path: {at: reference for at, reference in references.items() if at < 500}
            for path, references in found.items()
        })

    references = codec.decode(json.loads(saved.read_text())) if saved.exists() else staged()
    print("ready", flush=True)

    def on_upload_blob(path):
        digest = digest_of(Path(path))
        log.write(f"begin {digest}\\n")
        target = root / "cloud" / Path(path).name
        shutil.copyfile(path, target)
        time.sleep(0.002)
        log.write(f"end {digest}\\n")
        return str(target)

    def on_upload_main(path):
        shutil.copyfile(path, root / "cloud" / "main.json")
        log.write("main main\\n")
        return "done"

    uploading.upload(references, area, on_upload_blob=on_upload_blob, on_upload_main=on_upload_main)
    """
)


def run(root, seconds):
    """Upload in a process of its own; after so many seconds of uploading it is killed. Whether it was."""
    command = [sys.executable, "-c", UPLOADER, str(root), str(ARRAYS), str(CHUNKS)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        if seconds is None:
            assert process.wait() == 0
            return False
        assert process.stdout.readline() == "ready\n"
        time.sleep(seconds)
        process.kill()
        return process.wait() != 0


def test_a_killed_upload_goes_on_where_it_was(tmp_path, count):
    rng = random.Random(6)
    for number in range(count(2, 20)):
        root = tmp_path / str(number)
        (root / "cloud").mkdir(parents=True)
        kills = sum(run(root, rng.uniform(0, 0.1)) for _ in range(3))
        run(root, None)
        lines = [line.split() for line in (root / "log").read_text().splitlines()]
        begun = Counter(digest for what, digest in lines if what == "begin")
        # One for each kill may have been under way, or have come to its end without being noted.
        assert sum(begun.values()) - len(begun) <= kills
        assert len(begun) >= 10
        assert lines[-1] == ["main", "main"]
        result = codec.decode(json.loads((root / "cloud" / "main.json").read_text()))
        assert str(root / "area") not in (root / "cloud" / "main.json").read_text()
        expected = {
            (f"a{place}", (at,)): chunk(1000 * place + at) for place in range(ARRAYS) for at in range(CHUNKS)
        }
        assert contents(result) == expected
