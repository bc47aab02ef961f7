"""Replies that are not what they should be, and archives that people name."""

from __future__ import annotations

import json

import pytest

import lindi_explorer as lindi
from lindi_explorer.archive import instances
from lindi_explorer.archive.client import Client
from lindi_explorer.archive.dandi import DANDI
from lindi_explorer.archive.replies import detail_of
from lindi_explorer.errors import AccessDeniedError, FormatError, MissingFileError, TransferError
from lindi_explorer.remote.calls import Reply, WebCalls
from tests.unit.archive.conftest import ALICE

ASSET = {"asset_id": "4e074085-62be-4b8b-a0ce-05c1decfe3ad", "path": "a.nwb", "blob": "1", "zarr": None}


@pytest.fixture
def replies(double, monkeypatch):
    """What the API says, one after the other; returns the client, and the addresses that were asked."""
    planned: list[Reply] = []
    asked: list[str] = []

    def get(self: WebCalls, url: str, headers: object = None) -> Reply:
        asked.append(url)
        return planned.pop(0)

    monkeypatch.setattr(WebCalls, "get", get)

    def make(*contents: object, status: int = 200) -> tuple[Client, list[str]]:
        for content in contents:
            body = content if isinstance(content, bytes) else json.dumps(content).encode()
            planned.append(Reply(status, {}, body))
        return Client(instances.instance_named("double")), asked

    return make


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b'{"detail": "Not found."}', "Not found."),
        (b'"An asset with that path already exists"', "An asset with that path already exists"),
        (b'["Object does not exist."]', "Object does not exist."),
        (
            b'{"metadata": ["Path must not begin with /."], "x": ["y", "z"]}',
            "metadata: Path must not begin with /. x: y z",
        ),
        (b"<!doctype html><title>Server Error (500)</title>", ""),
        (b"", ""),
        (b"null", ""),
        (b"\xff\xfe", ""),
        (b'{"detail": "a\\u001b[31m\\nb"}', "a[31m b"),
        (json.dumps(["x" * 300]).encode(), "x" * 200 + "…"),
    ],
)
def test_what_a_refusal_says_in_whatever_shape(body, said):
    assert detail_of(body) == said


def test_fields_that_nobody_knows_are_let_pass(replies):
    page = {"results": [{**ASSET, "new": {"field": 1}}], "next": None, "count": "many"}
    client, _ = replies(page)
    assert [row.path for row in client.assets("000001", "draft", "a")] == ["a.nwb"]


@pytest.mark.parametrize(
    "page",
    [
        b"<html>",
        b"",
        [],
        {"results": {}},
        {"results": [{**ASSET, "path": 3}]},
        {"results": [{**ASSET, "asset_id": None}]},
        {"results": [{**ASSET, "asset_id": "../../auth/token"}]},
    ],
)
def test_replies_that_are_none(replies, page):
    client, _ = replies(page)
    with pytest.raises(FormatError, match="double sent a reply about dandiset 000001 that is not understood"):
        list(client.assets("000001", "draft", "a"))


def test_the_address_of_the_next_page_is_not_followed(replies, double):
    first = {"results": [ASSET], "next": "https://evil.example.org/?page=2"}
    client, asked = replies(first, {"results": [ASSET], "next": None})
    assert len(list(client.assets("000001", "draft", "a"))) == 2
    assert all(url.startswith(f"{double.api}/dandisets/000001/versions/draft/assets/?") for url in asked)
    assert "page=2" in asked[1]


def test_a_listing_ends_where_a_page_is_empty(replies):
    client, asked = replies({"results": [], "next": "again"})
    assert list(client.assets("000001", "draft", "a")) == []
    assert len(asked) == 1


@pytest.mark.parametrize(
    ("status", "error", "message"),
    [
        (302, TransferError, "double answered a question about dandiset 000001 with status 302"),
        (400, TransferError, "status 400"),
        (401, AccessDeniedError, "no API key for double"),
        (403, AccessDeniedError, "no API key for double"),
        (404, MissingFileError, "There is no dandiset 000001 on double, or no access to it"),
        (418, TransferError, "status 418"),
    ],
)
def test_every_status_has_its_error(replies, status, error, message):
    client, _ = replies({"detail": "why"}, status=status)
    with pytest.raises(error, match=message) as found:
        client.newest_version("000001")
    if error is TransferError:
        assert found.value.hint == "It said: why"


# ---------------------------------------------------------------- archives


def test_the_archives_that_are_known():
    assert [(one.name, one.api) for one in instances.instances()[:3]] == [
        ("dandi", "https://api.dandiarchive.org/api"),
        ("dandi-sandbox", "https://api.sandbox.dandiarchive.org/api"),
        ("ember-dandi", "https://api-dandi.emberarchive.org/api"),
    ]


@pytest.mark.parametrize(
    ("name", "options", "message"),
    [
        ("dandi", {"api": "https://example.org/api"}, "the name of another DANDI instance"),
        ("Lab 1", {"api": "https://example.org/api"}, "cannot be the name"),
        ("lab", {"api": "example.org"}, "not a valid http address"),
        ("lab", {"api": "https://example.org/api?key=1"}, "more than host and path"),
        ("lab", {"api": "https://me:secret@example.org/api"}, "more than host and path"),
        ("lab", {"api": "https://example.org", "storage": ["s3://bucket"]}, "not a valid http address"),
    ],
)
def test_archives_that_cannot_be_named(double, name, options, message):
    with pytest.raises(FormatError, match=message) as found:
        lindi.add_dandi_instance(name, **options)
    assert "secret" not in str(found.value)


def test_a_name_is_given_anew(double):
    lindi.add_dandi_instance("lab", "https://one.example.org/api")
    lindi.add_dandi_instance("lab", "https://two.example.org/api/")
    assert instances.instance_named("lab").api == "https://two.example.org/api"


@pytest.mark.parametrize("text", ["{", "[]", '{"lab": {}}', '{"lab": {"api": 3}}'])
def test_an_environment_that_is_not_understood(double, monkeypatch, text):
    monkeypatch.setenv(instances.VARIABLE, text)
    with pytest.raises(FormatError, match="LINDI_DANDI_INSTANCES cannot be understood"):
        instances.instances()


def test_nobody_takes_the_name_of_an_archive_and_its_key(double, monkeypatch):
    monkeypatch.setenv("DANDI_API_KEY", ALICE)
    monkeypatch.setenv(instances.VARIABLE, '{"dandi": {"api": "https://other.example.org/api"}}')
    asset = "4e074085-62be-4b8b-a0ce-05c1decfe3ad"
    with pytest.raises(FormatError, match="dandi is the name of another DANDI instance"):
        DANDI.key_for(f"https://other.example.org/api/assets/{asset}/download/")


def test_addresses_are_put_together(double):
    assert lindi.dandi_address("000003", "a b/c.nwb") == "dandi://dandi/000003/a%20b/c.nwb"
    assert (
        lindi.dandi_address("000003", "c.nwb", version="0.1", instance="dandi-sandbox")
        == "dandi://dandi-sandbox/000003@0.1/c.nwb"
    )
    with pytest.raises(FormatError, match="There is no DANDI instance"):
        lindi.dandi_address("000003", "c.nwb", instance="lab")
    with pytest.raises(FormatError, match="names no file"):
        lindi.dandi_address("3", "c.nwb")


def test_a_refusal_that_repeats_the_key_does_not_show_it(replies, key):
    key(ALICE)
    replies({}, status=401)
    client, _ = replies({"detail": f"no such token {ALICE}"}, status=400)
    with pytest.raises(TransferError) as found:
        client.newest_version("000001")
    assert found.value.hint == "It said: no such token …"
