"""Findings, and the errors that those which are in the way are raised as."""

from __future__ import annotations

from lindi_explorer.archive.preflight import Finding, Level
from lindi_explorer.errors import LindiError


class Findings:
    """What is found out, in the order in which people read it."""

    def __init__(self) -> None:
        self.all: list[Finding] = []
        self.errors: list[LindiError] = []
        """What is in the way."""

    def add(self, level: Level, title: str, detail: str) -> None:
        """Note something that is not in the way."""
        self.all.append(Finding(level, title, detail))

    def block(self, title: str, error: LindiError) -> None:
        """Note something that is in the way."""
        self.errors.append(error)
        detail = f"{error.message} {error.hint}".strip()
        self.all.append(Finding("blocked", title, detail))
