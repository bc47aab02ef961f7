"""Batches: how items are cut into them, and that one is read while something is done with the last."""

from __future__ import annotations

import threading

import pytest

from lindi_explorer.staging import ahead
from lindi_explorer.staging.ahead import in_batches, one_ahead


def test_a_batch_is_full_by_its_bytes():
    assert list(in_batches([3, 3, 3, 9, 1], lambda size: size, 6)) == [[3, 3], [3], [9], [1]]


def test_one_item_may_be_larger_than_a_batch():
    assert list(in_batches([100], lambda size: size, 6)) == [[100]]


def test_a_batch_is_full_by_its_items(monkeypatch):
    monkeypatch.setattr(ahead, "MOST", 2)
    assert list(in_batches("abcde", lambda _: 0, 6)) == [["a", "b"], ["c", "d"], ["e"]]


def test_items_that_do_not_belong_together_are_in_batches_of_their_own():
    one, other = object(), object()
    owners = {"a": one, "b": one, "c": other, "d": one}
    assert list(in_batches("abcd", lambda _: 1, 6, owners.get)) == [["a", "b"], ["c"], ["d"]]


def test_nothing_makes_no_batch():
    assert list(in_batches([], len, 6)) == []


def test_every_item_comes_with_what_was_read_for_it():
    read = one_ahead([[1, 2], [3]], lambda batch: [number * 10 for number in batch])
    assert list(read) == [(1, 10), (2, 20), (3, 30)]


def test_the_next_batch_is_read_while_something_is_done_with_the_last():
    begun = [threading.Event() for _ in range(3)]

    def read(batch):
        for number in batch:
            begun[number].set()
        return batch

    coming = one_ahead([[0], [1], [2]], read)
    assert next(coming) == (0, 0)
    assert begun[1].wait(10)
    assert not begun[2].is_set()
    assert list(coming) == [(1, 1), (2, 2)]


def test_an_error_of_a_batch_comes_in_its_turn():
    def read(batch):
        if batch == [2]:
            raise OSError("gone")
        return batch

    coming = one_ahead([[1], [2]], read)
    assert next(coming) == (1, 1)
    with pytest.raises(OSError, match="gone"):
        next(coming)
