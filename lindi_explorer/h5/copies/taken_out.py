"""Where the content of a file goes besides its own place: other files, archives, patches, uploads."""

from __future__ import annotations

import os
from abc import abstractmethod
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from lindi_explorer.h5.copies.written_out import write_out
from lindi_explorer.h5.saving.saving import Saving
from lindi_explorer.h5.view import View
from lindi_explorer.references.chunks import ChunkTable
from lindi_explorer.references.model import Node, References
from lindi_explorer.remote import CancelToken
from lindi_explorer.staging.edits import NodeEdit
from lindi_explorer.staging.node_record import NodeRecord
from lindi_explorer.staging.patch import Patch
from lindi_explorer.staging.store import LindiStagingStore
from lindi_explorer.staging.transfer import OnUpload, Uploaded
from lindi_explorer.staging.upload import upload

if TYPE_CHECKING:
    from lindi_explorer.h5.chosen import Choice
    from lindi_explorer.h5.copies.download import DownloadReport
    from lindi_explorer.h5.copies.downloaded import Downloaded
    from lindi_explorer.h5.file import LindiH5pyFile


class TakenOut:
    """The part of `LindiH5pyFile` that writes its content elsewhere."""

    _view: View
    _saving: Saving
    _source_references: References
    _addresses: dict[str, str]

    @property
    @abstractmethod
    def file(self) -> LindiH5pyFile:
        """The file itself."""

    def write_lindi_file(self, filename: str | os.PathLike[str], *, generation_metadata: Any = None) -> None:
        """Write the file, with its edits, as a LINDI file elsewhere.

        An archive or folder gets the chunks that lie in this file itself, in its staging area or in memory.
        All others stay where they are, and are referred to, as are all in a JSON file.

        Parameters
        ----------
        filename : str or path
            Ends with ``.lindi.json``, ``.lindi.tar`` or ``.lindi.d``. A file that exists is replaced at once,
            or not at all; a folder never is.
        generation_metadata : Json, optional
            Provenance, kept under ``generationMetadata``.

        Raises
        ------
        FormatError
            For another ending; and for a JSON file where this one is an archive or folder of this machine:
            its chunks would have no place.
        ConflictError, FileInUseError
            If an archive is to take the place of this file, or of one that is open for writing elsewhere.
        ExistingFileError
            If there is a folder.
        MissingFileError
            If there is no folder to put it in.
        LindiError
            Another one of the family, if chunks that are brought along cannot be read.
        OSError
            If it cannot be written.
        """
        write_out(self.file, filename, self._saving.area, self.file.outlined, generation_metadata)

    def download(
        self,
        path: str | os.PathLike[str],
        *,
        select: Choice = None,
        progress: Callable[[Downloaded], None] | None = None,
        cancel: CancelToken | None = None,
        verify: bool = True,
    ) -> DownloadReport:
        """Write the file, with its edits, as an archive or folder with the data inside.

        What has been fetched is in a folder beside the target, ``.<name>.download``: a download that was
        stopped, however that was, goes on from there when it is called again. Delete it to give that up.

        Parameters
        ----------
        path : str or path
            Ends with ``.lindi.tar`` or ``.lindi.d``. A file that exists is replaced at once, or not at all; a
            folder never is.
        select : str, iterable of str or callable, optional
            Paths of datasets and groups whose data is wanted; or a dataset -> whether its data is. All other
            data stays where it is, and is referred to. By default all data is wanted.
        progress : callable, optional
            Told now and then how far it has come (`lindi_explorer.h5.copies.downloaded.Downloaded`).
        cancel : CancelToken, optional
            Stops it.
        verify : bool, optional
            Read back what was written, and compare its checksums.

        Returns
        -------
        DownloadReport
            With what could not be read: that stays where it is.

        Raises
        ------
        NodeNotFoundError
            If there is nothing at a path of ``select``.
        FormatError
            For another ending.
        ConflictError, ExistingFileError, FileInUseError, MissingFileError
            If it cannot be put at the path.
        AccessDeniedError, TransferError, RangeNotSupportedError, StaleFileError
            If data cannot be fetched, or is not what was written when it is read back.
        CancelledByUserError
            If it was stopped.
        OSError
            If it cannot be written.
        """
        from lindi_explorer.h5.copies.download import download

        options: Any = {"select": select, "progress": progress, "cancel": cancel, "verify": verify}
        return download(self.file, path, self._saving.area, self.file.outlined, **options)

    def patch(self, note: str | None = None) -> Patch:
        """What the edits have come to, written down for others: to be saved, and applied elsewhere.

        Parameters
        ----------
        note : str, optional
            Goes into the patch.

        Returns
        -------
        Patch
            From the file as it was opened to the file as it is now; new chunks are in it.

        Raises
        ------
        UnsupportedError
            If the data is more than 64 MiB, or lies where nobody else can follow.
        """
        from lindi_explorer.h5.patches.patching import patch_of

        self._view.require_open()
        return patch_of(self.file, self._saving, note)

    def upload(
        self,
        *,
        on_upload_blob: OnUpload,
        on_upload_main: OnUpload,
        verify: bool = True,
        progress: Callable[[Uploaded], None] | None = None,
    ) -> str:
        """Upload the file with its edits: first the new chunks in the staging area, then the document.

        Parameters
        ----------
        on_upload_blob : callable
            Given the path of a file with new chunks, uploads it and returns its URL. No two files have the
            same name.
        on_upload_main : callable
            Given the path of the document, ``rfs.lindi.json``, once all else is uploaded.
        verify : bool, optional
            Read back what was uploaded.
        progress : callable, optional
            Told after every file.

        Returns
        -------
        str
            What ``on_upload_main`` returned.

        Raises
        ------
        AccessDeniedError
            If there are references to files of this machine outside of the staging area; nothing was
            uploaded.
        TransferError
            If what was uploaded is not what was to be uploaded.
        ValueError, TypeError
            If ``on_upload_blob`` returns anything but an address.
        """
        with self._view.editing:
            self.file.read_ahead()
            return upload(
                self._view.journal,
                self._saving.area,
                on_upload_blob=on_upload_blob,
                on_upload_main=on_upload_main,
                extra=self._source_references.extra,
                addresses=self._addresses,
                verify=verify,
                progress=progress,
            )

    @property
    def staging_store(self) -> LindiStagingStore | None:
        """The staged chunks of the file; None without a staging area."""
        if self._saving.area is None:
            return None
        return LindiStagingStore(base_store=self.file, staging_area=self._saving.area)

    def move_chunks(self, words: str, tables: Mapping[str, ChunkTable]) -> None:
        """Have arrays refer to other places for the same bytes, as one step that undo takes back.

        Parameters
        ----------
        words : str
            For the journal.
        tables : mapping
            Path of an array -> its chunks from now on.
        """
        self._view.require_writable("chunks cannot be moved")
        with self._view.editing:
            edits = []
            for path, table in tables.items():
                node = self._view.node(path)
                new = Node(node.attributes, node.array, table, node.sidecar)
                edits.append(NodeEdit(path, NodeRecord(node), NodeRecord(new)))
            self._view.journal.apply(words, edits)
