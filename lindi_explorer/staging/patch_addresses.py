"""Addresses as a patch has them: seen from the file it was made for, so that they hold for a copy of it, too.

========================  ===========================================================
``{{source}}``            the file itself
``{{source}}/blobs/a``    a file in it, where it is a folder
``./a.h5``                a file beside it, or further below
``https://...``           any other on the web, without secrets
========================  ===========================================================

What stands in no such place, as a file elsewhere on this machine, can be named as what was there before, but
not as what shall be there: whoever applies the patch has no such file.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Mapping
from typing import Any

from lindi_explorer.references.annotations import SIDECAR
from lindi_explorer.references.chunks import ChunkTable
from lindi_explorer.references.model import Node, References, metadata_text
from lindi_explorer.references.outline import is_reference
from lindi_explorer.references.places import RELATIVE
from lindi_explorer.references.secrets import addresses_of, without_secret
from lindi_explorer.references.text import plain_copy
from lindi_explorer.references.written import WrittenChunks
from lindi_explorer.remote import is_remote
from lindi_explorer.staging.node_record import metadata_refs
from lindi_explorer.staging.overlay import Overlay

SOURCE = "{{source}}"
_INSIDE = f"{SOURCE}/"


class Addresses:
    """The addresses of one file, as they are read and as patches have them.

    Parameters
    ----------
    own : str
        Path or URL of the file; empty where it is in memory only.
    meaning_source : iterable of str
        What else stands for the file in a patch.
    """

    def __init__(self, own: str, meaning_source: Iterable[str] = ()) -> None:
        self._own = own
        self._meaning_source = frozenset(meaning_source)
        self._known: dict[str, str] = {}

    def neutral(self, address: str) -> str:
        """An address as patches have it; what it was is remembered."""
        text = self.same(self._seen_from_own(address))
        if not is_remote(text) and RELATIVE + text.rpartition("/")[2] in self._meaning_source:
            # The file the patch was made for, seen from a document that lies elsewhere.
            text = SOURCE if self._known.setdefault(SOURCE, address) == address else text
        self._known.setdefault(text, address)
        return text

    def same(self, text: str) -> str:
        """What a patch says, in the words of this file."""
        return SOURCE if text in self._meaning_source else text

    def _seen_from_own(self, address: str) -> str:
        if is_remote(address):
            text = without_secret(address)
            return SOURCE if self._own and text == without_secret(self._own) else text
        own = self._own
        if not os.path.isabs(address):  # noqa: PTH117 - addresses are text
            return address
        if not own or is_remote(own):
            text = RELATIVE + os.path.basename(address)  # noqa: PTH119 - as above
            # Of two files of one name only the first is meant by it.
            return text if self._known.setdefault(self.same(text), address) == address else address
        if address == own:
            return SOURCE
        if address.startswith(own + os.sep):
            return _INSIDE + address[len(own) + 1 :].replace(os.sep, "/")
        try:
            path = os.path.relpath(address, os.path.dirname(own)).replace(os.sep, "/")  # noqa: PTH120 - as above
        except ValueError:  # on another drive
            return address
        return path if path.startswith("../") else RELATIVE + path

    def knows(self, text: str) -> bool:
        """Whether this file has come upon an address."""
        return text in self._known

    def actual(self, text: str) -> str:
        """What an address of a patch is for this file."""
        text = self.same(text)
        if text in self._known:
            return self._known[text]
        if text == SOURCE:
            return self._own
        own = self._own.partition("?")[0] if is_remote(self._own) else self._own
        if text.startswith(_INSIDE):
            return f"{own}/{text[len(_INSIDE) :]}"
        if text.startswith(RELATIVE) and own:
            return f"{own.replace(os.sep, '/').rpartition('/')[0]}/{text[len(RELATIVE) :]}"
        return text

    # ------------------------------------------------------------ many at once

    def neutral_refs(self, refs: Mapping[str, Any]) -> dict[str, Any]:
        """Keys of a node as patches have them; the values are copies."""
        return {key: _with_addresses(value, self.neutral) for key, value in refs.items()}

    def same_refs(self, refs: Mapping[str, Any]) -> dict[str, Any]:
        """Keys of a node in a patch, in the words of this file."""
        return {key: _with_addresses(value, self.same) for key, value in refs.items()}

    def actual_refs(self, refs: Mapping[str, Any]) -> dict[str, Any]:
        """Keys of a node in a patch as this file has them."""
        return {key: _with_addresses(value, self.actual) for key, value in refs.items()}

    def look_around(self, node: Node) -> None:
        """Come upon the addresses of a node, as far as they are known without reading anything."""
        self.neutral_refs(metadata_refs(node))
        chunks = node.chunks
        while isinstance(chunks, WrittenChunks):
            chunks = chunks.base
        if isinstance(chunks, ChunkTable) and chunks.loaded:
            for url in chunks.urls:
                self.neutral(url)

    def digest(self, references: References | Overlay, path: str) -> tuple[str, int]:
        """What tells a node with all below it from another, wherever the file is.

        Parameters
        ----------
        references : References
        path : str

        Returns
        -------
        digest : str
            SHA-256 over paths and metadata; the chunks themselves are not part of it.
        count : int
            Of objects below.
        """
        digest, count = hashlib.sha256(), -1
        for one in references.walk(path):
            node = references.node(one)
            self.look_around(node)
            digest.update(f"{one[len(path) :]}\0".encode("utf-8", "surrogateescape"))
            for key, value in sorted(self.neutral_refs(metadata_refs(node)).items()):
                digest.update(key.encode() + metadata_text(_sorted(value)) + b"\0")
            count += 1
        return digest.hexdigest(), count


def addresses_in(refs: Mapping[str, Any]) -> Iterable[str]:
    """All addresses in some keys of a node."""
    for key, value in refs.items():
        if is_reference(value):
            yield value[0]
        elif isinstance(value, dict) and key in (".zattrs", SIDECAR):
            for holder, member in addresses_of(value):
                yield holder[member]


def is_portable(text: str) -> bool:
    """Whether whoever applies a patch can follow an address."""
    if is_remote(text) or text == SOURCE:
        return True
    for start in (_INSIDE, RELATIVE):
        if text.startswith(start):
            parts = text[len(start) :].split("/")
            return "\\" not in text and all(part not in ("", ".", "..") for part in parts)
    return False


def _with_addresses(value: Any, change: Any) -> Any:
    if is_reference(value):
        return [change(value[0]), *value[1:]]
    value = plain_copy(value)
    if isinstance(value, dict):
        for holder, member in addresses_of(value):
            holder[member] = change(holder[member])
    return value


def _sorted(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _sorted(value[key]) for key in sorted(value)}
    return [_sorted(item) for item in value] if isinstance(value, list) else value
