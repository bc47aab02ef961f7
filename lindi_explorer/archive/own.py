"""Which asset an open file is, in a dandiset: the one it was opened from, or uploaded as since then."""

from __future__ import annotations

from weakref import WeakKeyDictionary

from lindi_explorer.archive.dandi import asset_of, dandiset_of
from lindi_explorer.archive.instances import Instance
from lindi_explorer.h5 import LindiH5pyFile

_Place = tuple[str, str, str]

_uploaded: WeakKeyDictionary[LindiH5pyFile, dict[_Place, str]] = WeakKeyDictionary()
"""An open file -> API, dandiset and path -> the asset that was put there last."""


def note_upload(file: LindiH5pyFile, instance: Instance, dandiset: str, path: str, asset_id: str) -> None:
    """Note what a file was uploaded as: what is there now is its own.

    Parameters
    ----------
    file : LindiH5pyFile
    instance : Instance
    dandiset, path, asset_id : str
    """
    _uploaded.setdefault(file, {})[instance.api, dandiset, path] = asset_id


def own_asset(
    file: LindiH5pyFile, instance: Instance, dandiset: str, path: str, opened_at: str
) -> str | None:
    """The asset that is at a path if nobody has changed it since a file was opened or uploaded.

    Parameters
    ----------
    file : LindiH5pyFile
    instance : Instance
    dandiset, path : str
    opened_at : str
        Path of the asset that the file was opened from; empty where it was none.

    Returns
    -------
    str or None
        None where the file was never there.
    """
    uploaded = _uploaded.get(file, {}).get((instance.api, dandiset, path))
    if uploaded is not None:
        return uploaded
    source = file.reader.source or ""
    opened, home = asset_of(source), dandiset_of(source)
    if opened is None or opened_at != path or not opened[0].is_same(instance):
        return None
    # Where nobody knows which dandiset it was in, it may have been this one.
    return opened[1] if home is None or home[1] == dandiset else None
