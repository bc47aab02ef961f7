"""The double: uploads, assets, publication."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.dandi.asking import Reply, ask
from tests.dandi.conftest import ALICE, BOB
from tests.dandi.etag import PART, dandi_etag, part_sizes

DATA = bytes(range(250)) * 9  # three parts
ALGORITHM = "dandi:dandi-etag"


@pytest.fixture
def dandiset(double):
    return double.add_dandiset(["alice"])


def initialize(double, dandiset, path, token=ALICE, **changed) -> Reply:
    digest = {"algorithm": ALGORITHM, "value": dandi_etag(path, 1000)}
    content = {"contentSize": path.stat().st_size, "digest": digest, "dandiset": dandiset, **changed}
    return ask("POST", f"{double.api}/uploads/initialize/", content, token=token)


def put_parts(started, data) -> list[dict]:
    done, at = [], 0
    for part in started["parts"]:
        sent = ask("PUT", part["upload_url"], body=data[at : at + part["size"]])
        assert sent.status == 200
        etag = sent.headers["etag"]
        assert etag == f'"{hashlib.md5(data[at : at + part["size"]]).hexdigest()}"'  # noqa: S324 - S3's choice
        done.append({"part_number": part["part_number"], "size": part["size"], "etag": etag})
        at += part["size"]
    return done


def complete(double, upload_id, parts) -> Reply:
    made = ask("POST", f"{double.api}/uploads/{upload_id}/complete/", {"parts": parts}, token=ALICE).json
    return ask("POST", made["complete_url"], body=made["body"].encode())


def validate(double, upload_id) -> Reply:
    return ask("POST", f"{double.api}/uploads/{upload_id}/validate/", {}, token=ALICE)


def upload(double, dandiset, path) -> str:
    started = initialize(double, dandiset, path).json
    complete(double, started["upload_id"], put_parts(started, path.read_bytes()))
    return validate(double, started["upload_id"]).json["blob_id"]


def metadata(path, **more) -> dict:
    return {"path": path, "schemaKey": "Asset", "encodingFormat": "application/json", **more}


def create(double, dandiset, blob, path, token=ALICE, version="draft") -> Reply:
    content = {"metadata": metadata(path), "blob_id": blob}
    return ask("POST", f"{double.api}/dandisets/{dandiset}/versions/{version}/assets/", content, token=token)


def test_the_etag_is_the_digest_of_the_parts_digests(stored):
    digests = b"".join(
        hashlib.md5(DATA[at : at + 1000]).digest()  # noqa: S324 - S3's choice
        for at in (0, 1000, 2000)
    )
    assert dandi_etag(stored(DATA), 1000) == f"{hashlib.md5(digests).hexdigest()}-3"  # noqa: S324 - as above
    one = hashlib.md5(hashlib.md5(b"x").digest()).hexdigest()  # noqa: S324 - as above
    assert dandi_etag(stored(b"x")) == f"{one}-1"


def test_parts_grow_only_where_there_would_be_too_many():
    assert PART == 64 * 1024 * 1024
    assert part_sizes(2 * PART + 1) == [PART, PART, 1]
    assert len(part_sizes(10_000 * PART + 1)) <= 10_000


def test_an_upload_from_beginning_to_end(double, dandiset, stored):
    path = stored(DATA)
    started = initialize(double, dandiset, path).json
    assert [(part["part_number"], part["size"]) for part in started["parts"]] == [
        (1, 1000),
        (2, 1000),
        (3, 250),
    ]
    parts = put_parts(started, DATA)
    done = complete(double, started["upload_id"], parts)
    etag = dandi_etag(path, 1000)
    assert (done.status, etag.encode() in done.body) == (200, True)
    assert b"CompleteMultipartUploadResult" in done.body
    blob = validate(double, started["upload_id"])
    assert blob.json == {"blob_id": blob.json["blob_id"], "etag": etag, "sha256": None, "size": len(DATA)}
    assert validate(double, started["upload_id"]).status == 404
    known = ask("POST", f"{double.api}/blobs/digest/", {"algorithm": ALGORITHM, "value": etag}).json
    assert (known["blob_id"], known["sha256"]) == (blob.json["blob_id"], None)
    made = create(double, dandiset, known["blob_id"], "a.nwb.lindi.json")
    assert made.status == 200
    link = ask("GET", double.download_url(made.json["asset_id"])).headers["location"]
    answer = ask("GET", link)
    assert (answer.body, answer.headers["etag"]) == (DATA, f'"{etag}"')
    assert double.leaks() == []


def test_bytes_that_are_known_need_no_upload(double, dandiset, stored):
    path = stored(DATA)
    blob = upload(double, dandiset, path)
    again = initialize(double, dandiset, path)
    assert (again.status, again.headers["location"]) == (409, blob)
    assert ask("POST", f"{double.api}/blobs/digest/", {"algorithm": ALGORITHM, "value": "0-1"}).status == 404


def test_two_uploads_of_the_same_bytes(double, dandiset, stored):
    path = stored(DATA)
    first, second = (initialize(double, dandiset, path).json for _ in range(2))
    for started in (first, second):
        complete(double, started["upload_id"], put_parts(started, DATA))
    assert validate(double, first["upload_id"]).status == 200
    late = validate(double, second["upload_id"])
    assert (late.status, late.json) == (409, "An identical blob has already been uploaded.")


def test_part_links_check_length_method_expiry_and_key(double, dandiset, stored):
    started = initialize(double, dandiset, stored(DATA)).json
    url = started["parts"][0]["upload_url"]
    assert ask("PUT", url, body=b"too short").status == 403
    assert ask("GET", url).status == 403
    assert ask("PUT", url, body=DATA[:1000], token=ALICE).status == 400
    assert len(double.leaks()) == 1
    double.advance(7 * 24 * 3600 + 1)
    expired = ask("PUT", url, body=DATA[:1000])
    assert (expired.status, b"Request has expired" in expired.body) == (403, True)


def test_wrong_parts_are_not_put_together(double, dandiset, stored):
    started = initialize(double, dandiset, stored(DATA)).json
    parts = put_parts(started, DATA)
    wrong = [{**parts[0], "etag": '"0"'}, *parts[1:]]
    refused = complete(double, started["upload_id"], wrong)
    assert (refused.status, b"InvalidPart" in refused.body) == (400, True)
    assert complete(double, started["upload_id"], parts[::-1]).status == 400
    assert (validate(double, started["upload_id"]).status, validate(double, started["upload_id"]).json) == (
        400,
        ["Object does not exist."],
    )
    assert complete(double, started["upload_id"], parts).status == 200
    assert complete(double, started["upload_id"], parts).status == 404  # S3 knows the upload no more


def test_other_bytes_than_announced(double, dandiset, stored):
    started = initialize(double, dandiset, stored(DATA)).json
    complete(double, started["upload_id"], put_parts(started, DATA[::-1]))
    refused = validate(double, started["upload_id"])
    announced, actual = dandi_etag(stored(DATA), 1000), dandi_etag(stored(DATA[::-1]), 1000)
    assert (refused.status, refused.json) == (
        400,
        [f"ETag {announced} does not match actual ETag {actual}."],
    )


def test_completing_may_fail_with_status_200(double, dandiset, stored):
    started = initialize(double, dandiset, stored(DATA)).json
    parts = put_parts(started, DATA)
    double.fault("late-error", "storage", method="POST", times=1)
    failed = complete(double, started["upload_id"], parts)
    assert (failed.status, b"<Error>" in failed.body) == (200, True)
    assert complete(double, started["upload_id"], parts).status == 200


def test_who_may_not_upload(double, dandiset, stored):
    path = stored(DATA)
    assert initialize(double, dandiset, path, token="").status == 401
    assert (
        initialize(double, dandiset, path, token=BOB).status,
        initialize(double, dandiset, path, token=BOB).json,
    ) == (
        403,
        "Action not allowed",
    )
    double.add_user("c" * 40, "carol", "PENDING")
    hers = double.add_dandiset(["carol"])
    assert "detail" in initialize(double, hers, path, token="c" * 40).json
    assert initialize(double, "000099", path).status == 404
    assert initialize(double, dandiset, path, contentSize=0).status == 400
    assert initialize(double, dandiset, path, contentSize=6 << 40).status == 500
    assert initialize(double, dandiset, path, digest={"algorithm": "md5", "value": "0"}).status == 400
    double.set_embargo(dandiset, "UNEMBARGOING")
    assert initialize(double, dandiset, path).status == 400


def test_paths(double, dandiset, stored):
    blob = upload(double, dandiset, stored(DATA))
    assert create(double, dandiset, blob, "sub/a b+c~#1.nwb").status == 200
    for path in (
        "/a",
        "a//b",
        "../a",
        "a/../b",
        "a?b",
        "a:b",
        "ä",
        "",
        "a" * 513,
        "a/",
        "a./b",
        "a..b",
        f"{'a' * 99}?",
    ):
        assert create(double, dandiset, blob, path).status == 400, path
    twice = create(double, dandiset, blob, "sub/a b+c~#1.nwb")
    assert (twice.status, twice.json) == (409, "An asset with that path already exists")
    assert create(double, dandiset, blob, "sub").status == 409
    assert create(double, dandiset, blob, "sub/a b+c~#1.nwb/x").status == 409


def test_who_may_not_create_and_what_of(double, dandiset, stored):
    blob = upload(double, dandiset, stored(DATA))
    assert create(double, dandiset, blob, "a", token="").status == 401
    refused = create(double, dandiset, blob, "a", token=BOB)
    assert (refused.status, refused.body, refused.headers["content-type"].split(";")[0]) == (
        403,
        b"",
        "text/html",
    )
    assert create(double, dandiset, "00000000-0000-4000-8000-000000000000", "a").status == 404
    name = double.publish(dandiset)
    published = create(double, dandiset, blob, "a", version=name)
    assert (published.status, published.json) == (405, "Only draft versions can be modified.")


def test_replacing_gives_a_new_id_unless_nothing_changes(double, dandiset, stored):
    blob = upload(double, dandiset, stored(DATA))
    other = upload(double, dandiset, stored(b"other"))
    old = create(double, dandiset, blob, "a").json["asset_id"]
    assets = f"{double.api}/dandisets/{dandiset}/versions/draft/assets"

    def replace(asset: str, blob_id: str, path: str = "a") -> Reply:
        content = {"metadata": metadata(path), "blob_id": blob_id}
        return ask("PUT", f"{assets}/{asset}/", content, token=ALICE)

    assert replace(old, blob).json["asset_id"] == old
    new = replace(old, other).json["asset_id"]
    assert new != old
    assert replace(old, blob).status == 404
    assert ask("GET", double.download_url(old)).status == 302
    create(double, dandiset, blob, "b")
    assert replace(new, other, "b").status == 409
    moved = replace(new, other, "c/d").json
    assert moved["path"] == "c/d"
    url = f"{assets}/{moved['asset_id']}/"
    assert [ask("DELETE", url, token=ALICE).status for _ in range(2)] == [204, 404]


def test_validation_takes_its_time(double, dandiset, stored):
    blob = upload(double, dandiset, stored(DATA))
    asset = create(double, dandiset, blob, "a").json["asset_id"]
    content = {"metadata": {"path": "b", "schemaKey": "Asset"}, "blob_id": blob}
    assets = f"{double.api}/dandisets/{dandiset}/versions/draft/assets/"
    faulty = ask("POST", assets, content, token=ALICE).json["asset_id"]

    def validation(asset_id: str) -> dict:
        return ask("GET", f"{assets}{asset_id}/validation/").json

    assert validation(asset) == {"status": "Pending", "validation_errors": []}
    publish = f"{double.api}/dandisets/{dandiset}/versions/draft/publish/"
    assert ask("POST", publish, token=ALICE).status == 409
    double.advance(61)
    assert validation(asset)["status"] == "Valid"
    assert validation(faulty)["status"] == "Invalid"
    assert validation(faulty)["validation_errors"]
    digest = ask("GET", f"{double.api}/assets/{asset}/").json["digest"]
    assert digest["dandi:sha2-256"] == hashlib.sha256(DATA).hexdigest()
    assert ask("POST", publish, token=ALICE).status == 400
    ask("DELETE", f"{assets}{faulty}/", token=ALICE)
    double.set(publish_seconds=30)
    assert [ask("POST", publish, token=ALICE).status for _ in range(2)] == [202, 423]
    double.advance(31)
    newest = ask("GET", f"{double.api}/dandisets/{dandiset}/").json["most_recent_published_version"]
    published = f"{double.api}/dandisets/{dandiset}/versions/{newest['version']}/assets/"
    assert [row["asset_id"] for row in ask("GET", published).json["results"]] == [asset]
    assert ask("POST", publish, token=ALICE).status == 400  # nothing has changed


def test_the_same_bytes_in_an_open_dandiset_end_an_embargo(double, dandiset, stored):
    closed = double.add_dandiset(["alice"], embargo="EMBARGOED")
    secret = double.put_asset(closed, "a", stored(DATA))
    assert ask("GET", double.describe(secret)["unsigned_url"]).status == 403
    known = initialize(double, dandiset, stored(DATA))
    assert known.status == 409
    assert double.describe(secret)["embargoed"]
    create(double, dandiset, known.headers["location"], "b")
    assert not double.describe(secret)["embargoed"]
    assert ask("GET", double.describe(secret)["unsigned_url"]).status == 200
    publish = f"{double.api}/dandisets/{closed}/versions/draft/publish/"
    assert ask("POST", publish, token=ALICE).status == 400


def test_a_new_dandiset(double):
    url = f"{double.api}/dandisets/?embargo=true"
    content = {"name": "mine", "metadata": {"description": "x"}}
    assert ask("POST", url, content).status == 401
    assert ask("POST", url, {"name": "mine"}, token=ALICE).json == {"metadata": ["This field is required."]}
    made = ask("POST", url, content, token=ALICE).json
    assert made["embargo_status"] == "EMBARGOED"
    double.add_user("c" * 40, "carol", "PENDING")
    assert ask("POST", url, content, token="c" * 40).status == 403


def test_a_storage_that_is_far_away_is_asked_several_things_at_once(double, dandiset, stored):
    path = stored(DATA)
    started = initialize(double, dandiset, path).json
    double.set(part_seconds=0.3)
    with ThreadPoolExecutor(3) as pool:
        sent = [
            pool.submit(ask, "PUT", part["upload_url"], body=DATA[at : at + part["size"]])
            for at, part in zip((0, 1000, 2000), started["parts"], strict=True)
        ]
    assert {one.result().status for one in sent} == {200}
    assert sorted(one["beside"] for one in double.log("storage")) == [0, 1, 2]
    double.set(part_seconds=0)
    double.forget()
    put_parts(initialize(double, dandiset, stored(DATA[::-1])).json, DATA[::-1])
    assert {one["beside"] for one in double.log("storage")} == {0}
