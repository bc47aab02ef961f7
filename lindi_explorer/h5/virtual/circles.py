"""Virtual datasets that are sources of each other: how deep, and how many in one read."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from lindi_explorer.errors import InvalidSelectionError, UnsupportedError

_DEEPEST = 8
"""Virtual datasets that are sources of each other; more is most likely a circle."""

_MOST_SOURCES = 10_000
"""Sources of sources that one read, or one look at a shape, opens: a few levels of a few would never end."""

_UNDER_WAY: ContextVar[tuple[tuple[str, str], ...]] = ContextVar("_UNDER_WAY", default=())
_OPENED: ContextVar[list[int] | None] = ContextVar("_OPENED", default=None)


@contextmanager
def entered(file: str, path: str) -> Iterator[None]:
    """A context in which a virtual dataset is looked at.

    Parameters
    ----------
    file, path : str
        Which one.

    Raises
    ------
    UnsupportedError
        If it is being looked at already: it is a source of itself.
    """
    above = _UNDER_WAY.get()
    if (file, path) in above or len(above) >= _DEEPEST:
        raise UnsupportedError(
            f"the virtual dataset /{path} is put together from itself, or from virtual datasets of virtual "
            f"datasets more than {_DEEPEST} times over",
            hint="Make it of the datasets that hold the data.",
        )
    under_way = _UNDER_WAY.set((*above, (file, path)))
    opened = None if above else _OPENED.set([0])
    try:
        yield
    finally:
        _UNDER_WAY.reset(under_way)
        if opened is not None:
            _OPENED.reset(opened)


def count_source() -> None:
    """Count a source that is to be read or asked for its shape, if that is one of a source.

    Raises
    ------
    InvalidSelectionError
        If there were too many.
    """
    counted = _OPENED.get()
    if counted is None or len(_UNDER_WAY.get()) < 2:
        return
    counted[0] += 1
    if counted[0] > _MOST_SOURCES:
        raise InvalidSelectionError(
            f"a virtual dataset takes more than {_MOST_SOURCES:,} sources of sources",
            hint="Ask for a smaller part, or make it of the datasets that hold the data.",
        )
