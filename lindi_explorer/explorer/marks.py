"""Which nodes are edited or have findings, and what a collapsed parent shows of that."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal, TypedDict

from lindi_explorer.explorer.protocol import Mark
from lindi_explorer.nwb.validate import Finding
from lindi_explorer.references import keys
from lindi_explorer.staging.changes import Change, NodeChange

Level = Literal["", "error", "warning"]
"""Hints are listed, not marked."""

_STRENGTH = {"": 0, "R": 1, "M": 2, "A": 3, "D": 4}
_LEVELS: dict[str, Level] = {"error": "error", "warning": "warning"}


def mark_of(change: Change) -> Mark:
    """The mark of the node that a change is about."""
    if isinstance(change, NodeChange) and None in (change.old, change.new):
        return "A" if change.old is None else "D"
    return "M"


class RowMarks(TypedDict):
    """Members of a `Row`."""

    mark: Mark
    below: Mark
    finding: Level
    finding_below: Level


class Marks:
    """Marks of all nodes; paths have no leading slash.

    Parameters
    ----------
    edited : mapping
        Path of each node that differs from the source -> its mark.
    findings : iterable of Finding
        That belong to the current edit.
    """

    def __init__(self, edited: Mapping[str, Mark], findings: Iterable[Finding]) -> None:
        self._own = dict(edited)
        self._below: dict[str, Mark] = {}
        for path, mark in self._own.items():
            for parent in keys.parents(path):
                if _STRENGTH[mark] > _STRENGTH[self._below.get(parent, "")]:
                    self._below[parent] = mark
        self._findings: dict[str, list[Finding]] = {}
        self._levels: dict[str, Level] = {}
        self._levels_below: dict[str, Level] = {}
        for finding in findings:
            self._note(finding)

    def _note(self, finding: Finding) -> None:
        path = finding.path.lstrip("/")
        self._findings.setdefault(path, []).append(finding)
        level = _LEVELS.get(finding.severity)
        if level is None:
            return
        self._levels[path] = _worse(self._levels.get(path, ""), level)
        for parent in keys.parents(path):
            self._levels_below[parent] = _worse(self._levels_below.get(parent, ""), level)

    def of(self, path: str) -> RowMarks:
        """The four members of a row that tell marks."""
        return {
            "mark": self._own.get(path, ""),
            "below": self._below.get(path, ""),
            "finding": self._levels.get(path, ""),
            "finding_below": self._levels_below.get(path, ""),
        }

    def attribute_finding(self, path: str, name: str) -> tuple[Level, str]:
        """The worst finding about one attribute, and its words."""
        level: Level = ""
        words = ""
        for finding in self._findings.get(path, ()):
            found = _LEVELS.get(finding.severity)
            if finding.attribute == name and found is not None and _worse(level, found) != level:
                level, words = found, finding.text
        return level, words


def _worse(one: Level, other: Level) -> Level:
    return "error" if "error" in (one, other) else one or other
