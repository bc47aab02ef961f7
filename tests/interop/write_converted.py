"""Have the original lindi convert HDF5 files: ``write_converted.py JOBS OUT``, both JSON files.

JOBS is ``{name: {"path", "url", "to", "threshold", "split"}}``; OUT becomes ``{name: error, or empty}``.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import warnings
from pathlib import Path

import lindi


def convert(job):
    options = lindi.LindiH5ZarrStoreOpts(
        num_dataset_chunks_threshold=job["threshold"], contiguous_dataset_max_chunk_size=job["split"]
    )
    signal.setitimer(signal.ITIMER_REAL, 3, 3)  # it follows circles of hard links for ever
    try:
        file = lindi.LindiH5pyFile.from_hdf5_file(job["path"], zarr_store_opts=options, url=job["url"])
        Path(job["to"]).write_text(json.dumps(file.to_reference_file_system(), indent=2))
    except (Exception, TooLong) as error:  # noqa: BLE001 - what it cannot convert is no test of ours
        return f"{type(error).__name__}: {error}"[:300]
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
    return ""


class TooLong(BaseException):
    """No Exception, which the code under way might catch."""


def too_long(*_):
    raise TooLong


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    signal.signal(signal.SIGALRM, too_long)
    jobs, out = map(Path, sys.argv[1:])
    out.write_text(json.dumps({name: convert(job) for name, job in json.loads(jobs.read_text()).items()}))
    os._exit(0)  # HDF5 files that it leaves open can crash the interpreter at its end
