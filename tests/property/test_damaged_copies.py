"""Whatever a document holds: its copies open, hold what can be read of it, and the rest is told."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from unittest import mock

import h5py
from hypothesis import event, given

from lindi_explorer import LindiH5pyFile
from lindi_explorer.errors import FormatError, LindiError, UnsupportedError
from lindi_explorer.h5.copies.to_hdf5 import write_hdf5
from lindi_explorer.h5.copies.to_zarr import write_zarr
from tests.contract.same import Judge
from tests.property.test_damaged_views import documents


@given(documents())
def test_a_copy_holds_what_can_be_read(document):
    try:
        file = LindiH5pyFile.from_reference_file_system(document)
    except FormatError:
        event("refused")
        return
    with file, tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "copy.h5"
        try:
            report = write_hdf5(file, path)
        except UnsupportedError as error:
            assert "no data could be copied" in error.message  # noqa: PT017
            event("nothing to copy")
            return
        lost = {loss.path for loss in report.losses}
        with h5py.File(path) as copy:
            copy.visititems(lambda name, one: same(copy, file, f"/{name}", one, lost))


def same(copy, file, name, one, lost):
    dict(one.attrs)
    if not isinstance(one, h5py.Dataset) or name in lost:
        return
    try:
        expected = file[name][()]
    except LindiError:
        # What has no chunks is never read for a copy.
        assert not file.journal.node(name[1:]).chunks or not one.size
        return
    Judge(copy, file).value(one[()], expected)
    event("compared")


@given(documents())
def test_a_zarr_folder_is_written_or_refused(document):
    try:
        file = LindiH5pyFile.from_reference_file_system(document)
    except FormatError:
        return
    with file, tempfile.TemporaryDirectory() as folder, mock.patch.object(os, "sync"):
        try:
            write_zarr(file, Path(folder) / "copy.zarr")
        except UnsupportedError as error:
            assert "no data could be copied" in error.message  # noqa: PT017
            assert list(Path(folder).iterdir()) == []
            return
        assert (Path(folder) / "copy.zarr" / ".zgroup").is_file()
