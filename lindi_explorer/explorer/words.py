"""Numbers inside sentences; numbers that stand alone are written by the view."""

from __future__ import annotations

import math
from datetime import datetime

_STEPS = ("B", "kB", "MB", "GB", "TB", "PB", "EB")


def bytes_words(count: int) -> str:
    """Bytes in SI units with three digits: ``412 kB``, ``1.25 MB``."""
    value, unit = float(count), 0
    while value >= 999.5 and unit < len(_STEPS) - 1:
        value, unit = value / 1000, unit + 1
    return f"{_three_digits(value)} {_STEPS[unit]}"


def rate_words(hertz: float) -> str:
    """A sampling rate: ``30 kHz``, ``29.97 Hz``."""
    if hertz >= 1000:
        return f"{_significant(hertz / 1000, 4)} kHz"
    return f"{_significant(hertz, 4)} Hz"


def duration_words(seconds: float) -> str:
    """A duration in the units of a clock: ``1 h 33 min 45 s``, ``0.85 s``, ``3 ms``."""
    if seconds < 0.0995:
        return f"{_three_digits(max(round(seconds * 1000), 1))} ms"
    if seconds < 59.95:
        return f"{_three_digits(seconds)} s"
    whole = round(seconds)
    parts = ((whole // 86400, "d"), (whole // 3600 % 24, "h"), (whole // 60 % 60, "min"), (whole % 60, "s"))
    return " ".join(f"{count:,} {unit}" for count, unit in parts if count)


def count_words(count: int, one: str, many: str = "") -> str:
    """A count with its noun: ``1 row``, ``640 rows``."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def time_words(text: str) -> str:
    """An ISO 8601 time as people read it, with its offset; any other text as it is."""
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        return text
    clock = time.replace(tzinfo=None).isoformat(" ", "seconds")
    return clock if time.tzinfo is None else f"{clock} {time.isoformat()[-6:]}"


def _three_digits(value: float) -> str:
    return _significant(value, 3)


def _significant(value: float, digits: int) -> str:
    if value == 0:
        return "0"
    places = max(0, digits - 1 - math.floor(math.log10(abs(value))))
    text = f"{value:,.{places}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
