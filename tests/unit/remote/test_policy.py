"""Which addresses a document may reach."""

from __future__ import annotations

import socket

import pytest

from lindi_explorer.byterange import ByteRange
from lindi_explorer.errors import AccessDeniedError
from lindi_explorer.remote import RangeReader, add_additional_url_resolver, remove_additional_url_resolver
from lindi_explorer.remote.policy import OriginPolicy, check_redirect, is_private, may_carry_credentials

REMOTE = "https://example.org/doc.lindi.json"
INSIDE = [
    "http://127.0.0.1/x",
    "http://127.1.2.3:8080/x",
    "http://localhost/x",
    "http://LOCALHOST./x",
    "http://a.localhost/x",
    "http://10.0.0.1/x",
    "http://192.168.1.1/x",
    "http://172.16.0.1/x",
    "http://169.254.169.254/latest/meta-data",
    "http://100.64.0.1/x",
    "http://0.0.0.0/x",
    "http://[::1]/x",
    "http://[::]/x",
    "http://[fe80::1]/x",
    "http://[fd00::1]/x",
    "http://[::ffff:127.0.0.1]/x",
    "http://[64:ff9b::7f00:1]/x",
    "http://224.0.0.1/x",
]


@pytest.mark.parametrize("url", INSIDE)
def test_a_document_from_the_network_may_not_reach_inside(url) -> None:
    with pytest.raises(AccessDeniedError, match="inside this computer or network"):
        OriginPolicy(REMOTE).check_url(url)


@pytest.mark.parametrize(
    "source", [None, "/data/doc.lindi.json", "doc.lindi.json", "file:///data/doc.lindi.json"]
)
@pytest.mark.parametrize("url", INSIDE[:3])
def test_a_local_document_may(source, url) -> None:
    OriginPolicy(source).check_url(url)
    OriginPolicy(source).check_path("/etc/hosts")


@pytest.mark.parametrize("url", ["https://example.com/x", "http://8.8.8.8/x", "https://[2606:4700::1]/x"])
def test_the_public_network_is_open(url) -> None:
    OriginPolicy(REMOTE).check_url(url)


def test_its_own_origin_is_open_to_a_document() -> None:
    policy = OriginPolicy("http://127.0.0.1:8000/doc.lindi.json")
    policy.check_url("http://127.0.0.1:8000/file")
    with pytest.raises(AccessDeniedError):
        policy.check_url("http://127.0.0.1:8001/file")


def test_configured_origins_are_open() -> None:
    policy = OriginPolicy(REMOTE, ["http://localhost:9000"])
    policy.check_url("http://localhost:9000/x")
    with pytest.raises(AccessDeniedError):
        policy.check_url("http://localhost/x")


def test_a_name_is_judged_by_the_address_it_turns_out_to_have() -> None:
    policy = OriginPolicy(REMOTE)
    policy.check_url("http://rebound.example/x")
    with pytest.raises(AccessDeniedError, match=r"rebound\.example:80"):
        policy.check_address("rebound.example:80", "127.0.0.1")
    policy.check_address("rebound.example:80", "8.8.8.8")


@pytest.mark.parametrize(
    "path", ["/etc/passwd", "relative", "file:///etc/passwd", r"C:\secret", "~/.ssh/id_rsa"]
)
def test_a_document_from_the_network_may_not_reach_files(path) -> None:
    with RangeReader(REMOTE) as reader, pytest.raises(AccessDeniedError, match="local file"):
        reader.read_now(ByteRange(path, 0, 10))


def test_redirects() -> None:
    check_redirect("http://a/x", "https://b/y")
    check_redirect("https://a/x", "https://b/y")
    with pytest.raises(AccessDeniedError, match="not encrypted") as caught:
        check_redirect("https://a/x?key=secret", "http://b/y?key=secret")
    assert "secret" not in str(caught.value)
    for target in ("file:///etc/passwd", "ftp://b/y", "/etc/passwd"):
        with pytest.raises(AccessDeniedError, match="no http address"):
            check_redirect("http://a/x", target)


def test_names_are_not_private_as_such() -> None:
    assert not is_private("example.org")
    assert is_private("fe80::1%eth0")


@pytest.mark.parametrize(
    ("url", "may"),
    [
        ("https://api.dandiarchive.org/", True),
        ("http://127.0.0.1:8000/", True),
        ("http://localhost/", True),
        ("http://[::1]:80/", True),
        ("http://api.dandiarchive.org/", False),
        ("http://127.0.0.1.example.org/", False),
    ],
)
def test_credentials_travel_encrypted_or_not_at_all(url, may) -> None:
    assert may_carry_credentials(url) is may


@pytest.fixture(params=["blocking", "concurrent"])
def read(request):
    def blocking(reader, url):
        return reader.read_now(ByteRange(url, 0, 3))

    def concurrent(reader, url):
        return reader.read_many([ByteRange(url, 0, 3)])[0]

    return blocking if request.param == "blocking" else concurrent


@pytest.fixture
def rebound(monkeypatch):
    """A public name that the name server maps to this computer."""
    real = socket.getaddrinfo

    def lookup(host, *args, **kwargs):
        return real("127.0.0.1" if host == "rebound.example" else host, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", lookup)


def test_a_name_that_leads_inside_is_not_connected_to(server, read, rebound) -> None:
    server.put("f", b"abc")
    url = server.origin.replace("127.0.0.1", "rebound.example") + "/f"
    with (
        RangeReader("https://example.org/doc.json") as reader,
        pytest.raises(AccessDeniedError, match="inside"),
    ):
        read(reader, url)
    assert server.seen == []
    with RangeReader("/local/doc.json") as reader:
        assert read(reader, url) == b"abc"


def test_a_redirect_inside_is_not_followed(server, read, rebound, answer) -> None:
    """The document's own origin may redirect anywhere but inside."""
    server.put("f", b"abc")
    source = server.origin.replace("127.0.0.1", "rebound.example")
    server.plan = [answer(302, {"Location": server.origin + "/f"})]
    with RangeReader(source + "/doc.json") as reader, pytest.raises(AccessDeniedError, match="inside"):
        read(reader, source + "/api")
    assert len(server.seen) == 1


def test_what_the_users_own_resolver_returns_is_trusted(server, read) -> None:
    url = server.put("f", b"abc")

    def resolver(asked: str) -> str:
        return url if asked == "https://archive.example/f" else asked

    add_additional_url_resolver(resolver)
    try:
        with RangeReader("https://archive.example/doc.json") as reader:
            assert read(reader, "https://archive.example/f") == b"abc"
    finally:
        remove_additional_url_resolver(resolver)
