"""What the archive holds."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass
class User:
    """Somebody with a key; ``status`` is APPROVED, PENDING, INCOMPLETE or REJECTED."""

    token: str
    username: str
    status: str = "APPROVED"
    admin: bool = False

    def shown(self) -> dict[str, Any]:
        """The reply of ``/users/me/``."""
        return {
            "username": self.username,
            "name": self.username.title(),
            "admin": self.admin,
            "status": self.status,
            "created": written(0.0),
        }


@dataclass
class Blob:
    """Bytes in the bucket, once for the whole archive."""

    blob_id: str
    etag: str
    size: int
    path: Path
    embargoed: bool
    created: float
    sha256: str = ""

    @property
    def key(self) -> str:
        """Where it lies in the bucket."""
        return f"blobs/{self.blob_id[:3]}/{self.blob_id[3:6]}/{self.blob_id}"


@dataclass
class Asset:
    """A blob under a path. It never changes: a change makes a new one, with a new id."""

    asset_id: str
    blob: Blob
    metadata: dict[str, Any]
    created: float
    modified: float
    dandiset: str
    due: float
    """When it will have been validated."""
    zarr: str = ""
    """Id of the Zarr hierarchy that it is in place of a blob."""

    @property
    def path(self) -> str:
        """Its place in the dandiset."""
        return str(self.metadata["path"])

    def errors(self) -> list[dict[str, str]]:
        """What validation finds."""
        missing = [name for name in ("schemaKey", "encodingFormat") if not self.metadata.get(name)]
        return [{"field": name, "message": f"{name!r} is a required property"} for name in missing]

    def status(self, now: float) -> str:
        """Where its validation stands."""
        if now < self.due:
            return "Pending"
        return "Invalid" if self.errors() else "Valid"


@dataclass
class Version:
    """A draft, or a publication of one."""

    name: str
    created: float
    assets: dict[str, Asset] = field(default_factory=dict)
    changed: bool = True
    """Since it was last published."""


@dataclass
class Dandiset:
    """Versions of one collection, its owners and its embargo: OPEN, EMBARGOED or UNEMBARGOING."""

    identifier: str
    title: str
    owners: set[str]
    embargo: str
    created: float
    draft: Version
    published: dict[str, Version] = field(default_factory=dict)
    publishing: float | None = None
    """When it will have been published."""

    def version(self, name: str) -> Version | None:
        """One of its versions."""
        return self.draft if name == "draft" else self.published.get(name)


@dataclass
class Upload:
    """A multi-part upload under way; ``parts``: number -> size, what has come: number -> (digest, file)."""

    upload_id: str
    size: int
    etag: str
    dandiset: str
    embargoed: bool
    key: str
    parts: dict[int, int]
    come: dict[int, tuple[bytes, Path]] = field(default_factory=dict)
    whole: Path | None = None
    whole_etag: str = ""


def written(when: float) -> str:
    """A time as replies have it."""
    return dt.datetime.fromtimestamp(when, dt.UTC).isoformat().replace("+00:00", "Z")
