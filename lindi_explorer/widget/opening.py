"""A session that is being opened in the background, so that the cell with the explorer ends at once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lindi_explorer.explorer.answers import Answer
from lindi_explorer.explorer.choosing import DandisetSession
from lindi_explorer.explorer.protocol import AnyRequest, AnyResponse
from lindi_explorer.explorer.session import ExplorerSession
from lindi_explorer.remote import CancelToken, LocalCache, cancelling


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
        self._source = source
        self._local_cache = local_cache
        self._journal_folder = journal_folder
        self._tell = tell
        self._done = threading.Event()
        # Reentrant: the garbage collector may close an explorer in the middle of anything.
        self._lock = threading.RLock()
        self._session: ExplorerSession | DandisetSession | None = None
        self._token = CancelToken()
        self._shown = False
        self.error: Exception | None = None
        self._start()

    def _start(self) -> None:
        self._done.clear()
        threading.Thread(target=self._open, name="lindi-explorer-open", daemon=True).start()

    def _open(self) -> None:
        try:
            with cancelling(self._token):
                options: dict[str, Any] = {
                    "local_cache": self._local_cache,
                    "journal_folder": self._journal_folder,
                }
                session = DandisetSession.open(self._source, **options) or ExplorerSession.open(
                    self._source, **options
                )
        except Exception as error:  # noqa: BLE001 - kept, shown as a card, and raised by `session`
            self.error, self._shown = error, False
        else:
            session.subscribe(self._tell)
            with self._lock:
                self._session, self.error = session, None
            if self._token.is_set():
                session.close()
        finally:
            self._done.set()

    def wait(self, seconds: float | None) -> bool:
        """Wait until it is open or has failed, at most so long; returns whether it is known."""
        return self._done.wait(seconds)

    @property
    def now(self) -> ExplorerSession | None:
        """The session of the file if it is open; does not wait."""
        session = self._session
        return session.now if isinstance(session, DandisetSession) else session

    @property
    def session(self) -> ExplorerSession:
        """The session of the file; waits for it, and raises what went wrong.

        Raises
        ------
        LindiError
            If the source cannot be opened, or is a dandiset of which no file has been chosen.
        """
        session = self._answering()
        return session.chosen if isinstance(session, DandisetSession) else session

    @property
    def name(self) -> str:
        """What is shown: the name of the file, or of the dandiset while no file of it is open; waits.

        Raises
        ------
        LindiError
            If the source cannot be opened.
        """
        session = self._answering()
        if isinstance(session, DandisetSession):
            return session.name if session.now is None else session.now.file.source.name
        return session.file.source.name

    def handle(self, request: AnyRequest, **options: Any) -> Answer:
        """Answer a request, as `ExplorerSession.handle` does, once the source is open."""
        return self._answering().handle(request, **options)

    def _answering(self) -> ExplorerSession | DandisetSession:
        self._done.wait()
        if self._session is not None:
            return self._session
        assert self.error is not None
        # The same error is raised again and again; its traceback would grow.
        raise self.error.with_traceback(None)

    def ask_again(self) -> None:
        """Try to open the source once more where a view has been told of the failure and asks anew."""
        with self._lock:
            if not self._done.is_set() or self.error is None or self._token.is_set():
                return
            again, self._shown = self._shown, True
            if again:
                self._start()

    def close(self) -> None:
        """Close the session, now or as soon as it is open."""
        self._token.set()
        with self._lock:
            session = self._session
        if session is not None:
            session.close()
