"""Where a file came from."""

from __future__ import annotations

import itertools
import os
from dataclasses import dataclass
from typing import Literal

from lindi_explorer.byterange import redact_url
from lindi_explorer.remote import is_remote

_memory_names = itertools.count(1)


@dataclass(frozen=True, slots=True)
class SourceInfo:
    """Where a file came from.

    Attributes
    ----------
    name : str
        File name to show.
    address : str
        Path or URL without secrets; names the file among others.
    kind : str
        ``local``, ``remote`` or ``memory``.
    format : str
        ``HDF5``, ``LINDI JSON``, ``LINDI tar``, ``LINDI folder`` or ``Zarr``.
    note : str
        What whoever looks at it should know; mostly empty.
    """

    name: str
    address: str
    kind: Literal["local", "remote", "memory"]
    format: str
    note: str = ""

    @classmethod
    def of(cls, address: str, format_: str) -> SourceInfo:
        """The source at a path or URL."""
        if is_remote(address):
            shown = redact_url(address)
            return cls(shown.rstrip("/").rpartition("/")[2] or shown, shown, "remote", format_)
        return cls(os.path.basename(address), address, "local", format_)  # noqa: PTH119 - any path, even of another system

    @classmethod
    def in_memory(cls, format_: str) -> SourceInfo:
        """A source that exists in this process only."""
        name = f"memory-{next(_memory_names)}"
        return cls(name, f"{name}.lindi.json", "memory", format_)
