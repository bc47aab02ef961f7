"""Running the check of the edited file."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from lindi_explorer.explorer.protocol import Finding, Findings, Validate
from lindi_explorer.explorer.state import Check
from lindi_explorer.explorer.wire import to_wire
from lindi_explorer.nwb.validate import validate

if TYPE_CHECKING:
    from lindi_explorer.explorer.state import State, Work


def run_check(state: State, _request: Validate, work: Work) -> Findings:
    """Check the file as it is now; the result counts as long as nothing is edited."""
    start, steps = time.perf_counter(), state.journal.steps
    found = validate(state.file, cancel=work.cancel)
    state.set_check(Check(steps, tuple(found)))
    state.checking = False
    return Findings(
        findings=[
            Finding(
                severity=item.severity, text=to_wire(item.text), path=to_wire(item.path), source=item.source
            )
            for item in found
        ],
        status=state.status(),
        seconds=time.perf_counter() - start,
    )
