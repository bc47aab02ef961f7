"""Uploads while requests fail: replies that are lost, links that expire, bytes that are damaged."""

from __future__ import annotations

import numpy as np
import pytest

from lindi_explorer.archive import bucket
from lindi_explorer.archive.etag import digest_of
from lindi_explorer.errors import TransferError
from lindi_explorer.h5 import open_any
from tests.dandi.etag import dandi_etag, part_sizes
from tests.unit.archive.conftest import NEW, PART

DOCUMENT = "sub-1/a.nwb.lindi.json"


def uploaded(desk, **options):
    """An upload that ends well, whatever goes wrong meanwhile."""
    with desk.edited() as file:
        done = desk.prepare(file, mode="json", **options).run()
    assert done.status == "Valid"
    assert desk.listed()[DOCUMENT] == done.asset_id
    with open_any(done.url) as file:
        np.testing.assert_array_equal(file["new"][...], NEW)
    return done


def stopping_at(step: int):
    """A listener that lets an upload fail at a step."""

    def told(progress):
        if progress.step == step:
            raise RuntimeError("in the middle")

    return told


def parts(desk) -> list[tuple[str, int]]:
    """Upload and number of every part that has arrived."""
    return [
        (entry["path"], entry["part"])
        for entry in desk.double.log("storage")
        if entry["method"] == "PUT" and entry["status"] == 200 and not entry["fault"]
    ]


def test_the_identity_of_a_file_is_that_of_its_parts(desk):
    path = desk.folder / "x"
    for size in (1, PART, PART + 1, 3 * PART, 7 * PART - 1):
        path.write_bytes(NEW.tobytes()[:size])
        digest = digest_of(path)
        assert digest.etag == dandi_etag(path, PART)
        assert [part.size for part in digest.parts] == part_sizes(size, PART)


@pytest.mark.parametrize(
    ("kind", "origin", "method", "path"),
    [
        ("lost", "storage", "PUT", ""),
        ("damaged", "storage", "PUT", ""),
        ("slow-down", "storage", "PUT", ""),
        ("request-timeout", "storage", "PUT", ""),
        ("incomplete", "storage", "PUT", ""),
        ("bad-digest", "storage", "PUT", ""),
        ("request-timeout", "storage", "POST", ""),
        ("lost", "storage", "POST", ""),
        ("late-error", "storage", "POST", ""),
        ("reset", "storage", "POST", ""),
        ("lost", "api", "POST", "/initialize/"),
        ("lost", "api", "POST", "/complete/"),
        ("lost", "api", "POST", "/validate/"),
        ("short", "api", "POST", "/validate/"),
        ("lost", "api", "POST", "/assets/$"),
        ("short", "api", "POST", "/assets/$"),
        ("throttled", "api", "POST", ""),
        ("router", "api", "GET", "/validation/"),
    ],
)
def test_a_request_that_fails_twice_is_sent_again(desk, kind, origin, method, path):
    desk.double.fault(kind, origin, method=method, path=path, times=2)
    uploaded(desk)
    assert len(parts(desk)) == len(set(parts(desk)))
    names = list(desk.listed())
    assert len(names) == len(set(names)) == 4


@pytest.mark.parametrize("kind", ["lost", "short"])
def test_a_file_is_replaced_though_the_reply_is_lost(desk, kind):
    first = uploaded(desk)
    desk.double.keep(desk.assets.open_set, DOCUMENT)
    desk.double.fault(kind, method="PUT", times=1)
    with desk.edited() as file:
        file.attrs["more"] = 1
        second = desk.prepare(file, mode="json", conflict="replace").run()
    assert second.asset_id == desk.listed()[DOCUMENT] != first.asset_id
    assert desk.double.missed() == []
    assert not any(entry["method"] == "DELETE" for entry in desk.double.log())


def test_a_link_that_has_expired_is_renewed_without_a_word(desk):
    desk.double.fault("expired", "storage", method="PUT", times=1)
    uploaded(desk)
    started = [entry for entry in desk.double.log("api") if entry["path"].endswith("/initialize/")]
    assert len(started) == 1 + 3  # the blob twice, the patch, the document


@pytest.mark.parametrize(
    ("kind", "said", "begun"),
    [
        ("expired", "has expired .status 403, AccessDenied.", 2),
        ("denied", "with status 403, AccessDenied", 1),
    ],
)
def test_a_refusal_of_the_storage_that_stays_is_told(desk, kind, said, begun):
    desk.double.fault(kind, "storage", method="PUT")
    with desk.edited() as file, pytest.raises(TransferError, match=said):
        desk.prepare(file, mode="json").run()
    started = [entry for entry in desk.double.log("api") if entry["path"].endswith("/initialize/")]
    assert len(started) == begun
    desk.double.mend()
    uploaded(desk)


def test_what_arrived_spoilt_is_sent_anew_the_next_time(desk):
    desk.double.fault("other-etag", "storage", method="POST")
    with desk.edited() as file:
        with pytest.raises(TransferError, match="is not what was sent"):
            desk.prepare(file, mode="json").run()
        assert list((desk.folder / "journals").rglob("links-*.json")) == []
    sent = len(parts(desk))
    desk.double.mend()
    uploaded(desk)
    assert len(parts(desk)) > 2 * sent


def test_an_upload_goes_on_after_its_links_have_expired(desk):
    desk.double.fault("broken", "storage", method="PUT", every=4)
    with desk.edited() as file:
        prepared = desk.prepare(file, mode="json")
        desk.double.fault("gateway", "api", path="/complete/")
        with pytest.raises(TransferError, match="double is busy: the server answered 504, retry 6 of 6"):
            prepared.run()
        desk.double.mend()
        desk.double.advance(8 * 24 * 3600)
    uploaded(desk)


MOMENTS = {"while parts are sent": PART, "when they are put together": NEW.nbytes - 1, "later": 3 * PART}


@pytest.mark.parametrize("when", MOMENTS)
def test_an_upload_that_the_archive_has_forgotten_begins_anew(desk, when):
    forgotten = []

    def told(progress):
        if progress.step != 4 or forgotten or progress.done <= NEW.nbytes + MOMENTS[when]:
            return
        if when == "later":
            raise RuntimeError("in the middle")
        forgotten.append(desk.double.drop_uploads())

    with desk.edited() as file:
        if when == "later":
            with pytest.raises(RuntimeError, match="in the middle"):
                desk.prepare(file, mode="json").run(told)
            desk.double.drop_uploads()
            done = desk.prepare(file, mode="json").run()
        else:
            done = desk.prepare(file, mode="json").run(told)
            assert forgotten
    assert done.status == "Valid"
    with open_any(done.url) as file:
        np.testing.assert_array_equal(file["new"][...], NEW)
    assert list((desk.folder / "journals").rglob("links-*.json")) == []


def test_what_has_arrived_is_not_sent_again(desk):
    desk.double.fault("broken", "storage", method="PUT", path="", every=1, times=1000)
    told = []
    with desk.edited() as file:
        with pytest.raises(TransferError, match="the storage of double is busy"):
            desk.prepare(file, mode="json").run(told.append)
        assert "the storage of double is busy, retry 1 of 6" in {one.label for one in told}
        desk.double.mend()
        desk.double.fault("broken", "api", path="/complete/", times=1000)
        with pytest.raises(TransferError, match="double is busy"):
            desk.prepare(file, mode="json").run()
        assert len(parts(desk)) == -(-NEW.nbytes // PART)
        desk.double.mend()
        desk.double.forget()
        desk.prepare(file, mode="json").run()
    blob = [path for path, _ in parts(desk)]
    # The patch and the document; all of the blob was there.
    assert len(blob) == -(-len(desk.content(desk.listed()["sub-1/a.nwb.lindi_patch.json"])) // PART) + 1


def test_bytes_that_the_archive_knows_are_not_sent(desk):
    uploaded(desk)
    other = desk.double.add_dandiset(["alice"])
    desk.double.forget()
    with desk.edited() as file:
        done = desk.prepare(file, dandiset=other, mode="json").run()
    # Only the documents differ: each refers to the blob of its own dandiset, and the patch to its time.
    assert done.sent < done.size + 1_300_000
    assert len(desk.listed(other)) == 3


def test_another_file_in_the_place_of_a_blob(desk):
    uploaded(desk)
    (blob,) = [path for path in desk.listed() if path.startswith("lindi_blobs/")]
    desk.double.put_asset(desk.assets.open_set, blob, desk.assets.path)
    with desk.edited() as file, pytest.raises(Exception, match=f"{blob} exists in dandiset"):
        desk.prepare(file, mode="json", conflict="replace").run()


def test_bytes_that_are_other_ones_when_they_are_read_back(desk, monkeypatch):
    other = desk.folder / "other"
    other.write_bytes(bytes(NEW.nbytes))
    send = bucket.Bucket.complete
    spoilt = []

    def complete(self, upload, digest):
        spoilt.append(digest.size)
        return send(self, upload, digest)

    monkeypatch.setattr(bucket.Bucket, "complete", complete)

    def told(progress):
        if progress.step == 5:
            (blob,) = [path for path in desk.listed() if path.startswith("lindi_blobs/")]
            desk.double.overwrite(desk.listed()[blob], other)

    with desk.edited() as file, pytest.raises(TransferError, match="the document was not sent"):
        desk.prepare(file, mode="json").run(told)
    assert spoilt == [NEW.nbytes]
    assert DOCUMENT not in desk.listed()


def test_what_the_check_of_the_archive_finds_is_told(desk, monkeypatch):
    monkeypatch.setattr("lindi_explorer.archive.steps.ENCODINGS", {"inline": "", "json": "x"})
    with desk.edited() as file:
        done = desk.prepare(file).run()
    said = "encodingFormat: 'encodingFormat' is a required property"
    assert (done.status, done.errors) == ("Invalid", (said,))


def test_blobs_of_an_upload_that_failed_are_listed_and_not_deleted(desk):
    with desk.edited() as file:
        prepared = desk.prepare(file, mode="json")
        with pytest.raises(RuntimeError, match="in the middle"):
            prepared.run(stopping_at(5))
        (orphan,) = [path for path in desk.listed() if path.startswith("lindi_blobs/")]
        file["new"][...] = 7
        done = desk.prepare(file, mode="json").run()
        assert done.orphans == (orphan,)
        assert orphan in desk.listed()
        assert desk.prepare(file, mode="json", conflict="replace").run().orphans == ()
