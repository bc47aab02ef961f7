"""References -> a document whose long tables of chunks are not written out yet.

A million chunks are a million lists in a document, and gigabytes of memory; as text they need not be there at
the same time. So a document is outlined first: all of its keys but the rows of tables. What is asked for in
the end, plain JSON types or text, is made from the outline.
"""

from __future__ import annotations

import bisect
import gc
import itertools
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from lindi_explorer.references.chunks import ChunkTable
from lindi_explorer.references.text import indented

TEMPLATE_USES = 5
"""From so many uses on an address becomes a template, as upstream does it (format section 3)."""

_BATCH = 20_000
"""Rows whose text is made at once."""

_TEMPLATE = re.compile(r"\{\{(.*?)\}\}")

_POWERS = 10 ** np.arange(1, 19, dtype=np.int64)


@contextmanager
def no_collection() -> Iterator[None]:
    """Pause Python's search for cycles while very many objects are made that all stay.

    It would look at all of them again and again, and take longer than the work itself.
    """
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


@dataclass(frozen=True, slots=True)
class Rows:
    """The byte ranges of one array.

    Attributes
    ----------
    table : ChunkTable
    before : str
        What stands before the chunk's own name in a key: path and slash.
    separator : str
        Between the numbers of the name.
    urls : list of str
        What the document says for the addresses that the table numbers.
    """

    table: ChunkTable
    before: str
    separator: str
    urls: list[str]

    @property
    def name(self) -> str:
        """A format for the keys, from the numbers of an index."""
        return self.before.replace("%", "%%") + (
            self.separator.join(["%d"] * self.table.index.shape[1]) or "0"
        )

    def items(self) -> Iterator[tuple[str, list[Any]]]:
        """Key and value of every row."""
        table = self.table
        urls: Iterable[str] = itertools.repeat(self.urls[0], len(table.url))
        if len(self.urls) > 1:
            urls = map(self.urls.__getitem__, table.url.tolist())
        columns = zip(urls, table.offset.tolist(), table.length.tolist(), strict=True)
        return zip(self._keys(), [[url, offset, length] for url, offset, length in columns], strict=True)

    def _keys(self) -> list[str]:
        """The keys of the rows."""
        index = self.table.index
        axes = index.shape[1]
        if not axes or index.max(initial=0) > 4 * len(index):
            return list(map(self.name.__mod__, _tuples(index)))
        # Many rows share a number on an axis: its text is made once. On the last axes, all may share one.
        most = index.max(axis=0, initial=0)
        varied = max([axis for axis in range(axes) if most[axis]], default=0)
        keys: Any = None
        for axis in range(varied + 1):
            before = self.before if axis == 0 else self.separator
            after = (self.separator + "0") * (axes - 1 - axis) if axis == varied else ""
            texts = [f"{before}{number}{after}" for number in range(int(most[axis]) + 1)]
            column = np.array(texts, dtype=object)[index[:, axis]]
            keys = column if keys is None else keys + column
        return cast("list[str]", keys.tolist())

    def members(self, others: Sequence[str], refs: Mapping[str, Any]) -> Iterator[str]:
        """The members of ``refs`` as canonical text, in the order of their keys.

        Parameters
        ----------
        others : sequence of str
            Sorted keys that start as those of the rows do, but are no rows.
        refs : mapping
            Their values.
        """
        order = _text_order(self.table.index)

        def key(row: int) -> str:
            return self.name % tuple(self.table.index[order[row]].tolist())

        done = 0
        for other in others:
            place = bisect.bisect_left(range(len(order)), other, key=key)
            yield from self._text(order[done:place])
            yield members({other: refs[other]})
            done = place
        yield from self._text(order[done:])

    def _text(self, order: npt.NDArray[np.intp]) -> Iterator[str]:
        quoted = json.dumps(self.name)
        row = f"    {quoted}: [\n      %s,\n      %d,\n      %d\n    ]"
        urls = [json.dumps(url) for url in self.urls]
        table = self.table
        for start in range(0, len(order), _BATCH):
            part = order[start : start + _BATCH]
            numbers = (
                *table.index[part].T.tolist(),
                map(urls.__getitem__, table.url[part].tolist()),
                table.offset[part].tolist(),
                table.length[part].tolist(),
            )
            yield ",\n".join(map(row.__mod__, zip(*numbers, strict=True)))


@dataclass(frozen=True, slots=True)
class Outline:
    """A document but for the rows of its tables.

    Attributes
    ----------
    refs : dict
        Everything under ``refs`` but the rows.
    tables : list of Rows
    members : dict
        The members beside ``refs``.
    """

    refs: dict[str, Any]
    tables: list[Rows]
    members: dict[str, Any]

    def use_templates(self) -> None:
        """Put templates in place of the addresses that occur often."""
        uses: Counter[str] = Counter()
        lists = [value for value in self.refs.values() if is_reference(value)]
        uses.update(value[0] for value in lists)
        for rows in self.tables:
            counts = np.bincount(rows.table.url, minlength=len(rows.urls)).tolist()
            for url, count in zip(rows.urls, counts, strict=True):
                uses[url] += count
        # An address with braces of its own can be said in no other way.
        wanted = sorted(
            url for url, count in uses.items() if count >= TEMPLATE_USES or (count and "{{" in url)
        )
        templates = {f"u{number}": url for number, url in enumerate(wanted, 1)}
        names = {url: "{{" + name + "}}" for name, url in templates.items()}
        for value in lists:
            value[0] = names.get(value[0], value[0])
        for rows in self.tables:
            rows.urls[:] = [names.get(url, url) for url in rows.urls]
        if templates:
            self.members["templates"] = templates

    def addresses(self) -> set[str]:
        """All addresses that byte ranges of the document have."""
        found = {value[0] for value in self.refs.values() if is_reference(value)}
        for rows in self.tables:
            found.update(map(rows.urls.__getitem__, np.flatnonzero(np.bincount(rows.table.url)).tolist()))
        return without_templates(found, self.members.get("templates", {}))

    def document(self) -> dict[str, Any]:
        """The document in plain JSON types."""
        with no_collection():
            refs = self.refs.copy()
            for rows in self.tables:
                refs.update(rows.items())
            return {"refs": refs, **self.members}

    def text(self) -> Iterator[bytes]:
        """The canonical text of the document, in pieces (format section 10)."""
        empty = indented({**self.members, "refs": {}})
        head, found, tail = empty.partition('\n  "refs": {')
        # The members are sorted, and a line with this indentation is one of the document's own.
        yield (head + found).encode("ascii")
        between = "\n"
        for part in self._members():
            yield (between + part).encode("ascii")
            between = ",\n"
        yield f"\n  {tail}".encode("ascii")

    def _members(self) -> Iterator[str]:
        names = sorted(self.refs)
        done = 0
        for rows in sorted(self.tables, key=lambda rows: rows.before):
            # Nothing but the array's own keys starts with its path.
            first = bisect.bisect_left(names, rows.before)
            last = bisect.bisect_left(names, rows.before[:-1] + "0") if rows.before else len(names)
            yield from self._plain(names[done:first])
            yield from rows.members(names[first:last], self.refs)
            done = last
        yield from self._plain(names[done:])

    def _plain(self, names: Sequence[str]) -> Iterator[str]:
        for start in range(0, len(names), _BATCH):
            yield members({name: self.refs[name] for name in names[start : start + _BATCH]})


def members(refs: dict[str, Any]) -> str:
    """Members of ``refs`` as they stand in the text of a document."""
    inner = indented(refs).removeprefix("{\n").removesuffix("\n}")
    return "  " + inner.replace("\n", "\n  ")


def without_templates(addresses: Iterable[str], templates: Mapping[str, str]) -> set[str]:
    """Addresses with the texts that templates stand for."""
    return {_TEMPLATE.sub(lambda match: templates.get(match[1], match[0]), one) for one in addresses}


def is_reference(value: Any) -> bool:
    """Whether the value of a key is a list that starts with an address."""
    return isinstance(value, list) and bool(value) and isinstance(value[0], str)


def _tuples(index: npt.NDArray[np.int64]) -> Iterator[tuple[int, ...]]:
    """The rows of an index."""
    columns = index.T.tolist()
    return zip(*columns, strict=True) if columns else itertools.repeat((), len(index))


def _text_order(index: npt.NDArray[np.int64]) -> npt.NDArray[np.intp]:
    """The order of the rows by their names, where ``10`` comes before ``2``.

    Both separators sort before all digits, so that axis after axis can be compared: as text, which for whole
    numbers means to the left, and the shorter first where one is the beginning of the other.
    """
    if not index.shape[1]:
        return np.arange(len(index))
    sort_keys = []
    for column in index.T[::-1]:
        digits = np.searchsorted(_POWERS, column, side="right").astype(np.int8)
        width = int(digits.max(initial=0))
        sort_keys += [digits, column * 10 ** (width - digits.astype(np.int64))]
    return np.lexsort(sort_keys)
