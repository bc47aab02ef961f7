"""One odd object never costs the file: it stays in its place and says what is wrong."""

from __future__ import annotations

import json
import struct

import h5py
import numpy as np
import pytest

from lindi_explorer import LindiH5pyFile
from lindi_explorer.errors import LindiError, UnsupportedError


@pytest.fixture
def opened(tmp_path):
    """Open what is put into a file, directly and through a document."""
    files = []

    def open_(fill, damage=None):
        path = tmp_path / "odd.h5"
        with h5py.File(path, "w") as file:
            file["before"] = np.arange(2000)
            fill(file)
            file["zafter"] = "fine"
            file.attrs["title"] = "whole"
        if damage is not None:
            path.write_bytes(damage(path.read_bytes()))
        direct = LindiH5pyFile.from_hdf5_file(path)
        decoded = LindiH5pyFile.from_reference_file_system(
            json.loads(json.dumps(direct.to_reference_file_system()))
        )
        files.extend([direct, decoded])
        return direct, decoded

    yield open_
    for file in files:
        file.close()


def everything_else_is_fine(file, *names):
    assert set(names) <= set(file)
    assert file.attrs["title"] == "whole"
    assert (file["before"][...] == np.arange(2000)).all()
    assert file["zafter"].asstr()[()] == "fine"
    assert all(repr(file[name]) for name in names)


def is_one_clear_error(read):
    with pytest.raises(LindiError) as caught:
        read()
    assert caught.value.message
    assert caught.value.hint


def test_raw_data_in_a_file_that_is_gone(opened, tmp_path):
    def fill(file):
        file.create_dataset("odd", (5000,), "i4", external=[(str(tmp_path / "raw.bin"), 0, 20_000)])
        file["odd"].attrs["unit"] = "V"

    for file in opened(fill):
        everything_else_is_fine(file, "odd")
        assert file["odd"].shape == (5000,)
        assert file["odd"].attrs["unit"] == "V"
        is_one_clear_error(lambda file=file: file["odd"][...])


def test_raw_data_in_another_file(opened, tmp_path):
    def fill(file):
        file.create_dataset("odd", data=np.arange(5000), external=[(str(tmp_path / "raw.bin"), 0, 40_000)])

    for file in opened(fill):
        assert (file["odd"][...] == np.arange(5000)).all()


def test_a_virtual_dataset_with_and_without_its_source(opened, tmp_path):
    with h5py.File(tmp_path / "source.h5", "w") as source:
        source["d"] = np.arange(100)
    layout = h5py.VirtualLayout((2, 100), "i8")
    layout[0] = h5py.VirtualSource(str(tmp_path / "source.h5"), "d", (100,))
    layout[1] = h5py.VirtualSource(str(tmp_path / "gone.h5"), "d", (100,))
    for file in opened(lambda file: file.create_virtual_dataset("odd", layout, fillvalue=-1)):
        everything_else_is_fine(file, "odd")
        assert file["odd"].shape == (2, 100)
        assert file["odd"][0].tolist() == list(range(100))
        assert set(file["odd"][1]) == {-1}


def test_a_filter_that_nobody_has(opened):
    def fill(file):
        for name, size in (("odd", 5000), ("odd_small", 10)):
            plist = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
            plist.set_chunk((size,))
            plist.set_filter(32001 + 600, h5py.h5z.FLAG_OPTIONAL, (1, 2, 3))
            space = h5py.h5s.create_simple((size,))
            dataset = h5py.h5d.create(file.id, name.encode(), h5py.h5t.STD_I32LE, space, dcpl=plist)
            dataset.write_direct_chunk((0,), b"packed", 0)

    for file in opened(fill):
        everything_else_is_fine(file, "odd", "odd_small")
        for name in ("odd", "odd_small"):
            assert file[name].dtype == "i4"
            is_one_clear_error(lambda name=name, file=file: file[name][...])


def test_types_that_numpy_does_not_have(opened):
    def fill(file):
        space = h5py.h5s.create_simple((3,))
        h5py.h5d.create(file.id, b"odd_time", h5py.h5t.UNIX_D32LE, space)
        h5py.h5a.create(file.id, b"odd_attribute", h5py.h5t.UNIX_D64BE, space)

    for file in opened(fill):
        everything_else_is_fine(file, "odd_time")
        is_one_clear_error(lambda file=file: file["odd_time"][...])
        is_one_clear_error(lambda file=file: file.attrs["odd_attribute"])


def test_sequences_of_rows_with_text_which_h5py_does_not_read(opened):
    rows = h5py.vlen_dtype(np.dtype([("a", "i4"), ("text", h5py.string_dtype())]))
    for file in opened(lambda file: file.create_dataset("odd", (2,), dtype=rows)):
        everything_else_is_fine(file, "odd")
        assert file["odd"].shape == (2,)
        is_one_clear_error(lambda file=file: file["odd"][...])


@pytest.mark.parametrize("inside", ["alone", "field", "array"])
def test_region_references_in_sequences_which_h5py_does_not_survive(opened, inside):
    regions = h5py.vlen_dtype(h5py.regionref_dtype)
    dtype = {"alone": regions, "field": np.dtype([("a", regions)]), "array": np.dtype((regions, (2,)))}[
        inside
    ]

    def fill(file):
        file.create_dataset("odd", (3,), dtype=dtype)
        h5py.h5a.create(
            file.id, b"odd", h5py.h5t.py_create(dtype, logical=True), h5py.h5s.create_simple((1,))
        )

    for file in opened(fill):
        everything_else_is_fine(file, "odd")
        assert file["odd"].shape == (3,)
        is_one_clear_error(lambda file=file: file["odd"][...])
        is_one_clear_error(lambda file=file: file.attrs["odd"])


def test_a_group_whose_links_are_damaged(opened):
    def fill(file):
        for number in range(300):
            file[f"odd/{number:04d}/child"] = number
            file[f"odd/{number:04d}"].attrs["number"] = number

    def damage(data):
        # The names of each group's children lie in a heap of its own.
        start = data.index(b"HEAP", len(data) // 2)
        return data[:start] + b"XXXX" + data[start + 4 :]

    for file in opened(fill, damage):
        everything_else_is_fine(file, "odd")
        assert len(file["odd"]) == 300
        broken = []
        for name in file["odd"]:
            try:
                assert file["odd"][name]["child"][()] == int(name)
            except UnsupportedError as error:
                assert "HDF5 cannot list this group" in error.message  # noqa: PT017 - one of many has it
                broken.append(name)
        assert len(broken) == 1


def test_a_group_whose_header_counts_its_links_twice(opened):
    def fill(file):
        group = file.create_group("odd")
        group.attrs["short"], group.attrs["long"] = 1, np.zeros(2003)
        file.flush()
        del group.attrs["long"]  # leaves a gap in the header
        group.create_dataset("inside", (2,), dtype=h5py.vlen_dtype("u1"))[0] = [1, 2]

    def damage(data):
        with h5py.File.in_memory(data) as file:
            header = h5py.h5o.get_info(file["odd"].id).addr
        gap, count_of_links = struct.pack("<HH", 0, 16088), struct.pack("<HH", 0x16, 16088)
        at = data.index(gap, header)
        return data[:at] + count_of_links + data[at + 4 :]

    for file in opened(fill, damage):
        everything_else_is_fine(file)
        assert "odd" in list(file)
        is_one_clear_error(lambda file=file: file["odd"])


def test_soft_and_external_links_to_nothing(opened):
    def fill(file):
        file["soft"] = h5py.SoftLink("/nowhere")
        file["circle"] = h5py.SoftLink("circle")
        file["external"] = h5py.ExternalLink("nothing.h5", "/x")

    for file in opened(fill):
        everything_else_is_fine(file)
        for name in ("soft", "circle", "external"):
            assert name in list(file)
            assert file.get(name) is None


def test_a_thousand_attributes_and_a_large_one(opened):
    def fill(file):
        group = file.create_group("odd", track_order=True)
        for number in range(1000):
            group.attrs[f"a{number}"] = number
        file.create_group("large", track_order=True).attrs["x"] = np.zeros(100_000)

    for file in opened(fill):
        assert len(file["odd"].attrs) == 1000
        assert file["odd"].attrs["a999"] == 999
        assert file["large"].attrs["x"].shape == (100_000,)


def test_an_attribute_whose_name_is_damaged_costs_itself(opened):
    def fill(file):
        file["d"] = np.arange(3)
        file["d"].attrs["unit"] = "V"
        file["d"].attrs["broken_name"] = 5

    def damage(data):
        # Eight bytes before the name of an attribute stands the length of the name, after two others.
        at = data.index(b"broken_name\0") - 6
        return data[:at] + b"\xff\xff" + data[at + 2 :]

    for file in opened(fill, damage):
        assert file["d"][()].tolist() == [0, 1, 2]
        assert file["zafter"][()] == b"fine"
        assert file.attrs["title"] == "whole"
        for name in file["d"].attrs:
            if name.startswith("#"):
                with pytest.raises(UnsupportedError, match="cannot open attribute"):
                    file["d"].attrs[name]
        assert any(name.startswith("#") for name in file["d"].attrs)
