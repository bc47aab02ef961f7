"""Bars that count bytes, on a terminal."""

from __future__ import annotations

from typing import Any

from tqdm import tqdm


def byte_bar(words: str) -> tqdm[Any]:
    """A bar that counts bytes, where somebody watches, and leaves nothing behind.

    Parameters
    ----------
    words : str
        What it looks like, in tqdm's form.

    Returns
    -------
    tqdm
    """
    return tqdm(unit="B", unit_scale=True, disable=None, leave=False, bar_format=words)
