"""Files with new chunks that are in an archive."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lindi_explorer.archive.etag import Digest
from lindi_explorer.archive.instances import Instance
from lindi_explorer.archive.paths import blob_path
from lindi_explorer.errors import TransferError
from lindi_explorer.remote import RangeReader
from lindi_explorer.staging.verify import is_copy


def is_as_sent(reader: RangeReader, url: str, file: Path, digest: Digest) -> bool:
    """Read ranges of a file that was sent as everybody is going to, and compare them with what is here.

    Parameters
    ----------
    reader : RangeReader
    url : str
        Of its download.
    file : Path
        The one of this machine.
    digest : Digest

    Returns
    -------
    bool

    Raises
    ------
    LindiError
        One of the family, if it cannot be read.
    """
    same = is_copy(reader, url, file)
    head = reader.known(url)
    # The ETag speaks for all of its bytes, where only some were read.
    return same and (head is None or head.etag.strip('"') in ("", digest.etag))


@dataclass(frozen=True, slots=True)
class Blob:
    """A blob.

    Attributes
    ----------
    instance : Instance
    dandiset : str
    file : Path
        The one of this machine.
    digest : Digest
    asset_id : str
    """

    instance: Instance
    dandiset: str
    file: Path
    digest: Digest
    asset_id: str

    @property
    def url(self) -> str:
        """What references to it say."""
        return self.instance.download_address(self.asset_id)

    def noted(self) -> dict[str, Any]:
        """What a document notes of it, so that links can be led elsewhere: to a publication, or to S3."""
        return {
            "sha256": self.digest.sha256,
            "dandi-etag": self.digest.etag,
            "size": self.digest.size,
            "path": blob_path(self.digest.sha256),
            "dandiset": self.dandiset,
            "instance": self.instance.name,
            "url": self.url,
        }

    def require_there(self, reader: RangeReader) -> None:
        """Read ranges of it as everybody is going to, and compare them with what is here.

        Parameters
        ----------
        reader : RangeReader

        Raises
        ------
        TransferError
            If it is something else.
        LindiError
            Another one of the family, if it cannot be read.
        """
        if not is_as_sent(reader, self.url, self.file, self.digest):
            raise TransferError(
                f"{self.instance.name} sends something else of {blob_path(self.digest.sha256)} than was "
                "uploaded there; the document was not sent.",
                hint="Upload it again; if it stays so, tell the team of the archive.",
            )
