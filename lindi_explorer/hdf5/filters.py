"""HDF5 filters as Zarr codecs.

The table holds what upstream LINDI reads (format section 6). A dataset with any other filter keeps its
place in the hierarchy and is read through HDF5 itself (an external array link).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import h5py
import numcodecs
import numpy as np

Codec = dict[str, Any]
"""The configuration of a numcodecs codec."""

_BLOSC_NAMES = ("blosclz", "lz4", "lz4hc", "snappy", "zlib", "zstd")


@dataclass(frozen=True, slots=True)
class Filter:
    """One filter of an HDF5 pipeline.

    Attributes
    ----------
    id : int
        Number the HDF Group has given it.
    name : str
    parameters : tuple of int
        ``cd_values``.
    """

    id: int
    name: str
    parameters: tuple[int, ...]


def filters_of(plist: Any) -> list[Filter]:
    """The filters of a dataset in the order in which they were applied when writing.

    Parameters
    ----------
    plist : h5py.h5p.PropDCID
        Creation properties.

    Returns
    -------
    list of Filter
    """
    out = []
    for position in range(plist.get_nfilters()):
        number, _flags, parameters, name = plist.get_filter(position)
        out.append(Filter(number, name.decode("utf-8", "replace"), tuple(parameters)))
    return out


def _shuffle(_parameters: Sequence[int], itemsize: int) -> Codec:
    return {"id": "shuffle", "elementsize": itemsize}


def _deflate(parameters: Sequence[int], _itemsize: int) -> Codec:
    return {"id": "zlib", "level": parameters[0] if parameters else 1}


def _fletcher32(_parameters: Sequence[int], _itemsize: int) -> Codec:
    return {"id": "fletcher32"}


def _bzip2(parameters: Sequence[int], _itemsize: int) -> Codec:
    return {"id": "bz2", "level": parameters[0] if parameters else 9}


def _blosc(parameters: Sequence[int], _itemsize: int) -> Codec | None:
    if len(parameters) < 7 or parameters[6] >= len(_BLOSC_NAMES):
        return None
    return {
        "id": "blosc",
        "cname": _BLOSC_NAMES[parameters[6]],
        "clevel": parameters[4],
        "shuffle": parameters[5],
        "blocksize": parameters[3],
    }


def _zstd(parameters: Sequence[int], _itemsize: int) -> Codec | None:
    return {"id": "zstd", "level": parameters[0], "checksum": False} if parameters else None


_CODECS: dict[int, Callable[[Sequence[int], int], Codec | None]] = {
    h5py.h5z.FILTER_DEFLATE: _deflate,
    h5py.h5z.FILTER_SHUFFLE: _shuffle,
    h5py.h5z.FILTER_FLETCHER32: _fletcher32,
    307: _bzip2,
    32001: _blosc,
    32015: _zstd,
}

_NOT_COMPRESSING = {h5py.h5z.FILTER_SHUFFLE, h5py.h5z.FILTER_FLETCHER32, h5py.h5z.FILTER_SCALEOFFSET}

_DISPLAY = {
    h5py.h5z.FILTER_DEFLATE: "gzip",
    h5py.h5z.FILTER_SHUFFLE: "shuffle",
    h5py.h5z.FILTER_FLETCHER32: "fletcher32",
    h5py.h5z.FILTER_SZIP: "szip",
    h5py.h5z.FILTER_NBIT: "nbit",
    h5py.h5z.FILTER_SCALEOFFSET: "scaleoffset",
    h5py.h5z.FILTER_LZF: "lzf",
    307: "bzip2",
    32001: "blosc",
    32004: "lz4",
    32008: "bitshuffle",
    32015: "zstd",
    32026: "blosc2",
}


def codecs_of(filters: Sequence[Filter], dtype: np.dtype[Any]) -> list[Codec] | None:
    """The codecs that undo a pipeline.

    Parameters
    ----------
    filters : sequence of Filter
        In the order of the pipeline; kept.
    dtype : numpy.dtype
        Of the dataset.

    Returns
    -------
    list of dict or None
        numcodecs configurations in the order of writing; None where one filter has no codec.
    """
    out: list[Codec] = []
    for item in filters:
        make = _CODECS.get(item.id)
        codec = make(item.parameters, dtype.itemsize) if make is not None else None
        if codec is None:
            return None
        out.append(codec)
    return out


def recoder(codecs: Sequence[Codec]) -> Callable[[bytes, int], bytes]:
    """The function that completes chunks which skipped filters, as chunks written directly may.

    Parameters
    ----------
    codecs : sequence of dict
        Of the pipeline, in the order of writing.

    Returns
    -------
    callable
        From stored bytes and filter mask (bit i set = filter i was skipped) to those of the full pipeline.
    """

    def recode(data: bytes, mask: int) -> bytes:
        made = [numcodecs.get_codec(dict(config)) for config in codecs]
        for position in reversed(range(len(made))):
            if not mask >> position & 1:
                data = bytes(made[position].decode(data))
        for codec in made:
            data = bytes(codec.encode(data))
        return data

    return recode


def filter_words(item: Filter) -> str:
    """A filter for people, e.g. ``gzip 4``."""
    name = _DISPLAY.get(item.id) or item.name or f"filter {item.id}"
    return f"{name} {item.parameters[0]}" if item.id == h5py.h5z.FILTER_DEFLATE and item.parameters else name


def compression_of(array: dict[str, Any], sidecar: dict[str, Any]) -> tuple[str | None, Any]:
    """``compression`` and ``compression_opts`` as h5py reports them.

    Parameters
    ----------
    array : dict
        Content of ``.zarray``.
    sidecar : dict
        Side-car; its ``filters`` come first.

    Returns
    -------
    name : str or None
        ``gzip``, ``lzf``, ``szip``, ``unknown`` for filters of plugins, None without compression.
    options : object
        Level of gzip, parameters of szip.
    """
    if "filters" not in sidecar:
        ids = {codec.get("id"): codec for codec in array.get("filters") or [] if codec.get("id") != "json2"}
        if "zlib" in ids:
            return "gzip", ids["zlib"].get("level")
        return ("unknown" if ids.keys() - {"shuffle", "fletcher32"} else None), None
    found = {number: parameters for number, _name, parameters in sidecar["filters"]}
    if h5py.h5z.FILTER_DEFLATE in found:
        return "gzip", next(iter(found[h5py.h5z.FILTER_DEFLATE]), None)
    if h5py.h5z.FILTER_LZF in found:
        return "lzf", None
    if h5py.h5z.FILTER_SZIP in found:
        mask, pixels = found[h5py.h5z.FILTER_SZIP][:2]
        return "szip", ("ec" if mask & h5py.h5z.SZIP_EC_OPTION_MASK else "nn", pixels)
    return ("unknown" if found.keys() - _NOT_COMPRESSING else None), None


def has_filter(array: dict[str, Any], sidecar: dict[str, Any], name: str) -> bool:
    """Whether a filter is in use.

    Parameters
    ----------
    array, sidecar : dict
        As for `compression_of`.
    name : str
        ``shuffle`` or ``fletcher32``.

    Returns
    -------
    bool
    """
    if "filters" in sidecar:
        return any(_DISPLAY.get(number) == name for number, _name, _parameters in sidecar["filters"])
    return any(codec.get("id") == name for codec in array.get("filters") or [])


def words_of(array: dict[str, Any], sidecar: dict[str, Any]) -> list[str]:
    """The filters of a dataset for people, in the order of writing.

    Parameters
    ----------
    array, sidecar : dict
        As for `compression_of`.

    Returns
    -------
    list of str
        E.g. ``["shuffle", "gzip 4"]``.
    """
    if "filters" in sidecar:
        return [
            filter_words(Filter(number, name, tuple(values))) for number, name, values in sidecar["filters"]
        ]
    return [
        f"gzip {codec['level']}" if codec.get("id") == "zlib" and "level" in codec else str(codec.get("id"))
        for codec in array.get("filters") or []
        if codec.get("id") != "json2"
    ]


def filter_of(codec: Codec) -> Filter | None:
    """The HDF5 filter whose chunks are those of a codec: the inverse of the table above.

    Parameters
    ----------
    codec : dict
        Configuration of a numcodecs codec.

    Returns
    -------
    Filter or None
        None where HDF5 has no such filter.
    """
    kind = codec.get("id")
    if kind == "shuffle":
        return Filter(h5py.h5z.FILTER_SHUFFLE, "shuffle", (int(codec.get("elementsize", 4)),))
    if kind == "zlib":
        return Filter(h5py.h5z.FILTER_DEFLATE, "deflate", (int(codec.get("level", 1)),))
    if kind == "fletcher32":
        return Filter(h5py.h5z.FILTER_FLETCHER32, "fletcher32", ())
    if kind == "bz2":
        return Filter(307, "bzip2", (int(codec.get("level", 9)),))
    if kind == "zstd":
        return Filter(32015, "zstd", (int(codec.get("level", 1)),))
    if kind == "blosc" and codec.get("cname") in _BLOSC_NAMES:
        # Version of the filter and of its format; the size of an element, which the filter itself puts in.
        options = (codec.get("blocksize", 0), codec.get("clevel", 5), codec.get("shuffle", 1))
        return Filter(32001, "blosc", (2, 2, 1, *map(int, options), _BLOSC_NAMES.index(codec["cname"])))
    return None
