"""Messages in, answers out: in order, one at a time, overtaken by cancels, and nothing ever escapes."""

from __future__ import annotations

import gc
import threading
import weakref

import msgspec
import pytest

from lindi_explorer.errors import FormatError
from lindi_explorer.explorer import protocol as p
from lindi_explorer.remote import CancelToken, cancelling
from lindi_explorer.widget import pulse
from lindi_explorer.widget.bridge import Bridge

PATIENCE = 20


class Views:
    """Takes what is sent, and waits for it."""

    def __init__(self):
        self.sent = []
        self._changed = threading.Condition()

    def __call__(self, content, buffers):
        with self._changed:
            self.sent.append((content, list(buffers)))
            self._changed.notify_all()

    def answers(self):
        return [content for content, _ in self.sent if content["type"] != "progress"]

    def wait(self, enough):
        with self._changed:
            assert self._changed.wait_for(lambda: enough(self), PATIENCE), self.sent

    def answer(self, id_):
        """The answer with an id, waited for."""
        self.wait(lambda views: any(content["id"] == id_ for content in views.answers()))
        return next(content for content in self.answers() if content["id"] == id_)


class Session:
    """Answers like a session; requests whose path is a gate wait until it is opened."""

    def __init__(self):
        self.gates = {}
        self.entered = {}
        self.handled = []
        self.fault = None

    def gate(self, path):
        self.gates[path], self.entered[path] = threading.Event(), threading.Event()
        return self.gates[path]

    def handle(self, request, *, cancel, progress):
        self.handled.append(request.id)
        path = getattr(request, "path", "")
        with cancelling(cancel), cancel.calling(self.gates.get(path, threading.Event()).set):
            if path in self.gates:
                self.entered[path].set()
                assert self.gates[path].wait(PATIENCE)
            cancel.check()
        if self.fault is not None:
            raise self.fault
        return p.Json(id=request.id, path=path, text="{}"), [b"data"]


@pytest.fixture
def session():
    return Session()


@pytest.fixture
def views():
    return Views()


@pytest.fixture
def bridge(session, views):
    bridge = Bridge(session.handle, views)
    yield bridge
    for gate in session.gates.values():
        gate.set()
    bridge.close()
    join()


def join():
    """Wait for all worker threads to end."""
    for thread in threading.enumerate():
        if thread.name.startswith("lindi-explorer"):
            thread.join(PATIENCE)
            assert not thread.is_alive()


def ask(bridge, id_, op="json", **params):
    bridge.receive({"op": op, "id": id_, "path": "/", **params})


def test_a_request_is_answered_with_its_buffers(bridge, views):
    ask(bridge, "v:0")
    assert views.answer("v:0") == {"type": "json", "id": "v:0", "path": "/", "text": "{}"}
    assert views.sent[0][1] == [b"data"]


def test_requests_are_answered_in_order_one_at_a_time(bridge, session, views):
    session.gate("/slow")
    ask(bridge, "v:0", path="/slow")
    ask(bridge, "v:1")
    ask(bridge, "v:2")
    assert session.entered["/slow"].wait(PATIENCE)
    assert session.handled == ["v:0"]
    session.gates["/slow"].set()
    views.answer("v:2")
    assert [answer["id"] for answer in views.answers()] == ["v:0", "v:1", "v:2"]


def test_of_twenty_steps_of_a_slider_the_first_and_the_last_are_read(bridge, session, views):
    session.gate("/frame0")
    for number in range(20):
        ask(bridge, f"v:{number}", op="preview", path=f"/frame{number}")
        if number == 0:
            assert session.entered["/frame0"].wait(PATIENCE)
        elif number > 1:
            bridge.receive({"op": "cancel", "id": "c", "target": f"v:{number - 1}"})
    # The running one last: it would make room for one that is about to be cancelled.
    bridge.receive({"op": "cancel", "id": "c", "target": "v:0"})
    assert views.answer("v:19")["type"] == "json"
    assert session.handled == ["v:0", "v:19"]
    assert [views.answer(f"v:{number}").get("code") for number in range(19)] == ["cancelled"] * 19


def test_a_waiting_request_that_is_cancelled_answers_at_once(bridge, session, views):
    session.gate("/slow")
    ask(bridge, "v:0", path="/slow")
    ask(bridge, "v:1")
    assert session.entered["/slow"].wait(PATIENCE)
    bridge.receive({"op": "cancel", "id": "c", "target": "v:1"})
    # Without the worker: it is still busy with the first one.
    assert [answer["id"] for answer in views.answers()] == ["v:1"]
    assert views.answers()[0]["code"] == "cancelled"


def test_a_running_request_that_is_cancelled_is_stopped(bridge, session, views):
    session.gate("/slow")
    ask(bridge, "v:0", path="/slow")
    assert session.entered["/slow"].wait(PATIENCE)
    bridge.receive({"op": "cancel", "id": "c", "target": "v:0"})
    assert views.answer("v:0")["code"] == "cancelled"
    bridge.receive({"op": "cancel", "id": "c", "target": "v:0"})
    bridge.receive({"op": "cancel", "id": "c", "target": "never seen"})
    ask(bridge, "v:1")
    assert views.answer("v:1")["type"] == "json"
    assert len(views.answers()) == 2, "a cancel has no answer of its own"


def test_checks_do_not_hold_up_browsing(bridge, session, views):
    session.gate("")
    bridge.receive({"op": "validate", "id": "v:0"})
    assert session.entered[""].wait(PATIENCE)
    ask(bridge, "v:1")
    assert views.answer("v:1")["type"] == "json"
    assert "v:0" not in [answer["id"] for answer in views.answers()]


# ---------------------------------------------------------------- what goes wrong


def test_an_archive_that_is_slow_holds_up_neither_browsing_nor_checks(bridge, session, views):
    session.gate("/slow")
    ask(bridge, "v:0", op="upload_plan", archive="a", dandiset="000001", path="/slow")
    assert session.entered["/slow"].wait(PATIENCE)
    ask(bridge, "v:1")
    ask(bridge, "v:2", op="validate")
    views.answer("v:1")
    views.answer("v:2")
    assert "v:0" not in [content["id"] for content in views.answers()]
    session.gates["/slow"].set()
    views.answer("v:0")


@pytest.mark.parametrize("op", ["cancel_upload", "upload_state", "upload"])
def test_what_is_about_an_upload_waits_for_nothing(bridge, session, views, op):
    session.gate("/slow")
    ask(bridge, "v:0", path="/slow")
    ask(bridge, "v:1", op="upload_targets")
    assert session.entered["/slow"].wait(PATIENCE)
    wanted = {"archive": "dandi-sandbox", "dandiset": "000001"} if op == "upload" else {}
    bridge.receive({"op": op, "id": "v:2", **wanted})
    assert views.answer("v:2")["type"] == "json"
    assert "v:0" not in [answer["id"] for answer in views.answers()]


def test_errors_of_the_family_keep_their_words(bridge, session, views):
    session.fault = FormatError("it is no file", hint="Look again.")
    ask(bridge, "v:0")
    answer = views.answer("v:0")
    assert (answer["type"], answer["code"], answer["hint"]) == ("failure", "format", "Look again.")


@pytest.mark.parametrize("error", [RuntimeError("secret=1"), MemoryError(), SystemExit(), RecursionError()])
def test_nothing_escapes_and_the_next_request_is_answered(bridge, session, views, error):
    session.fault = error
    ask(bridge, "v:0")
    answer = views.answer("v:0")
    assert (answer["type"], answer["code"]) == ("failure", "internal")
    assert "secret" not in str(answer)
    session.fault = None
    ask(bridge, "v:1")
    assert views.answer("v:1")["type"] == "json"


@pytest.mark.parametrize(
    "content",
    [
        None,
        3,
        "text",
        [],
        {},
        {"op": "json"},
        {"op": "nonsense", "id": "v:0"},
        {"op": "json", "id": 5, "path": "/"},
        {"op": "json", "id": "v:0", "path": 5},
        {"op": "preview", "id": "v:0", "path": "/", "width": "wide"},
        {"id": "v:0"},
        {1: 2},
        {"op": "json", "id": "x" * 100_000},
        b"bytes",
        object(),
    ],
)
def test_messages_that_are_none_are_answered_with_a_failure(bridge, views, content):
    bridge.receive(content)
    (answer,) = views.answers()
    assert (answer["type"], answer["code"]) == ("failure", "bad-request")
    known = isinstance(content, dict) and content.get("id") == "v:0"
    assert answer["id"] == ("v:0" if known else "")
    assert len(msgspec.json.encode(answer)) < 2000


def test_an_id_is_used_once(bridge, session, views):
    session.gate("/slow")
    ask(bridge, "v:0", path="/slow")
    assert session.entered["/slow"].wait(PATIENCE)
    ask(bridge, "v:0")
    assert views.answers()[0]["code"] == "bad-request"
    assert session.handled == ["v:0"]


def test_what_cannot_be_sent_is_a_failure(session):
    views = Views()

    def send(content, buffers):
        if content["type"] == "json":
            raise UnicodeEncodeError("utf-8", "\ud800", 0, 1, "surrogates not allowed")
        views(content, buffers)

    bridge = Bridge(session.handle, send)
    ask(bridge, "v:0")
    assert views.answer("v:0")["code"] == "internal"
    ask(bridge, "v:1", op="home")
    views.answer("v:1")
    bridge.close()


def test_a_page_that_has_gone_stops_nothing(session):
    done = threading.Event()

    def send(content, buffers):
        if content["id"] == "v:1":
            done.set()
        raise RuntimeError("comm closed")

    bridge = Bridge(session.handle, send)
    ask(bridge, "v:0")
    ask(bridge, "v:1")
    assert done.wait(PATIENCE)
    bridge.close()


# ---------------------------------------------------------------- progress


@pytest.fixture
def quick(monkeypatch):
    monkeypatch.setattr(pulse, "FIRST", 0)
    monkeypatch.setattr(pulse, "EVERY", 0.001)


def test_long_work_gives_signs_of_life(quick, session, views):
    session.gate("/slow")
    traffic = iter(range(10_000))
    bridge = Bridge(session.handle, views, lambda: (next(traffic), 1000))
    ask(bridge, "v:0", op="preview", path="/slow")
    views.wait(lambda views: len(views.sent) >= 3)
    content, _ = views.sent[0]
    assert (content["type"], content["id"], content["words"]) == ("progress", "v:0", "Reading")
    assert content["requests"] >= 1
    assert content["bytes"] == 0
    session.gates["/slow"].set()
    views.answer("v:0")
    bridge.close()
    join()
    assert views.sent[-1][0]["type"] == "json", "nothing comes after the answer"


def test_the_words_of_the_session_are_passed_on(quick, views):
    seen = threading.Event()

    def handle(request, *, cancel, progress):
        progress(p.Progress(id=request.id, words="Reading chunks", done=3, total=9, bytes=7, requests=2))
        assert seen.wait(PATIENCE)
        return p.Json(id=request.id, path="/", text=""), []

    bridge = Bridge(handle, views)
    ask(bridge, "v:0")
    views.wait(lambda views: any(content.get("words") == "Reading chunks" for content, _ in views.sent))
    seen.set()
    views.answer("v:0")
    bridge.close()


def test_quick_work_gives_none(bridge, views):
    for number in range(20):
        ask(bridge, f"v:{number}")
    views.answer("v:19")
    assert len(views.sent) == 20


# ---------------------------------------------------------------- from several threads


def test_requests_from_many_threads_are_all_answered(bridge, session, views):
    """JupyterLab's subshells call handlers on threads of their own."""

    def send(name):
        for number in range(25):
            ask(bridge, f"{name}:{number}")
            if number % 3 == 0:
                bridge.receive({"op": "cancel", "id": "c", "target": f"{name}:{number}"})

    threads = [threading.Thread(target=send, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    views.wait(lambda views: len(views.answers()) == 100)
    assert len({answer["id"] for answer in views.answers()}) == 100
    assert {answer["type"] for answer in views.answers()} <= {"json", "failure"}


# ---------------------------------------------------------------- the end


def test_closing_stops_the_work_and_ends_the_threads(session, views):
    session.gate("/slow")
    bridge = Bridge(session.handle, views)
    ask(bridge, "v:0", path="/slow")
    ask(bridge, "v:1")
    bridge.receive({"op": "validate", "id": "v:2"})
    assert session.entered["/slow"].wait(PATIENCE)
    bridge.close()
    join()
    assert "v:1" not in session.handled
    sent = len(views.sent)
    ask(bridge, "v:3")
    bridge.tell(p.Json(path="/", text=""))
    assert len(views.sent) == sent
    bridge.close()


def test_a_bridge_without_requests_has_no_thread(session, views):
    before = threading.active_count()
    Bridge(session.handle, views)
    assert threading.active_count() == before


def test_an_answered_request_is_not_kept(views):
    class Big:
        pass

    big = Big()
    gone = weakref.ref(big)
    boxes = [big]
    del big

    def handle(request, *, cancel, progress):
        boxes.pop()
        return p.Json(id=request.id, path="/", text=""), []

    bridge = Bridge(handle, views)
    ask(bridge, "v:0")
    views.answer("v:0")
    gc.collect()
    assert gone() is None
    bridge.close()


def test_the_token_of_a_request_is_its_own(views):
    tokens = []

    def handle(request, *, cancel, progress):
        tokens.append(cancel)
        return p.Json(id=request.id, path="/", text=""), []

    bridge = Bridge(handle, views)
    ask(bridge, "v:0")
    ask(bridge, "v:1")
    views.answer("v:1")
    assert len(set(map(id, tokens))) == 2
    assert all(isinstance(token, CancelToken) for token in tokens)
    bridge.close()
