"""A read that is not wanted any more stops between chunks; a long one says how far it is."""

from __future__ import annotations

import numpy as np
import pytest

from lindi_explorer.errors import CancelledByUserError
from lindi_explorer.explorer.preview import csv
from lindi_explorer.explorer.protocol import GetCsv
from lindi_explorer.remote import CancelToken, current_token


@pytest.fixture
def blocks(make, monkeypatch):
    """40 chunks, one block each."""
    monkeypatch.setattr("lindi_explorer.explorer.preview.reading.BLOCK", 1)
    data = np.random.default_rng(0).random((4000, 20))
    return make(lambda file: file.create_dataset("x", data=data, chunks=(100, 20), compression="gzip"))


def cancel_after(reads, token, number, monkeypatch, file):
    read, read_now = file.reader.read, file.reader.read_now

    def stop():
        if len(reads) + 1 == number:
            token.set()

    async def stopping(byte_range, **options):
        stop()
        return await read(byte_range, **options)

    def stopping_now(byte_range, **options):
        stop()
        return read_now(byte_range, **options)

    monkeypatch.setattr(file.reader, "read", stopping)
    monkeypatch.setattr(file.reader, "read_now", stopping_now)


@pytest.mark.parametrize("view", ["line", "image"])
def test_no_chunk_is_read_after_cancelling(blocks, ask, watch, monkeypatch, view):
    reads, token = watch(blocks), CancelToken()
    cancel_after(reads, token, 3, monkeypatch, blocks)
    with pytest.raises(CancelledByUserError):
        ask(blocks, "/x", view=view, selection=":, :", cancel=token)
    assert len(reads) <= 3


def test_csv_stops_too(blocks, watch, monkeypatch):
    reads, token = watch(blocks), CancelToken()
    cancel_after(reads, token, 3, monkeypatch, blocks)
    with pytest.raises(CancelledByUserError):
        csv(blocks, GetCsv(id="v:1", path="/x", selection=":, :"), token)
    assert len(reads) <= 3


def test_a_token_that_is_set_reads_nothing(blocks, ask, watch):
    reads, token = watch(blocks), CancelToken()
    token.set()
    with pytest.raises(CancelledByUserError):
        ask(blocks, "/x", cancel=token)
    assert reads == []


def test_reads_are_made_under_the_token(blocks, ask, monkeypatch):
    token, seen = CancelToken(), []
    read_now = blocks.reader.read_now

    def looking(byte_range, **options):
        seen.append(current_token())
        return read_now(byte_range, **options)

    monkeypatch.setattr(blocks.reader, "read_now", looking)
    ask(blocks, "/x", view="line", cancel=token)
    assert set(seen) == {token}
    assert current_token() is None


def test_progress_counts_chunks(blocks, ask):
    told = []
    ask(blocks, "/x", view="line", selection=":, :", progress=lambda *said: told.append(said))
    assert told[0] == ("Reading chunks", 0, 40)
    assert told[-1] == ("Reading chunks", 39, 40)
    assert [done for _, done, _ in told] == sorted(done for _, done, _ in told)
