"""Names come in h5py's order: that of their creation wherever HDF5 has kept it, indexed or not."""

from __future__ import annotations

import h5py
import numpy as np
import pytest
from h5py import h5g, h5p
from numcodecs.checksum32 import jenkins_lookup3

from lindi_explorer import LindiH5pyFile

TRACKED = h5p.CRT_ORDER_TRACKED
BOTH = TRACKED | h5p.CRT_ORDER_INDEXED


@pytest.mark.parametrize("kept", [0, TRACKED, BOTH], ids=["by name", "tracked", "indexed"])
@pytest.mark.parametrize("count", [3, 30])
@pytest.mark.parametrize("version", ["earliest", "latest"])
def test_order_of_members_and_attributes(tmp_path, kept, count, version):
    names = [f"{number * 11 % count:02d}" for number in range(count)]
    properties = h5p.create(h5p.GROUP_CREATE)
    properties.set_link_creation_order(kept)
    properties.set_attr_creation_order(kept)
    with h5py.File(tmp_path / "a.h5", "w", libver=version) as file:
        group = h5py.Group(h5g.create(file.id, b"group", gcpl=properties))
        for number, name in enumerate(names):
            group[name] = np.arange(number)
            group.attrs[name] = number
    with h5py.File(tmp_path / "a.h5") as theirs:
        assert list(theirs["group"]) == list(theirs["group"].attrs) == (names if kept else sorted(names))
        for ours in both_ways(tmp_path / "a.h5"):
            assert list(ours["group"]) == list(theirs["group"])
            assert list(ours["group"].attrs) == list(theirs["group"].attrs)


def test_order_of_the_attributes_of_a_committed_type(tmp_path):
    path = tmp_path / "a.h5"
    with h5py.File(path, "w", libver="latest") as file:
        group = file.create_group("type", track_order=True)
        for name in "cab":
            group.attrs[name] = 1
        header = h5py.h5o.get_info(group.id).addr
    path.write_bytes(as_type(path.read_bytes(), header))
    with h5py.File(path) as theirs:
        assert isinstance(theirs["type"], h5py.Datatype)
        assert list(theirs["type"].attrs) == ["c", "a", "b"]
    for ours in both_ways(path):
        assert ours["type"].dtype == "i4"
        assert list(ours["type"].attrs) == ["c", "a", "b"]


def both_ways(path):
    """The file as we read it, and its document."""
    with LindiH5pyFile.from_hdf5_file(path) as direct:
        yield direct
        yield LindiH5pyFile.from_reference_file_system(direct.to_reference_file_system())


def as_type(data, header):
    """Make a committed type of an empty group, as h5py makes none that keep an order."""
    length = data[header + 6]
    start, end = header + 7, header + 7 + length
    assert data[start : start + 3] == b"\x02\x22\x00"  # information on links, 34 bytes
    number = bytes.fromhex("10 08 00 00  04 00 00 00  00 00 20 00")
    made = b"\x03" + data[start + 1 : start + 6] + number.ljust(34, b"\0") + data[start + 40 : end]
    whole = data[header:start] + made
    checksum = jenkins_lookup3(whole, 0).to_bytes(4, "little")
    return data[:header] + whole + checksum + data[end + 4 :]
