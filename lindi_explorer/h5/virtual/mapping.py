"""What a document says of a virtual dataset: which parts of which datasets go where."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lindi_explorer.byterange import redact_url
from lindi_explorer.errors import FormatError
from lindi_explorer.h5.virtual.indices import Regular
from lindi_explorer.h5.virtual.points import Points, Room
from lindi_explorer.h5.virtual.product import Product
from lindi_explorer.h5.virtual.selected import Selected, selected
from lindi_explorer.references.annotations import SCALAR
from lindi_explorer.references.checks import short
from lindi_explorer.references.model import Node

GUARD = {"id": "lindi_explorer_virtual"}
"""The codec of a virtual dataset's Zarr array. There is none of that name: other readers, to which an array
without chunks is one of fill values, say so when they open it."""

VIRTUAL = "virtual"
"""The member of the side-car."""

OWN = "."
"""The name of the file itself."""


@dataclass(frozen=True, slots=True)
class Mapping:
    """One source of a virtual dataset.

    Attributes
    ----------
    file, dataset : str
        As HDF5 has them: ``%b`` stands for the number of a block, ``%%`` for a percent sign.
    to : Selected
        What of the virtual dataset comes from there.
    of : Json or Selected
        What of the source it is. What is listed in blocks is made out once; of others little is known before
        the source is open.
    """

    file: str
    dataset: str
    to: Selected
    of: Any

    @property
    def is_numbered(self) -> bool:
        """Whether each block has a source of its own, with its number in its name."""
        return is_numbered(self.file) or is_numbered(self.dataset)

    def named(self, number: int) -> tuple[str, str]:
        """File and dataset for a block."""
        return named(self.file, number), named(self.dataset, number)

    def source(self, shape: tuple[int, ...]) -> tuple[Selected, Selected]:
        """What of the virtual dataset comes from a source of some shape, and what of the source it is.

        Parameters
        ----------
        shape : tuple of int

        Returns
        -------
        to, of : Selected
            Both with an end, and of as many elements.

        Raises
        ------
        FormatError
            If they are not.
        """
        to = self.to
        of = self.of if isinstance(self.of, Product | Points) else selected(self.of, shape, Room())
        if of.rank != len(shape):
            raise FormatError(
                f"a virtual dataset takes {of.rank} axes of {short(self.dataset)}, which has {len(shape)}",
                hint="The source has another shape than it had when the virtual dataset was made.",
            )
        if isinstance(to, Product) and to.unlimited is not None:
            to, of = _ended(to, of, shape)
        if of.unlimited is not None or to.count != of.count:
            raise FormatError(
                f"a virtual dataset has a place for another number of elements than {short(self.dataset)} "
                "gives",
                hint="The source has another shape than it had when the virtual dataset was made.",
            )
        return to, of


def _ended(to: Product, of: Selected, shape: tuple[int, ...]) -> tuple[Product, Selected]:
    """Both as far as the source goes."""
    along = to.unlimited
    if along is None or not isinstance(of, Product) or of.unlimited is None:
        return to, of
    source = _endless(of, of.unlimited).within(shape[of.unlimited])
    target = _endless(to, along).first(source.length or 0)
    return to.replaced(along, target), of.replaced(of.unlimited, source)


def block(mapping: Mapping, number: int) -> Mapping:
    """What of a mapping with numbered sources comes from one of them.

    Parameters
    ----------
    mapping : Mapping
    number : int

    Returns
    -------
    Mapping
    """
    to, (file, dataset) = mapping.to, mapping.named(number)
    assert isinstance(to, Product)
    along = to.unlimited
    assert along is not None
    one = to.replaced(along, _endless(to, along).turn(number))
    return Mapping(escaped(file), escaped(dataset), one, mapping.of)


def _endless(product: Product, along: int) -> Regular:
    axis = product.axes[along]
    assert isinstance(axis, Regular)  # ranges that are listed have an end
    return axis


def mappings_of(node: Node) -> Iterator[Mapping]:
    """The sources of a virtual dataset.

    Parameters
    ----------
    node : Node

    Yields
    ------
    Mapping

    Raises
    ------
    FormatError, UnsupportedError
        If a selection is none, or is too large.
    """
    shape, room = [] if node.attributes.get(SCALAR) else (node.array or {})["shape"], Room()
    for source in node.sidecar[VIRTUAL]["sources"]:
        of = source["from"]
        if isinstance(of, dict) and "blocks" in of:
            of = selected(of, source["shape"], room)
        made = Mapping(source["file"], source["dataset"], selected(source["to"], shape, room), of)
        if made.is_numbered and made.to.unlimited is None:
            raise FormatError(
                f"{short(redact_url(made.file))} and {short(made.dataset)} have a number, and the "
                "selection has an end",
                hint="The file is damaged.",
            )
        yield made


def is_numbered(name: str) -> bool:
    """Whether the number of a block stands in a name."""
    return any(part.startswith("b") for part in name.replace("%%", "").split("%")[1:])


def named(name: str, number: int) -> str:
    """A name for a block, with single percent signs."""
    return "%".join(part.replace("%b", str(number)) for part in name.split("%%"))


def escaped(name: str) -> str:
    """A name in which nothing stands for a number."""
    return name.replace("%", "%%")
