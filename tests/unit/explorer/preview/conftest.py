"""Files made on the spot, and a look at what is really read of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import h5py
import pytest

from lindi_explorer.explorer.preview import preview
from lindi_explorer.explorer.protocol import GetPreview
from lindi_explorer.h5 import open_any

if TYPE_CHECKING:
    from lindi_explorer.byterange import ByteRange


@pytest.fixture
def make(tmp_path):
    """``make(fill)``: an HDF5 file that ``fill(h5py.File)`` fills, opened as the explorer opens it."""
    opened = []

    def make(fill):
        path = tmp_path / f"file{len(opened)}.h5"
        with h5py.File(path, "w") as file:
            fill(file)
        opened.append(open_any(path))
        return opened[-1]

    yield make
    for file in opened:
        file.close()


class Reads(list):
    """The byte ranges that were read, in order."""

    @property
    def bytes(self) -> int:
        return sum(item.length for item in self)


@pytest.fixture
def watch(monkeypatch):
    """``watch(file)``: a list of all byte ranges that are read of a file from now on."""

    def watch(file) -> Reads:
        reads, reader = Reads(), file.reader
        read, read_now = reader.read, reader.read_now

        async def one(byte_range: ByteRange, **options):
            reads.append(byte_range)
            return await read(byte_range, **options)

        def now(byte_range: ByteRange, **options):
            reads.append(byte_range)
            return read_now(byte_range, **options)

        # `read_many` goes through `read`.
        monkeypatch.setattr(reader, "read", one)
        monkeypatch.setattr(reader, "read_now", now)
        return reads

    return watch


@pytest.fixture
def ask():
    """``ask(file, path, selection=..., view=...)``: a preview and its buffers."""

    def ask(file, path, **params):
        cancel, progress = params.pop("cancel", None), params.pop("progress", None)
        return preview(file, GetPreview(id="v:1", path=path, **params), cancel, progress)

    return ask
