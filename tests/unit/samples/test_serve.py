from __future__ import annotations

import os
import subprocess
import sys

import pytest
import urllib3

from lindi_explorer.samples import Fault, Stats

BODY = bytes(range(256)) * 40


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "root").mkdir()
    (tmp_path / "root" / "a file.bin").write_bytes(BODY)
    (tmp_path / "root" / "empty.bin").write_bytes(b"")
    (tmp_path / "secret.bin").write_bytes(b"secret")
    return tmp_path / "root"


@pytest.fixture
def server(serve, folder):
    return serve(folder)


@pytest.fixture
def pool():
    with urllib3.PoolManager() as pool:
        yield pool


@pytest.fixture
def get(server, pool):
    def get(name="a file.bin", byte_range=None, method="GET", **headers):
        if byte_range:
            headers["Range"] = f"bytes={byte_range}"
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        return pool.request(method, server.url(name), headers=headers, retries=False)

    return get


def test_whole_file(get):
    answer = get()
    assert (answer.status, answer.data) == (200, BODY)
    assert answer.headers["Accept-Ranges"] == "bytes"


@pytest.mark.parametrize(
    ("asked", "start", "stop"),
    [
        ("0-9", 0, 10),
        ("100-199", 100, 200),
        ("10000-", 10000, 10240),
        ("-5", 10235, 10240),
        ("10230-99999", 10230, 10240),
    ],
)
def test_one_range(get, asked, start, stop):
    answer = get(byte_range=asked)
    assert (answer.status, answer.data) == (206, BODY[start:stop])
    assert answer.headers["Content-Range"] == f"bytes {start}-{stop - 1}/10240"


@pytest.mark.parametrize("asked", ["10240-", "20000-20001", "9-3", "-0"])
def test_a_range_outside_the_file(get, asked):
    answer = get(byte_range=asked)
    assert (answer.status, answer.data, answer.headers["Content-Range"]) == (416, b"", "bytes */10240")


@pytest.mark.parametrize("asked", ["0-1,5-6", "x", "-"])
def test_a_range_that_is_not_one_range_gives_the_whole_file(get, asked):
    assert (get(byte_range=asked).status, len(get(byte_range=asked).data)) == (200, 10240)


def test_an_empty_file(get):
    assert (get("empty.bin").status, get("empty.bin").data) == (200, b"")
    assert get("empty.bin", byte_range="0-").status == 416


def test_head_promises_what_get_sends(get, server):
    answer = get(method="HEAD")
    assert (answer.status, answer.headers["Content-Length"], answer.data) == (200, "10240", b"")
    assert server.stats() == Stats(requests=1, bytes=0, connections=1)


def test_the_etag_follows_the_file(get, folder):
    etag = get().headers["ETag"]
    assert get(byte_range="0-9", If_Match=etag).status == 206
    assert get(byte_range="0-9", If_Range=etag).status == 206
    path = folder / "a file.bin"
    path.write_bytes(BODY[::-1])
    os.utime(path, ns=(1, 1))
    assert get(byte_range="0-9", If_Match=etag).status == 412
    assert get(byte_range="0-9", If_Range=etag).status == 200
    assert get().headers["ETag"] != etag


@pytest.mark.parametrize("name", ["missing.bin", "../secret.bin", "", "%2e%2e/secret.bin"])
def test_what_is_not_in_the_folder_is_not_found(server, pool, name):
    url = server.url() + name
    assert pool.request("GET", url, retries=False).status == 404


def test_one_connection_serves_many_requests(get, server):
    for _ in range(3):
        get(byte_range="0-9")
    assert server.stats() == Stats(requests=3, bytes=30, connections=1)
    assert [(entry.start, entry.stop, entry.status) for entry in server.log()] == [(0, 10, 206)] * 3
    server.reset()
    assert server.stats().requests == 0


def test_faults_replace_the_file_until_they_are_mended(get, server):
    server.fault("a file.bin", Fault(status=403))
    assert (get().status, get("empty.bin").status) == (403, 200)
    server.fault("a file.bin")
    assert get().status == 200


def test_a_fault_wears_off(get, server):
    server.fault("a file.bin", Fault(status=503, headers={"Retry-After": "7"}, times=2))
    answers = [get() for _ in range(3)]
    assert [answer.status for answer in answers] == [503, 503, 200]
    assert answers[0].headers["Retry-After"] == "7"


def test_a_server_without_ranges(serve, folder, pool):
    server = serve(folder, faults={"a file.bin": Fault(no_ranges=True)})
    answer = pool.request("GET", server.url("a file.bin"), headers={"Range": "bytes=0-9"})
    assert (answer.status, answer.data, answer.headers.get("Accept-Ranges")) == (200, BODY, None)


def test_a_page_in_place_of_the_file(get, server):
    server.fault("a file.bin", Fault(html=True))
    answer = get(byte_range="0-9")
    assert (answer.status, answer.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert answer.data.startswith(b"<!DOCTYPE html>")


def test_a_body_cut_short(get, server):
    server.fault("a file.bin", Fault(truncate=4))
    with pytest.raises(urllib3.exceptions.ProtocolError, match="IncompleteRead"):
        get(byte_range="0-9")
    assert server.stats().bytes == 4


def test_a_redirect(get, server):
    server.fault("elsewhere", Fault(status=302, headers={"Location": server.url("a file.bin")}))
    assert get("elsewhere").headers["Location"] == server.url("a file.bin")


def test_a_server_that_is_not_running_says_so(server):
    server.close()
    with pytest.raises(RuntimeError, match="not running"):
        server.stats()


def test_the_server_ends_with_the_process_that_started_it(folder):
    program = (
        "import os, sys\nfrom lindi_explorer.samples import RangeServer\n"
        "server = RangeServer(sys.argv[1])\nserver.start()\nos._exit(3)\n"
    )
    # Its standard error closes once the server, which has inherited it, is gone too.
    result = subprocess.run(
        [sys.executable, "-c", program, folder], capture_output=True, text=True, timeout=30, check=False
    )
    assert result.returncode == 3
    assert result.stderr == ""
