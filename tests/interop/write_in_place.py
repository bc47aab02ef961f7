"""Have the original lindi write files of its own, without HDF5: ``write_in_place.py FOLDER``."""

from __future__ import annotations

import sys
import warnings
from pathlib import Path

import h5py
import lindi
import numcodecs
import numpy as np

# A column of strings is none that it writes.
ROWS = np.array([(1, 1.5, True, b"ab"), (2, np.nan, False, b"c")], "u4, f8, ?, S4")
ROWS.dtype.names = ("x", "y", "b", "s")


def fill(file):
    chance = np.random.default_rng(0)
    file.attrs["object_id"] = "F"
    attributes = file.create_group("attributes")
    values = {"int": 5, "float": 2.0, "nan": np.nan, "text": "héllo", "bool": True, "none": []}
    values |= {"ints": [1, 2], "floats": [1.5, np.inf], "texts": ["a", "b"]}
    for name, value in values.items():
        attributes.attrs[name] = value
    attributes.attrs["matrix"] = np.arange(6).reshape(2, 3)
    attributes.attrs["large"] = 2**63 + 1

    numbers = file.create_group("numbers")
    for kind in ("i1", "u2", "<i4", ">i4", "u8", "f4", ">f8", "f2"):
        numbers.create_dataset(kind, data=np.arange(12).reshape(3, 4).astype(kind))
    numbers.create_dataset("default_chunks", data=chance.normal(size=(500, 7)))
    # In chunks that are large each: of several chunks written at once, it forgets those after a small one.
    numbers.create_dataset("chunked", data=chance.normal(size=(6000, 3)), chunks=(1000, 3))
    numbers.create_dataset("forgotten", data=np.ones(4000), chunks=(1000,))
    for name in ("gzip", "zlib"):
        numbers.create_dataset(name, data=chance.integers(0, 50, size=4000), compression=name)
    numbers.create_dataset("zstd", data=np.arange(4000.0), compression=numcodecs.Zstd(3))
    numbers.create_dataset("empty", data=np.zeros((0, 3)), chunks=(4, 3))
    numbers.create_dataset("never_written", shape=(10,), dtype="f4", chunks=(4,))
    numbers.create_dataset("bools", data=np.arange(2000) % 3 == 0)
    later = numbers.create_dataset("written_later", shape=(3000,), dtype="i4", chunks=(1500,))
    later[1000:1600] = chance.integers(0, 2**31, size=600)

    scalars = file.create_group("scalars")
    for name, value in {"int": 5, "float": 1.5, "bool": True, "text": "héllo", "bytes": b"abc"}.items():
        scalars.create_dataset(name, data=value)

    texts = file.create_group("texts")
    texts.create_dataset("vlen", data=np.array(["a", "é", ""], dtype=object))
    texts.create_dataset("matrix", data=np.array([["a", "b"], ["c", "d"]], dtype=object))
    texts.create_dataset("fixed", data=np.array([b"abc", b"d"]))

    target = file.create_group("target")
    target.attrs["object_id"] = "T"
    target.attrs["reference"] = target.ref
    file.create_dataset("references", data=np.array([target.ref, numbers["gzip"].ref], dtype=object))
    file.create_dataset("table", data=ROWS)
    file.create_group("links")["soft"] = h5py.SoftLink("/numbers/gzip")  # the file itself takes no link


def again(file):
    """A second session: values and attributes replaced, things added."""
    file.attrs["later"] = "yes"
    file["numbers/gzip"][:100] = 7
    file["attributes"].attrs["int"] = 6
    file["numbers/chunked"][500:2500] = np.arange(6000.0).reshape(2000, 3)
    file.create_dataset("deep/er/added", data=np.arange(3000.0))


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    for suffix in ("json", "tar", "d"):
        path = str(Path(sys.argv[1]) / f"own.lindi.{suffix}")
        for mode, write in (("w", fill), ("r+", again)):
            with lindi.LindiH5pyFile.from_lindi_file(path, mode=mode) as file:
                write(file)
