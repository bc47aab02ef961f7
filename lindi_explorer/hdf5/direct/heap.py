"""The global heap (section III.E), where texts of variable length are."""

from __future__ import annotations

import struct
from collections import OrderedDict

from lindi_explorer.hdf5.direct.source import OddError, Source

_HEAD = struct.Struct("<4sB3xQ")
_OBJECT = struct.Struct("<HH4xQ")
_PLACE = struct.Struct("<IQI")
PLACE = _PLACE.size
"""Bytes that an element of variable length takes in its dataset: length, address, number."""

_LARGEST = 16 << 20
_MOST_KEPT = 32 << 20


class GlobalHeap:
    """The collections of one file, of which the latest are kept.

    Parameters
    ----------
    source : Source
    """

    def __init__(self, source: Source) -> None:
        self._source = source
        self._kept: OrderedDict[int, tuple[bytes, dict[int, tuple[int, int]]]] = OrderedDict()
        self._bytes = 0

    def element(self, data: bytes, at: int = 0) -> bytes:
        """The bytes of one element.

        Parameters
        ----------
        data : bytes
            Of a dataset or attribute.
        at : int
            Where in them the element is.

        Returns
        -------
        bytes
            Empty for one that was never written.
        """
        length, address, number = _PLACE.unpack_from(data, at)
        if not address and not length:
            return b""
        collection, places = self._kept.get(address) or self._load(address)
        place = places.get(number)
        # HDF5 wants the two lengths to be the same.
        if place is None or place[1] != length:
            raise OddError
        return collection[place[0] : place[0] + length]

    def _load(self, address: int) -> tuple[bytes, dict[int, tuple[int, int]]]:
        signature, version, size = _HEAD.unpack(self._source.read(address, _HEAD.size))
        if signature != b"GCOL" or version != 1 or not _HEAD.size <= size <= _LARGEST:
            raise OddError
        data = self._source.read(address, size)
        places: dict[int, tuple[int, int]] = {}
        at = _HEAD.size
        while at + _OBJECT.size <= size:
            number, _uses, length = _OBJECT.unpack_from(data, at)
            if not number:
                break  # free space, which goes to the end
            start = at + _OBJECT.size
            if number in places or start + length > size:
                raise OddError
            places[number] = start, length
            at = start + -(-length // 8) * 8
        if address not in self._kept:
            self._bytes += size
        self._kept[address] = data, places
        while self._bytes > _MOST_KEPT and len(self._kept) > 1:
            self._bytes -= len(self._kept.popitem(last=False)[1][0])
        return data, places
