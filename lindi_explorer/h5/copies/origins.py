"""Where downloaded data is from: its document says so, for those who pass it on.

``generationMetadata`` has ``downloadedFrom``, a list of addresses. Whether data may be shown to everybody
depends on where it is from, and a file that holds its data refers there no more.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from lindi_explorer.errors import FormatError
from lindi_explorer.references.model import References
from lindi_explorer.references.outline import Outline
from lindi_explorer.references.secrets import without_secret
from lindi_explorer.remote import is_remote
from lindi_explorer.remote.address import origin_of
from lindi_explorer.staging.live import loaded_tables

if TYPE_CHECKING:
    from lindi_explorer.h5.file import LindiH5pyFile

_PROVENANCE, _NAME = "generationMetadata", "downloadedFrom"
_MOST = 1000
"""Addresses that are noted, and believed."""


def origins_of(file: LindiH5pyFile, references: References) -> list[str]:
    """The addresses that data of a file is from, without secrets.

    Parameters
    ----------
    file : LindiH5pyFile
    references : References
        As they are before anything is brought in.

    Returns
    -------
    list of str
        In order.
    """
    found = {file.reader.source or ""}
    for _, table in loaded_tables(references):
        found.update(table.urls)
    return sorted(without_secret(url) for url in found if is_remote(url))


def note_origins(outline: Outline, origins: Iterable[str]) -> None:
    """Note in a document where its data is from, beside what it says of that already.

    Parameters
    ----------
    outline : Outline
    origins : iterable of str
    """
    noted = list(dict.fromkeys([*noted_origins(outline), *origins]))[:_MOST]
    if not noted:
        return
    known = outline.members.get(_PROVENANCE)
    before = known if isinstance(known, dict) else {} if known is None else {"earlier": known}
    outline.members[_PROVENANCE] = {**before, _NAME: noted}


def noted_origins(outline: Outline) -> list[str]:
    """Where the data in a document is from, as it says itself.

    Parameters
    ----------
    outline : Outline
        Of anybody.

    Returns
    -------
    list of str
        Addresses of the web.
    """
    known = outline.members.get(_PROVENANCE)
    noted = known.get(_NAME) if isinstance(known, dict) else None
    listed = noted if isinstance(noted, list) else []
    return [one for one in listed if isinstance(one, str) and _is_address(one)][:_MOST]


def _is_address(text: str) -> bool:
    try:
        return is_remote(text) and origin_of(text) != ""
    except FormatError:
        return False
