"""The connections of the concurrent transport, against a server that says any bytes whatever."""

from __future__ import annotations

import asyncio
import gc
import itertools
import socket
import ssl
import threading
import time
import traceback
import warnings
from contextlib import contextmanager, suppress

import pytest
import trustme

from lindi_explorer.byterange import ByteRange
from lindi_explorer.errors import AccessDeniedError, FormatError, LindiError, MissingFileError, TransferError
from lindi_explorer.remote import RangeReader, RetryRules, connection, connections
from lindi_explorer.remote.connections import Connections
from lindi_explorer.remote.messages import Ask, Facts, Headers, Send, Take
from lindi_explorer.remote.policy import OriginPolicy

CLOSE = object()
"""In a script: the server hangs up."""

DATA = bytes(range(100))
HEAD = b"HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 0-99/500\r\nContent-Length: 100\r\n\r\n"
CHUNKED = (
    b"HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 0-99/500\r\nTransfer-Encoding: chunked\r\n\r\n"
)


@contextmanager
def speaking(*answers, context=None, listening=None):
    """A server that answers the n-th request of all with the n-th script; yields its port and what it saw."""
    listening = listening or socket.create_server(("127.0.0.1", 0))
    scripts, seen = list(answers), []

    def accept():
        for number in itertools.count():
            try:
                client, _ = listening.accept()
            except OSError:
                return
            threading.Thread(
                target=_serve, args=(client, context, scripts, seen, number), daemon=True
            ).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield listening.getsockname()[1], seen
    finally:
        listening.close()


def _serve(client, context, scripts, seen, number):
    with (
        suppress(OSError),
        client if context is None else context.wrap_socket(client, server_side=True) as stream,
    ):
        while scripts and (request := _request_of(stream)):
            seen.append((number, request))
            for step in scripts.pop(0):
                if step is CLOSE:
                    return
                if isinstance(step, float):
                    time.sleep(step)
                else:
                    stream.sendall(step)


def _request_of(stream):
    got = b""
    while b"\r\n\r\n" not in got and (more := stream.recv(65536)):
        got += more
    return got


def _take(length=100, limit=None):
    def judge(status, headers):
        judge.told = status, dict(headers)
        return Take(length, length if limit is None else limit, Facts(None), ranges=True)

    return judge


async def _get(port, judge, times=1, scheme="http", host="127.0.0.1", headers=()):
    these = Connections(OriginPolicy(None))
    try:
        return [
            await these.get(Send(f"{scheme}://{host}:{port}/a?b=c", Headers(headers), judge, None))
            for _ in range(times)
        ]
    finally:
        these.close()


async def test_an_answer_that_comes_byte_by_byte() -> None:
    whole = HEAD + DATA
    with speaking([whole[i : i + 1] for i in range(len(whole))]) as (port, seen):
        judge = _take()
        (answer,) = await _get(port, judge, headers={"Range": "bytes=0-99", "X-Y": "ü"})
        assert answer.body == DATA
        assert judge.told == (206, {"content-range": "bytes 0-99/500", "content-length": "100"})
        sent = f"GET /a?b=c HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nRange: bytes=0-99\r\nX-Y: ü\r\n\r\n"
        assert seen == [(0, sent.encode())]


async def test_one_connection_serves_one_request_after_the_other() -> None:
    with speaking(*[[HEAD + DATA]] * 3) as (port, seen):
        assert [answer.body for answer in await _get(port, _take(), 3)] == [DATA] * 3
        assert [number for number, _ in seen] == [0, 0, 0]


@pytest.mark.parametrize(
    "answer",
    [
        [
            b"HTTP/1.1 206 P\r\nTransfer-Encoding: chunked\r\n\r\n40\r\n",
            DATA[:64],
            b"\r\n24\r\n",
            DATA[64:],
            b"\r\n0\r\n\r\n",
        ],
        [b"HTTP/1.1 206 P\r\n\r\n", DATA[:50], 0.05, DATA[50:], CLOSE],
        [b"HTTP/1.1 100 Continue\r\nX: 1\r\n\r\n", b"HTTP/1.1 103 Early Hints\r\n\r\n" + HEAD + DATA],
        [b"HTTP/1.0 206 P\r\nContent-Length: 100\r\n\r\n" + DATA, CLOSE],
        [b"HTTP/1.1 206 P\r\nConnection: close\r\nContent-Length: 100\r\n\r\n" + DATA, CLOSE],
    ],
    ids=["chunked", "until it closes", "after others", "HTTP/1.0", "closes"],
)
@pytest.mark.parametrize("length", [100, None])
async def test_forms_of_a_body(answer, length) -> None:
    with speaking(answer, [HEAD + DATA]) as (port, _seen):
        found = await _get(port, _take(length, 1000), 2)
        assert [one.body for one in found] == [DATA, DATA]


@pytest.mark.parametrize(
    "answer",
    [
        [b"HTTP/1.1 206 P\r\nContent-Length: 100\r\n\r\n", DATA[:40], CLOSE],
        [CHUNKED + b"28\r\n", DATA[:40], b"\r\n", CLOSE],
    ],
    ids=["length", "chunked"],
)
async def test_a_body_that_breaks_off(answer) -> None:
    with speaking(answer, answer) as (port, _seen):
        (found,) = await _get(port, _take())
        assert found.body == DATA[:40]  # of 100: the exchange sees that, and asks again
        with pytest.raises(ConnectionError):
            await _get(port, _take(None, 1000))


@pytest.mark.parametrize(
    "answer",
    [
        [b"SSH-2.0-OpenSSH_9.2\r\n"],
        [b"HTTP/1.1 206 P\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n" + DATA],
        [b"HTTP/1.1 206 P\r\nX: " + bytes([65]) * (1 << 17)],
        [b"HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n"],
        [CLOSE],
        [HEAD[:30], CLOSE],
        [CHUNKED + b"1\r\nx\r\n0\r\n", *[b"X: " + bytes([65]) * 30_000 + b"\r\n"] * 4, 30.0],
        [CHUNKED + b"1\r\nx\r\n0\r\nX: ", *[bytes([65]) * 30_000] * 4, 30.0],
        [CHUNKED + b"2;", *[bytes([65]) * 30_000] * 4, 30.0],
        [*[b"HTTP/1.1 103 Early Hints\r\nX: y\r\n\r\n" * 1000] * 4, 30.0],
    ],
    ids=[
        *("another protocol", "two lengths", "no end", "upgrade", "nothing", "half a head"),
        *("trailers", "a trailer", "an extension", "hints"),
    ],
)
async def test_what_is_no_answer(answer) -> None:
    with speaking(answer, answer) as (port, _seen):
        with pytest.raises(ConnectionError):
            await _get(port, _take())
        with RangeReader(retries=RetryRules(tries=1)) as reader, pytest.raises(TransferError, match="closed"):
            await reader.read(ByteRange(f"http://127.0.0.1:{port}/f", 0, 100))


async def test_what_is_said_before_the_answer_is_no_part_of_it() -> None:
    before = b"HTTP/1.1 150 Wait\r\nContent-Length: 90\r\n\r\n" + bytes(90)
    with speaking([before + HEAD, DATA[:20], 0.05, DATA[20:]]) as (port, _seen):
        (answer,) = await _get(port, _take())
        assert answer.body == DATA


async def test_small_chunks_are_no_fault() -> None:
    chunks = b"".join(b"1\r\n%c\r\n" % (i % 256) for i in range(100_000)) + b"0\r\n\r\n"
    with speaking([CHUNKED, chunks]) as (port, _seen):
        (answer,) = await _get(port, _take(100_000))
        assert answer.body == bytes(i % 256 for i in range(100_000))


@pytest.mark.parametrize("page", [[30.0], [b"x", CLOSE], [b"zz\r\n"]], ids=["none", "cut off", "broken"])
async def test_a_page_that_does_not_come_takes_nothing_from_the_answer(monkeypatch, page) -> None:
    monkeypatch.setattr(connection, "READ_SECONDS", 0.3)
    head = b"HTTP/1.1 404 N\r\nContent-Length: 100\r\n\r\n"
    if page[0] == b"zz\r\n":
        head = b"HTTP/1.1 404 N\r\nTransfer-Encoding: chunked\r\n\r\n"
    with speaking([head, *page]) as (port, seen):
        with RangeReader() as reader, pytest.raises(MissingFileError):
            await reader.read(ByteRange(f"http://127.0.0.1:{port}/f", 0, 100))
        assert len(seen) == 1


@pytest.mark.parametrize("now", [True, False])
async def test_a_body_in_a_code_that_nobody_asked_for_is_refused(now) -> None:
    coded = HEAD.replace(b"Content-Length: 100", b"Transfer-Encoding: gzip, chunked")
    with speaking([coded + b"64\r\n" + DATA + b"\r\n0\r\n\r\n"]) as (port, _seen):
        wanted = ByteRange(f"http://127.0.0.1:{port}/f", 0, 100)
        reader = RangeReader(retries=RetryRules(tries=1))
        with pytest.raises(TransferError, match="nobody asked for"):
            await (asyncio.to_thread(reader.read_now, wanted) if now else reader.read(wanted))
        await reader.aclose()


@pytest.mark.parametrize(
    "head",
    [
        b"HTTP/1.1 503 S\r\nRetry-After: Mon, 01 Jan 99999999999999999999 00:00:00 GMT\r\n",
        b"HTTP/1.1 302 F\r\nLocation: /a\xff\xfe\r\n",
        b"HTTP/1.1 302 F\r\nLocation: http://a\xff\xfe/\r\n",
        b"HTTP/1.1 206 P\r\nContent-Range: bytes 0-99/\xff\r\n",
        b'HTTP/1.1 206 P\r\nETag: "\xff"\r\nContent-Range: bytes 0-98/500\r\n',
    ],
)
async def test_odd_headers_are_told_in_words(head) -> None:
    with speaking(*[[head + b"Content-Length: 0\r\n\r\n"]] * 2) as (port, _seen):
        reader = RangeReader(retries=RetryRules(tries=1))
        with pytest.raises(LindiError):
            await reader.read(ByteRange(f"http://127.0.0.1:{port}/f", 0, 100))
        await reader.aclose()


async def test_secrets_are_in_no_traceback() -> None:
    with speaking([30.0]) as (port, seen):
        url = f"http://127.0.0.1:{port}/f?X-Amz-Signature=planted"
        reader = RangeReader(credentials={url: {"Authorization": "token planted"}})
        with pytest.raises(TimeoutError) as raised:
            async with asyncio.timeout(0.3):
                await reader.transport(4).fetch(Ask(url, 0, 100))
        assert b"token planted" in seen[0][1]
        frames = [
            frame
            for error in (raised.value, raised.value.__cause__)
            for frame in traceback.TracebackException.from_exception(error, capture_locals=True).stack
            if "lindi_explorer/remote/connection" in frame.filename.replace("\\", "/")
        ]
        assert frames
        assert not [frame for frame in frames if "planted" in repr(frame.locals)]
        await reader.aclose()


async def test_what_nobody_asked_for_is_taken_for_no_answer() -> None:
    """A second answer in one breath must not become that of the next request."""
    wrong = b"HTTP/1.1 206 P\r\nContent-Length: 100\r\n\r\n" + bytes(100)
    with speaking([HEAD + DATA + wrong], [HEAD + DATA, 0.05, wrong], [HEAD + DATA]) as (port, seen):
        these = Connections(OriginPolicy(None))
        for _ in range(3):
            send = Send(f"http://127.0.0.1:{port}/a", Headers(), _take(), None)
            assert (await these.get(send)).body == DATA
            await asyncio.sleep(0.2)
        these.close()
        assert [number for number, _ in seen] == [0, 1, 2]


async def test_a_kept_connection_that_was_closed_meanwhile_costs_nothing() -> None:
    with speaking([HEAD + DATA, 0.05, CLOSE], [HEAD + DATA], [CLOSE], [HEAD + DATA]) as (port, seen):
        these = Connections(OriginPolicy(None))
        send = Send(f"http://127.0.0.1:{port}/a", Headers(), _take(), None)
        assert (await these.get(send)).body == DATA
        await asyncio.sleep(0.2)
        assert (await these.get(send)).body == DATA
        assert (await these.get(send)).body == DATA  # closed at the very moment: asked again, without a fault
        these.close()
        assert [number for number, _ in seen] == [0, 1, 1, 2]


async def test_those_that_were_not_used_for_long_are_not_used_again(monkeypatch) -> None:
    monkeypatch.setattr(connection, "IDLE_SECONDS", 0.1)
    with speaking(*[[HEAD + DATA]] * 2) as (port, seen):
        these = Connections(OriginPolicy(None))
        send = Send(f"http://127.0.0.1:{port}/a", Headers(), _take(), None)
        await these.get(send)
        await asyncio.sleep(0.2)
        await these.get(send)
        these.close()
        assert [number for number, _ in seen] == [0, 1]


async def test_a_server_that_says_nothing_more_is_not_waited_for(monkeypatch) -> None:
    monkeypatch.setattr(connection, "READ_SECONDS", 0.3)
    with speaking([HEAD, DATA[:50], 30.0], [HEAD, *[b"x", 0.05] * 100]) as (port, _seen):
        with pytest.raises(TimeoutError):
            await _get(port, _take())
        (slow,) = await _get(port, _take())  # takes 5 s, but something comes all the time
        assert slow.body == b"x" * 100


async def test_a_body_that_nobody_wants_ends_the_connection_if_it_is_long() -> None:
    def refused(_status, _headers):
        return Take(0, 0, Facts(None), ranges=False)

    with speaking([HEAD, DATA[:10], 30.0], [HEAD + DATA]) as (port, seen):
        assert [one.body for one in await _get(port, refused, 2)] == [b"", b""]
        assert [number for number, _ in seen] == [0, 1]


async def test_more_than_was_announced_is_not_taken() -> None:
    with speaking([b"HTTP/1.1 206 P\r\n\r\n" + DATA * 3]) as (port, _seen):
        (answer,) = await _get(port, _take())
        assert answer.body == DATA


async def test_headers_cannot_hold_others() -> None:
    with speaking() as (port, seen), pytest.raises(FormatError, match="line break"):
        await _get(port, _take(), headers={"Authorization": "token x\r\nX-Other: y"})
    assert seen == []


async def test_a_cancelled_request_ends_its_connection() -> None:
    with speaking([HEAD, DATA[:10], 30.0], [HEAD + DATA]) as (port, seen):
        these = Connections(OriginPolicy(None))
        send = Send(f"http://127.0.0.1:{port}/a", Headers(), _take(), None)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await these.get(send)
        assert (await these.get(send)).body == DATA
        these.close()
        assert [number for number, _ in seen] == [0, 1]


async def test_one_that_is_in_use_when_all_are_closed_ends_with_its_request() -> None:
    with speaking([HEAD, 0.2, DATA], [HEAD + DATA]) as (port, seen):
        these = Connections(OriginPolicy(None))
        send = Send(f"http://127.0.0.1:{port}/a", Headers(), _take(), None)
        coming = asyncio.create_task(these.get(send))
        await asyncio.sleep(0.1)
        these.close()
        assert (await coming).body == DATA
        assert (await these.get(send)).body == DATA
        assert [number for number, _ in seen] == [0, 1]


async def test_a_name_is_looked_up_once_for_all_and_each_address_is_judged(monkeypatch) -> None:
    looked_up = []
    look_up = connections._look_up

    async def counted(name, port):
        looked_up.append(name)
        return await look_up("127.0.0.1", port)

    monkeypatch.setattr(connections, "_look_up", counted)
    with speaking(*[[HEAD + DATA]] * 5) as (port, _seen):
        send = Send(f"http://files.example:{port}/a", Headers(), _take(), None)
        these = Connections(OriginPolicy(None))
        assert [one.body for one in await asyncio.gather(*[these.get(send) for _ in range(5)])] == [DATA] * 5
        these.close()
        assert looked_up == ["files.example"]
        with pytest.raises(AccessDeniedError, match="inside this computer"):
            await Connections(OriginPolicy("https://elsewhere.example/d.lindi.json")).get(send)


async def test_a_name_that_leads_inside_later_is_judged_again(monkeypatch) -> None:
    with speaking([HEAD + DATA, CLOSE]) as (port, _seen):
        monkeypatch.setattr(connections, "_NAME_SECONDS", 0.0)
        monkeypatch.setattr("lindi_explorer.remote.policy.is_private", lambda address: address == "::1")
        leads_to = ["127.0.0.1", "::1"]

        async def look_up(_name, port):
            address = leads_to.pop(0)
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

        monkeypatch.setattr(connections, "_look_up", look_up)
        these = Connections(OriginPolicy("https://elsewhere.example/d.lindi.json"))
        send = Send(f"http://files.example:{port}/a", Headers(), _take(), None)
        assert (await these.get(send)).body == DATA
        await asyncio.sleep(0.1)
        with pytest.raises(AccessDeniedError):
            await these.get(send)
        these.close()


async def test_an_address_of_the_sixth_version() -> None:
    try:
        listening = socket.create_server(("::1", 0), family=socket.AF_INET6)
    except OSError:
        pytest.skip("this computer has no IPv6")
    with speaking([HEAD + DATA], listening=listening) as (port, seen):
        url = f"http://[::1]:{port}/a"
        send = Send(url, Headers(), _take(), None)
        with pytest.raises(AccessDeniedError):
            await Connections(OriginPolicy("http://[::1]:9/d.lindi.json")).get(send)
        these = Connections(OriginPolicy(url))
        assert (await these.get(send)).body == DATA
        these.close()
        assert f"Host: [::1]:{port}\r\n".encode() in seen[0][1]


async def test_no_more_than_so_many_wait_for_a_request(monkeypatch) -> None:
    monkeypatch.setattr(connections, "_MOST_IDLE", 2)
    with speaking(*[[0.1, HEAD + DATA]] * 8) as (port, seen):
        these = Connections(OriginPolicy(None))
        send = Send(f"http://127.0.0.1:{port}/a", Headers(), _take(), None)
        for _ in range(2):
            await asyncio.gather(*[these.get(send) for _ in range(4)])
        these.close()
        assert len({number for number, _ in seen}) == 6


def test_a_reader_that_outlives_its_loop_leaves_no_connection() -> None:
    with speaking([HEAD + DATA], [HEAD + DATA]) as (port, seen):
        reader = RangeReader()
        assert asyncio.run(reader.read(ByteRange(f"http://127.0.0.1:{port}/f", 0, 100))) == DATA
        (held,) = [
            one
            for transport in reader._concurrent._of_loop.values()
            for idle in transport._connections._idle.values()
            for one in idle
        ]
        reader.close()
        assert held.socket.fileno() == -1
        assert len(seen) == 1
        del reader, held
        with warnings.catch_warnings(action="ignore"):  # of asyncio's, which cannot be told
            gc.collect()


async def test_a_name_that_is_not_known_is_looked_up_anew_next_time(monkeypatch) -> None:
    looked_up = []

    async def unknown(name, _port):
        looked_up.append(name)
        raise socket.gaierror

    monkeypatch.setattr(connections, "_look_up", unknown)
    these = Connections(OriginPolicy(None))
    send = Send("http://files.example/a", Headers(), _take(), None)
    for _ in range(2):
        with pytest.raises(socket.gaierror):
            await these.get(send)
        await asyncio.sleep(0)
    assert len(looked_up) == 2


# ------------------------------------------------------------ encrypted


@pytest.fixture
def authority(monkeypatch):
    authority = trustme.CA()
    context = ssl.create_default_context()
    authority.configure_trust(context)
    monkeypatch.setattr(connections, "_tls", lambda: context)
    return authority


def _server_side(authority, *names):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*names).configure_cert(context)
    return context


async def test_encrypted(authority) -> None:
    with speaking(*[[HEAD + DATA]] * 2, context=_server_side(authority, "localhost")) as (port, seen):
        found = await _get(port, _take(), 2, "https", "localhost")
        assert [answer.body for answer in found] == [DATA, DATA]
        assert [number for number, _ in seen] == [0, 0]


@pytest.mark.parametrize("trusted", [True, False])
async def test_a_certificate_that_is_not_the_hosts(authority, trusted) -> None:
    side = _server_side(
        authority if trusted else trustme.CA(), "elsewhere.example" if trusted else "localhost"
    )
    with speaking([HEAD + DATA], context=side) as (port, seen):
        with (
            RangeReader(retries=RetryRules(tries=1)) as reader,
            pytest.raises(TransferError, match="certificate"),
        ):
            await reader.read(ByteRange(f"https://localhost:{port}/f", 0, 100))
        assert seen == []


async def test_whoever_is_not_trusted_by_this_computer_is_not_trusted() -> None:
    """Without the fixture: what this computer trusts does not hold an authority made up just now."""
    with speaking([HEAD + DATA], context=_server_side(trustme.CA(), "localhost")) as (port, seen):
        with pytest.raises(ssl.SSLCertVerificationError):
            await _get(port, _take(), 1, "https", "localhost")
        assert seen == []
