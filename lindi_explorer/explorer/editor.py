"""Making edits durable and known to every view, whoever makes them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from lindi_explorer.errors import LindiError
from lindi_explorer.explorer.edits import Outcome, moved_by, touched_by
from lindi_explorer.explorer.protocol import AnyResponse, Edited
from lindi_explorer.explorer.wire import to_wire
from lindi_explorer.explorer.words import count_words

if TYPE_CHECKING:
    from lindi_explorer.explorer.durable import DurableJournal
    from lindi_explorer.explorer.state import State
    from lindi_explorer.staging.journal import Step


class Editor:
    """Watches the journal of a file.

    Parameters
    ----------
    state : State
    durable : DurableJournal
    emit : callable
        Tells all views.
    """

    def __init__(self, state: State, durable: DurableJournal, emit: Callable[[AnyResponse], None]) -> None:
        self._state = state
        self._durable = durable
        self._emit = emit
        self._seen = state.journal.steps
        self._requests = threading.RLock()
        self._here = threading.local()
        self._stop = state.journal.watch(self._changed)

    def make(self, edit: Callable[[], Outcome], *, silent: bool = True) -> Edited:
        """Carry out the edit of a request; requests edit one after the other.

        Parameters
        ----------
        edit : callable
            Makes steps of the journal, or none.
        silent : bool
            Whether the views are spared an edit that has touched nothing.

        Returns
        -------
        Edited

        Raises
        ------
        LindiError
            If the edit cannot be made, or is made and could not be saved.
        """
        with self._requests:
            self._here.error, self._here.busy = None, True
            try:
                outcome = edit()
            finally:
                self._here.busy = False
                self._seen = self._state.journal.steps
            answer = self._edited(outcome)
        if answer.touched or not silent:
            self._emit(answer)
        if self._here.error is not None:
            raise self._here.error
        return answer

    def _changed(self) -> None:
        """Save and tell; called by the journal in the thread that edits."""
        error: LindiError | None = None
        busy = getattr(self._here, "busy", False)
        try:
            if busy:
                self._durable.save()
            else:
                self._durable.save_soon(self._unsaved)
        except LindiError as unsaved:
            error = unsaved
        if busy:
            # `make` tells the views, in the words of the request.
            self._here.error = error
            return
        before, self._seen = self._seen, self._state.journal.steps
        self._emit(self._edited(_difference(before, self._seen)))
        if error is not None:
            raise error

    def _unsaved(self, error: LindiError) -> None:
        self._emit(self._edited(Outcome(". ".join(filter(None, (error.message, error.hint))), [])))

    def _edited(self, outcome: Outcome) -> Edited:
        return Edited(
            status=self._state.status(),
            touched=outcome.touched,
            words=to_wire(outcome.words),
            moved=list(outcome.moved),
            pending=self._durable.pending(),
        )

    def close(self) -> None:
        """Stop watching."""
        self._stop()


def _difference(before: tuple[Step, ...], now: tuple[Step, ...]) -> Outcome:
    """What happened between two moments of a journal that Python code edits."""
    same = len(before) if now[: len(before)] == before else 0
    while same < min(len(before), len(now)) and before[same] == now[same]:
        same += 1
    gone, come = before[same:], now[same:]
    touched = list(dict.fromkeys(path for step in (*gone, *come) for path in touched_by(step)))
    moved = [move for step in reversed(gone) for move in moved_by(step, back=True)]
    moved += [move for step in come for move in moved_by(step)]
    if len(come) == 1 and not gone:
        return Outcome(come[0].words, touched, moved)
    if len(gone) == 1 and not come:
        return Outcome(f"Undone: {gone[0].words}", touched, moved)
    return Outcome(f"Edited {count_words(len(touched), 'object')}", touched, moved)
