"""Where the references of a document may lead, if it is to be put into an archive."""

from __future__ import annotations

import contextlib
import ipaddress
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from lindi_explorer.archive.client import Client
from lindi_explorer.archive.dandi import asset_of
from lindi_explorer.archive.found import Findings
from lindi_explorer.archive.instances import Instance, storage_at
from lindi_explorer.archive.reaching import MOST, Reached
from lindi_explorer.archive.replies import DandisetReply
from lindi_explorer.archive.together import together
from lindi_explorer.archive.writer import Writer
from lindi_explorer.byterange import redact_url
from lindi_explorer.errors import AccessDeniedError, ConflictError
from lindi_explorer.references.secrets import without_secret
from lindi_explorer.remote import is_remote
from lindi_explorer.remote.address import authority_of, bare_host
from lindi_explorer.remote.policy import OriginPolicy

_NAMED = 3

_DISGUISES = tuple(map(ipaddress.ip_network, ("::/96", "2002::/16", "64:ff9b::/96", "64:ff9b:1::/48")))
"""Addresses that hold another one, of version 4: compatible, 6to4, and translated ones."""


@dataclass(frozen=True, slots=True)
class Sources:
    """The assets that a document refers to, as ``(instance, asset id)``, the first first.

    Attributes
    ----------
    assets : tuple
    closed : tuple
        Those of them that are under embargo.
    """

    assets: tuple[tuple[Instance, str], ...]
    closed: tuple[tuple[Instance, str], ...]

    def and_of(self, other: Sources) -> Sources:
        """These and others."""
        return Sources((*self.assets, *other.assets), (*self.closed, *other.closed))


def require_public(addresses: Iterable[str], target: Instance, *, copied: bool = False) -> None:
    """Raise where an address, as it is written, must not stand in a document that is published.

    Parameters
    ----------
    addresses : iterable of str
    target : Instance
        Where the document goes.
    copied : bool
        Whether only data is published, and no address.

    Raises
    ------
    AccessDeniedError
        For files of this machine, links that are signed or hold a key, and addresses inside this computer or
        network that the user has not named.
    ConflictError
        For assets of another archive that must not be referred to from this one.
    """
    policy = OriginPolicy(target.api)
    addresses = list(addresses)
    local, signed, elsewhere = [], [], []
    for address in addresses:
        if not is_remote(address):
            local.append(address)
            continue
        policy.check_url(address)
        _require_plain_host(address)
        if copied:
            continue
        if without_secret(address) != address:
            signed.append(address)
        found = asset_of(address)
        place = storage_at(address) if found is None else found[0]
        if place is not None and not _may_refer(target, place):
            elsewhere.append(address)
    if copied:
        refuse_signed_storage(addresses)
    if local:
        raise AccessDeniedError(
            f"{_listed(local)} {_lie(local)} on this machine, or nowhere: nobody else could follow.",
            hint="Open the source by its URL, or upload an HDF5 file that stands alone (mode nwb).",
        )
    if signed:
        raise AccessDeniedError(
            f"{_listed(signed)} {_lie(signed)} behind a signed link or a key, which would be published.",
            hint="Open the source by an address that is for everybody, such as that of the archive.",
        )
    if elsewhere:
        raise ConflictError(
            f"{_listed(elsewhere)} {_lie(elsewhere)} in an archive that may be emptied, or is yours alone; "
            f"{target.name} must not refer to it.",
            hint=f"Upload what the file refers to to {target.name} first, or use the mode nwb.",
        )


def refuse_signed_storage(addresses: Iterable[str]) -> None:
    """Raise for signed links into the storage of an archive: nobody can tell whether that is under embargo.

    Parameters
    ----------
    addresses : iterable of str
        Of what is copied.

    Raises
    ------
    AccessDeniedError
    """
    signed = [one for one in addresses if is_remote(one) and without_secret(one) != one and storage_at(one)]
    if signed:
        raise AccessDeniedError(
            f"{_listed(signed)} {_lie(signed)} behind a signed link to an archive's storage, which does not "
            "say whether it is under embargo.",
            hint="Open the source by the address of its download, or by its name (dandi://...).",
        )


def tell_reached(reached: Reached, count: int, found: Findings) -> None:
    """Say which files that are referred to can be read.

    Parameters
    ----------
    reached : Reached
    count : int
        Addresses that were tried.
    found : Findings
    """
    if reached.error is not None:
        found.block("References", reached.error)
    elif reached.silent:
        detail = f"{_listed(list(reached.silent))} did not answer; whether they can be read is not known"
        found.add("warning", "References", detail)
    elif not count:
        found.add("ok", "References", "none but to the file itself")
    else:
        detail = f"{count:,} of {count:,} sources can be read; no local paths, no signed links"
        found.add("ok", "References", detail)


def look_at_sources(addresses: Iterable[str]) -> Sources:
    """Which assets there are, and which of them are under embargo.

    Parameters
    ----------
    addresses : iterable of str

    Returns
    -------
    Sources
    """
    assets = tuple(dict.fromkeys(found for address in addresses if (found := asset_of(address))))
    with contextlib.ExitStack() as clients:
        asking = {one: clients.enter_context(Client(one)) for one in dict.fromkeys(one for one, _ in assets)}
        closed = together(lambda asset: asking[asset[0]].is_closed(asset[1]), assets)
    return Sources(assets, tuple(asset for asset, is_closed in zip(assets, closed, strict=True) if is_closed))


def check_embargo(
    sources: Sources, reached: Reached, writer: Writer, *, embargoed: bool, found: Findings
) -> None:
    """Compare the embargo of what is referred to with that of where it goes."""
    closed = bool(sources.closed or reached.closed)
    if closed and not embargoed:
        name = writer.instance.name
        error = AccessDeniedError(
            f"The source is under embargo and dandiset {writer.dandiset} on {name} is open: the file would "
            "show what is in the source, and the same bytes there would end the embargo.",
            hint="Upload it to a dandiset under embargo.",
        )
        found.block("Embargo", error)
    elif closed:
        found.add("ok", "Embargo", "source and target are both under embargo")
    elif embargoed:
        detail = "the target is under embargo; only its owners will be able to read the new data"
        found.add("note", "Embargo", detail)
    else:
        which = "source and target are both" if sources.assets else "the target is"
        found.add("ok", "Embargo", f"{which} open")


def check_durability(sources: Sources, writer: Writer, dandiset: DandisetReply, found: Findings) -> None:
    """Say where references may end: at drafts, and at files of other dandisets."""
    if not sources.assets:
        return
    here = [asset for instance, asset in sources.assets[:MOST] if instance.is_same(writer.instance)]
    newest = dandiset.most_recent_published_version
    published = [] if newest is None else [one for one in here if writer.is_listed(one, newest.version)]
    drafts = [one for one in here if one not in published and writer.is_listed(one)]
    others = min(len(sources.assets), MOST) - len(published) - len(drafts)
    if others:
        detail = f"{others:,} of {len(sources.assets):,} sources are not in dandiset {writer.dandiset}"
        found.add("warning", "Dandisets", f"{detail}; refer to published versions, which stay")
    if drafts:
        detail = "the source is a draft; links to it can end when it is replaced. Publishing the dandiset"
        found.add("warning", "Durability", f"{detail} makes them last")
    elif published and not others:
        found.add("ok", "Durability", "the source is published")


def _may_refer(target: Instance, source: Instance) -> bool:
    if target.is_same(source) or not target.is_production:
        return True
    return source.is_production


def _require_plain_host(address: str) -> None:
    """Raise for what libraries take for addresses of this machine, and `ipaddress` does not: ``127.1``."""
    host = unicodedata.normalize("NFKC", bare_host(authority_of(address)))
    last = host.rpartition(".")[2]
    is_number = ":" in host or last.isdecimal() or last.startswith("0x")
    try:
        numeric = ipaddress.ip_address(host.partition("%")[0]) if is_number else None
    except ValueError:
        numeric, hidden = None, True
    else:
        hidden = isinstance(numeric, ipaddress.IPv6Address) and any(numeric in net for net in _DISGUISES)
    if hidden or host != bare_host(authority_of(address)):
        raise AccessDeniedError(f"{redact_url(address)} names a host in a way that hides which it is.")


def _listed(addresses: list[str]) -> str:
    names = ", ".join(_shown(address) for address in addresses[:_NAMED])
    return names + (f" and {len(addresses) - _NAMED:,} more" if len(addresses) > _NAMED else "")


def _shown(address: str) -> str:
    """An address of the network without secrets; of a file on this machine only the name."""
    if is_remote(address):
        return redact_url(address)
    return redact_url(Path(urlsplit(address).path or address).name) or "a file in memory"


def _lie(addresses: list[str]) -> str:
    return "lies" if len(addresses) == 1 else "lie"
