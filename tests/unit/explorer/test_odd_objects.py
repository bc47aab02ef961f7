"""What nobody can read has its place, says what it is and why, and costs nothing else."""

from __future__ import annotations

import h5py
import numpy as np
import pytest
from h5py import h5d, h5p, h5s, h5t

from lindi_explorer import LindiH5pyFile
from lindi_explorer.errors import UnsupportedError
from lindi_explorer.explorer import protocol as p

ODD = {
    "raw": ["lies in other files, missing.raw", "Put them beside the HDF5 file"],
    "filtered": ["HDF5 filter 300", "hdf5plugin"],
    "time": ["H5T_TIME", "Everything else"],
}


@pytest.fixture(scope="module")
def odd(tmp_path_factory):
    path = tmp_path_factory.mktemp("odd") / "odd.h5"
    with h5py.File(path, "w") as file:
        file["fine"] = np.arange(5)
        file.create_dataset("raw", shape=(8,), dtype="i4", external=[("missing.raw", 0, 32)])
        nobodys = h5p.create(h5p.DATASET_CREATE)
        nobodys.set_chunk((4,))
        nobodys.set_filter(300, h5py.h5z.FLAG_OPTIONAL, (1, 2))
        filtered = h5d.create(file.id, b"filtered", h5t.STD_I32LE, h5s.create_simple((8,)), dcpl=nobodys)
        filtered.write_direct_chunk((0,), b"what only filter 300 can undo")
        h5d.create(file.id, b"time", h5t.UNIX_D32LE, h5s.create_simple((8,)))
        for name in ODD:
            file[name].attrs["unit"] = "V"
        h5py.h5a.create(file["fine"].id, b"when", h5t.UNIX_D64LE, h5s.create(h5s.SCALAR))
    return path


@pytest.fixture(params=["HDF5", "LINDI"])
def source(request, odd, tmp_path):
    if request.param == "HDF5":
        return odd
    document = tmp_path / "odd.lindi.json"
    with LindiH5pyFile.from_hdf5_file(odd) as file:
        file.write_lindi_file(document)
    return document


@pytest.mark.parametrize("name", ODD)
def test_a_node_in_its_place(explore, source, name):
    asked = explore(source)
    assert list(asked.rows("/")) == ["filtered", "fine", "raw", "time"]
    card = asked.card(f"/{name}")
    assert [(attribute.name, attribute.text) for attribute in card.attributes] == [("unit", "V")]
    assert card.row.kind == "broken" or card.array.shape == [8]
    asked.ask(p.GetStorage, path=f"/{name}")
    assert isinstance(asked.ask(p.GetPreview, path="/fine"), p.ValuePreview)


@pytest.mark.parametrize("name", ODD)
def test_why_it_cannot_be_read(explore, source, name):
    asked = explore(source)
    why, hint = ODD[name]
    row = asked.rows("/")[name]
    if row.kind == "broken":
        assert why in row.problem
    for choice in asked.card(f"/{name}").previews:
        with pytest.raises(UnsupportedError) as caught:
            asked.ask(p.GetPreview, path=f"/{name}", view=choice.view)
        assert why in caught.value.message
    dataset = asked.file[name]
    assert isinstance(dataset, h5py.Dataset)
    assert dataset.shape == (8,)
    with pytest.raises(UnsupportedError, match=why) as caught:
        dataset[2:4]
    assert hint in caught.value.hint
    assert asked.file["fine"][...].tolist() == [0, 1, 2, 3, 4]
    assert repr(asked.file["time"]).startswith(
        '<HDF5 dataset "time": shape (8,), unreadable: HDF5 cannot read'
    )


def test_an_attribute_that_nobody_can_read(explore, source):
    asked = explore(source)
    assert not asked.attributes("/fine")["when"].editable
    with pytest.raises(UnsupportedError, match="when"):
        asked.file["fine"].attrs["when"]
