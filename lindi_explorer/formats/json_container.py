"""``.lindi.json``, written in its place."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from lindi_explorer.formats.in_place import Container
from lindi_explorer.formats.json_file import write_json
from lindi_explorer.formats.lock import WriteLock
from lindi_explorer.formats.relocated import Relocated
from lindi_explorer.formats.splice import Splice
from lindi_explorer.references.chunks import Reference
from lindi_explorer.references.model import References
from lindi_explorer.references.outline import Outline


class JsonContainer(Container):
    """One JSON file: all chunks stay inside the document.

    Parameters
    ----------
    address, lock
        See `Container`.
    relative : mapping
        Address -> ``./member``, for the references that shall stay relative (`Opened.relative`).
    """

    format = "LINDI JSON"

    def __init__(self, address: str, lock: WriteLock, relative: Mapping[str, str]) -> None:
        super().__init__(address, lock)
        self._relative = relative

    def put(self, data: bytes | memoryview) -> Reference:
        """Keep the bytes of one chunk, in memory; see `Container.put`."""
        self._check_open()
        return bytes(data)

    def relocated(self, references: References) -> Relocated:
        """The hierarchy as the document has it; see `Container.relocated`."""
        return Relocated(references, lambda url: self._relative.get(url, url))

    def text(self) -> bytes:
        """The text of the saved document."""
        return Path(self.address).read_bytes()

    def write(self, document: Outline | Splice) -> None:
        """Make a document the saved one; see `Container.write`."""
        with self._mutex:
            self._check_open()
            write_json(self.address, document)

    def _drop(self) -> None:
        """Nothing is kept outside the document; see `Container`."""
