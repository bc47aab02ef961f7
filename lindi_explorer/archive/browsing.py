"""Dandisets as trees: which folders and files are in one, a page at a time."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, quote, unquote, urlencode

import msgspec

from lindi_explorer.archive.client import Client
from lindi_explorer.archive.instances import Instance, below, instance_named, instances
from lindi_explorer.archive.keys import key_headers
from lindi_explorer.archive.names import Named, parse
from lindi_explorer.archive.refusals import no_key
from lindi_explorer.remote.address import is_remote
from lindi_explorer.remote.archives import is_name
from lindi_explorer.remote.policy import may_carry_credentials

if TYPE_CHECKING:
    from typing import Any

_DANDI = re.compile(r"dandi://([^/]+)/(\d{6})(?:@([A-Za-z0-9.]+))?(?:/((?:[^?]*/)?))?", re.IGNORECASE)
_WEB_PAGE = re.compile(r"/dandiset/(\d{6})(?:/(draft|\d[\d.]*))?(?:/files)?/?(?:\?(.*))?")
_API = re.compile(r"/dandisets/(\d{6})(?:/versions/([A-Za-z0-9.]+)(?:/assets)?)?/?")
_SHORT_NAMES = {"sandbox": "dandi-sandbox", "ember": "ember-dandi"}


@dataclass(frozen=True, slots=True)
class DandisetName:
    """A dandiset, as somebody names it.

    Attributes
    ----------
    instance : Instance
    dandiset : str
        Six digits.
    version : str
        ``draft`` or the name of a publication; empty: the newest publication, or the draft if there is none.
    folder : str
        The folder that is meant, without slashes around it; mostly empty.
    """

    instance: Instance
    dandiset: str
    version: str = ""
    folder: str = ""


def dandiset_named(source: Any) -> DandisetName | None:
    """Understand the name of a dandiset, or of a folder of one.

    Parameters
    ----------
    source : object
        ``dandi://instance/dandiset[@version][/folder/]``, or the address of its web page or in the API.

    Returns
    -------
    DandisetName or None
        None for anything else, the name of a file among it.

    Raises
    ------
    FormatError
        If there is no such instance.
    """
    if not isinstance(source, str):
        return None
    match = _DANDI.fullmatch(source)
    if match is not None:
        name = match[1].lower()
        instance = instance_named(_SHORT_NAMES.get(name, name))
        return DandisetName(instance, match[2], match[3] or "", unquote(match[4] or "").strip("/"))
    if not is_remote(source):
        return None
    for instance in instances():
        match = _API.fullmatch(below(instance.api, source) or "")
        if match is not None:
            return DandisetName(instance, match[1], match[2] or "")
        found = _of_web_page(instance, source) if instance.web else None
        if found is not None:
            return found
    return None


def dandiset_around(source: Any) -> DandisetName | None:
    """The dandiset that a file is named to be in.

    Parameters
    ----------
    source : object
        See `lindi_explorer.archive.names.parse`.

    Returns
    -------
    DandisetName or None
        ``folder`` is the path of the file. None for anything else, the id of an asset among it.

    Raises
    ------
    FormatError
        If it is of this kind and names no file.
    """
    if not isinstance(source, (str, tuple)) or not (is_name(source) or is_remote(str(source))):
        return None
    found = parse(source)
    if not isinstance(found, Named):
        return None
    return DandisetName(found.instance, found.dandiset, found.version, found.path)


def _of_web_page(instance: Instance, source: str) -> DandisetName | None:
    # Older pages have their path in the fragment.
    match = _WEB_PAGE.fullmatch(below(instance.web, source.replace("/#/", "/")) or "")
    if match is None:
        return None
    location = dict(parse_qsl(match[3] or "")).get("location", "")
    if location and not location.endswith("/"):
        return None
    return DandisetName(instance, match[1], match[2] or "", location.strip("/"))


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
