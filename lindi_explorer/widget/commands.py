"""What an explorer does from Python: the same requests as its view makes, answered in the calling thread."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from lindi_explorer.explorer import protocol as p
from lindi_explorer.explorer.wire import from_wire, to_wire
from lindi_explorer.widget.fallback import outline

if TYPE_CHECKING:
    from lindi_explorer.explorer.session import ExplorerSession
    from lindi_explorer.widget.opening import Opening

_Answer = TypeVar("_Answer", bound=p.Response)

_ID = "python"


class Commands:
    """Edits, checks and exports; every view of the explorer is told."""

    _session: ExplorerSession
    _opening: Opening | None

    def _ask(self, request: p.AnyRequest) -> p.Response:
        assert self._opening is not None
        return self._opening.handle(request)[0]

    def _answer(self, request: p.AnyRequest, kind: type[_Answer]) -> _Answer:
        answer = self._ask(request)
        assert isinstance(answer, kind)
        return answer

    @property
    def edits(self) -> list[p.Change]:
        """What differs from the source: path, name, old and new value as text."""
        return self._answer(p.GetChanges(id=_ID), p.Changes).changes

    def undo(self) -> str:
        """Take back the last edit; returns what was taken back, empty where there was nothing."""
        step = self._session.file.journal.next_undo
        self._ask(p.Undo(id=_ID))
        return "" if step is None else step.words

    def redo(self) -> str:
        """Make the edit again that was undone last; returns it, empty where there was nothing."""
        step = self._session.file.journal.next_redo
        self._ask(p.Redo(id=_ID))
        return "" if step is None else step.words

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
        self._ask(p.ResumeJournal(id=_ID))

    def discard(self) -> None:
        """Delete the edits of an earlier explorer that ended without exporting them."""
        self._ask(p.DiscardJournal(id=_ID))

    def validate(self) -> list[p.Finding]:
        """Check the edited file with pynwb's validator.

        Returns
        -------
        list of Finding
            ``severity``, ``text``, ``path``; empty = valid.
        """
        return self._answer(p.Validate(id=_ID), p.Findings).findings

    def export(
        self, path: str | os.PathLike[str] = "", *, replace: bool = False, local_paths: bool = False
    ) -> Path:
        """Write the edited file as ``.lindi.json``.

        Parameters
        ----------
        path : str or path
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
        AccessDeniedError
            If it refers to files of this machine and ``local_paths`` is false.
        LindiError
            If it cannot be written.
        """
        name = to_wire(os.fspath(path)) or self._answer(p.GetExportPlan(id=_ID), p.ExportPlan).filename
        request = p.Export(id=_ID, filename=name, replace=replace, local_paths=local_paths)
        return Path(from_wire(self._answer(request, p.Exported).filename))

    def to_text(self, *, depth: int = 3, limit: int = 20_000) -> str:
        """The structure of the file as text, stable and limited in size; of a dandiset, what is in it.

        Parameters
        ----------
        depth : int
            Levels of the tree.
        limit : int
            The most characters.

        Returns
        -------
        str
            A line for each object: name, then type, shape and dtype. No array data is read.
        """
        assert self._opening is not None
        return outline(self._ask, to_wire(self._opening.name), depth=depth, limit=limit)
