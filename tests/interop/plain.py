"""An HDF5 file of all that plain LINDI can say, and nothing else: the original converts the whole of it."""

from __future__ import annotations

import h5py
import numpy as np


def make_plain(path):
    with h5py.File(path, "w") as file:
        file.attrs["object_id"] = "F"
        for name, fill in GROUPS.items():
            fill(file.create_group(name))
    return path


def _numbers(group):
    kinds = ("i1", "u1", "<i2", ">i2", "<u4", ">i4", "<i8", ">u8", "<f2", "<f4", ">f4", "<f8", ">f8")
    for kind in kinds:
        short = kind.replace("<", "little_").replace(">", "big_")
        group[f"few_{short}"] = (np.arange(24) * 5 % 120).reshape(4, 6).astype(kind)
        group[f"many_{short}"] = (np.arange(1200) % 120).reshape(30, 40).astype(kind)
    group["not_finite"] = np.array([np.nan, np.inf, -np.inf, -0.0, 1.5])
    group["not_finite_many"] = np.where(np.arange(1500) % 3, np.nan, np.inf)
    group["bools"] = np.arange(30) % 3 == 0
    group["bools_many"] = np.arange(3000) % 3 == 0


def _layouts(group):
    values = np.arange(60 * 50, dtype="<i4").reshape(60, 50)
    group.create_dataset("chunked", data=values, chunks=(16, 20))
    group.create_dataset("gzip", data=values, chunks=(16, 20), compression="gzip")
    group.create_dataset("gzip_shuffle", data=values, chunks=(16, 20), compression="gzip", shuffle=True)
    group.create_dataset("fletcher32", data=values, chunks=(16, 20), fletcher32=True)
    group.create_dataset("one_chunk", data=values, chunks=(60, 50))
    group.create_dataset("growing", data=values, chunks=(16, 20), maxshape=(None, 50))
    part = group.create_dataset("written_in_part", (200, 40), "f4", chunks=(30, 40), fillvalue=-7)
    part[50:70] = 1.5
    group.create_dataset("fill_nan", (2000,), "f8", chunks=(300,), fillvalue=np.nan)[500:600] = 2
    group["contiguous"] = np.arange(10_001, dtype="i2")
    group["contiguous_rows"] = np.arange(30_000, dtype="f8").reshape(100, 300)
    group["no_rows"] = np.zeros((0, 3), "f4")
    group.create_dataset("no_rows_chunked", (0, 3), "i4", chunks=(10, 3), maxshape=(None, 3))


def _texts(group):
    group["vlen"] = np.array(["a", "é", "", "日本"], dtype=h5py.string_dtype())
    group["vlen_ascii"] = np.array(["a", "bc"], dtype=h5py.string_dtype("ascii"))
    group["vlen_matrix"] = np.array([["a", "b"], ["c", "d"]], dtype=h5py.string_dtype())
    group["fixed"] = np.array([b"abc", b"d", b""])
    group.create_dataset("long", data=np.array([f"line {n}" for n in range(2000)], dtype=h5py.string_dtype()))


def _scalars(group):
    for name, value in {
        "int": 5,
        "float": 1.5,
        "float32": np.float32(0.1),
        "bool": np.True_,
        "text": "héllo",
        "no_text": "",
        "fixed": np.bytes_(b"abc"),
    }.items():
        group[name] = value


def _references(group):
    group.attrs["object_id"] = "R"
    target = group.create_group("target")
    target.attrs["object_id"] = "T"
    target["data"] = np.arange(3)
    group.attrs["to_target"] = target.ref
    kind = h5py.ref_dtype
    group.create_dataset("list", data=np.array([target.ref, target["data"].ref, group.ref], kind), dtype=kind)
    rows = np.zeros(2, [("id", "i4"), ("target", kind)])
    rows["target"] = [target.ref, target["data"].ref]
    group.create_dataset("table", data=rows)


def _compounds(group):
    rows = np.zeros(3, [("x", "u4"), ("y", ">f8"), ("flag", "?"), ("name", "S4")])
    rows["x"], rows["y"], rows["flag"], rows["name"] = (
        [1, 2, 3],
        [1.5, np.nan, -1],
        [1, 0, 1],
        [b"ab", b"", b"c"],
    )
    group["table"] = rows


def _attributes(group):
    values = {
        "int": 5,
        "float": 2.0,
        "float32": np.float32(0.1),
        "large": np.uint64(2**63 + 1),
        "bool": True,
        "nan": np.nan,
        "text": "héllo",
        "fixed": np.bytes_(b"abc"),
        "ints": np.arange(3),
        "matrix": np.arange(6).reshape(2, 3),
        "floats": [1.5, np.inf, np.nan],
        "bools": np.array([True, False]),
        "texts": ["a", "é"],
        "fixed_texts": np.array([b"a", b"bc"]),
        "none": np.zeros(0),
    }
    for name, value in values.items():
        group.attrs[name] = value
    group["data"] = np.arange(3)
    group["data"].attrs.update({"unit": "V", "conversion": 1e-6})


def _links(group):
    data = group["data"] = np.arange(5)
    del data
    group["hard"] = group["data"]
    branch = group.create_group("branch")
    branch["up"] = h5py.SoftLink("/links/data")
    group["soft"] = h5py.SoftLink("/links/data")
    group["soft_to_group"] = h5py.SoftLink("/scalars")


def _names(group):
    for name in ("with space", "ünïcødé", "a.b", "0", "1.0", "50%20", 'quo"te', "_x"):
        group.create_group(name)["0.0"] = np.arange(4)


GROUPS = {
    "numbers": _numbers,
    "layouts": _layouts,
    "texts": _texts,
    "scalars": _scalars,
    "references": _references,
    "compounds": _compounds,
    "attributes": _attributes,
    "links": _links,
    "names": _names,
}
