"""Chunks that an open file keeps in places of its own: they may be gone when the journal is read again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from lindi_explorer.byterange import ByteRange
from lindi_explorer.references.chunks import Reference
from lindi_explorer.remote.address import local_path

if TYPE_CHECKING:
    from lindi_explorer.h5 import LindiH5pyFile


def own_chunks(file: LindiH5pyFile) -> Callable[[Reference], Reference]:
    """What reads chunks that lie in the staging area of a file, or in the file that is written in its place.

    Parameters
    ----------
    file : LindiH5pyFile

    Returns
    -------
    callable
        Gives the bytes of such a chunk, and any other reference as it is.
    """
    saving, reader = file.saving, file.reader
    places = []
    if saving.area is not None:
        places.append(Path(saving.area.directory))
    if saving.container is not None:
        places.append(Path(saving.container.address))

    def fetch(reference: Reference) -> Reference:
        path = local_path(reference.url) if isinstance(reference, ByteRange) and places else None
        if path is None or not any(Path(path).is_relative_to(place) for place in places):
            return reference
        assert isinstance(reference, ByteRange)
        return reader.read_now(reference)

    return fetch
