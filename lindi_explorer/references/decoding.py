"""A parsed LINDI document -> references.

Documents come from the network: whatever they hold, the answer is a `ReferenceSet` or a `FormatError`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lindi_explorer.errors import FormatError
from lindi_explorer.references.checks import DAMAGED, ZARR_3
from lindi_explorer.references.document import Document, Keys
from lindi_explorer.references.outline import no_collection
from lindi_explorer.references.parsing import Pieces
from lindi_explorer.references.places import Locate
from lindi_explorer.references.reference_set import ReferenceSet
from lindi_explorer.references.table_builder import Addresses


def decode(document: Any, locate: Locate | None = None) -> ReferenceSet:
    """Decode a parsed document.

    Parameters
    ----------
    document : mapping
        With ``refs`` and perhaps ``templates``; anything else is refused.
    locate : callable, optional
        Where references ``./member`` lead; without it they are relative paths like others, as for a document
        in memory. The references that come out are absolute.

    Returns
    -------
    ReferenceSet
        What belongs to no node is in its ``extra``.

    Raises
    ------
    FormatError
        If the document breaks the format; the message names the key. Of a document that comes as text, the
        nodes are decoded, and refused, when they are asked for: most are not.
    """
    if not isinstance(document, Mapping):
        raise FormatError("this is no LINDI document: it has no object `refs`", hint=DAMAGED)
    refs = document.get("refs")
    read = Keys(Addresses(_templates(document.get("templates")), locate))
    with no_collection():
        if isinstance(refs, Pieces):
            for piece in refs:
                (read.add_of_many if refs.are_many else read.add)(piece)
        elif isinstance(refs, Mapping) and all(isinstance(key, str) for key in refs):
            read.add(refs)
        else:
            raise FormatError("this is no LINDI document: it has no object `refs`", hint=DAMAGED)
        if not read.refs.keys() & {".zgroup", ".zarray"}:
            raise FormatError(
                "this LINDI document has no root: the key `.zgroup` is missing",
                hint=ZARR_3 if "zarr.json" in read.refs else DAMAGED,
            )
        members = {name: value for name, value in document.items() if name not in ("refs", "templates")}
        decoded = Document(read, members)
        decoded.node("")
        if not isinstance(refs, Pieces):
            decoded.make_all()
    return decoded


def _templates(value: Any) -> dict[str, str]:
    if value is None:
        return {}
    if not isinstance(value, Mapping) or not all(isinstance(text, str) for text in value.values()):
        raise FormatError("`templates` of this LINDI document is not an object of strings", hint=DAMAGED)
    return dict(value)
