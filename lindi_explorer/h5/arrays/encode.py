"""Arrays as the bytes of chunks, and back."""

from __future__ import annotations

from typing import Any

import numpy as np

from lindi_explorer.byterange import ByteRange
from lindi_explorer.errors import UnsupportedError
from lindi_explorer.h5.arrays.decode import chunk_array, codec, put_fill
from lindi_explorer.h5.reference import encode_reference, make_reference
from lindi_explorer.hdf5.inline import typed_chunk, zarr_dtype
from lindi_explorer.hdf5.types import array_parts
from lindi_explorer.hdf5.values import decode
from lindi_explorer.references.chunks import Reference
from lindi_explorer.remote import RangeReader


class RawChunks:
    """Chunks whose elements are of fixed size: their arrays have the Zarr type.

    Parameters
    ----------
    array : dict
        Content of ``.zarray``.
    reader : RangeReader
    """

    def __init__(self, array: dict[str, Any], reader: RangeReader) -> None:
        self._array = array
        self._reader = reader
        self.shape = tuple(array["chunks"])
        self.dtype = np.dtype(array["dtype"])
        self._codecs = [
            codec(config) for config in [*(array["filters"] or ()), array["compressor"]] if config is not None
        ]

    def blank(self) -> np.ndarray[Any, Any]:
        """A chunk that was never written."""
        out = np.zeros(self.shape, dtype=self.dtype)
        put_fill(out, self._array)
        return out

    def outgoing(self, chunk: np.ndarray[Any, Any]) -> bytes | memoryview:
        """The bytes of a chunk that is written at once: the array's own, where nothing encodes them."""
        if self._codecs or self._array["order"] == "F" or not chunk.size:
            return self.encode(chunk)
        return np.ascontiguousarray(chunk).reshape(-1).view("u1").data

    def encode(self, chunk: np.ndarray[Any, Any]) -> bytes:
        """The bytes of a chunk."""
        data: Any = np.asfortranarray(chunk) if self._array["order"] == "F" else np.ascontiguousarray(chunk)
        if not self._codecs:
            return bytes(data.tobytes(order=self._array["order"]))
        if self._array["order"] == "F":
            data = data.reshape(-1, order="F")
        for one in self._codecs:
            data = one.encode(data)
        return data if isinstance(data, bytes) else bytes(data)

    def decode(self, reference: Reference) -> np.ndarray[Any, Any]:
        """The array of a chunk, the caller's own."""
        data = self._reader.read_now(reference) if isinstance(reference, ByteRange) else reference
        return np.array(chunk_array(data, self._array, self.dtype, self.shape))


class TypedChunk:
    """The only chunk of an array that is kept as JSON values, or as a scalar: its array has h5py's type.

    Parameters
    ----------
    array : dict
        Content of ``.zarray``.
    dtype : numpy.dtype
        With h5py's marks.
    reader : RangeReader
    """

    def __init__(self, array: dict[str, Any], dtype: np.dtype[Any], reader: RangeReader) -> None:
        self._array = array
        self._dtype = dtype
        self._reader = reader
        self._shape = tuple(array["shape"])
        if np.dtype(array["dtype"]).kind == "U":
            raise UnsupportedError("text of a fixed length is replaced as a whole")

    def encode(self, whole: np.ndarray[Any, Any]) -> bytes:
        """The bytes of the chunk."""
        axes = array_parts(self._dtype)[1]
        array = np.array(whole, dtype=whole.dtype, copy=False).reshape(self._shape + axes)
        return typed_chunk(array, self._shape, self._dtype, encode_reference)

    def decode(self, reference: Reference) -> np.ndarray[Any, Any]:
        """The array of the chunk, the caller's own."""
        data = self._reader.read_now(reference) if isinstance(reference, ByteRange) else reference
        raw = chunk_array(data, self._array, np.dtype(self._array["dtype"]), self._shape)
        base, axes = array_parts(self._dtype)
        if zarr_dtype(self._dtype) is None:
            return decode(raw.tolist(), base, self._shape + axes, make_reference)
        return np.frombuffer(raw.tobytes(), dtype=base).reshape(self._shape + axes).copy()
