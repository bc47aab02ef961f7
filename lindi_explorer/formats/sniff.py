"""Telling the kinds of files apart by their first bytes."""

from __future__ import annotations

from typing import Literal

from lindi_explorer.byterange import redact_url
from lindi_explorer.errors import FormatError

Kind = Literal["hdf5", "json", "tar", "html", "unknown"]

HDF5_MAGIC = b"\x89HDF\r\n\x1a\n"
_USER_BLOCKS = (0, *(512 << power for power in range(11)))
"""Where an HDF5 signature may stand: at 0 or behind a user block of 512 x 2^n bytes."""


def sniff(head: bytes) -> Kind:
    """Find out what a file is.

    Parameters
    ----------
    head : bytes
        Its first bytes; up to 1 MiB makes every user block visible.

    Returns
    -------
    str
        ``hdf5``, ``json``, ``tar``, ``html`` or ``unknown``.
    """
    if any(head.startswith(HDF5_MAGIC, offset) for offset in _USER_BLOCKS):
        return "hdf5"
    if head[257:263] == b"ustar\0":
        return "tar"
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:64].lower()
    if text.startswith(b"{"):
        return "json"
    if text.startswith((b"<!doctype", b"<html", b"<?xml", b"<head")):
        return "html"
    return "unknown"


def refuse(kind: Kind, address: str, wanted: str, head: bytes) -> FormatError:
    """The error for a file that is not what was expected.

    Parameters
    ----------
    kind : str
        From `sniff`.
    address : str
        Path or URL; shown without secrets.
    wanted : str
        What it should have been, e.g. ``an HDF5 file``.
    head : bytes
        Its first bytes.

    Returns
    -------
    FormatError
    """
    shown = redact_url(address)
    if kind == "html":
        return FormatError(
            f"{shown} is a web page, not {wanted}",
            hint="Copy the address of the file itself (on DANDI: the download link of the asset).",
        )
    if kind == "hdf5":
        return FormatError(f"{shown} is an HDF5 file, not {wanted}", hint="Open it with from_hdf5_file.")
    if kind == "json":
        return FormatError(f"{shown} is a JSON file, not {wanted}", hint="Open it with from_lindi_file.")
    if kind == "tar":
        return FormatError(f"{shown} is a tar archive, not {wanted}", hint="Open it with from_lindi_file.")
    if not head:
        return FormatError(f"{shown} is empty", hint="The download or the copy was not finished.")
    return FormatError(f"{shown} is not {wanted}", hint="Check the address.")
