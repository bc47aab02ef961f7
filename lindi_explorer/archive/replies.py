"""What the API answers, as far as it is used; everything else in an answer is let pass."""

from __future__ import annotations

from typing import Any

import msgspec

_LONGEST = 200


class VersionRow(msgspec.Struct):
    """A version of a dandiset."""

    version: str


class DandisetReply(msgspec.Struct):
    """A dandiset."""

    identifier: str
    most_recent_published_version: VersionRow | None = None
    embargo_status: str = "OPEN"


class AssetRow(msgspec.Struct):
    """A file in a listing; it is in one piece (``blob``) or a Zarr hierarchy (``zarr``)."""

    asset_id: str
    path: str
    blob: str | None = None
    zarr: str | None = None


class AssetPage(msgspec.Struct):
    """A page of a listing; ``next`` says only that there is another one."""

    results: list[AssetRow]
    next: str | None = None


class DandisetPage(msgspec.Struct):
    """A page of a list of dandisets."""

    results: list[DandisetReply]
    next: str | None = None


class DescribedRow(msgspec.Struct):
    """A file in a listing, with what the archive says of it."""

    metadata: dict[str, Any] = {}


class DescribedPage(msgspec.Struct):
    """Some files of a listing."""

    results: list[DescribedRow]


class Me(msgspec.Struct):
    """Whom a key belongs to."""

    username: str
    status: str = ""
    admin: bool = False


class Info(msgspec.Struct):
    """What the archive says of itself."""

    schema_version: str = ""


class BlobReply(msgspec.Struct):
    """Bytes that the archive has."""

    blob_id: str
    etag: str
    size: int


class PartReply(msgspec.Struct):
    """Where a part of an upload goes; the address is a secret."""

    part_number: int
    size: int
    upload_url: str

    def __repr__(self) -> str:
        return f"PartReply({self.part_number})"


class Started(msgspec.Struct):
    """An upload that has begun."""

    upload_id: str
    parts: list[PartReply]


class CompleteReply(msgspec.Struct):
    """How the parts of an upload are put together; the address is a secret."""

    complete_url: str
    body: str

    def __repr__(self) -> str:
        return "CompleteReply()"


class Validation(msgspec.Struct):
    """Where the archive's check of an asset stands."""

    status: str
    validation_errors: list[Any] = []


def detail_of(body: bytes) -> str:
    """What a refusal says, whatever shape it has.

    Parameters
    ----------
    body : bytes
        ``{"detail": ...}``, a text, a list, ``{field: [...]}``, a web page, or nothing.

    Returns
    -------
    str
        One line; empty where nobody could read it.
    """
    try:
        found = msgspec.json.decode(body)
    except msgspec.MsgspecError:
        return ""
    words = " ".join(" ".join(_words(found)).split())
    words = "".join(c for c in words if c.isprintable())
    return words if len(words) <= _LONGEST else words[:_LONGEST] + "\N{HORIZONTAL ELLIPSIS}"


def _words(found: object) -> list[str]:
    if isinstance(found, str):
        return [found]
    if isinstance(found, list):
        return [word for part in found for word in _words(part)]
    if isinstance(found, dict):
        named = [(name, " ".join(_words(part))) for name, part in found.items()]
        return [words if name == "detail" else f"{name}: {words}" for name, words in named if words]
    return []
