"""Who asks, what they may see, and how dandisets are shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.dandi.records import Asset, Dandiset, User, Version, written
from tests.dandi.refusals import NOT_FOUND, NOT_GIVEN, NOT_YOURS, refuse

if TYPE_CHECKING:
    from tests.dandi.archive import Archive
    from tests.dandi.web import Request


class Access:
    """What the routes of the API share."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive

    def user(self, request: Request) -> User | None:
        """Who asks; None without a key."""
        given = request.headers.get("authorization")
        if given is None:
            return None
        kind, _, token = given.partition(" ")
        if kind.lower() != "token" or token not in self._archive.users:
            # On whatever route, public ones too.
            raise refuse(401, {"detail": "Invalid token."}, WWW_Authenticate="Token")
        return self._archive.users[token]

    def known(self, user: User | None) -> User:
        """Refuse those without a key."""
        if user is None:
            raise refuse(401, NOT_GIVEN, WWW_Authenticate="Token")
        return user

    def dandiset(self, user: User | None, identifier: str) -> Dandiset:
        """A dandiset that this user may see."""
        dandiset = self._archive.dandisets.get(identifier)
        if dandiset is None:
            raise refuse(404, NOT_FOUND)
        if dandiset.embargo != "OPEN" and self.known(user).username not in dandiset.owners:
            raise refuse(403, NOT_YOURS)
        if dandiset.publishing is not None and self._archive.now() >= dandiset.publishing:
            self._archive.publish(identifier)
        return dandiset

    def version(self, user: User | None, identifier: str, name: str) -> tuple[Dandiset, Version]:
        """A version of it."""
        dandiset = self.dandiset(user, identifier)
        version = dandiset.version(name)
        if version is None:
            raise refuse(404, NOT_FOUND)
        return dandiset, version

    def listed(self, user: User | None, identifier: str, name: str, asset_id: str) -> Asset:
        """An asset of a version."""
        _, version = self.version(user, identifier, name)
        if asset_id not in version.assets:
            raise refuse(404, NOT_FOUND)
        return version.assets[asset_id]

    def free(self, user: User | None, asset_id: str) -> Asset:
        """An asset by its id alone, as far as this user may see it; also one that is in no draft any more."""
        asset = self._archive.assets.get(asset_id)
        if asset is None:
            raise refuse(404, {"detail": "No Asset matches the given query."})
        if asset.blob.embargoed:
            owners = self._archive.dandisets[asset.dandiset].owners
            if self.known(user).username not in owners:
                raise refuse(403, NOT_YOURS)
        return asset

    def shown(self, dandiset: Dandiset) -> dict[str, Any]:
        """A dandiset as replies have it."""
        newest = list(dandiset.published.values())[-1:]
        return {
            "identifier": dandiset.identifier,
            "created": written(dandiset.created),
            "modified": written(dandiset.created),
            "contact_person": next(iter(sorted(dandiset.owners)), ""),
            "embargo_status": dandiset.embargo,
            "star_count": 0,
            "is_starred": False,
            "draft_version": self.shown_version(dandiset, dandiset.draft),
            "most_recent_published_version": self.shown_version(dandiset, newest[0]) if newest else None,
        }

    def shown_version(self, dandiset: Dandiset, version: Version) -> dict[str, Any]:
        """A version as replies have it."""
        return {
            "version": version.name,
            "name": dandiset.title,
            "asset_count": len(version.assets),
            "size": sum(asset.blob.size for asset in version.assets.values()),
            "status": "Published" if version.name != "draft" else self.status(version),
            "created": written(version.created),
            "modified": written(version.created),
        }

    def status(self, version: Version) -> str:
        """Whether a draft can be published."""
        found = {asset.status(self._archive.now()) for asset in version.assets.values()}
        return "Pending" if "Pending" in found else "Invalid" if "Invalid" in found or not found else "Valid"
