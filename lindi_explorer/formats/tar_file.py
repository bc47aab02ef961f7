"""``.lindi.tar``: a LINDI document and the chunks it holds, in one tar archive that is read in place.

The first member (``.tar_entry.json``, always at byte 512) says where the index is, the index
(``.tar_index.json``) where every member is: two short reads, and no walk over the archive.
"""

from __future__ import annotations

import json
from typing import Any

from lindi_explorer.byterange import ByteRange, redact_url
from lindi_explorer.errors import FormatError, UnsupportedError
from lindi_explorer.references import codec
from lindi_explorer.references.checks import LARGEST
from lindi_explorer.references.places import Locate, Place, check_member
from lindi_explorer.remote import Head, RangeReader

_ENTRY = (512, 1024)
"""Offset and length of the entry: the same in every archive."""

LARGEST_TEXT = 1 << 30
"""Bytes of index and document that are taken, as of a document that is a file."""

_PIECE = 1 << 20
_DAMAGED = "The archive is damaged, or its download or copy was not finished."


def read_tar(reader: RangeReader, address: str, head: Head) -> tuple[dict[str, Any], Locate]:
    """Read the document of an archive, and learn where its members are.

    Parameters
    ----------
    reader : RangeReader
    address : str
        Path or URL.
    head : Head
        Its first bytes.

    Returns
    -------
    document : dict
    locate : callable
        Where a member is.

    Raises
    ------
    FormatError
        If it is no LINDI archive, or damaged.
    RangeNotSupportedError, TransferError
        If it cannot be read.
    """
    if head.complete:
        reader.hold(address, head.head)  # so small that it came whole
    archive = _Archive(reader, address, head)
    members = archive.members()
    if "lindi.json" not in members:
        raise archive.error("has no member lindi.json")
    document = codec.parse_json(archive.read(*members["lindi.json"]))

    def locate(name: str) -> Place:
        check_member(name)
        if name not in members:
            # It costs nothing but the chunk: an address inside the archive, at which there is nothing.
            return Place(f"{address}/{name}")
        return Place(address, *members[name])

    return document, locate


def read_index(reader: RangeReader, address: str, head: Head) -> dict[str, Any]:
    """Read the index of an archive, as it stands there.

    Parameters
    ----------
    reader, address, head
        See `read_tar`, also for what is raised.

    Returns
    -------
    dict
        Its ``files`` is a list of objects with at least the name ``n``, offset ``d`` and size ``s``; all of
        them lie inside the archive.
    """
    return _Archive(reader, address, head).index()


class _Archive:
    """Reads parts of one archive, out of its first bytes as far as they go."""

    def __init__(self, reader: RangeReader, address: str, head: Head) -> None:
        self._reader = reader
        self._address = address
        self._head = head

    def error(self, words: str) -> FormatError:
        return FormatError(f"the archive {redact_url(self._address)} {words}", hint=_DAMAGED)

    def members(self) -> dict[str, tuple[int, int]]:
        """Name -> offset of the data and size; of two members with one name, the later."""
        return {file["n"]: (file["d"], file["s"]) for file in self.index()["files"]}

    def index(self) -> dict[str, Any]:
        """The index, whose members are checked."""
        if self._head.head[: len(b".tar_entry.json\0")] != b".tar_entry.json\0":
            raise FormatError(
                f"{redact_url(self._address)} is a tar archive, but not a LINDI one",
                hint="A LINDI archive begins with its member .tar_entry.json; unpack other archives first.",
            )
        entry = self._json(*_ENTRY, "entry")
        offset, size = self._extent(entry.get("index"), "the index")
        index = self._json(offset, size, "index")
        if not isinstance(index.get("files"), list):
            raise self.error("has an index without a list of files")
        for file in index["files"]:
            name = file.get("n") if isinstance(file, dict) else None
            if not isinstance(name, str):
                raise self.error("has an index with a member without a name")
            self._extent(file, repr(name[:80]))
        return index

    def _extent(self, member: Any, what: str) -> tuple[int, int]:
        match member:
            case {"d": int(offset), "s": int(size)} if (
                type(offset) is int and type(size) is int and offset >= 512 and size >= 0
            ):
                if offset + size > (LARGEST if self._head.size is None else self._head.size):
                    raise self.error(f"ends before {what} does")
                return offset, size
        raise self.error(f"does not say where {what} is")

    def _json(self, offset: int, size: int, what: str) -> dict[str, Any]:
        try:
            found = json.loads(self.read(offset, size))
        except (ValueError, RecursionError) as error:
            raise self.error(f"has an {what} that is not JSON") from error
        if not isinstance(found, dict):
            raise self.error(f"has an {what} that is not a JSON object")
        return found

    def read(self, offset: int, size: int) -> bytes:
        """Some bytes of the archive; large stretches in pieces, all at once."""
        end = offset + size
        if end <= len(self._head.head):
            return self._head.head[offset:end]
        if self._head.size is not None and end > self._head.size:
            raise self.error("is too short")
        if size > LARGEST_TEXT:
            raise UnsupportedError(
                f"the document in {redact_url(self._address)} takes {size:,} bytes; "
                f"documents of up to {LARGEST_TEXT:,} are read",
                hint="Split the file.",
            )
        starts = range(offset, end, _PIECE)
        pieces = [ByteRange(self._address, start, min(_PIECE, end - start)) for start in starts]
        if len(pieces) == 1:
            return self._reader.read_now(pieces[0])
        return b"".join(self._reader.read_many(pieces))
