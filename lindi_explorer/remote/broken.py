"""What went wrong when a connection broke, told from the exceptions of either HTTP library."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

from lindi_explorer.errors import LindiError

if TYPE_CHECKING:
    from collections.abc import Iterator


def hidden_error(error: BaseException) -> LindiError | None:
    """Return the error of our family that a library wrapped into one of its own; None if there is none."""
    return next((e for e in _chain(error) if isinstance(e, LindiError)), None)


def why_broken(error: BaseException) -> tuple[str, bool]:
    """Say why a connection broke.

    Parameters
    ----------
    error : BaseException
        As the HTTP library raised it. Its own text is never shown: it may hold the signed URL.

    Returns
    -------
    why : str
        For people, to stand after a colon.
    no_contact : bool
        Whether the host was not even reached.
    """
    import ssl

    for kind, why, no_contact in (
        (socket.gaierror, "the host name is not known", True),
        (ConnectionRefusedError, "the host refused the connection", True),
        (ssl.SSLCertVerificationError, "the certificate of the host is not trusted", True),
        (ssl.SSLError, "the encrypted connection failed", False),
        (TimeoutError, "no answer in time", False),
        (ConnectionError, "the connection was closed", False),
    ):
        if any(isinstance(e, kind) for e in _chain(error)):
            return why, no_contact
    return f"the connection broke ({type(error).__name__})", False


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Yield an exception and all that it wraps as cause, context or argument."""
    waiting, seen = [error], set[int]()
    while waiting:
        found = waiting.pop()
        if id(found) in seen:
            continue
        seen.add(id(found))
        yield found
        waiting += [
            e for e in (found.__cause__, found.__context__, *found.args) if isinstance(e, BaseException)
        ]
