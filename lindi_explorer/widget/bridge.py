"""Messages of the browser -> requests -> worker threads -> answers.

Work runs on four lanes, each a thread of its own, so that a check or an export of the whole file never holds
up browsing, neither of them the questions to an archive, and nothing the wish to stop an upload; within a
lane requests are answered in their order. (An upload is begun by a request, and then has a thread to itself.)
A cancel overtakes all: a request that waits is answered at once, one that runs has its token set.
"""

from __future__ import annotations

import contextlib
import queue
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from lindi_explorer.errors import CancelledByUserError
from lindi_explorer.explorer import protocol as p
from lindi_explorer.explorer.failures import failure_of
from lindi_explorer.remote import CancelToken
from lindi_explorer.widget.pulse import Pulse

Buffers = Sequence[bytes | memoryview]

Send = Callable[[dict[str, Any], Buffers], None]
"""Sends one message to every view."""

Handle = Callable[..., tuple[p.AnyResponse, Buffers]]
"""`ExplorerSession.handle`."""

Traffic = Callable[[], tuple[int, int]]
"""Requests made and bytes received so far."""

_LANES: dict[type[p.Request], str] = {
    # These work on the whole file.
    p.Validate: "slow",
    p.Export: "slow",
    p.GetExportPlan: "slow",
    p.GetUploadTargets: "archive",
    p.GetUploadPlan: "archive",
    # These wait for nothing, whatever is being read.
    p.StartUpload: "upload",
    p.CancelUpload: "upload",
    p.GetUploadState: "upload",
}
"""Which requests do not run with those of the view."""

_LONGEST_ID = 200

_WORDS: dict[type[p.Request], str] = {
    p.Open: "Opening",
    p.ChooseAsset: "Opening",
    p.GetPreview: "Reading",
    p.GetCsv: "Reading",
    p.Search: "Searching",
    p.Validate: "Checking",
    p.Export: "Writing",
    p.GetUploadPlan: "Looking at the file and the dandiset",
}
"""What is going on, until the session says it better."""

_NOT_UNDERSTOOD = (msgspec.MsgspecError, TypeError, ValueError, RecursionError)


@dataclass(slots=True)
class _Job:
    """A request, how to stop it, and how far it is."""

    request: p.AnyRequest
    token: CancelToken = field(default_factory=CancelToken)
    started: bool = False
    progress: p.Progress | None = None


class Bridge:
    """Answers the messages of one explorer's views.

    Parameters
    ----------
    handle : callable
        Answers a request; runs on a worker thread.
    send : callable
        Sends a message; called from any thread, one call at a time.
    traffic : callable, optional
        For messages about progress.
    """

    def __init__(self, handle: Handle, send: Send, traffic: Traffic = lambda: (0, 0)) -> None:
        self._handle = handle
        self._send = send
        self._traffic = traffic
        # Reentrant: the garbage collector may close an explorer in the middle of anything.
        self._lock = threading.RLock()
        self._sending = threading.Lock()
        self._jobs: dict[str, _Job] = {}
        self._lanes: dict[str, queue.SimpleQueue[_Job | None]] = {}
        self._closed = False

    # ------------------------------------------------------------ from the browser

    def receive(self, content: Any) -> None:
        """Take one message; never raises and never waits for an answer.

        Parameters
        ----------
        content : object
            What the browser sent: anything.
        """
        try:
            request = msgspec.convert(content, p.AnyRequest)
        except _NOT_UNDERSTOOD as error:
            self._answer(failure_of(msgspec.ValidationError(str(error)), _id_of(content)))
            return
        if isinstance(request, p.Cancel):
            self._cancel(request.target)
        elif not self._enqueue(_Job(request)):
            words = msgspec.ValidationError(f"There is a request {request.id!r} already")
            self._answer(failure_of(words, request.id))

    def _enqueue(self, job: _Job) -> bool:
        name = _LANES.get(type(job.request), "view")
        with self._lock:
            if self._closed:
                return True
            if job.request.id in self._jobs:
                return False
            self._jobs[job.request.id] = job
            lane = self._lanes.get(name)
            if lane is None:
                lane = self._lanes[name] = queue.SimpleQueue()
                threading.Thread(
                    target=self._work, args=(lane,), name=f"lindi-explorer-{name}", daemon=True
                ).start()
            lane.put(job)
        return True

    def _cancel(self, target: str) -> None:
        with self._lock:
            job = self._jobs.get(target)
            waits = job is not None and not job.started
            if waits:
                del self._jobs[target]
        if job is not None:
            # Outside the lock: what listens to the token may take its time.
            job.token.set()
        if waits:
            self._answer(failure_of(CancelledByUserError("The request was cancelled."), target))

    # ------------------------------------------------------------ on a worker thread

    def _work(self, lane: queue.SimpleQueue[_Job | None]) -> None:
        while (job := lane.get()) is not None:
            with self._lock:
                if self._jobs.get(job.request.id) is not job:
                    continue
                job.started = True
            answer, buffers = self._do(job)
            with self._lock:
                self._jobs.pop(job.request.id, None)
            self._answer(answer, buffers)

    def _do(self, job: _Job) -> tuple[p.AnyResponse, Buffers]:
        request, before = job.request, self._traffic()

        def told(progress: p.Progress) -> None:
            job.progress = progress

        def beat() -> None:
            self._answer(job.progress or self._default_progress(request, before))

        try:
            with Pulse(beat):
                return self._handle(request, cancel=job.token, progress=told)
        except BaseException as error:  # noqa: BLE001 - whatever happens, the view that asked must hear of it
            return failure_of(error, request.id), []

    def _default_progress(self, request: p.AnyRequest, before: tuple[int, int]) -> p.Progress:
        requests, received = self._traffic()
        words = _WORDS.get(type(request), "Working")
        return p.Progress(
            id=request.id,
            words=words,
            done=0,
            total=None,
            requests=requests - before[0],
            bytes=received - before[1],
        )

    # ------------------------------------------------------------ to the browser

    def tell(self, response: p.AnyResponse) -> None:
        """Send a message that is for every view.

        Parameters
        ----------
        response : AnyResponse
            Without ``id``.
        """
        self._answer(response)

    def _answer(self, response: p.AnyResponse, buffers: Buffers = ()) -> None:
        try:
            self._deliver(response, buffers)
        except Exception as error:  # noqa: BLE001 - the page has gone, or this cannot be sent; the next may be
            with contextlib.suppress(Exception):
                self._deliver(failure_of(error, response.id), [])

    def _deliver(self, response: p.AnyResponse, buffers: Buffers) -> None:
        content = msgspec.to_builtins(response)
        with self._sending:
            if not self._closed:
                self._send(content, buffers)

    def close(self) -> None:
        """Stop all work and end the threads; does not wait for them. Nothing is sent afterwards."""
        with self._lock:
            self._closed = True
            jobs, lanes = list(self._jobs.values()), list(self._lanes.values())
            self._jobs.clear()
        for job in jobs:
            job.token.set()
        for lane in lanes:
            lane.put(None)


def _id_of(content: Any) -> str:
    """The id of a message that is not understood, empty where it has none."""
    found = content.get("id") if isinstance(content, dict) else None
    return found if isinstance(found, str) and len(found) <= _LONGEST_ID else ""
