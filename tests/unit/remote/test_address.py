"""What a URL or path points at."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lindi_explorer.errors import FormatError
from lindi_explorer.remote import is_remote
from lindi_explorer.remote.address import local_path, origin_of, request_target, wire_url
from lindi_explorer.remote.faults import si_bytes


@pytest.mark.parametrize(
    ("address", "remote"),
    [
        ("https://h/f", True),
        ("HTTP://h/f", True),
        ("/data/f", False),
        ("file:///data/f", False),
        ("s3://bucket/f", False),
        ("http:/oops", False),
        (r"C:\data\f", False),
        ("", False),
    ],
)
def test_what_is_read_over_http(address, remote) -> None:
    assert is_remote(address) is remote


def test_local_paths() -> None:
    assert local_path("/a b/c") == "/a b/c"
    assert local_path(r"C:\x") == r"C:\x"
    assert local_path("file:///a%20b/c") == "/a b/c"
    assert local_path("s3://b/f") is None


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://Host/x", "https://host:443"),
        ("HTTP://host./x", "http://host:80"),
        ("https://me:pw@host:8443/x?y#z", "https://host:8443"),
        ("http://[::1]:8000/x", "http://[::1]:8000"),
    ],
)
def test_an_origin_has_one_spelling(url, origin) -> None:
    assert origin_of(url) == origin


@pytest.mark.parametrize(
    ("url", "sent"),
    [
        ("https://h", "https://h/"),
        ("https://h?a=b", "https://h/?a=b"),
        ("https://me:pw@h/x#part", "https://h/x"),
        ("https://h/a b/ü?q=ü", "https://h/a%20b/%C3%BC?q=%C3%BC"),
        ("https://bücher.example/x", "https://xn--bcher-kva.example/x"),
        ("https://h/a%2Fb%2fc//d", "https://h/a%2Fb%2fc//d"),
    ],
)
def test_how_a_url_is_sent(url, sent) -> None:
    assert wire_url(url) == sent
    assert request_target(wire_url("https://h/a?b")) == "/a?b"


@given(st.text(max_size=30), st.sampled_from(["", "h", "h:80", "[::1]", "u:p@h"]))
def test_no_text_is_too_strange(text, host) -> None:
    for url in (f"http://{host}/{text}", f"http://{host}{text}", text):
        try:
            sent = wire_url(url)
        except FormatError:
            continue
        assert sent.isascii()
        assert sent.isprintable()
        assert " " not in sent
        assert request_target(sent).startswith("/")


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0 bytes"),
        (999, "999 bytes"),
        (1000, "1.00 kB"),
        (412_345, "412 kB"),
        (999_999, "1.00 MB"),
        (13_700_000_000, "13.7 GB"),
        (137_200_000_000, "137 GB"),
        (5 * 10**18, "5000 PB"),
    ],
)
def test_sizes_are_said_with_three_digits(count, text) -> None:
    assert si_bytes(count) == text


def test_importing_is_cheap() -> None:
    """The HTTP libraries and SQLite come with the first use."""
    heavy = {"httptools", "urllib3", "sqlite3", "_sqlite3", "platformdirs", "aiohappyeyeballs", "h5py"}
    script = f"import lindi_explorer.remote, sys; print(sorted({heavy!r} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
