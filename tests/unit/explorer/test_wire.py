"""Any text travels and comes back as it was."""

from __future__ import annotations

import msgspec
from hypothesis import example, given
from hypothesis import strategies as st

from lindi_explorer.explorer.wire import from_wire, to_wire

ANY = st.text(st.characters(exclude_categories=[]) | st.sampled_from("\udcff\U000f0fff\U000f0000"))


@given(ANY)
@example("a\udcffb\U000f0fff\U000f0000")
def test_any_text_comes_back(text):
    assert from_wire(to_wire(text)) == text


@given(ANY)
def test_any_text_can_be_sent(text):
    assert msgspec.json.decode(msgspec.json.encode(to_wire(text))) == to_wire(text)


@given(st.text())
def test_ordinary_text_travels_as_it_is(text):
    if "\U000f0fff" not in text:
        assert to_wire(text) == text


@given(st.text(st.sampled_from("a\U000f0fff\U000f0fffz")))
def test_what_never_was_sent_is_taken_as_it_is(text):
    from_wire(text)
