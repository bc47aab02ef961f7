"""The text of the edited file as a LINDI document."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, NamedTuple

from lindi_explorer.explorer.nodes import name_of
from lindi_explorer.explorer.secrets import Report, clean
from lindi_explorer.references import codec

if TYPE_CHECKING:
    from lindi_explorer.explorer.state import State, Work
    from lindi_explorer.staging.journal import Step

_KEPT = 64 << 20
"""A text of at most so many bytes is kept between planning and writing."""


class Text(NamedTuple):
    """A document as it would be written."""

    data: bytes
    report: Report


class Exporter:
    """Makes the text of the edited file, once for each state of the edits."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last: tuple[tuple[Step, ...], Text] | None = None

    def text(self, state: State, work: Work) -> Text:
        """The document without secrets, and what only this machine could follow in it."""
        with self._lock:
            steps = state.journal.steps
            if self._last is not None and self._last[0] == steps:
                return self._last[1]
            state.file.read_ahead(
                progress=lambda walked: work.say("Reading ahead", walked.objects), cancel=work.cancel
            )
            for count, path in enumerate(state.journal.walk()):
                # Reading the chunk indices that have not been read is what takes time; it can be cancelled.
                work.say(f"Indexing {name_of(path)}", count)
                len(state.journal.node(path).chunks)
            document = state.file.to_reference_file_system()
            report = clean(document)
            text = Text(codec.to_text(document).encode("ascii"), report)
            self._last = (steps, text) if len(text.data) <= _KEPT else None
            return text
