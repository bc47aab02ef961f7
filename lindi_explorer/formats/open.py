"""Reading a LINDI document, whatever it lies in."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from lindi_explorer.formats import directory
from lindi_explorer.formats.json_file import read_json
from lindi_explorer.formats.sniff import sniff
from lindi_explorer.formats.tar_file import read_tar
from lindi_explorer.references.places import RELATIVE, Locate, Place, check_member
from lindi_explorer.remote import Head, RangeReader, is_remote


@dataclass(frozen=True)
class Opened:
    """A document that was read.

    Attributes
    ----------
    document : dict
        Parsed, not checked.
    format : str
        ``LINDI JSON``, ``LINDI tar`` or ``LINDI folder``.
    locate : callable
        Where its references ``./member`` lead.
    relative : dict
        Address -> ``./member``, for all that `locate` was asked for: what a document that is saved in its
        place keeps. Filled for JSON only.
    """

    document: dict[str, Any]
    format: str
    locate: Locate
    relative: dict[str, str] = field(default_factory=dict)


def read_document(reader: RangeReader, address: str, head: Head | None = None) -> Opened:
    """Read a ``.lindi.json``, a ``.lindi.tar`` or a ``.lindi.d``; the name does not matter.

    Parameters
    ----------
    reader : RangeReader
    address : str
        Absolute path, or URL.
    head : Head, optional
        Its first bytes, where they have been read.

    Returns
    -------
    Opened

    Raises
    ------
    FormatError
        If it is something else, or damaged.
    MissingFileError, AccessDeniedError, TransferError
        If it cannot be read.
    """
    if is_directory(address):
        document = read_json(reader, directory.document_of(address))
        return Opened(document, "LINDI folder", directory.inside(address))
    head = head or reader.size_and_head(address)
    if sniff(head.head) == "tar":
        document, locate = read_tar(reader, address, head)
        return Opened(document, "LINDI tar", locate)
    relative: dict[str, str] = {}
    return Opened(read_json(reader, address, head), "LINDI JSON", _beside(address, relative), relative)


def is_directory(address: str) -> bool:
    """Tell whether an address is that of a folder on this machine."""
    return not is_remote(address) and os.path.isdir(address)  # noqa: PTH112 - addresses are text everywhere


def _beside(address: str, relative: dict[str, str]) -> Locate:
    """Where members of a single JSON file are: beside it."""
    if is_remote(address):
        parts = urlsplit(address)
        folder = urlunsplit((parts.scheme, parts.netloc, parts.path.rpartition("/")[0] + "/", "", ""))
    else:
        folder = os.path.join(os.path.dirname(address), "")  # noqa: PTH118, PTH120 - as above

    def locate(name: str) -> Place:
        check_member(name)
        relative[folder + name] = RELATIVE + name
        return Place(folder + name)

    return locate
