"""The first origin: the REST interface, and here its routes that only read."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, quote

from tests.dandi.access import Access
from tests.dandi.folders import Folders
from tests.dandi.paging import page_of
from tests.dandi.records import Asset, Dandiset, User
from tests.dandi.refusals import Refused, refuse
from tests.dandi.signing import presign
from tests.dandi.uploads import Uploads
from tests.dandi.web import Answer, Request, in_json
from tests.dandi.writing import Writing

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.dandi.archive import Archive

_D, _V, _A = r"/dandisets/(\d{6})/", r"versions/([^/]+)/", r"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})/"


class Api:
    """Answers requests to the API."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._access = access = Access(archive)
        self._routes: list[tuple[str, str, Callable[..., Answer]]] = [
            ("GET", "/info/", self._info),
            ("GET", "/auth/token/", self._token),
            ("GET", "/users/me/", self._me),
            ("GET", "/dandisets/", self._dandisets),
            ("GET", _D, self._dandiset),
            ("GET", f"{_D}{_V}", self._metadata),
            ("GET", f"{_D}{_V}info/", self._version_info),
            ("GET", f"{_D}{_V}assets/", self._assets),
            ("GET", f"{_D}{_V}assets/{_A}", self._listed_asset),
            ("GET", f"{_D}{_V}assets/{_A}info/", self._listed_asset),
            ("GET", f"{_D}{_V}assets/{_A}validation/", self._validation),
            ("GET", f"{_D}{_V}assets/{_A}download/", self._download_listed),
            ("GET", f"/assets/{_A}", self._asset),
            ("GET", f"/assets/{_A}info/", self._asset),
            ("GET", f"/assets/{_A}download/", self._download),
            *Folders(archive, access).routes(_D, _V),
            *Writing(archive, access).routes(_D, _V, _A),
            *Uploads(archive, access).routes(),
        ]

    def answer(self, request: Request) -> Answer:
        """The answer to a request."""
        path = request.path.removeprefix("/api")
        method = "GET" if request.method == "HEAD" else request.method
        allowed = False
        for verb, pattern, route in self._routes:
            match = re.fullmatch(pattern, path)
            allowed |= match is not None
            if match is not None and verb == method and path != request.path:
                body = request.body()
                try:
                    user = self._access.user(request)
                    with self._archive.lock:
                        request.pieces = iter([body])
                        return route(request, user, *match.groups())
                except Refused as refused:
                    return refused.answer
        if method == "GET" and (led := self._led_on(request, path)):
            return Answer(301, {"Location": led})
        if allowed:
            return in_json(405, {"detail": f'Method "{request.method}" not allowed.'})
        page = "<!doctype html><html><title>Not Found</title><h1>Not Found</h1></html>"
        return Answer(404, {"Content-Type": "text/html; charset=utf-8"}, page.encode())

    def _led_on(self, request: Request, path: str) -> str:
        """Where this redirects: to the address with a slash, and from ``/away/<id>``, as others have it."""
        if (away := re.fullmatch(rf"/away/{_A[:-1]}", request.path)) is not None:
            return f"{self._archive.api}/assets/{away[1]}/download/"
        known = any(verb == "GET" and re.fullmatch(pattern, f"{path}/") for verb, pattern, _ in self._routes)
        query = f"?{request.query}" if request.query else ""
        return f"{request.path}/{query}" if known and path != request.path else ""

    def _info(self, request: Request, user: User | None) -> Answer:
        origin = self._archive.api.removesuffix("/api")
        services = {
            "api": {"url": self._archive.api},
            "webui": {"url": origin},
            "jupyterhub": {"url": origin},
        }
        content = {
            "schema_version": "0.7.0",
            "allowed_schema_versions": ["0.6.9", "0.7.0"],
            "version": "0.20.0",
            "services": services,
            "instance_config": {"instance_name": "DANDI-DOUBLE"},
            "cli-minimal-version": "0.60.0",
            "cli-bad-versions": [],
        }
        return in_json(200, content)

    def _token(self, request: Request, user: User | None) -> Answer:
        return in_json(200, self._access.known(user).token)

    def _me(self, request: Request, user: User | None) -> Answer:
        return in_json(200, self._access.known(user).shown())

    def _dandisets(self, request: Request, user: User | None) -> Answer:
        query = parse_qs(request.query)
        found = [one for one in self._archive.dandisets.values() if self._is_listed(one, user, query)]
        return page_of([self._access.shown(one) for one in found], request, self._archive.api)

    def _is_listed(self, dandiset: Dandiset, user: User | None, query: dict[str, list[str]]) -> bool:
        def asked(name: str, default: str) -> str:
            return query.get(name, [default])[0].lower()

        mine = user is not None and user.username in dandiset.owners
        if asked("user", "") == "me" and not mine:
            return False
        if dandiset.embargo != "OPEN" and (asked("embargoed", "false") != "true" or not mine):
            return False
        if not dandiset.published and asked("draft", "true") != "true":
            return False
        return bool(dandiset.draft.assets) or asked("empty", "true") == "true"

    def _dandiset(self, request: Request, user: User | None, identifier: str) -> Answer:
        return in_json(200, self._access.shown(self._access.dandiset(user, identifier)))

    def _metadata(self, request: Request, user: User | None, identifier: str, name: str) -> Answer:
        dandiset, version = self._access.version(user, identifier, name)
        content = {"identifier": f"DANDI:{identifier}", "name": dandiset.title, "version": version.name}
        return in_json(200, {**content, "schemaKey": "Dandiset"})

    def _version_info(self, request: Request, user: User | None, identifier: str, name: str) -> Answer:
        dandiset, version = self._access.version(user, identifier, name)
        errors = [
            {"path": asset.path, **error}
            for asset in version.assets.values()
            if asset.status(self._archive.now()) == "Invalid"
            for error in asset.errors()
        ]
        more = {
            "asset_validation_errors": errors,
            "version_validation_errors": [],
            "dandiset": self._access.shown(dandiset),
        }
        return in_json(200, {**self._access.shown_version(dandiset, version), **more})

    def _assets(self, request: Request, user: User | None, identifier: str, name: str) -> Answer:
        _, version = self._access.version(user, identifier, name)
        query = {key: values[0] for key, values in parse_qs(request.query).items()}
        found = list(version.assets.values())
        if "path" in query:
            found = [asset for asset in found if asset.path.lower().startswith(query["path"].lower())]
        if "glob" in query:
            # Only the star means something there, slashes too.
            pattern = re.escape(query["glob"]).replace(r"\*", ".*")
            found = [asset for asset in found if re.fullmatch(pattern, asset.path, re.IGNORECASE)]
        order = query.get("order", "created")
        keys: dict[str, Callable[[Asset], Any]] = {
            "path": lambda asset: asset.path,
            "size": lambda asset: asset.blob.size,
            "modified": lambda asset: asset.modified,
        }
        by = keys.get(order.lstrip("-"), lambda asset: asset.created)
        found.sort(key=by, reverse=order.startswith("-"))
        metadata = query.get("metadata", "false").lower() in {"true", "1"}
        rows = [self._archive.row(asset, metadata=metadata) for asset in found]
        return page_of(rows, request, self._archive.api)

    def _listed_asset(
        self, request: Request, user: User | None, identifier: str, name: str, asset_id: str
    ) -> Answer:
        return self._shown_asset(request, self._access.listed(user, identifier, name, asset_id))

    def _validation(
        self, request: Request, user: User | None, identifier: str, name: str, asset_id: str
    ) -> Answer:
        asset = self._access.listed(user, identifier, name, asset_id)
        status = asset.status(self._archive.now())
        errors = asset.errors() if status == "Invalid" else []
        return in_json(200, {"status": status, "validation_errors": errors})

    def _asset(self, request: Request, user: User | None, asset_id: str) -> Answer:
        return self._shown_asset(request, self._access.free(user, asset_id))

    def _shown_asset(self, request: Request, asset: Asset) -> Answer:
        if request.path.endswith("/info/"):
            return in_json(200, self._archive.row(asset, metadata=True))
        return in_json(200, self._archive.full_metadata(asset))

    def _download(self, request: Request, user: User | None, asset_id: str) -> Answer:
        return self._sent_on(request, self._access.free(user, asset_id))

    def _download_listed(
        self, request: Request, user: User | None, identifier: str, name: str, asset_id: str
    ) -> Answer:
        return self._sent_on(request, self._access.listed(user, identifier, name, asset_id))

    def _sent_on(self, request: Request, asset: Asset) -> Answer:
        if asset.zarr:
            raise refuse(400, "Unable to provide a download link for zarr assets.")
        query = parse_qs(request.query)
        how = "inline" if query.get("content_disposition") == ["inline"] else "attachment"
        url = presign(
            "GET",
            self._archive.storage.partition("://")[2],
            f"/dandiarchive/{asset.blob.key}",
            now=self._archive.now(),
            seconds=self._archive.link_seconds,
            query={
                "response-content-disposition": f'{how}; filename="{quote(asset.path.rpartition("/")[2])}"'
            },
        )
        return Answer(302, {"Location": url, "Content-Type": "text/html; charset=utf-8"})
