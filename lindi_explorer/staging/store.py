"""What the original's users know as the staging store: what can be done with the staged chunks of a file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Protocol

from lindi_explorer.references.chunks import ChunkTable
from lindi_explorer.references.model import References
from lindi_explorer.remote import RangeReader
from lindi_explorer.staging.area import StagingArea
from lindi_explorer.staging.consolidate import consolidate
from lindi_explorer.staging.copying import copy_chunks
from lindi_explorer.staging.transfer import OnUpload


class StagedFile(Protocol):
    """What a staging store needs of the open file that it belongs to."""

    @property
    def journal(self) -> References:
        """The file with its edits."""

    @property
    def reader(self) -> RangeReader:
        """Reads the chunks."""

    def move_chunks(self, words: str, tables: Mapping[str, ChunkTable]) -> None:
        """Have arrays refer to other places for the same bytes, as one step that undo takes back."""

    def upload(self, *, on_upload_blob: OnUpload, on_upload_main: OnUpload) -> str:
        """Upload the file; see `lindi_explorer.staging.upload.upload`."""


class LindiStagingStore(Mapping[str, bytes]):
    """The staged chunks of an open file; and the file as the mapping of its Zarr keys to bytes.

    Parameters
    ----------
    base_store : StagedFile
        The open file. (The original has a store here, and chunks went through this one; ours go from the file
        to the area directly.)
    staging_area : StagingArea
    """

    def __init__(self, *, base_store: StagedFile, staging_area: StagingArea) -> None:
        self.base_store = base_store
        self.staging_area = staging_area

    def __getitem__(self, key: str) -> bytes:
        reference = self.base_store.journal[key]
        return reference if isinstance(reference, bytes) else self.base_store.reader.read_now(reference)

    def __contains__(self, key: object) -> bool:
        return key in self.base_store.journal

    def __iter__(self) -> Iterator[str]:
        return iter(self.base_store.journal)

    def __len__(self) -> int:
        return len(self.base_store.journal)

    # A mapping would read all of the file to say whether it is empty, or the same as another.

    def __bool__(self) -> bool:
        return True

    def __eq__(self, other: object) -> bool:
        return isinstance(other, LindiStagingStore) and other.base_store is self.base_store

    def __hash__(self) -> int:
        return hash(id(self.base_store))

    def consolidate_chunks(self) -> None:
        """Put small files of the area together, without what is not in use.

        There is no need to call it: chunks are written to few large files, and an upload does it.

        Raises
        ------
        FormatError
            If the file refers to bytes of the area that are not there.
        OSError
            If the area cannot be read or written.
        """
        moved = consolidate(self.base_store.journal, self.staging_area)
        if moved.tables:
            self.base_store.move_chunks("Consolidate chunks", moved.tables)

    def copy_chunks_to_staging_area(self, *, download_remote: bool) -> None:
        """Copy chunks that are elsewhere into the area, for an upload that leaves nothing behind.

        Parameters
        ----------
        download_remote : bool
            Those of remote files too, not only those of files on this machine.

        Raises
        ------
        LindiError
            One of the family, if chunks cannot be read.
        OSError
            If the area cannot be written.
        """
        tables = copy_chunks(
            self.base_store.journal,
            self.staging_area,
            self.base_store.reader,
            download_remote=download_remote,
        )
        if tables:
            self.base_store.move_chunks("Copy chunks to the staging area", tables)

    def upload(
        self, *, on_store_blob: OnUpload, on_store_main: OnUpload, consolidate_chunks: bool = True
    ) -> str:
        """Upload the file, under the names of old scripts; see `LindiH5pyFile.upload`.

        Parameters
        ----------
        on_store_blob, on_store_main : callable
            ``on_upload_blob`` and ``on_upload_main`` there.
        consolidate_chunks : bool
            Makes no difference: an upload always consolidates.

        Returns
        -------
        str
            What ``on_store_main`` returned.
        """
        del consolidate_chunks
        return self.base_store.upload(on_upload_blob=on_store_blob, on_upload_main=on_store_main)
