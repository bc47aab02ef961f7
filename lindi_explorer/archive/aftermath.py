"""What is looked at when an uploaded file is there: the archive's own check, and what is left of others."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Any

from lindi_explorer.archive.preflight import Status
from lindi_explorer.archive.writer import Writer
from lindi_explorer.errors import CancelledByUserError, LindiError
from lindi_explorer.remote.cancel import current_token
from lindi_explorer.staging.sent import SentRecord
from lindi_explorer.staging.sent_before import left_behind

_MOST_ERRORS = 20
_MOST_ORPHANS = 1000


def wait_for_check(
    writer: Writer, asset_id: str, told: Callable[[float], None], *, patience: float, interval: float
) -> tuple[Status, tuple[str, ...]]:
    """Wait for the archive's check. The file is there: nothing that happens meanwhile undoes that.

    Parameters
    ----------
    writer : Writer
    asset_id : str
    told : callable
        Told for how many seconds it has been waited.
    patience, interval : float
        Seconds to wait, and between two questions.

    Returns
    -------
    status : str
        ``Pending`` where it is not known in time, or nobody wants to wait any longer.
    errors : tuple of str
    """
    start = time.monotonic()
    try:
        while True:
            waited = time.monotonic() - start
            told(waited)
            found = writer.validation(asset_id)
            if found is None:
                return "Pending", ("somebody has replaced the file meanwhile",)
            if found.status in ("Valid", "Invalid"):
                errors = tuple(map(_words, found.validation_errors[:_MOST_ERRORS]))
                return ("Valid" if found.status == "Valid" else "Invalid"), errors
            if waited >= patience:
                return "Pending", ()
            _pause(interval)
    except CancelledByUserError:
        return "Pending", ()
    except LindiError as error:
        return "Pending", (error.message,)


def orphans_of(writer: Writer, record: SentRecord, addresses: Iterable[str]) -> tuple[str, ...]:
    """Paths of blobs that uploads which failed have left in a dandiset, and a document has no use for.

    Parameters
    ----------
    writer : Writer
    record : SentRecord
        Of the upload that sent it.
    addresses : iterable of str
        Of the document.

    Returns
    -------
    tuple of str
    """
    used = set(addresses)
    paths = {sent.path for sent in left_behind(record)}
    found = []
    for path in sorted(path for path in paths if path.startswith("lindi_blobs/"))[:_MOST_ORPHANS]:
        try:
            there = writer.asset_at(path)
        except LindiError:
            break
        if there is not None and writer.instance.download_address(there.asset_id) not in used:
            found.append(path)
    return tuple(found)


def _words(error: Any) -> str:
    """What the archive's check complains about, in one line."""
    if isinstance(error, dict):
        where, what = error.get("field"), error.get("message") or error.get("detail")
        error = f"{where}: {what}" if where else what
    words = " ".join(str(error).split())
    return "".join(c for c in words if c.isprintable())[:300]


def _pause(seconds: float) -> None:
    token = current_token()
    if token is None:
        time.sleep(seconds)
    else:
        token.sleep(seconds)
        token.check()
