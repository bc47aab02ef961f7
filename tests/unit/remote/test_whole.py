"""The first request to a file, and fetching a document whole."""

from __future__ import annotations

import random

import pytest

from lindi_explorer.errors import (
    AccessDeniedError,
    MissingFileError,
    RangeNotSupportedError,
    UnsupportedError,
)
from lindi_explorer.remote import LocalCache, RangeReader

MB = 1 << 20
LARGE = random.Random(1).randbytes(3 * MB + 777)


@pytest.fixture
def reader(at_once):
    with RangeReader(retries=at_once) as made:
        yield made


def test_one_request_tells_size_version_and_head(server, reader) -> None:
    head = reader.size_and_head(server.put("f", LARGE))
    assert (head.size, head.etag, head.head, head.ranges) == (len(LARGE), '"v1"', LARGE[:MB], True)
    assert not head.complete
    assert server.ranges() == [(0, MB)]


def test_a_small_file_comes_whole_with_it(server, reader) -> None:
    url = server.put("f", b"abc")
    head = reader.size_and_head(url)
    assert (head.size, head.head, head.complete) == (3, b"abc", True)
    assert reader.fetch_whole(url, head=head) == b"abc"
    assert len(server.seen) == 1


def test_an_empty_file(server, reader) -> None:
    head = reader.size_and_head(server.put("f", b""))
    assert (head.size, head.head, head.complete) == (0, b"", True)
    assert reader.fetch_whole(server.origin + "/f") == b""


def test_the_whole_is_fetched_in_parts(server, reader) -> None:
    url = server.put("f", LARGE)
    told = []
    assert reader.fetch_whole(url, progress=lambda done, size: told.append((done, size))) == LARGE
    assert sorted(server.ranges()) == [(0, MB), (MB, 2 * MB), (2 * MB, 3 * MB), (3 * MB, len(LARGE))]
    assert told[0] == (MB, len(LARGE))
    assert told[-1] == (len(LARGE), len(LARGE))
    assert [done for done, _ in told] == sorted(done for done, _ in told)


@pytest.mark.parametrize("length", ["named", "not named"])
def test_also_from_a_server_without_ranges(server, reader, answer, length) -> None:
    headers = {} if length == "named" else {"Content-Length": None}
    server.always = lambda _: answer(ignore_range=True, headers=headers)
    url = server.put("f", LARGE)
    head = reader.size_and_head(url)
    assert (head.size, head.ranges) == (len(LARGE) if length == "named" else None, False)
    assert head.head == LARGE[:MB]
    told = []
    assert reader.fetch_whole(url, head=head, progress=lambda done, size: told.append(done)) == LARGE
    assert told[-1] == len(LARGE)
    assert len(server.seen) == 2
    assert server.seen[1].range is None


def test_a_small_file_of_unknown_length(server, reader, answer) -> None:
    server.always = lambda _: answer(ignore_range=True, headers={"Content-Length": None})
    head = reader.size_and_head(server.put("f", b"abc"))
    assert (head.size, head.complete) == (3, True)


def test_a_document_above_the_limit_is_not_fetched(server, reader, answer) -> None:
    url = server.put("f", LARGE)
    with pytest.raises(UnsupportedError, match=r"has 3\.15 MB, more than the 2\.00 MB"):
        reader.fetch_whole(url, limit=2_000_000)
    assert len(server.seen) == 1
    assert reader.fetch_whole(url, limit=len(LARGE)) == LARGE


def test_nor_one_of_unknown_length(server, at_once, answer) -> None:
    server.always = lambda _: answer(ignore_range=True, headers={"Content-Length": None})
    with RangeReader(retries=at_once) as reader, pytest.raises(UnsupportedError, match="more than the 2"):
        reader.fetch_whole(server.put("f", LARGE), limit=2_000_000)


def test_a_truncated_whole_is_fetched_again(server, reader, answer) -> None:
    server.plan = [answer(ignore_range=True), answer(cut=100_000)]
    assert reader.fetch_whole(server.put("f", LARGE)) == LARGE


def test_a_server_that_hides_the_size_cannot_be_read(server, reader, answer) -> None:
    server.plan = [answer(headers={"Content-Range": f"bytes 0-{MB - 1}/*"})]
    with pytest.raises(RangeNotSupportedError, match="does not say how large"):
        reader.size_and_head(server.put("f", LARGE))


def test_a_web_page_is_handed_on_for_the_opener_to_judge(server, reader, answer) -> None:
    server.plan = [answer(200, {"Content-Type": "text/html"}, b"<!doctype html><p>Log in")]
    assert reader.size_and_head(server.origin + "/f").head.startswith(b"<!doctype html>")


@pytest.mark.parametrize(("status", "error"), [(404, MissingFileError), (403, AccessDeniedError)])
def test_faults(server, reader, answer, status, error) -> None:
    server.plan = [answer(status)]
    with pytest.raises(error):
        reader.size_and_head(server.put("f", LARGE))


def test_the_second_time_one_request_asks_whether_it_changed(server, tmp_path) -> None:
    url = server.put("f", LARGE)
    for turn in range(2):
        server.seen.clear()
        cache = LocalCache(cache_dir=tmp_path)
        with RangeReader(local_cache=cache) as reader:
            assert reader.fetch_whole(url) == LARGE
        cache.close()
        assert len(server.seen) == (4 if turn == 0 else 1)
    server.put("f", LARGE[::-1], etag='"v2"')
    cache = LocalCache(cache_dir=tmp_path)
    with RangeReader(local_cache=cache) as reader:
        assert reader.fetch_whole(url) == LARGE[::-1]
    cache.close()
