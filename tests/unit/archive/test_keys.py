"""Keys: where they come from, where they go, and where they never are."""

from __future__ import annotations

import asyncio
import json
import pickle
import sys
import traceback
import types

import numpy as np
import pytest

import lindi_explorer as lindi
from lindi_explorer.archive import instances
from lindi_explorer.archive.client import Client
from lindi_explorer.archive.dandi import DANDI
from lindi_explorer.archive.keys import key_headers
from lindi_explorer.byterange import ByteRange
from lindi_explorer.errors import AccessDeniedError
from lindi_explorer.explorer.session import ExplorerSession
from lindi_explorer.h5 import open_any
from lindi_explorer.remote import LocalCache, RangeReader
from tests.unit.archive.conftest import ALICE, BOB, DATA, STALE


def by_name(assets) -> str:
    return f"dandi://double/{assets.closed_set}/b.nwb"


def keyed(double) -> list[tuple[str, str]]:
    """Which requests had a key."""
    return [(entry["origin"], entry["path"]) for entry in double.log() if entry["keyed"]]


# ---------------------------------------------------------------- under embargo


def test_an_owner_reads_what_is_under_embargo(double, assets, key):
    key(ALICE)
    for source in (by_name(assets), double.download_url(assets.secret)):
        with open_any(source) as file:
            assert file.attrs["name"] == "under embargo"
            np.testing.assert_array_equal(file["data"][...], DATA)
    assert {origin for origin, _ in keyed(double)} == {"api"}


def test_so_do_concurrent_reads(double, assets, key):
    key(ALICE)
    url, content = double.download_url(assets.secret), assets.path.with_name("secret.h5").read_bytes()
    with RangeReader(url) as reader:
        found = reader.read_many([ByteRange(url, start, 100) for start in (0, 500_000, 1_500_000)])
    assert found == [content[start : start + 100] for start in (0, 500_000, 1_500_000)]


def test_each_request_is_made_without_a_key_first(double, assets, key):
    key(ALICE)
    with RangeReader(double.download_url(assets.secret)) as reader:
        reader.read_now(ByteRange(double.download_url(assets.secret), 0, 10))
    assert [(entry["origin"], entry["status"], entry["keyed"]) for entry in double.log()] == [
        ("api", 401, False),
        ("api", 302, True),
        ("storage", 206, False),
    ]


@pytest.mark.parametrize("by", ["name", "download"])
def test_without_a_key_it_says_where_to_put_one(double, assets, by):
    source = by_name(assets) if by == "name" else double.download_url(assets.secret)
    with pytest.raises(AccessDeniedError, match="to its owners only, and there is no API key") as found:
        open_any(source)
    assert "DOUBLE_API_KEY" in found.value.hint
    assert "service dandi-api-double, user key" in found.value.hint
    assert keyed(double) == []


@pytest.mark.parametrize("by", ["name", "download"])
def test_a_key_of_elsewhere(double, assets, key, by):
    key(STALE)
    source = by_name(assets) if by == "name" else double.download_url(assets.secret)
    with pytest.raises(
        AccessDeniedError, match="API key not accepted by double; sandbox and production keys"
    ):
        open_any(source)


@pytest.mark.parametrize("by", ["name", "download"])
def test_a_key_of_somebody_else(double, assets, key, by):
    key(BOB)
    source = by_name(assets) if by == "name" else double.download_url(assets.secret)
    with pytest.raises(AccessDeniedError, match="not an owner"):
        open_any(source)


def test_an_account_that_is_not_approved(double, assets, key):
    double.add_user("c4401" * 8, "carla", "PENDING")
    key("c4401" * 8)
    with pytest.raises(
        AccessDeniedError, match="Your account carla on double is not approved: it is pending"
    ):
        open_any(by_name(assets))


def test_who_asks(double, key):
    key(ALICE)
    with Client(instances.instance_named("double")) as client:
        assert (client.me().username, client.me().status) == ("alice", "APPROVED")


def test_a_document_under_embargo_leads_to_data_under_embargo(double, assets, key, tmp_path):
    key(ALICE)
    with open_any(by_name(assets)) as file:
        file.write_lindi_file(tmp_path / "b.nwb.lindi.json")
    double.put_asset(assets.closed_set, "b.nwb.lindi.json", tmp_path / "b.nwb.lindi.json")
    with open_any(by_name(assets)) as file:
        assert file.source.format == "LINDI JSON"
        np.testing.assert_array_equal(file["data"][...], DATA)
    assert {origin for origin, _ in keyed(double)} == {"api"}


def test_the_end_of_an_embargo(double, assets):
    double.set_embargo(assets.closed_set, "OPEN")
    with open_any(by_name(assets)) as file:
        assert file.attrs["name"] == "under embargo"


# ---------------------------------------------------------------- open to everybody


@pytest.mark.parametrize("token", [STALE, BOB, ALICE])
def test_what_is_open_is_read_without_any_key(double, assets, key, token):
    key(token)
    for source in (f"dandi://double/{assets.open_set}/sub-1/a.nwb", double.download_url(assets.h5)):
        with open_any(source) as file:
            np.testing.assert_array_equal(file["data"][:10], DATA[:10])
    assert keyed(double) == []


# ---------------------------------------------------------------- where keys come from


@pytest.fixture
def keyring(monkeypatch) -> dict[tuple[str, str], str]:
    """A keyring that holds what a test puts in."""
    held: dict[tuple[str, str], str] = {}
    module = types.ModuleType("keyring")
    module.get_password = lambda service, user: held.get((service, user))  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "keyring", module)
    return held


def test_the_keyring_of_dandis_own_client(double, assets, keyring):
    keyring["dandi-api-double", "key"] = ALICE
    with open_any(by_name(assets)) as file:
        assert file.attrs["name"] == "under embargo"


def test_the_environment_comes_first(double, assets, key, keyring):
    keyring["dandi-api-double", "key"] = STALE
    key(f" {ALICE}\n")
    with open_any(by_name(assets)) as file:
        assert file.attrs["name"] == "under embargo"


def test_a_keyring_that_fails_holds_no_key(double, assets, keyring, monkeypatch):
    def locked(service: str, user: str) -> str:
        raise RuntimeError("locked")

    monkeypatch.setattr(sys.modules["keyring"], "get_password", locked)
    with pytest.raises(AccessDeniedError, match="there is no API key for double"):
        open_any(by_name(assets))


def test_the_variables_are_those_of_dandis_own_client():
    variables = [one.key_variable for one in instances.instances()[:3]]
    assert variables == ["DANDI_API_KEY", "DANDI_SANDBOX_API_KEY", "EMBER_DANDI_API_KEY"]


def test_what_cannot_be_a_key_is_not_sent_and_not_shown(double, assets, key):
    key(f"{ALICE}\nX-Evil: 1")
    with pytest.raises(AccessDeniedError, match="cannot be one") as found:
        open_any(by_name(assets))
    assert ALICE not in told(found.value)
    assert keyed(double) == []


# ---------------------------------------------------------------- where keys never go


def test_a_document_gets_a_key_for_downloads_only(double, assets, key):
    key(ALICE)
    document = double.download_url(assets.h5)
    with RangeReader(document) as reader:
        for route in ("auth/token/", "users/me/", f"dandisets/{assets.closed_set}/", "assets/../auth/token/"):
            with pytest.raises(lindi.LindiError):
                reader.read_now(ByteRange(f"{double.api}/{route}", 0, 10))
    assert keyed(double) == []


@pytest.mark.parametrize(
    "url",
    [
        "http://api.example.org/api/assets/{}/download/",
        "https://api.example.org:8443/api/assets/{}/download/",
        "https://api.example.org.evil.org/api/assets/{}/download/",
        "https://evil.org/?https://api.example.org/api/assets/{}/download/",
        "https://api.example.org?/api/assets/{}/download/",
        "https://api.example.org@evil.org/api/assets/{}/download/",
        "https://api.example.org/api/assets/{}/download/../../../auth/token/",
        "https://api.example.org/other/assets/{}/download/",
    ],
)
def test_other_addresses_get_no_key(monkeypatch, url):
    monkeypatch.setattr(instances, "_added", ())
    monkeypatch.setenv("LAB_API_KEY", ALICE)
    lindi.add_dandi_instance("lab", "https://api.example.org/api")
    asset = "4e074085-62be-4b8b-a0ce-05c1decfe3ad"
    assert DANDI.key_for(f"https://api.example.org/api/assets/{asset}/download/") is not None
    assert DANDI.key_for(url.format(asset)) is None


def test_an_archive_that_is_not_encrypted_gets_no_key(monkeypatch):
    monkeypatch.setattr(instances, "_added", ())
    monkeypatch.setenv("LAB_API_KEY", ALICE)
    lindi.add_dandi_instance("lab", "http://api.example.org/api")
    asset = "4e074085-62be-4b8b-a0ce-05c1decfe3ad"
    assert DANDI.key_for(f"http://api.example.org/api/assets/{asset}/download/") is None


def told(error: BaseException) -> str:
    """All that a traceback says below the test, even one that shows variables."""
    said = traceback.TracebackException.from_exception(error, capture_locals=True)
    said.stack[:] = [frame for frame in said.stack if frame.filename != __file__]
    assert said.stack
    return "".join(said.format())


@pytest.mark.parametrize("token", [STALE, BOB])
def test_tracebacks_with_variables_hold_no_key(double, assets, key, token):
    key(token)
    url = double.download_url(assets.secret)

    async def concurrently() -> None:
        reader = RangeReader(url)
        try:
            await reader.read(ByteRange(url, 0, 10))
        finally:
            await reader.aclose()

    for read in (
        lambda: open_any(by_name(assets)),
        lambda: open_any(url),
        lambda: asyncio.run(concurrently()),
    ):
        with pytest.raises(AccessDeniedError) as found:
            read()
        assert token not in told(found.value)


def test_headers_do_not_show_what_they_hold(double, key):
    key(ALICE)
    headers = key_headers(instances.instance_named("double"))
    assert headers == {"Authorization": f"token {ALICE}"}
    assert f"{headers} {headers!r}" == "Headers(Authorization) Headers(Authorization)"


def test_what_a_reader_hands_on_holds_no_key(double, assets, key, tmp_path):
    key(ALICE)
    cache = LocalCache(cache_dir=tmp_path / "cache")
    with open_any(by_name(assets), local_cache=cache) as file:
        np.testing.assert_array_equal(file["data"][:100], DATA[:100])
        assert ALICE.encode() not in pickle.dumps(file.reader)
        assert ALICE not in json.dumps(file.to_reference_file_system())


def test_a_session_leaves_no_key_in_what_it_writes(double, assets, key, tmp_path):
    key(ALICE)
    with ExplorerSession.open(by_name(assets)) as session:
        session.file.attrs["note"] = "changed"
        session.file.write_lindi_file(tmp_path / "out.nwb.lindi.json")
        session.file.write_lindi_file(tmp_path / "out.nwb.lindi.tar")
    assert (tmp_path / "out.nwb.lindi.json").exists()  # searched through, as every file, when the test ends
