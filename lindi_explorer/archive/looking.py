"""The part of the pre-flight that looks at the file: what it is made from, and what it leads to."""

from __future__ import annotations

from dataclasses import dataclass

from lindi_explorer.archive.client import Client
from lindi_explorer.archive.dandi import asset_of
from lindi_explorer.archive.found import Findings
from lindi_explorer.archive.frozen import Frozen
from lindi_explorer.archive.guard import Sources, refuse_signed_storage, require_public, tell_reached
from lindi_explorer.archive.instances import Instance
from lindi_explorer.archive.preflight import Mode
from lindi_explorer.archive.reaching import MOST, Reached, reach
from lindi_explorer.archive.writer import Metadata
from lindi_explorer.errors import AccessDeniedError, LindiError, MissingFileError, UnsupportedError
from lindi_explorer.remote.faults import si_bytes


def describe_source(frozen: Frozen, sources: Sources) -> Metadata:
    """What the archive says of the asset that a file was made from; empty where there is none.

    Parameters
    ----------
    frozen : Frozen
    sources : Sources

    Returns
    -------
    dict
    """
    opened = asset_of(frozen.file.reader.source or "")
    for instance, asset_id in sources.assets[:MOST]:
        with Client(instance) as client:
            try:
                found = client.metadata(asset_id)
            except (AccessDeniedError, MissingFileError):
                continue  # whether it can be read at all is told elsewhere
        if (instance, asset_id) == opened or not str(found.get("path", "")).startswith("lindi_blobs/"):
            return found
    return {}


@dataclass(frozen=True, slots=True)
class Leads:
    """Where the references of a file lead.

    Attributes
    ----------
    addresses : list of str
        Those that are to be published, or whose data is.
    error : LindiError or None
        Why they must not be; nothing was read of them then.
    reached : Reached
        Whether anything is there.
    """

    addresses: list[str]
    error: LindiError | None
    reached: Reached


def look_at_leads(frozen: Frozen, place: Instance, mode: Mode) -> Leads:
    """Look where the references of a file lead, and whether anything is there.

    Parameters
    ----------
    frozen : Frozen
    place : Instance
        Where the file goes.
    mode : str

    Returns
    -------
    Leads
    """
    file, copied = frozen.file, mode == "nwb"
    opened = file.reader.source or ""
    alone = copied and file.source.format == "HDF5"
    own = {file.source.address, opened, ""} if alone else set()
    addresses = [address for address in frozen.addresses if address not in own]
    try:
        require_public(addresses, place, copied=copied)
        # What is in the file itself is published in every mode.
        refuse_signed_storage([opened])
        if len(addresses) > MOST:
            raise UnsupportedError(
                f"It refers to {len(addresses):,} files, and no more than {MOST:,} are looked at.",
                hint="Have what it refers to in fewer files.",
            )
    except LindiError as error:
        return Leads(addresses, error, Reached())
    return Leads(addresses, None, reach(addresses, place, "" if opened in addresses else opened))


def tell_leads(leads: Leads, findings: Findings) -> None:
    """Say what came of it.

    Parameters
    ----------
    leads : Leads
    findings : Findings
    """
    if leads.error is not None:
        findings.block("References", leads.error)
    else:
        tell_reached(leads.reached, len(leads.addresses), findings)


def look_at_rest(frozen: Frozen, mode: Mode, blobs: list[int], findings: Findings) -> None:
    """Say how much is sent, and what is stored beside the file.

    Parameters
    ----------
    frozen : Frozen
    mode : str
    blobs : list of int
        Their bytes.
    findings : Findings
    """
    count = "1 blob" if len(blobs) == 1 else f"{len(blobs):,} blobs"
    also = f" and {count} of {si_bytes(sum(blobs))}" if blobs else ""
    findings.add("ok", "Size", f"{si_bytes(frozen.size(mode) - sum(blobs))}{also}")
    if frozen.no_patch:
        findings.add("note", "Patch", f"none is stored beside the file: {frozen.no_patch}")
    elif frozen.patch is not None:
        changes = len(frozen.patch.changes)
        words = "1 change is" if changes == 1 else f"{changes:,} changes are"
        findings.add("ok", "Patch", f"{words} stored beside the file")
