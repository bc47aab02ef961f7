"""What an explorer does with DANDI from Python."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

from lindi_explorer.explorer import protocol as p
from lindi_explorer.explorer.wire import to_wire

if TYPE_CHECKING:
    from lindi_explorer.archive.uploading import Uploaded
    from lindi_explorer.explorer.session import ExplorerSession
    from lindi_explorer.widget.opening import Opening

_ID = "python"


class ArchiveCommands:
    """Choosing a file of a dandiset, and uploading the edited one; every view of the explorer is told."""

    selected: str
    _opening: Opening | None
    _session: ExplorerSession

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

    def upload(
        self,
        dandiset: str,
        *,
        path: str = "",
        instance: str = "dandi-sandbox",
        mode: p.UploadMode = "auto",
        production: bool = False,
        conflict: p.UploadConflict = "ask",
        replaces: str = "",
    ) -> Uploaded:
        """Upload the edited file to a dandiset, its new data first and the document last.

        The API key is taken from the environment (``DANDI_SANDBOX_API_KEY``, ``DANDI_API_KEY``) or the
        system's keyring. An upload that was stopped, however that was, goes on when it is begun again.

        Parameters
        ----------
        dandiset : str
            Six digits.
        path : str
            Of the file in the dandiset; by default that of the asset that was opened, with another ending.
        instance : str
            Name of the archive: ``dandi-sandbox``, ``dandi``, ``ember-dandi``, or your own.
        mode : str
            ``json``: a document, and its new chunks in files beside it; ``inline``: a document with them
            inside; ``tar``: one ``.lindi.tar``; ``nwb``: an HDF5 file with all data; ``auto``: one of the
            first two.
        production : bool
            Has to be True for archives that are no sandbox.
        conflict : str
            What to do where there is a file of this name: ``ask`` raises, ``replace``, or ``rename``.
        replaces : str
            With ``conflict="replace"``: the asset id of the file that you have seen there and agree to
            replace. If another one is there by then, nothing is replaced.

        Returns
        -------
        Uploaded
            ``url``, ``web_page``, ``neurosift``, ``status`` and more.

        Raises
        ------
        AssetExistsError, AssetChangedError
            If there is a file of this name, or another one than was opened.
        AccessDeniedError
            Without a key, rights or ``production``.
        LindiError
            If anything else is in the way, or something does not arrive.
        """
        for word, known in ((mode, p.UploadMode), (conflict, p.UploadConflict)):
            if word not in get_args(known):
                raise ValueError(f"{word!r} is none of {', '.join(get_args(known))}")
        request = p.StartUpload(
            id=_ID,
            archive=instance,
            dandiset=dandiset,
            path=to_wire(path),
            mode=mode,
            conflict=conflict,
            replaces=replaces,
            production=production,
        )
        return self._session.uploads.run(request)
