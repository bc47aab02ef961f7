"""Findings of the checks."""

from __future__ import annotations

from typing import Literal

from lindi_explorer.explorer.protocol.messages import Message, Request, Response
from lindi_explorer.explorer.protocol.session import Status

Severity = Literal["error", "warning", "hint"]


class Finding(Message, frozen=True, kw_only=True):
    """One finding of a check."""

    severity: Severity
    text: str
    path: str
    source: str
    """Which check says so, e.g. ``pynwb.validate``."""


class Validate(Request, frozen=True, kw_only=True, tag="validate"):
    """Run pynwb's validator on the edited file. Answer: Findings."""


class Findings(Response, frozen=True, kw_only=True, tag="findings"):
    """Result of the last check of the current edit."""

    findings: list[Finding]
    status: Status
    seconds: float
