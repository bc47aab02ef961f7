"""What was uploaded from a staging area opens over http, here and in the original, and all is equal."""

from __future__ import annotations

import shutil
from pathlib import Path

import h5py
import numpy as np
import pytest

from lindi_explorer import LindiH5pyFile
from lindi_explorer.remote import RangeReader
from lindi_explorer.samples.serve import RangeServer
from lindi_explorer.staging.area import StagingArea
from lindi_explorer.staging.copying import copy_chunks
from lindi_explorer.staging.moved import MovedChunks
from lindi_explorer.staging.upload import upload
from tests.interop.compare import Comparison, by_h5py
from tests.interop.environments import UPSTREAM, ask

NAMES = ["plain.h5", "sample.nwb"]


@pytest.fixture(scope="session")
def uploaded(sources, folder):
    """Name -> URL of the document; all chunks that were in files went through a staging area."""
    cloud = folder / "cloud"
    with RangeServer(folder / "cloud", latency_ms=0) as server:

        def keep(path):
            target = cloud / name / Path(path).name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
            return server.url(f"{name}/{target.name}")

        found = {}
        for name in NAMES:
            path, _ = sources[name]
            with (
                StagingArea.create(base_dir=folder / "staging") as area,
                LindiH5pyFile.from_hdf5_file(path) as file,
                RangeReader(path) as reader,
            ):
                tables = copy_chunks(file.journal, area, reader, download_remote=False)
                references = MovedChunks(file.journal, tables)
                found[name] = upload(references, area, on_upload_blob=keep, on_upload_main=keep)
        assert not any((folder / "staging").iterdir())
        yield found


def test_read_here(sources, uploaded):
    for name, url in uploaded.items():
        with LindiH5pyFile.from_lindi_file(url) as ours, h5py.File(sources[name][0]) as original:
            numbers = arrays_of_numbers(original)
            assert len(numbers) > 10
            for path in numbers:
                assert ours[path].dtype == original[path].dtype
                np.testing.assert_array_equal(ours[path][()], original[path][()], err_msg=path)


def arrays_of_numbers(file):
    paths = []
    file.visit(paths.append)
    return [path for path in paths if getattr(getattr(file[path], "dtype", None), "kind", "") in {*"iufb"}]


def test_read_by_the_original(sources, uploaded, folder, tell):
    found = ask(UPSTREAM, "read_upstream.py", uploaded, folder)
    arrays = 0
    for name in uploaded:
        with h5py.File(sources[name][0]) as original:
            verdict = Comparison(by_h5py(original), found[name], original, globs=False).run()
        assert verdict.wrong == []
        arrays += verdict.arrays
    tell(f"{arrays} arrays uploaded and equal")
    assert arrays > 50
