"""Errors as answers."""

from __future__ import annotations

import re
import traceback
from pathlib import Path

import msgspec

from lindi_explorer.errors import LindiError
from lindi_explorer.explorer.protocol import Failure
from lindi_explorer.explorer.wire import to_wire

_PACKAGE = Path(__file__).parent.parent


def failure_of(error: BaseException, id: str = "") -> Failure:  # noqa: A002 - the protocol's name
    """The answer for a request that failed.

    Parameters
    ----------
    error : BaseException
    id : str
        Of the request.

    Returns
    -------
    Failure
        An error of the family in its own words. Of any other only the class and the place in our code, as
        its text may hold anything, secrets too.
    """
    if isinstance(error, LindiError):
        return Failure(
            id=id, code=error.code, message=_sentence(to_wire(error.message)), hint=to_wire(error.hint)
        )
    if isinstance(error, msgspec.ValidationError):
        words = "The request was not understood"
        return Failure(
            id=id, code="bad-request", message=words, hint="Reload the page.", details=str(error)[:300]
        )
    return Failure(
        id=id,
        code="internal",
        message="Something unexpected went wrong inside the explorer",
        hint="The rest still works. The details help to find the mistake.",
        details=_place(error),
    )


def _sentence(text: str) -> str:
    """With a capital where a sentence starts with a plain word; a file's name stays as it is."""
    return text[:1].upper() + text[1:] if re.match(r"[a-z]+[ ,:]", text) else text


def _place(error: BaseException) -> str:
    """The class of an error and the last line of ours that it went through."""
    place = ""
    for frame in traceback.extract_tb(error.__traceback__):
        file = Path(frame.filename)
        if file.is_relative_to(_PACKAGE):
            place = f" in {file.relative_to(_PACKAGE).as_posix()}, line {frame.lineno}"
    return f"{type(error).__qualname__}{place}"
