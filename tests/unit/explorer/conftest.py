"""Sessions on real files, each with a journal folder of its own."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import msgspec
import pytest

from lindi_explorer.explorer import protocol as p
from lindi_explorer.explorer.session import ExplorerSession

_ids = itertools.count(1)


class Asked:
    """A session that is asked in short: ``asked.node("/a")``. Every answer is encoded, as it would travel."""

    def __init__(self, session: ExplorerSession) -> None:
        self.session = session
        self.file = session.file

    def ask(self, kind: type[p.Request], **members: Any) -> Any:
        request = kind(id=f"view:{next(_ids)}", **members)
        response, _buffers = self.session.handle(request)
        assert response.id == request.id
        msgspec.json.encode(response)
        return response

    def open(self) -> p.Opened:
        return self.ask(p.Open)

    def status(self) -> p.Status:
        return self.open().status

    def children(self, path: str, **page: int) -> p.Children:
        return self.ask(p.GetChildren, path=path, **page)

    def rows(self, path: str) -> dict[str, p.Row]:
        return {row.name: row for row in self.children(path).rows}

    def card(self, path: str) -> p.NodeCard:
        return self.ask(p.GetNode, path=path).card

    def attributes(self, path: str) -> dict[str, p.Attribute]:
        return {attribute.name: attribute for attribute in self.card(path).attributes}

    def set(self, path: str, name: str, text: str, type: str = "") -> p.Edited:  # noqa: A002
        return self.ask(p.SetAttribute, path=path, name=name, text=text, type=type)

    def changes(self) -> p.Changes:
        return self.ask(p.GetChanges)


@pytest.fixture
def journals(tmp_path: Path) -> Path:
    """Where the journals of the test are kept."""
    return tmp_path / "journals"


@pytest.fixture
def explore(journals):
    """Open a source in a session: ``explore(path)``."""
    sessions = []

    def open_(source, **options):
        session = ExplorerSession.open(source, journal_folder=journals, **options)
        sessions.append(session)
        return Asked(session)

    yield open_
    for session in sessions:
        session.close()


@pytest.fixture
def sample(explore, sample_nwb):
    """The small NWB sample in a session."""
    return explore(sample_nwb)


@pytest.fixture
def edge(explore, edge_cases_h5):
    """The file of edge cases in a session."""
    return explore(edge_cases_h5)
