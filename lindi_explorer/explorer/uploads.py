"""The upload of an open file: what it would do, how far it is, and what came of it.

It runs on a thread of its own and not for one view: it goes on when the page is closed, and a view that comes
later is told how far it is. What uploads is loaded with the first plan: most files are only looked at.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

import msgspec

from lindi_explorer.errors import AccessDeniedError, FileInUseError
from lindi_explorer.explorer import protocol as p
from lindi_explorer.explorer.upload_pace import Pace
from lindi_explorer.explorer.wire import from_wire
from lindi_explorer.remote import CancelToken, cancelling

if TYPE_CHECKING:
    from lindi_explorer.archive.uploading import Progress, Upload, Uploaded
    from lindi_explorer.explorer.state import State
    from lindi_explorer.staging.journal import Step

Arrived = Callable[[tuple["Step", ...]], None]
"""Told which edits have arrived."""

Pending = Callable[[], p.PendingJournal | None]
"""What an earlier explorer of the file has left behind."""

_Wanted = p.GetUploadPlan | p.StartUpload


class Uploads:
    """Uploads of one file, one at a time.

    Parameters
    ----------
    state : State
    emit : callable
        Takes what every view is told.
    arrived : callable
        Called after an upload.
    pending : callable
    """

    def __init__(
        self, state: State, emit: Callable[[p.UploadState], None], arrived: Arrived, pending: Pending
    ) -> None:
        self._state = state
        self._emit = emit
        self._arrived = arrived
        self._pending = pending
        self._lock = threading.Lock()
        self._telling = threading.RLock()
        self._prepared: tuple[tuple[str, ...], tuple[Step, ...], Upload] | None = None
        self._token: CancelToken | None = None
        self._begun: Upload | None = None
        self._uploaded: tuple[Step, ...] | None = None
        self._pace = Pace()
        self.now = p.UploadState(state="none")

    @property
    def is_running(self) -> bool:
        """Whether an upload is under way."""
        return self._token is not None

    # ------------------------------------------------------------ before

    def plan(self, request: p.GetUploadPlan) -> p.UploadPlan:
        """What an upload would do; it is kept, so that just this can be begun."""
        from lindi_explorer.explorer.upload_words import plan_of

        upload = self._prepare(request)
        return plan_of(upload.preflight, request, self._state, self._pending())

    def _prepare(self, request: _Wanted) -> Upload:
        from lindi_explorer.archive.uploading import prepare

        steps = self._state.journal.steps
        upload = prepare(
            self._state.file,
            request.dandiset,
            path=from_wire(request.path).strip() or None,
            instance=request.archive,
            mode=request.mode,
            # Looking is free everywhere: `start` wants the yes.
            production=True,
            conflict=request.conflict,
            replaces=request.replaces or None,
        )
        self._prepared = (_settings(request), steps, upload)
        return upload

    # ------------------------------------------------------------ an upload

    def start(self, request: p.StartUpload) -> p.UploadState:
        """Begin an upload on a thread of its own.

        Raises
        ------
        AccessDeniedError
            If the archive wants a yes of its own.
        FileInUseError
            If an upload is running.
        """
        token = self._begin(request)

        def work() -> None:
            try:
                self._run(request, token)
            except BaseException as error:  # noqa: BLE001 - whatever happens, the views must hear of it
                self._ended(error)

        threading.Thread(target=work, name="lindi-explorer-upload", daemon=True).start()
        return self.now

    def run(self, request: p.StartUpload) -> Uploaded:
        """Upload in the calling thread, while the views are told of it; raises what goes wrong."""
        token = self._begin(request)
        try:
            return self._run(request, token)
        except BaseException as error:
            self._ended(error)
            raise

    def cancel(self) -> p.UploadState:
        """Stop the upload, if one is running; it ends soon."""
        with self._lock:
            token = self._token
        if token is not None:
            token.set()
        return self.now

    def _begin(self, request: p.StartUpload) -> CancelToken:
        from lindi_explorer.archive.target import instance_of

        instance = instance_of(request.archive)
        if instance.is_production and not request.production:
            raise AccessDeniedError(
                f"{instance.name} is for publications, and LINDI is not official there.",
                hint="Try dandi-sandbox first; if you mean it, agree to it, or say production=True.",
            )
        with self._lock:
            if self._token is not None:
                raise FileInUseError(
                    f"an upload of this file to {self.now.archive} is running",
                    hint="Wait for it, or cancel it.",
                )
            token = self._token = CancelToken()
        self._pace = Pace()
        self._begun = self._uploaded = None
        self._tell(
            p.UploadState(
                state="running",
                archive=instance.name,
                dandiset=request.dandiset,
                path=request.path,
                mode=request.mode,
                conflict=request.conflict,
                replaces=request.replaces,
                production=request.production,
                label="Looking at the file and the dandiset",
            )
        )
        return token

    def _run(self, request: p.StartUpload, token: CancelToken) -> Uploaded:
        from lindi_explorer.explorer.upload_words import asset_of_upload, on_its_way

        with cancelling(token):
            steps, upload = self._state.journal.steps, self._ready(request)
            self._begun = upload
            self._tell(on_its_way(self.now, request, upload.preflight))
            uploaded = upload.run(self._progress)
        with self._lock:
            self._token = self._prepared = self._begun = None
        self._arrived(steps)
        done = msgspec.structs.replace(
            self.now, state="done", uploaded=asset_of_upload(uploaded), label="Done"
        )
        self._uploaded = steps
        self._tell(done)
        self.edited()
        return uploaded

    def _ready(self, request: p.StartUpload) -> Upload:
        """The upload of the plan that was shown, where that is what is asked for and nothing was edited."""
        with self._lock:
            prepared, self._prepared = self._prepared, None
        if prepared is not None:
            settings, steps, upload = prepared
            if settings == _settings(request) and steps == self._state.journal.steps:
                return upload
        return self._prepare(request)

    def _ended(self, error: BaseException) -> None:
        with self._lock:
            begun, self._token, self._begun = self._begun, None, None
        from lindi_explorer.explorer.upload_words import stopped_by

        self._tell(stopped_by(self.now, error, begun))

    # ------------------------------------------------------------ telling

    def edited(self) -> None:
        """Tell the views where the file has become another one than was uploaded, or that one again."""
        if self._uploaded is None:
            return
        # The journal has a lock of its own, which whoever edits may hold: it comes first.
        steps = self._state.journal.steps
        with self._telling:
            edited = steps != self._uploaded
            if self.now.state == "done" and edited != self.now.edited:
                self._tell(msgspec.structs.replace(self.now, edited=edited))

    def _progress(self, progress: Progress) -> None:
        told = self._pace.after(self.now, progress)
        if told is not None:
            self._tell(told)

    def _tell(self, state: p.UploadState) -> None:
        with self._telling:
            self.now = state
            self._emit(state)


def _settings(request: _Wanted) -> tuple[str, ...]:
    return request.archive, request.dandiset, request.path, request.mode, request.conflict, request.replaces
