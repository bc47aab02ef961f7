"""The parts of a file are sent a few at a time: how many, what is told, and what is sent again."""

from __future__ import annotations

import threading
from collections import Counter

import numpy as np
import pytest

from lindi_explorer.archive import side_by_side
from lindi_explorer.archive.coming import Coming
from lindi_explorer.archive.etag import Part
from lindi_explorer.archive.side_by_side import AT_ONCE
from lindi_explorer.errors import CancelledByUserError, TransferError
from lindi_explorer.h5 import open_any
from lindi_explorer.remote import CancelToken, cancelling
from tests.unit.archive.conftest import NEW, PART

PARTS = -(-NEW.nbytes // PART)


def blob_parts(desk) -> list[dict]:
    """The requests that brought parts of the one large file, in the order in which they came."""
    puts = [entry for entry in desk.double.log("storage") if entry["method"] == "PUT"]
    return [entry for entry in puts if entry["path"] == puts[0]["path"]]


def arrived(entries) -> Counter:
    """How often each part was taken, and the answer said so."""
    return Counter(one["part"] for one in entries if one["status"] == 200 and not one["fault"])


def check(desk) -> None:
    """The uploaded file has what was new."""
    (path,) = [path for path in desk.listed() if path.endswith(".lindi.json")]
    with open_any(desk.double.download_url(desk.listed()[path])) as file:
        np.testing.assert_array_equal(file["new"][...], NEW)


def test_some_are_under_way_at_the_same_time_and_not_too_many(desk, monkeypatch):
    desk.double.set(part_seconds=0.2)
    with desk.edited() as file:
        desk.prepare(file, mode="json").run()
    parts = blob_parts(desk)
    assert max(one["beside"] for one in parts) == AT_ONCE - 1
    assert arrived(parts) == dict.fromkeys(range(1, PARTS + 1), 1)
    check(desk)
    desk.double.forget()
    monkeypatch.setattr(side_by_side, "AT_ONCE", 1)
    with desk.edited(new=NEW[::-1].copy()) as file:
        desk.prepare(file, mode="json", conflict="rename").run()
    assert max(one["beside"] for one in blob_parts(desk)) == 0


@pytest.mark.parametrize("kind", ["", "reset", "damaged", "slow-down", "lost", "expired"])
def test_progress_is_told_in_the_calling_thread_and_never_goes_back(desk, kind):
    if kind == "expired":
        desk.double.fault(kind, "storage", method="PUT", every=PARTS - 2, times=1)
    elif kind:
        desk.double.fault(kind, "storage", method="PUT", every=3, times=4)
    told = []

    def tell(progress):
        told.append((progress.step, progress.done, progress.total, threading.get_ident()))

    with desk.edited() as file:
        desk.prepare(file, mode="json").run(tell)
    assert {thread for *_, thread in told} == {threading.get_ident()}
    steps = [one[:3] for one in told]
    sending = [one for one in steps if one[0] == 4]
    assert sending == sorted(sending)
    assert sending[-1][1:] == (2 * NEW.nbytes, 2 * NEW.nbytes)
    check(desk)


def test_parts_that_were_under_way_when_one_failed_are_not_sent_again(desk):
    # The second part fails for good; by then others are on their way.
    desk.double.set(part_seconds=0.1)
    desk.double.fault("denied", "storage", method="PUT", every=2, times=1)
    with desk.edited() as file:
        with pytest.raises(TransferError, match="with status 403, AccessDenied"):
            desk.prepare(file, mode="json").run()
        first = blob_parts(desk)
        assert len(first) <= AT_ONCE + 1
        came = arrived(first)
        assert came
        desk.double.mend()
        desk.prepare(file, mode="json").run()
    assert arrived(blob_parts(desk)) == dict.fromkeys(range(1, PARTS + 1), 1)
    check(desk)


def test_when_links_have_expired_all_is_sent_anew_and_arrives_once(desk):
    desk.double.fault("expired", "storage", method="PUT", every=5, times=1)
    with desk.edited() as file:
        desk.prepare(file, mode="json").run()
    puts = [entry for entry in desk.double.log("storage") if entry["method"] == "PUT"]
    of_upload = {
        path: arrived([one for one in puts if one["path"] == path])
        for path in dict.fromkeys(one["path"] for one in puts)
    }
    old, new, *_ = of_upload.values()
    assert max(old.values()) == 1
    assert new == dict.fromkeys(range(1, PARTS + 1), 1)
    check(desk)


def test_a_cancel_in_the_middle_loses_no_more_than_what_was_under_way(desk):
    desk.double.set(part_seconds=0.1)
    token = CancelToken()

    def told(progress):
        if progress.step == 4 and progress.done > NEW.nbytes + 5 * PART:
            token.set()

    with desk.edited() as file:
        with pytest.raises(CancelledByUserError), cancelling(token):
            desk.prepare(file, mode="json").run(told)
        assert 0 < len(arrived(blob_parts(desk))) < PARTS
        desk.prepare(file, mode="json").run()
    came = arrived(blob_parts(desk))
    assert set(came) == set(range(1, PARTS + 1))
    assert sum(came.values()) - PARTS <= AT_ONCE
    check(desk)


def test_an_error_of_who_is_told_stops_the_parts_under_way(desk):
    desk.double.set(part_seconds=0.1)

    def told(progress):
        if progress.step == 4 and progress.done > NEW.nbytes:
            raise RuntimeError("no more")

    with desk.edited() as file:
        with pytest.raises(RuntimeError, match="no more"):
            desk.prepare(file, mode="json").run(told)
        assert len(blob_parts(desk)) <= AT_ONCE
        desk.prepare(file, mode="json").run()
    check(desk)


def test_who_is_slow_to_listen_is_told_less_often_and_holds_nothing_up():
    part = Part(1, 0, 1000, "")
    told, go_on = [], threading.Event()

    def listen(count):
        told.append(count)
        go_on.wait(20)

    coming = Coming(50, listen)

    def send(_item):
        for count in range(1, 1001):
            coming.tell(part, count)
        go_on.set()

    side_by_side.side_by_side(send, [1])
    assert told[-1] == 1050
    assert len(told) <= 3
    assert told == sorted(told)
