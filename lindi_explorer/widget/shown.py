"""What the views show at the moment, as far as Python code asks for it."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from lindi_explorer.explorer import protocol as p
from lindi_explorer.widget.picture import draw_png

_MOST_PATHS = 200

Picture = tuple[p.Response, Sequence[bytes | memoryview]]


class Shown:
    """The latest selection of each dataset, and the latest picture."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._selections: dict[str, str] = {}
        self._picture: Picture | None = None

    def note(self, answer: p.Response, buffers: Sequence[bytes | memoryview]) -> None:
        """Take note of an answer that goes to a view."""
        if isinstance(answer, (p.LinePreview, p.ImagePreview, p.TablePreview)):
            self.choose(answer.path, answer.selection)
        if isinstance(answer, (p.LinePreview, p.ImagePreview)):
            self._picture = (answer, buffers)

    def choose(self, path: str, selection: str) -> None:
        """Take note of a selection; the latest one counts, whoever made it.

        Parameters
        ----------
        path : str
            As it is sent.
        selection : str
        """
        with self._lock:
            self._selections.pop(path, None)
            self._selections[path] = selection
            if len(self._selections) > _MOST_PATHS:
                del self._selections[next(iter(self._selections))]

    def selection(self, path: str) -> str | None:
        """The latest selection of a dataset; None before any."""
        with self._lock:
            return self._selections.get(path)

    def png(self) -> bytes | None:
        """The latest picture; None before any."""
        return None if self._picture is None else draw_png(*self._picture)
