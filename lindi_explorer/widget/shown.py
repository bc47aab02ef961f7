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
        self._files = 0

    @property
    def files(self) -> int:
        """How many files have been shown before the present one."""
        return self._files

    def note(self, answer: p.Response, buffers: Sequence[bytes | memoryview], file: int) -> None:
        """Take note of an answer that goes to a view.

        Parameters
        ----------
        answer : Response
        buffers : sequence of bytes
        file : int
            `files` when it was asked for: an answer that comes late is about a file that was closed.
        """
        with self._lock:
            if file != self._files:
                return
            if isinstance(answer, (p.LinePreview, p.ImagePreview)):
                self._picture = (answer, buffers)
            if isinstance(answer, (p.LinePreview, p.ImagePreview, p.TablePreview)):
                self._choose(answer.path, answer.selection)

    def told(self, message: p.AnyResponse) -> None:
        """Forget everything where the views are told of another file, or of the list of files.

        Parameters
        ----------
        message : AnyResponse
            Any that goes to every view.
        """
        if message.id or not isinstance(message, (p.Opened, p.Choosing)):
            return
        with self._lock:
            self._files += 1
            self._selections.clear()
            self._picture = None

    def choose(self, path: str, selection: str) -> None:
        """Take note of a selection; the latest one counts, whoever made it.

        Parameters
        ----------
        path : str
            As it is sent.
        selection : str
        """
        with self._lock:
            self._choose(path, selection)

    def _choose(self, path: str, selection: str) -> None:
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
        picture = self._picture
        return None if picture is None else draw_png(*picture)
