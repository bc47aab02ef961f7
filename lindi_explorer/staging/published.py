"""The addresses in a document, and what they become where others shall follow them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from lindi_explorer.byterange import redact_url
from lindi_explorer.errors import AccessDeniedError
from lindi_explorer.references import keys
from lindi_explorer.references.annotations import SIDECAR
from lindi_explorer.references.outline import Outline, is_reference
from lindi_explorer.references.secrets import addresses_of
from lindi_explorer.remote.address import local_path

_NAMED = 3
"""Files that an error names."""


def addresses_in(outline: Outline) -> list[str]:
    """All addresses that a document has, each once, in the order of its keys.

    Parameters
    ----------
    outline : Outline

    Returns
    -------
    list of str
        Templates are replaced.
    """
    full = {"{{" + name + "}}": url for name, url in outline.members.get("templates", {}).items()}
    found: dict[str, None] = {}
    for rows in sorted(outline.tables, key=lambda rows: rows.before):
        numbers, first = np.unique(rows.table.url, return_index=True)
        found |= dict.fromkeys(rows.urls[number] for number in numbers[np.argsort(first)].tolist())
    for key, value in outline.refs.items():
        if is_reference(value):
            found[value[0]] = None
        elif isinstance(value, dict) and keys.split(key)[1] in (".zattrs", SIDECAR):
            found |= dict.fromkeys(holder[member] for holder, member in addresses_of(value))
    return list(dict.fromkeys(full.get(address, address) for address in found))


def refuse_local(found: Iterable[str], staged: Mapping[str, object] | None) -> None:
    """Raise `AccessDeniedError` where a document leads to files of this machine that are not staged.

    Parameters
    ----------
    found : iterable of str
        Addresses.
    staged : mapping or None
        Those of them that lead to files of the staging area; None where there is no area.
    """
    known = staged or {}
    local = [address for address in found if address not in known and local_path(address) is not None]
    if not local:
        return
    names = ", ".join(redact_url(address) or "a file in memory" for address in local[:_NAMED])
    more = f" and {len(local) - _NAMED:,} more" if len(local) > _NAMED else ""
    raise AccessDeniedError(
        f"the file refers to {names}{more}, outside of the staging area: nobody else could follow, and only "
        "files inside of it are uploaded",
        hint=("Open it with a staging area, and have" if staged is None else "Have")
        + " the chunks copied with staging_store.copy_chunks_to_staging_area(download_remote=False); "
        "or open the source by its URL.",
    )
