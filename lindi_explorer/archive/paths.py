"""Where files go in a dandiset, and which names an archive takes."""

from __future__ import annotations

import re
from collections.abc import Callable

from lindi_explorer.archive.preflight import Mode
from lindi_explorer.errors import FormatError

_ALLOWED = re.compile(r"(/?\.?[A-z0-9(),&\s#+~_=-])+")
_LONGEST = 512
_LINDI = re.compile(r"\.lindi\.(json|tar|d)$|\.json$", re.IGNORECASE)
_HDF5 = (".nwb", ".h5", ".hdf5")

_CHARACTERS = "Letters, digits, spaces and (),&#+~_=- are allowed, and dots inside of names."

_ENDINGS: dict[Mode, tuple[str, ...]] = {
    "inline": (".lindi.json",),
    "json": (".lindi.json",),
    "nwb": _HDF5,
    "tar": (".lindi.tar",),
}


def default_path(source: str, mode: Mode) -> str:
    """Where an edited file goes if nobody says: beside the one that it was made from.

    Parameters
    ----------
    source : str
        Path in the dandiset, or the name, of that one.
    mode : str

    Returns
    -------
    str
        ``sub-1/a.nwb`` becomes ``sub-1/a.nwb.lindi.json``, which DANDI's web page offers to open.
    """
    stem = _LINDI.sub("", source)
    if mode != "nwb":
        return stem + _ENDINGS[mode][0]
    return stem if stem.endswith(_HDF5) else f"{stem}.nwb"


def patch_path(path: str) -> str:
    """Where the patch of a file goes: ``a.nwb.lindi.json`` has its own at ``a.nwb.lindi_patch.json``.

    Two files never have one patch: ``a.nwb.lindi.tar`` has its own at ``a.nwb.lindi.tar_patch.json``.

    Parameters
    ----------
    path : str

    Returns
    -------
    str
    """
    return f"{path.removesuffix('.json')}_patch.json"


def blob_path(sha256: str) -> str:
    """Where a file with new chunks goes: by its content."""
    return f"lindi_blobs/{sha256[:2]}/{sha256}"


def require_path(path: str, mode: Mode) -> None:
    """Raise where an archive would not take a path, or the path would not say what the file is.

    Parameters
    ----------
    path : str
    mode : str

    Raises
    ------
    FormatError
    """
    parts, hint = path.split("/"), ""
    if len(path) > _LONGEST:
        problem = f"is longer than {_LONGEST} characters"
    elif "\\" in path:
        # DANDI would take it for a part of the name.
        problem, hint = "has a backslash", "Folders are separated by / there, on all systems."
    elif {"", ".", ".."}.intersection(parts):
        problem = "begins or ends with a slash, or has two in a row, or . or .. in it"
    elif any(part != part.strip() for part in parts):
        problem = "has a space at the beginning or the end of a name"
    elif _ALLOWED.fullmatch(path) is None or not path.isprintable():
        problem, hint = "has characters that DANDI does not allow", _CHARACTERS
    elif not path.endswith(_ENDINGS[mode]):
        problem = f"does not end with {' or '.join(_ENDINGS[mode])}, which readers know it by"
    else:
        return
    raise FormatError(
        f"The path {path[:80]!r} {problem}.", hint=hint or "Write it as sub-1/sub-1_ses-2" + _ENDINGS[mode][0]
    )


def free_path(path: str, is_taken: Callable[[str], bool]) -> str:
    """A path like this one that is free: ``a-2.nwb.lindi.json``.

    Parameters
    ----------
    path : str
    is_taken : callable

    Returns
    -------
    str

    Raises
    ------
    FormatError
        If there are very many like it.
    """
    folder, slash, name = path.rpartition("/")
    stem, dot, ending = name.partition(".")
    for number in range(2, 100):
        other = f"{folder}{slash}{stem}-{number}{dot}{ending}"
        if not is_taken(other):
            return other
    raise FormatError(f"There are very many files like {path} already.", hint="Choose another name.")
