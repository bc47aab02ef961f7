"""The double: faults by schedule."""

from __future__ import annotations

import contextlib
import http.client

import pytest

from tests.dandi.asking import ask
from tests.dandi.conftest import ALICE
from tests.dandi.faults import ROTATION


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


def test_an_answer_that_is_lost_was_one_all_the_same(double, stored):
    dandiset = double.add_dandiset(["alice"])
    asset = double.put_asset(dandiset, "a", stored(b"x"))
    double.fault("lost", method="DELETE", times=1)
    url = f"{double.api}/dandisets/{dandiset}/versions/draft/assets/{asset}/"
    with pytest.raises(ConnectionError):
        ask("DELETE", url, token=ALICE)
    assert ask("DELETE", url, token=ALICE).status == 404


def test_every_third_request_fails_in_ten_ways_by_turns(double, stored):
    asset = double.put_asset(double.add_dandiset(), "a", stored(bytes(5000)))
    link = ask("GET", double.download_url(asset)).headers["location"]
    double.forget()
    double.rotate(3)
    for _ in range(60):
        for url, method in ((f"{double.api}/info/", "GET"), (link, "GET"), (link, "PUT"), (link, "POST")):
            with contextlib.suppress(ConnectionError, http.client.IncompleteRead):
                ask(method, url)
    met = [entry["fault"] for entry in double.log()]
    assert {bool(fault) for fault in met[2::3]} == {True}
    assert {bool(fault) for fault in met[::3] + met[1::3]} == {False}
    assert set(met) == {"", *ROTATION}
    assert len(ROTATION) == 10


def test_a_file_that_is_away_for_a_moment_is_missed(double, stored):
    dandiset = double.add_dandiset(["alice"])
    asset = double.put_asset(dandiset, "a", stored(b"x"))
    double.keep(dandiset, "a")
    ask("GET", f"{double.api}/info/")
    assert double.missed() == []
    ask("DELETE", f"{double.api}/dandisets/{dandiset}/versions/draft/assets/{asset}/", token=ALICE)
    double.put_asset(dandiset, "a", stored(b"y"))
    assert double.missed() == ["a"]


def test_the_log_says_what_was_asked(double):
    ask("GET", f"{double.api}/info/?x=1", Range="bytes=0-1")
    (entry,) = double.log("api")
    assert (entry["method"], entry["path"], entry["range"]) == ("GET", "/api/info/", "bytes=0-1")
    assert not entry["keyed"]
    double.forget()
    assert double.log() == []
