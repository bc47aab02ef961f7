"""Bytes that an archive has already, under an embargo: whoever puts them where all can see them ends that.

The API does not say whether bytes are under embargo. Their storage does: nobody gets them there without a
signature. Where they lie follows from their id, and from where others lie that everybody can read.
"""

from __future__ import annotations

import re

from lindi_explorer.archive.writer import Metadata, Writer
from lindi_explorer.byterange import ByteRange
from lindi_explorer.errors import AccessDeniedError, CancelledByUserError, LindiError
from lindi_explorer.remote import RangeReader

_PLACE = re.compile(
    r"(https?://.+/)blobs/[0-9a-f]{3}/[0-9a-f]{3}/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
)


def refuse_hidden(writer: Writer, blob_id: str, path: str) -> None:
    """Raise for bytes that are under embargo, as far as that can be found out.

    Parameters
    ----------
    writer : Writer
        Of a dandiset that everybody can see.
    blob_id : str
        What the archive calls the bytes.
    path : str
        Of the file that they are.

    Raises
    ------
    AccessDeniedError
    """
    name = writer.instance.name
    if _is_hidden(writer, blob_id):
        raise AccessDeniedError(
            f"{name} has the bytes of {path} already, under an embargo, which would end if they were put "
            f"into dandiset {writer.dandiset}: everybody can see that.",
            hint="Upload to a dandiset under embargo, or have the owners of the other one end it first.",
        )


def _is_hidden(writer: Writer, blob_id: str) -> bool:
    key = f"blobs/{blob_id[:3]}/{blob_id[3:6]}/{blob_id}"
    with RangeReader(writer.instance.api, keys=False) as reader:
        if writer.instance.buckets:
            return _is_read(reader, f"https://{writer.instance.buckets[0]}.s3.amazonaws.com/{key}") is False
        for metadata in writer.described():
            found = _place_of(metadata)
            # Where not even this can be read, the storage lets nobody in, and says nothing.
            if found is not None and _is_read(reader, found[0]):
                return _is_read(reader, f"{found[1]}{key}") is False
    return False


def _place_of(metadata: Metadata) -> tuple[str, str] | None:
    """Where the bytes of an asset lie, and what all such addresses begin with."""
    addresses = metadata.get("contentUrl")
    for address in addresses if isinstance(addresses, list) else []:
        match = _PLACE.fullmatch(address) if isinstance(address, str) else None
        if match is not None:
            return address, match[1]
    return None


def _is_read(reader: RangeReader, address: str) -> bool | None:
    """Whether everybody can read something; None where that is not known."""
    try:
        reader.read_now(ByteRange(address, 0, 1))
    except AccessDeniedError:
        return False
    except CancelledByUserError:
        raise
    except LindiError:
        return None
    return True
