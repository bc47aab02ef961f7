"""`LindiExplorer`: the widget. It carries messages and traits; the session does the thinking."""

from __future__ import annotations

import os
import weakref
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from lindi_explorer.errors import MissingFileError
from lindi_explorer.explorer import protocol as p
from lindi_explorer.explorer.selection import as_index, parse_selection, write_selection
from lindi_explorer.explorer.session import ExplorerSession
from lindi_explorer.explorer.wire import from_wire, to_wire
from lindi_explorer.h5 import LindiH5pyDataset, LindiH5pyFile
from lindi_explorer.remote import LocalCache
from lindi_explorer.widget.archive_commands import ArchiveCommands
from lindi_explorer.widget.arguments import (
    absolute,
    advice,
    keyword_advice,
    may_be_opened,
    require_node,
    selection_text,
)
from lindi_explorer.widget.bridge import Bridge
from lindi_explorer.widget.commands import Commands
from lindi_explorer.widget.fallback import static_view
from lindi_explorer.widget.opening import Opening
from lindi_explorer.widget.shown import Shown

_STATIC = Path(__file__).parent / "static"
_PATIENCE = 2.0
"""Seconds the static view waits for a file that is being opened."""

_HEIGHTS = (300, 1200)

VIEWS = ("", "home", "preview", "attributes", "storage", "json", "changes")
"""Values of the trait ``view``; empty = the view decides."""

_KEYWORDS = ("source", "height", "selected", "view", "local_cache")


def _bundle(name: str) -> Any:
    """A file of the browser's half, empty where it has not been built.

    As text: a path would have anywidget watch the file, and keep every explorer alive for that. As a path
    where live reloading is asked for.
    """
    path = _STATIC / name
    if os.environ.get("ANYWIDGET_HMR") == "1" and path.is_file():
        return path
    # anywidget takes text of one line for a name.
    return path.read_text("utf-8") + "\n" if path.is_file() else ""


class LindiExplorer(ArchiveCommands, Commands, anywidget.AnyWidget):
    """Look at an NWB, HDF5 or LINDI file, correct its metadata, and export it.

    The source is opened in the background and never changed. Opening reads no array data.

    Parameters
    ----------
    source : str, path, tuple, dict, h5py.File or LindiH5pyFile
        A local path or http(s) URL of an HDF5 or LINDI file, a name of DANDI's (``dandi://...``, the id of an
        asset, (dandiset, path)), a reference file system, or a file that is open. Of a dandiset
        (``dandi://dandi/000123``, the address of its page) the files are listed, to choose one.
    height : int
        Height of the view in pixels, 300 to 1200.
    selected : str
        Path of the object to show first.
    view : str
        Tab to show first: ``home``, ``preview``, ``attributes``, ``storage``, ``json`` or ``changes``.
    local_cache : LocalCache, optional
        Keeps what is read from a URL on disk.

    Attributes
    ----------
    selected, view, height
        Traits: set them and the view follows; ``observe`` and ``link`` work.
    selection : str
        Trait: the part of the selected dataset that Python code has chosen, e.g. ``0:100, :, 3``.

    Raises
    ------
    TypeError
        For an unknown keyword, or a source that is none of the above. A source that cannot be opened raises
        nothing here: the view shows why, `error` holds it, and `file` raises it.
    """

    _esm = _bundle("widget.js")
    _css = _bundle("widget.css")

    selected = traitlets.Unicode("/").tag(sync=True)
    view = traitlets.Unicode("").tag(sync=True)
    selection = traitlets.Unicode("").tag(sync=True)
    height = traitlets.Int(560).tag(sync=True)

    _opening: Opening | None = None

    def __init__(
        self,
        source: Any,
        *,
        height: int = 560,
        selected: str = "/",
        view: str = "",
        local_cache: LocalCache | None = None,
        **unknown: Any,
    ) -> None:
        if unknown:
            raise TypeError(keyword_advice(next(iter(unknown)), _KEYWORDS))
        if not may_be_opened(source):
            raise TypeError(
                f"LindiExplorer cannot open a {type(source).__name__}: give it a path, a URL, "
                "a reference file system (dict) or an open file"
            )
        if not (_STATIC / "widget.js").is_file():
            raise MissingFileError(
                "the browser's half of the explorer has not been built", hint="Run `make build` in the clone."
            )
        super().__init__(height=height, selected=selected, view=view)
        # The worker threads must not keep the widget alive: they reach it through a weak reference.
        this = weakref.ref(self)

        def send(content: dict[str, Any], buffers: Sequence[bytes | memoryview]) -> None:
            widget = this()
            if widget is not None and widget.comm is not None:
                widget.send(content, list(buffers))

        shown = Shown()

        def handle(request: p.AnyRequest, **options: Any) -> Any:
            if isinstance(request, p.Open):
                opening.ask_again()
            file = shown.files
            answer, buffers = opening.handle(request, **options)
            shown.note(answer, buffers, file)
            return answer, buffers

        def tell(message: p.AnyResponse) -> None:
            shown.told(message)
            bridge.tell(message)

        self._shown = shown
        self._bridge = bridge = Bridge(handle, send, lambda: _traffic(opening.now))
        self._opening = opening = Opening(source, local_cache, None, tell)
        self._end = weakref.finalize(self, _close, bridge, opening)
        self.on_msg(_receive)

    # ------------------------------------------------------------ what is open

    @property
    def _session(self) -> ExplorerSession:  # type: ignore[override]
        assert self._opening is not None
        return self._opening.session

    @property
    def _open_session(self) -> ExplorerSession | None:
        return None if self._opening is None else self._opening.now

    @property
    def file(self) -> LindiH5pyFile:
        """The open file, with all edits; pynwb takes it as it takes an ``h5py.File``.

        Raises
        ------
        LindiError
            If the source could not be opened.
        """
        return self._session.file

    @property
    def error(self) -> Exception | None:
        """Why the source could not be opened, None where it could; waits until that is known."""
        assert self._opening is not None
        self._opening.wait(None)
        return self._opening.error

    @property
    def value(self) -> Any:
        """What is selected: a group, the value of a scalar, of another dataset the part shown last, read now.

        Before anything has been shown of a dataset: the dataset. Numbers are as they are stored. Set it to a
        selection (``"0:100, 3"``, a slice or a tuple of slices and integers) to choose another part.

        Raises
        ------
        NodeNotFoundError
            If there is no object at `selected`.
        """
        found = self.file[from_wire(self.selected)]
        if not isinstance(found, LindiH5pyDataset) or found.shape is None:
            return found
        if found.shape == ():
            return found[()]
        selection = self._shown.selection(self.selected)
        return found if selection is None else found[as_index(parse_selection(selection, found.shape))]

    @value.setter
    def value(self, selection: Any) -> None:
        found = self.file[from_wire(self.selected)]
        if not isinstance(found, LindiH5pyDataset) or not found.shape:
            raise TypeError(f"{self.selected} has no parts to select")
        text = selection if isinstance(selection, str) else selection_text(selection)
        self.selection = write_selection(parse_selection(text, found.shape))

    # ------------------------------------------------------------ traits

    @traitlets.validate("selected")
    def _valid_selected(self, proposal: Any) -> str:
        path = absolute(str(proposal["value"]))
        session = self._open_session
        # What the view sends exists, or did; what is typed may not.
        if session is not None and "selected" not in self._property_lock:
            require_node(session.file, from_wire(path))
        return path

    @traitlets.validate("view")
    def _valid_view(self, proposal: Any) -> str:
        view = str(proposal["value"])
        if view not in VIEWS:
            raise traitlets.TraitError(f"{view!r} is no view of LindiExplorer; {advice(view, VIEWS)}")
        return view

    @traitlets.validate("height")
    def _valid_height(self, proposal: Any) -> int:
        low, high = _HEIGHTS
        return min(high, max(low, int(proposal["value"])))

    @traitlets.observe("selected")
    def _other_object(self, _change: Any) -> None:
        # A selection belongs to the object it was made for.
        self.selection = ""

    @traitlets.observe("selection")
    def _other_part(self, change: Any) -> None:
        if change["new"]:
            self._shown.choose(self.selected, change["new"])

    # ------------------------------------------------------------ as text

    def __repr__(self) -> str:
        session = self._open_session
        name = "" if session is None else f" of {session.file.source.name}"
        return f"<LindiExplorer{name} at {self.selected}>"

    def _repr_mimebundle_(self, **options: Any) -> Any:
        bundle = super()._repr_mimebundle_(**options)
        if not isinstance(bundle, tuple):
            return bundle
        # For a saved notebook without a kernel. Waiting costs nothing: the file opens meanwhile.
        data, metadata = bundle
        assert self._opening is not None
        if not self._opening.wait(_PATIENCE):
            return data, metadata
        try:
            static = static_view(self._ask, to_wire(self._opening.name), self.selected, self._shown.png())
        except Exception:  # noqa: BLE001 - the live view is what matters; without a static one it is shown all the same
            return data, metadata
        return {**data, **static}, metadata

    def close(self) -> None:
        """Close the view and the file; edits that were not exported stay in the journal on disk."""
        if self._opening is not None:
            self._end()
        super().close()


def _close(bridge: Bridge, opening: Opening) -> None:
    bridge.close()
    opening.close()


def _receive(widget: LindiExplorer, content: Any, _buffers: Any) -> None:
    widget._bridge.receive(content)  # noqa: SLF001 - a function of the class, but for the cycle a method would make


def _traffic(session: ExplorerSession | None) -> tuple[int, int]:
    """Requests made and bytes received so far."""
    if session is None:
        return 0, 0
    stats = session.file.reader.stats.snapshot()
    return stats.requests, stats.bytes
