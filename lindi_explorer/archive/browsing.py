"""Questions about dandisets: which there are, and which folders and files are in one, a page at a time."""

from __future__ import annotations

from urllib.parse import quote, urlencode

import msgspec

from lindi_explorer.archive.client import Client
from lindi_explorer.archive.keys import key_headers
from lindi_explorer.archive.refusals import no_key
from lindi_explorer.remote.policy import may_carry_credentials


class VersionFacts(msgspec.Struct):
    """A version of a dandiset, as far as it is shown."""

    version: str
    name: str = ""
    asset_count: int = 0
    size: int = 0


class DandisetFacts(msgspec.Struct):
    """A dandiset and its versions, as far as they are shown."""

    identifier: str
    embargo_status: str = "OPEN"
    draft_version: VersionFacts | None = None
    most_recent_published_version: VersionFacts | None = None


class _VersionInfo(VersionFacts):
    dandiset: DandisetFacts | None = None


class _AssetOfPath(msgspec.Struct):
    asset_id: str


class PathRow(msgspec.Struct):
    """A folder, or a file (``asset``), with the files and bytes in it."""

    path: str
    aggregate_files: int = 0
    aggregate_size: int = 0
    asset: _AssetOfPath | None = None


class PathPage(msgspec.Struct):
    """A page of a folder; ``count`` is told on the first page only by some servers."""

    results: list[PathRow]
    count: int | None = None
    next: str | None = None


class FoundRow(msgspec.Struct):
    """A file that was searched for."""

    path: str
    size: int = 0


class FoundPage(msgspec.Struct):
    """A page of those."""

    results: list[FoundRow]
    count: int | None = None


class _OwnPage(msgspec.Struct):
    results: list[DandisetFacts]


class Browser(Client):
    """Asks an archive what is in its dandisets."""

    def close(self) -> None:
        """Close the connections."""
        self._calls.close()

    def facts(self, dandiset: str, version: str) -> tuple[DandisetFacts, VersionFacts]:
        """A dandiset and one of its versions.

        Parameters
        ----------
        dandiset : str
        version : str
            Empty: the newest publication, or else the draft.

        Returns
        -------
        DandisetFacts, VersionFacts
        """
        what = f"dandiset {dandiset}"
        if version:
            route = f"/dandisets/{dandiset}/versions/{quote(version, safe='')}/info/"
            info = self._ask(route, what, _VersionInfo)
            return info.dandiset or DandisetFacts(dandiset), info
        found = self._ask(f"/dandisets/{dandiset}/", what, DandisetFacts)
        shown = found.most_recent_published_version or found.draft_version
        return found, shown or VersionFacts("draft")

    def folder(self, dandiset: str, version: str, folder: str, number: int, size: int) -> PathPage:
        """A page of what lies directly in a folder, in the order of the paths.

        Parameters
        ----------
        dandiset, version : str
        folder : str
            Without slash at the end; empty is all of it.
        number : int
            Of the page, from 1 on.
        size : int
            Rows of a page, 1000 at most.

        Returns
        -------
        PathPage
        """
        prefix = f"{folder}/" if folder else ""
        query = urlencode({"path_prefix": prefix, "page": number, "page_size": size})
        what = f"folder {folder} in dandiset {dandiset}" if folder else f"dandiset {dandiset}"
        return self._ask(f"{_assets(dandiset, version)}paths/?{query}", what, PathPage)

    def search(self, dandiset: str, version: str, text: str, size: int) -> FoundPage:
        """Files whose paths contain a text, whatever the case of its letters; ``*`` stands for anything.

        Parameters
        ----------
        dandiset, version, text : str
        size : int
            The most rows, 1000 at most.

        Returns
        -------
        FoundPage
        """
        query = urlencode({"glob": f"*{text}*", "order": "path", "page_size": size})
        return self._ask(f"{_assets(dandiset, version)}?{query}", f"dandiset {dandiset}", FoundPage)

    def own_dandisets(self) -> list[DandisetFacts]:
        """The dandisets that the key's owner may write to, those under embargo and empty ones too.

        Returns
        -------
        list of DandisetFacts
        """
        query = "user=me&draft=true&empty=true&embargoed=true&ordering=-modified&page_size=1000"
        url, what = f"{self.instance.api}/dandisets/?{query}", "your dandisets"
        # Without a key the archive would answer that nobody has none.
        headers = key_headers(self.instance) if may_carry_credentials(url) else None
        if headers is None:
            raise no_key(self.instance)
        reply = self._calls.get(url, headers)
        if reply.status != 200:
            raise self._error(reply, what, headers)
        try:
            return msgspec.json.decode(reply.body, type=_OwnPage).results
        except msgspec.MsgspecError as error:
            raise self._not_understood(what, str(error)) from None


def _assets(dandiset: str, version: str) -> str:
    return f"/dandisets/{dandiset}/versions/{quote(version, safe='')}/assets/"
