"""Attribute messages (format specification, IV.A.2.m)."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from lindi_explorer.remote.walk.cursor import OddError
from lindi_explorer.remote.walk.datatype import datatype
from lindi_explorer.remote.walk.shared import with_committed
from lindi_explorer.remote.walk.values import behind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lindi_explorer.remote.walk.survey import Survey
    from lindi_explorer.remote.walk.want import Want

_SHARED_TYPE = 0x01


def attribute(survey: Survey, message: bytes) -> Iterator[Want]:
    """Follow the value of an attribute."""
    cursor = survey.cursor(message)
    version, flags = cursor.number(1), cursor.number(1)
    lengths = [cursor.number(2) for _ in range(3)]  # of name, type and space
    if not 1 <= version <= 3:
        raise OddError
    if version == 1:
        flags = 0
        lengths = [-(-length // 8) * 8 for length in lengths]
    elif version == 3:
        cursor.skip(1)  # the character set of the name
    name, kind, space = lengths
    cursor.skip(name)
    type_message = cursor.take(kind)
    cursor.skip(space)
    data = message[cursor.at :]
    if flags & _SHARED_TYPE:
        yield from with_committed(survey, type_message, partial(_value, survey, data))
    else:
        yield from _value(survey, data, type_message)


def _value(survey: Survey, data: bytes, type_message: bytes) -> Iterator[Want]:
    yield from behind(survey, datatype(type_message, survey.offset_width), data)
