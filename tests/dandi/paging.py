"""Lists in pages, as the API gives them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlencode

from tests.dandi.refusals import refuse
from tests.dandi.web import Answer, Request, in_json

if TYPE_CHECKING:
    from collections.abc import Sequence

_USUAL, _MOST = 100, 1000


def page_of(rows: Sequence[Any], request: Request, api: str) -> Answer:
    """The page of a list that a request asks for."""
    query = {name: values[0] for name, values in parse_qs(request.query, keep_blank_values=True).items()}
    size = min(_number(query.get("page_size"), _USUAL), _MOST)
    number = _number(query.get("page"), 1 if "page" not in query else 0)
    last = max(1, -(-len(rows) // size))
    if not 1 <= number <= last:
        raise refuse(404, {"detail": "Invalid page."})

    def address(page: int) -> str | None:
        if not 1 <= page <= last:
            return None
        path = request.path.removeprefix("/api")
        return f"{api}{path}?{urlencode({**query, 'page': str(page)})}"

    results = rows[(number - 1) * size : number * size]
    content = {"count": len(rows), "next": address(number + 1), "previous": address(number - 1)}
    return in_json(200, {**content, "results": results})


def _number(text: str | None, default: int) -> int:
    return int(text) if text is not None and text.isdecimal() and int(text) > 0 else default
