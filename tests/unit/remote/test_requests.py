"""The rules of every request, over real sockets, for both transports."""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING

import pytest

from lindi_explorer.byterange import ByteRange
from lindi_explorer.errors import (
    AccessDeniedError,
    FormatError,
    MissingFileError,
    RangeNotSupportedError,
    StaleFileError,
    TransferError,
    UnsupportedError,
)
from lindi_explorer.remote import RangeReader, RetryRules

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

DATA = b"".join(hashlib.sha256(bytes([i % 256, i // 256])).digest() for i in range(1000))


@pytest.fixture
def reader(at_once) -> Iterator[RangeReader]:
    with RangeReader(retries=at_once) as made:
        yield made


@pytest.fixture(params=["blocking", "concurrent"])
def read(request, reader) -> Callable[[str, int, int], bytes]:
    """Read a range through one transport or the other."""
    if request.param == "blocking":
        return lambda url, offset, length: reader.read_now(ByteRange(url, offset, length))
    return lambda url, offset, length: reader.read_many([ByteRange(url, offset, length)])[0]


def test_reads_exactly_the_range(server, read) -> None:
    url = server.put("f", DATA)
    assert read(url, 100, 50) == DATA[100:150]
    assert read(url, len(DATA) - 3, 3) == DATA[-3:]
    assert server.ranges() == [(100, 150), (len(DATA) - 3, len(DATA))]


def test_an_empty_range_costs_no_request(server, read) -> None:
    assert read(server.put("f", DATA), 100, 0) == b""
    assert server.seen == []


def test_asks_for_bytes_as_they_are_and_for_the_version_it_knows(server, read) -> None:
    url = server.put("f", DATA)
    read(url, 0, 1)
    read(url, 1, 1)
    first, second = (seen.headers for seen in server.seen)
    assert first["accept-encoding"] == "identity"
    assert "if-match" not in first
    assert second["if-match"] == '"v1"'


def test_sends_the_url_as_it_is_written(server, read) -> None:
    url = server.put("f", DATA)
    read(url + "?X-Amz-Credential=AKI%2f2024&sig=a%20b+c/d", 0, 1)
    assert server.seen[0].path == "/f?X-Amz-Credential=AKI%2f2024&sig=a%20b+c/d"


def test_escapes_what_may_not_stand_in_a_url(server, read) -> None:
    server.put("f", DATA)
    server.files["/a%20%C3%A4"], server.etags["/a%20%C3%A4"] = DATA, None
    assert read(server.origin + "/a ä", 0, 2) == DATA[:2]


@pytest.mark.parametrize("status", [401, 403])
def test_refused(server, read, answer, status) -> None:
    server.plan = [answer(status)]
    with pytest.raises(
        AccessDeniedError, match=rf"refused to send http://[^?]*/f \(status {status}\)"
    ) as caught:
        read(server.put("f", DATA) + "?token=secret", 0, 1)
    assert isinstance(caught.value, PermissionError)
    assert "secret" not in str(caught.value) + caught.value.hint
    assert len(server.seen) == 1


@pytest.mark.parametrize("status", [404, 410])
def test_missing(server, read, answer, status) -> None:
    server.plan = [answer(status)]
    with pytest.raises(MissingFileError, match="There is no file at"):
        read(server.put("f", DATA), 0, 1)
    assert len(server.seen) == 1


def test_other_client_errors_are_final(server, read, answer) -> None:
    server.plan = [answer(418)]
    with pytest.raises(TransferError, match="418"):
        read(server.put("f", DATA), 0, 1)
    assert len(server.seen) == 1


def test_a_server_that_sends_whole_files_is_not_believed(server, read, answer) -> None:
    server.plan = [answer(ignore_range=True)]
    with pytest.raises(
        RangeNotSupportedError, match=r"sends whole files only.*32.0 kB, so nothing was read"
    ) as caught:
        read(server.put("f", DATA), 0, 10)
    assert caught.value.hint
    assert len(server.seen) == 1


def test_a_whole_file_is_fine_if_all_of_it_was_asked_for(server, read, answer) -> None:
    server.plan = [answer(ignore_range=True)]
    assert read(server.put("f", DATA), 0, len(DATA)) == DATA


@pytest.mark.parametrize(
    "sent",
    ["bytes 1-10/32000", "bytes 0-8/32000", "bytes 0-10/32000", "bytes */32000", "items 0-9/32000", None],
)
def test_a_part_that_was_not_asked_for_is_refused(server, read, answer, sent) -> None:
    server.plan = [answer(headers={"Content-Range": sent})]
    with pytest.raises(TransferError, match="asked for"):
        read(server.put("f", DATA), 0, 10)


def test_a_compressed_part_is_refused(server, read, answer) -> None:
    server.plan = [answer(headers={"Content-Encoding": "gzip"})]
    with pytest.raises(RangeNotSupportedError, match="compressed"):
        read(server.put("f", DATA), 0, 10)


def test_past_the_end(server, read) -> None:
    url = server.put("f", DATA)
    with pytest.raises(FormatError, match="ends after 32,000 bytes, but bytes up to 32,005 are wanted"):
        read(url, 31_995, 10)
    with pytest.raises(FormatError, match="ends after 32,000 bytes"):
        read(url, 40_000, 10)
    assert len(server.seen) == 1  # the second one is known without asking
    assert read(url, 31_995, 5) == DATA[-5:]


def test_wholly_past_the_end(server, read) -> None:
    with pytest.raises(FormatError, match="ends after 32,000 bytes"):
        read(server.put("f", DATA), 40_000, 10)


def test_a_file_that_changes_is_noticed_by_its_etag(server, read) -> None:
    url = server.put("f", DATA)
    read(url, 0, 10)
    server.put("f", DATA[::-1], etag='"v2"')
    with pytest.raises(StaleFileError, match="changed while it was open"):
        read(url, 10, 10)
    assert len(server.seen) == 2


def test_a_changed_file_is_noticed_even_if_the_server_ignores_if_match(server, read, answer) -> None:
    url = server.put("f", DATA)
    read(url, 0, 10)
    server.plan = [answer(headers={"ETag": '"v2"'})]
    with pytest.raises(StaleFileError):
        read(url, 10, 10)


@pytest.mark.parametrize("etag", [None, 'W/"weak"'])
def test_without_a_strong_etag_a_change_shows_in_the_size(server, read, etag) -> None:
    url = server.put("f", DATA, etag=etag)
    read(url, 0, 10)
    assert read(url, 10, 10) == DATA[10:20]
    assert "if-match" not in server.seen[1].headers
    server.put("f", DATA + b"more", etag=etag)
    with pytest.raises(StaleFileError):
        read(url, 20, 10)


def test_without_an_etag_a_change_shows_in_the_date(server, read, answer) -> None:
    url = server.put("f", DATA, etag=None)
    server.plan = [answer(headers={"Last-Modified": "Mon, 01 Jan 2024 00:00:00 GMT"})]
    read(url, 0, 10)
    server.plan = [answer(headers={"Last-Modified": "Tue, 02 Jan 2024 00:00:00 GMT"})]
    with pytest.raises(StaleFileError):
        read(url, 10, 10)


def test_a_truncated_body_is_asked_for_again(server, read, reader, answer) -> None:
    server.plan = [answer(cut=4), answer(cut=0)]
    assert read(server.put("f", DATA), 0, 10) == DATA[:10]
    assert server.ranges() == [(0, 10)] * 3
    assert reader.stats.snapshot().retries == 2


def test_a_body_that_is_shorter_than_its_range_is_asked_for_again(server, read, answer) -> None:
    server.plan = [answer(body=b"short")]
    assert read(server.put("f", DATA), 0, 10) == DATA[:10]


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_busy_server_is_asked_again(server, read, answer, status) -> None:
    server.plan = [answer(status), answer(status)]
    assert read(server.put("f", DATA), 0, 10) == DATA[:10]
    assert len(server.seen) == 3


def test_a_connection_that_is_hung_up_is_tried_again(server, read, answer) -> None:
    server.plan = [answer(hang_up=True)] * 2
    assert read(server.put("f", DATA), 0, 10) == DATA[:10]


def test_gives_up_after_six_tries(server, read, answer) -> None:
    server.always = lambda _: answer(503)
    with pytest.raises(TransferError, match=r"the server answered 503 \(6 tries\)"):
        read(server.put("f", DATA), 0, 10)
    assert len(server.seen) == 6


class _Noted(RetryRules):
    """Notes what a server asked to wait for, and does not wait."""

    def delay(self, failures: int, after: float | None) -> float | None:
        noted.append((failures, after, super().delay(failures, after)))
        return 0.0


noted: list[tuple[int, float | None, float | None]] = []


@pytest.mark.parametrize("concurrent", [False, True])
def test_retry_after_is_honoured(server, answer, concurrent) -> None:
    noted.clear()
    date = {"Date": "Mon, 01 Jan 2024 00:00:00 GMT", "Retry-After": "Mon, 01 Jan 2024 00:00:07 GMT"}
    server.plan = [answer(429, headers={"Retry-After": "30"}), answer(503, headers=date), answer(503)]
    url = server.put("f", DATA)
    with RangeReader(retries=_Noted()) as reader:
        wanted = ByteRange(url, 0, 10)
        assert (reader.read_many([wanted])[0] if concurrent else reader.read_now(wanted)) == DATA[:10]
    assert [entry[:2] for entry in noted] == [(1, 30.0), (2, 7.0), (3, None)]
    assert noted[0][2] == 30.0
    assert noted[1][2] == 7.0


def test_the_wait_grows_and_is_random_below_its_bound() -> None:
    rules = RetryRules()
    for failures, bound in [(1, 0.5), (2, 1.0), (3, 2.0), (4, 4.0), (5, 8.0)]:
        waits = [rules.delay(failures, None) or 0.0 for _ in range(200)]
        assert max(waits) <= bound
        assert min(waits) < bound / 4
        assert max(waits) > bound * 3 / 4
    assert RetryRules(tries=50).delay(40, None) is not None
    assert (RetryRules(tries=50).delay(40, None) or 0.0) <= 20.0
    assert rules.delay(6, None) is None
    assert rules.delay(1, 3.0) == 3.0
    assert rules.delay(1, 3600.0) is None


def test_no_one_listens(read) -> None:
    with pytest.raises(TransferError, match=r"refused the connection \(3 tries\)"):
        read("http://127.0.0.1:9/f", 0, 1)


def test_an_unknown_host(read) -> None:
    with pytest.raises(TransferError, match="host name is not known"):
        read("http://no-such-host.invalid/f?token=secret", 0, 1)


def test_follows_redirects_and_remembers_where_they_led(server, read, answer) -> None:
    server.put("there", DATA)
    url = server.origin + "/here"
    server.plan = [
        answer(302, {"Location": "/second"}),
        answer(307, {"Location": server.origin + "/there?sig=1"}),
    ]
    assert read(url, 0, 10) == DATA[:10]
    assert read(url, 10, 10) == DATA[10:20]
    assert [seen.path for seen in server.seen] == ["/here", "/second", "/there?sig=1", "/there?sig=1"]


def test_ten_redirects_are_followed_and_no_more(server, read, answer) -> None:
    url = server.put("f", DATA)
    server.plan = [answer(302, {"Location": f"/hop{i}"}) for i in range(9)] + [
        answer(302, {"Location": "/f"})
    ]
    assert read(url, 0, 10) == DATA[:10]
    server.always = lambda _: answer(302, {"Location": "/loop"})
    with pytest.raises(TransferError, match="redirects more than 10 times"):
        read(server.origin + "/loop", 0, 10)


def test_a_redirect_to_a_file_is_not_followed(server, read, answer) -> None:
    server.plan = [answer(302, {"Location": "file:///etc/passwd"})]
    with pytest.raises(AccessDeniedError, match="redirects to file:///etc/passwd"):
        read(server.origin + "/f", 0, 10)


def test_an_expired_link_is_renewed_once(server, read, answer) -> None:
    server.put("signed", DATA)
    valid = ["/signed?n=0"]

    def archive(seen):
        if seen.path == "/api":
            return answer(302, {"Location": valid[-1]})
        return None if seen.path == valid[-1] else answer(403)

    server.always = archive
    assert read(server.origin + "/api", 0, 10) == DATA[:10]
    valid.append("/signed?n=1")
    assert read(server.origin + "/api", 10, 10) == DATA[10:20]
    assert [seen.path for seen in server.seen] == [
        "/api",
        "/signed?n=0",
        "/signed?n=0",
        "/api",
        "/signed?n=1",
    ]


def test_a_refusal_of_a_fresh_link_is_final(server, read, answer) -> None:
    server.always = lambda seen: answer(302, {"Location": "/signed"}) if seen.path == "/api" else answer(403)
    with pytest.raises(AccessDeniedError):
        read(server.origin + "/api", 0, 10)
    assert [seen.path for seen in server.seen] == ["/api", "/signed"]


def test_credentials_go_to_their_origin_only(server, answer) -> None:
    other = server.origin.replace("127.0.0.1", "localhost")
    server.put("f", DATA)
    server.plan = [answer(302, {"Location": other + "/f"})]
    key = {server.origin: {"Authorization": "token secret"}}
    with RangeReader(credentials=key) as reader:
        assert reader.read_now(ByteRange(server.origin + "/api", 0, 10)) == DATA[:10]
    assert [seen.headers.get("authorization") for seen in server.seen] == ["token secret", None]


def test_user_name_and_password_of_a_url_become_a_header_of_its_origin(server, answer) -> None:
    server.put("f", DATA)
    server.plan = [None, answer(302, {"Location": server.origin.replace("127.0.0.1", "localhost") + "/f"})]
    url = server.origin.replace("http://", "http://me:p%40ss@") + "/f"
    with RangeReader() as reader:
        reader.read_now(ByteRange(url, 0, 1))
        reader.read_now(ByteRange(url + "?again", 0, 1))
    sent = [seen.headers.get("authorization") for seen in server.seen]
    assert sent == ["Basic bWU6cEBzcw==", "Basic bWU6cEBzcw==", None]


def test_proxies_of_the_environment_are_not_used(server, read, monkeypatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert read(server.put("f", DATA), 0, 10) == DATA[:10]


@pytest.mark.parametrize("url", ["s3://bucket/key?secret", "ftp://host/f?secret", "gopher://x?secret"])
def test_other_schemes_are_named(read, url) -> None:
    with pytest.raises(UnsupportedError, match="not an http or https address") as caught:
        read(url, 0, 1)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "url", ["http://", "http://[::1", "http://h:99999/f", "http://a b/f", "http://ä" + "ö" * 70]
)
def test_impossible_addresses_are_named(read, url) -> None:
    with pytest.raises(FormatError, match=r"not a valid http address|host that cannot exist"):
        read(url, 0, 1)


def test_counts_what_it_does(server, reader) -> None:
    url = server.put("f", DATA)
    reader.read_now(ByteRange(url, 0, 10))
    reader.read_many([ByteRange(url, 20_000, 30)])
    now = reader.stats.snapshot()
    assert (now.requests, now.bytes, now.retries) == (2, 40, 0)


def test_connections_are_used_again(server, reader) -> None:
    url = server.put("f", DATA)
    ports = set()
    server.always = lambda seen: ports.add(seen.port)
    for i in range(5):
        reader.read_now(ByteRange(url, i, 1))
    assert len(ports) == 1


def test_a_closed_reader_says_so(server, reader) -> None:
    url = server.put("f", DATA)
    reader.read_now(ByteRange(url, 0, 1))
    reader.close()
    reader.close()
    with pytest.raises(ValueError, match="closed"):
        reader.read_now(ByteRange(url, 0, 1))


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_forked_child_opens_its_own_connections(server, reader) -> None:
    url = server.put("f", DATA)
    assert reader.read_now(ByteRange(url, 0, 4)) == DATA[:4]
    child = os.fork()
    if child == 0:
        code = 1
        try:
            code = int(reader.read_now(ByteRange(url, 4, 4)) != DATA[4:8])
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert reader.read_now(ByteRange(url, 8, 4)) == DATA[8:12]
    parent, child_port, parent_again = (seen.port for seen in server.seen)
    assert parent == parent_again != child_port
