"""The state of the double: everything that both origins share."""

from __future__ import annotations

import hashlib
import shutil
import threading
import time
import uuid
from pathlib import Path
from typing import Any

from tests.dandi.etag import dandi_etag
from tests.dandi.faults import Faults
from tests.dandi.records import Asset, Blob, Dandiset, Upload, User, Version, written
from tests.dandi.watch import Watch

BUCKET = "dandiarchive"


class Archive:
    """An archive with its bucket.

    Parameters
    ----------
    folder : Path
        For the bytes.
    part : int
        Size of the parts of an upload.
    link_seconds : int
        How long a download link lasts.
    validate_seconds : float
        How long an asset is Pending.
    """

    def __init__(self, folder: Path, part: int, link_seconds: int, validate_seconds: float) -> None:
        self.folder = folder
        self.part = part
        self.lock = threading.RLock()
        self.api = self.storage = ""
        self.under_way = 0
        self._seconds = link_seconds, validate_seconds
        self.reset()

    def reset(self) -> None:
        """Forget everything; only the addresses stay."""
        self.link_seconds, self.validate_seconds = self._seconds
        self.publish_seconds = self.part_seconds = 0.0
        self.faults = Faults()
        self.watch = Watch()
        self.users: dict[str, User] = {}
        self.dandisets: dict[str, Dandiset] = {}
        self.blobs: dict[str, Blob] = {}
        self.assets: dict[str, Asset] = {}
        self.uploads: dict[str, Upload] = {}
        self._ahead = 0.0
        self._made = 0
        self._kept: list[tuple[str, str]] = []
        self.missed: list[str] = []

    def now(self) -> float:
        """The time here, in seconds since the epoch."""
        return time.time() + self._ahead

    def new_id(self) -> str:
        """An id that nothing has yet, the same in every run."""
        self._made += 1
        return str(uuid.UUID(bytes=hashlib.sha256(b"%d" % self._made).digest()[:16], version=4))

    # ------------------------------------------------------------ orders of the tests

    def advance(self, seconds: float) -> None:
        """Move the clock."""
        self._ahead += seconds

    def add_user(self, token: str, username: str, status: str = "APPROVED") -> None:
        """Give somebody a key."""
        self.users[token] = User(token, username, status)
        self.watch.secrets.add(token)

    def drop_user(self, token: str) -> None:
        """Let a key be no key any more; it stays a secret."""
        self.users.pop(token, None)

    def add_dandiset(self, owners: list[str], embargo: str = "OPEN", title: str = "Test") -> str:
        """Make a dandiset."""
        identifier = f"{len(self.dandisets) + 1:06}"
        now = self.now()
        self.dandisets[identifier] = Dandiset(
            identifier, title, set(owners), embargo, now, Version("draft", now)
        )
        return identifier

    def set_embargo(self, identifier: str, embargo: str) -> None:
        """Begin or end an embargo, for what is in the dandiset too."""
        dandiset = self.dandisets[identifier]
        dandiset.embargo = embargo
        for asset in dandiset.draft.assets.values():
            asset.blob.embargoed = embargo != "OPEN"

    def put_asset(self, identifier: str, path: str, file: str) -> str:
        """Put a file of this machine in a draft, as if long ago, or in the place of what is there."""
        dandiset = self.dandisets[identifier]
        self._made += 1
        stored = self.folder / f"put-{self._made}"
        shutil.copyfile(file, stored)
        blob = self.add_blob(stored, embargoed=dandiset.embargo != "OPEN")
        for there in list(dandiset.draft.assets.values()):
            if there.path == path:
                del dandiset.draft.assets[there.asset_id]
        metadata = {"path": path, "schemaKey": "Asset", "encodingFormat": "application/octet-stream"}
        asset = self.add_asset(dandiset, blob, metadata)
        asset.due = 0.0
        return asset.asset_id

    def put_zarr(self, identifier: str, path: str) -> str:
        """Put a Zarr hierarchy in a draft; there is nothing in it."""
        dandiset = self.dandisets[identifier]
        nothing = Blob("", "", 0, self.folder, dandiset.embargo != "OPEN", self.now())
        metadata = {"path": path, "schemaKey": "Asset", "encodingFormat": "application/x-zarr"}
        asset = self.add_asset(dandiset, nothing, metadata)
        asset.zarr = self.new_id()
        return asset.asset_id

    def drop_uploads(self) -> None:
        """Forget all uploads that are under way, as an archive does with those that take for ever."""
        self.uploads.clear()

    def keep(self, identifier: str, path: str) -> None:
        """Look after every request whether there is a file at this path."""
        self._kept.append((identifier, path))

    def look_for_kept(self) -> None:
        """Note the paths that have no file any more."""
        for identifier, path in self._kept:
            if all(asset.path != path for asset in self.dandisets[identifier].draft.assets.values()):
                self.missed.append(path)

    def overwrite(self, asset_id: str, file: str) -> None:
        """Change the bytes behind an asset, which an archive never does: only its ETag tells."""
        blob = self.assets[asset_id].blob
        shutil.copyfile(file, blob.path)
        blob.size, blob.etag = blob.path.stat().st_size, dandi_etag(blob.path, self.part)

    def publish(self, identifier: str) -> str:
        """Publish the draft at once, whatever state it is in."""
        dandiset = self.dandisets[identifier]
        name = f"0.{260101 + len(dandiset.published)}.1200"
        dandiset.published[name] = Version(name, self.now(), dict(dandiset.draft.assets))
        dandiset.draft.changed, dandiset.publishing = False, None
        return name

    def describe(self, asset_id: str) -> dict[str, Any]:
        """What only the inside knows of an asset."""
        blob = self.assets[asset_id].blob
        url = f"{self.storage}/{BUCKET}/{blob.key}"
        return {"etag": blob.etag, "embargoed": blob.embargoed, "size": blob.size, "unsigned_url": url}

    # ------------------------------------------------------------ shared by the routes

    def add_blob(self, stored: Path, *, embargoed: bool, etag: str = "") -> Blob:
        """Take bytes into the bucket, unless it has them."""
        etag = etag or dandi_etag(stored, self.part)
        known = self.blob_of(etag)
        if known is not None:
            return known
        blob = Blob(self.new_id(), etag, stored.stat().st_size, stored, embargoed, self.now())
        self.blobs[blob.blob_id] = blob
        return blob

    def blob_of(self, etag: str) -> Blob | None:
        """The blob with an identity."""
        return next((blob for blob in self.blobs.values() if blob.etag == etag), None)

    def add_asset(self, dandiset: Dandiset, blob: Blob, metadata: dict[str, Any]) -> Asset:
        """Put a blob under a path of a draft."""
        now = self.now()
        asset = Asset(
            self.new_id(), blob, metadata, now, now, dandiset.identifier, now + self.validate_seconds
        )
        self.assets[asset.asset_id] = dandiset.draft.assets[asset.asset_id] = asset
        dandiset.draft.changed = True
        if dandiset.embargo == "OPEN":
            blob.embargoed = False  # the trap: the same bytes are under embargo elsewhere no longer
        return asset

    def row(self, asset: Asset, *, metadata: bool = False) -> dict[str, Any]:
        """An asset as listings show it."""
        shown = {
            "asset_id": asset.asset_id,
            "blob": asset.blob.blob_id or None,
            "zarr": asset.zarr or None,
            "path": asset.path,
            "size": asset.blob.size,
            "created": written(asset.created),
            "modified": written(asset.modified),
        }
        return {**shown, "metadata": self.full_metadata(asset)} if metadata else shown

    def full_metadata(self, asset: Asset) -> dict[str, Any]:
        """The metadata with what the server computes."""
        blob = asset.blob
        digest = {"dandi:dandi-etag": blob.etag}
        if sha256 := self.sha256(blob):
            digest["dandi:sha2-256"] = sha256
        return {
            **asset.metadata,
            "id": f"dandiasset:{asset.asset_id}",
            "identifier": asset.asset_id,
            "contentSize": blob.size,
            "digest": digest,
            "contentUrl": [
                f"{self.api}/assets/{asset.asset_id}/download/",
                f"{self.storage}/{BUCKET}/{blob.key}",
            ],
        }

    def sha256(self, blob: Blob) -> str | None:
        """The digest that a job computes some time after the upload."""
        if blob.blob_id and not blob.sha256 and self.now() >= blob.created + self.validate_seconds:
            with blob.path.open("rb") as file:
                blob.sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        return blob.sha256 or None
