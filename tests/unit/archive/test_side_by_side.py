"""A few things at the same time: who tells of them, and what happens when one goes wrong."""

from __future__ import annotations

import threading

import pytest

from lindi_explorer.archive.side_by_side import AT_ONCE, by_caller, side_by_side
from lindi_explorer.errors import CancelledByUserError
from lindi_explorer.remote import CancelToken, cancelling
from lindi_explorer.remote.cancel import current_token

WAIT = 20


def test_as_many_at_once_as_it_says_and_no_more():
    together = threading.Barrier(AT_ONCE, timeout=WAIT)
    lock, now, most = threading.Lock(), [0], [0]

    def work(_item):
        with lock:
            now[0] += 1
            most[0] = max(most[0], now[0])
        together.wait()  # nobody gets on unless so many are there at the same time
        with lock:
            now[0] -= 1

    side_by_side(work, range(3 * AT_ONCE))
    assert most == [AT_ONCE]


def test_each_is_done_once_and_nothing_is_asked_for_nothing():
    done = []
    side_by_side(done.append, range(100))
    assert sorted(done) == list(range(100))
    side_by_side(done.append, [])


def test_only_the_calling_thread_tells():
    told = []

    def work(item):
        by_caller(lambda: told.append((item, threading.get_ident())))

    side_by_side(work, range(20))
    assert sorted(told) == [(item, threading.get_ident()) for item in range(20)]
    by_caller(lambda: told.append("at once"))
    assert told[-1] == "at once"


def test_after_a_failure_no_other_begins_and_those_under_way_end_well():
    begun, ended = [], []
    together, failed = threading.Barrier(AT_ONCE, timeout=WAIT), threading.Event()

    def work(item):
        begun.append(item)
        together.wait()
        if item == 0:
            by_caller(failed.set)
            raise ValueError("the first")
        failed.wait(WAIT)
        ended.append(item)

    with pytest.raises(ValueError, match="the first"):
        side_by_side(work, range(50))
    assert sorted(begun) == list(range(AT_ONCE))
    assert sorted(ended) == list(range(1, AT_ONCE))


def test_after_a_hopeless_failure_the_others_are_stopped():
    together = threading.Barrier(AT_ONCE, timeout=WAIT)
    stopped = []

    def work(item):
        together.wait()
        if item == 0:
            raise KeyError("hopeless")
        stopped.append(current_token().wait(WAIT))

    with pytest.raises(KeyError):
        side_by_side(work, range(AT_ONCE), KeyError)
    assert stopped == [True] * (AT_ONCE - 1)


@pytest.mark.parametrize("when", ["before", "meanwhile"])
def test_the_token_of_the_caller_stops_them(when):
    token, begun = CancelToken(), []
    if when == "before":
        token.set()

    def work(item):
        begun.append(item)
        token.set()
        current_token().check()

    with cancelling(token), pytest.raises(CancelledByUserError):
        side_by_side(work, range(50))
    assert len(begun) <= AT_ONCE


def test_what_the_caller_raises_stops_them():
    stopped = []

    def work(_item):
        by_caller(interrupt)
        stopped.append(current_token().wait(WAIT))

    def interrupt():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        side_by_side(work, range(50))
    assert set(stopped) == {True}
    assert len(stopped) <= AT_ONCE
    assert not any(one.name == "lindi-explorer-upload-part" for one in threading.enumerate())
