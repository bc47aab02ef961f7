"""`LindiExplorer`: the widget. It carries messages and traits; the session does the thinking."""

from __future__ import annotations

import difflib
import itertools
import weakref
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import anywidget
import traitlets

from lindi_explorer.errors import MissingFileError
from lindi_explorer.explorer import protocol as p
from lindi_explorer.explorer.selection import as_index, parse_selection
from lindi_explorer.explorer.session import ExplorerSession
from lindi_explorer.h5 import LindiH5pyDataset, LindiH5pyFile
from lindi_explorer.remote import LocalCache
from lindi_explorer.widget.bridge import Bridge
from lindi_explorer.widget.fallback import fallback_html, outline
from lindi_explorer.widget.opening import Opening

_STATIC = Path(__file__).parent / "static"
_PATIENCE = 2.0
"""Seconds the static view waits for a file that is being opened."""

_ids = itertools.count(1)


def _bundle(name: str) -> Any:
    """A file of the browser's half; text that says what is missing where it has not been built."""
    path = _STATIC / name
    return path if path.is_file() else ""


class LindiExplorer(anywidget.AnyWidget):
    """Look at an NWB, HDF5 or LINDI file, correct its metadata, and export it.

    The source is opened in the background and never changed. Opening reads no array data.

    Parameters
    ----------
    source : str, path, dict, h5py.File or LindiH5pyFile
        A local path or http(s) URL of an HDF5 or LINDI file, a reference file system, or a file that is open.
    height : int
        Height of the view in pixels, 300 to 1200.
    selected : str
        Path of the object to show first.
    view : str
        Tab to show first: ``preview``, ``attributes``, ``storage`` or ``json``.
    local_cache : LocalCache, optional
        Keeps what is read from a URL on disk.

    Attributes
    ----------
    selected, view, height
        Traits: set them and the view follows; ``observe`` and ``link`` work.
    selection : str
        Trait: the part of the selected dataset that the preview shows, e.g. ``0:100, :, 3``.

    Raises
    ------
    TypeError
        For an unknown keyword.
    """

    _esm = _bundle("widget.js")
    _css = _bundle("widget.css")

    selected = traitlets.Unicode("/").tag(sync=True)
    view = traitlets.Unicode("").tag(sync=True)
    selection = traitlets.Unicode("").tag(sync=True)
    height = traitlets.Int(560).tag(sync=True)

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
            raise TypeError(_advice(next(iter(unknown))))
        if not (_STATIC / "widget.js").is_file():
            raise MissingFileError(
                "the browser's half of the explorer has not been built", hint="Run `make build` in the clone."
            )
        # The worker threads must not keep the widget alive: they reach it through a weak reference.
        this = weakref.ref(self)

        def send(content: dict[str, Any], buffers: Sequence[bytes | memoryview]) -> None:
            widget = this()
            if widget is not None and widget.comm is not None:
                widget.send(content, list(buffers))

        def handle(request: p.AnyRequest, **options: Any) -> Any:
            return opening.session.handle(request, **options)

        self._bridge = bridge = Bridge(handle, send)
        self._opening = opening = Opening(source, local_cache, None, bridge.tell)
        self._number = next(_ids)
        self._end = weakref.finalize(self, _close, bridge, opening)
        super().__init__(height=height, selected=_absolute(selected), view=view)
        self.on_msg(_receive)

    # ------------------------------------------------------------ what is open

    @property
    def _session(self) -> ExplorerSession:
        return self._opening.session

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
        """Why the source could not be opened; None while it is open or being opened."""
        return self._opening.error

    @property
    def value(self) -> Any:
        """What is selected: the shown part of a dataset (read now), or the group itself.

        Set it to a selection (``"0:100, 3"``, a slice or a tuple of slices and integers) to move the view.

        Raises
        ------
        NodeNotFoundError
            If there is no object at `selected`.
        InvalidSelectionError
            If `selection` does not fit the dataset.
        """
        found = self.file[self.selected]
        if not isinstance(found, LindiH5pyDataset) or not found.shape:
            return found[()] if isinstance(found, LindiH5pyDataset) else found
        if not self.selection:
            return found
        return found[as_index(parse_selection(self.selection, found.shape))]

    @value.setter
    def value(self, selection: Any) -> None:
        found = self.file[self.selected]
        if not isinstance(found, LindiH5pyDataset) or not found.shape:
            raise TypeError(f"{self.selected} has no parts to select")
        text = selection if isinstance(selection, str) else _selection_text(selection)
        parse_selection(text, found.shape)
        self.selection = text

    @traitlets.validate("selected")
    def _valid_selected(self, proposal: Any) -> str:
        return _absolute(str(proposal["value"]))

    @traitlets.validate("height")
    def _valid_height(self, proposal: Any) -> int:
        return min(1200, max(300, int(proposal["value"])))

    @traitlets.observe("selected")
    def _other_object(self, _change: Any) -> None:
        # A selection belongs to the object it was made for.
        self.selection = ""

    # ------------------------------------------------------------ edits

    def _ask(self, request: p.AnyRequest) -> Any:
        return self._session.handle(request)[0]

    def _request_id(self) -> str:
        return f"python-{self._number}"

    @property
    def edits(self) -> list[p.Change]:
        """What differs from the source: path, name, old and new value as text."""
        answer = self._ask(p.GetChanges(id=self._request_id()))
        return list(cast("p.Changes", answer).changes)

    def undo(self) -> str:
        """Take back the last edit; returns what was taken back, empty where there was nothing."""
        words = self._session.state.status().undo
        if words:
            self._ask(p.Undo(id=self._request_id()))
        return words

    def redo(self) -> str:
        """Make the edit again that was undone last; returns it, empty where there was nothing."""
        words = self._session.state.status().redo
        if words:
            self._ask(p.Redo(id=self._request_id()))
        return words

    def diff(self) -> str:
        """What differs from the source, as text: a line for each old and new value."""
        lines = []
        for change in self.edits:
            where = f"{change.path}, attribute {change.name}" if change.name else change.path
            lines += [f"@ {where} ({change.type})"]
            lines += [f"- {change.old}"] if change.old is not None else []
            lines += [f"+ {change.new}"] if change.new is not None else []
        return "\n".join(lines)

    def resume(self) -> None:
        """Apply the edits of an earlier explorer that ended without exporting them."""
        self._ask(p.ResumeJournal(id=self._request_id()))

    def discard(self) -> None:
        """Delete the edits of an earlier explorer that ended without exporting them."""
        self._ask(p.DiscardJournal(id=self._request_id()))

    def validate(self) -> list[p.Finding]:
        """Check the edited file with pynwb's validator.

        Returns
        -------
        list of Finding
            ``severity``, ``text``, ``path``; empty = valid.
        """
        return list(cast("p.Findings", self._ask(p.Validate(id=self._request_id()))).findings)

    def export(self, path: str | Path = "", *, replace: bool = False, local_paths: bool = False) -> Path:
        """Write the edited file as ``.lindi.json``.

        Parameters
        ----------
        path : str or Path
            Default: the source's name in the working folder.
        replace : bool
            Whether an existing file may be replaced.
        local_paths : bool
            Whether references to files of this machine may be written, which nobody else can follow.

        Returns
        -------
        Path
            Of the file.

        Raises
        ------
        ConflictError
            If the file exists and ``replace`` is false.
        LindiError
            If it refers to local files and ``local_paths`` is false, or cannot be written.
        """
        name = str(path) or self._ask(p.GetExportPlan(id=self._request_id())).filename
        request = p.Export(id=self._request_id(), filename=name, replace=replace, local_paths=local_paths)
        return Path(cast("p.Exported", self._ask(request)).filename)

    # ------------------------------------------------------------ as text

    def to_text(self, *, depth: int = 3, limit: int = 20_000) -> str:
        """The structure of the file as text, stable and limited in size.

        Parameters
        ----------
        depth : int
            Levels of the tree.
        limit : int
            The most characters.

        Returns
        -------
        str
        """
        return outline(self.file, depth=depth, limit=limit)

    def _repr_mimebundle_(self, **options: Any) -> Any:
        bundle = super()._repr_mimebundle_(**options)
        data, metadata = bundle if isinstance(bundle, tuple) else (bundle, {})
        if data is None:
            return bundle
        # For a saved notebook that is opened without a kernel.
        file = None
        if self._opening.wait(_PATIENCE) and self.error is None:
            file = self.file
        return {**data, **fallback_html(file, self.selected)}, metadata

    def close(self) -> None:
        """Close the view and the file; edits that were not exported stay in the journal on disk."""
        self._end()
        super().close()


def _close(bridge: Bridge, opening: Opening) -> None:
    bridge.close()
    opening.close()


def _receive(widget: LindiExplorer, content: Any, _buffers: Any) -> None:
    widget._bridge.receive(content)  # noqa: SLF001 - a function of the class, but for the cycle a method would make


def _absolute(path: str) -> str:
    return f"/{path.strip('/')}"


def _selection_text(selection: Any) -> str:
    """``np.s_[0:100, 3]`` as ``0:100, 3``."""
    return ", ".join(
        _part_text(part) for part in (selection if isinstance(selection, tuple) else (selection,))
    )


def _part_text(part: Any) -> str:
    if part is Ellipsis:
        return "..."
    if isinstance(part, slice):
        ends = ["" if end is None else str(int(end)) for end in (part.start, part.stop)]
        return ":".join(ends) + ("" if part.step in (None, 1) else f":{int(part.step)}")
    return str(int(part))


def _advice(keyword: str) -> str:
    known = ["source", "height", "selected", "view", "local_cache"]
    close = difflib.get_close_matches(keyword, known, n=1)
    words = f"; did you mean {close[0]!r}?" if close else f"; it takes {', '.join(known)}."
    return f"LindiExplorer has no keyword {keyword!r}{words}"
