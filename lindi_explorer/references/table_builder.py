"""The chunks of one array in a document -> their table."""

from __future__ import annotations

import base64
import binascii
import contextlib
import copy
import itertools
import operator
import re
from collections.abc import Iterable
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from lindi_explorer.byterange import redact_url
from lindi_explorer.errors import FormatError
from lindi_explorer.references import keys
from lindi_explorer.references.checks import DAMAGED, LARGEST, Layout
from lindi_explorer.references.chunks import ChunkTable, chunk_grid
from lindi_explorer.references.outline import no_collection
from lindi_explorer.references.parsing import NOT_JSON, parsed
from lindi_explorer.references.places import RELATIVE, Locate, Place

BASE64 = "base64:"
"""How the text of a chunk starts that is no ASCII."""

_TEMPLATE = re.compile(r"\{\{(.*?)\}\}")

_MANY = 1000
"""So many chunks are decoded as columns; for few that takes longer than one by one."""

_NO_CHUNK = "is neither text nor [address, offset, length] with two whole numbers"

_BEHIND_DIGITS = chr(ord("9") + 1)
"""Comes after every text that begins with a digit."""

_LINES = str.maketrans("./", "\n\n")

_values = msgspec.json.Decoder(list[Any])
_triples = msgspec.json.Decoder(list[tuple[str, int, int]])


def inline_bytes(key: str, text: str) -> bytes:
    """The bytes that the value of a key stands for."""
    try:
        if text.startswith(BASE64):
            return base64.b64decode(text[len(BASE64) :], validate=True)
        return text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise FormatError(f"the value of {key!r} is not text", hint=DAMAGED) from error
    except (binascii.Error, ValueError) as error:
        raise FormatError(f"the value of {key!r} is not base64", hint=DAMAGED) from error


class Addresses:
    """The first elements of references -> places: templates expanded, members located."""

    def __init__(self, templates: dict[str, str], locate: Locate | None) -> None:
        self._templates = templates
        self._locate = locate

    def place(self, text: str) -> Place:
        """Where a reference leads.

        Raises
        ------
        FormatError
            If it names an unknown template, or leads out of its container.
        """

        def template(match: re.Match[str]) -> str:
            found = self._templates.get(match[1])
            if found is None:
                raise FormatError(f"names an unknown template: {redact_url(text)}")
            return found

        return self._located(_TEMPLATE.sub(template, text))

    def _located(self, address: str) -> Place:
        if self._locate is None or not address.startswith(RELATIVE):
            return Place(address)
        return self._locate(address.removeprefix(RELATIVE))

    def of_other(self, value: Any) -> Any:
        """The value of a key that belongs to no node; None where it leads to no place at all."""
        if not isinstance(value, list) or not value or not isinstance(value[0], str):
            return value
        try:
            # Templates are expanded where they are known.
            place = self._located(
                _TEMPLATE.sub(lambda match: self._templates.get(match[1], match[0]), value[0])
            )
        except FormatError:
            return None
        match value[1:]:
            case [int(offset), int(length)]:
                return [place.address, place.start + offset, length]
        return [place.address, *value[1:]]


class TableBuilder:
    """Collects the chunks of one array."""

    def __init__(self, path: str, layout: Layout, addresses: Addresses) -> None:
        shape, edges, separator = layout
        self._path = path
        self._grid = chunk_grid(shape, edges)
        self._pattern = keys.chunk_pattern(len(shape), separator)
        self._addresses = addresses
        self._inline: dict[tuple[int, ...], bytes] = {}
        self._urls: dict[str, int] = {}
        self._places: dict[str, tuple[int, Place]] = {}
        self._tables: list[npt.NDArray[np.int64]] = []

    def copy(self) -> TableBuilder:
        """Another one that has taken the same."""
        other = copy.copy(self)
        other._inline, other._urls, other._places = {**self._inline}, {**self._urls}, {**self._places}  # noqa: SLF001
        other._tables = [*self._tables]  # noqa: SLF001
        return other

    def take(self, names: list[str], values: list[Any]) -> list[str]:
        """Take the chunks out of some keys.

        Parameters
        ----------
        names : list of str
            What follows the array's path in the keys.
        values : list
            What stands behind each.

        Returns
        -------
        list of str
            The names that are no chunks of this array.
        """
        if len(names) > _MANY and (left := self._take_columns(names, values)) is not None:
            return left
        found, own, left = {}, [], []
        for name, value in zip(names, values, strict=True):
            if (match := self._pattern.fullmatch(name)) is not None:
                index = tuple(map(int, match.groups()))
                if all(map(operator.lt, index, self._grid)):
                    found[name] = index
                    own.append(value)
                    continue
            left.append(name)
        rows = []
        for (name, index), value in zip(found.items(), self._values(found, own), strict=True):
            if isinstance(value, str):
                self._inline[index] = inline_bytes(keys.join(self._path, name), value)
            else:
                rows.append(index + self._row(name, value))
        if rows:
            self._tables.append(np.array(rows, dtype=np.int64))
        return left

    def _take_columns(self, names: list[str], values: list[Any]) -> list[str] | None:
        """Take very many byte ranges at once; None where something among them needs a closer look."""
        may_be = ["0" <= name < _BEHIND_DIGITS for name in names]
        index = self._indices(list(itertools.compress(names, may_be)))
        with no_collection():
            columns = None if index is None else self._ranges(itertools.compress(values, may_be))
        if index is None or columns is None:
            return None
        self._tables.append(np.concatenate([index, columns], axis=1))
        return [*itertools.compress(names, map(operator.not_, may_be))]

    def _indices(self, names: list[str]) -> npt.NDArray[np.int64] | None:
        text = "\n".join(names)
        if text.count("\n") >= len(names):
            return None  # a name with a line of its own
        name = self._pattern.pattern.replace("(", "(?:")
        if not self._grid or not re.fullmatch(f"{name}(?:\n{name})*+", text):
            return None
        numbers = np.fromstring(text.translate(_LINES), dtype=np.int64, sep="\n")
        index = numbers.reshape(len(names), len(self._grid))
        return index if (index < self._grid).all() else None

    def _ranges(self, values: Iterable[Any]) -> npt.NDArray[np.int64] | None:
        try:
            triples = _triples.decode(b"[" + b",".join(values) + b"]")
            texts, offset, length = zip(*triples, strict=True)
            columns = np.array([offset, length], dtype=np.int64)
            places = {text: self._places.get(text) or self._place("", text) for text in set(texts)}
            known = np.array(
                [
                    (number, at, LARGEST if size is None else size)
                    for number, (_, at, size) in places.values()
                ],
                dtype=np.int64,
            )
        except (TypeError, OverflowError, *NOT_JSON, FormatError):
            return None
        row = {text: row for row, text in enumerate(places)}
        url, start, size = known[np.fromiter(map(row.__getitem__, texts), np.int64, len(texts))].T
        if (columns < 0).any() or (columns[0] > np.minimum(size, LARGEST - start) - columns[1]).any():
            return None
        columns[0] += start
        return np.stack([url, *columns], axis=1)

    def _values(self, names: Iterable[str], values: list[Any]) -> list[Any]:
        if values and type(values[0]) is msgspec.Raw:
            # One after the other where not all are text, or not all are JSON.
            with contextlib.suppress(TypeError, *NOT_JSON):
                return _values.decode(b"[" + b",".join(values) + b"]")
        return [
            parsed(keys.join(self._path, name), value) if type(value) is msgspec.Raw else value
            for name, value in zip(names, values, strict=True)
        ]

    def _row(self, name: str, value: Any) -> tuple[int, int, int]:
        text, offset, length = value if isinstance(value, list) and len(value) == 3 else (None, 0, 0)
        if type(text) is not str or type(offset) is not int or type(length) is not int:
            raise self._error(name, _NO_CHUNK)
        if offset < 0 or length < 0:
            raise self._error(name, _NO_CHUNK)
        if offset + length > LARGEST:
            raise self._error(name, "lies beyond any file")
        number, place = self._places.get(text) or self._place(name, text)
        if place.size is not None and offset + length > place.size:
            raise self._error(name, f"passes the end of {redact_url(text)}")
        return number, place.start + offset, length

    def _place(self, name: str, text: str) -> tuple[int, Place]:
        """The number of an address and its place; each is found once."""
        try:
            place = self._addresses.place(text)
        except FormatError as error:
            raise self._error(name, error.message) from None
        number = self._urls.setdefault(place.address, len(self._urls))
        self._places[text] = number, place
        return number, place

    def _error(self, name: str, words: str) -> FormatError:
        return FormatError(f"the value of {keys.join(self._path, name)!r} {words}", hint=DAMAGED)

    def build(self) -> ChunkTable:
        """The table of the chunks that were taken."""
        axes = len(self._grid)
        tables = self._tables
        if len(tables) == 1:
            table = tables[0]
        else:
            table = np.concatenate([np.empty((0, axes + 3), dtype=np.int64), *tables])
        return ChunkTable(
            grid=self._grid,
            urls=tuple(self._urls),
            index=table[:, :axes].copy(),
            url=table[:, axes].astype(np.int32),
            offset=table[:, axes + 1].copy(),
            length=table[:, axes + 2].copy(),
            inline=self._inline,
        )
