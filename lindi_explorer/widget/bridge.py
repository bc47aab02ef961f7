"""Messages of the browser -> requests -> worker threads -> answers.

Work runs on two lanes, each a thread of its own, so that a check of the whole file never holds up
browsing; within a lane requests are answered in their order. A cancel overtakes both: a request that waits is
answered at once, one that runs has its token set.
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

Send = Callable[[dict[str, Any], Sequence[bytes | memoryview]], None]
"""Sends one message to every view."""

Handle = Callable[..., tuple[p.AnyResponse, Sequence[bytes | memoryview]]]
"""`ExplorerSession.handle`."""

_SLOW = (p.Validate, p.Export, p.GetExportPlan)
"""Requests that work on the whole file."""

_decode = msgspec.json.Decoder(p.AnyRequest).decode


@dataclass(slots=True)
class _Job:
    """A request, and how to stop it."""

    request: p.AnyRequest
    token: CancelToken = field(default_factory=CancelToken)
    started: bool = False


class Bridge:
    """Answers the messages of one explorer's views.

    Parameters
    ----------
    handle : callable
        Answers a request; runs on a worker thread.
    send : callable
        Sends a message; called from any thread.
    """

    def __init__(self, handle: Handle, send: Send) -> None:
        self._handle = handle
        self._send = send
        self._lock = threading.Lock()
        self._jobs: dict[str, _Job] = {}
        self._lanes: dict[bool, queue.SimpleQueue[_Job | None]] = {}
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
            request = _decode(msgspec.json.encode(content))
        except (msgspec.MsgspecError, TypeError, ValueError) as error:
            wanted = content.get("id") if isinstance(content, dict) else None
            self._answer(
                failure_of(msgspec.ValidationError(str(error)), wanted if isinstance(wanted, str) else "")
            )
            return
        if isinstance(request, p.Cancel):
            self._cancel(request.target)
        else:
            self._enqueue(_Job(request))

    def _enqueue(self, job: _Job) -> None:
        slow = isinstance(job.request, _SLOW)
        with self._lock:
            if self._closed:
                return
            self._jobs[job.request.id] = job
            lane = self._lanes.get(slow)
            if lane is None:
                lane = self._lanes[slow] = queue.SimpleQueue()
                name = f"lindi-explorer-{'slow' if slow else 'view'}"
                threading.Thread(target=self._work, args=(lane,), name=name, daemon=True).start()
            lane.put(job)

    def _cancel(self, target: str) -> None:
        with self._lock:
            job = self._jobs.get(target)
            if job is None:
                return
            job.token.set()
            if job.started:
                return
            del self._jobs[target]
        self._answer(_cancelled(target))

    # ------------------------------------------------------------ on a worker thread

    def _work(self, lane: queue.SimpleQueue[_Job | None]) -> None:
        while (job := lane.get()) is not None:
            with self._lock:
                if job.request.id not in self._jobs:
                    continue
                job.started = True
            self._do(job)

    def _do(self, job: _Job) -> None:
        request = job.request
        try:
            answer, buffers = self._handle(request, cancel=job.token, progress=self._answer)
        except BaseException as error:  # noqa: BLE001 - whatever happens, the view that asked must hear of it
            answer, buffers = failure_of(error, request.id), []
        finally:
            with self._lock:
                self._jobs.pop(request.id, None)
        self._answer(answer, buffers)

    def _answer(self, response: p.AnyResponse, buffers: Sequence[bytes | memoryview] = ()) -> None:
        if self._closed:
            return
        # Where the page has gone there is nobody to tell.
        with contextlib.suppress(RuntimeError, OSError):
            self._send(msgspec.to_builtins(response), buffers)

    def tell(self, response: p.AnyResponse) -> None:
        """Send a message that is for every view.

        Parameters
        ----------
        response : AnyResponse
            Without ``id``.
        """
        self._answer(response)

    def close(self) -> None:
        """Stop all work and end the threads; does not wait for them."""
        with self._lock:
            self._closed = True
            for job in self._jobs.values():
                job.token.set()
            self._jobs.clear()
            for lane in self._lanes.values():
                lane.put(None)


def _cancelled(id: str) -> p.Failure:  # noqa: A002 - the protocol's name
    return failure_of(CancelledByUserError("The request was cancelled."), id)
