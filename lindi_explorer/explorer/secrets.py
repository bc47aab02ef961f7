"""What a document must not carry out of the house: signed links and addresses on this machine."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lindi_explorer.byterange import redact_url
from lindi_explorer.references import keys
from lindi_explorer.references.annotations import SIDECAR
from lindi_explorer.references.secrets import addresses_of, without_secret
from lindi_explorer.remote import is_remote


def shown_address(url: str) -> str:
    """An address as it may be shown: of a file on this machine only the name.

    Parameters
    ----------
    url : str

    Returns
    -------
    str
    """
    return redact_url(url) if is_remote(url) else os.path.basename(url)  # noqa: PTH119 - any path, of any system


@dataclass(slots=True)
class Report:
    """What was found in a document.

    Attributes
    ----------
    local : int
        References to files of this machine.
    unnamed : int
        References without an address.
    """

    local: int = 0
    unnamed: int = 0


def clean(document: dict[str, Any]) -> Report:
    """Take secrets out of a LINDI document, in place, and count what only this machine can follow.

    Parameters
    ----------
    document : dict
        As `lindi_explorer.references.codec.encode` makes it.

    Returns
    -------
    Report
    """
    report = Report()
    templates = document.get("templates", {})
    known: dict[str, str] = {}
    for name, url in templates.items():
        templates[name] = without_secret(url)
    for holder, member in _addresses(document["refs"]):
        address = holder[member]
        if address not in known:
            known[address] = without_secret(address)
        holder[member] = known[address]
        full = templates.get(address[2:-2], address) if address.startswith("{{") else address
        if not full:
            report.unnamed += 1
        elif not is_remote(full):
            report.local += 1
    return report


def _addresses(refs: dict[str, Any]) -> Iterator[tuple[Any, Any]]:
    """Where the addresses of a document stand: the holder and its member."""
    for key, value in refs.items():
        if isinstance(value, list):
            yield value, 0
        elif isinstance(value, dict) and keys.split(key)[1] in (".zattrs", SIDECAR):
            yield from addresses_of(value)
