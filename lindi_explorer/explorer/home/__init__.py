"""The card of the whole file: session, file, contents, and when which object has data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lindi_explorer.explorer.home.contents import contents
from lindi_explorer.explorer.home.facts import file_facts, session_facts
from lindi_explorer.explorer.home.timeline import timeline
from lindi_explorer.explorer.protocol import GetHome, Home

if TYPE_CHECKING:
    from lindi_explorer.explorer.state import State, Work

__all__ = ["home"]


def home(state: State, _request: GetHome, work: Work) -> Home:
    """Answer from metadata, single values and the ends of time axes alone."""
    bars = timeline(state, work)
    return Home(
        session=session_facts(state, bars),
        file=file_facts(state),
        contents=contents(state, work),
        timeline=bars,
    )
