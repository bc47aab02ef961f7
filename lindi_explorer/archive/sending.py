"""A file of this machine becomes bytes of the archive, and these a file of a dandiset."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from lindi_explorer.archive.bucket import Bucket, LinkExpiredError, PartsLostError, SpoiltError
from lindi_explorer.archive.coming import Coming, never_back
from lindi_explorer.archive.etag import Digest, Part
from lindi_explorer.archive.hidden import refuse_hidden
from lindi_explorer.archive.refusals import changed, exists, in_the_way
from lindi_explorer.archive.replies import AssetRow
from lindi_explorer.archive.side_by_side import side_by_side
from lindi_explorer.archive.target import etag_in
from lindi_explorer.archive.writer import Metadata, Writer
from lindi_explorer.errors import TransferError
from lindi_explorer.remote.address import SecretUrl
from lindi_explorer.staging.sent import Sent, SentRecord

_ROUNDS = 3
"""Uploads that are begun for one file: a link may expire, and the storage may lose what it had."""


@dataclass
class Sender:
    """Sends files, each at most once; what is done is in the record before anything else is done.

    Attributes
    ----------
    writer : Writer
    bucket : Bucket
    record : SentRecord
    is_open : bool
        Whether everybody can see what is sent.
    sent : int
        Bytes that have arrived in the storage.
    """

    writer: Writer
    bucket: Bucket
    record: SentRecord
    is_open: bool
    sent: int = field(default=0, init=False)

    def put(
        self,
        file: Path,
        digest: Digest,
        metadata: Metadata,
        told: Callable[[int], None],
        *,
        replaces: str | None = None,
        same_is_enough: bool = False,
    ) -> str:
        """Have a file in the draft.

        Parameters
        ----------
        file : Path
        digest : Digest
        metadata : dict
            With its ``path`` there.
        told : callable
            Told how many of its bytes are done with.
        replaces : str, optional
            The asset whose place it takes.
        same_is_enough : bool
            Whether a file with these bytes that is there already will do, whatever is said of it.

        Returns
        -------
        str
            The id of the asset.

        Raises
        ------
        AssetExistsError
            If there is another file at the path.
        AssetChangedError
            If the asset whose place it was to take is in the draft no longer.
        TransferError, AccessDeniedError, MissingFileError, FormatError
            If it cannot be sent.
        """
        path = str(metadata["path"])
        if same_is_enough and (there := self.writer.asset_at(path)) is not None:
            if self.etag_of(there.asset_id) != digest.etag:
                raise exists(self.writer.instance, self.writer.dandiset, path)
            told(digest.size)
            # One that is not in the record is not this upload's, and somebody else may need it.
            if (known := self.record.files.get(digest.sha256)) is not None:
                self._note(known, there.asset_id)
            return there.asset_id
        sent = self.record.begin(digest.sha256, digest.etag, path)
        blob_id = self._bytes(file, digest, sent, never_back(told))
        asset_id = self._asset(metadata, blob_id, replaces)
        self._note(sent, asset_id)
        return asset_id

    def etag_of(self, asset_id: str) -> str:
        """What the archive knows the bytes of an asset by."""
        return etag_in(self.writer.metadata(asset_id))

    def _note(self, sent: Sent, asset_id: str) -> None:
        sent.asset_id = asset_id
        with contextlib.suppress(OSError):
            self.record.save()  # it is there all the same, and whoever goes on finds it

    # ------------------------------------------------------------ bytes

    def _bytes(self, file: Path, digest: Digest, sent: Sent, told: Callable[[int], None]) -> str:
        """Have the bytes in the archive; gives the id of the blob."""
        is_renewed = False
        for _ in range(_ROUNDS):
            links = self.record.links(sent)
            if not links:
                started = self.writer.initialize(digest)
                if isinstance(started, str):
                    told(digest.size)
                    return self._have(sent, self._not_hidden(sent, started))
                links = {part.part_number: SecretUrl(part.upload_url) for part in started.parts}
                self.record.keep_links(sent, started.upload_id, links)
            try:
                self._parts(file, digest, sent, links, told)
                found = self._joined(digest, sent)
            except SpoiltError:
                self.record.drop_links(sent)  # of these parts nothing can be made, now and later
                raise
            except LinkExpiredError as error:
                self.record.drop_links(sent)
                if is_renewed and not isinstance(error, PartsLostError):
                    raise
                is_renewed = True
                continue
            if found is not None:
                return self._have(sent, found)
            self.record.drop_links(sent)
        raise TransferError(
            f"{self.writer.instance.name} loses what is uploaded to {sent.path}.", hint="Try again later."
        )

    def _have(self, sent: Sent, blob_id: str) -> str:
        sent.blob_id = blob_id
        self.record.drop_links(sent)
        return blob_id

    def _parts(
        self, file: Path, digest: Digest, sent: Sent, links: dict[int, SecretUrl], told: Callable[[int], None]
    ) -> None:
        """Send the parts that have not arrived, a few at a time; each is noted when the storage has it."""
        there = set(sent.parts)
        missing = [part for part in digest.parts if part.number not in there]
        coming = Coming(digest.size - sum(part.size for part in missing), told)
        noting = threading.Lock()

        def send(part: Part) -> None:
            self.bucket.put(links[part.number], file, part, lambda count: coming.tell(part, count))
            with noting:
                self.sent += part.size
                sent.parts.append(part.number)
                self.record.save()

        coming.tell_all()
        # Without its links nothing that is under way can be completed.
        side_by_side(send, missing, LinkExpiredError)

    def _joined(self, digest: Digest, sent: Sent) -> str | None:
        """Put the parts together; None if that has to begin anew."""
        upload = self.writer.complete(sent.upload_id, digest)
        if upload is not None:
            self.bucket.complete(upload, digest)
            reply = self.writer.validate(sent.upload_id)
            if reply.status == 200:
                return self.writer.blob_in(reply).blob_id
            if reply.status == 400:
                said = self.writer.said(reply)
                if "does not exist" in said:
                    return None
                raise SpoiltError(
                    f"What arrived at {self.writer.instance.name} is not what was sent: {said}",
                    hint="Upload it again; if it stays so, look at the disk and the network.",
                )
        # Somebody has sent the same bytes, or the reply that said it was done was lost.
        known = self.writer.blob_of(digest.etag)
        return None if known is None else self._not_hidden(sent, known.blob_id)

    def _not_hidden(self, sent: Sent, blob_id: str) -> str:
        """The id of bytes that the archive had, unless they must not be put here."""
        if self.is_open and blob_id != sent.blob_id:
            refuse_hidden(self.writer, blob_id, sent.path)
        return blob_id

    # ------------------------------------------------------------ files

    def _asset(self, metadata: Metadata, blob_id: str, replaces: str | None) -> str:
        path, writer = str(metadata["path"]), self.writer
        answer = (
            writer.create(metadata, blob_id)
            if replaces is None
            else writer.replace(replaces, metadata, blob_id)
        )
        if isinstance(answer, AssetRow):
            return answer.asset_id
        # It may have been done, and only the reply was lost.
        there = writer.asset_at(path)
        if there is not None and there.blob == blob_id:
            return there.asset_id
        if answer.status == 404:
            if replaces is not None and (there is None or there.asset_id != replaces):
                raise changed(writer.instance, writer.dandiset, path)
            raise TransferError(
                f"{writer.instance.name} does not find the bytes of {path}, which it had, or the dandiset.",
                hint="Upload it again.",
            )
        if there is not None:
            raise exists(writer.instance, writer.dandiset, path)
        raise in_the_way(writer.instance, f"dandiset {writer.dandiset}", writer.said(answer))
