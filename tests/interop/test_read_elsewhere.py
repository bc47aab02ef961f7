"""What we write opens in the original lindi, in Zarr 2 and 3 through fsspec, and in pynwb; all is equal."""

from __future__ import annotations

import json
import warnings

import h5py
import numpy as np
import pytest

from lindi_explorer import LindiH5pyFile
from tests.interop.compare import Comparison, Verdict, by_h5py
from tests.interop.environments import ROOT, UPSTREAM, ZARR_3, ask

READERS = {
    "lindi": (UPSTREAM, "read_upstream.py"),
    "zarr 2": (UPSTREAM, "read_zarr.py"),
    "zarr 3 with this package": (ZARR_3, "read_zarr.py", ROOT),
    "zarr 3": (ZARR_3, "read_zarr.py"),
}


@pytest.fixture(scope="session")
def documents(sources, folder):
    """Name -> the document we write of a source; of those that h5py opens."""
    written = {}
    for name, (path, url) in sources.items():
        try:
            h5py.File(path).close()
        except OSError:
            continue
        written[name] = folder / f"{name}.lindi.json"
        with LindiH5pyFile.from_hdf5_file(path, url=url) as file:
            file.write_lindi_file(written[name])
    return written


@pytest.fixture(scope="session")
def local_documents(sources, documents, folder, made_names):
    """The same; those of the corpus lead to files, as the original takes a connection for every chunk."""
    found = dict(documents)
    for name in documents.keys() - set(made_names):
        path, url = sources[name]
        found[name] = folder / f"{name}.local.lindi.json"
        text = documents[name].read_text()
        found[name].write_text(text.replace(json.dumps(url), json.dumps(str(path))))
    return found


@pytest.fixture(scope="session")
def answers(documents, local_documents, folder, made_names):
    """``answers(reader)``: what a reader makes of all documents."""
    known = {}

    def ask_once(reader):
        if reader not in known:
            environment, program, *arguments = READERS[reader]
            paths = local_documents if reader == "lindi" else documents
            # What the package adds to Zarr 3 shows on few files.
            names = made_names if reader == "zarr 3" else paths
            jobs = {name: str(paths[name]) for name in names}
            known[reader] = ask(environment, program, jobs, folder, *arguments)
        return known[reader]

    return ask_once


def compare(names, sources, found, **options):
    verdict = Verdict()
    for name in names:
        if name not in found:
            continue
        with warnings.catch_warnings(), h5py.File(sources[name][0]) as original:
            warnings.simplefilter("ignore")
            verdict.add(Comparison(by_h5py(original), found[name], original, **options).run(), name)
    return verdict


@pytest.mark.parametrize("reader", READERS)
def test_read(sources, made_names, answers, tell, reader):
    options = {"no_objects": reader == "zarr 3", "globs": reader != "lindi"}
    verdict = compare(made_names, sources, answers(reader), **options)
    tell(verdict)
    assert verdict.arrays > 100
    assert verdict.wrong == []


@pytest.mark.shared
@pytest.mark.parametrize("reader", [name for name in READERS if name != "zarr 3"])
def test_read_the_corpus(sources, corpus_names, answers, tell, reader):
    verdict = compare(corpus_names, sources, answers(reader), globs=reader != "lindi")
    tell(verdict)
    assert verdict.arrays > 1000
    assert verdict.wrong == []


def test_edited(sources, folder, tell):
    """After edits of every kind, all readers see them, and everything else as before."""
    path, url = sources["plain.h5"]
    copy, document = folder / "edited.h5", folder / "edited.lindi.json"
    copy.write_bytes(path.read_bytes())
    with h5py.File(copy, "r+") as theirs, LindiH5pyFile.from_hdf5_file(path, url=url, mode="r+") as ours:
        for file in (theirs, ours):
            file.attrs["new"] = "é"
            file["attributes"].attrs["int"] = 6
            file["attributes"].attrs["matrix"] = np.ones((3, 1))
            del file["attributes"].attrs["bool"]
            file["layouts/gzip"].attrs["unit"] = "V"
            file["scalars/int"][()] = 7
            file["scalars/text"][()] = "longer than before"
            file["numbers/few_big_i2"][1:3] = 9
            file["texts/vlen"][0] = "changed"
        ours.write_lindi_file(document)
    with h5py.File(copy) as original:
        expected = by_h5py(original)
        for reader, (environment, program, *arguments) in READERS.items():
            found = ask(environment, program, {"edited": str(document)}, folder, *arguments)["edited"]
            options = {"no_objects": reader == "zarr 3", "globs": reader != "lindi"}
            verdict = Comparison(expected, found, original, **options).run()
            verdict.files = 1
            tell(f"{reader}: {verdict}")
            assert verdict.wrong == [], reader


def through_pynwb(pairs, folder, tell):
    """Compare what pynwb reads from HDF5 files with what it reads through the original from our documents."""
    jobs = {
        f"{kind} {path.name}": str(at) for path, lindi in pairs for kind, at in (("h", path), ("l", lindi))
    }
    found = ask(UPSTREAM, "read_pynwb.py", jobs, folder)
    readable = [path.name for path, _ in pairs if "error" not in found[f"h {path.name}"]]
    objects = sum(len(found[f"h {name}"]["objects"]) for name in readable)
    tell(f"{len(readable)} files of {len(pairs)} that pynwb reads, {objects} objects equal")
    return [name for name in readable if found[f"h {name}"] != found[f"l {name}"]]


def test_pynwb_through_the_original(sources, folder, tell):
    """Without a scalar of compound type, which the original neither converts nor reads."""
    path, document = folder / "without_scalar.nwb", folder / "without_scalar.nwb.lindi.json"
    path.write_bytes(sources["sample.nwb"][0].read_bytes())
    with h5py.File(path, "r+") as file:
        groups = file["general/extracellular_ephys"].values()
        for group in [group for group in groups if "position" in group]:
            del group["position"]
    with LindiH5pyFile.from_hdf5_file(path) as file:
        file.write_lindi_file(document)
    assert through_pynwb([(path, document)], folder, tell) == []


@pytest.mark.shared
def test_pynwb_on_the_corpus_through_the_original(sources, corpus_names, local_documents, folder, tell):
    names = [name for name in corpus_names if name.endswith(".nwb")]
    assert through_pynwb([(sources[name][0], local_documents[name]) for name in names], folder, tell) == []
