"""The routes of the API that change dandisets and assets."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tests.dandi.records import Asset, Blob, Dandiset, User
from tests.dandi.refusals import NOT_FOUND, content_of, refuse, refuse_empty
from tests.dandi.web import Answer, Request, in_json

if TYPE_CHECKING:
    from tests.dandi.access import Access
    from tests.dandi.archive import Archive

# DANDI has ^([A-z0-9(),&\s#+~_=-]?\/?\.?[A-z0-9(),&\s#+~_=-])+$, which takes for ever over a long path and
# matches the same.
_PATH = re.compile(r"^(\/?\.?[A-z0-9(),&\s#+~_=-])+$")

Route = tuple[str, str, Callable[..., Answer]]


class Writing:
    """Assets and publication."""

    def __init__(self, archive: Archive, access: Access) -> None:
        self._archive = archive
        self._access = access

    def routes(self, d: str, v: str, a: str) -> list[Route]:
        """Method, path and function of each; the arguments are patterns of ids."""
        return [
            ("POST", "/dandisets/", self._new_dandiset),
            ("POST", f"{d}{v}assets/", self._create),
            ("PUT", f"{d}{v}assets/{a}", self._replace),
            ("DELETE", f"{d}{v}assets/{a}", self._delete),
            ("POST", f"{d}{v}publish/", self._publish),
        ]

    def _new_dandiset(self, request: Request, user: User | None) -> Answer:
        user = self._access.known(user)
        content = content_of(request)
        missing = [name for name in ("name", "metadata") if not content.get(name)]
        if missing:
            raise refuse(400, {name: ["This field is required."] for name in missing})
        if user.status != "APPROVED":
            raise refuse(403, {"detail": "Your account has not been approved."})
        embargo = "EMBARGOED" if "embargo=true" in request.query else "OPEN"
        identifier = self._archive.add_dandiset([user.username], embargo, str(content["name"]))
        return in_json(200, self._access.shown(self._archive.dandisets[identifier]))

    def _draft(self, user: User | None, identifier: str, version: str) -> Dandiset:
        user = self._access.known(user)
        dandiset = self._access.dandiset(user, identifier)
        if user.username not in dandiset.owners:
            raise refuse_empty(403)
        if version != "draft":
            self._access.version(user, identifier, version)
            raise refuse(405, "Only draft versions can be modified.")
        return dandiset

    def _create(self, request: Request, user: User | None, identifier: str, version: str) -> Answer:
        dandiset = self._draft(user, identifier, version)
        metadata, blob = self._asset_of(request)
        self._refuse_conflicts(dandiset, str(metadata["path"]), None)
        asset = self._archive.add_asset(dandiset, blob, metadata)
        return in_json(200, self._archive.row(asset, metadata=True))

    def _replace(
        self, request: Request, user: User | None, identifier: str, version: str, asset_id: str
    ) -> Answer:
        dandiset = self._draft(user, identifier, version)
        old = self._there(dandiset, asset_id)
        metadata, blob = self._asset_of(request)
        self._refuse_conflicts(dandiset, str(metadata["path"]), old)
        if (metadata, blob) == (old.metadata, old.blob):
            return in_json(200, self._archive.row(old, metadata=True))
        new = self._archive.add_asset(dandiset, blob, metadata)
        new.created = old.created
        del dandiset.draft.assets[asset_id]  # the old id goes on answering
        return in_json(200, self._archive.row(new, metadata=True))

    def _delete(
        self, request: Request, user: User | None, identifier: str, version: str, asset_id: str
    ) -> Answer:
        dandiset = self._draft(user, identifier, version)
        del dandiset.draft.assets[self._there(dandiset, asset_id).asset_id]
        dandiset.draft.changed = True
        return Answer(204)

    def _there(self, dandiset: Dandiset, asset_id: str) -> Asset:
        if asset_id not in dandiset.draft.assets:
            raise refuse(404, NOT_FOUND)
        return dandiset.draft.assets[asset_id]

    def _asset_of(self, request: Request) -> tuple[dict[str, Any], Blob]:
        content = content_of(request)
        metadata = content.get("metadata")
        if not isinstance(metadata, dict):
            raise refuse(400, {"metadata": ["This field is required."]})
        if problem := path_problem(metadata.get("path")):
            raise refuse(400, {"metadata": [problem]})
        if not content.get("blob_id"):
            raise refuse(400, {"blob_id": ["Exactly one of blob_id or zarr_id must be specified."]})
        blob = self._archive.blobs.get(str(content["blob_id"]))
        if blob is None:
            raise refuse(404, {"detail": "No AssetBlob matches the given query."})
        return metadata, blob

    def _refuse_conflicts(self, dandiset: Dandiset, path: str, old: Asset | None) -> None:
        for asset in dandiset.draft.assets.values():
            if asset is old:
                continue
            if asset.path == path:
                raise refuse(409, "An asset with that path already exists")
            if asset.path.startswith(f"{path}/") or path.startswith(f"{asset.path}/"):
                raise refuse(409, f"Asset path {path} conflicts with existing path {asset.path}")

    def _publish(self, request: Request, user: User | None, identifier: str, version: str) -> Answer:
        dandiset = self._draft(user, identifier, version)
        if dandiset.embargo != "OPEN":
            raise refuse(400, "Cannot publish dandisets which are not OPEN")
        if dandiset.publishing is not None:
            raise refuse(423, "Dandiset is being published.")
        status = self._access.status(dandiset.draft)
        if status == "Pending":
            raise refuse(409, "Metadata validation is pending for this dandiset, please try again later.")
        if status == "Invalid":
            raise refuse(400, "Dandiset metadata or asset metadata is not valid")
        if not dandiset.draft.changed:
            raise refuse(400, "No changes since the last publication")
        dandiset.publishing = self._archive.now() + self._archive.publish_seconds
        return Answer(202)


def path_problem(path: Any) -> str:
    """What is wrong with the path of an asset; empty if nothing is."""
    if not isinstance(path, str) or not path:
        return "No path specified in metadata."
    if len(path) > 512:
        return "Ensure this field has no more than 512 characters."
    if path.startswith("/"):
        return "Path must not begin with /."
    if any(part in {"", ".", ".."} for part in path.split("/")):
        return "Path must not contain empty, . or .. names."
    return "" if _PATH.match(path) else "Path contains characters that are not allowed."
