"""Explorers without a browser: what they would send is collected."""

from __future__ import annotations

import threading

import pytest

from lindi_explorer.widget import explorer as module
from lindi_explorer.widget.explorer import LindiExplorer

PATIENCE = 30


@pytest.fixture(autouse=True)
def journals(tmp_path, monkeypatch):
    """A folder for journals, of this test alone."""
    folder = tmp_path / "journals"
    monkeypatch.setenv("LINDI_EXPLORER_JOURNAL_DIR", str(folder))
    return folder


@pytest.fixture(autouse=True)
def bundle(tmp_path, monkeypatch):
    """The browser's half need not have been built."""
    (tmp_path / "widget.js").write_text("export default {}")
    monkeypatch.setattr(module, "_STATIC", tmp_path)


class Page:
    """A view of an explorer: sends requests, waits for answers."""

    def __init__(self, explorer):
        self.explorer = explorer
        self.sent = []
        self._changed = threading.Condition()
        self._number = 0

    def take(self, content, buffers=None):
        with self._changed:
            self.sent.append((content, buffers or []))
            self._changed.notify_all()

    def wait(self, matches):
        with self._changed:
            assert self._changed.wait_for(lambda: any(matches(item) for item, _ in self.sent), PATIENCE)
        return next((item, buffers) for item, buffers in self.sent if matches(item))

    def ask(self, op, **params):
        self._number += 1
        id_ = f"page{id(self)}:{self._number}"
        self.explorer._handle_custom_msg({"op": op, "id": id_, **params}, [])
        return self.wait(lambda item: item["id"] == id_ and item["type"] != "progress")

    def event(self, kind):
        return self.wait(lambda item: item["id"] == "" and item["type"] == kind)[0]


@pytest.fixture
def explore(monkeypatch):
    """``explore(source, ...)``: an explorer, and a page that shows it."""
    made = []
    pages = {}
    monkeypatch.setattr(
        LindiExplorer, "send", lambda self, content, buffers=None: pages[id(self)].take(content, buffers)
    )

    def explore(source, **options):
        explorer = LindiExplorer(source, **options)
        made.append(explorer)
        page = pages[id(explorer)] = Page(explorer)
        return explorer, page

    yield explore
    for explorer in made:
        explorer.close()
    for thread in threading.enumerate():
        if thread.name.startswith("lindi-explorer"):
            thread.join(PATIENCE)
            assert not thread.is_alive(), "an explorer that is closed has no threads"
