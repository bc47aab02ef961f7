"""The rules of every request, written once and without any I/O.

An `Ask` says which bytes are wanted, `request_headers` how to ask for them, and `judge` what an answer's
status and headers mean. `exchange` strings them together.
"""

from __future__ import annotations

import email.utils
import re
from typing import TYPE_CHECKING

from lindi_explorer.byterange import redact_url
from lindi_explorer.errors import AccessDeniedError, MissingFileError, RangeNotSupportedError, TransferError
from lindi_explorer.remote.faults import no_ranges, past_end, stale, too_large
from lindi_explorer.remote.messages import Ask, Facts, Failed, Redirect, Retry, Take, Unchanged

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lindi_explorer.remote.messages import Verdict

CONNECT_SECONDS = 10.0
READ_SECONDS = 60.0
MAX_REDIRECTS = 10
# Bodies of error pages and redirects up to this size are read to keep the connection.
SHORT_BODY = 1 << 16

_CONTENT_RANGE = re.compile(r"bytes (\d{1,18})-(\d{1,18})/(\d{1,18}|\*)")
_REDIRECTS = {301, 302, 303, 307, 308}
_WORTH_ANOTHER_TRY = {408, 425, 429}
_BUSY = {429, 503}


def request_headers(ask: Ask, pinned: Facts | None) -> dict[str, str]:
    """Return the headers of a request, credentials aside.

    Parameters
    ----------
    ask : Ask
        What is wanted.
    pinned : Facts or None
        What the first answer said about the file: it must still hold.
    """
    headers = {"Accept": "*/*", "Accept-Encoding": "identity", "User-Agent": "lindi-explorer"}
    if ask.mode != "whole":
        headers["Range"] = f"bytes={ask.offset}-{ask.end - 1}"
    if ask.known is not None:
        headers["If-None-Match"] = ask.known.etag
    elif pinned is not None and pinned.etag:
        headers["If-Match"] = pinned.etag
    return headers


def plain_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """Return an answer's headers with their names in lower case."""
    return {name.lower(): value for name, value in headers.items()}


def judge(ask: Ask, status: int, headers: Mapping[str, str], pinned: Facts | None) -> Verdict:
    """Say what an answer means, before its body is read.

    Parameters
    ----------
    ask : Ask
        What was wanted.
    status : int
        The HTTP status.
    headers : mapping
        The headers, names in lower case.
    pinned : Facts or None
        What the first answer said about the file.
    """
    if status in {200, 206}:
        encoding = headers.get("content-encoding", "identity").lower()
        if encoding not in {"", "identity"}:
            return Failed(
                RangeNotSupportedError(
                    f"{redact_url(ask.url)} is sent compressed ({encoding[:20]}), so no part can be read.",
                    hint="Download the file and open the local copy.",
                )
            )
        if headers.get("transfer-encoding", "").strip().lower() not in {"", "identity", "chunked"}:
            return Failed(TransferError(f"{redact_url(ask.url)} is sent in a form that nobody asked for."))
        return (_judge_part if status == 206 else _judge_whole)(ask, headers, pinned)
    if status == 304 and ask.known is not None:
        return Unchanged()
    if status in _REDIRECTS and headers.get("location"):
        return Redirect(headers["location"])
    return busy_verdict(status, headers) or _judge_refusal(ask, status, headers)


def busy_verdict(status: int, headers: Mapping[str, str]) -> Retry | None:
    """Say when to ask again, if that is what an answer means; else None.

    Parameters
    ----------
    status : int
        The HTTP status.
    headers : mapping
        The headers, names in lower case.
    """
    if status in _WORTH_ANOTHER_TRY or status >= 500:
        return Retry(f"the server answered {status}", _retry_after(headers), status in _BUSY, status)
    return None


def _judge_part(ask: Ask, headers: Mapping[str, str], pinned: Facts | None) -> Verdict:
    shown = redact_url(ask.url)
    text = headers.get("content-range", "")
    match = _CONTENT_RANGE.fullmatch(text.strip())
    if match is None or ask.mode == "whole":
        return Failed(TransferError(f"{shown} was answered with a part of the file that was not asked for."))
    first, stop = int(match[1]), int(match[2]) + 1
    facts = _facts(headers, None if match[3] == "*" else int(match[3]))
    if pinned is not None and facts.differs_from(pinned):
        return Failed(stale(ask.url))
    end = ask.end
    if facts.total is not None and end > facts.total:
        if ask.mode == "exact":
            return Failed(past_end(ask.url, end, facts.total), facts=facts)
        end = facts.total
    if (first, stop) != (ask.offset, end):
        return Failed(
            TransferError(
                f"{shown} was asked for bytes {ask.offset:,}–{end:,} and sent bytes {first:,}–{stop:,}.",
                hint="A proxy or the server mixes up ranges. Download the file and open the local copy.",
            )
        )
    if facts.total is None and ask.mode != "exact":
        return Failed(
            RangeNotSupportedError(
                f"The server of {shown} does not say how large the file is, so nothing was read.",
                hint="Download the file and open the local copy.",
            )
        )
    return Take(stop - first, stop - first, facts, ranges=True)


def _judge_whole(ask: Ask, headers: Mapping[str, str], pinned: Facts | None) -> Verdict:
    length = headers.get("content-length", "")
    total = int(length) if length.isdecimal() and len(length) < 19 else None
    facts = _facts(headers, total)
    if pinned is not None and facts.differs_from(pinned):
        return Failed(stale(ask.url))
    if ask.mode == "whole":
        if total is not None and total > ask.length:
            return Failed(too_large(ask.url, total, ask.length))
        return Take(total, ask.length + 1, facts, ranges=False)
    if ask.mode == "opening":
        # Asked for the head and sent everything: the head is taken, and whether that is enough is for
        # the opener to say. One byte more shows that the end was not reached.
        return Take(None if total is None else min(total, ask.length), ask.length + 1, facts, ranges=False)
    if ask.mode == "check":
        return Take(0, 0, facts, ranges=False)
    if ask.offset == 0 and total is not None and total == ask.length:
        return Take(total, total, facts, ranges=True)
    if total is not None and ask.end > total:
        return Failed(past_end(ask.url, ask.end, total), facts=facts)
    return Failed(no_ranges(ask.url, total))


def _judge_refusal(ask: Ask, status: int, headers: Mapping[str, str]) -> Verdict:
    shown = redact_url(ask.url)
    if status in {401, 403}:
        return Failed(
            AccessDeniedError(
                f"The server refused to send {shown} (status {status}).",
                hint="The link may have expired, or the file needs a key or a login.",
            ),
            renewable=True,
            refused=status,
        )
    if status in {404, 410}:
        return Failed(
            MissingFileError(
                f"There is no file at {shown} (status {status}).",
                hint="Check the address; the file may have moved.",
            )
        )
    if status == 412:
        return Failed(stale(ask.url))
    if status == 416:
        total = headers.get("content-range", "").strip().removeprefix("bytes */")
        if ask.mode == "opening" and total == "0":
            return Take(0, 0, _facts(headers, 0), ranges=True)
        if total.isdecimal() and len(total) < 19 and ask.end > int(total):
            return Failed(past_end(ask.url, ask.end, int(total)), facts=_facts(headers, int(total)))
    return Failed(
        TransferError(f"The server answered {shown} with status {status}."), renewable=status == 400
    )


def _facts(headers: Mapping[str, str], total: int | None) -> Facts:
    etag = headers.get("etag", "").strip()
    strong = len(etag) > 2 and etag.startswith('"') and etag.endswith('"') and len(etag) <= 200
    return Facts(total, etag if strong else "", headers.get("last-modified", ""))


def _retry_after(headers: Mapping[str, str]) -> float | None:
    text = headers.get("retry-after", "").strip()
    if text.isdecimal() and len(text) < 10:
        return float(text)
    try:
        then = email.utils.parsedate_to_datetime(text)
        now = email.utils.parsedate_to_datetime(headers["date"])
        return max(0.0, (then - now).total_seconds())
    except (KeyError, TypeError, ValueError, OverflowError):
        return None
