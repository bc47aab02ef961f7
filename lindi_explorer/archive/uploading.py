"""Uploading an edited file to DANDI: what `prepare` finds out, and what `Upload.run` does."""

from __future__ import annotations

from collections.abc import Callable

from lindi_explorer.archive.preflight import Conflict, Finding, Mode, Preflight, Progress, Uploaded
from lindi_explorer.errors import UnsupportedError
from lindi_explorer.h5 import LindiH5pyFile

__all__ = ["Conflict", "Finding", "Mode", "Preflight", "Progress", "Upload", "Uploaded", "prepare"]


class Upload:
    """An upload that was looked at and can begin; made by `prepare`.

    Parameters
    ----------
    preflight : Preflight
    """

    def __init__(self, preflight: Preflight) -> None:
        self.preflight = preflight

    def run(self, progress: Callable[[Progress], None] | None = None) -> Uploaded:
        """Send everything, the document last.

        Parameters
        ----------
        progress : callable, optional
            Told again and again how far it is, in the calling thread.

        Returns
        -------
        Uploaded
        """
        del progress
        raise UnsupportedError(f"nothing can be uploaded to {self.preflight.instance} yet")


def prepare(
    file: LindiH5pyFile,
    dandiset: str,
    *,
    path: str | None = None,
    instance: str = "dandi-sandbox",
    mode: Mode = "auto",
    production: bool = False,
    conflict: Conflict = "ask",
) -> Upload:
    """Find out whether an edited file can be uploaded, and what that would do; nothing is sent.

    Parameters
    ----------
    file : LindiH5pyFile
    dandiset : str
        Six digits.
    path : str, optional
        Of the file in the dandiset; by default that of the asset that it was made from, with another ending.
    instance : str
        Name of the archive.
    mode : str
        ``auto``, ``json``, ``inline``, ``tar`` or ``nwb``.
    production : bool
        Has to be True for archives that are no sandbox.
    conflict : str
        ``ask``, ``replace`` or ``rename``: what to do with a file that is at the path already.

    Returns
    -------
    Upload
    """
    del mode, production, conflict
    found = Finding("blocked", "Archive", "nothing can be uploaded yet")
    name = path or f"{file.source.name}.lindi.json"
    return Upload(Preflight(instance, dandiset, name, "json", None, False, None, 0, 0, (found,)))  # noqa: FBT003 - no embargo
