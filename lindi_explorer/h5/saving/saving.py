"""Where an open file keeps new chunks, and where it is saved."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from lindi_explorer.errors import UnsupportedError
from lindi_explorer.formats.container import Container
from lindi_explorer.formats.in_place import INLINE
from lindi_explorer.formats.json_container import JsonContainer
from lindi_explorer.formats.splice import Splice, splice
from lindi_explorer.h5.saving.zarr_saving import ZarrSaving
from lindi_explorer.references.chunks import Reference
from lindi_explorer.references.model import References
from lindi_explorer.references.outline import Outline
from lindi_explorer.staging.area import StagingArea
from lindi_explorer.staging.journal import EditJournal
from lindi_explorer.staging.overlay import Overlay
from lindi_explorer.staging.since import changed_keys


@dataclass(frozen=True, slots=True)
class Saving:
    """At most one place where a file is saved, and one where its new chunks are.

    Attributes
    ----------
    container : Container or None
        The file of this machine that is written in its place.
    rfs : dict or None
        The caller's reference file system, which follows the edits.
    area : StagingArea or None
        Takes new chunks; without, the container does, or they stay in the document.
    zarr : ZarrSaving or None
        The Zarr store that is written in its place.
    """

    container: Container | None = None
    rfs: dict[str, Any] | None = None
    area: StagingArea | None = None
    zarr: ZarrSaving | None = None

    @property
    def has_place(self) -> bool:
        """Whether the file is saved in a place of its own."""
        return self.container is not None or self.rfs is not None or self.zarr is not None

    @property
    def in_files(self) -> bool:
        """Whether long chunks are kept in files, and not in the document."""
        return self.area is not None or (
            self.container is not None and not isinstance(self.container, JsonContainer)
        )

    def keep(self, data: bytes | memoryview) -> Reference:
        """Keep the bytes of a new chunk, and say where; they are the caller's again after that."""
        if not self.in_files or len(data) < INLINE:
            return bytes(data)
        if self.area is not None:
            return self.area.put(data)
        assert self.container is not None
        return self.container.put(data)

    def save(
        self,
        journal: EditJournal,
        before: Overlay,
        outlined: Callable[[References, Mapping[str, str] | None], Outline],
    ) -> References | None:
        """Save a hierarchy in its place.

        Parameters
        ----------
        journal : EditJournal
            The hierarchy.
        before : Overlay
            What is saved already.
        outlined : callable
            Makes the whole document of a hierarchy.

        Returns
        -------
        References or None
            The hierarchy as it is there now, where saving has left nothing of what was there before.
        """
        if self.container is not None:
            changed = _spliced(self.container, before, journal)
            self.container.write(changed or outlined(self.container.relocated(journal), None))
        elif self.rfs is not None:
            document = outlined(journal, None).document()
            self.rfs.clear()
            self.rfs.update(document)
        elif self.zarr is not None:
            return self.zarr.save(journal)
        return None

    def close(self) -> None:
        """Let go of the container or store; the area stays its owner's."""
        if self.zarr is not None:
            self.zarr.close()
        if self.container is not None:
            self.container.close()


_SHORT = 4096
"""Bytes of a document, most often of a new file: it is written anew sooner than changes are found in it."""


def _spliced(container: Container, before: Overlay, journal: EditJournal) -> Splice | None:
    """The saved document with what has changed, None where it has to be written as a whole."""
    try:
        saved = container.text()
        if len(saved) <= _SHORT:
            return None
        changed = changed_keys(before, journal.overlay)
    except UnsupportedError:
        return None  # data that cannot be read: the whole document says what is wrong with it
    except OSError:
        return None  # somebody has taken the document away: it is written anew
    new = {key: value for key, value in changed.items() if value is not None}
    moved = container.relocated(journal).of_extra({"refs": new})["refs"]
    return splice(saved, moved, changed.keys() - new.keys())
