"""The object that answers one explorer: request in, answer and buffers out. Knows nothing of Jupyter."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

import msgspec

from lindi_explorer.errors import LindiError, UnsupportedError
from lindi_explorer.explorer import protocol as p
from lindi_explorer.explorer.answers import EDITS, READS, WITH_BUFFERS, Answer
from lindi_explorer.explorer.checks import run_check
from lindi_explorer.explorer.durable import DurableJournal
from lindi_explorer.explorer.editor import Editor
from lindi_explorer.explorer.export import export
from lindi_explorer.explorer.home.facts import nwb_version, source_words
from lindi_explorer.explorer.state import State, Work
from lindi_explorer.explorer.tree import row_at
from lindi_explorer.explorer.uploads import Uploads
from lindi_explorer.explorer.wire import to_wire
from lindi_explorer.h5 import LindiH5pyFile, open_any
from lindi_explorer.remote import CancelToken, LocalCache, cancelling
from lindi_explorer.staging.journal import Step

Subscriber = Callable[[p.AnyResponse], None]
"""Takes the messages that every view gets: what was edited or checked, and the state of the explorer."""


class ExplorerSession:
    """Answers requests about one open file, and keeps the journal of its edits on disk.

    May be used from several threads, while Python code edits the same file in yet another.

    Parameters
    ----------
    file : LindiH5pyFile
        Stays the caller's to close, unless the session was made by `open`.
    journal_folder : Path, optional
        Where journals are kept; default: the user's data folder.
    """

    def __init__(self, file: LindiH5pyFile, *, journal_folder: Path | None = None) -> None:
        self.file = file
        self.state = State(file)
        self._durable = DurableJournal.of(file, journal_folder)
        self._editor = Editor(self.state, self._durable, self._emit)
        self._subscribers: list[Subscriber] = []
        self._checks = threading.Lock()
        self.uploads = Uploads(self.state, self._emit, self._safe_elsewhere, self._durable.pending)
        self._owns_file = False
        self._closed = False

    @classmethod
    def open(
        cls, source: Any, *, local_cache: LocalCache | None = None, journal_folder: Path | None = None
    ) -> Self:
        """Open whatever can be opened; see `lindi_explorer.h5.open_any`.

        Parameters
        ----------
        source : str, path, dict, h5py.File or LindiH5pyFile
        local_cache : LocalCache, optional
            For remote files.
        journal_folder : Path, optional

        Returns
        -------
        ExplorerSession

        Raises
        ------
        LindiError
            One of the family, if the source cannot be opened.
        """
        start = time.perf_counter()
        file = open_any(source, local_cache=local_cache)
        session = cls(file, journal_folder=journal_folder)
        session._owns_file = file is not source
        session.state.seconds = time.perf_counter() - start
        return session

    def close(self) -> None:
        """Let go of the journal, and of the file where the session has opened it; again does nothing."""
        if self._closed:
            return
        self._closed = True
        self.uploads.cancel()
        self._editor.close()
        self._durable.close()
        if self._owns_file:
            self.file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # ------------------------------------------------------------ messages for every view

    def subscribe(self, subscriber: Subscriber) -> Callable[[], None]:
        """Have a function called with every message that is for all views.

        Parameters
        ----------
        subscriber : callable
            Takes an answer without ``id``; called in the thread that edits or checks.

        Returns
        -------
        callable
            Ends the subscription.
        """
        self._subscribers.append(subscriber)

        def stop() -> None:
            with contextlib.suppress(ValueError):
                self._subscribers.remove(subscriber)

        return stop

    def _emit(self, message: p.AnyResponse) -> None:
        for subscriber in list(self._subscribers):
            subscriber(message)
        if isinstance(message, p.Edited):
            self.uploads.edited()

    # ------------------------------------------------------------ requests

    def handle(
        self,
        request: p.AnyRequest,
        *,
        cancel: CancelToken | None = None,
        progress: Callable[[p.Progress], None] | None = None,
    ) -> Answer:
        """Answer a request.

        Parameters
        ----------
        request : AnyRequest
            All but Cancel, which is for whoever holds the tokens.
        cancel : CancelToken, optional
            Stops the work, also while it reads.
        progress : callable, optional
            Told from time to time how far a long request is.

        Returns
        -------
        response : AnyResponse
        buffers : list of bytes or memoryview
            What the response describes.

        Raises
        ------
        LindiError
            One of the family; `lindi_explorer.explorer.failures.failure_of` makes an answer of it.
        """
        if not self.file:
            raise LindiError("the file has been closed", hint="Open it again.")

        def tell(message: p.Progress) -> None:
            if progress is not None:
                progress(msgspec.structs.replace(message, id=request.id))

        work = Work(self.file.reader, cancel, tell)
        with cancelling(cancel):
            work.check()
            response, buffers = self._answer(request, work)
        return msgspec.structs.replace(response, id=request.id), buffers

    def _answer(self, request: p.AnyRequest, work: Work) -> Answer:
        kind = type(request)
        if kind in WITH_BUFFERS:
            return WITH_BUFFERS[kind](self.state, request, work)
        if kind in EDITS:
            return self._editor.make(lambda: EDITS[kind](self.state, request, work)), []
        if kind in READS:
            return READS[kind](self.state, request, work), []
        if kind not in _OWN:
            raise UnsupportedError(
                "this file was not chosen from a dandiset", hint="Open the dandiset, and choose a file of it."
            )
        return _OWN[kind](self, request, work), []

    def _opened(self, _request: p.Open, _work: Work) -> p.Opened:
        source = self.file.source
        return p.Opened(
            name=to_wire(source.name),
            source=to_wire(source_words(source)),
            source_kind=source.kind,
            format=source.format,
            nwb_version=nwb_version(self.state),
            root=row_at(self.state, ""),
            status=self.state.status(),
            seconds=self.state.seconds,
            pending=self._durable.pending(),
            read_only="" if self.file.mode == "r+" else "The file was opened for reading only.",
        )

    def _resume(self, _request: p.ResumeJournal, _work: Work) -> p.Edited:
        return self._editor.make(self._durable.resume)

    def _discard(self, _request: p.DiscardJournal, _work: Work) -> p.Edited:
        return self._editor.make(self._durable.discard, silent=False)

    def _export(self, request: p.Export, work: Work) -> p.Exported:
        steps = self.file.journal.steps
        answer = export(self.state, request, work)
        self._safe_elsewhere(steps)
        return answer

    def _safe_elsewhere(self, steps: tuple[Step, ...]) -> None:
        if self.file.journal.steps == steps:
            # What the journal holds is in what was written or uploaded too: nothing to resume.
            self._durable.forget()

    def _validate(self, request: p.Validate, work: Work) -> p.Findings:
        with self._checks:
            self.state.checking = True
            self._emit(p.StatusChanged(status=self.state.status()))
            try:
                answer = run_check(self.state, request, work)
            except BaseException:
                self.state.checking = False
                self._emit(p.StatusChanged(status=self.state.status()))
                raise
        self._emit(answer)
        return answer


_OWN: dict[type[p.Request], Callable[[ExplorerSession, Any, Work], p.AnyResponse]] = {
    p.Open: ExplorerSession._opened,  # noqa: SLF001 - a table of the class's own methods
    p.ResumeJournal: ExplorerSession._resume,  # noqa: SLF001
    p.DiscardJournal: ExplorerSession._discard,  # noqa: SLF001
    p.Export: ExplorerSession._export,  # noqa: SLF001
    p.Validate: ExplorerSession._validate,  # noqa: SLF001
    p.GetUploadPlan: lambda session, request, _work: session.uploads.plan(request),
    p.StartUpload: lambda session, request, _work: session.uploads.start(request),
    p.CancelUpload: lambda session, _request, _work: session.uploads.cancel(),
    p.GetUploadState: lambda session, _request, _work: session.uploads.now,
}
