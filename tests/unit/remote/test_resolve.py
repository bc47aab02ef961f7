"""From the URL in a document to the URL that answers."""

from __future__ import annotations

import pytest

from lindi_explorer.byterange import ByteRange
from lindi_explorer.errors import UnsupportedError
from lindi_explorer.remote import RangeReader, add_additional_url_resolver, remove_additional_url_resolver
from lindi_explorer.remote.resolve import Routes, expiry_of


@pytest.fixture
def resolvers():
    """Register resolvers that are taken back when the test is over."""
    added = []

    def add(resolver):
        add_additional_url_resolver(resolver)
        added.append(resolver)
        return resolver

    yield add
    for resolver in added:
        remove_additional_url_resolver(resolver)


def test_resolvers_run_in_order_and_make_other_schemes_readable(server, resolvers) -> None:
    server.put("f", b"abc")
    resolvers(lambda url: url.replace("lab://", "store://"))
    resolvers(lambda url: url.replace("store://", server.origin + "/"))
    with RangeReader() as reader:
        assert reader.read_now(ByteRange("lab://f", 0, 3)) == b"abc"
        assert reader.read_many([ByteRange("lab://f", 1, 2)]) == [b"bc"]
        assert reader.size_and_head("lab://f").head == b"abc"
        assert reader.fetch_whole("lab://f") == b"abc"


def test_its_answer_is_remembered(server, resolvers) -> None:
    asked = []
    url = server.put("f", b"abc")
    resolvers(lambda asked_for: asked.append(asked_for) or url)
    with RangeReader() as reader:
        for i in range(3):
            reader.read_now(ByteRange("https://archive.example/f", i, 1))
        reader.read_many([ByteRange("https://archive.example/f", 0, 1)])
    assert asked == ["https://archive.example/f"]


def test_it_is_asked_again_when_its_link_is_refused(server, resolvers, answer) -> None:
    server.put("f", b"abc")
    links = [f"{server.origin}/f?sig={i}" for i in range(2)]
    resolvers(lambda _: links[0])
    with RangeReader() as reader:
        reader.read_now(ByteRange("https://archive.example/f", 0, 1))
        links.pop(0)
        server.always = lambda seen: answer(403) if seen.path.endswith("sig=0") else None
        assert reader.read_now(ByteRange("https://archive.example/f", 1, 1)) == b"b"
    assert [seen.path for seen in server.seen] == ["/f?sig=0", "/f?sig=0", "/f?sig=1"]


def test_many_reads_at_once_ask_it_once(server, resolvers) -> None:
    asked = []
    url = server.put("f", bytes(1_000_000))
    resolvers(lambda asked_for: asked.append(asked_for) or url)
    with RangeReader() as reader:
        reader.read_many([ByteRange("https://archive.example/f", 200_000 * i, 5) for i in range(5)])
    assert len(asked) == 1


def test_what_it_returns_must_be_an_http_address(resolvers) -> None:
    resolvers(lambda _: "/etc/passwd")
    with RangeReader() as reader, pytest.raises(UnsupportedError, match="/etc/passwd is not an http"):
        reader.read_now(ByteRange("https://archive.example/f", 0, 1))


@pytest.mark.parametrize("concurrent", [False, True])
def test_what_it_returns_must_be_text(resolvers, concurrent) -> None:
    resolvers(lambda _: None)
    wanted = ByteRange("https://archive.example/f", 0, 1)
    with RangeReader() as reader, pytest.raises(TypeError, match="returned NoneType, not a str"):
        reader.read_many([wanted]) if concurrent else reader.read_now(wanted)


def test_its_own_faults_come_through(resolvers) -> None:
    def broken(_: str) -> str:
        raise LookupError("no such dandiset")

    resolvers(broken)
    wanted = ByteRange("https://archive.example/f", 0, 1)
    with RangeReader() as reader:
        with pytest.raises(LookupError, match="no such dandiset"):
            reader.read_now(wanted)
        with pytest.raises(LookupError, match="no such dandiset"):
            reader.read_many([wanted, wanted])


def test_removing(server) -> None:
    def resolver(url: str) -> str:
        return url.replace("/old", "/new")

    server.put("new", b"abc")
    add_additional_url_resolver(resolver)
    remove_additional_url_resolver(resolver)
    with pytest.raises(ValueError, match="not registered"):
        remove_additional_url_resolver(resolver)
    with RangeReader() as reader, pytest.raises(FileNotFoundError):
        reader.read_now(ByteRange(server.origin + "/old", 0, 1))


def test_a_way_is_believed_for_ten_minutes() -> None:
    time = [1000.0]
    routes = Routes(lambda: time[0])
    assert routes.get("u") is None
    routes.keep("u", "https://h/x")
    time[0] += 599
    assert routes.get("u") == "https://h/x"
    time[0] += 2
    assert routes.get("u") is None


def test_a_signed_link_is_believed_until_shortly_before_it_expires() -> None:
    time = [1_700_000_000.0]
    routes = Routes(lambda: time[0])
    routes.keep("u", f"https://h/x?Expires={int(time[0]) + 3600}&Signature=s")
    time[0] += 3600 - 61
    assert routes.get("u") is not None
    time[0] += 2
    assert routes.get("u") is None
    routes.keep("u", "https://h/x?Expires=1&Signature=s")  # a wrong clock does not make it useless
    assert routes.get("u") is not None


def test_forgetting_spares_a_newer_way() -> None:
    routes = Routes()
    routes.keep("u", "https://h/old")
    routes.keep("u", "https://h/new")
    routes.forget("u", "https://h/old")
    assert routes.get("u") == "https://h/new"
    routes.forget("u", "https://h/new")
    assert routes.get("u") is None


@pytest.mark.parametrize(
    ("query", "expiry"),
    [
        ("X-Amz-Date=20240101T000000Z&X-Amz-Expires=3600", 1_704_067_200 + 3600),
        ("X-Goog-Date=20240101T000000Z&X-Goog-Expires=60", 1_704_067_200 + 60),
        ("Expires=1704067200", 1_704_067_200),
        ("", None),
        ("Expires=soon", None),
        ("X-Amz-Expires=3600", None),
        ("X-Amz-Date=20240101T000000Z&X-Amz-Expires=x", None),
        ("X-Amz-Date=99999999T000000Z&X-Amz-Expires=1", None),
    ],
)
def test_when_a_signed_link_expires(query, expiry) -> None:
    assert expiry_of("https://h/x?" + query) == expiry
