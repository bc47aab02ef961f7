"""An explorer of a dandiset: first its files are listed, then one of them is open."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Self

import msgspec

from lindi_explorer.archive.browsing import DandisetName, dandiset_named
from lindi_explorer.archive.names import dandi_address
from lindi_explorer.errors import MissingFileError, NodeNotFoundError
from lindi_explorer.explorer import protocol as p
from lindi_explorer.explorer.assets import Assets
from lindi_explorer.explorer.session import ExplorerSession, Subscriber
from lindi_explorer.explorer.wire import from_wire
from lindi_explorer.remote import cancelling

if TYPE_CHECKING:
    from pathlib import Path

    from lindi_explorer.explorer.answers import Answer
    from lindi_explorer.remote import CancelToken, LocalCache


class DandisetSession:
    """Answers for a dandiset until a file is chosen, and then has the session of the file answer.

    Parameters
    ----------
    named : DandisetName
    local_cache : LocalCache, optional
        For the files.
    journal_folder : Path, optional
    """

    def __init__(
        self,
        named: DandisetName,
        *,
        local_cache: LocalCache | None = None,
        journal_folder: Path | None = None,
    ) -> None:
        self._assets = Assets(named)
        self._selected = f"/{named.folder}"
        self._options: dict[str, Any] = {"local_cache": local_cache, "journal_folder": journal_folder}
        self._now: ExplorerSession | None = None
        self._subscribers: list[Subscriber] = []
        self._lock = threading.RLock()
        self._closed = False

    @classmethod
    def open(cls, source: Any, **options: Any) -> Self | None:
        """The session of a dandiset, None if the source is not the name of one.

        Parameters
        ----------
        source : object
            See `lindi_explorer.archive.browsing.dandiset_named`.
        **options
            As for the class.

        Returns
        -------
        DandisetSession or None

        Raises
        ------
        LindiError
            If there is no such dandiset, or no access to it.
        """
        named = dandiset_named(source)
        return None if named is None else cls(named, **options)

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
                f"No file of {self._assets.name.lower()} has been chosen yet.",
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
            now, self._now = self._now, None
        if now is not None:
            now.close()
        self._assets.close()

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
        if isinstance(answer, p.Opened):
            answer = msgspec.structs.replace(answer, dandiset=self._assets.name)
        return answer, buffers

    def _own_answer(self, request: p.AnyRequest) -> p.Response | None:
        """The answer about the dandiset, None for a request about the file that is open."""
        own = _OWN.get(type(request))
        if own is not None:
            return own(self, request)
        if self._now is not None:
            return None
        if isinstance(request, p.Open):
            return self._assets.choosing(self._selected)
        if isinstance(request, p.GetChildren):
            return self._assets.children(request)
        if isinstance(request, p.Search):
            return self._assets.search(request)
        return None

    def _choose(self, request: p.ChooseAsset) -> p.Response:
        assets, path = self._assets, from_wire(request.path).strip("/")
        if not path:
            raise NodeNotFoundError("no file has been named", hint="Choose a file, not the dandiset.")
        named = assets.named
        address = dandi_address(
            named.dandiset,
            path,
            version=assets.version,
            instance=named.instance.name,
            ready_made=request.ready_made,
        )
        session = ExplorerSession.open(address, **self._options)
        with self._lock:
            closed, before = self._closed, self._now
            if not closed:
                self._now, self._selected = session, request.path
        if closed:
            session.close()
        elif before is not None:
            before.close()
        session.subscribe(lambda message: self._emit(message) if session is self._now else None)
        opened, _ = self.handle(p.Open(id=""))
        assert isinstance(opened, p.Opened)
        self._emit(opened)
        return opened

    def _back(self, _request: p.BackToAssets) -> p.Response:
        with self._lock:
            now, self._now = self._now, None
        if now is not None:
            now.close()
        choosing = self._assets.choosing(self._selected)
        self._emit(choosing)
        return choosing


_OWN: dict[type[p.Request], Callable[[DandisetSession, Any], p.Response]] = {
    p.ChooseAsset: DandisetSession._choose,  # noqa: SLF001 - a table of the class's own methods
    p.BackToAssets: DandisetSession._back,  # noqa: SLF001
}
"""Which function answers what only a dandiset is asked."""
