"""Files whose bytes are not what they seem: who reads them without HDF5 has to know, or to leave it."""

from __future__ import annotations

import ctypes
import struct
import threading
from pathlib import Path

import h5py
import numpy as np
import pytest

from lindi_explorer import LindiH5pyFile
from lindi_explorer.hdf5.direct import objects
from lindi_explorer.hdf5.direct.datatype import check_whole
from lindi_explorer.hdf5.direct.heap import GlobalHeap
from lindi_explorer.hdf5.direct.source import OddError
from lindi_explorer.hdf5.identity import address_of
from lindi_explorer.hdf5.references import Hdf5References
from lindi_explorer.references.decoding import decode
from tests.contract.direct import told


@pytest.fixture(scope="module")
def library():
    """HDF5's own library, for what h5py has no function for."""
    found = sorted(Path(h5py.__file__).parents[1].glob("h5py.libs/libhdf5-*"))
    if not found:
        pytest.skip("h5py's wheel brings no HDF5 library")
    return ctypes.CDLL(str(found[0]))


def found(path):
    """Which chunks of the dataset there are."""
    with h5py.File(path) as file:
        return sorted(Hdf5References(file, "https://example.org/a.h5").node("x").chunks)


def test_far_apart_in_a_long_growing_dataset(tmp_path):
    """Beyond 131,000 chunks the index of newer files has pages; which of them there are is said in bits."""
    written = (5, 131_500, 140_000, 200_000, 201_500, 299_999)
    path = tmp_path / "a.h5"
    with h5py.File(path, "w", libver="latest") as file:
        data = file.create_dataset("x", shape=(300_000,), maxshape=(None,), chunks=(1,), dtype="i4")
        for at in written:
            data[at] = at
    assert found(path) == [(at,) for at in written]


def test_far_apart_in_a_long_dataset_of_fixed_size(tmp_path):
    written = (5, 1_023, 1_024, 50_000, 99_999)
    path = tmp_path / "a.h5"
    with h5py.File(path, "w", libver="latest") as file:
        data = file.create_dataset("x", shape=(100_000,), chunks=(1,), dtype="i4", compression="gzip")
        for at in written:
            data[at] = at
    assert found(path) == [(at,) for at in written]


def test_the_state_of_the_cache_in_a_file_is_newer_than_its_objects(tmp_path, library):
    class Config(ctypes.Structure):
        _fields_ = (
            ("version", ctypes.c_int),
            ("generate", ctypes.c_bool),
            ("resize", ctypes.c_bool),
            ("ageout", ctypes.c_int),
        )

    path = tmp_path / "a.h5"
    with h5py.File(path, "w", libver="latest") as file:
        file.create_group("g").attrs["a"] = 1
    access = h5py.h5p.create(h5py.h5p.FILE_ACCESS)
    access.set_libver_bounds(h5py.h5f.LIBVER_LATEST, h5py.h5f.LIBVER_LATEST)
    config = Config(1, True, False, -1)
    assert library.H5Pset_mdc_image_config(ctypes.c_int64(access.id), ctypes.byref(config)) >= 0
    with h5py.File(h5py.h5f.open(bytes(path), h5py.h5f.ACC_RDWR, access)) as file:
        file["g"].attrs["a"] = 2
    with LindiH5pyFile.from_hdf5_file(path) as file:
        assert file["g"].attrs["a"] == 2


@pytest.mark.parametrize("limit", [1000, None])
def test_chunks_at_the_edge_that_were_not_filtered(tmp_path, library, limit):
    path = tmp_path / "a.h5"
    plist = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    plist.set_chunk((600,))
    plist.set_shuffle()
    assert library.H5Pset_chunk_opts(ctypes.c_int64(plist.id), ctypes.c_uint(2)) >= 0
    with h5py.File(path, "w", libver="latest") as file:
        space = h5py.h5s.create_simple((1000,), (h5py.h5s.UNLIMITED if limit is None else limit,))
        made = h5py.h5d.create(file.id, b"x", h5py.h5t.NATIVE_INT32, space, plist)
        h5py.Dataset(made)[:] = np.arange(1000)
    with LindiH5pyFile.from_hdf5_file(path) as file:
        np.testing.assert_array_equal(file["x"][:], np.arange(1000))
        again = LindiH5pyFile.from_reference_file_system(file.to_reference_file_system())
        np.testing.assert_array_equal(again["x"][:], np.arange(1000))


def test_a_type_of_half_a_gigabyte_costs_its_attribute(tmp_path):
    path = tmp_path / "a.h5"
    kind = h5py.enum_dtype({"AAAA": 0}, basetype="<i4")
    with h5py.File(path, "w") as file:
        file.create_group("g").attrs.create("e", 0, dtype=kind)
        file["g"].attrs["a"] = 1
    data = bytearray(path.read_bytes())
    base = data.find(b"AAAA\0") - 12
    for at in (base + 4, base - 4):  # the sizes of the numbers and of the enumeration
        data[at : at + 4] = struct.pack("<I", 0x20000000)
    path.write_bytes(data)
    assert told(path, direct=True)[0] == told(path, direct=False)[0]


@pytest.mark.parametrize("version", ["earliest", ("v112", "v112"), "latest"], ids=str)
def test_types_are_whole_or_they_are_not_decoded(tmp_path, version):
    kinds = [
        np.dtype("<i4"),
        np.dtype(">f8"),
        np.dtype("S7"),
        np.dtype("?"),
        np.dtype([("a", "<i2"), ("long name", "<f8"), ("text", "S3")]),
        np.dtype(("<f4", (2, 3))),
        h5py.string_dtype(),
        h5py.vlen_dtype(np.dtype("<i2")),
        h5py.ref_dtype,
        h5py.enum_dtype({"A": 1, "a longer name": 2}),
        h5py.opaque_dtype(np.dtype("<M8[s]")),
    ]
    with h5py.File(
        tmp_path / "a.h5", "w", libver=version if version != "v112" else (version, version)
    ) as file:
        for number, kind in enumerate(kinds):
            file.create_dataset(str(number), shape=(2,), dtype=kind)
            message = bytes(file[str(number)].id.get_type().encode())[2:]
            check_whole(message)
            for length in range(len(message)):
                with pytest.raises(OddError):
                    check_whole(message[:length])


def test_threads_that_read_the_same_texts(tmp_path):
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        for number in range(20):
            file[f"x{number}"] = [f"{number} {at} " + "a" * 2000 for at in range(400)]
    with LindiH5pyFile.from_hdf5_file(path) as file:
        faults = []

        def read():
            try:
                for number in range(20):
                    assert file[f"x{number}"][399].startswith(f"{number} 399".encode())
            except Exception as error:  # noqa: BLE001 - told in the test's thread
                faults.append(error)

        threads = [threading.Thread(target=read) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert not faults


def test_collections_that_do_not_fit_are_read_again():
    class Large:
        end = 1 << 40

        def read(self, address, length):
            size = 16 << 20
            head = (
                struct.pack("<4sB3xQ", b"GCOL", 1, size) + struct.pack("<HH4xQ", 1, 1, 8) + b"%08d" % address
            )
            return head[:length] if length < 64 else head.ljust(length, b"\0")

        some = read

    heap = GlobalHeap(Large())
    for address in (1, 2, 3, 4, 1, 2):
        assert heap.element(struct.pack("<IQI", 8, address, 1)) == b"%08d" % address


def test_contiguous_data_beyond_the_end_is_told_of_as_hdf5_does(tmp_path):
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        file["x"] = np.arange(5000.0)
    with h5py.File(path) as file:
        offset = file["x"].id.get_offset()
    data = path.read_bytes()
    at = data.find(struct.pack("<QQ", offset, 40_000))
    path.write_bytes(data[:at] + struct.pack("<QQ", offset, 1 << 50) + data[at + 16 :])
    assert told(path, direct=True)[0] == told(path, direct=False)[0]


def test_names_with_lines_of_their_own_are_no_chunks():
    refs = {f"a/{number}": ["u", number, 1] for number in range(3000)}
    refs |= {
        ".zgroup": {"zarr_format": 2},
        "a/.zarray": {
            "zarr_format": 2,
            "shape": [4000],
            "chunks": [1],
            "dtype": "|u1",
            "compressor": None,
            "filters": None,
            "fill_value": 0,
            "order": "C",
        },
        "a/3000\n3001": ["u", 1, 1],
    }
    decoded = decode({"refs": refs, "version": 1})
    assert len(decoded.node("a").chunks) == 3000
    assert list(decoded.extra["refs"]) == ["a/3000\n3001"]


def test_headers_are_kept_within_bounds(tmp_path, monkeypatch):
    """Short ones only, and so many: what is kept of an untrusted file must not fill the memory."""
    monkeypatch.setattr(objects, "_KEPT_HEADERS", 50)
    with h5py.File(tmp_path / "f.h5", "w") as file:
        for number in range(200):
            file.create_group(f"g{number:03}").attrs["large"] = np.zeros(9000 if number % 2 else 1, "u1")
    read, real = [], objects.read_header
    with h5py.File(tmp_path / "f.h5") as file:
        plain = objects.objects_of(file)
        addresses = [address_of(file[name].id) for name in file]
        monkeypatch.setattr(objects, "read_header", lambda *args: [read.append(args[1]), real(*args)][1])
        for address in [*addresses, addresses[-1], *addresses[-40:]]:
            assert plain.header(address).links == 1
    # Of the last forty, those that are short are known; the latest is, whatever it is.
    assert read == [*addresses, *addresses[-39::2]]


def test_blocks_that_are_the_same_bytes_again_and_again_are_refused(tmp_path):
    """A header of a kilobyte would be as large as all that its continuations name: 40 times 100 kB here."""
    with h5py.File(tmp_path / "f.h5", "w") as file:
        file.create_group("g")
        address = address_of(file["g"].id)
    raw = bytearray((tmp_path / "f.h5").read_bytes().ljust(8192, b"\0"))
    block = (struct.pack("<HHB3x", 0, 50_000, 0) + bytes(50_000)) * 2
    symbols = bytes(raw[address + 16 : address + 40])
    more = struct.pack("<HHB3xQQ", 0x10, 16, 0, len(raw), len(block)) * 40
    odd = struct.pack("<BxHII4x", 1, 1 + 40 + 80, 1, len(symbols + more)) + symbols + more
    place = len(raw) + len(block)
    (tmp_path / "f.h5").write_bytes(bytes(raw) + block + odd)
    with h5py.File(tmp_path / "f.h5") as file:
        plain = objects.objects_of(file)
        assert plain.header(address).links == 1
        with pytest.raises(OddError):
            plain.header(place)
