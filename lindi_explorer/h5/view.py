"""What all objects of one open file share."""

from __future__ import annotations

import weakref
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING

from h5py._objects import phil

from lindi_explorer.h5.arrays.data import ArrayData
from lindi_explorer.h5.arrays.external import ExternalFiles
from lindi_explorer.h5.followed import Followed
from lindi_explorer.h5.identified import Identified
from lindi_explorer.h5.paths import LinkElsewhereError
from lindi_explorer.h5.virtual.data import VirtualData, is_linked_here
from lindi_explorer.h5.virtual.mapping import VIRTUAL
from lindi_explorer.h5.virtual.sources import Sources
from lindi_explorer.references import keys
from lindi_explorer.references.model import Node, References
from lindi_explorer.staging.journal import EditJournal
from lindi_explorer.staging.overlay import Overlay
from lindi_explorer.staging.pending import WritingRoom
from lindi_explorer.store import ReferenceStore

if TYPE_CHECKING:
    from lindi_explorer.h5.file import LindiH5pyFile
    from lindi_explorer.h5.saving.saving import Saving
    from lindi_explorer.remote import RangeReader

__all__ = ["LinkElsewhereError", "View"]

_DATA_KEPT = 256
"""Datasets whose decoded data is kept, the latest used."""


class View(Followed, Identified):
    """One open file: its journal, its reader, and what is known of its data.

    Parameters
    ----------
    journal : EditJournal
    reader : RangeReader
    writable : bool
    saving : Saving
        Where new chunks are kept.
    """

    def __init__(self, journal: EditJournal, reader: RangeReader, *, writable: bool, saving: Saving) -> None:
        self.journal = journal
        self.reader = reader
        self.writable = writable
        self.closed = False
        self.store = ReferenceStore(journal, reader)
        self.external = ExternalFiles(reader)
        self.sources = Sources(self)
        self.raw_files: set[str] = set()
        self.others: dict[str, LindiH5pyFile] = {}
        self._data: OrderedDict[str, ArrayData] = OrderedDict()
        self._aliases: dict[str, str] | None = None
        self._identities = weakref.WeakValueDictionary()
        self.room = WritingRoom(saving.keep, lock=phil)
        self.saving = saving
        self.file: LindiH5pyFile

    @property
    def editing(self) -> AbstractContextManager[None]:
        """What changes something holds this from looking at what is there until the journal has it.

        It is h5py's own lock. Encoding needs it, and callbacks of h5py, which has it, may edit and read: a
        second lock beside it would sooner or later be waited for by two threads in both orders.

        Raises
        ------
        ValueError
            When it is entered, if the file has been closed.
        """
        return self._open_for_edits()

    @contextmanager
    def _open_for_edits(self) -> Iterator[None]:
        with self.journal.editing():
            self.require_open()
            yield

    def data(self, path: str) -> ArrayData:
        """The data of an array node; decoded data is kept until the node is edited."""
        node = self.node(path)
        with phil:
            data = self._data.get(path)
            if data is None or data.node is not node:
                data = self._data[path] = self.data_of(path, node)
            self._data.move_to_end(path)
            if len(self._data) > _DATA_KEPT:
                self._data.popitem(last=False)
        return data

    def aliases(self, overlay: Overlay) -> dict[str, str]:
        """The further names of objects that have several: path -> the path that the object goes by.

        Parameters
        ----------
        overlay : Overlay

        Returns
        -------
        dict
        """
        if self._aliases is None:
            self._aliases = self.journal.base.aliases()
        found = {
            name: target for name, target in self._aliases.items() if overlay.base_node(name) is not None
        }
        for path, node in overlay.nodes.items():
            hard = node.sidecar.get("link", {}).get("hard")
            if isinstance(hard, str):
                found[path] = keys.normalise(hard)
            else:
                found.pop(path, None)
        return found

    def data_of(self, path: str, node: Node) -> ArrayData:
        """The data of a node that is not in the journal yet."""
        if VIRTUAL not in node.sidecar or is_linked_here(node):
            return ArrayData(self, path, node)
        return VirtualData(self, path, node)

    def begin_anew(self, base: References) -> None:
        """Have another base, which holds all edits that there were."""
        self.journal.begin_anew(base)
        self._aliases = None
        self._data.clear()

    def close(self) -> None:
        """Let go of connections and files."""
        self.closed = True
        for other in self.others.values():
            other.close()
        self.external.close()
        self.sources.close()
        self._data.clear()
