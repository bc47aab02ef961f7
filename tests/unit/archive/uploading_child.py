"""A process that uploads an edited file, and dies: ``uploading_child.py JOB``, a JSON file.

``die`` says at which request it is killed, the way ``kill -9`` does it: before that was sent, or after it was
answered and before anybody could note that. If it lives, it says on its standard output what came of it.
"""

from __future__ import annotations

import dataclasses
import itertools
import json
import os
import signal
import sys
from pathlib import Path

import numpy as np

import lindi_explorer as lindi
from lindi_explorer.archive import etag, new_chunks
from lindi_explorer.archive.uploading import Upload, prepare
from lindi_explorer.remote import RetryRules
from lindi_explorer.remote.calls import WebCalls

CHUNKS = 50


def chunk(number: int, size: int) -> np.ndarray:
    """The content of a chunk that nothing makes shorter."""
    return np.random.default_rng(number).integers(0, 255, size, dtype="u1")


def die_at(number: int, *, answered: bool) -> None:
    """Be killed at a request of the upload itself."""
    send, numbers = WebCalls.send, itertools.count(1)

    def send_or_die(self, *arguments):
        is_last = next(numbers) == number
        if is_last and not answered:
            os.kill(os.getpid(), signal.SIGKILL)
        reply = send(self, *arguments)
        if is_last:
            os.kill(os.getpid(), signal.SIGKILL)
        return reply

    WebCalls.send = send_or_die


def main(job: dict) -> None:
    """Open the file that was edited, and upload it."""
    etag.PART, new_chunks.FULL = job["part"], job["blob"]
    Upload.interval = 0.01
    RetryRules.delay = lambda self, failures, _after: None if failures >= self.tries else 0.0
    lindi.add_dandi_instance("double", job["api"], storage=[job["storage"]])

    if job.get("die"):
        die_at(job["die"][0], answered=job["die"][1])

    with lindi.LindiH5pyFile.from_lindi_file(job["file"], mode="r") as file:
        prepared = prepare(file, job["dandiset"], instance="double", mode="json", conflict="replace")
        done = prepared.run()
    sys.stdout.write(json.dumps(dataclasses.asdict(done)))


if __name__ == "__main__":
    main(json.loads(Path(sys.argv[1]).read_text()))
