"""HDF5 files with every structure that the walk has rules for, made at run time."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

import h5py
import numpy as np

if TYPE_CHECKING:
    from pathlib import Path

TEXT = h5py.string_dtype()

KINDS: dict[str, dict[str, Any]] = {
    "earliest": {},
    "v108": {"libver": ("v108", "v108")},
    "v110": {"libver": ("v110", "v110")},
    "v114": {"libver": ("v114", "v114")},
    "latest": {"libver": "latest"},
    "ordered": {"track_order": True},
    "latest, ordered": {"libver": "latest", "track_order": True},
    "user block": {"userblock_size": 2048},
    "latest, user block": {"libver": "latest", "userblock_size": 512},
    "paged": {"fs_strategy": "page", "fs_page_size": 4096},
    "latest, paged": {"libver": "latest", "fs_strategy": "page", "fs_page_size": 65536},
    "short addresses": {"widths": (4, 4)},
}


def make(path: Path, kind: str, *, size: int = 6) -> Path:
    """Make a file of a kind; ``size`` says how many groups it has, and how large lists are."""
    options = dict(KINDS[kind])
    widths = options.pop("widths", None)
    if widths is not None:
        properties = h5py.h5p.create(h5py.h5p.FILE_CREATE)
        properties.set_sizes(*widths)
        h5py.h5f.create(str(path).encode(), h5py.h5f.ACC_TRUNC, properties).close()
        options["mode"] = "r+"
    with h5py.File(path, **{"mode": "w", **options}) as file:
        for number in range(size):
            _group(file, number, ordered=options.get("track_order", False))
        _many(file, 40 * size)
        _committed(file)
        _layouts(file, size)
        file["g0/second name"] = file["g1"]
    return path


def _group(file: h5py.File, number: int, *, ordered: bool) -> None:
    """Attributes, inline and dense; data of all types that go into a document."""
    group = file.create_group(f"g{number}", track_order=ordered)
    for place in range(number * 5):
        group.attrs[f"attribute {place}"] = f"text {place}" if place % 2 else np.arange(place)
    data = group.create_dataset("few", data=np.arange(30 + number))
    data.attrs["reference"] = group.ref
    data.attrs["long"] = "x" * (3000 * (number % 3) + 1)
    count = 20 * number + 1
    group.create_dataset("names", data=[f"name {n}" for n in range(count)], dtype=TEXT)
    group.create_dataset(
        "packed",
        data=[f"packed {n}" for n in range(count)],
        dtype=TEXT,
        chunks=(min(7, count),),
        compression="gzip",
        shuffle=bool(number % 2),
    )
    group.create_dataset("references", data=[file.ref] * 5, dtype=h5py.ref_dtype)
    data.attrs["region"] = region = data.regionref[2:5]
    group.create_dataset("regions", data=np.array([region] * 3, dtype=h5py.regionref_dtype))
    ragged = np.array([np.arange(n, dtype="i4") for n in range(1, number + 3)], dtype=object)
    group.create_dataset("ragged", data=ragged, dtype=h5py.vlen_dtype("i4"))
    rows = np.zeros(7, [("a", "i4"), ("text", TEXT), ("of", h5py.ref_dtype), ("v", "f8", (3,))])
    rows["text"], rows["of"] = "abc", [group.ref] * 7
    group.create_dataset("rows", data=rows)
    group.create_dataset("rows in chunks", data=rows, chunks=(3,), maxshape=(None,))
    group.create_dataset("flags", data=np.ones(2000, bool), chunks=(100,))
    group.create_dataset("fixed", data=np.array([b"abc"] * 3000), chunks=(500,), compression="gzip")
    group["soft"], group["away"] = h5py.SoftLink("/g0"), h5py.ExternalLink("other.h5", "/x")


def _many(file: h5py.File, count: int) -> None:
    many = file.create_group("many")
    for number in range(count):
        many.create_group(f"child {number:04} {'x' * (number % 40)}")


def _committed(file: h5py.File) -> None:
    file["type"] = np.dtype([("a", "i4"), ("text", TEXT)])
    rows = np.zeros(5, file["type"].dtype)
    rows["text"] = "committed"
    file.create_dataset("of type", data=rows, dtype=file["type"])
    file.attrs.create("of type", rows, dtype=file["type"])
    # Attributes make the header of this type go on elsewhere.
    file["text type"] = TEXT
    for number in range(6):
        file["text type"].attrs[f"attribute {number}"] = "text " * 20
    file.create_dataset("of text type", data="some text", dtype=file["text type"])


def _layouts(file: h5py.File, size: int) -> None:
    """All chunk indexes, empty, small and large, with and without filters; compact, contiguous, virtual."""
    edge, rows = 30 * size, 1000 * size
    for packed in (None, "gzip"):
        for name, shape, chunks, most in (
            ("single", (20, 30), (20, 30), None),
            ("large single", (200, 30), (200, 30), None),
            ("small fixed", (30, 30), (7, 7), None),
            ("fixed", (edge, edge), (5, 5), None),
            ("small extensible", (30, 30), (3, 30), (None, 30)),
            ("extensible", (rows, 3), (1, 3), (None, 3)),
            ("small tree", (30, 30), (7, 7), (None, None)),
            ("tree", (edge, edge), (5, 5), (None, None)),
        ):
            data = np.arange(np.prod(shape), dtype="i4").reshape(shape)
            file.create_dataset(
                f"{name} {packed}", data=data, chunks=chunks, maxshape=most, compression=packed
            )
            texts = np.array([f"w{n}" for n in range(12)], dtype=object).reshape(4, 3)
            file.create_dataset(
                f"texts {name} {packed}",
                data=texts,
                dtype=TEXT,
                chunks=(4, 3) if "single" in name else (1, 2),
                maxshape=None if most is None else (None, None if most[1] is None else 3),
                compression=packed,
            )
        sparse = file.create_dataset(
            f"sparse {packed}",
            shape=(100_000,),
            maxshape=(None,),
            chunks=(10,),
            dtype="i2",
            compression=packed,
        )
        sparse[50_000:50_100] = 1
    low = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    low.set_chunk((10,))
    low.set_alloc_time(h5py.h5d.ALLOC_TIME_EARLY)
    _low_level(file, b"implicit", low)
    low = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    low.set_layout(h5py.h5d.COMPACT)
    _low_level(file, b"compact", low)
    file.create_dataset("nothing", data=h5py.Empty("f4"))
    virtual = h5py.VirtualLayout(shape=(10,), dtype="i8")
    virtual[:5] = h5py.VirtualSource(".", "g0/few", shape=(30,))[:5]
    with contextlib.suppress(ValueError):  # newer than some of the versions allow
        file.create_virtual_dataset("virtual", virtual)


def _low_level(file: h5py.File, name: bytes, properties: Any) -> None:
    space = h5py.h5s.create_simple((100,))
    data = h5py.h5d.create(file.id, name, h5py.h5t.NATIVE_INT32, space, properties)
    data.write(h5py.h5s.ALL, h5py.h5s.ALL, np.arange(100, dtype="i4"))
