"""The Zarr metadata of a node as LINDI writes it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from lindi_explorer.byterange import redact_url
from lindi_explorer.explorer.nodes import inner, locate, outer
from lindi_explorer.explorer.protocol import GetJson, Json
from lindi_explorer.explorer.wire import to_wire
from lindi_explorer.references import keys
from lindi_explorer.references.annotations import EXTERNAL_ARRAY_LINK

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
            documents[name] = _without_secrets(document)
    text = to_wire(json.dumps(documents, indent=2, ensure_ascii=False))
    if len(text) > _LONGEST:
        text = f"{text[:_LONGEST]}\n… {len(text) - _LONGEST:,} more characters"
    return Json(path=outer(path), text=text)


def _without_secrets(document: dict[str, Any]) -> dict[str, Any]:
    """A link's address may be a signed one."""
    link = document.get(EXTERNAL_ARRAY_LINK)
    if not isinstance(link, dict) or not isinstance(link.get("url"), str):
        return document
    return {**document, EXTERNAL_ARRAY_LINK: {**link, "url": redact_url(link["url"])}}
