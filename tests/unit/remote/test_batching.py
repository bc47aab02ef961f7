"""Many reads at once: how they are gathered, shared and stopped."""

from __future__ import annotations

import asyncio
import hashlib
import time

import pytest
import zarr.core.sync

from lindi_explorer.byterange import ByteRange
from lindi_explorer.errors import CancelledByUserError, FormatError, MissingFileError, TransferError
from lindi_explorer.remote import CancelToken, RangeReader, cancelling, current_token

DATA = b"".join(hashlib.sha256(str(i).encode()).digest() for i in range(125_000))  # 4 MB
KB = 1024


async def _read(reader: RangeReader, url: str, *ranges: tuple[int, int]) -> list[bytes]:
    return await asyncio.gather(*(reader.read(ByteRange(url, start, stop - start)) for start, stop in ranges))


async def _known(reader: RangeReader, server, url: str) -> None:
    """Let the first request, which goes alone, be over."""
    await reader.read(ByteRange(url, 0, 1))
    server.seen.clear()


@pytest.fixture
async def reader(at_once):
    made = RangeReader(retries=at_once)
    yield made
    await made.aclose()


async def test_neighbours_become_one_request(server, reader) -> None:
    url = server.put("f", DATA)
    ranges = [(5000 * i, 5000 * i + 1000) for i in reversed(range(20))]
    assert await _read(reader, url, *ranges) == [DATA[a:b] for a, b in ranges]
    assert server.ranges() == [(0, 96_000)]


async def test_the_gap_between_neighbours_has_a_limit(server, reader) -> None:
    url = server.put("f", DATA)
    await _known(reader, server, url)
    await _read(reader, url, (0, 10), (64 * KB + 10, 64 * KB + 20), (130 * KB, 130 * KB + 5))
    assert sorted(server.ranges()) == [(0, 64 * KB + 20), (130 * KB, 130 * KB + 5)]


async def test_merged_requests_have_a_largest_size(server, reader) -> None:
    url = server.put("f", DATA)
    await _known(reader, server, url)
    quarters = [(256 * KB * i, 256 * KB * (i + 1)) for i in range(5)]
    assert b"".join(await _read(reader, url, *quarters)) == DATA[: 1280 * KB]
    assert sorted(server.ranges()) == [(0, 1024 * KB), (1024 * KB, 1280 * KB)]


async def test_a_large_read_stays_one_request(server, reader) -> None:
    url = server.put("f", DATA)
    assert await _read(reader, url, (0, len(DATA))) == [DATA]
    assert server.ranges() == [(0, len(DATA))]


async def test_overlapping_and_equal_reads_share_their_bytes(server, reader) -> None:
    url = server.put("f", DATA)
    ranges = [(100, 200), (100, 200), (150, 300), (100, 110)]
    assert await _read(reader, url, *ranges) == [DATA[a:b] for a, b in ranges]
    assert server.ranges() == [(100, 300)]


async def test_files_are_not_mixed_up(server, reader) -> None:
    urls = [server.put(f"f{i}", bytes([i]) * 100) for i in range(3)]
    found = await asyncio.gather(*(reader.read(ByteRange(url, 10, 5)) for url in urls))
    assert found == [bytes([i]) * 5 for i in range(3)]
    assert len(server.seen) == 3


async def test_one_reference_past_the_end_does_not_harm_its_neighbours(server, reader) -> None:
    url = server.put("f", DATA[:1000])
    reads = [reader.read(ByteRange(url, start, 100)) for start in (0, 200, 950)]
    first, second, third = await asyncio.gather(*reads, return_exceptions=True)
    assert (first, second) == (DATA[:100], DATA[200:300])
    assert isinstance(third, FormatError)


async def test_the_way_to_a_new_file_is_found_once(server, reader, answer) -> None:
    server.put("f", DATA)
    server.always = lambda seen: answer(302, {"Location": "/f"}) if seen.path == "/api/download/" else None
    url = server.origin + "/api/download/"
    ranges = [(200_000 * i, 200_000 * i + 10) for i in range(10)]
    assert await _read(reader, url, *ranges) == [DATA[a:b] for a, b in ranges]
    assert [seen.path for seen in server.seen].count("/api/download/") == 1


async def test_an_address_that_looks_like_a_file_is_not_waited_for(server, reader) -> None:
    url = server.put("f", DATA)
    server.hold.clear()
    ranges = [(200_000 * i, 200_000 * i + 10) for i in range(10)]
    reads = asyncio.ensure_future(_read(reader, url, *ranges))
    # All come before any is answered.
    assert await asyncio.to_thread(lambda: all(server.arrived.acquire(timeout=30) for _ in ranges))
    server.hold.set()
    assert await reads == [DATA[a:b] for a, b in ranges]
    assert len(server.seen) == 10


async def test_one_that_leads_elsewhere_all_the_same_is_left_to_the_first(server, reader, answer) -> None:
    server.put("f", DATA)
    server.always = lambda seen: answer(302, {"Location": "/f"}) if seen.path == "/g" else None
    ranges = [(200_000 * i, 200_000 * i + 10) for i in range(10)]
    assert await _read(reader, server.origin + "/g", *ranges) == [DATA[a:b] for a, b in ranges]
    paths = [seen.path for seen in server.seen]
    assert paths.count("/g") <= 10
    assert paths.count("/f") == 10
    # It is known to lead elsewhere from now on: when its way is too old, one finds it for all.
    reader._exchange.routes._clock = lambda: time.time() + 3600
    server.seen.clear()
    assert await _read(reader, server.origin + "/g", *ranges) == [DATA[a:b] for a, b in ranges]
    assert [seen.path for seen in server.seen].count("/g") == 1


async def test_few_guess_where_many_read(server, at_once, answer) -> None:
    server.put("f", DATA)
    refused = set()

    def moved(seen):
        if seen.path == "/g":
            return answer(302, {"Location": f"/f?sig={len(refused)}"})
        return answer(403) if seen.path in refused else None

    server.always = moved
    reader = RangeReader(retries=at_once, max_in_flight=4)
    ranges = [(100_000 * i, 100_000 * i + 10) for i in range(39)]
    assert await _read(reader, server.origin + "/g", *ranges) == [DATA[a:b] for a, b in ranges]
    assert [seen.path for seen in server.seen].count("/g") <= 33
    # The link has expired: one asks for a new one.
    refused.add("/f?sig=0")
    server.seen.clear()
    assert await _read(reader, server.origin + "/g", *ranges) == [DATA[a:b] for a, b in ranges]
    assert [seen.path for seen in server.seen].count("/g") == 1
    await reader.aclose()


async def test_a_fault_of_the_first_is_not_shared_once_the_way_is_known(server, at_once, answer) -> None:
    url = server.put("f", DATA)
    server.always = lambda seen: answer(503) if seen.range == (0, 10) else None
    reader = RangeReader(retries=at_once)
    server.plan = [answer(503), answer(503)]  # the first, and one of those who guess
    reads = [reader.read(ByteRange(url, 200_000 * i, 10)) for i in range(4)]
    first, *others = await asyncio.gather(*reads, return_exceptions=True)
    assert isinstance(first, TransferError)
    assert others == [DATA[200_000 * i : 200_000 * i + 10] for i in range(1, 4)]
    await reader.aclose()


@pytest.mark.parametrize(("path", "requests"), [("/download", 1), ("/missing", 10)])
async def test_a_fault_of_the_first_request_is_shared(server, reader, path, requests) -> None:
    url = server.origin + path
    reads = [reader.read(ByteRange(url, 200_000 * i, 10)) for i in range(10)]
    found = await asyncio.gather(*reads, return_exceptions=True)
    assert {type(error) for error in found} == {MissingFileError}
    assert len(server.seen) <= requests


async def test_others_go_on_when_the_first_request_is_cancelled(server, reader) -> None:
    url = server.put("f", DATA)
    server.hold.clear()
    token = CancelToken()
    first = asyncio.ensure_future(reader.read(ByteRange(url, 0, 10), cancel=token))
    await asyncio.to_thread(server.arrived.acquire)
    others = [asyncio.ensure_future(reader.read(ByteRange(url, 200_000 * i, 10))) for i in range(1, 4)]
    token.set()
    with pytest.raises(CancelledByUserError):
        await asyncio.wait_for(first, 30)
    server.hold.set()
    assert await asyncio.gather(*others) == [DATA[200_000 * i : 200_000 * i + 10] for i in range(1, 4)]


@pytest.mark.parametrize(("path", "guesses"), [("/download", 0), ("/f", 9)])
async def test_giving_up_is_shared(server, reader, answer, path, guesses) -> None:
    server.always = lambda _: answer(503)
    reads = [reader.read(ByteRange(server.origin + path, 200_000 * i, 10)) for i in range(10)]
    found = await asyncio.gather(*reads, return_exceptions=True)
    assert {type(error) for error in found} == {TransferError}
    assert 6 <= len(server.seen) <= 6 + guesses


async def test_requests_under_way_are_limited(server, at_once) -> None:
    url = server.put("f", DATA)
    reader = RangeReader(retries=at_once, max_in_flight=3)
    await _known(reader, server, url)
    server.hold.clear()
    reads = asyncio.ensure_future(_read(reader, url, *[(200_000 * i, 200_000 * i + 10) for i in range(8)]))
    await asyncio.to_thread(lambda: [server.arrived.acquire() for _ in range(4)])  # 1 before, 3 now
    # While those are held, a fourth one can never come: a right reader cannot fail here, however slow.
    assert not await asyncio.to_thread(lambda: server.arrived.acquire(timeout=0.3))
    server.hold.set()
    assert len(await reads) == 8
    await reader.aclose()


async def test_a_token_stops_a_read_and_its_request(server, reader) -> None:
    url = server.put("f", DATA)
    await _known(reader, server, url)
    server.hold.clear()
    token = CancelToken()
    with cancelling(token):
        read = asyncio.ensure_future(reader.read(ByteRange(url, 0, 10)))
    await asyncio.to_thread(lambda: [server.arrived.acquire() for _ in range(2)])
    await asyncio.to_thread(token.set)
    with pytest.raises(CancelledByUserError):
        await asyncio.wait_for(read, 30)
    with cancelling(token), pytest.raises(CancelledByUserError):
        await reader.read(ByteRange(url, 0, 10))
    server.hold.set()
    assert len(server.seen) == 1


async def test_a_token_stops_only_its_own_reads(server, reader) -> None:
    url = server.put("f", DATA)
    await _known(reader, server, url)
    server.hold.clear()
    token = CancelToken()
    stopped = asyncio.ensure_future(reader.read(ByteRange(url, 0, 10), cancel=token))
    goes_on = asyncio.ensure_future(reader.read(ByteRange(url, 10, 10)))
    await asyncio.to_thread(lambda: [server.arrived.acquire() for _ in range(2)])
    token.set()
    with pytest.raises(CancelledByUserError):
        await asyncio.wait_for(stopped, 30)
    server.hold.set()
    assert await goes_on == DATA[10:20]
    assert server.ranges() == [(0, 20)]


async def test_a_token_stops_waiting_for_the_next_try(server, answer) -> None:
    server.always = lambda _: answer(503, headers={"Retry-After": "100"})
    url = server.put("f", DATA)
    token = CancelToken()
    reader = RangeReader()
    read = asyncio.ensure_future(reader.read(ByteRange(url, 0, 10), cancel=token))
    await asyncio.to_thread(server.arrived.acquire)
    token.set()
    with pytest.raises(CancelledByUserError):
        await asyncio.wait_for(read, 30)
    await reader.aclose()


async def test_cancelling_the_task_is_not_taken_for_the_token(server, reader) -> None:
    url = server.put("f", DATA)
    await _known(reader, server, url)
    server.hold.clear()
    read = asyncio.ensure_future(reader.read(ByteRange(url, 0, 10), cancel=CancelToken()))
    await asyncio.to_thread(lambda: [server.arrived.acquire() for _ in range(2)])
    read.cancel()
    with pytest.raises(asyncio.CancelledError):
        await read
    server.hold.set()


def test_the_token_of_a_thread_reaches_the_loop_of_zarr(server, at_once) -> None:
    url = server.put("f", DATA)
    with RangeReader(retries=at_once) as reader:
        token = CancelToken()

        async def read() -> bytes:
            assert current_token() is token
            return await reader.read(ByteRange(url, 0, 10))

        with cancelling(token):
            assert zarr.core.sync.sync(read()) == DATA[:10]
            token.set()
            with pytest.raises(CancelledByUserError):
                zarr.core.sync.sync(read())
        assert current_token() is None
        assert len(server.seen) == 1


def test_one_reader_serves_several_loops(server) -> None:
    url = server.put("f", DATA)
    with RangeReader() as reader:

        async def read() -> bytes:
            return await reader.read(ByteRange(url, 5, 10))

        async def read_and_close() -> bytes:
            try:
                return await read()
            finally:
                await reader._concurrent.close_here()

        assert zarr.core.sync.sync(read()) == DATA[5:15]
        assert asyncio.run(read_and_close()) == DATA[5:15]
        assert zarr.core.sync.sync(read()) == DATA[5:15]
        assert reader.read_many([ByteRange(url, 5, 10)]) == [DATA[5:15]]


def test_read_many_keeps_the_order_and_tells_its_progress(server) -> None:
    url = server.put("f", DATA)
    told: list[int] = []
    with RangeReader() as reader:
        ranges = [ByteRange(url, start, 100) for start in (900_000, 0, 500_000)]
        found = reader.read_many(ranges, progress=told.append)
        assert reader.read_many([]) == []
    assert found == [DATA[r.offset : r.end] for r in ranges]
    assert told == [100, 100, 100]
