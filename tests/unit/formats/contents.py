"""A hierarchy with one array, ``x``, whose chunks are what a test says, in containers and out of them."""

from __future__ import annotations

import json
from pathlib import Path

from lindi_explorer.byterange import ByteRange
from lindi_explorer.formats.container import open_container
from lindi_explorer.formats.open import read_document
from lindi_explorer.references import codec
from lindi_explorer.references.chunks import ChunkTable
from lindi_explorer.references.model import Node
from lindi_explorer.references.reference_set import ReferenceSet
from lindi_explorer.remote import RangeReader

CHUNK = 2000


def data(number, size=CHUNK):
    """The bytes of one chunk."""
    return bytes([number % 251]) * size


def hierarchy(refs, attributes=None):
    """References with the array: chunk ``i`` of it is ``refs[i]``."""
    array = {
        "chunks": [CHUNK],
        "compressor": None,
        "dtype": "|u1",
        "fill_value": 0,
        "filters": None,
        "order": "C",
        "shape": [CHUNK * len(refs)],
        "zarr_format": 2,
    }
    ranges = {(at,): ref for at, ref in enumerate(refs) if isinstance(ref, ByteRange)}
    inline = {(at,): ref for at, ref in enumerate(refs) if isinstance(ref, bytes)}
    table = ChunkTable.build((len(refs),), ranges, inline)
    return ReferenceSet({"": Node(attributes or {}), "x": Node({}, array, table)})


def save(container, refs, attributes=None):
    """Make the array what is saved."""
    container.write(codec.outline(container.relocated(hierarchy(refs, attributes))))


def load(path):
    """The decoded document of a container."""
    path = str(path)
    with RangeReader(path) as reader:
        opened = read_document(reader, path)
    return codec.decode(opened.document, opened.locate)


def document(path):
    """The parsed document of a container, found as the format says, without the package."""
    path = Path(path)
    if path.is_dir():
        return json.loads((path / "lindi.json").read_bytes())
    raw = path.read_bytes()
    if raw[257:262] != b"ustar":
        return json.loads(raw)
    index = json.loads(raw[512:1536])["index"]
    files = json.loads(raw[index["d"] : index["d"] + index["s"]])["files"]
    (place,) = [file for file in files if file["n"] == "lindi.json"]
    return json.loads(raw[place["d"] : place["d"] + place["s"]])


def bytes_of(refs):
    """The chunks themselves, read as any reader does."""
    with RangeReader(None) as reader:
        return [ref if isinstance(ref, bytes) else reader.read_now(ref) for ref in refs]


def saved_chunks(path):
    """All chunks of the array, as somebody reads them who opens the container now."""
    chunks = load(path).node("x").chunks
    return bytes_of([chunks[(at,)] for at in range(len(chunks))])


def again(path):
    """Open a container for writing; gives its references too."""
    path = str(path)
    with RangeReader(path) as reader:
        opened = read_document(reader, path)
    return open_container(path, opened), codec.decode(opened.document, opened.locate)
