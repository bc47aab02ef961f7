"""Whether the data of a dataset from the network lies in its own HDF5 file.

HDF5 opens the files that raw data lies in itself, on this machine, whatever it reads the HDF5 file through: a
file from the network would have it read any file of the user's.
"""

from __future__ import annotations

import os

import h5py

from lindi_explorer.byterange import redact_url
from lindi_explorer.errors import AccessDeniedError, UnsupportedError
from lindi_explorer.hdf5.over_http import faults_told


def require_own_bytes(file: h5py.File, dataset: h5py.Dataset) -> None:
    """Raise where HDF5 would read other files for the data of a dataset from the network.

    Parameters
    ----------
    file : h5py.File
        From the network.
    dataset : h5py.Dataset
        Of that file.

    Raises
    ------
    AccessDeniedError
        If its data, or that of a dataset that it is put together from, lies in other files.
    UnsupportedError
        If it is put together from datasets of other files.
    """
    seen: set[str] = set()
    left = [dataset]
    # A source that cannot be looked at now, and can when HDF5 reads it, would not have been looked at.
    with faults_told(file):
        while left:
            names = _sources(left.pop()) - seen
            seen |= names
            found = [file.get(name) for name in names]
            left += [one for one in found if isinstance(one, h5py.Dataset)]


def _sources(dataset: h5py.Dataset) -> set[str]:
    """The datasets of the same file that one is put together from."""
    plist = dataset.id.get_create_plist()
    count = plist.get_external_count()
    if count:
        raw = sorted({os.fsdecode(plist.get_external(number)[0]) for number in range(min(count, 3))})
        raise AccessDeniedError(
            f"The data of {dataset.name}, of a file from the network, lies in files that HDF5 looks for on "
            f"this machine ({', '.join(raw)}); they were not read.",
            hint="Download that file with those beside it, look at it, and open the copy if you trust it.",
        )
    if plist.get_layout() != h5py.h5d.VIRTUAL:
        return set()
    sources = range(plist.get_virtual_count())
    files = {plist.get_virtual_filename(number) for number in sources} - {"."}
    names = {plist.get_virtual_dsetname(number) for number in sources}
    if files or any("%" in name for name in names):
        shown = ", ".join(map(redact_url, sorted(files or names)[:3]))
        raise UnsupportedError(
            f"{dataset.name} is put together from {shown}, which HDF5 does not look for on the web",
            hint="Open the HDF5 file itself, or download it and its sources into one folder.",
        )
    return names
