"""Uploading in one call."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lindi_explorer.archive.uploading import Conflict, Mode, Progress, Uploaded, prepare
from lindi_explorer.h5.opening.open import open_any


def upload(
    source: Any,
    dandiset: str,
    *,
    path: str | None = None,
    instance: str = "dandi-sandbox",
    mode: Mode = "auto",
    production: bool = False,
    conflict: Conflict = "ask",
    replaces: str | None = None,
    progress: Callable[[Progress], None] | None = None,
) -> Uploaded:
    """Upload an edited file to a dandiset.

    Parameters
    ----------
    source : LindiH5pyFile, str, path or tuple
        A file with its edits, or whatever `lindi_explorer.h5.opening.open.open_any` opens.
    dandiset, path, instance, mode, production, conflict, replaces
        As for `prepare`.
    progress : callable, optional
        As for `Upload.run`.

    Returns
    -------
    Uploaded

    Raises
    ------
    LindiError
        As for `prepare` and `Upload.run`.
    """
    file = open_any(source)
    try:
        prepared = prepare(
            file,
            dandiset,
            path=path,
            instance=instance,
            mode=mode,
            production=production,
            conflict=conflict,
            replaces=replaces,
        )
        return prepared.run(progress)
    finally:
        if file is not source:
            file.close()
