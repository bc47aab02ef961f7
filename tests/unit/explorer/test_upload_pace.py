"""What the views are told of the progress of an upload."""

from __future__ import annotations

import pytest

from lindi_explorer.archive.preflight import Progress
from lindi_explorer.explorer import upload_pace
from lindi_explorer.explorer.protocol import UploadState
from lindi_explorer.explorer.upload_pace import Pace

SENDING = "Sending the document"


class Clock:
    now = 100.0

    def monotonic(self):
        return self.now


class Told:
    """Tells progress, and keeps what the views would have been told."""

    def __init__(self, clock):
        self.clock = clock
        self.pace = Pace()
        self.state = UploadState(state="running")

    def say(self, step, label, done, total, *, after=1.0):
        self.clock.now += after
        found = self.pace.after(self.state, Progress(step, label, done, total))
        if found is not None:
            self.state = found
        return found


@pytest.fixture
def told(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(upload_pace, "time", clock)
    return Told(clock)


def test_the_same_words_are_not_told_again_at_once(told):
    assert told.say(7, SENDING, 0, 100).done == 0
    assert told.say(7, SENDING, 1, 100, after=0.01) is None
    assert told.say(7, SENDING, 2, 100, after=0.5).done == 2


def test_the_end_of_a_step_is_told_whenever_it_comes(told):
    told.say(7, SENDING, 0, 100)
    assert told.say(7, SENDING, 100, 100, after=0.0).done == 100


def test_other_words_are_told_at_once_and_what_has_arrived_has_arrived(told):
    told.say(7, SENDING, 0, 100)
    told.say(7, SENDING, 60, 100)
    busy = told.say(7, "DANDI is busy, retry 1 of 6", 0, 100, after=0.0)
    assert (busy.label, busy.done) == ("DANDI is busy, retry 1 of 6", 60)
    assert told.say(7, SENDING, 20, 100, after=0.0).done == 60
    assert told.say(7, SENDING, 80, 100).done == 80


def test_the_speed_is_that_of_the_step(told):
    told.say(5, "Copying the data", 0, 1000)
    told.say(7, SENDING, 0, 100)
    assert told.say(7, SENDING, 50, 100, after=5.0).rate == 10.0


def test_what_another_part_of_the_same_step_has_sent_does_not_count(told):
    told.say(7, "Sending the patch", 1, 1)
    assert told.say(7, SENDING, 0, 100).done == 0


def test_bytes_that_are_read_and_then_sent_are_the_same_bytes(told):
    found = told.say(4, "Sending the new data", 100, 200)
    assert (found.done, found.total) == (50, 100)
