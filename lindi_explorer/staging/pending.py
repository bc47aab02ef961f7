"""Chunks that are being written: kept decoded until they are needed encoded, every state of them."""

from __future__ import annotations

import weakref
from collections import OrderedDict
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import numpy as np

from lindi_explorer.references.chunks import Reference
from lindi_explorer.references.written import PendingChunk

MOST_BYTES = 64 << 20
"""Decoded bytes that are held; beyond, the chunks that were written first are encoded and put away."""

_OBJECT = 64
"""Bytes that one element of variable length is counted as."""


class Pending(PendingChunk):
    """One state of a chunk.

    A chunk is often written bit by bit, row after row, and each write is a step that undo takes back. Only
    one state holds the array; each earlier one knows what the next has replaced. Asking for the content of
    another state makes it the one that holds the array.

    Parameters
    ----------
    array : numpy.ndarray
        The content; from now on it belongs to the chunk.
    encode : callable
        Makes the bytes of the array.
    decode : callable
        Makes a new array of a reference.
    room : WritingRoom
        Where arrays are held.
    """

    __slots__ = ("__weakref__", "_data", "_encode", "_room", "decode", "held", "kept", "replaced")

    def __init__(
        self,
        array: np.ndarray[Any, Any] | None,
        encode: Callable[[np.ndarray[Any, Any]], bytes],
        decode: Callable[[Reference], np.ndarray[Any, Any]],
        room: WritingRoom,
    ) -> None:
        self.held = array
        self._encode = encode
        self.decode = decode
        self._room = room
        self.kept: Reference | None = None
        self._data: bytes | None = None
        # A state nearer to the one that holds the array; where the two differ; what stands there in this one.
        self.replaced: tuple[Pending, Any, np.ndarray[Any, Any]] | None = None
        if array is not None:
            room.hold(self, array)

    def changed(self, where: Any, values: Any) -> Pending:
        """The next state.

        Parameters
        ----------
        where : tuple
            Index into the chunk that NumPy takes.
        values : numpy.ndarray
            What stands there from now on.

        Returns
        -------
        Pending
        """
        with self._room.lock:
            array = self._taken()
            self._room.drop(self)
            after = Pending(None, self._encode, self.decode, self._room)
            self.hand_over(after, array, where)
            after.held = array
            array[where] = values
            self._room.hold(after, array)
            return after

    def copy(self) -> np.ndarray[Any, Any]:
        """The content, the caller's own."""
        with self._room.lock:
            return self._taken().copy()

    def data(self) -> Reference:
        """The bytes, or where they are kept."""
        with self._room.lock:
            if self.kept is not None:
                return self.kept
            if self._data is None:
                self._data = self._encode(self._taken())
            return self._data

    def settle(self) -> Reference:
        """Have the bytes kept where the file keeps new chunks."""
        with self._room.lock:
            if self.kept is None:
                data = self.data()
                self.kept = self._room.keep(data) if isinstance(data, bytes) else data
                self._data = None
            return self.kept

    def put_away(self) -> None:
        """Let go of the array; it is decoded again when it is asked for."""
        with self._room.lock:
            if self.held is not None:
                self.settle()
                self.held = None
                self._room.drop(self)

    def _taken(self) -> np.ndarray[Any, Any]:
        """The array with the content of this state, which now is the one that holds it."""
        if self.held is not None:
            return self.held
        chain = [self]
        while chain[-1].held is None and chain[-1].replaced is not None:
            chain.append(chain[-1].replaced[0])
        holder = chain.pop()
        array = holder.held
        if array is None:
            assert holder.kept is not None
            array = holder.decode(holder.kept)
        self._room.drop(holder)
        while chain:
            state = chain.pop()
            assert state.replaced is not None
            _, where, values = state.replaced
            state.replaced = None
            holder.hand_over(state, array, where)
            array[where] = values
            holder = state
        holder.held = array
        self._room.hold(holder, array)
        return array

    def hand_over(self, other: Pending, array: np.ndarray[Any, Any], where: Any) -> None:
        """Note what stands in this state where the other differs, before the other takes the array."""
        self.replaced = (other, where, np.array(array[where], copy=True))
        self.held = None
        self._data = None


class WritingRoom:
    """Where the chunks of one open file are while they are being written.

    Parameters
    ----------
    keep : callable
        Keeps the bytes of a chunk for good, and says where; gives them back where they stay in the document.
    lock : context manager
        Held while a chunk is read or written. h5py's own, as encoding asks h5py about types, and whoever
        reads may hold that lock already.
    """

    def __init__(
        self, keep: Callable[[bytes | memoryview], Reference], lock: AbstractContextManager[Any]
    ) -> None:
        self.keep = keep
        self.lock = lock
        self._held: OrderedDict[int, tuple[weakref.ref[Pending], int]] = OrderedDict()
        self._bytes = 0

    def hold(self, chunk: Pending, array: np.ndarray[Any, Any]) -> None:
        """Count an array that a chunk holds; the oldest are put away where there are too many."""
        with self.lock:
            size = array.size * _OBJECT if array.dtype.hasobject else array.nbytes
            self._forget(id(chunk))
            self._held[id(chunk)] = (weakref.ref(chunk), size)
            self._bytes += size
            while self._bytes > MOST_BYTES and len(self._held) > 1:
                number = next(iter(self._held))
                oldest = self._held[number][0]()
                if oldest is None or oldest is chunk:
                    self._forget(number)
                else:
                    oldest.put_away()

    def drop(self, chunk: Pending) -> None:
        """Count no longer what a chunk held."""
        with self.lock:
            self._forget(id(chunk))

    def _forget(self, number: int) -> None:
        _, size = self._held.pop(number, (None, 0))
        self._bytes -= size
