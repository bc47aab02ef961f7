"""Selections of chunked data: what h5py and zarr read, and which bytes of which chunks that takes."""

from __future__ import annotations

import base64
import multiprocessing
import sys
import threading
import zlib
from concurrent.futures import ThreadPoolExecutor

import h5py
import hypothesis.strategies as st
import numcodecs
import numpy as np
import pytest
import zarr
from h5py._objects import phil
from hypothesis import HealthCheck, given, settings
from isal import isal_zlib
from zarr.storage import MemoryStore

from lindi_explorer import LindiH5pyFile, LocalCache
from lindi_explorer.errors import CancelledByUserError, FormatError
from lindi_explorer.h5.arrays import chunked, inflate, pieces
from lindi_explorer.remote import CancelToken, RangeReader, background, cancelling

ROWS, COLUMNS = 3000, 5
SELECTIONS = [
    np.s_[0:10],
    np.s_[2990:],
    np.s_[7],
    np.s_[-1],
    np.s_[5:2500:7],
    np.s_[1000:1020, 2],
    np.s_[10:20, [0, 3]],
    np.s_[:, 1:3],
    np.s_[...],
    np.s_[[1, 5, 2999]],
    np.s_[0:0],
]


@pytest.fixture(params=["as wholes", "in part"])
def cut(request, monkeypatch):
    """Raw chunks are read as wholes, as small ones are, or in part, as large ones are."""
    if request.param == "in part":
        monkeypatch.setattr(pieces, "WORTH_CUTTING", 0)


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    data = np.arange(ROWS * COLUMNS, dtype=">i4").reshape(ROWS, COLUMNS)
    path = tmp_path_factory.mktemp("rows") / "f.h5"
    with h5py.File(path, "w") as file:
        file["contiguous"] = data
        file.create_dataset("chunked", data=data, chunks=(7, COLUMNS))
        file.create_dataset("wide", data=data, chunks=(70, 2))
        file.create_dataset("gzip", data=data, chunks=(70, COLUMNS), compression="gzip")
        file.create_dataset("flat", data=data.ravel(), chunks=(64,))
        partly = file.create_dataset("partly", data.shape, dtype="f8", chunks=(50, COLUMNS), fillvalue=7)
        partly[40:60] = 1
    return path


@pytest.mark.usefixtures("cut")
@pytest.mark.parametrize("selection", SELECTIONS, ids=str)
@pytest.mark.parametrize("name", ["contiguous", "chunked", "wide", "gzip", "flat", "partly"])
def test_every_selection_is_what_h5py_reads(path, name, selection):
    if name == "flat" and isinstance(selection, tuple):
        selection = selection[0]
    with h5py.File(path) as file:
        theirs = file[name][selection]
    with LindiH5pyFile.from_hdf5_file(path) as file:
        ours = file[name][selection]
    np.testing.assert_array_equal(ours, theirs)
    assert ours.dtype == theirs.dtype
    assert np.shape(ours) == np.shape(theirs)
    if np.ndim(theirs):
        ours[...] = 0  # it can be written to


@pytest.mark.parametrize("chunks", [None, (40_000, 50)])
def test_only_the_bytes_of_the_rows_are_read(tmp_path, chunks, serve):
    data = np.arange(2_000_000, dtype="i4").reshape(40_000, 50)
    with h5py.File(tmp_path / "f.h5", "w") as file:
        file.create_dataset("data", data=data, chunks=chunks)
    server = serve(tmp_path)
    document = tmp_path / "f.lindi.json"
    with LindiH5pyFile.from_hdf5_file(tmp_path / "f.h5", url=server.url("f.h5")) as file:
        file.write_lindi_file(document)
    with LindiH5pyFile.from_lindi_file(document) as file:
        np.testing.assert_array_equal(file["data"][30_000:30_010], data[30_000:30_010])
    assert server.stats().bytes == 10 * 50 * 4


@pytest.mark.usefixtures("cut")
def test_pieces_of_contiguous_data_whose_last_is_short(path):
    from lindi_explorer import LindiH5ZarrStoreOpts

    opts = LindiH5ZarrStoreOpts(contiguous_dataset_max_chunk_size=7000)
    with h5py.File(path) as theirs, LindiH5pyFile.from_hdf5_file(path, zarr_store_opts=opts) as ours:
        for selection in SELECTIONS:
            np.testing.assert_array_equal(ours["contiguous"][selection], theirs["contiguous"][selection])


@pytest.fixture(scope="module")
def grids(tmp_path_factory):
    """Arrays whose chunks do not divide their shape, some of which were never written."""
    path = tmp_path_factory.mktemp("grids") / "f.h5"
    random = np.random.default_rng(0)
    with h5py.File(path, "w") as file:
        for name, shape, chunks, options in [
            ("one", (40,), (7,), {"compression": "gzip"}),
            ("two", (23, 17), (5, 6), {"compression": "gzip", "shuffle": True}),
            ("raw", (23, 17), (5, 17), {}),
            ("three", (9, 8, 7), (4, 3, 7), {"fletcher32": True}),
        ]:
            data = file.create_dataset(name, shape, "<i2", chunks=chunks, fillvalue=-3, **options)
            data[2:6] = random.integers(-1000, 1000, (4, *shape[1:]))
            data[shape[0] - 5 :] = random.integers(-1000, 1000, (5, *shape[1:]))
    with h5py.File(path) as theirs, LindiH5pyFile.from_hdf5_file(path) as ours:
        yield theirs, ours


@st.composite
def indices(draw, size):
    """What may stand for one axis: a number, a slice, a list, a mask."""
    kind = draw(st.sampled_from(["number", "slice", "list", "mask"]))
    if kind == "number":
        return draw(st.integers(-size, size - 1))
    if kind == "slice":
        start, stop = draw(st.integers(0, size)), draw(st.integers(0, size))
        return slice(start, stop, draw(st.integers(1, size)))
    picked = draw(st.sets(st.integers(0, size - 1)))
    return sorted(picked) if kind == "list" else np.isin(np.arange(size), list(picked))


@pytest.mark.usefixtures("cut")
@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_any_selection_is_what_h5py_reads(grids, data):
    theirs, ours = grids
    name = data.draw(st.sampled_from(sorted(theirs)))
    shape = theirs[name].shape
    if data.draw(st.booleans(), label="points"):
        args = np.random.default_rng(data.draw(st.integers(0, 9))).random(shape) < data.draw(st.floats(0, 1))
    else:
        args = tuple(data.draw(indices(size)) for size in shape)
    try:
        wanted = theirs[name][args]
    except (TypeError, ValueError):
        return  # h5py takes one list at most
    found = ours[name][args]
    np.testing.assert_array_equal(found, wanted)
    assert found.dtype == wanted.dtype


ZARRS = {
    "fortran": (np.dtype(">f4"), {"order": "F"}),
    "slashes": (np.dtype("<u8"), {"dimension_separator": "/"}),
    "bytes": (np.dtype("S5"), {}),
    "raw": (np.dtype("<i2"), {"compressor": None}),
    "raw Fortran": (np.dtype("<i2"), {"compressor": None, "order": "F"}),
    "filtered": (np.dtype("<i4"), {"compressor": None, "filters": [numcodecs.Delta("<i4")]}),
}


@pytest.mark.usefixtures("cut")
@pytest.mark.parametrize("kind", ZARRS)
def test_what_zarr_has_written_is_what_zarr_reads(kind):
    dtype, options = ZARRS[kind]
    kept = {}
    array = zarr.create(
        (11, 7),
        chunks=(4, 3),
        dtype=dtype,
        store=MemoryStore(kept),
        path="data",
        zarr_format=2,
        **{"compressor": numcodecs.Zlib(1), "filters": None} | options,
    )
    raw = np.random.default_rng(1).integers(0, 127, 11 * 7 * dtype.itemsize, dtype="u1")
    array[...] = np.frombuffer(raw.tobytes(), dtype=dtype).reshape(11, 7)
    refs = {key: _text(buffer.to_bytes()) for key, buffer in kept.items()}
    with LindiH5pyFile.from_reference_file_system({"refs": {".zgroup": {"zarr_format": 2}, **refs}}) as file:
        for selection in (np.s_[...], np.s_[3:9:2, 1:], np.s_[[0, 4, 10], 6]):
            found = file["data"][selection]
            wanted = array.oindex[selection] if isinstance(selection, tuple) else array[selection]
            assert found.tobytes() == np.ascontiguousarray(wanted).tobytes()


def _text(data):
    return "base64:" + base64.b64encode(data).decode()


def document(*chunks, codec=True, shape=(6,)):
    """A document of one array of int32 with four elements in a chunk."""
    array = {
        "zarr_format": 2,
        "shape": list(shape),
        "chunks": [4],
        "dtype": "<i4",
        "fill_value": 0,
        "order": "C",
        "filters": None,
        "compressor": {"id": "zlib", "level": 1} if codec else None,
    }
    refs = {f"data/{number}": _text(chunk) for number, chunk in enumerate(chunks)}
    return {"refs": {".zgroup": {"zarr_format": 2}, "data/.zarray": array, **refs}}


PACKED = zlib.compress(np.arange(4, dtype="<i4").tobytes())
DAMAGED = {
    "cut off": PACKED[:-5],
    "another checksum": PACKED[:-1] + bytes([PACKED[-1] ^ 1]),
    "not packed": b"12345678",
    "nothing": b"",
    "too long": zlib.compress(bytes(20)),
    "too short": zlib.compress(bytes(12)),
    "a bomb": zlib.compress(bytes(50_000_000)),
}


@pytest.mark.parametrize("unpack", [isal_zlib.decompressobj, zlib.decompressobj], ids=["ISA-L", "zlib"])
@pytest.mark.parametrize("kind", DAMAGED)
def test_a_damaged_chunk_is_named_and_the_others_are_read(kind, unpack, monkeypatch):
    monkeypatch.setattr(inflate, "decompressobj", unpack)
    with LindiH5pyFile.from_reference_file_system(document(PACKED, DAMAGED[kind])) as file:
        assert file["data"][:4].tolist() == [0, 1, 2, 3]
        with pytest.raises(FormatError, match=r"chunk \(1,\) of /data does not decode"):
            file["data"][...]


@pytest.mark.parametrize("chunk", [bytes(20), b""], ids=["too long", "nothing"])
def test_a_raw_chunk_of_another_length_is_an_error(chunk):
    with (
        LindiH5pyFile.from_reference_file_system(document(bytes(16), chunk, codec=False)) as file,
        pytest.raises(FormatError, match="does not decode"),
    ):
        file["data"][...]


@pytest.fixture
def remote(tmp_path, serve):
    """A document of 64 packed chunks on a server, and the server."""
    data = np.random.default_rng(0).integers(0, 99, (64, 2000))
    with h5py.File(tmp_path / "f.h5", "w") as file:
        file.create_dataset("data", data=data, chunks=(1, 2000), compression="gzip")
    server = serve(tmp_path)
    with LindiH5pyFile.from_hdf5_file(tmp_path / "f.h5", url=server.url("f.h5")) as file:
        file.write_lindi_file(tmp_path / "f.lindi.json")
    return tmp_path / "f.lindi.json", server, data


def test_connections_stay_open_from_read_to_read(remote):
    path, server, data = remote
    with LindiH5pyFile.from_lindi_file(path) as file:
        for row in range(20):
            np.testing.assert_array_equal(file["data"][row], data[row])
    assert server.stats().requests == 20
    assert server.stats().connections == 1


@pytest.mark.parametrize("how", ["local document", "remote document", "HDF5"])
def test_what_has_been_read_comes_from_the_local_cache(remote, tmp_path, how):
    path, server, data = remote
    address = path if how == "local document" else server.url("f.lindi.json" if "doc" in how else "f.h5")
    open_ = LindiH5pyFile.from_hdf5_file if how == "HDF5" else LindiH5pyFile.from_lindi_file
    bytes_read = []
    for _ in range(2):
        before = server.stats().bytes
        with open_(address, local_cache=LocalCache(cache_dir=tmp_path / "cache")) as file:
            np.testing.assert_array_equal(file["data"][...], data)
        bytes_read.append(server.stats().bytes - before)
    assert bytes_read[0] > 50_000
    assert bytes_read[1] <= 2  # one byte tells whether a file is still the same


def test_many_threads_read_at_once(remote):
    path, _, data = remote
    with LindiH5pyFile.from_lindi_file(path) as file, ThreadPoolExecutor(8) as threads:
        for row, found in enumerate(threads.map(lambda row: file["data"][row : row + 3], range(60))):
            np.testing.assert_array_equal(found, data[row : row + 3])


@pytest.mark.skipif(sys.platform == "win32", reason="no fork")
def test_a_forked_process_reads_on(remote):
    path, _, data = remote
    with LindiH5pyFile.from_lindi_file(path) as file:
        np.testing.assert_array_equal(file["data"][0], data[0])
        rows = []
        for row in range(6):
            _inherited[0] = file["data"]
            with multiprocessing.get_context("fork").Pool(1) as pool:
                rows += pool.map(_inherited_row, [row])
        np.testing.assert_array_equal(rows, data[:6])
        np.testing.assert_array_equal(file["data"][7], data[7])


@pytest.mark.parametrize("where", ["local", "remote"])
def test_whoever_holds_the_lock_of_h5py_waits_for_no_other_thread(remote, tmp_path, where, monkeypatch):
    path, _, data = remote
    monkeypatch.setattr(chunked, "_SHORT", 0)
    readers = set()
    for name in ("read", "read_now"):
        monkeypatch.setattr(RangeReader, name, _noting(getattr(RangeReader, name), readers))
    open_ = LindiH5pyFile.from_lindi_file if where == "remote" else LindiH5pyFile.from_hdf5_file
    with open_(path if where == "remote" else tmp_path / "f.h5") as file:
        dataset = file["data"]
        dataset[0]
        readers.clear()
        with phil:
            np.testing.assert_array_equal(dataset[...], data)
    assert readers == {threading.get_ident()}


def _noting(read, readers):
    def noting(*args, **options):
        readers.add(threading.get_ident())
        return read(*args, **options)

    return noting


@pytest.mark.parametrize("value", [[1, 2, 3, 4], "12", 1.5], ids=str)
def test_a_fill_value_that_is_no_number_is_an_error(value):
    made = document(PACKED)
    made["refs"]["data/.zarray"]["fill_value"] = value
    with (
        LindiH5pyFile.from_reference_file_system(made) as file,
        pytest.raises(FormatError, match="is not a fill value of the type int32"),
    ):
        file["data"][...]


def test_what_does_not_fit_into_memory_is_refused_before_anything_is_looked_up():
    made = document(PACKED, shape=(1 << 50,))
    with LindiH5pyFile.from_reference_file_system(made) as file:
        assert file["data"][:5].tolist() == [0, 1, 2, 3, 0]
        with pytest.raises(MemoryError):
            file["data"][...]


def test_a_chunk_shape_of_a_damaged_document_takes_no_memory():
    made = document(bytes(4), codec=False)
    made["refs"]["data/.zarray"]["chunks"] = [1 << 50]
    with (
        LindiH5pyFile.from_reference_file_system(made) as file,
        pytest.raises(FormatError, match="it has 4 bytes"),
    ):
        file["data"][...]


def test_a_thread_that_does_not_start_is_told_and_tried_again(remote, monkeypatch):
    path, _, data = remote
    monkeypatch.setattr(background, "_loop", None)
    with LindiH5pyFile.from_lindi_file(path) as file:
        with monkeypatch.context() as patch:
            patch.setattr(threading.Thread, "start", _no_more_threads)
            with pytest.raises(RuntimeError, match="no more threads"):
                file["data"][...]
        np.testing.assert_array_equal(file["data"][...], data)


def _no_more_threads(_thread):
    raise RuntimeError("no more threads")


_inherited = [None]


def _inherited_row(row):
    return _inherited[0][row]


def test_many_local_chunks_are_read_by_several_threads_and_a_damaged_one_is_told(tmp_path, monkeypatch):
    data = np.random.default_rng(0).integers(0, 9, (64, 40_000), dtype="i2")
    path = tmp_path / "f.h5"
    with h5py.File(path, "w") as file:
        file.create_dataset("data", data=data, chunks=(1, 40_000), compression="gzip")
        where = file["data"].id.get_chunk_info(40).byte_offset
    monkeypatch.setattr("os.cpu_count", lambda: 3)
    seen, meeting, unpacked = set(), threading.Barrier(3, timeout=30), chunked.chunk_array

    def unpacking(*args):
        if threading.get_ident() not in seen:
            seen.add(threading.get_ident())
            meeting.wait()  # all three are here at the same time
        return unpacked(*args)

    monkeypatch.setattr(chunked, "chunk_array", unpacking)
    with LindiH5pyFile.from_hdf5_file(path) as file:
        np.testing.assert_array_equal(file["data"][...], data)
    assert len(seen) == 3
    monkeypatch.setattr(chunked, "chunk_array", unpacked)
    with path.open("r+b") as raw:
        raw.seek(where + 5)
        raw.write(b"\xff" * 20)
    with LindiH5pyFile.from_hdf5_file(path) as file:
        with pytest.raises(FormatError, match=r"chunk \(40, 0\) of /data does not decode"):
            file["data"][...]
        np.testing.assert_array_equal(file["data"][41:], data[41:])


def test_reading_many_local_chunks_stops_when_it_is_told_to(tmp_path):
    path = tmp_path / "f.h5"
    with h5py.File(path, "w") as file:
        file.create_dataset("data", data=np.zeros((64, 40_000)), chunks=(1, 40_000), compression="gzip")
    token = CancelToken()
    token.set()
    with LindiH5pyFile.from_hdf5_file(path) as file:
        with cancelling(token), pytest.raises(CancelledByUserError):
            file["data"][...]
        assert not file["data"][...].any()


@pytest.fixture
def many(tmp_path, serve):
    """A document of 300 packed chunks on a server, of which ten may be under way at a time."""
    data = np.random.default_rng(0).integers(0, 99, (300, 2000))
    with h5py.File(tmp_path / "f.h5", "w") as file:
        file.create_dataset("data", data=data, chunks=(1, 2000), compression="gzip")
        places = [file["data"].id.get_chunk_info(number)[2:] for number in range(300)]
    server = serve(tmp_path)
    with LindiH5pyFile.from_hdf5_file(tmp_path / "f.h5", url=server.url("f.h5")) as file:
        file.write_lindi_file(tmp_path / "f.lindi.json")
    return tmp_path / "f.lindi.json", server, data, places


def test_only_so_many_chunks_wait_for_being_decoded(many, monkeypatch):
    path, _, data, _ = many
    for name in ("_LEAST_AT_ONCE", "_MOST_AT_ONCE"):
        monkeypatch.setattr(chunked, name, 10)
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    fetched, decoded, most = [0], [0], [0]
    read, unpacked, count = RangeReader.read, chunked.chunk_array, threading.Lock()

    async def reading(*args):
        found = await read(*args)
        with count:
            fetched[0] += 1
            most[0] = max(most[0], fetched[0] - decoded[0])
        return found

    def unpacking(*args):
        found = unpacked(*args)
        with count:
            decoded[0] += 1
        return found

    monkeypatch.setattr(RangeReader, "read", reading)
    monkeypatch.setattr(chunked, "chunk_array", unpacking)
    with LindiH5pyFile.from_lindi_file(path) as file:
        np.testing.assert_array_equal(file["data"][...], data)
    assert (fetched, decoded) == ([300], [300])
    assert most[0] <= 10


@pytest.mark.parametrize("at_once", [10, 1000])
def test_a_damaged_remote_chunk_is_told_and_the_others_are_read(many, tmp_path, monkeypatch, at_once):
    path, _, data, places = many
    for name in ("_LEAST_AT_ONCE", "_MOST_AT_ONCE"):
        monkeypatch.setattr(chunked, name, at_once)
    with (tmp_path / "f.h5").open("r+b") as raw:
        raw.seek(places[40][0] + 5)
        raw.write(b"\xff" * 20)
    with LindiH5pyFile.from_lindi_file(path) as file:
        with pytest.raises(FormatError, match=r"chunk \(40, 0\) of /data does not decode"):
            file["data"][...]
        np.testing.assert_array_equal(file["data"][41:], data[41:])


@pytest.mark.parametrize("at_once", [10, 1000])
def test_a_chunk_beyond_the_end_of_a_remote_file_is_told(many, tmp_path, monkeypatch, at_once):
    path, _, data, places = many
    for name in ("_LEAST_AT_ONCE", "_MOST_AT_ONCE"):
        monkeypatch.setattr(chunked, name, at_once)
    shorter = (tmp_path / "f.h5").read_bytes()[: places[290][0]]
    (tmp_path / "f.h5").write_bytes(shorter)
    with LindiH5pyFile.from_lindi_file(path) as file:
        with pytest.raises(FormatError, match="end"):
            file["data"][...]
        np.testing.assert_array_equal(file["data"][:200], data[:200])


@pytest.mark.parametrize("at_once", [10, 1000])
def test_a_read_of_many_remote_chunks_stops_while_they_are_decoded(many, monkeypatch, at_once):
    path, _, data, _ = many
    for name in ("_LEAST_AT_ONCE", "_MOST_AT_ONCE"):
        monkeypatch.setattr(chunked, name, at_once)
    token, unpacked = CancelToken(), chunked.chunk_array

    def unpacking(*args):
        token.set()
        return unpacked(*args)

    with LindiH5pyFile.from_lindi_file(path) as file:
        with monkeypatch.context() as patch:
            patch.setattr(chunked, "chunk_array", unpacking)
            with cancelling(token), pytest.raises(CancelledByUserError):
                file["data"][...]
        np.testing.assert_array_equal(file["data"][...], data)


@pytest.mark.parametrize("where", ["local", "remote"])
def test_what_the_caller_has_told_numpy_is_nothing_to_the_decoding(tmp_path, serve, where):
    """Numbers that become infinite are no damage, whatever thread they are decoded in."""
    count = 1 << 17
    (tmp_path / "raw.bin").write_bytes(np.full(count, 100, "u1").tobytes())
    made = document(codec=False, shape=(count,))
    scaled = {"id": "fixedscaleoffset", "scale": 1e-38, "offset": 0, "dtype": "<f4", "astype": "|u1"}
    made["refs"]["data/.zarray"] |= {"chunks": [count // 8], "dtype": "<f4", "filters": [scaled]}
    address = serve(tmp_path).url("raw.bin") if where == "remote" else str(tmp_path / "raw.bin")
    made["refs"] |= {f"data/{k}": [address, k * count // 8, count // 8] for k in range(8)}
    with (
        LindiH5pyFile.from_reference_file_system(made) as file,
        np.errstate(all="raise"),
    ):
        assert np.isposinf(file["data"][...]).all()


def test_a_machine_with_many_processors_gets_few_threads(many, monkeypatch):
    path, _, data, _ = many
    monkeypatch.setattr("os.cpu_count", lambda: 500)
    started, start = [], threading.Thread.start
    with LindiH5pyFile.from_lindi_file(path) as file:
        file["data"][0]  # the loop in the background has its thread
        monkeypatch.setattr(threading.Thread, "start", lambda thread: [started.append(thread), start(thread)])
        np.testing.assert_array_equal(file["data"][...], data)
    assert 1 <= len(started) < 8
