"""``.lindi.json``: a LINDI document as one JSON file."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lindi_explorer.formats.atomic import require_folder, write_atomically
from lindi_explorer.formats.sniff import refuse, sniff
from lindi_explorer.formats.splice import Splice
from lindi_explorer.references import codec
from lindi_explorer.remote import Head, RangeReader


def read_json(reader: RangeReader, address: str, head: Head | None = None) -> dict[str, Any]:
    """Read and parse a LINDI document.

    Parameters
    ----------
    reader : RangeReader
    address : str
        Path or URL.
    head : Head, optional
        Its first bytes, where they have been read.

    Returns
    -------
    dict

    Raises
    ------
    FormatError
        If it is something else, or damaged.
    MissingFileError, AccessDeniedError, TransferError
        If it cannot be read.
    """
    head = head or reader.size_and_head(address)
    kind = sniff(head.head)
    if kind != "json":
        raise refuse(kind, address, "a LINDI document", head.head)
    return codec.parse_json(reader.fetch_whole(address, head=head))


def write_json(path: str | os.PathLike[str], document: Mapping[str, Any] | codec.Outline | Splice) -> int:
    """Write a document in its canonical text, at once or not at all.

    Parameters
    ----------
    path : str or path
    document : mapping, Outline or Splice
        The text of an outline is written as it is made, and never in memory as a whole.

    Returns
    -------
    int
        Bytes written.

    Raises
    ------
    MissingFileError
        If the folder does not exist.
    OSError
        If it cannot be written; an existing file is untouched.
    """
    target = Path(path)
    require_folder(target)
    if isinstance(document, (codec.Outline, Splice)):
        return write_atomically(target, document.text())
    return write_atomically(target, codec.to_text(document).encode("ascii"))
