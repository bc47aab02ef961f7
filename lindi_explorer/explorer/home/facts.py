"""What session this is, and what file."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from lindi_explorer.explorer.home.look import children_of, text_at
from lindi_explorer.explorer.nodes import name_of
from lindi_explorer.explorer.protocol import Fact, TimeBar
from lindi_explorer.explorer.wire import to_wire
from lindi_explorer.explorer.words import bytes_words, duration_words, time_words

if TYPE_CHECKING:
    from lindi_explorer.explorer.state import State
    from lindi_explorer.h5 import SourceInfo

_SEXES = {"F": "female", "M": "male", "U": "sex unknown", "O": "other sex"}

_TEXTS = (
    ("Description", "session_description"),
    ("Session", "general/session_id"),
    ("Experimenter", "general/experimenter"),
    ("Lab", "general/lab"),
    ("Institution", "general/institution"),
    ("Keywords", "general/keywords"),
)
"""Facts that are a text of the file as it stands."""


def nwb_version(state: State) -> str:
    """``nwb_version`` of the root, empty for files that are not NWB."""
    value = state.journal.node("").attributes.get("nwb_version")
    return to_wire(value) if isinstance(value, str) else ""


def session_facts(state: State, bars: list[TimeBar]) -> list[Fact]:
    """Subject, start, length and the texts that describe the session; empty for files that are not NWB."""
    if not nwb_version(state):
        return []
    facts = [
        Fact(label="Subject", text=_subject(state), path="/general/subject"),
        Fact(
            label="Started",
            text=time_words(text_at(state, "session_start_time")),
            path="/session_start_time",
        ),
        Fact(label="Length", text=_length(bars)),
    ]
    facts += [Fact(label=label, text=text_at(state, path), path=f"/{path}") for label, path in _TEXTS]
    return [fact for fact in facts if fact.text]


def _subject(state: State) -> str:
    id_, species, sex, age = (
        text_at(state, f"general/subject/{name}") for name in ("subject_id", "species", "sex", "age")
    )
    return " · ".join(filter(None, (id_, species, _SEXES.get(sex, sex), age)))


def _length(bars: list[TimeBar]) -> str:
    """From the first to the last time any object has data."""
    spans = [span for bar in bars for span in bar.spans]
    if not spans:
        return ""
    return duration_words(max(stop for _, stop in spans) - min(start for start, _ in spans))


def file_facts(state: State) -> list[Fact]:
    """Source, size, versions and how it was opened."""
    source = state.file.source
    facts = [
        Fact(label="Source", text=source_words(source)),
        Fact(label="Size", text=_size(state)),
        Fact(label="NWB", text=" · ".join(filter(None, (nwb_version(state), _extensions(state))))),
        Fact(label="Format", text=source.format),
        Fact(label="Note", text=source.note),
        Fact(label="Opened", text=_opened(state)),
    ]
    return [fact for fact in facts if fact.text]


def source_words(source: SourceInfo) -> str:
    """Where a file came from, without saying where on this machine."""
    if source.kind == "remote":
        return source.address.partition("://")[2].partition("/")[0]
    return "local file" if source.kind == "local" else "in memory"


def _size(state: State) -> str:
    parts = []
    stored = state.sizes.below("")
    if stored is not None:
        parts.append(f"{bytes_words(stored)} stored")
    elif state.file.source.kind == "local":
        parts.append(bytes_words(os.stat(state.file.source.address).st_size))  # noqa: PTH116 - any path
    stats = state.file.reader.stats.snapshot()
    if stats.requests:
        parts.append(f"{bytes_words(stats.bytes)} read so far")
    return " · ".join(parts)


def _extensions(state: State) -> str:
    """Cached namespaces beside the core, with their versions."""
    names = []
    for path in children_of(state, "specifications"):
        versions = [name_of(version) for version in children_of(state, path)]
        if name_of(path) != "core" and versions:
            names.append(f"{name_of(path)} {versions[-1]}")
    return " · ".join(names)


def _opened(state: State) -> str:
    is_lindi = state.file.source.format.startswith("LINDI")
    how = " through a LINDI index" if is_lindi else ", indexed on demand"
    return f"in {duration_words(state.seconds)}{how}"
