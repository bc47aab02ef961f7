"""Questions to a web interface."""

from __future__ import annotations

import pytest

from lindi_explorer.errors import AccessDeniedError, CancelledByUserError, TransferError
from lindi_explorer.remote import CancelToken, cancelling
from lindi_explorer.remote.calls import WebCalls


@pytest.fixture
def calls(server, at_once):
    made = WebCalls(server.origin, "service", at_once)
    yield made
    made.close()


def test_a_reply_is_whole_whatever_its_status(calls, server, answer):
    server.plan += [answer(status=404, body=b'{"detail": "none"}', headers={"X-Why": "so"})]
    reply = calls.get(f"{server.origin}/thing?x=1", {"X-Asked": "yes"})
    assert (reply.status, reply.body, reply.headers["x-why"]) == (404, b'{"detail": "none"}', "so")
    assert server.seen[0].headers["x-asked"] == "yes"
    assert server.seen[0].headers["accept"] == "application/json"


def test_a_reply_of_unknown_length(calls, server, answer):
    server.plan += [answer(status=200, body=b"[1]", headers={"Content-Length": None})]
    assert calls.get(f"{server.origin}/x").body == b"[1]"


def test_a_redirect_is_not_followed(calls, server, answer):
    server.plan += [answer(status=302, body=b"", headers={"Location": f"{server.origin}/y"})]
    assert calls.get(f"{server.origin}/x").status == 302
    assert [seen.path for seen in server.seen] == ["/x"]


def test_busy_and_broken_answers_are_asked_for_again(calls, server, answer):
    server.put("x", b"here")
    server.plan += [
        answer(status=429, body=b"", headers={"Retry-After": "0"}),
        answer(status=503, body=b""),
        answer(hang_up=True),
        answer(cut=2),
    ]
    assert calls.get(f"{server.origin}/x").body == b"here"
    assert len(server.seen) == 5


def test_in_the_end_it_says_who_is_busy(calls, server, answer):
    server.always = lambda _: answer(status=502, body=b"")
    with pytest.raises(TransferError, match="service is busy: the server answered 502, retry 6 of 6"):
        calls.get(f"{server.origin}/x?secret=1")


def test_in_the_end_it_says_who_did_not_answer(calls, server, answer):
    server.always = lambda _: answer(hang_up=True)
    with pytest.raises(TransferError, match="service did not answer") as found:
        calls.get(f"{server.origin}/x?secret=1")
    assert "secret" not in str(found.value)


def test_other_hosts_inside_this_computer_are_not_asked(calls, server):
    port = server.origin.rpartition(":")[2]
    with pytest.raises(AccessDeniedError):
        calls.get(f"http://localhost:{port}/x")
    assert server.seen == []


def test_it_can_be_cancelled(calls, server):
    token = CancelToken()
    token.set()
    with cancelling(token), pytest.raises(CancelledByUserError):
        calls.get(f"{server.origin}/x")
    assert server.seen == []
