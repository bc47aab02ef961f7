"""What is known of the files that a reader has met."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lindi_explorer.remote.messages import Facts


class Pins:
    """What the first answer said about each file; every later answer must agree."""

    def __init__(self) -> None:
        self._facts: dict[str, Facts] = {}

    def get(self, url: str) -> Facts | None:
        """Return what is known about the file at a URL."""
        return self._facts.get(url)

    def hold(self, url: str, facts: Facts) -> Facts:
        """Keep the facts unless some are held already; return those that hold."""
        return self._facts.setdefault(url, facts)

    def forget(self, url: str) -> None:
        """Know nothing of the file any more."""
        self._facts.pop(url, None)
