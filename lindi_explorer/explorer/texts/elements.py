"""One element of an attribute <-> text: the table of types that a person can type.

The JSON side is that of `lindi_explorer.hdf5.values`, so nothing here knows HDF5.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from lindi_explorer.errors import LindiError
from lindi_explorer.hdf5.types import TypeSpec, type_words
from lindi_explorer.hdf5.values import Json, decode_float, encode_float
from lindi_explorer.references.annotations import REFERENCE

ResolveReference = Callable[[str], Json]
"""From the path of an object to the JSON of a reference to it; raises where there is none."""

_WHOLE = re.compile(r"[+-]?[0-9]{1,40}")
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
_WORDS = {"nan": math.nan, "infinity": math.inf, "inf": math.inf}
_TRUTH = {"true": True, "false": False}
NULL = "null"
"""The text of a reference to nothing; a path starts with a slash."""


class InvalidTextError(LindiError, ValueError):
    """A text that is no value of the type it is meant for."""

    code: ClassVar[str] = "bad-value"


@dataclass(frozen=True, slots=True)
class Element:
    """How the elements of one type are printed and parsed.

    Attributes
    ----------
    show : callable
        JSON value -> text.
    read : callable
        Text -> JSON value; raises `InvalidTextError`.
    text : bool
        Whether the text is taken as it is (spaces count) and stands in quotes inside lists.
    """

    show: Callable[[Json], str]
    read: Callable[[str], Json]
    text: bool = False


def element_of(spec: TypeSpec, resolve: ResolveReference) -> Element | None:
    """The element of a type, None where its values are not edited as text.

    Parameters
    ----------
    spec : TypeSpec
    resolve : callable
        Makes references from paths.

    Returns
    -------
    Element or None
    """
    if isinstance(spec, dict):
        if "string" in spec:
            return _string(spec)
        if "enum" in spec:
            return _enum(spec)
        if spec.get("reference") == "object":
            return _reference(resolve)
        return None
    dtype = np.dtype(spec)
    if dtype.kind == "b":
        return Element(lambda value: "true" if value else "false", _read_bool)
    if dtype.kind in "iu":
        return Element(str, lambda text: _read_int(text, spec))
    if dtype.kind == "f" and dtype.itemsize <= 8:
        return Element(lambda value: show_float(value, dtype), lambda text: _read_float(text, spec))
    if dtype.kind == "c" and dtype.itemsize <= 16:
        return _complex(dtype)
    return None


# ---------------------------------------------------------------- numbers


def show_float(value: Json, dtype: np.dtype[Any]) -> str:
    """The shortest text that reads back as the same float of this width.

    Parameters
    ----------
    value : Json
        A number, or one of the words JSON lacks.
    dtype : numpy.dtype
        float16, float32 or float64.

    Returns
    -------
    str
    """
    number = decode_float(value)
    if not math.isfinite(number):
        return str(encode_float(number))
    return str(dtype.newbyteorder("=").type(number))


def _clean(text: str) -> str:
    """Without space around, and with the plain minus: numbers are shown with a true one and may be pasted."""
    return text.strip().replace("\N{MINUS SIGN}", "-")


def _read_int(text: str, spec: TypeSpec) -> int:
    clean = _clean(text)
    if not _WHOLE.fullmatch(clean):
        raise InvalidTextError(f"{_quote(text)} is not a whole number", hint=_expects(spec))
    number = int(clean)
    dtype = spec["base"] if isinstance(spec, dict) else spec
    info = np.iinfo(np.dtype(dtype))
    if not info.min <= number <= info.max:
        raise InvalidTextError(
            f"{clean} is outside {np.dtype(dtype).name}",
            hint=f"Type a whole number from {_digits(info.min)} to {_digits(info.max)}.",
        )
    return number


def _read_float(text: str, spec: TypeSpec) -> Json:
    clean = _clean(text)
    sign = -1.0 if clean.startswith("-") else 1.0
    word = _WORDS.get(clean.lstrip("+-").lower())
    if word is not None:
        return encode_float(sign * word)
    if not _NUMBER.fullmatch(clean):
        raise InvalidTextError(f"{_quote(text)} is not a number", hint=_expects(spec))
    dtype = np.dtype(spec)  # type: ignore[arg-type]
    with np.errstate(over="ignore", under="ignore"):
        number = float(dtype.type(float(clean)))
    mantissa = re.split("[eE]", clean)[0]
    if math.isinf(number) or (number == 0 and mantissa.strip("+-0.")):
        raise InvalidTextError(
            f"{clean} is outside {dtype.name}", hint=f"The largest is {show_float(_largest(dtype), dtype)}."
        )
    return number


def _largest(dtype: np.dtype[Any]) -> float:
    return float(np.finfo(dtype).max)


def _complex(dtype: np.dtype[Any]) -> Element:
    """Complex numbers as Python writes them, e.g. ``1.5-2.0j``."""
    part = np.dtype(f"f{dtype.itemsize // 2}")

    def show(value: Json) -> str:
        real, imaginary = (show_float(item, part).replace("Infinity", "inf") for item in value)
        return f"{real}{'' if imaginary.startswith('-') else '+'}{imaginary}j".replace("NaN", "nan")

    def read(text: str) -> Json:
        clean = _clean(text)
        try:
            number = complex(clean)
        except ValueError as error:
            raise InvalidTextError(
                f"{_quote(text)} is not a complex number", hint="Type it like 1.5-2.0j."
            ) from error
        with np.errstate(over="ignore"):
            rounded = [float(part.type(item)) for item in (number.real, number.imag)]
        for before, after in zip((number.real, number.imag), rounded, strict=True):
            if math.isinf(after) and not math.isinf(before):
                raise InvalidTextError(f"{clean} is outside {dtype.name}", hint="Type smaller numbers.")
        return [encode_float(item) for item in rounded]

    return Element(show, read)


def _read_bool(text: str) -> bool:
    value = _TRUTH.get(text.strip().lower())
    if value is None:
        raise InvalidTextError(f"{_quote(text)} is neither true nor false", hint="Type true or false.")
    return value


# ---------------------------------------------------------------- the others


def _string(spec: Mapping[str, Any]) -> Element:
    length: int | None = spec.get("length")

    def read(text: str) -> str:
        try:
            data = text.encode(spec["string"])
        except UnicodeEncodeError as error:
            bad = text[error.start : error.end]
            raise InvalidTextError(
                f"{_quote(bad)} is not {spec['string'].upper()}",
                hint="Leave the character out, or choose another type.",
            ) from error
        # HDF5 ends text at a NUL where its length varies, and drops NULs at the end where it is fixed.
        if "\0" in text and (length is None or text.endswith("\0")):
            raise InvalidTextError("HDF5 text cannot hold the character NUL here", hint="Leave it out.")
        if length is not None and len(data) > length:
            raise InvalidTextError(
                f"the text takes {len(data)} bytes and this type holds {length}",
                hint="Shorten it, or choose another type.",
            )
        return text

    return Element(str, read, text=True)


def _enum(spec: Mapping[str, Any]) -> Element:
    members: dict[str, int] = spec["enum"]
    names = {value: name for name, value in members.items()}

    def read(text: str) -> int:
        for name in (text, text.strip()):
            if name in members:
                return members[name]
        if _WHOLE.fullmatch(_clean(text)):
            return _read_int(text, dict(spec))
        raise InvalidTextError(
            f"{_quote(text)} is not one of the values of this type", hint=f"Type one of: {_few(members)}."
        )

    return Element(lambda value: names.get(value, str(value)), read, text=True)


def _few(members: Mapping[str, int]) -> str:
    names = list(members)
    return ", ".join(names[:20]) + (" …" if len(names) > 20 else "")


def _reference(resolve: ResolveReference) -> Element:
    def show(value: Json) -> str:
        return str(value[REFERENCE]["path"]) if isinstance(value, dict) else NULL

    def read(text: str) -> Json:
        path = text.strip()
        if path == NULL:
            return None
        if not path.startswith("/"):
            raise InvalidTextError(
                f"{_quote(text)} is not the path of an object", hint="Type a path that starts with a slash."
            )
        return resolve(path)

    return Element(show, read, text=True)


def _quote(text: str) -> str:
    return f"“{text if len(text) <= 60 else text[:59] + '…'}”"


def _digits(number: int) -> str:
    return f"{number:,}".replace("-", "\N{MINUS SIGN}")


def _expects(spec: TypeSpec) -> str:
    return f"The type is {type_words(spec)}."
