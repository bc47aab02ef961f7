"""The instances of DANDI: archives that run its software."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

import msgspec

from lindi_explorer.archive.spelling import below, below_loosely
from lindi_explorer.byterange import redact_url
from lindi_explorer.errors import FormatError
from lindi_explorer.remote.address import authority_of, bare_host, origin_of

if TYPE_CHECKING:
    from collections.abc import Iterable

VARIABLE = "LINDI_DANDI_INSTANCES"
"""Further instances, as JSON: ``{"lab": {"api": "https://...", "web": "...", "storage": ["..."]}}``."""

_NAME = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?")
_BUCKET_HOST = re.compile(r"(?:([a-z0-9.-]+)\.)?s3(?:[.-][a-z0-9.-]+)?\.amazonaws\.com(?:\.cn)?")


@dataclass(frozen=True, slots=True)
class Instance:
    """One archive.

    Attributes
    ----------
    name : str
        As in ``dandi://name/...``.
    api : str
        Address of its API, without slash at the end.
    web : str
        Address of its web pages; empty if it has none.
    storage : tuple of str
        Addresses that its download links lead to. Needed only inside this computer or network, where nothing
        is reached that was not named.
    buckets : tuple of str
        Names of the S3 buckets that these are; the first one holds what everybody can read.
    """

    name: str
    api: str
    web: str = ""
    storage: tuple[str, ...] = ()
    buckets: tuple[str, ...] = ()

    @property
    def is_production(self) -> bool:
        """Whether it is one of everybody's, by whatever name, and no sandbox."""
        return any(self.is_same(known) and "sandbox" not in known.name for known in _KNOWN)

    def is_same(self, other: Instance) -> bool:
        """Whether both are one archive, whatever they are called."""
        return below_loosely(self.api, other.api) == ""

    @property
    def key_variable(self) -> str:
        """The environment variable with the API key, as DANDI's own client names it."""
        return f"{self.name.upper().replace('-', '_')}_API_KEY"

    def download_address(self, asset_id: str) -> str:
        """Where the API sends an asset from; this is what references to it say."""
        return f"{self.api}/assets/{asset_id}/download/"


DEFAULT = Instance(
    "dandi",
    "https://api.dandiarchive.org/api",
    "https://dandiarchive.org",
    buckets=("dandiarchive", "dandiarchive-embargo"),
)

_KNOWN = (
    DEFAULT,
    Instance(
        "dandi-sandbox",
        "https://api.sandbox.dandiarchive.org/api",
        "https://sandbox.dandiarchive.org",
        buckets=("dandi-api-staging-dandisets", "dandi-api-staging-embargo-dandisets"),
    ),
    Instance(
        "ember-dandi",
        "https://api-dandi.emberarchive.org/api",
        "https://dandi.emberarchive.org",
        buckets=("ember-open-data", "ember-dandi-archive-embargo", "ember-dandi-private"),
    ),
)

_added: tuple[Instance, ...] = ()


class _Entry(msgspec.Struct):
    """An instance in the environment variable."""

    api: str
    web: str = ""
    storage: tuple[str, ...] = ()


def add_dandi_instance(name: str, api: str, *, web: str = "", storage: Iterable[str] = ()) -> Instance:
    """Name an archive that runs DANDI's software, for this process.

    Parameters
    ----------
    name : str
        For ``dandi://name/...`` and for its key, which is in the environment as ``NAME_API_KEY``.
    api : str
        Address of its API, such as ``https://api.example.org/api``.
    web : str, optional
        Address of its web pages.
    storage : iterable of str, optional
        Addresses that its download links lead to, if they are inside this computer or network.

    Returns
    -------
    Instance

    Raises
    ------
    FormatError
        If the name is taken or odd, or an address is none.
    """
    global _added  # noqa: PLW0603 - the instances are the process's
    made = _checked(name, _Entry(api, web, tuple(storage)))
    _added = (*(one for one in _added if one.name != made.name), made)
    return made


def instances() -> tuple[Instance, ...]:
    """All instances: the ones of everybody, and the user's.

    Raises
    ------
    FormatError
        If the environment variable cannot be understood.
    """
    return (*_KNOWN, *configured())


def configured() -> tuple[Instance, ...]:
    """The user's own instances."""
    text = os.environ.get(VARIABLE)
    if not text:
        return _added
    try:
        entries = msgspec.json.decode(text, type=dict[str, _Entry])
    except msgspec.MsgspecError as error:
        raise FormatError(
            f"The environment variable {VARIABLE} cannot be understood: {error}",
            hint='It is JSON such as {"lab": {"api": "https://api.example.org/api"}}.',
        ) from None
    return (*_added, *(_checked(name, entry) for name, entry in entries.items()))


_SHORT_NAMES = {"sandbox": "dandi-sandbox", "ember": "ember-dandi"}
"""What people call two instances, unless one of theirs is called so."""


def instance_named(name: str) -> Instance:
    """The instance of a name, whatever the case of its letters.

    Raises
    ------
    FormatError
        If there is none.
    """
    known, lower = instances(), name.lower()
    for one in known:
        if one.name == lower:
            return one
    if lower in _SHORT_NAMES:
        return instance_named(_SHORT_NAMES[lower])
    raise FormatError(
        f"There is no DANDI instance {redact_url(name)!r}; there are {', '.join(one.name for one in known)}.",
        hint="Name yours with add_dandi_instance.",
    )


def instance_at(url: str) -> tuple[Instance, str] | None:
    """The instance whose API an address belongs to, and path and query below that of the API."""
    for one in instances():
        if (rest := below(one.api, url)) is not None:
            return one, rest
    return None


def place_at(url: str) -> tuple[Instance, str] | None:
    """As `instance_at`, for all spellings of an address; see `spelling.below_loosely`."""
    for one in instances():
        if (rest := below_loosely(one.api, url)) is not None:
            return one, rest
    return None


def storage_at(url: str) -> Instance | None:
    """The instance in whose storage an address lies, as far as that is known."""
    host, path = bare_host(authority_of(url)), unquote(urlsplit(url).path)
    found = _BUCKET_HOST.fullmatch(host)
    bucket = None if found is None else found[1] or path[1:].partition("/")[0]
    for one in instances():
        if bucket in one.buckets or origin_of(url) in map(origin_of, one.storage):
            return one
    return None


def is_configured(authority: str) -> bool:
    """Whether ``host:port`` is one that the user has named."""
    named = [url for one in configured() for url in (one.api, one.web, *one.storage) if url]
    return any(authority_of(url) == authority for url in named)


def _checked(name: str, entry: _Entry) -> Instance:
    if not _NAME.fullmatch(name):
        raise FormatError(
            f"{redact_url(name)!r} cannot be the name of a DANDI instance.",
            hint="It has small letters, digits and hyphens.",
        )
    if any(known.name == name for known in _KNOWN):
        # Its key would go wherever this name leads.
        raise FormatError(f"{name} is the name of another DANDI instance.", hint="Choose another name.")
    for url in (entry.api, *filter(None, (entry.web, *entry.storage))):
        origin_of(url)  # raises what is wrong with it
        if redact_url(url) != url:
            raise FormatError(
                f"The address {redact_url(url)} of the DANDI instance {name} has more than host and path.",
                hint="Leave out user, query and fragment; the key has a place of its own.",
            )
    return Instance(name, entry.api.rstrip("/"), entry.web.rstrip("/"), entry.storage)
