"""An explorer of a dandiset: first its files are listed, then one of them is open."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Self

import msgspec

from lindi_explorer.archive.dandisets import DandisetName, dandiset_around, dandiset_named
from lindi_explorer.archive.names import dandi_address
from lindi_explorer.errors import FileInUseError, MissingFileError, NodeNotFoundError
from lindi_explorer.explorer import protocol as p
from lindi_explorer.explorer.of_dandiset import with_dandiset
from lindi_explorer.explorer.session import ExplorerSession, Subscriber
from lindi_explorer.explorer.wire import from_wire
from lindi_explorer.remote import cancelling

if TYPE_CHECKING:
    from pathlib import Path

    from lindi_explorer.explorer.answers import Answer
    from lindi_explorer.explorer.assets import Assets
    from lindi_explorer.remote import CancelToken, LocalCache


class DandisetSession:
    """Answers for a dandiset until a file is chosen, and then has the session of the file answer.

    Parameters
    ----------
    named : DandisetName
    local_cache : LocalCache, optional
        For the files.
    journal_folder : Path, optional

    Attributes
    ----------
    name : str
        ``Dandiset 000123``.
    """

    def __init__(
        self,
        named: DandisetName,
        *,
        local_cache: LocalCache | None = None,
        journal_folder: Path | None = None,
    ) -> None:
        self.name = f"Dandiset {named.dandiset}"
        self._named = named
        self._assets: Assets | None = None
        self._selected = f"/{named.folder}"
        self._options: dict[str, Any] = {"local_cache": local_cache, "journal_folder": journal_folder}
        self._now: ExplorerSession | None = None
        self._subscribers: list[Subscriber] = []
        self._lock = threading.RLock()
        self._closed = False

    @classmethod
    def open(cls, source: Any, **options: Any) -> Self | None:
        """The session of a dandiset, None if the source is not the name of one, or of a file in one.

        Parameters
        ----------
        source : object
            See `lindi_explorer.archive.dandisets.dandiset_named` and `dandiset_around`. A file is opened at
            once, and there is a way to the others.
        **options
            As for the class.

        Returns
        -------
        DandisetSession or None

        Raises
        ------
        LindiError
            If there is no such dandiset or file, or no access to it.
        """
        named = dandiset_named(source)
        if named is not None:
            session = cls(named, **options)
            session._list()
            return session
        named = dandiset_around(source)
        if named is None:
            return None
        session = cls(named, **options)
        session._take(ExplorerSession.open(source, **options))
        return session

    def _list(self) -> Assets:
        """What is in the dandiset, asked for when somebody wants to know."""
        from lindi_explorer.explorer.assets import Assets

        with self._lock:
            if self._assets is None:
                self._assets = Assets(self._named)
            return self._assets

    def _list_anew(self) -> Assets:
        with self._lock:
            before, self._assets = self._assets, None
            try:
                found = self._list()
            except BaseException:
                self._assets = before
                raise
        if before is not None:
            before.close()
        return found

    @property
    def now(self) -> ExplorerSession | None:
        """The session of the file that is open, None while none is."""
        return self._now

    @property
    def chosen(self) -> ExplorerSession:
        """The session of the file that is open.

        Raises
        ------
        MissingFileError
            While none is.
        """
        if self._now is None:
            raise MissingFileError(
                f"No file of {self.name.lower()} has been chosen yet.",
                hint="Choose one in the list, or with choose(path).",
            )
        return self._now

    def subscribe(self, subscriber: Subscriber) -> None:
        """Have a function called with every message that is for all views, whatever file is open.

        Parameters
        ----------
        subscriber : callable
        """
        self._subscribers.append(subscriber)

    def _emit(self, message: p.AnyResponse) -> None:
        for subscriber in list(self._subscribers):
            subscriber(message)

    def close(self) -> None:
        """Close the file, if one is open, and the connections; again does nothing."""
        with self._lock:
            self._closed = True
            now, self._now, assets = self._now, None, self._assets
        if now is not None:
            now.close()
        if assets is not None:
            assets.close()

    def handle(
        self,
        request: p.AnyRequest,
        *,
        cancel: CancelToken | None = None,
        progress: Callable[[p.Progress], None] | None = None,
    ) -> Answer:
        """Answer a request; see `ExplorerSession.handle`."""
        with cancelling(cancel):
            response = self._own_answer(request)
        if response is not None:
            return msgspec.structs.replace(response, id=request.id), []
        answer, buffers = self.chosen.handle(request, cancel=cancel, progress=progress)
        return with_dandiset(answer, self._named, self._assets), buffers

    def _own_answer(self, request: p.AnyRequest) -> p.Response | None:
        """The answer about the dandiset, None for a request about the file that is open."""
        own = _OWN.get(type(request))
        if own is not None:
            return own(self, request)
        if self._now is not None:
            return None
        if isinstance(request, p.Open):
            return self._list().choosing(self._selected)
        if isinstance(request, p.GetChildren):
            return self._list().children(request)
        if isinstance(request, p.Search):
            return self._list().search(request)
        return None

    def _choose(self, request: p.ChooseAsset) -> p.Response:
        self._require_idle()
        path, named = from_wire(request.path).strip("/"), self._named
        if not path:
            raise NodeNotFoundError("no file has been named", hint="Choose a file, not the dandiset.")
        address = dandi_address(
            named.dandiset,
            path,
            version=self._list().version,
            instance=named.instance.name,
            ready_made=request.ready_made,
        )
        self._take(ExplorerSession.open(address, **self._options))
        self._selected = request.path
        opened, _ = self.handle(p.Open(id=""))
        assert isinstance(opened, p.Opened)
        self._emit(opened)
        return opened

    def _require_idle(self) -> None:
        """Raise `FileInUseError` while the file is being uploaded: closing it would end that."""
        if self._now is not None and self._now.uploads.is_running:
            raise FileInUseError(
                f"{self._now.file.source.name} is being uploaded", hint="Wait for it, or cancel the upload."
            )

    def _take(self, session: ExplorerSession) -> None:
        """Have another file open, in the place of the one before."""
        with self._lock:
            closed, before = self._closed, self._now
            if not closed:
                self._now = session
        if closed:
            session.close()
        elif before is not None:
            before.close()
        session.subscribe(lambda message: self._emit(message) if session is self._now else None)

    def _back(self, _request: p.BackToAssets) -> p.Response:
        self._require_idle()
        # First the list, as it is now that something may have been uploaded: without one the file stays open.
        choosing = self._list_anew().choosing(self._selected)
        with self._lock:
            now, self._now = self._now, None
        if now is not None:
            now.close()
        self._emit(choosing)
        return choosing


_OWN: dict[type[p.Request], Callable[[DandisetSession, Any], p.Response]] = {
    p.ChooseAsset: DandisetSession._choose,  # noqa: SLF001 - a table of the class's own methods
    p.BackToAssets: DandisetSession._back,  # noqa: SLF001
}
"""Which function answers what only a dandiset is asked."""
