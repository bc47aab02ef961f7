"""DANDI as the rest of the package knows it; see `lindi_explorer.remote.archives.Archive`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from lindi_explorer.archive import instances
from lindi_explorer.archive.client import Client
from lindi_explorer.archive.keys import key_headers
from lindi_explorer.archive.names import Named, parse
from lindi_explorer.archive.refusals import refused
from lindi_explorer.errors import MissingFileError, UnsupportedError
from lindi_explorer.remote.address import is_remote
from lindi_explorer.remote.archives import Place
from lindi_explorer.remote.policy import may_carry_credentials

if TYPE_CHECKING:
    from lindi_explorer.archive.replies import AssetRow
    from lindi_explorer.errors import LindiError
    from lindi_explorer.remote.archives import Want
    from lindi_explorer.remote.messages import Headers

READY_MADE = ".lindi.json"
"""What the name of a LINDI file has more than that of the file it stands for."""

_LINDI = (".lindi.json", ".lindi.tar")
_DOWNLOAD = re.compile(
    r"(?:/dandisets/(\d{6})/versions/(?:draft|\d[\d.]*))?/assets/([0-9a-f-]{36})/download(/?)(?:\?.*)?",
    re.IGNORECASE,
)


class Dandi:
    """All instances together."""

    def find(self, source: str | tuple[Any, ...], want: Want) -> Place | None:
        """Where a name leads; see `names.parse` for what is understood.

        Parameters
        ----------
        source : str or tuple
        want : str
            For ``hdf5`` it is the file itself, for others a LINDI file beside it, if there is one.

        Returns
        -------
        Place or None

        Raises
        ------
        FormatError, MissingFileError, AccessDeniedError, TransferError, UnsupportedError
            If it is a name of the archive's, and leads to no file.
        """
        named = parse(source)
        if named is None or isinstance(named, str):
            return None if named is None else Place(named)
        with Client(named.instance) as client:
            version = named.version or client.newest_version(named.dandiset)
            return _chosen(named, version, list(client.assets(named.dandiset, version, named.path)), want)

    def key_for(self, url: str) -> Headers | None:
        """The key for a download that was refused without; for no other address of the API.

        Parameters
        ----------
        url : str

        Returns
        -------
        Headers or None
        """
        found = instances.instance_at(url) if is_remote(url) else None
        match = None if found is None else _DOWNLOAD.fullmatch(found[1])
        # Others lead to this one, and a key does not go along with a redirect.
        if found is None or match is None or not match[3] or not may_carry_credentials(url):
            return None
        return key_headers(found[0])

    def refusal(self, url: str, status: int, *, keyed: bool) -> LindiError | None:
        """What to say about a download that was refused.

        Parameters
        ----------
        url : str
        status : int
        keyed : bool

        Returns
        -------
        LindiError or None
        """
        found = asset_of(url)
        return None if found is None else refused(found[0], f"asset {found[1]}", status, keyed=keyed)

    def is_configured(self, authority: str) -> bool:
        """Whether the user has named ``host:port`` as an archive or its storage.

        Parameters
        ----------
        authority : str

        Returns
        -------
        bool
        """
        return instances.is_configured(authority)


DANDI = Dandi()

_MOST_HOMES = 10_000
_homes: dict[tuple[str, str], str] = {}
"""API and asset -> the dandiset in which it was found by its name, of which the address says nothing."""


def asset_of(url: str) -> tuple[instances.Instance, str] | None:
    """The instance and the asset that an address downloads; None for any other address of the API.

    So does every spelling that the archive redirects to it: whoever follows one gets the asset.

    Parameters
    ----------
    url : str
        Or a path, which is none.

    Returns
    -------
    tuple or None
    """
    found = _download_at(url)
    return None if found is None else (found[0], found[1][2].lower())


def dandiset_of(url: str) -> tuple[instances.Instance, str] | None:
    """The instance and the dandiset that an asset was opened from; None where nobody can tell.

    Parameters
    ----------
    url : str
        Of the download, by which names are opened as well.

    Returns
    -------
    tuple or None
    """
    found = _download_at(url)
    if found is None:
        return None
    place, match = found
    dandiset = match[1] or _homes.get((place.api, match[2].lower()), "")
    return (place, dandiset) if dandiset else None


def _download_at(url: str) -> tuple[instances.Instance, re.Match[str]] | None:
    found = instances.place_at(url) if is_remote(url) else None
    match = None if found is None else _DOWNLOAD.fullmatch(found[1])
    return None if found is None or match is None else (found[0], match)


def _chosen(named: Named, version: str, rows: list[AssetRow], want: Want) -> Place:
    there = {row.path: row for row in rows}
    ready = there.get(named.path + READY_MADE)
    if want != "hdf5" and named.ready_made and ready is not None and not named.path.endswith(_LINDI):
        name = ready.path.rpartition("/")[2]
        note = f"{name} lies beside {named.path} and was opened in its place."
        return Place(_found(named, ready), name, note)
    row = there.get(named.path)
    if row is None:
        raise _missing(named, version, rows)
    if row.blob is None:
        raise UnsupportedError(
            f"{named.path} of dandiset {named.dandiset} is a Zarr hierarchy, not a file.",
            hint="Open its address in the storage with zarr-python.",
        )
    return Place(_found(named, row), named.path.rpartition("/")[2])


def _found(named: Named, row: AssetRow) -> str:
    if len(_homes) >= _MOST_HOMES:
        _homes.clear()
    _homes[named.instance.api, row.asset_id] = named.dandiset
    return named.instance.download_address(row.asset_id)


def _missing(named: Named, version: str, rows: list[AssetRow]) -> MissingFileError:
    alike = [row.path for row in rows if row.path.casefold() == named.path.casefold()]
    below = [row.path for row in rows if row.path.startswith(f"{named.path}/")]
    if alike:
        hint = f"Did you mean {alike[0]}?"
    elif below:
        hint = f"That is a folder; the first file in it is {below[0]}."
    elif not named.version and version != "draft":
        hint = f"It may be in the draft: put @draft behind {named.dandiset}."
    else:
        hint = "Check the path; letters have their case."
    return MissingFileError(
        f"There is no file {named.path} in version {version} of dandiset {named.dandiset} "
        f"on {named.instance.name}.",
        hint=hint,
    )
