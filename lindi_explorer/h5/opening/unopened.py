"""Why HDF5 does not open a file that begins as HDF5 files do."""

from __future__ import annotations

from lindi_explorer.errors import FileInUseError, FormatError, LindiError, UnsupportedError


def why_unopened(name: str, error: OSError) -> LindiError:
    """What to say of such a file.

    Parameters
    ----------
    name : str
        Of the file, without secrets.
    error : OSError
        As h5py raised it; HDF5's reason is what it has in parentheses.

    Returns
    -------
    FileInUseError, UnsupportedError or FormatError
    """
    why = str(error).partition("(")[2].removesuffix(")") or str(error)
    if "unable to lock file" in why:
        return FileInUseError(
            f"{name} is open for writing in another program",
            hint="Close it there, or open it when that program has ended.",
        )
    if "already open for" in why:
        return FileInUseError(
            f"{name} is marked as being written: a program has it open, or ended without closing it",
            hint="Close it there. If no program has it open, h5clear -s of HDF5's tools takes the mark away.",
        )
    if "driver should be used" in why:
        return UnsupportedError(
            f"{name} is a part of an HDF5 file that is spread over several files ({why})",
            hint="Write it as one file with h5repack or h5repart of HDF5's tools, and open that.",
        )
    return FormatError(
        f"{name} cannot be opened: HDF5 finds it damaged ({why})",
        hint="The download or copy may be incomplete: make it again, and compare the sizes.",
    )
