from __future__ import annotations

import bz2

import h5py
import numpy as np
import pytest

from lindi_explorer import LindiH5pyFile
from lindi_explorer.hdf5.filters import Filter, codecs_of, compression_of, filters_of, has_filter, words_of

I4 = np.dtype("i4")
GZIP, SHUFFLE, FLETCHER = Filter(1, "deflate", (4,)), Filter(2, "shuffle", (4,)), Filter(3, "fletcher32", ())


def filters_of_dataset(**options):
    with h5py.File("x", "w", driver="core", backing_store=False) as file:
        dataset = file.create_dataset("d", (100,), "i4", chunks=(10,), **options)
        return filters_of(dataset.id.get_create_plist()), (dataset.compression, dataset.compression_opts)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"compression": "gzip"},
        {"compression": "gzip", "compression_opts": 0},
        {"compression": "gzip", "compression_opts": 9, "shuffle": True, "fletcher32": True},
        {"compression": "lzf"},
        {"shuffle": True},
        {"scaleoffset": 0},
    ],
    ids=str,
)
def test_what_h5py_says_of_compression(options):
    filters, expected = filters_of_dataset(**options)
    codecs = codecs_of(filters, I4)
    sidecar = {} if codecs is not None else {"filters": [[f.id, f.name, list(f.parameters)] for f in filters]}
    array = {"filters": codecs}
    assert compression_of(array, sidecar) == expected
    for name in ("shuffle", "fletcher32"):
        assert has_filter(array, sidecar, name) == bool(options.get(name))


def test_codecs_in_the_order_of_the_pipeline():
    assert codecs_of([SHUFFLE, GZIP, FLETCHER], I4) == [
        {"id": "shuffle", "elementsize": 4},
        {"id": "zlib", "level": 4},
        {"id": "fletcher32"},
    ]
    assert codecs_of([GZIP, SHUFFLE], I4) == [{"id": "zlib", "level": 4}, {"id": "shuffle", "elementsize": 4}]
    assert codecs_of([], I4) == []


@pytest.mark.parametrize(
    ("filter_", "codec"),
    [
        (
            Filter(32001, "blosc", (2, 2, 4, 4000, 5, 1, 1)),
            {"id": "blosc", "cname": "lz4", "clevel": 5, "shuffle": 1, "blocksize": 4000},
        ),
        (Filter(307, "bzip2", (5,)), {"id": "bz2", "level": 5}),
        (Filter(307, "bzip2", ()), {"id": "bz2", "level": 9}),
        (Filter(32001, "blosc", (2, 2, 4, 4000)), None),
        (Filter(32001, "blosc", (2, 2, 4, 4000, 5, 1, 9)), None),
        (Filter(32015, "zstd", (3,)), {"id": "zstd", "level": 3, "checksum": False}),
        (Filter(32015, "zstd", ()), None),
        (Filter(32000, "lzf", (4,)), None),
        (Filter(4, "szip", (1, 2)), None),
        (Filter(32008, "bitshuffle", ()), None),
        (Filter(999, "nobody knows", ()), None),
    ],
    ids=str,
)
def test_filters_of_other_makers(filter_, codec):
    assert codecs_of([filter_], I4) == (None if codec is None else [codec])
    assert codecs_of([SHUFFLE, filter_], I4) == (
        None if codec is None else [{"id": "shuffle", "elementsize": 4}, codec]
    )


def test_words_for_people():
    assert words_of({"filters": codecs_of([SHUFFLE, GZIP], I4)}, {}) == ["shuffle", "gzip 4"]
    assert words_of({"filters": [{"id": "json2"}]}, {}) == []
    assert words_of({"filters": None}, {}) == []
    sidecar = {"filters": [[32000, "lzf", [4]], [999, "secret sauce", []], [998, "", []]]}
    assert words_of({"filters": None}, sidecar) == ["lzf", "secret sauce", "filter 998"]


@pytest.mark.parametrize("size", [8, 4000], ids=["short", "long"])
def test_what_a_codec_knows_is_read_where_hdf5_does_not_know_the_filter(tmp_path, size):
    values = np.arange(size, dtype="<i4")
    with h5py.File(tmp_path / "f.h5", "w") as file:
        plist = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        plist.set_chunk((size,))
        plist.set_filter(307, h5py.h5z.FLAG_OPTIONAL, (9,))
        space = h5py.h5s.create_simple((size,))
        dataset = h5py.h5d.create(file.id, b"d", h5py.h5t.STD_I32LE, space, dcpl=plist)
        dataset.write_direct_chunk((0,), bz2.compress(values.tobytes()))
    with LindiH5pyFile.from_hdf5_file(tmp_path / "f.h5") as file:
        assert np.array_equal(file["d"][...], values)
        assert file["d"].compression == "unknown"
