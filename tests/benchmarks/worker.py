"""One measurement in a process of its own: ``python worker.py TASK ARGUMENT...`` prints it as JSON.

Runs in our environment and in that of upstream LINDI, so it imports neither at its top. Imports are not
timed.
"""

from __future__ import annotations

import json
import os
import random
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tests.memory import peak

_URL = "https://example.org/file.nwb"
"""Upstream writes no references to a local file that has no address."""

Work = Callable[[], Any]


def index_ours(path: str) -> Work:
    from lindi_explorer import LindiH5pyFile

    def work() -> None:
        with LindiH5pyFile.from_hdf5_file(path, url=_URL) as file:
            file.to_reference_file_system()

    return work


def index_upstream(path: str) -> Work:
    import lindi

    opts = lindi.LindiH5ZarrStoreOpts(num_dataset_chunks_threshold=None)
    return lambda: lindi.LindiH5pyFile.from_hdf5_file(
        path, url=_URL, zarr_store_opts=opts
    ).to_reference_file_system()


def walk_h5py(path: str) -> Work:
    """The limit: whoever indexes a file reads at least all attributes and where all chunks are."""
    import h5py

    def visit(_name: str, item: Any) -> None:
        dict(item.attrs)
        if isinstance(item, h5py.Dataset) and item.chunks is not None:
            item.id.chunk_iter(lambda _chunk: None)

    def work() -> None:
        with h5py.File(path) as file:
            dict(file.attrs)
            file.visititems(visit)

    return work


def index_and_write_ours(path: str, out: str) -> Work:
    from lindi_explorer import LindiH5pyFile

    def work() -> None:
        with LindiH5pyFile.from_hdf5_file(path, url=_URL) as file:
            file.write_lindi_file(out)

    return work


def write_local_ours(path: str, out: str) -> Work:
    """References to the local file, so that its data can be read through them."""
    from lindi_explorer import LindiH5pyFile

    return lambda: LindiH5pyFile.from_hdf5_file(path).write_lindi_file(out)


def write_and_reopen_ours(path: str, out: str) -> Work:
    write, reopen = index_and_write_ours(path, out), open_ours(out)

    def work() -> None:
        write()
        reopen()

    return work


def open_ours(path: str) -> Work:
    from lindi_explorer import LindiH5pyFile

    return lambda: LindiH5pyFile.from_lindi_file(path).close()


def open_upstream(path: str) -> Work:
    import lindi

    return lambda: lindi.LindiH5pyFile.from_lindi_file(path).close()


def parse_msgspec(path: str) -> Work:
    """The limit: whoever opens a document reads its JSON."""
    import msgspec

    return lambda: msgspec.json.decode(Path(path).read_bytes())


def nwb_h5py(path: str) -> Work:
    import h5py

    return _nwb(lambda: h5py.File(path))


def nwb_ours(path: str) -> Work:
    from lindi_explorer import LindiH5pyFile

    return _nwb(lambda: LindiH5pyFile.from_hdf5_file(path))


def nwb_upstream(path: str) -> Work:
    import lindi

    return _nwb(lambda: lindi.LindiH5pyFile.from_hdf5_file(path, url=path))


def nwb_document_ours(path: str) -> Work:
    from lindi_explorer import LindiH5pyFile

    return _nwb(lambda: LindiH5pyFile.from_lindi_file(path))


def nwb_document_upstream(path: str) -> Work:
    import lindi

    return _nwb(lambda: lindi.LindiH5pyFile.from_lindi_file(path))


def _nwb(opened: Callable[[], Any]) -> Work:
    """Read a file with pynwb, and the data of every object in it."""
    import h5py
    from hdmf.query import HDMFDataset
    from pynwb import NWBHDF5IO

    def work() -> None:
        with NWBHDF5IO(file=opened(), mode="r") as io:
            for item in io.read().objects.values():
                for value in item.fields.values():
                    if isinstance(value, h5py.Dataset):
                        value[()]
                    elif isinstance(value, HDMFDataset):
                        value[:]

    return work


def rows_h5py(path: str) -> Work:
    import h5py

    return lambda: h5py.File(path)["data"][1000:1010]


def rows_ours(path: str) -> Work:
    from lindi_explorer import LindiH5pyFile

    return lambda: LindiH5pyFile.from_hdf5_file(path)["data"][1000:1010]


def all_h5py(path: str) -> Work:
    import h5py

    return lambda: h5py.File(path)["data"][()]


def all_ours(path: str) -> Work:
    from lindi_explorer import LindiH5pyFile

    return lambda: LindiH5pyFile.from_hdf5_file(path)["data"][()]


def all_upstream(path: str) -> Work:
    import lindi

    opts = lindi.LindiH5ZarrStoreOpts(num_dataset_chunks_threshold=None)
    return lambda: lindi.LindiH5pyFile.from_hdf5_file(path, url=path, zarr_store_opts=opts)["data"][()]


def write_ours(path: str, chunks: str) -> Work:
    """A dataset written chunk by chunk into a new file, and all of it on the disk when it is closed."""
    from lindi_explorer import LindiH5pyFile

    return _write(lambda: LindiH5pyFile.from_lindi_file(path, mode="w"), int(chunks))


def write_h5py(path: str, chunks: str, durable: str = "") -> Work:
    """The same with plain HDF5, which does not wait until data is on the disk: ``durable`` does."""
    import h5py

    return _write(lambda: h5py.File(path, "w"), int(chunks), path if durable else None)


def write_bytes(path: str, chunks: str) -> Work:
    """The floor: the same bytes, one chunk after the other into a file, and all of it on the disk."""

    def work() -> None:
        with Path(path).open("wb", buffering=0) as file:
            file.writelines(_mebibytes(int(chunks)))
            os.fsync(file.fileno())

    return work


def write_upstream(path: str, chunks: str, durable: str = "") -> Work:
    """The same with upstream, which does not wait either."""
    import lindi

    opened = lambda: lindi.LindiH5pyFile.from_lindi_file(path, mode="w")  # noqa: E731 - three like each other
    return _write(opened, int(chunks), path if durable else None)


def _write(opened: Callable[[], Any], count: int, durable: str | None = None) -> Work:
    import numpy as np

    def work() -> None:
        file = opened()
        dataset = file.create_dataset("data", shape=(count * _MIB,), dtype="u1", chunks=(_MIB,))
        for at, data in enumerate(_mebibytes(count)):
            dataset[at * _MIB : (at + 1) * _MIB] = np.frombuffer(data, "u1")
        file.close()
        if durable is not None:
            _sync(durable)

    return work


def append_ours(path: str) -> Work:
    """One dataset more in a document, and save."""
    from lindi_explorer import LindiH5pyFile

    return _append(lambda: LindiH5pyFile.from_lindi_file(path, mode="r+"))


def append_upstream(path: str) -> Work:
    import lindi

    return _append(lambda: lindi.LindiH5pyFile.from_lindi_file(path, mode="r+"))


def _append(opened: Callable[[], Any]) -> Work:
    import uuid

    import numpy as np

    def work() -> None:
        file = opened()
        file.create_dataset(f"appended {uuid.uuid4()}", data=np.arange(100))
        file.close()

    return work


_MIB = 1 << 20


def _sync(path: str) -> None:
    with Path(path).open("r+b") as file:
        os.fsync(file.fileno())


def _mebibytes(count: int) -> Iterator[bytes]:
    """So many chunks, made beforehand but for a few bytes: noise, which no codec makes shorter."""
    rest = random.Random(0).randbytes(_MIB)
    for number in range(count):
        yield number.to_bytes(8, "big") + rest[8:]


def main() -> None:
    task, *arguments = sys.argv[1:]
    work = globals()[task](*arguments)
    start = time.perf_counter()
    work()
    seconds = time.perf_counter() - start
    print(json.dumps({"seconds": seconds, "peak": peak()}))


if __name__ == "__main__":
    main()
