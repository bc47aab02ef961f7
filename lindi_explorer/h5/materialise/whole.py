"""Data that is decoded as a whole: what the document keeps, strings, compounds, references."""

from __future__ import annotations

from typing import Any

import h5py
import numpy as np

from lindi_explorer.h5.arrays.data import ArrayData
from lindi_explorer.h5.materialise.chunked import OpenDataset, write_raw
from lindi_explorer.h5.materialise.made import Made
from lindi_explorer.h5.materialise.pointers import Pointers
from lindi_explorer.h5.materialise.stored import addresses, boxes, stored_size
from lindi_explorer.h5.materialise.tally import Tally
from lindi_explorer.hdf5.types import array_parts


class WholeData:
    """The data of one dataset.

    Parameters
    ----------
    made : Made
    opened : OpenDataset
    pointers : Pointers
    """

    def __init__(self, made: Made, opened: OpenDataset, pointers: Pointers) -> None:
        self.made = made
        self._opened = opened
        self._pointers = pointers
        self._data: ArrayData = made.view.data(made.path)
        self.addresses = addresses(self._data.node.chunks)
        self.size = stored_size(self._data.node.chunks)

    def copy(self, tally: Tally) -> None:
        """Decode and write it."""
        data, dtype = self._data, self._data.dtype
        array = self._pointers.translated(data.whole(), dtype, self.made)
        target = self._opened.at(self.made.name)
        chunked = target.get_create_plist().get_layout() == h5py.h5d.CHUNKED
        if chunked and not dtype.hasobject:
            self._write_chunks(target, array)
        elif not (chunked and _is_blank(array, dtype) and not data.fillvalue):
            kind = h5py.h5t.py_create(dtype)
            target.write(h5py.h5s.ALL, h5py.h5s.ALL, np.ascontiguousarray(array), kind)
        tally.add(size=self.size)

    def _write_chunks(self, target: Any, array: np.ndarray[Any, Any]) -> None:
        """Write the chunks that hold something: those that were never written are to stay so."""
        shape, dtype = self._data.shape or (), self._data.dtype
        size = dtype.itemsize
        value = self._data.fillvalue
        one = np.zeros((), dtype=dtype) if value is None else np.array(value, dtype=array_parts(dtype)[0])
        fill = one.tobytes()
        raw = np.frombuffer(array.tobytes(), dtype=f"V{size}").reshape(shape)
        for box in boxes(shape, target.get_create_plist().get_chunk(), 1):
            elements = raw[box].tobytes()
            if elements != fill * (len(elements) // size):
                write_raw(target, box, elements)


def _is_blank(array: np.ndarray[Any, Any], dtype: np.dtype[Any]) -> bool:
    """Whether these are strings, all of them empty."""
    string = h5py.check_string_dtype(dtype)
    return string is not None and not any(array.reshape(-1).tolist())
