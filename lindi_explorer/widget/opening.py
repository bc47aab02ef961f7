"""A session that is being opened in the background, so that the cell with the explorer ends at once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lindi_explorer.explorer.protocol import AnyResponse
from lindi_explorer.explorer.session import ExplorerSession
from lindi_explorer.remote import LocalCache


class Opening:
    """Opens a source on a thread of its own.

    Parameters
    ----------
    source : object
        See `lindi_explorer.h5.open_any`.
    local_cache : LocalCache or None
    journal_folder : Path or None
    tell : callable
        Takes the messages that are for every view.
    """

    def __init__(
        self,
        source: Any,
        local_cache: LocalCache | None,
        journal_folder: Path | None,
        tell: Callable[[AnyResponse], None],
    ) -> None:
        self._done = threading.Event()
        self._lock = threading.Lock()
        self._session: ExplorerSession | None = None
        self._closed = False
        self.error: Exception | None = None
        work = (source, local_cache, journal_folder, tell)
        threading.Thread(target=self._open, args=work, name="lindi-explorer-open", daemon=True).start()

    def _open(
        self,
        source: Any,
        local_cache: LocalCache | None,
        journal_folder: Path | None,
        tell: Callable[[AnyResponse], None],
    ) -> None:
        try:
            session = ExplorerSession.open(source, local_cache=local_cache, journal_folder=journal_folder)
        except Exception as error:  # noqa: BLE001 - kept, shown as a card, and raised by `session`
            self.error = error
        else:
            session.subscribe(tell)
            with self._lock:
                self._session = session
                closed = self._closed
            if closed:
                session.close()
        finally:
            self._done.set()

    def wait(self, seconds: float) -> bool:
        """Wait until it is open, or has failed; returns whether it is."""
        return self._done.wait(seconds)

    @property
    def session(self) -> ExplorerSession:
        """The session; waits for it, and raises what went wrong.

        Raises
        ------
        LindiError
            If the source cannot be opened.
        """
        self._done.wait()
        if self.error is not None:
            raise self.error
        assert self._session is not None
        return self._session

    def close(self) -> None:
        """Close the session, now or as soon as it is open."""
        with self._lock:
            self._closed = True
            session = self._session
        if session is not None:
            session.close()
