"""What `keys`, `values` and `items` of groups and attributes give."""

from __future__ import annotations

from collections.abc import ItemsView, Iterator, KeysView, ValuesView
from typing import Any

# h5py's own hold its global lock while they are iterated; these do not.


class Keys(KeysView[Any]):
    """Names."""

    def __reversed__(self) -> Iterator[Any]:
        return reversed(self._mapping)  # type: ignore[attr-defined]

    def __repr__(self) -> str:
        return f"<KeysViewHDF5 {list(self)}>"

    __str__ = __repr__


class Values(ValuesView[Any]):
    """What the names stand for; None for a broken link."""

    def __contains__(self, value: object) -> bool:
        return any(value == found for found in self)

    def __iter__(self) -> Iterator[Any]:
        return (self._mapping.get(name) for name in self._mapping)  # type: ignore[attr-defined]

    def __reversed__(self) -> Iterator[Any]:
        return (self._mapping.get(name) for name in reversed(self._mapping))  # type: ignore[attr-defined]


class Items(ItemsView[Any, Any]):
    """Names and what they stand for; None for a broken link."""

    def __contains__(self, item: object) -> bool:
        if not isinstance(item, tuple):
            return False
        name, value = item
        group: Any = self._mapping  # type: ignore[attr-defined]
        return name in group and bool(value == group.get(name))

    def __iter__(self) -> Iterator[tuple[Any, Any]]:
        return ((name, self._mapping.get(name)) for name in self._mapping)  # type: ignore[attr-defined]

    def __reversed__(self) -> Iterator[tuple[Any, Any]]:
        return ((name, self._mapping.get(name)) for name in reversed(self._mapping))  # type: ignore[attr-defined]
