"""What an explorer does with DANDI from Python."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lindi_explorer.explorer import protocol as p
from lindi_explorer.explorer.wire import to_wire

if TYPE_CHECKING:
    from lindi_explorer.widget.opening import Opening

_ID = "python"


class ArchiveCommands:
    """Choosing a file of a dandiset; every view of the explorer is told."""

    selected: str
    _opening: Opening | None

    def choose(self, path: str, *, ready_made: bool = True) -> None:
        """Open a file of the dandiset that this explorer was made for, in the place of the one before.

        Parameters
        ----------
        path : str
            Of the file in the dandiset.
        ready_made : bool
            Whether a LINDI file beside it, ``<path>.lindi.json``, is opened in its place.

        Raises
        ------
        UnsupportedError
            If the explorer was made for a file.
        LindiError
            If there is no such file, or it cannot be opened.
        """
        assert self._opening is not None
        self._opening.handle(p.ChooseAsset(id=_ID, path=f"/{to_wire(path)}", ready_made=ready_made))
        self.selected = "/"
