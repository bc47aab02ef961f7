"""What the rules of one walk share: numbers of the file, where they have been, how far they may go."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lindi_explorer.remote.walk.cursor import Cursor
from lindi_explorer.remote.walk.want import Want

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

# No single structure of a sound file comes near this.
LARGEST_STRUCTURE = 64 << 20
# Structures that were made together stand together, and one request brings them all.
NEIGHBOURHOOD = 64 << 10


@dataclass(slots=True)
class Survey:
    """The state of one walk.

    Attributes
    ----------
    size : int
        Size of the file in bytes.
    full : bool
        Whether chunk indexes and small data are wanted, too.
    levels : int
        Objects deeper than this below the root are left out.
    link_levels : int
        Of groups that are so deep or deeper, the links are left out, which give the names of their members.
    most_nodes : int
        Structures that are visited at most.
    base : int
        Where the HDF5 data begin; addresses count from here.
    offset_width, length_width : int
        Bytes of an address and of a length.
    group_leaf_k, group_k, chunk_k : int
        Half the most entries of symbol nodes, of group B-tree nodes and of chunk B-tree nodes.
    seen : set of int
        Addresses of structures that were visited.
    objects, chunks : int
        What was found so far.
    """

    size: int
    full: bool = True
    levels: int = 1 << 30
    link_levels: int = 1 << 30
    most_nodes: int = 2_000_000
    base: int = 0
    offset_width: int = 8
    length_width: int = 8
    group_leaf_k: int = 4
    group_k: int = 16
    chunk_k: int = 32
    seen: set[int] = field(default_factory=set)
    objects: int = 0
    chunks: int = 0

    def cursor(self, data: bytes, at: int = 0) -> Cursor:
        """A cursor that knows the widths of this file."""
        return Cursor(data, at, self.offset_width, self.length_width)

    def want(
        self,
        address: int,
        length: int,
        parse: Callable[[bytes], Iterable[Want]] | None = None,
        *,
        around: int = 0,
        late: bool = False,
    ) -> tuple[Want, ...]:
        """A want as a tuple of one; empty for an address outside the file (so is the undefined one).

        HDF5 reads some structures by a guess of their size, so a stretch may end with the file.
        """
        offset = self.base + address
        if not 0 < length <= LARGEST_STRUCTURE or offset >= self.size:
            return ()
        return (Want(offset, min(length, self.size - offset), parse, around, late),)

    def visit(
        self,
        address: int,
        length: int,
        parse: Callable[[bytes], Iterable[Want]] | None = None,
        *,
        around: int = 0,
        late: bool = False,
    ) -> tuple[Want, ...]:
        """Like `want`, but every address once only, and up to a number of them in all: this ends loops."""
        if address in self.seen or len(self.seen) >= self.most_nodes:
            return ()
        wants = self.want(address, length, parse, around=around, late=late)
        if wants:
            self.seen.add(address)
        return wants
