"""What an HDF5 file holds, object by object, as HDF5 itself reads it: for comparing two ways to its bytes."""

from __future__ import annotations

import hashlib
from typing import Any

import h5py
import numpy as np

LARGEST = 64 << 10
"""Bytes of values that are compared; of larger ones, where they lie."""
ERRORS = (OSError, TypeError, RuntimeError, ValueError, KeyError, NotImplementedError)


def digest(file: h5py.File, *, references: bool = True) -> dict[str, str]:
    """Path of every object -> a digest of its address, attributes, small values, links and chunks."""
    found: dict[str, str] = {}
    seen = set()
    pending: list[tuple[str, Any]] = [("", file.id)]
    while pending:
        path, oid = pending.pop()
        info = h5py.h5o.get_info(oid)
        if info.addr in seen:
            continue
        seen.add(info.addr)
        if not references and isinstance(oid, h5py.h5d.DatasetID) and _has_references(oid):
            continue
        parts: list[Any] = [info.addr, _attributes(oid)]
        if isinstance(oid, h5py.h5d.DatasetID):
            parts += _dataset(oid)
        elif isinstance(oid, (h5py.h5g.GroupID, h5py.h5f.FileID)):
            group = h5py.h5g.open(file.id, path.encode("utf-8", "surrogateescape") or b"/")
            try:
                names = [bytes(name) for name in group]
            except ERRORS:
                names = [b"unreadable"]
            parts.append(names)
            for name in names:
                pending += _child(path, group, name, parts)
        found[path] = hashlib.sha256(repr(parts).encode("utf-8", "surrogateescape")).hexdigest()
    return found


def _has_references(dataset: Any) -> bool:
    dtype = dataset.dtype
    fields = [dtype[name] for name in dtype.names] if dtype.names else [dtype]
    return any(h5py.check_ref_dtype(field) is not None for field in fields)


def _child(path: str, group: Any, name: bytes, parts: list[Any]) -> list[tuple[str, Any]]:
    try:
        kind = group.links.get_info(name).type
        parts.append(kind)
        if kind != h5py.h5l.TYPE_HARD:
            parts.append(group.links.get_val(name))
            return []
        return [(f"{path}/{name.decode('utf-8', 'surrogateescape')}", h5py.h5o.open(group, name))]
    except ERRORS:
        parts.append("unreadable")
        return []


def _attributes(oid: Any) -> list[Any]:
    found = []
    for position in range(h5py.h5a.get_num_attrs(oid)):
        try:
            attribute = h5py.h5a.open(oid, index=position)
            value = np.empty(attribute.shape, attribute.dtype)
            attribute.read(value)
            found.append((bytes(attribute.name), str(attribute.dtype), _plain(value)))
        except ERRORS:
            found.append((position, "unreadable"))
    return sorted(found, key=repr)


def _dataset(oid: Any) -> list[Any]:
    plist = oid.get_create_plist()
    parts: list[Any] = [oid.shape, plist.get_layout(), plist.get_nfilters()]
    if plist.get_layout() != h5py.h5d.VIRTUAL:  # that of other files, where they can be opened
        parts.append(oid.get_storage_size())
    if plist.get_layout() == h5py.h5d.CHUNKED:
        chunks: list[Any] = []
        try:
            oid.chunk_iter(lambda at: chunks.append(tuple(at)))  # offset, filter mask, address, size
        except ERRORS:
            chunks.append("unreadable")
        parts.append(hashlib.sha256(repr(chunks).encode()).hexdigest())
    elif plist.get_layout() == h5py.h5d.CONTIGUOUS:
        parts.append(oid.get_offset())
    try:
        is_small = oid.shape is not None and np.prod(oid.shape, dtype=object) * oid.dtype.itemsize <= LARGEST
        if is_small and plist.get_layout() != h5py.h5d.VIRTUAL and not plist.get_external_count():
            parts.append(_plain(h5py.Dataset(oid)[()]))
    except ERRORS:
        parts.append("unreadable")
    return parts


def _plain(value: Any) -> Any:
    """Values, references by what they are made of, with no addresses of Python objects."""
    if isinstance(value, np.ndarray):
        if value.dtype.hasobject:
            if value.dtype.names:
                return [_plain(value[name]) for name in value.dtype.names]
            return [value.shape, [_plain(one) for one in value.reshape(-1)]]
        return [str(value.dtype), value.shape, hashlib.sha256(value.tobytes()).hexdigest()]
    if isinstance(value, (h5py.Reference, h5py.RegionReference)):
        return [type(value).__name__, bool(value)]
    if isinstance(value, np.generic):
        return [str(value.dtype), value.tobytes()]
    return repr(value)
