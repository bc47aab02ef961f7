"""The double: the routes that read, and downloads."""

from __future__ import annotations

import urllib.error
import urllib.request
from urllib.parse import quote

import pytest

from tests.dandi.asking import ask
from tests.dandi.conftest import ALICE, BOB
from tests.dandi.double import Double

DATA = bytes(range(250)) * 10


@pytest.fixture
def asset(double, stored):
    dandiset = double.add_dandiset(["alice"])
    return double.put_asset(dandiset, "sub-1/a.nwb", stored(DATA))


@pytest.fixture
def secret(double, stored):
    dandiset = double.add_dandiset(["alice"], embargo="EMBARGOED")
    return double.put_asset(dandiset, "a.nwb", stored(DATA[::-1]))


def test_info_and_who_asks(double):
    info = ask("GET", f"{double.api}/info/").json
    assert info["services"]["api"]["url"] == double.api
    assert {"schema_version", "allowed_schema_versions", "instance_config", "cli-bad-versions"} <= set(info)
    assert ask("GET", f"{double.api}/auth/token/", token=ALICE).json == ALICE
    me = ask("GET", f"{double.api}/users/me/", token=ALICE).json
    assert (me["username"], me["status"], me["admin"]) == ("alice", "APPROVED", False)


@pytest.mark.parametrize("route", ["auth/token/", "users/me/"])
def test_without_a_key_or_with_a_wrong_one(double, route):
    anonymous = ask("GET", f"{double.api}/{route}")
    assert (anonymous.status, anonymous.json["detail"]) == (
        401,
        "Authentication credentials were not provided.",
    )
    wrong = ask("GET", f"{double.api}/{route}", token="0" * 40)
    assert (wrong.status, wrong.json["detail"]) == (401, "Invalid token.")


def test_a_wrong_key_is_refused_where_none_is_needed(double, asset):
    assert ask("GET", f"{double.api}/info/", token="0" * 40).status == 401
    assert ask("GET", double.download_url(asset), token="0" * 40).status == 401


def test_what_does_not_exist(double):
    page = ask("GET", f"{double.api}/nothing/")
    assert (page.status, page.headers["content-type"].split(";")[0]) == (404, "text/html")
    assert ask("GET", f"{double.api}/dandisets/000009/").json == {"detail": "Not found."}
    assert ask("DELETE", f"{double.api}/info/").status == 405
    nobody = "00000000-0000-4000-8000-000000000000"
    assert ask("GET", double.download_url(nobody)).status == 404


def test_a_dandiset_and_its_draft(double, asset):
    shown = ask("GET", f"{double.api}/dandisets/000001/").json
    assert (shown["identifier"], shown["embargo_status"]) == ("000001", "OPEN")
    assert (shown["draft_version"]["version"], shown["most_recent_published_version"]) == ("draft", None)
    name = double.publish("000001")
    shown = ask("GET", f"{double.api}/dandisets/000001/").json
    assert shown["most_recent_published_version"]["version"] == name
    info = ask("GET", f"{double.api}/dandisets/000001/versions/draft/info/").json
    assert (info["status"], info["asset_validation_errors"], info["asset_count"]) == ("Valid", [], 1)


def test_embargoed_dandisets_are_listed_only_where_asked_for(double, asset, secret):
    def listed(query: str, token: str = "") -> list[str]:
        found = ask("GET", f"{double.api}/dandisets/?{query}", token=token).json["results"]
        return [one["identifier"] for one in found]

    assert listed("") == ["000001"]
    assert listed("user=me", ALICE) == ["000001"]
    assert listed("user=me&draft=true&empty=true&embargoed=true", ALICE) == ["000001", "000002"]
    assert listed("embargoed=true", BOB) == ["000001"]


def test_the_prefix_of_a_path_has_no_case(double, stored):
    dandiset = double.add_dandiset()
    for path in ("a/x.nwb", "A/X.NWB.lindi.json", "b/x.nwb"):
        double.put_asset(dandiset, path, stored(path.encode()))
    found = ask("GET", f"{double.api}/dandisets/{dandiset}/versions/draft/assets/?path=A/x.nwb").json
    assert found["count"] == 2
    assert {row["path"] for row in found["results"]} == {"a/x.nwb", "A/X.NWB.lindi.json"}
    row = found["results"][0]
    assert set(row) == {"asset_id", "blob", "zarr", "path", "size", "created", "modified"}
    globbed = ask("GET", f"{double.api}/dandisets/{dandiset}/versions/draft/assets/?glob=*.nwb").json
    assert [row["path"] for row in globbed["results"]] == ["a/x.nwb", "b/x.nwb"]
    for text, count in (("A/X.nwb", 1), ("*/X.NWB*", 3), ("?/x.nwb", 0), ("[ab]/x.nwb", 0), ("x.nwb", 0)):
        globbed = ask("GET", f"{double.api}/dandisets/{dandiset}/versions/draft/assets/?glob={quote(text)}")
        assert globbed.json["count"] == count, text


def test_pages(double, stored):
    dandiset = double.add_dandiset()
    for number in range(5):
        double.put_asset(dandiset, f"{4 - number}.nwb", stored(b"%d" % number))
    url = f"{double.api}/dandisets/{dandiset}/versions/draft/assets/?order=path&page_size=2&metadata=true"
    found = []
    while url:
        page = ask("GET", url).json
        assert page["count"] == 5
        found += page["results"]
        url = page["next"]
    assert [row["path"] for row in found] == [f"{number}.nwb" for number in range(5)]
    assert all(row["metadata"]["path"] == row["path"] for row in found)
    assert page["previous"].endswith("page=2")
    beyond = ask("GET", f"{double.api}/dandisets/{dandiset}/versions/draft/assets/?page=2")
    assert (beyond.status, beyond.json) == (404, {"detail": "Invalid page."})


def test_a_download_leads_to_the_other_origin(double, asset):
    for method in ("GET", "HEAD"):
        sent_on = ask(method, double.download_url(asset))
        assert sent_on.status == 302
        assert sent_on.headers["location"].startswith(f"{double.storage}/")
    link = sent_on.headers["location"]
    assert "X-Amz-Expires=21600" in link
    assert ask("GET", link).body == DATA
    assert 'attachment; filename="a.nwb"' in ask("GET", link).headers["content-disposition"]
    inline = ask("GET", double.download_url(asset) + "?content_disposition=inline").headers["location"]
    assert ask("GET", inline).headers["content-disposition"].startswith("inline")
    assert ask("GET", double.download_url(asset), Range="bytes=0-0").status == 302


def test_a_link_is_for_one_method_and_one_spelling(double, asset):
    link = ask("GET", double.download_url(asset)).headers["location"]
    assert ask("HEAD", link).status == 403
    other = ask("GET", link.replace("a.nwb", "b.nwb"))
    assert (other.status, b"SignatureDoesNotMatch" in other.body) == (403, True)
    assert ask("GET", link[:-1] + ("0" if link[-1] != "0" else "1")).status == 403
    assert ask("GET", link.replace("X-Amz-Expires=21600", "X-Amz-Expires=99999")).status == 403
    assert ask("GET", link.replace("X-Amz-Date", "X-Amz-When")).status == 400


def test_a_link_expires(double, asset):
    link = ask("GET", double.download_url(asset)).headers["location"]
    double.advance(21_599 - 60)
    assert ask("GET", link).status == 200
    double.advance(61)
    expired = ask("GET", link)
    assert (expired.status, b"Request has expired" in expired.body) == (403, True)
    fresh = ask("GET", double.download_url(asset)).headers["location"]
    assert ask("GET", fresh).status == 200


def test_ranges_and_conditions(double, asset):
    link = ask("GET", double.download_url(asset)).headers["location"]
    part = ask("GET", link, Range="bytes=10-19")
    assert (part.status, part.body, part.headers["content-range"]) == (206, DATA[10:20], "bytes 10-19/2500")
    assert ask("GET", link, Range="bytes=2490-9999").headers["content-range"] == "bytes 2490-2499/2500"
    assert ask("GET", link, Range="bytes=-5").body == DATA[-5:]
    beyond = ask("GET", link, Range="bytes=2500-2501")
    assert (beyond.status, beyond.headers["content-range"]) == (416, "bytes */2500")
    assert ask("GET", link, Range="bytes=9-3").status == 200
    etag = part.headers["etag"]
    assert etag == f'"{double.describe(asset)["etag"]}"'
    assert etag.endswith('-3"')  # parts of 1000 bytes
    assert ask("GET", link, If_Match=etag, Range="bytes=0-0").status == 206
    assert ask("GET", link, If_Match='"other"').status == 412
    assert ask("GET", link, If_None_Match=etag).status == 304


def test_any_authorization_at_the_storage_is_refused_and_counted(double, asset):
    link = ask("GET", double.download_url(asset), token=ALICE).headers["location"]
    refused = ask("GET", link, token=ALICE)
    assert (refused.status, b"Only one auth mechanism allowed" in refused.body) == (400, True)
    assert len(double.leaks()) == 1
    assert ask("GET", double.describe(asset)["unsigned_url"], token=ALICE).status == 400
    assert len(double.leaks()) == 2


def test_urllib_leaks_the_key_on_the_redirect(double, asset):
    request = urllib.request.Request(  # noqa: S310 - an address of this machine
        double.download_url(asset), headers={"Authorization": f"token {ALICE}"}
    )
    with pytest.raises(urllib.error.HTTPError) as found:
        urllib.request.urlopen(request)  # noqa: S310 - an address of this machine
    assert found.value.code == 400
    found.value.close()
    assert double.leaks() == [f"Authorization at storage: GET {double.log('storage')[0]['path']}"]


@pytest.mark.parametrize(
    ("query", "headers"),
    [(f"?key={ALICE}", {}), ("?X-Amz-Signature=00", {}), ("", {"Cookie": "a=b"}), ("", {"X_Key": ALICE})],
)
def test_secrets_elsewhere_are_counted(double, query, headers):
    ask("GET", f"{double.api}/info/{query}", **headers)
    assert len(double.leaks()) == 1


def test_unsigned_addresses_of_open_blobs(double, asset, secret):
    url = double.describe(asset)["unsigned_url"]
    assert ask("HEAD", url).headers["content-length"] == "2500"
    assert ask("GET", url, Range="bytes=1-2").body == DATA[1:3]
    assert ask("GET", double.describe(secret)["unsigned_url"]).status == 403
    assert ask("GET", url + "0").status == 403
    assert ask("PUT", url, body=b"x").status == 403


def test_an_embargo(double, secret):
    assert ask("GET", double.download_url(secret)).status == 401
    assert ask("GET", double.download_url(secret), token="0" * 40).status == 401
    assert ask("GET", double.download_url(secret), token=BOB).status == 403
    link = ask("GET", double.download_url(secret), token=ALICE)
    assert link.status == 302
    assert ask("GET", link.headers["location"]).body == DATA[::-1]
    for route in ("", "versions/draft/info/", "versions/draft/assets/"):
        url = f"{double.api}/dandisets/000001/{route}"
        assert [ask("GET", url, token=token).status for token in ("", BOB, ALICE)] == [401, 403, 200]
    double.set_embargo("000001", "OPEN")
    assert ask("GET", double.download_url(secret)).status == 302


def test_a_zarr_hierarchy_is_listed_and_not_downloaded(double):
    dandiset = double.add_dandiset()
    asset = double.put_zarr(dandiset, "a.zarr")
    (row,) = ask("GET", f"{double.api}/dandisets/{dandiset}/versions/draft/assets/").json["results"]
    assert row["blob"] is None
    assert row["zarr"]
    assert ask("GET", double.download_url(asset)).status == 400


def test_ids_are_the_same_in_every_run(double, asset, stored):
    with Double(part=1000) as again:
        again.add_dandiset(["alice"])
        assert again.put_asset("000001", "sub-1/a.nwb", stored(DATA)) == asset


def test_a_replaced_asset_has_a_new_id_and_the_old_one_goes_on(double, asset, stored):
    new = double.put_asset("000001", "sub-1/a.nwb", stored(b"new"))
    assert new != asset
    listed = ask("GET", f"{double.api}/dandisets/000001/versions/draft/assets/").json["results"]
    assert [row["asset_id"] for row in listed] == [new]
    assert ask("GET", ask("GET", double.download_url(asset)).headers["location"]).body == DATA
    in_draft = f"{double.api}/dandisets/000001/versions/draft/assets/{asset}/"
    assert ask("GET", f"{in_draft}download/").status == 404
    assert ask("GET", f"{in_draft.replace(asset, new)}info/").json["metadata"]["path"] == "sub-1/a.nwb"
