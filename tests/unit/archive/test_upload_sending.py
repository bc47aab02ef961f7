"""Where uploads go, what they take for an answer, and what they leave behind."""

from __future__ import annotations

import json
import os
import traceback

import numpy as np
import pytest

import lindi_explorer as lindi
from lindi_explorer.archive import bucket
from lindi_explorer.archive.etag import digest_of
from lindi_explorer.archive.instances import Instance
from lindi_explorer.archive.replies import CompleteReply
from lindi_explorer.archive.uploading import Upload
from lindi_explorer.errors import AccessDeniedError, FormatError, LindiError, TransferError
from lindi_explorer.h5 import open_any
from lindi_explorer.remote.calls import Reply, WebCalls
from tests.unit.archive.conftest import ALICE, NEW

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


# ---------------------------------------------------------------- where data goes


def test_data_goes_to_https_or_the_storage_that_was_named(desk, monkeypatch):
    path = desk.folder / "x"
    path.write_bytes(b"x")
    digest = digest_of(path)
    sent = []
    monkeypatch.setattr(
        WebCalls, "send", lambda self, method, url, headers, content: sent.append(url) or Reply(403, {}, b"")
    )
    lab = Instance("lab", "https://api.example.org/api", "", ("http://10.0.0.1:9000",))
    for url, goes in (
        ("https://bucket.example.org/x", True),
        ("http://10.0.0.1:9000/x", True),
        ("http://bucket.example.org/x", False),
        ("http://10.0.0.1/x", False),
        ("file:///etc/passwd", False),
        ("ftp://example.org/x", False),
    ):
        with bucket.Bucket(lab) as one:
            error = bucket.LinkExpiredError if goes else AccessDeniedError
            with pytest.raises(error):
                one.put(url, path, digest.parts[0], lambda _come: None)
            with pytest.raises(error):
                one.complete(CompleteReply(url, "<x/>"), digest)
        assert sent == [url, url] * goes
        sent.clear()


def test_a_storage_inside_this_computer_is_reached_only_where_it_was_named(desk):
    path = desk.folder / "x"
    path.write_bytes(b"x")
    digest = digest_of(path)
    stranger = Instance("lab", "https://api.example.org/api", "", ("http://127.0.0.1:9",))
    with bucket.Bucket(stranger) as one, pytest.raises(AccessDeniedError, match="inside this computer"):
        one.put("http://127.0.0.1:9/x", path, digest.parts[0], lambda _come: None)


def test_a_key_goes_to_the_api_only(desk):
    uploaded(desk)
    assert {entry["origin"] for entry in desk.double.log() if entry["keyed"]} == {"api"}
    assert desk.double.leaks() == []


def test_an_archive_that_is_not_encrypted_gets_no_key(desk, monkeypatch):
    lindi.add_dandi_instance("far", "http://api.example.org/api")
    monkeypatch.setenv("FAR_API_KEY", ALICE)
    sent = []

    def send(self, method, url, headers=None, content=None):
        sent.append((url, headers))
        return Reply(401, {}, b"")

    monkeypatch.setattr(WebCalls, "send", send)
    with desk.edited() as file:
        prepared = desk.prepare(file, instance="far")
    assert not prepared.preflight.ready
    far = [headers for url, headers in sent if url.startswith("http://api.example.org/")]
    assert far == [None]


# ---------------------------------------------------------------- replies that make no sense


@pytest.mark.parametrize(
    ("route", "reply"),
    [
        ("/uploads/initialize/", {"upload_id": "../../x", "parts": []}),
        ("/uploads/initialize/", {"upload_id": "00000000-0000-4000-8000-000000000000", "parts": []}),
        ("/uploads/initialize/", ["x"]),
        ("/complete/", {"complete_url": 3}),
        ("/validate/", {"blob_id": "x", "etag": "x", "size": 1}),
        ("/draft/assets/", {"asset_id": "../../x", "path": "x"}),
    ],
)
def test_replies_that_make_no_sense(desk, monkeypatch, route, reply):
    send = WebCalls.send

    def odd(self, method, url, headers=None, content=None):
        if method == "POST" and url.endswith(route):
            return Reply(200, {}, json.dumps(reply).encode())
        return send(self, method, url, headers, content)

    with desk.edited() as file:
        prepared = desk.prepare(file)
        monkeypatch.setattr(WebCalls, "send", odd)
        with pytest.raises(FormatError, match=r"double sent a reply about .* that is not understood"):
            prepared.run()


def test_errors_hold_no_key_and_no_link(desk):
    for kind, origin, path in (
        ("expired", "storage", ""),
        ("broken", "storage", ""),
        ("broken", "api", "/complete/"),
        ("broken", "api", "/assets/$"),
    ):
        desk.double.fault(kind, origin, method="PUT" if origin == "storage" else "POST", path=path)
        with desk.edited() as file, pytest.raises(TransferError) as raised:
            desk.prepare(file, mode="json").run()
        desk.double.mend()
        said = traceback.TracebackException.from_exception(raised.value, capture_locals=True)
        assert ALICE not in "".join(said.format())
        assert "X-Amz" not in "".join(traceback.format_exception(raised.value))


@pytest.mark.parametrize(
    ("status", "route"),
    [(403, "/uploads/initialize/"), (409, "/draft/assets/"), (400, "/validate/"), (409, "/complete/")],
)
def test_refusals_that_repeat_the_key_do_not_show_it(desk, monkeypatch, status, route):
    send = WebCalls.send

    def odd(self, method, url, headers=None, content=None):
        if method == "POST" and url.endswith(route):
            return Reply(status, {}, json.dumps({"detail": f"nothing for {ALICE}"}).encode())
        return send(self, method, url, headers, content)

    with desk.edited() as file:
        prepared = desk.prepare(file)
        monkeypatch.setattr(WebCalls, "send", odd)
        with pytest.raises(LindiError) as raised:
            prepared.run()
    assert "nothing for \N{HORIZONTAL ELLIPSIS}" in raised.value.message + raised.value.hint
    assert ALICE not in f"{raised.value} {raised.value.hint}"


def test_bytes_that_are_gone_are_not_a_file_that_has_changed(desk, monkeypatch):
    send = WebCalls.send

    def odd(self, method, url, headers=None, content=None):
        if method in ("POST", "PUT") and "/draft/assets/" in url:
            return Reply(404, {}, b'{"detail": "No AssetBlob matches the given query."}')
        return send(self, method, url, headers, content)

    with desk.edited() as file:
        desk.prepare(file).run()
        file.attrs["more"] = 1
        monkeypatch.setattr(WebCalls, "send", odd)
        for conflict in ("replace", "rename"):
            with pytest.raises(TransferError, match="does not find the bytes of"):
                desk.prepare(file, conflict=conflict).run()


def test_links_of_an_upload_are_kept_where_nobody_else_looks_and_not_for_ever(desk):
    with desk.edited() as file:
        desk.double.fault("broken", "storage", method="POST")
        with pytest.raises(TransferError):
            desk.prepare(file, mode="json").run()
        desk.double.mend()
        (links,) = (desk.folder / "journals").rglob("links-*.json")
        assert links.stat().st_mode & 0o077 == 0
        assert links.parent.stat().st_mode & 0o077 == 0
        assert links.parent.parent.stat().st_mode & 0o077 == 0
        os.utime(links, (0, 0))
        other = desk.double.add_dandiset(["alice"])
        desk.prepare(file, dandiset=other).run()
        assert not links.exists()
        desk.prepare(file, mode="json").run()


def test_no_file_of_the_archive_holds_a_key(desk):
    uploaded(desk)
    with desk.edited() as file:
        for mode in ("inline", "tar", "nwb"):
            desk.prepare(file, mode=mode, conflict="rename").run()
    assert len(desk.listed()) > 6
    for path, asset_id in desk.listed().items():
        said = desk.content(asset_id) + json.dumps(desk.metadata(asset_id)).encode()
        assert ALICE.encode() not in said, path
        assert b"X-Amz" not in said, path


def test_copies_that_a_killed_upload_has_left_are_removed_by_the_next(desk):
    left = desk.folder / "journals" / "uploads" / ("0" * 20) / "files" / "blobs"
    left.mkdir(parents=True)
    (left / "blob").write_bytes(b"x")
    uploaded(desk)
    assert not left.parent.exists()


def test_an_upload_takes_one_place_for_itself(desk, monkeypatch):
    monkeypatch.setattr(Upload, "patience", 0.0)
    failed = []

    def told(progress):
        if progress.step == 4 and not failed:
            with pytest.raises(ValueError, match="is being uploaded already") as raised:
                desk.prepare(file, mode="json").run()
            failed.append(raised.value)

    with desk.edited() as file:
        desk.prepare(file, mode="json").run(told)
    assert len(failed) == 1


def test_the_double_takes_what_the_client_sends(desk):
    done = uploaded(desk)
    assert desk.metadata(done.asset_id)["schemaVersion"] == "0.7.0"
