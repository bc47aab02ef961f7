"""Journals on disk: who writes where, and what is found again."""

from __future__ import annotations

import threading

import pytest

from lindi_explorer.errors import FormatError
from lindi_explorer.staging.edits import AttributeEdit, AttributeRecord
from lindi_explorer.staging.journal import Step
from lindi_explorer.staging.journal_file import JournalFile, read_journal


def step(name: str) -> Step:
    return Step(f"Set {name}", (AttributeEdit("data", name, None, AttributeRecord(value="x")),))


@pytest.fixture
def journal(tmp_path):
    """Open the journal of one source: ``journal()``."""
    files = []

    def open_(source="https://example.org/a.nwb"):
        file = JournalFile(source, tmp_path)
        files.append(file)
        return file

    yield open_
    for file in files:
        file.close()


def test_what_was_saved_is_found_again_once_its_explorer_has_ended(journal):
    first = journal()
    first.save((step("a"), step("b")))
    assert journal().pending() is None, "the first is alive"
    first.close()
    found = journal().pending()
    assert found.steps == (step("a"), step("b"))


def test_names_that_are_not_utf8_are_kept(journal):
    first = journal()
    first.save((step("\udcff"),))
    first.close()
    assert journal().pending().steps == (step("\udcff"),)


def test_a_journal_is_found_whatever_slots_are_free_before_it(journal):
    first, second = journal(), journal()
    second.save((step("a"),))
    first.close()
    second.close()
    assert journal().pending().steps == (step("a"),)


def test_the_newest_of_several_is_offered(journal):
    files = [journal() for _ in range(3)]
    for number in (1, 2, 0):
        files[number].save((step(f"of {number}"),))
    for file in files:
        file.close()
    assert journal().pending().steps == (step("of 0"),)


def test_an_explorer_never_writes_over_what_was_left_behind(journal):
    first = journal()
    first.save((step("a"),))
    first.close()
    second = journal()
    second.save((step("b"),))
    assert second.pending().steps == (step("a"),)
    second.discard_pending()
    assert second.pending() is None
    second.close()
    assert journal().pending().steps == (step("b"),)


def test_sources_do_not_see_each_other(journal):
    first = journal()
    first.save((step("a"),))
    first.close()
    assert journal("https://example.org/b.nwb").pending() is None


def test_a_slot_can_be_given_back_in_another_thread(journal):
    first = journal()
    first.save((step("a"),))
    thread = threading.Thread(target=first.close)
    thread.start()
    thread.join()
    assert journal().pending() is not None


def test_saving_no_steps_removes_the_file(journal):
    first = journal()
    first.save((step("a"),))
    first.save(())
    assert not first.path.exists()


@pytest.mark.parametrize("text", ["", "{", "[]", '{"version": 1}', "null", "\xff"])
def test_a_damaged_journal_is_left_as_it_is(journal, text):
    first = journal()
    first.path.write_bytes(text.encode("latin-1"))
    first.close()
    second = journal()
    assert second.pending() is None
    second.save((step("b"),))
    assert first.path.read_bytes() == text.encode("latin-1")
    with pytest.raises(FormatError, match="cannot be read"):
        read_journal(first.path)


def test_a_journal_of_a_newer_version_says_so(journal):
    first = journal()
    first.save((step("a"),))
    first.path.write_text(first.path.read_text().replace('"version":2', '"version":3'))
    with pytest.raises(FormatError, match="newer version"):
        read_journal(first.path)
