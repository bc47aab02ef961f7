"""The nine steps of an upload.

1. freeze: copy the new chunks into blob files. 2. check the dandiset once more, and 3. its embargo. 4. send
the blobs. 5. write the document with the places that they have now. 6. read back through these places.
7. send the document, the one step that others see, and read it back. The patch follows: what is at its place
may be that of somebody whose document came first. 8. wait for the archive's own check. 9. tidy up.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from lindi_explorer.archive.aftermath import orphans_of, wait_for_check
from lindi_explorer.archive.blobs import Blob, is_as_sent
from lindi_explorer.archive.describing import BLOB, ENCODINGS, described, plain_metadata
from lindi_explorer.archive.etag import Digest, digest_of
from lindi_explorer.archive.found import Findings
from lindi_explorer.archive.frozen import Frozen
from lindi_explorer.archive.guard import require_public
from lindi_explorer.archive.links import neurosift, web_page
from lindi_explorer.archive.patch_beside import PatchBeside
from lindi_explorer.archive.paths import blob_path
from lindi_explorer.archive.preflight import Preflight, Progress, Uploaded
from lindi_explorer.archive.sending import Sender
from lindi_explorer.archive.target import Target, look_at_target
from lindi_explorer.archive.writer import Metadata, Writer
from lindi_explorer.errors import CancelledByUserError, ConflictError, LindiError
from lindi_explorer.references.model import References
from lindi_explorer.remote import RangeReader
from lindi_explorer.remote.cancel import current_token
from lindi_explorer.staging.sent import COPIES
from lindi_explorer.staging.sent_before import forget_needed


@dataclass
class Steps:
    """One run.

    Attributes
    ----------
    frozen : Frozen
    preflight : Preflight
    source : dict
        What the archive says of the asset that the file was made from.
    writer : Writer
    sender : Sender
    tell : callable
        Takes a `Progress`.
    patience, interval : float
        Seconds to wait for the archive's check, and between two questions about it.
    """

    frozen: Frozen
    preflight: Preflight
    source: Metadata
    writer: Writer
    sender: Sender
    tell: Callable[[Progress], None]
    patience: float
    interval: float
    _last: Progress = field(default=Progress(1, "", 0, 0), init=False)

    def run(self) -> Uploaded:
        """Take all steps; see `lindi_explorer.archive.uploading.Upload.run`."""
        folder = self.sender.record.folder / COPIES
        try:
            references, files = self._freeze(folder)
            target = self._look_again()
            blobs = self._send_blobs(files, target)
            document, addresses = self._write(folder, references, blobs)
            self._read_back(blobs)
            digest = digest_of(document)
            asset_id = self._send_document(document, digest, target)
            notes = (*self._read_document(document, digest, asset_id), *self._send_patch(target))
        finally:
            shutil.rmtree(folder, ignore_errors=True)
            if not self.sender.record.files:
                self.sender.record.remove()  # nothing was begun
        status, errors = wait_for_check(
            self.writer,
            asset_id,
            lambda waited: self._say(8, "Waiting for the archive's check", int(waited), int(self.patience)),
            patience=self.patience,
            interval=self.interval,
        )
        self._say(9, "Tidying up", 0, 1)
        record = self.sender.record
        forget_needed(record, [blob.digest.sha256 for blob in blobs])
        orphans = orphans_of(self.writer, record, addresses)
        record.remove()
        instance, dandiset, preflight = self.writer.instance, self.writer.dandiset, self.preflight
        return Uploaded(
            asset_id=asset_id,
            url=instance.download_address(asset_id),
            web_page=web_page(instance, dandiset, preflight.path),
            neurosift=neurosift(instance, dandiset, asset_id, preflight.mode, embargoed=preflight.embargoed),
            size=digest.size,
            sent=self.sender.sent,
            status=status,
            errors=(*errors, *notes),
            orphans=orphans,
        )

    def _say(self, step: int, label: str, done: int, total: int) -> None:
        self._last = Progress(step, label, done, total)
        self.tell(self._last)

    def waiting(self, words: str) -> None:
        """Say that a request is sent again; what has been done stays done."""
        self.tell(replace(self._last, label=words))

    # ------------------------------------------------------------ 1 to 3

    def _freeze(self, folder: Path) -> tuple[References, list[Path]]:
        mode, new = self.preflight.mode, self.frozen.new
        self.sender.record.make_folder()
        folder.mkdir(exist_ok=True)
        self._say(1, "Freezing the edits", 0, new.size)
        if mode not in ("json", "inline"):
            return self.frozen.references, []
        done = 0

        def told(count: int) -> None:
            nonlocal done
            done += count
            self._say(1, "Freezing the edits", done, new.size)

        return new.put_away(folder / "blobs", mode, self.frozen.file.reader, current_token(), told)

    def _look_again(self) -> Target:
        """What was found out before may have changed since."""
        self._say(2, "Checking the dandiset", 0, 1)
        findings = Findings()
        target = look_at_target(self.writer, findings, production=True)
        for error in findings.errors:
            raise error
        assert target is not None
        self._say(3, "Checking the embargo", 0, 1)
        if target.embargoed != self.preflight.embargoed:
            raise ConflictError(
                f"The embargo of dandiset {self.writer.dandiset} has changed since the upload was prepared.",
                hint="Prepare it again.",
            )
        return target

    # ------------------------------------------------------------ 4

    def _send_blobs(self, files: list[Path], target: Target) -> list[Blob]:
        total = 2 * sum(file.stat().st_size for file in files)
        label = "Sending the new data"
        self._say(4, label, 0, total)
        found, before = [], 0
        for file in files:
            done = before

            def read(count: int) -> None:
                nonlocal done
                done += count
                self._say(4, label, done, total)

            digest = digest_of(file, read)
            start = before + digest.size

            def sent(come: int, start: int = start) -> None:
                self._say(4, label, start + come, total)

            metadata = plain_metadata(blob_path(digest.sha256), BLOB, target.schema_version)
            asset_id = self.sender.put(file, digest, metadata, sent, same_is_enough=True)
            before += 2 * digest.size
            found.append(Blob(self.writer.instance, self.writer.dandiset, file, digest, asset_id))
        return found

    # ------------------------------------------------------------ 5 and 6

    def _write(self, folder: Path, references: References, blobs: list[Blob]) -> tuple[Path, list[str]]:
        """The file that is going to be the asset, and the addresses in it."""
        mode = self.preflight.mode
        self._say(5, "Writing the document", 0, 1)
        if mode == "tar":
            path = folder / "document.lindi.tar"
            self.frozen.write_archive(path)
            return path, self.frozen.addresses
        if mode == "nwb":
            path = folder / "document.nwb"
            self.frozen.write_hdf5(path, lambda done, total: self._say(5, "Copying the data", done, total))
            return path, []
        path = folder / "document.lindi.json"
        places = {str(blob.file): blob.url for blob in blobs}
        addresses = self.frozen.write_document(path, references, places, [blob.noted() for blob in blobs])
        # Looked at as it is going to be published, whatever was looked at before.
        require_public(addresses, self.writer.instance)
        return path, addresses

    def _read_back(self, blobs: list[Blob]) -> None:
        label = "Reading back"
        self._say(6, label, 0, len(blobs))
        with RangeReader(self.writer.instance.api) as reader:
            for done, blob in enumerate(blobs, 1):
                blob.require_there(reader)
                self._say(6, label, done, len(blobs))

    # ------------------------------------------------------------ 7

    def _read_document(self, file: Path, digest: Digest, asset_id: str) -> tuple[str, ...]:
        """Read the document back, in which the new data is in three of the modes; gives what is wrong."""
        instance, label = self.writer.instance, "Reading the document back"
        self._say(7, label, 0, 1)
        try:
            with RangeReader(instance.api) as reader:
                same = is_as_sent(reader, instance.download_address(asset_id), file, digest)
        except CancelledByUserError:
            return ()
        except LindiError as error:
            return (f"the file could not be read back: {error.message}",)
        self._say(7, label, 1, 1)
        return () if same else (f"{instance.name} sends something else of the file than was uploaded",)

    def _send_patch(self, target: Target) -> tuple[str, ...]:
        """Store the patch; the document is there, whatever happens. Gives what went wrong."""
        if self.frozen.patch is None:
            return ()
        label = "Sending the patch"
        beside = PatchBeside(self.frozen.patch, self.preflight.path, target.schema_version)
        try:
            beside.send(self.sender, lambda done, total: self._say(7, label, done, total))
        except LindiError as error:
            return (f"the patch is not stored beside the file: {error.message}",)
        except OSError as error:
            return (f"the patch is not stored beside the file: {error.strerror}",)
        return ()

    def _send_document(self, file: Path, digest: Digest, target: Target) -> str:
        preflight = self.preflight
        label = "Sending the document"
        self._say(7, label, 0, digest.size)
        plain = plain_metadata(preflight.path, ENCODINGS[preflight.mode], target.schema_version)
        with self.frozen.opened() as file_before:
            metadata = described(file_before, plain, self.source)
        return self.sender.put(
            file,
            digest,
            metadata,
            lambda come: self._say(7, label, come, digest.size),
            replaces=preflight.replaces,
        )
