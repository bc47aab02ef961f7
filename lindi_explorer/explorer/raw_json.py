"""The Zarr metadata of a node as LINDI writes it."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

from lindi_explorer.explorer.nodes import inner, locate, outer
from lindi_explorer.explorer.protocol import GetJson, Json
from lindi_explorer.explorer.secrets import shown_address
from lindi_explorer.explorer.wire import to_wire
from lindi_explorer.references import keys
from lindi_explorer.references.secrets import addresses_of

if TYPE_CHECKING:
    from lindi_explorer.explorer.state import State, Work

_LONGEST = 500_000
"""Characters; an answer stays below 2 MB."""


def raw_json(state: State, request: GetJson, _work: Work) -> Json:
    """The metadata documents of a node, by the last part of their keys; chunks are in the storage view."""
    path = locate(state.file, inner(request.path))
    documents: dict[str, Any] = {}
    for name in keys.METADATA:
        document = state.journal.metadata(keys.join(path, name))
        if document is not None:
            documents[name] = copy.deepcopy(document)
            for holder, member in addresses_of(documents[name]):
                holder[member] = shown_address(holder[member])
    text = to_wire(json.dumps(documents, indent=2, ensure_ascii=False))
    if len(text) > _LONGEST:
        text = f"{text[:_LONGEST]}\n… {len(text) - _LONGEST:,} more characters"
    return Json(path=outer(path), text=text)
