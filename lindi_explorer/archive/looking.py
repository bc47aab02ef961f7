"""The part of the pre-flight that looks at the file: what it is made from, and what it leads to."""

from __future__ import annotations

from lindi_explorer.archive.client import Client
from lindi_explorer.archive.dandi import asset_of
from lindi_explorer.archive.found import Findings
from lindi_explorer.archive.frozen import Frozen
from lindi_explorer.archive.guard import MOST, Sources, require_public, try_addresses
from lindi_explorer.archive.instances import Instance
from lindi_explorer.archive.preflight import Mode
from lindi_explorer.archive.writer import Metadata
from lindi_explorer.errors import AccessDeniedError, LindiError, MissingFileError
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


def look_at_references(frozen: Frozen, place: Instance, mode: Mode, findings: Findings) -> None:
    """Look where the references of a file lead, and whether anything is there.

    Parameters
    ----------
    frozen : Frozen
    place : Instance
        Where the file goes.
    mode : str
    findings : Findings
    """
    own = {frozen.file.source.address, ""} if frozen.file.source.format == "HDF5" and mode == "nwb" else set()
    addresses = [address for address in frozen.addresses if address not in own]
    try:
        require_public(addresses, place, copied=mode == "nwb")
    except LindiError as error:
        findings.block("References", error)
        return
    try_addresses(addresses, place, findings)


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
