"""One remote measurement in a process of its own: ``python worker.py TASK ARGUMENT...`` prints it as JSON.

Runs in our environment and in upstream LINDI's, so it imports neither at its top. Imports are not timed.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.memory import peak

Work = Callable[[], Any]


def warm() -> None:
    """Import what we import when it is first used, as upstream imports all of its own at once."""
    import h5py
    import urllib3  # noqa: F401

    import lindi_explorer.archive.dandi
    import lindi_explorer.remote.connections
    import lindi_explorer.remote.walk.run
    import lindi_explorer.remote.wire  # noqa: F401
    from lindi_explorer.h5.opening.open import open_any

    with h5py.File("warm", "w", driver="core", backing_store=False) as file:
        file.create_dataset("data", data=[1.0, 2.0])
        open_any(file).to_reference_file_system()


# ------------------------------------------------------------ indexing a whole file


def index_ours(url: str) -> Work:
    from lindi_explorer import LindiH5pyFile

    def work() -> dict[str, int]:
        with LindiH5pyFile.from_hdf5_file(url) as file:
            references = file.to_reference_file_system()
            return {"references": len(references["refs"]), "misses": file.reader.stats.snapshot().misses}

    return work


def write_ours(source: str, out: str) -> Work:
    from lindi_explorer import LindiH5pyFile

    def work() -> dict[str, int]:
        with LindiH5pyFile.from_hdf5_file(source) as file:
            file.write_lindi_file(out)
            stats = file.reader.stats.snapshot() if "://" in source else None
            return {"misses": 0 if stats is None else stats.misses}

    return work


def index_local_ours(path: str) -> Work:
    from lindi_explorer import LindiH5pyFile

    def work() -> dict[str, int]:
        with LindiH5pyFile.from_hdf5_file(path) as file:
            return {"references": len(file.to_reference_file_system()["refs"])}

    return work


def index_upstream(url: str) -> Work:
    import lindi

    opts = lindi.LindiH5ZarrStoreOpts(num_dataset_chunks_threshold=None)

    def work() -> dict[str, int]:
        client = lindi.LindiH5pyFile.from_hdf5_file(url, zarr_store_opts=opts)
        return {"references": len(client.to_reference_file_system()["refs"])}

    return work


def index_remfile(url: str) -> Work:
    """What a careful person writes by hand today: remfile under h5py, every attribute, every chunk."""
    import h5py
    import remfile

    def visit(_name: str, item: Any) -> None:
        dict(item.attrs)
        if isinstance(item, h5py.Dataset) and item.chunks is not None:
            item.id.chunk_iter(lambda _chunk: None)

    def work() -> None:
        with h5py.File(remfile.File(url), "r") as file:
            dict(file.attrs)
            file.visititems(visit)

    return work


def one_wave(url: str, ranges: str) -> Work:
    """All ranges at once, their addresses known beforehand: the half of the floor that is the network's."""
    from lindi_explorer.byterange import ByteRange
    from lindi_explorer.remote import RangeReader

    wanted = [ByteRange(url, start, length) for start, length in json.loads(Path(ranges).read_text("utf-8"))]

    def work() -> None:
        with RangeReader(url, max_in_flight=256) as reader:
            reader.read_many(wanted)

    return work


# ------------------------------------------------------------ looking, without an index


def two_levels(url: str) -> Work:
    from lindi_explorer import LindiH5pyFile

    def work() -> None:
        with LindiH5pyFile.from_hdf5_file(url) as file:
            file.look_ahead()  # as the explorer's tree does
            for child in file.values():
                if hasattr(child, "keys"):
                    list(child)

    return work


def one_slice(url: str, path: str) -> Work:
    from lindi_explorer import LindiH5pyFile

    def work() -> None:
        with LindiH5pyFile.from_hdf5_file(url) as file:
            file[path][1_000_000:1_000_010]

    return work


def second_open(url: str, cache: str) -> Work:
    from lindi_explorer import LindiH5pyFile, LocalCache

    def work() -> None:
        with LindiH5pyFile.from_hdf5_file(url, local_cache=LocalCache(cache_dir=cache)) as file:
            list(file)

    return work


# ------------------------------------------------------------ reading chunks of an indexed file


def chunks_ours(document: str, path: str, rows: str) -> Work:
    from lindi_explorer import LindiH5pyFile

    def work() -> None:
        with LindiH5pyFile.from_lindi_file(document) as file:
            file[path][: int(rows)]

    return work


def chunks_upstream(document: str, path: str, rows: str) -> Work:
    import lindi

    return lambda: lindi.LindiH5pyFile.from_lindi_file(document)[path][: int(rows)]


# ------------------------------------------------------------ pynwb


def pynwb_ours(url: str) -> Work:
    import pynwb

    from lindi_explorer import LindiH5pyFile

    def work() -> None:
        file = LindiH5pyFile.from_hdf5_file(url)
        with pynwb.NWBHDF5IO(file=file, mode="r") as io:
            io.read()

    return work


def pynwb_upstream(url: str) -> Work:
    import lindi
    import pynwb

    def work() -> None:
        with pynwb.NWBHDF5IO(file=lindi.LindiH5pyFile.from_hdf5_file(url), mode="r") as io:
            io.read()

    return work


TASKS: dict[str, Callable[..., Work]] = {
    task.__name__: task
    for task in (
        index_ours,
        write_ours,
        index_local_ours,
        index_upstream,
        index_remfile,
        one_wave,
        two_levels,
        one_slice,
        second_open,
        chunks_ours,
        chunks_upstream,
        pynwb_ours,
        pynwb_upstream,
    )
}


def main() -> None:
    task, *arguments = sys.argv[1:]
    work = TASKS[task](*arguments)
    if not task.endswith(("_upstream", "_remfile")):
        warm()
    start = time.perf_counter()
    found = work()
    seconds = time.perf_counter() - start
    extra = found if isinstance(found, dict) else {}
    print(json.dumps({"seconds": seconds, "peak": peak(), **extra}))


if __name__ == "__main__":
    main()
