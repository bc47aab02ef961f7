"""The route of the API that lists a folder."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from tests.dandi.paging import page_of
from tests.dandi.refusals import refuse

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.dandi.access import Access
    from tests.dandi.archive import Archive
    from tests.dandi.records import User, Version
    from tests.dandi.web import Answer, Request


class Folders:
    """Lists what lies directly in a folder, with the files and bytes below it, in the order of the paths."""

    def __init__(self, archive: Archive, access: Access) -> None:
        self._archive = archive
        self._access = access

    def routes(self, dandiset: str, version: str) -> list[tuple[str, str, Callable[..., Answer]]]:
        """The route, for the table of the API."""
        return [("GET", f"{dandiset}{version}assets/paths/", self._paths)]

    def _paths(self, request: Request, user: User | None, identifier: str, name: str) -> Answer:
        _, version = self._access.version(user, identifier, name)
        prefix = parse_qs(request.query).get("path_prefix", [""])[0].rstrip("/")
        rows = self._rows(version, f"{prefix}/" if prefix else "")
        if prefix and not rows:
            raise refuse(404, {"detail": "Specified path not found."})
        return page_of([rows[path] for path in sorted(rows)], request, self._archive.api)

    def _rows(self, version: Version, prefix: str) -> dict[str, dict[str, Any]]:
        rows: dict[str, dict[str, Any]] = {}
        for asset in version.assets.values():
            if not asset.path.startswith(prefix):
                continue
            head, slash, _ = asset.path[len(prefix) :].partition("/")
            path = prefix + head
            row = rows.setdefault(
                path,
                {"path": path, "version": 1, "aggregate_files": 0, "aggregate_size": 0, "asset": None},
            )
            row["aggregate_files"] += 1
            row["aggregate_size"] += asset.blob.size
            if not slash:
                url = f"{self._archive.storage}/dandiarchive/{asset.blob.key}"
                row["asset"] = {"asset_id": asset.asset_id, "url": url}
        return rows
