"""Hard links are those of HDF5's own visit, in its order."""

from __future__ import annotations

import h5py
import numpy as np
import pytest

from lindi_explorer.hdf5.direct.objects import objects_of
from lindi_explorer.hdf5.identity import identity_of
from lindi_explorer.hdf5.names import ObjectNames
from lindi_explorer.hdf5.tree import hard_links


def visited(file):
    found = []

    def note(name, info):
        if info.type == h5py.h5l.TYPE_HARD:
            found.append((name.decode("utf-8", "surrogateescape"), info.u))

    file.id.links.visit(note, info=True)
    return found


def both(file):
    """What is found with plain objects read from the bytes, and by HDF5 alone."""
    root = identity_of(file.id).address
    return [list(hard_links(file, objects, root)) for objects in (objects_of(file), None)]


@pytest.mark.shared
@pytest.mark.corpus("real/*")
def test_of_the_real_corpus(corpus_file):
    if not h5py.is_hdf5(corpus_file):
        pytest.skip("no HDF5 file")
    with h5py.File(corpus_file) as file:
        assert both(file) == [visited(file)] * 2


@pytest.mark.parametrize("libver", ["earliest", "latest"])
@pytest.mark.parametrize("ordered", [False, True])
def test_of_every_kind_of_link_and_group(tmp_path, libver, ordered):
    with h5py.File(tmp_path / "f.h5", "w", libver=libver) as file:
        for name in ("b/in", "a/in/deeper", "ü/ß", "empty"):
            file.create_group(name, track_order=ordered)
        file["b/in/loop"] = file["b"]
        file["a/root"] = file["/"]
        file["a/twice"] = file["b/in"]
        file["b/data"] = np.arange(3)
        file["data"] = file["b/data"]
        file["type"] = np.dtype("i4")
        file["of_type"] = np.zeros(2)
        file["a/typed"] = file["type"]
        file["soft"], file["outside"] = h5py.SoftLink("/a"), h5py.ExternalLink("no.h5", "/a")
        many = file.create_group("many", track_order=ordered)
        for number in range(200):
            many[f"{number}"] = number
    with h5py.File(tmp_path / "f.h5") as file:
        wanted = visited(file)
        assert len(wanted) > 210
        assert both(file) == [wanted] * 2


def test_a_damaged_group_costs_the_others_nothing(tmp_path):
    path = tmp_path / "f.h5"
    with h5py.File(path, "w", libver="latest") as file:
        file["a/inside"] = 1
        file["bad/inside"] = 2
        file["z/inside"] = 3
        file["also"] = file["z/inside"]
        where = identity_of(file["bad"].id).address
    with path.open("r+b") as raw:
        raw.seek(where + 20)
        raw.write(b"\xff" * 8)
    with h5py.File(path) as file:
        with pytest.raises(RuntimeError):
            visited(file)
        for found in both(file):
            assert [name for name, _ in found] == ["a", "a/inside", "also", "bad", "z", "z/inside"]
        names = ObjectNames(file, objects_of(file))
        assert names.canonical(file["z/inside"].id) == "also"
        assert names.aliases() == {"z/inside": "also"}
