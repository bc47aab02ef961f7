"""Groups of the edge-case file that are about types: numbers, strings, compounds, references and others."""

from __future__ import annotations

from typing import Any

import h5py
import numpy as np
from h5py import h5d, h5s, h5t

UTF8 = h5py.string_dtype("utf-8")
ASCII = h5py.string_dtype("ascii")
TEXTS = ["a", "é", "", "日本語", " padded ", 'line\nbreak "quoted" \\', "x" * 3000]
PADDINGS = {
    "nul_terminated": h5t.STR_NULLTERM,
    "nul_padded": h5t.STR_NULLPAD,
    "space_padded": h5t.STR_SPACEPAD,
}
PLAIN_TYPES = ["i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8"]


def fill_numbers(group: h5py.Group) -> None:
    """Every width, both byte orders, the ends of every range, values that are not finite."""
    for name in PLAIN_TYPES:
        dtype = np.dtype(name)
        info: Any = np.finfo(dtype) if dtype.kind == "f" else np.iinfo(dtype)
        values = np.array([0, 1, info.min, info.max], dtype=dtype)
        for order in ("<", ">"):
            group[f"{'big' if order == '>' else 'little'}_{name}"] = values.astype(dtype.newbyteorder(order))
        group.attrs[name] = values[-1]
        group.attrs[f"{name}_array"] = values
    group["bool"] = np.array([True, False, True])
    group["complex"] = np.array([1 + 2j, np.nan * 1j], dtype="c16")
    group["not_finite"] = np.array([np.nan, np.inf, -np.inf, -0.0, 5e-324])
    group.attrs["nan"] = np.nan
    group.attrs["infinities"] = np.array([np.inf, -np.inf], dtype="f4")
    group.attrs["bool"] = True
    enum = h5py.enum_dtype({"RED": 0, "GREEN": 1, "BLUE": 42}, basetype="u1")
    group.create_dataset("enum", data=np.array([0, 1, 42], dtype="u1"), dtype=enum)
    group.attrs.create("enum", 42, dtype=enum)
    group["opaque"] = np.array([b"\x00\x01\x02", b"\xff\xfe\xfd"], dtype="V3")
    arrays = group.create_dataset("arrays", shape=(2,), dtype=np.dtype(("i4", (2, 3))))
    arrays[...] = np.arange(12, dtype="i4").reshape(2, 2, 3)


def fill_scalars(group: h5py.Group) -> None:
    """No axes, no data, and one element, which is neither."""
    group["int"] = 3
    group["float"] = 2.5
    group["bool"] = True
    group["text"] = "hé"
    group["empty_text"] = ""
    group["bytes"] = np.bytes_(b"abc")
    group["compound"] = np.array((1, 2.5), dtype=[("a", "i4"), ("b", "f8")])
    group["null"] = h5py.Empty("f4")
    group["null_text"] = h5py.Empty(UTF8)
    group.attrs["null"] = h5py.Empty("i2")
    group.attrs["null_text"] = h5py.Empty("S3")
    group.attrs["one_element"] = np.array([7])


def fill_strings(group: h5py.Group) -> None:
    """Variable and fixed length, both character sets, the three paddings, texts that look like something."""
    group.create_dataset("utf8", data=TEXTS, dtype=UTF8)
    group.create_dataset("ascii", data=[b"a", b"", b"zz"], dtype=ASCII)
    group.create_dataset("table", data=np.array([["a", "b"], ["", "d"]], dtype=object), dtype=UTF8)
    group.create_dataset("not_utf8", data=np.array([b"\xff\xfe", b"ok"], dtype=object), dtype=UTF8)
    many = [f"text {i}" for i in range(100)]
    group.create_dataset("compressed", data=many, dtype=UTF8, chunks=(17,), compression="gzip")
    group.create_dataset("unwritten", shape=(3,), dtype=UTF8)
    group["fixed"] = np.array([b"a", b"bcdef", b"", b"x y"], dtype="S5")
    group["fixed_with_nul"] = np.array([b"a\0b", b"\0\0c"], dtype="S4")
    group["fixed_utf8"] = np.array(["é€".encode(), "日本".encode()], dtype=h5py.string_dtype("utf-8", 8))
    for name, padding in PADDINGS.items():
        kind = h5t.C_S1.copy()
        kind.set_size(6)
        kind.set_strpad(padding)
        dataset = h5d.create(group.id, name.encode(), kind, h5s.create_simple((3,)))
        dataset.write(h5s.ALL, h5s.ALL, np.array([b"ab", b"abc  ", b""], dtype="S6"), mtype=kind)
    lookalikes = ["NaN", "Infinity", "null", "true", '{"_REFERENCE": {"path": "/x"}}', "base64:AAAA", "{{u}}"]
    group.create_dataset("lookalikes", data=lookalikes, dtype=UTF8)
    group.attrs["lookalikes"] = lookalikes
    group.attrs["text"] = "é"
    group.attrs["empty"] = ""
    group.attrs["fixed"] = np.bytes_(b"abc")
    group.attrs.create("ascii", b"abc", dtype=ASCII)
    group.attrs["one_element"] = ["alone"]


def fill_compounds(group: h5py.Group) -> None:
    """Plain, nested, aligned, with texts and references inside, chunked."""
    inner = np.dtype([("x", "f4"), ("y", "f4")])
    plain = np.dtype([("id", "i4"), ("value", "f8"), ("flag", "?"), ("name", "S4")])
    group["plain"] = np.array([(1, np.nan, True, b"one"), (2, 2.5, False, b"")], dtype=plain)
    group["nested"] = np.zeros(2, dtype=[("at", inner), ("matrix", "i2", (2, 2))])
    group["aligned"] = np.zeros(2, dtype=np.dtype([("a", "i1"), ("b", "f8")], align=True))
    mixed = np.dtype([("text", UTF8), ("target", h5py.ref_dtype), ("n", "u2")])
    group.create_dataset(
        "mixed", data=np.array([("é", group["plain"].ref, 1), ("", h5py.Reference(), 2)], dtype=mixed)
    )
    group.create_dataset(
        "chunked", data=np.arange(40).astype([("i", "i8")]), chunks=(16,), compression="gzip"
    )
    group.attrs["compound"] = np.array((3, 4.5), dtype=[("a", "i4"), ("b", "f8")])


def fill_lists(group: h5py.Group) -> None:
    """Variable-length elements."""
    for name, kind in (("ints", "i4"), ("floats", "f8"), ("big_endian", ">u2")):
        dataset = group.create_dataset(name, shape=(3,), dtype=h5py.vlen_dtype(np.dtype(kind)))
        dataset[0], dataset[1] = np.arange(3), np.arange(5)  # the last stays empty
    lists = np.empty(2, dtype=object)
    lists[:] = [np.arange(3, dtype="i4"), np.arange(1, dtype="i4")]
    group.attrs.create("ints", lists, dtype=h5py.vlen_dtype(np.dtype("i4")))


def fill_references(group: h5py.Group) -> None:
    """Of objects and of regions, null ones too."""
    data = group.create_dataset("data", data=np.arange(24).reshape(4, 6))
    refs = [group.ref, data.ref, group.file.ref, h5py.Reference()]
    group.create_dataset("objects", data=np.array(refs, dtype=object), dtype=h5py.ref_dtype)
    regions = [data.regionref[1:3, ::2], data.regionref[...], h5py.RegionReference()]
    group.create_dataset("regions", data=np.array(regions, dtype=object), dtype=h5py.regionref_dtype)
    group.attrs["object"] = data.ref
    group.attrs.create("objects", np.array(refs[:2], dtype=object), dtype=h5py.ref_dtype)
    group.attrs["region"] = regions[0]
