"""Which files that a document refers to can be read, and which of them everybody can read."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum, auto

from lindi_explorer.archive.instances import Instance
from lindi_explorer.archive.together import together
from lindi_explorer.byterange import ByteRange, redact_url
from lindi_explorer.errors import AccessDeniedError, CancelledByUserError, LindiError, TransferError
from lindi_explorer.remote import RangeReader, is_remote
from lindi_explorer.remote.calls import WebCalls
from lindi_explorer.remote.resolve import resolve

MOST = 1000
"""Addresses that are tried; a document has few, as a rule one."""


@dataclass(frozen=True, slots=True)
class Reached:
    """What came of it.

    Attributes
    ----------
    closed : tuple of str
        Addresses that are read with a key only, wherever they are: they lead under an embargo.
    silent : tuple of str
        Those that did not answer.
    error : LindiError or None
        What the first one said that cannot be read at all.
    """

    closed: tuple[str, ...] = ()
    silent: tuple[str, ...] = ()
    error: LindiError | None = None


class _How(Enum):
    OPEN = auto()
    CLOSED = auto()
    SILENT = auto()


def reach(addresses: Iterable[str], target: Instance, own: str = "") -> Reached:
    """Read a byte of every file, as whoever opens the document would, and who has no key first.

    An address says nothing of what it redirects to: only who follows it finds out that it leads under an
    embargo.

    Parameters
    ----------
    addresses : iterable of str
        As many as `MOST`.
    target : Instance
        Where the document goes: as a document from there is read, so what is inside this network is reached
        only where the user has named it.
    own : str, optional
        The file that the user has opened, where only its data is published. It is reached wherever it is.

    Returns
    -------
    Reached
    """
    wanted = [(address, target.api) for address in addresses]
    if is_remote(own):
        wanted.append((own, own))
    with contextlib.ExitStack() as readers:
        made = {
            document: [readers.enter_context(RangeReader(document, keys=keys)) for keys in (False, True)]
            for document in dict.fromkeys(document for _, document in wanted)
        }

        def look(one: tuple[str, str]) -> _How | LindiError:
            address, document = one
            return _how(address, document, *made[document])

        found = together(look, wanted)
    named = [(address, how) for (address, _), how in zip(wanted, found, strict=True)]
    return Reached(
        tuple(address for address, how in named if how is _How.CLOSED),
        tuple(address for address, how in named if how is _How.SILENT),
        next((how for how in found if isinstance(how, LindiError)), None),
    )


def _how(address: str, document: str, keyless: RangeReader, keyed: RangeReader) -> _How | LindiError:
    byte = ByteRange(address, 0, 1)
    try:
        try:
            if resolve(address) != address:
                _require_plain_way(address, document)
            keyless.read_now(byte)
        except AccessDeniedError:
            keyed.read_now(byte)
            return _How.CLOSED
    except CancelledByUserError:
        raise
    except TransferError:
        return _How.SILENT
    except LindiError as error:
        return error
    return _How.OPEN


def _require_plain_way(address: str, document: str) -> None:
    """Raise where an address is read with the help of this computer only: with its access to S3, perhaps."""
    calls = WebCalls(document, redact_url(address))
    try:
        status = calls.get(address, {"Range": "bytes=0-0"}).status
    finally:
        calls.close()
    if status in (401, 403):
        raise AccessDeniedError(f"{redact_url(address)} cannot be read by everybody.")
    if status >= 400:
        raise TransferError(f"{redact_url(address)} answers with status {status}.")
