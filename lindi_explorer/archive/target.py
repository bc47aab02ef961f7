"""Where a file is to go, and what is there: the part of the pre-flight that asks the archive."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from lindi_explorer.archive.found import Findings
from lindi_explorer.archive.instances import Instance, instance_named, instances
from lindi_explorer.archive.paths import free_path, require_path
from lindi_explorer.archive.preflight import Conflict, Mode
from lindi_explorer.archive.refusals import changed, exists, in_the_way, not_allowed, refused
from lindi_explorer.archive.replies import DandisetReply, Me
from lindi_explorer.archive.writer import Writer
from lindi_explorer.errors import AccessDeniedError, FormatError, LindiError, MissingFileError
from lindi_explorer.remote import is_remote
from lindi_explorer.staging.sent import read_record

_GOES_ON = "put there by the upload that was interrupted, which goes on"
_REPLACES = "replaces the file that is there, whose old address stays for a while"


@dataclass(frozen=True, slots=True)
class Target:
    """What the archive says of the dandiset.

    Attributes
    ----------
    account : Me
        Whom the key belongs to.
    dandiset : DandisetReply
    schema_version : str
    """

    account: Me
    dandiset: DandisetReply
    schema_version: str

    @property
    def embargoed(self) -> bool:
        """Whether the dandiset is under embargo."""
        return self.dandiset.embargo_status != "OPEN"


@dataclass(frozen=True, slots=True)
class Spot:
    """A path in the dandiset, and the asset that is there now."""

    path: str
    replaces: str | None


def instance_of(text: str) -> Instance:
    """The archive of a name, or of the address of its API.

    Parameters
    ----------
    text : str

    Returns
    -------
    Instance

    Raises
    ------
    FormatError
        If it is none of everybody's, and none that the user has named.
    """
    if is_remote(text):
        for one in instances():
            if one.api == text.rstrip("/"):
                return one
    return instance_named(text)


def look_at_target(writer: Writer, findings: Findings, *, production: bool) -> Target | None:
    """Ask for everything that does not depend on the file.

    Parameters
    ----------
    writer : Writer
    findings : Findings
    production : bool
        Whether the user has agreed to an archive that is no sandbox.

    Returns
    -------
    Target or None
        None if there is no such dandiset, or no key.

    Raises
    ------
    TransferError
        If the archive does not answer.
    """
    instance = writer.instance
    if not instance.is_production:
        findings.add("ok", "Archive", f"{instance.name}, at {instance.api}")
    elif production:
        findings.add("note", "Archive", f"{instance.name} is for publications; LINDI is not official there")
    else:
        why = f"{instance.name} is for publications, and LINDI is not official there."
        hint = "Try dandi-sandbox first; if you mean it, say production=True, or --production."
        findings.block("Archive", AccessDeniedError(why, hint=hint))
    try:
        account = writer.me()
        if account.status not in ("", "APPROVED"):
            raise refused(instance, "your account", 403, keyed=True, account=account)
        findings.add("ok", "API key", f"accepted by {instance.name}, account {account.username} approved")
    except (AccessDeniedError, FormatError) as error:
        findings.block("API key", error)
        return None
    try:
        dandiset = writer.shown()
        if not (account.admin or writer.is_owned()):
            raise not_allowed(instance, f"dandiset {writer.dandiset}", account)
        findings.add("ok", "Ownership", f"you own dandiset {writer.dandiset}")
    except (AccessDeniedError, MissingFileError, FormatError) as error:
        findings.block("Ownership", error)
        return None
    if dandiset.embargo_status == "UNEMBARGOING":
        why = f"The embargo of dandiset {writer.dandiset} is being lifted, and it takes nothing meanwhile."
        findings.block("Dandiset", AccessDeniedError(why, hint="Try again when that is done."))
    return Target(account, dandiset, writer.info().schema_version)


def choose_spot(
    writer: Writer,
    findings: Findings,
    path: str,
    *,
    mode: Mode,
    conflict: Conflict,
    opened: str | None,
    agreed: str | None = None,
) -> Spot:
    """Find out what is at a path, and what to do about it.

    Parameters
    ----------
    writer : Writer
    findings : Findings
    path : str
    mode : str
    conflict : str
    opened : str or None
        The asset that the edited file was opened from, or uploaded as, where that was at this path.
    agreed : str, optional
        The asset that somebody has agreed to replace, and no other.

    Returns
    -------
    Spot
    """
    try:
        require_path(path, mode)
        there = writer.asset_at(path)
    except LindiError as error:
        findings.block("Name", error)
        return Spot(path, None)
    if there is None:
        _tell_free(writer, findings, path, agreed)
        return Spot(path, None)
    if _is_of_before(writer, path, there.asset_id):
        findings.add("note", "Name", _GOES_ON)
        return Spot(path, there.asset_id)
    if agreed is not None:
        if agreed != there.asset_id:
            findings.block("Name", changed(writer.instance, writer.dandiset, path))
        else:
            findings.add("note", "Name", _REPLACES)
        return Spot(path, there.asset_id)
    if conflict == "rename":
        return _beside(writer, findings, path)
    if conflict == "ask":
        findings.block("Name", exists(writer.instance, writer.dandiset, path))
    elif opened not in (None, there.asset_id):
        findings.block("Name", changed(writer.instance, writer.dandiset, path))
    else:
        findings.add("note", "Name", _REPLACES)
    return Spot(path, there.asset_id)


def _tell_free(writer: Writer, findings: Findings, path: str, agreed: str | None) -> None:
    """Say that there is no file at a path, and whether one can be put there."""
    if agreed is not None:
        findings.block("Name", changed(writer.instance, writer.dandiset, path))
    elif (hindrance := writer.hindrance(path)) is not None:
        said = f"{hindrance} is there, and nothing is both a file and a folder"
        findings.block("Name", in_the_way(writer.instance, f"dandiset {writer.dandiset}", said))
    else:
        findings.add("ok", "Name", f"{path} is free, {len(path)} characters, allowed characters only")


def _beside(writer: Writer, findings: Findings, path: str) -> Spot:
    """A free path like this one, or one that has what an upload has put there before it was killed."""
    own: list[str] = []

    def is_taken(other: str) -> bool:
        there = writer.asset_at(other)
        if there is not None and _is_of_before(writer, other, there.asset_id):
            own.append(there.asset_id)
        return there is not None and not own

    path = free_path(path, is_taken)
    if own:
        findings.add("note", "Name", _GOES_ON)
        return Spot(path, own[0])
    findings.add("ok", "Name", f"{path}, as the name itself is taken")
    return Spot(path, None)


def _is_of_before(writer: Writer, path: str, asset_id: str) -> bool:
    """Whether what is at the path was put there by an upload that was killed before it knew."""
    before = read_record(writer.instance.api, writer.dandiset, path)
    etags = {sent.etag for sent in before.values() if sent.path == path}
    return bool(etags) and etag_in(writer.metadata(asset_id)) in etags


def etag_in(metadata: dict[str, Any]) -> str:
    """What the archive knows the bytes of an asset by, from what it says of it; empty if it does not say."""
    digest = metadata.get("digest")
    found = digest.get("dandi:dandi-etag") if isinstance(digest, dict) else None
    return found if isinstance(found, str) else ""
