"""Where an open file keeps new chunks, and where it is saved."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from lindi_explorer.formats.container import Container
from lindi_explorer.h5.zarr_saving import ZarrSaving
from lindi_explorer.references.chunks import Reference
from lindi_explorer.references.model import References
from lindi_explorer.references.outline import Outline
from lindi_explorer.staging.area import StagingArea


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

    def keep(self, data: bytes) -> Reference:
        """Keep the bytes of a new chunk, and say where."""
        if self.area is not None:
            return self.area.put(data)
        return data if self.container is None else self.container.put(data)

    def save(
        self,
        references: References,
        outlined: Callable[[References, Mapping[str, str] | None], Outline],
    ) -> References | None:
        """Save a hierarchy in its place.

        Parameters
        ----------
        references : References
            With absolute addresses.
        outlined : callable
            Makes the document of a hierarchy.

        Returns
        -------
        References or None
            The hierarchy as it is there now, where saving has left nothing of what was there before.
        """
        if self.container is not None:
            self.container.write(outlined(self.container.relocated(references), None))
        elif self.rfs is not None:
            document = outlined(references, None).document()
            self.rfs.clear()
            self.rfs.update(document)
        elif self.zarr is not None:
            return self.zarr.save(references)
        return None

    def close(self) -> None:
        """Let go of the container or store; the area stays its owner's."""
        if self.zarr is not None:
            self.zarr.close()
        if self.container is not None:
            self.container.close()
