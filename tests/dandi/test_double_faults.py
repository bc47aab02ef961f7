"""The double: faults by schedule."""

from __future__ import annotations

import http.client

import pytest

from tests.dandi.asking import ask


def test_throttling_says_when_to_come_again(double):
    double.fault("throttled", times=2, after=60)
    answers = [ask("GET", f"{double.api}/info/") for _ in range(3)]
    assert [answer.status for answer in answers] == [429, 429, 200]
    assert answers[0].headers["retry-after"] == "60"
    assert answers[0].json == {"detail": "Request was throttled. Expected available in 60 seconds."}


@pytest.mark.parametrize(("kind", "status"), [("broken", 500), ("router", 503), ("gateway", 504)])
def test_server_errors_in_their_shapes(double, kind, status):
    double.fault(kind, times=1)
    assert [ask("GET", f"{double.api}/info/").status for _ in range(2)] == [status, 200]


def test_every_third_request_of_one_kind(double):
    double.fault("broken", path="/users/", every=3)
    ask("GET", f"{double.api}/info/")
    found = [ask("GET", f"{double.api}/users/me/").status for _ in range(6)]
    assert found == [401, 401, 500, 401, 401, 500]
    double.mend()
    assert [ask("GET", f"{double.api}/users/me/").status for _ in range(3)] == [401] * 3


def test_resets_and_short_bodies(double, stored):
    asset = double.put_asset(double.add_dandiset(), "a", stored(bytes(5000)))
    link = ask("GET", double.download_url(asset)).headers["location"]
    double.fault("reset", "storage", times=1)
    with pytest.raises(ConnectionError):
        ask("GET", link)
    double.fault("short", "storage", times=1)
    with pytest.raises(http.client.IncompleteRead) as found:
        ask("GET", link, Range="bytes=0-999")
    assert len(found.value.partial) == 500
    double.fault("slow-down", "storage", times=1)
    assert b"SlowDown" in ask("GET", link).body
    assert ask("GET", link, Range="bytes=0-999").status == 206


def test_the_log_says_what_was_asked(double):
    ask("GET", f"{double.api}/info/?x=1", Range="bytes=0-1")
    (entry,) = double.log("api")
    assert (entry["method"], entry["path"], entry["range"]) == ("GET", "/api/info/", "bytes=0-1")
    assert not entry["keyed"]
    double.forget()
    assert double.log() == []
