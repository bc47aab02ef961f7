"""Names as h5py shows them."""

from __future__ import annotations


def shown(name: str) -> str | bytes:
    """A name as h5py shows it: text, or bytes where it is not UTF-8."""
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        return name.encode("utf-8", "surrogateescape")
    return name
