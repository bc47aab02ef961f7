"""The errors of reading that several modules raise, worded once."""

from __future__ import annotations

from lindi_explorer.byterange import redact_url
from lindi_explorer.errors import FormatError, RangeNotSupportedError, StaleFileError, UnsupportedError


def stale(url: str) -> StaleFileError:
    """Return the error for a file that changed while it was open."""
    return StaleFileError(
        f"{redact_url(url)} changed while it was open, so nothing more is read from it.",
        hint="Open it again to see the new version.",
    )


def no_ranges(url: str, total: int | None) -> RangeNotSupportedError:
    """Return the error for a server that sends whole files only; ``total`` is in bytes, if known."""
    size = "the whole file" if total is None else f"all {si_bytes(total)}"
    return RangeNotSupportedError(
        f"The server of {redact_url(url)} sends whole files only. Reading a part would download {size}, "
        "so nothing was read.",
        hint="Download the file and open the local copy, or use a server that answers range requests.",
    )


def past_end(name: str, end: int, total: int) -> FormatError:
    """Return the error for bytes wanted after the end of a file.

    Parameters
    ----------
    name : str
        URL or path of the file.
    end, total : int
        Where the wanted bytes end, and the file; in bytes.
    """
    return FormatError(
        f"{redact_url(name)} ends after {total:,} bytes, but bytes up to {end:,} are wanted.",
        hint="The file was cut off, or the reference belongs to another version of it.",
    )


def too_large(url: str, total: int | None, limit: int) -> UnsupportedError:
    """Return the error for a document that is larger than the limit; sizes in bytes."""
    size = "more than" if total is None else f"{si_bytes(total)}, more than"
    return UnsupportedError(
        f"{redact_url(url)} has {size} the {si_bytes(limit)} that are read in one piece.",
        hint="Check that this is the document you mean, or download it and open the local copy.",
    )


def si_bytes(count: int) -> str:
    """Return a number of bytes for people: SI units, three significant digits, such as ``13.7 GB``."""
    if count < 1000:
        return f"{count} bytes"
    value, units = count / 1000, ["kB", "MB", "GB", "TB", "PB"]
    while value >= 999.5 and len(units) > 1:
        value /= 1000
        del units[0]
    decimals = 2 if value < 9.995 else 1 if value < 99.95 else 0
    return f"{value:.{decimals}f} {units[0]}"
