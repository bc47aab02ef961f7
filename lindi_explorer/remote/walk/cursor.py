"""Reading numbers of HDF5 structures one after the other."""

from __future__ import annotations


class OddError(Exception):
    """The bytes are not what the structure says they are: this branch of the walk ends."""


class Cursor:
    """A position in the bytes of one structure; all numbers are little-endian (format specification, II).

    Parameters
    ----------
    data : bytes
        The structure.
    at : int
        Where to begin.
    offset_width, length_width : int
        Bytes of an address and of a length in this file ("size of offsets", "size of lengths").
    """

    __slots__ = ("at", "data", "length_width", "offset_width")

    def __init__(self, data: bytes, at: int = 0, offset_width: int = 8, length_width: int = 8) -> None:
        self.data = data
        self.at = at
        self.offset_width = offset_width
        self.length_width = length_width

    @property
    def left(self) -> int:
        """Bytes up to the end."""
        return len(self.data) - self.at

    def number(self, width: int) -> int:
        """Take an unsigned number of ``width`` bytes."""
        at = self.at
        self.at = end = at + width
        if width < 0 or end > len(self.data):
            raise OddError
        return int.from_bytes(self.data[at:end], "little")

    def take(self, count: int) -> bytes:
        """Take ``count`` bytes."""
        end = self.at + count
        if count < 0 or end > len(self.data):
            raise OddError
        piece = self.data[self.at : end]
        self.at = end
        return piece

    def skip(self, count: int) -> None:
        """Pass over ``count`` bytes."""
        self.at += count

    def address(self) -> int:
        """Take an address, relative to the base address; see `Survey.want` for the undefined one."""
        return self.number(self.offset_width)

    def length(self) -> int:
        """Take a length."""
        return self.number(self.length_width)

    def expect(self, signature: bytes) -> None:
        """Take a signature; the structure is odd if another one stands there."""
        if self.take(len(signature)) != signature:
            raise OddError
