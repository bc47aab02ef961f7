"""What is printed, and how: plain words, no traces of errors, nothing that a terminal would obey."""

from __future__ import annotations

import re
import sys
from typing import TextIO

from lindi_explorer.errors import LindiError

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""Names and values come from files; escape sequences among them could rewrite what stands on the screen."""


def printable(text: str) -> str:
    """A text with control characters and lone surrogates spelt out; lines and tabs stay."""
    return _CONTROL.sub(lambda match: match[0].encode("unicode_escape").decode("ascii"), text)


def say(text: str = "", *, end: str = "\n") -> None:
    """Print to standard output.

    Parameters
    ----------
    text : str
    end : str
    """
    _write(sys.stdout, text, end)


def complain(text: str) -> None:
    """Print to standard error."""
    _write(sys.stderr, text, "\n")


def _write(stream: TextIO, text: str, end: str) -> None:
    encoding = stream.encoding or "utf-8"
    # A terminal that knows ASCII only gets question marks, not a crash.
    shown = printable(text).encode(encoding, "replace").decode(encoding)
    print(shown, end=end, file=stream, flush=True)


def fail(error: BaseException) -> None:
    """Say what went wrong and what to do about it; of errors that nobody foresaw only where they happened.

    Parameters
    ----------
    error : BaseException
    """
    from lindi_explorer.explorer.failures import failure_of

    if not isinstance(error, LindiError) and isinstance(error, OSError) and error.strerror:
        complain(f"Error: {error.filename or 'a file'}: {error.strerror.lower()}")
        return
    failure = failure_of(error)
    complain(f"Error: {failure.message}")
    if failure.code == "internal":
        complain(f"This is a mistake in lindi_explorer: {failure.details}")
    elif failure.hint:
        complain(failure.hint)


class Narrator:
    """Numbers steps and indents what is said in them."""

    def __init__(self) -> None:
        self._steps = 0

    def step(self, words: str) -> None:
        """Begin a step."""
        self._steps += 1
        say(f"\n{self._steps}. {words}")

    def say(self, words: str) -> None:
        """Say something about the step."""
        say(f"   {words}")
