"""How far an upload is, as it is shown: not too often, never going back, with the speed."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import msgspec

from lindi_explorer.explorer.wire import to_wire

if TYPE_CHECKING:
    from lindi_explorer.archive.uploading import Progress
    from lindi_explorer.explorer.protocol import UploadState

_TELL_EVERY = 0.2
"""Seconds between two messages with the same words."""

_SENDING = 4
"""The step that counts each byte twice: when it is read, and when it is sent."""


class Pace:
    """Progress of one upload."""

    def __init__(self) -> None:
        self._part = (0, 0)
        self._began = 0.0
        self._first = 0
        self._told = 0.0

    def after(self, state: UploadState, progress: Progress) -> UploadState | None:
        """What the views are told now, None where they were told a moment ago.

        Parameters
        ----------
        state : UploadState
            What they were told last.
        progress : Progress

        Returns
        -------
        UploadState or None
        """
        now, label = time.monotonic(), to_wire(progress.label)
        times = 2 if progress.step == _SENDING else 1
        done, total = progress.done // times, progress.total // times
        if (progress.step, total) != self._part:
            self._part, self._began, self._first, self._told = (progress.step, total), now, done, 0.0
        else:
            # Whoever waits to try again counts from nothing; what has arrived has arrived.
            done = max(done, state.done)
        if label == state.label and now - self._told < _TELL_EVERY and done < total:
            return None
        self._told = now
        elapsed = now - self._began
        rate = (done - self._first) / elapsed if elapsed > 0 else 0.0
        return msgspec.structs.replace(
            state, step=progress.step, label=label, done=done, total=total, rate=rate
        )
