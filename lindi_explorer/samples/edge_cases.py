"""An HDF5 file of what h5py can write and few files hold, for tests that have no other corpus at hand."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import h5py
import numpy as np
from h5py import h5d, h5s, h5t

from lindi_explorer.samples import edge_types

if TYPE_CHECKING:
    import os
    from collections.abc import Callable

ODD_NAMES = [
    *("with space", "ünïcødé", "日本", "a.b", "..c", ".zattrs", "50%20", "~", 'quo"te', "back\\slash"),
    "n" * 300,
]


def make_h5_edge_cases(path: str | os.PathLike[str]) -> Path:
    """Write an HDF5 file of edge cases, one group each.

    Beside it goes ``<stem>_target.h5``, the target of its external links.

    Parameters
    ----------
    path
        Where to write; existing files are replaced.

    Returns
    -------
    pathlib.Path
        The path written.
    """
    path = Path(path)
    target = path.with_name(f"{path.stem}_target.h5")
    with h5py.File(target, "w") as other:
        other["data"] = np.arange(6).reshape(2, 3)
        other.create_group("group").attrs["where"] = "in the other file"
    with h5py.File(path, "w") as file:
        for name, fill in GROUPS.items():
            fill(file.create_group(name))
        _links(file.create_group("links"), target.name)
        _dangling_reference(file["references"])  # last, or a new object would take the place of the gone one
    return path


def _layouts(group: h5py.Group) -> None:
    """Where the bytes lie: contiguous, compact, chunked whole and in part, never written, filtered."""
    values = np.arange(10 * 14, dtype="i4").reshape(10, 14)
    group["contiguous"] = values
    group["large"] = np.arange(600_000, dtype="f4").reshape(600, 1000)  # splits when chunks may hold 1 MB
    compact = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    compact.set_layout(h5d.COMPACT)
    small = h5d.create(group.id, b"compact", h5t.STD_I16LE, h5s.create_simple((8,)), dcpl=compact)
    small.write(h5s.ALL, h5s.ALL, np.arange(8, dtype="i2"))
    group.create_dataset("chunked", data=values, chunks=(4, 5))
    group.create_dataset("growing", data=values, chunks=(4, 5), maxshape=(None, 14))
    part = group.create_dataset("written_in_part", shape=(40, 50), dtype="i4", chunks=(16, 16), fillvalue=-7)
    part[3:5, 40:45] = 1
    part[20, 20] = 2
    group.create_dataset("never_written", shape=(30, 40), dtype="f4", chunks=(8, 8), fillvalue=np.nan)
    group.create_dataset("never_written_contiguous", shape=(3, 4), dtype="i2", fillvalue=9)
    filters: dict[str, dict[str, Any]] = {
        "gzip": {"compression": "gzip", "compression_opts": 9},
        "shuffle_gzip": {"compression": "gzip", "shuffle": True},
        "fletcher32": {"fletcher32": True},
        "all_together": {"compression": "gzip", "shuffle": True, "fletcher32": True},
        "lzf": {"compression": "lzf"},
        "scale_offset": {"scaleoffset": 0},
    }
    for name, options in filters.items():
        group.create_dataset(name, data=values, chunks=(4, 5), **options)
    # A chunk may say that a filter was left out for it: here the first chunk carries plain bytes.
    skipping = group.create_dataset(
        "filter_left_out", shape=(8,), dtype="i4", chunks=(4,), compression="gzip"
    )
    skipping[4:] = np.arange(4, 8)
    skipping.id.write_direct_chunk((0,), np.arange(4, dtype="i4").tobytes(), filter_mask=1)


def _shapes(group: h5py.Group) -> None:
    group["none"] = np.zeros(0)
    group["none_2d"] = np.zeros((0, 3), dtype="i4")
    group["no_columns"] = np.zeros((3, 0), dtype="i4")
    group.create_dataset("none_yet", shape=(0, 2), maxshape=(None, 2), chunks=(4, 2), dtype="f4")
    group["one"] = np.zeros((1, 1, 1))
    group["many_axes"] = np.arange(64, dtype="u1").reshape((2,) * 6)
    group.create_dataset("none_text", shape=(0,), dtype=h5py.string_dtype(), maxshape=(None,))
    group.create_group("no_children")


def _names(group: h5py.Group) -> None:
    for index, name in enumerate(ODD_NAMES):
        group.create_group(name)["data"] = index
        group.attrs[name] = index
    ordered = group.create_group("in_order", track_order=True)
    for name in ("zebra", "ant", "mouse"):
        ordered[name] = name


def _attributes(group: h5py.Group) -> None:
    group.attrs.update({f"attribute_{index:03d}": index for index in range(60)})
    group.attrs["matrix"] = np.arange(6).reshape(2, 3)
    group.attrs["no_elements"] = np.zeros(0)
    group.attrs["no_texts"] = np.array([], dtype="S1")
    group.attrs["long"] = "long " * 2000
    group.attrs["_ARRAY_DIMENSIONS"] = "not ours"
    group.attrs["_SCALAR"] = "not ours"


GROUPS: dict[str, Callable[[h5py.Group], None]] = {
    "numbers": edge_types.fill_numbers,
    "scalars": edge_types.fill_scalars,
    "strings": edge_types.fill_strings,
    "compounds": edge_types.fill_compounds,
    "lists": edge_types.fill_lists,
    "references": edge_types.fill_references,
    "layouts": _layouts,
    "shapes": _shapes,
    "names": _names,
    "attributes": _attributes,
}


def _links(group: h5py.Group, target: str) -> None:
    group["data"] = np.arange(5)
    group["hard"] = group["data"]
    branch = group.create_group("branch")
    branch["self"] = branch
    branch["parent"] = group
    branch["relative"] = h5py.SoftLink("parent/data")
    group["soft"] = h5py.SoftLink("/links/data")
    group["soft_to_soft"] = h5py.SoftLink("/links/soft")
    group["soft_to_group"] = h5py.SoftLink("/scalars")
    group["soft_dangling"] = h5py.SoftLink("/nowhere")
    group["soft_circle"] = h5py.SoftLink("/links/soft_circle")
    group["external"] = h5py.ExternalLink(target, "/data")
    group["external_group"] = h5py.ExternalLink(target, "/group")
    group["external_no_object"] = h5py.ExternalLink(target, "/nowhere")
    group["external_no_file"] = h5py.ExternalLink("no_such_file.h5", "/data")
    datatype = group.file["numbers/enum"].dtype
    group["named_type"] = datatype
    group.create_dataset("of_named_type", shape=(2,), dtype=group["named_type"])


def _dangling_reference(group: h5py.Group) -> None:
    dangling = group.create_dataset("dangling", shape=(1,), dtype=h5py.ref_dtype)
    dangling[0] = group.create_dataset("gone", data=1).ref
    del group["gone"]
