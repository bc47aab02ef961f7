"""Attribute messages (format specification, IV.A.2.m)."""

from __future__ import annotations

import struct
from functools import partial
from typing import TYPE_CHECKING

from lindi_explorer.remote.walk.cursor import OddError
from lindi_explorer.remote.walk.datatype import datatype
from lindi_explorer.remote.walk.shared import with_committed
from lindi_explorer.remote.walk.values import behind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lindi_explorer.remote.walk.survey import Survey
    from lindi_explorer.remote.walk.want import Want

_SHARED_TYPE = 0x01
# Version, flags, and the lengths of name, type and space.
_HEAD = struct.Struct("<BBHHH")


def attribute(survey: Survey, message: bytes) -> Iterable[Want]:
    """Follow the value of an attribute."""
    if len(message) < _HEAD.size:
        raise OddError
    version, flags, name, kind, space = _HEAD.unpack_from(message)
    start = _HEAD.size
    if not 1 <= version <= 3:
        raise OddError
    if version == 1:
        flags = 0
        name, kind, space = [-(-length // 8) * 8 for length in (name, kind, space)]
    elif version == 3:
        start += 1  # the character set of the name
    start += name
    type_message, data = message[start : start + kind], message[start + kind + space :]
    if flags & _SHARED_TYPE:
        return with_committed(survey, type_message, partial(_value, survey, data))
    return _value(survey, data, type_message)


def _value(survey: Survey, data: bytes, type_message: bytes) -> Iterable[Want]:
    return behind(survey, datatype(type_message, survey.offset_width), data)
