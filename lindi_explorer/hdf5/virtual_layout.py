"""What HDF5 says of a virtual dataset, as a side-car has it."""

from __future__ import annotations

from typing import Any

import h5py

Json = Any


def sources_of_layout(plist: Any) -> list[dict[str, Json]]:
    """The sources of a virtual dataset.

    Parameters
    ----------
    plist : h5py.h5p.PropDCID
        Its creation properties.

    Returns
    -------
    list of dict
        ``file``, ``dataset``, ``shape``, ``from``, ``to``; see `lindi_explorer.references.annotations`.
    """
    sources = []
    for number in range(plist.get_virtual_count()):
        space = plist.get_virtual_srcspace(number)
        sources.append(
            {
                "file": plist.get_virtual_filename(number),
                "dataset": plist.get_virtual_dsetname(number),
                "shape": list(space.shape),
                "from": selection_of(space),
                "to": selection_of(plist.get_virtual_vspace(number)),
            }
        )
    return sources


def selection_of(space: Any) -> Json:
    """The selection of a dataspace.

    Parameters
    ----------
    space : h5py.h5s.SpaceID

    Returns
    -------
    Json
    """
    kind = space.get_select_type()
    if kind != h5py.h5s.SEL_HYPERSLABS:
        return "none" if kind == h5py.h5s.SEL_NONE else "all"
    if not space.is_regular_hyperslab():
        return {"blocks": space.get_select_hyper_blocklist().tolist()}
    start, stride, count, block = map(list, space.get_regular_hyperslab())
    out: dict[str, Any] = {"start": start, "count": [_or_none(number) for number in count]}
    if any(number != 1 for number in block):
        out["block"] = [_or_none(number) for number in block]
    # HDF5 gives any stride to what is one block.
    if any(step != 1 and number != 1 for step, number in zip(stride, count, strict=True)):
        out["stride"] = stride
    return out


def _or_none(number: int) -> int | None:
    return None if number == h5py.h5s.UNLIMITED else number
