"""What a file holds, as plain JSON: written in each environment, compared in one.

Imported by the programs that run in the other environments, so it needs NumPy and h5py at most.
"""

from __future__ import annotations

import hashlib
import math

import numpy as np

LARGEST = 1 << 21
"""Elements of a dataset up to which it is read; beyond, only its shape is compared."""


def dump(file, *, is_link, same, most_rows=LARGEST):
    """Describe every object of an h5py-like file.

    Parameters
    ----------
    file : h5py.File or alike
    is_link : callable
        ``is_link(group, name)`` -> the path of a soft link, None for anything else.
    same : callable
        ``same(object)`` -> what two names of one object share, None if that cannot be told.
    most_rows : int
        Rows up to which compound data is read.

    Returns
    -------
    dict
        Path -> ``{"kind", "attributes", "data", ...}``, ``{"link": path}``, or ``{"error": text}``.
    """
    found = {}
    names = {same(file): "/"}

    def visit(group, path):
        found[path or "/"] = {"kind": "group", "attributes": attributes(group, file)}
        for name in group:
            shown = name.decode("utf-8", "surrogateescape") if isinstance(name, bytes) else name
            here = f"{path}/{shown}"
            try:
                link = is_link(group, name)
                if link is not None:
                    found[here] = {"link": link}
                    continue
                item = group[name]
                identity = same(item)
                if identity is not None and identity in names:
                    found[here] = {"link": names[identity]}
                    continue
                names[identity] = here
                if hasattr(item, "shape"):
                    found[here] = dataset(item, file, most_rows)
                elif hasattr(item, "keys"):
                    visit(item, here)
                else:
                    found[here] = {"kind": "type"}
            except Exception as error:  # noqa: BLE001 - whatever it is, it is what this reader makes of the object
                found[here] = {"error": f"{type(error).__name__}: {error}"[:300]}

    visit(file, "")
    return found


def dataset(item, file, most_rows):
    """Describe a dataset: shape, attributes, data."""
    try:
        if item.shape is None:
            described = {"empty": True}
        elif math.prod(item.shape) > (most_rows if item.dtype.names else LARGEST):
            described = {"large": True}
        elif item.dtype.names:
            described = {"fields": {name: values(item[name][...], file) for name in item.dtype.names}}
        else:
            described = values(item[()], file)
    except Exception as error:  # noqa: BLE001 - as above
        described = {"error": f"{type(error).__name__}: {error}"[:300]}
    shape = None if item.shape is None else list(item.shape)
    return {"kind": "dataset", "shape": shape, "attributes": attributes(item, file), "data": described}


def values(value, file):
    """Describe data: numbers by their bytes, everything else by its elements."""
    array = np.asarray(value)
    if array.dtype.names:
        return {"fields": {name: values(array[name], file) for name in array.dtype.names}}
    if array.dtype.kind in "biufc":
        little = np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<"))
        return {
            "type": f"{array.dtype.kind}{array.dtype.itemsize}",
            "shape": list(array.shape),
            "digest": hashlib.sha1(little.tobytes()).hexdigest(),  # noqa: S324 - no secret
            "first": [repr(one) for one in array.reshape(-1)[:3].tolist()],
        }
    return {"shape": list(array.shape), "elements": [element(one, file) for one in array.reshape(-1)]}


def element(one, file):
    """Describe one element, or one value of an attribute."""
    if isinstance(one, bytes):
        return one.decode("utf-8", "surrogateescape")
    if isinstance(one, np.ndarray):
        return [element(each, file) for each in one]
    if isinstance(one, np.generic):
        return element(one.item(), file)
    if isinstance(one, float) and not math.isfinite(one):
        return "NaN" if math.isnan(one) else "Infinity" if one > 0 else "-Infinity"
    if one is None or isinstance(one, (str, bool, int, float)):
        return one
    if isinstance(one, (list, tuple)):
        return [element(each, file) for each in one]
    if isinstance(one, dict) and "_REFERENCE" in one:
        return {"reference": one["_REFERENCE"]["path"]}
    if "egion" in type(one).__name__:
        return {"region": True}
    if "eference" in type(one).__name__:
        # Those of the original lindi are never true.
        return {"reference": file[one].name if one or "Lindi" in type(one).__name__ else None}
    return {"other": type(one).__name__}


def attributes(item, file):
    """Describe the attributes of an object."""
    found = {}
    try:
        for name in item.attrs:
            try:
                found[name] = element(item.attrs[name], file)
            except Exception as error:  # noqa: BLE001 - as above
                found[name] = {"error": f"{type(error).__name__}: {error}"[:300]}
    except Exception as error:  # noqa: BLE001 - as above
        return {"error": f"{type(error).__name__}: {error}"[:300]}
    return found
