"""A file that is nowhere but in its document and as bytes on a web server; and HDF5 that opens nothing."""

from __future__ import annotations

import contextlib
import itertools
import json
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import h5py

from lindi_explorer import LindiH5pyFile

if TYPE_CHECKING:
    import pytest

    from lindi_explorer.samples.serve import RangeServer

numbers = itertools.count()

WITH_CODEC = {
    h5py.h5z.FILTER_DEFLATE,
    h5py.h5z.FILTER_SHUFFLE,
    h5py.h5z.FILTER_FLETCHER32,
    307,  # bzip2
    32001,  # blosc
    32015,  # zstd
}
"""HDF5 filters that a codec undoes, by their number; written here once more on purpose."""

WITHOUT_CODEC = {
    h5py.h5z.FILTER_SZIP: "szip",
    h5py.h5z.FILTER_NBIT: "n-bit",
    h5py.h5z.FILTER_SCALEOFFSET: "scale-offset",
    32000: "lzf",
    32004: "lz4",
    32008: "bitshuffle",
    32013: "zfp",
    32023: "Granular BitRound",
    32026: "blosc2",
}
VIRTUAL, RAW, PRIVATE = "virtual layout", "external raw storage", "a filter of nobody's"
NUMBERS = "numbers that NumPy does not have"
REASONS = {*WITHOUT_CODEC.values(), VIRTUAL, RAW, PRIVATE, NUMBERS}
"""Why a dataset may be an external array link. README.md has the same list."""


@dataclass
class Away:
    """What is left of a file.

    Attributes
    ----------
    copy
        A copy of the HDF5 file for h5py, at a place that the document does not know.
    document
        The exported ``.lindi.json``.
    address
        Where the bytes are served.
    size
        Of the HDF5 file, in bytes.
    """

    copy: Path
    document: Path
    address: str
    size: int

    def refs(self) -> dict[str, Any]:
        return json.loads(self.document.read_text(encoding="ascii"))["refs"]

    def links(self) -> list[str]:
        """Paths of the external array links."""
        return [
            key.removesuffix(".zattrs").rstrip("/")
            for key, value in self.refs().items()
            if key.endswith(".zattrs") and "_EXTERNAL_ARRAY_LINK" in value
        ]


def take_away(path: Path, folder: Path, server: RangeServer, web: Path) -> Away:
    """Export a file, and move it from where it was indexed to where only its bytes are served.

    ``web`` is the folder that ``server`` serves.
    """
    source, copy, document = folder / "source.h5", folder / "copy.h5", folder / "source.lindi.json"
    shutil.copyfile(path, source)
    shutil.copyfile(path, copy)
    name = f"bytes-{next(numbers)}"
    with LindiH5pyFile.from_hdf5_file(source, url=server.url(name)) as file:
        file.write_lindi_file(document)
    assert str(folder) not in document.read_text(encoding="ascii"), "the path on this machine"
    size = source.stat().st_size
    source.rename(web / name)
    return Away(copy, document, server.url(name), size)


class HDF5OpenedError(AssertionError):
    """Somebody has opened an HDF5 file."""


@dataclass
class Blocked:
    """How often somebody has tried."""

    attempts: list[Any] = field(default_factory=list)


@contextlib.contextmanager
def without_hdf5(monkeypatch: pytest.MonkeyPatch):
    """Let HDF5 open no file, no object and no image in memory, until the end of the block."""
    blocked = Blocked()

    def refuse(name=None, *_args, **_options):
        blocked.attempts.append(name)
        raise HDF5OpenedError(f"HDF5 was asked to open {name!r}")

    with monkeypatch.context() as patch:
        for door in ("open", "create", "open_file_image"):
            patch.setattr(h5py.h5f, door, refuse)
        yield blocked


def reason(dataset: h5py.Dataset) -> str:
    """Why a dataset is an external array link: one of `REASONS`, or what nobody expects."""
    plist = dataset.id.get_create_plist()
    if plist.get_layout() == h5py.h5d.VIRTUAL:
        return VIRTUAL
    if plist.get_external_count():
        return RAW
    found = [plist.get_filter(position)[0] for position in range(plist.get_nfilters())]
    number = next((number for number in found if number not in WITH_CODEC), None)
    if number is None:
        is_numpys = dataset.id.get_type().equal(h5py.h5t.py_create(dataset.dtype))
        return f"no reason: the filters {found}" if is_numpys else NUMBERS
    # 256 to 511 are for experiments, 32768 and above are registered with nobody.
    private = 256 <= number < 512 or number >= 32768
    return WITHOUT_CODEC.get(number, PRIVATE if private else f"the filter {number}")
