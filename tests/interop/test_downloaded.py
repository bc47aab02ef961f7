"""What was downloaded, read by the original where there is no server any more, and unpacked by tar."""

from __future__ import annotations

import subprocess
import warnings

import h5py
import pytest

from lindi_explorer import LindiH5pyFile
from lindi_explorer.errors import LindiError
from lindi_explorer.samples.serve import RangeServer
from tests.interop.compare import Comparison, Verdict, by_h5py
from tests.interop.environments import UPSTREAM, ask
from tests.unit.h5.test_written_out import addresses, document

SUFFIXES = ["tar", "d"]

LARGEST = 30_000
"""Bytes of the files of the corpus that are taken: the original needs minutes for all of them."""


def judge(sources, made, folder):
    """What the original makes of containers, compared with the HDF5 files they were made of."""
    found = ask(UPSTREAM, "read_upstream.py", {name: str(path) for name, path in made.items()}, folder)
    verdict = Verdict()
    for name in made:
        with warnings.catch_warnings(), h5py.File(sources[name][0]) as original:
            warnings.simplefilter("ignore")
            verdict.add(Comparison(by_h5py(original), found[name], original, globs=False).run(), name)
    return verdict


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_the_original_reads_what_was_downloaded(sources, made_names, tmp_path, folder, tell, suffix):
    made = {}
    for name in made_names:
        path = sources[name][0]
        made[name] = tmp_path / f"{name}.lindi.{suffix}"
        with (
            RangeServer(path.parent, latency_ms=0) as server,
            LindiH5pyFile.from_hdf5_file(server.url(name)) as file,
        ):
            file.download(made[name])
    verdict = judge(sources, made, folder)
    tell(verdict)
    assert verdict.arrays > 100
    assert verdict.wrong == []


@pytest.mark.shared
def test_the_original_reads_what_was_downloaded_of_the_corpus(sources, corpus_names, tmp_path, folder, tell):
    made = {}
    small = [name for name in corpus_names if sources[name][0].stat().st_size < LARGEST]
    for number, name in enumerate(small):
        path = sources[name][0]
        try:
            with LindiH5pyFile.from_hdf5_file(path) as file:
                target = tmp_path / f"{name}.lindi.{SUFFIXES[number % 2]}"
                report = file.download(target)
        except LindiError:
            continue
        made[name] = target
        away = {one for one in addresses(target) if not one.startswith("./")}
        assert not away or report.losses, name
    verdict = judge(sources, made, folder)
    tell(verdict)
    assert len(made) > 20
    assert verdict.arrays > 200
    assert verdict.wrong == []


def test_tar_unpacks_what_the_original_reads_as_a_folder(sources, tmp_path, folder):
    """An archive and a folder hold the same: unpacked, the one is the other."""
    archive, unpacked = tmp_path / "o.lindi.tar", tmp_path / "o.lindi.d"
    unpacked.mkdir()
    with LindiH5pyFile.from_hdf5_file(sources["plain.h5"][0]) as file:
        file.download(archive)
    subprocess.run(["tar", "xf", archive, "-C", unpacked], check=True)
    assert document(unpacked) == document(archive)
    verdict = judge(sources, {"plain.h5": unpacked}, folder)
    assert verdict.arrays > 50
    assert verdict.wrong == []
