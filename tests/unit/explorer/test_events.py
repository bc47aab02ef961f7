"""Every view hears of every edit, whoever makes it, and requests may come from many threads."""

from __future__ import annotations

import threading

import pytest

from lindi_explorer.explorer import protocol as p

DATA = "/acquisition/raw/data"


@pytest.fixture
def heard(sample):
    """What the views are told."""
    messages = []
    sample.session.subscribe(messages.append)
    return messages


def test_the_answer_of_an_edit_goes_to_every_view_once(sample, heard):
    answer = sample.set(DATA, "unit", "mV")
    assert [type(message) for message in heard] == [p.Edited]
    assert heard[0].id == ""
    assert (heard[0].words, heard[0].touched, heard[0].status) == (
        answer.words,
        answer.touched,
        answer.status,
    )
    sample.ask(p.Undo)
    assert heard[1].words == "Undone: Set unit of data"


def test_an_edit_in_python_is_told_too_and_is_durable(sample, heard, explore, sample_nwb):
    sample.file[DATA].attrs["unit"] = "mV"
    assert (heard[0].words, heard[0].touched) == ("Set unit of data", [DATA])
    assert heard[0].status.changes == 1
    assert sample.attributes(DATA)["unit"].mark == "M"
    sample.file.journal.undo()
    assert heard[1].words == "Undone: Set unit of data"
    sample.file["/general/subject/age"][()] = "P91D"
    assert heard[2].touched == ["/general/subject/age"]
    sample.session.close()
    assert explore(sample_nwb).open().pending.changes == 1


def test_what_changes_nothing_and_what_fails_is_not_told(sample, heard):
    text = sample.attributes(DATA)["unit"].edit_text
    sample.set(DATA, "unit", text)
    sample.ask(p.Undo)
    with pytest.raises(ValueError, match="not a number"):
        sample.set(DATA, "conversion", "fast")
    assert heard == []


def test_resuming_is_told_once(explore, sample_nwb):
    first = explore(sample_nwb)
    for number in range(3):
        first.set(DATA, f"note{number}", "x")
    first.session.close()
    asked, heard = explore(sample_nwb), []
    asked.session.subscribe(heard.append)
    asked.ask(p.ResumeJournal)
    assert [(message.words, message.pending) for message in heard] == [("Resumed 3 changes", None)]


def test_a_view_that_has_gone_hears_nothing(sample):
    heard = []
    stop = sample.session.subscribe(heard.append)
    stop()
    stop()
    sample.set(DATA, "unit", "mV")
    assert heard == []


def test_a_closed_session_no_longer_listens(sample_nwb, explore):
    from lindi_explorer.h5 import open_any

    file = open_any(sample_nwb)
    asked, heard = explore(file), []
    asked.session.subscribe(heard.append)
    asked.session.close()
    file[DATA].attrs["unit"] = "mV"
    assert heard == []
    file.close()


def test_requests_and_python_code_edit_at_once_and_nothing_is_lost(sample, explore, sample_nwb, count):
    each, errors = count(20, 200), []

    def by_request(name):
        sample.set(DATA, name, "x")
        sample.card(DATA)

    def by_python(name):
        sample.file[DATA].attrs[name] = 1

    def repeat(work, number):
        try:
            for turn in range(each):
                work(f"{work.__name__}{number}_{turn}")
        except BaseException as error:  # noqa: BLE001 - shown by the assertion
            errors.append(error)

    threads = [
        threading.Thread(target=repeat, args=(work, number))
        for number in range(2)
        for work in (by_request, by_python)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert sample.status().changes == 4 * each
    for kind, left in ((p.Undo, 0), (p.Redo, 4 * each)):
        for _ in range(4 * each):
            sample.ask(kind)
        assert sample.status().changes == left
    sample.session.close()
    assert explore(sample_nwb).open().pending.changes == 4 * each
