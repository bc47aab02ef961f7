"""Addresses s3://bucket/key, against a server of this machine in the place of S3."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import h5py
import pytest

from lindi_explorer import LindiH5pyFile, LindiH5ZarrStore
from lindi_explorer.errors import AccessDeniedError, FormatError, UnsupportedError
from lindi_explorer.remote import s3

KEY, SECRET = "AKIAEXAMPLE", "wJalrXUtnFEMIexamplesecret"


@pytest.fixture
def bucket(tmp_path, monkeypatch):
    """A bucket with one file; ``private``: it wants a signature; ``seen``: what was asked for."""
    path = tmp_path / "a b.h5"
    with h5py.File(path, "w") as file:
        file["data"] = [1.0, 2.0, 3.0]
    content = path.read_bytes()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        private = False
        seen: list[str] = []  # noqa: RUF012 - the class is made anew for every test

        def answer(self, body: bytes) -> None:
            self.seen.append(self.path)
            parts = urlsplit(self.path)
            signed = "X-Amz-Signature" in parse_qs(parts.query)
            if parts.path != "/my-bucket/folder/a%20b.h5":
                status, sent = 404, b""
            elif self.private and not signed:
                status, sent = 403, b""
            else:
                low, high = self.headers.get("Range", f"bytes=0-{len(content) - 1}")[6:].split("-")
                stop = min(int(high) + 1, len(content))
                status, sent = 206, content[int(low) : stop]
            self.send_response(status)
            if status == 206:
                self.send_header("Content-Range", f"bytes {low}-{stop - 1}/{len(content)}")
                self.send_header("ETag", '"one"')
            self.send_header("Content-Length", str(len(sent)))
            self.end_headers()
            self.wfile.write(sent if body else b"")

        def do_GET(self) -> None:
            self.answer(b"yes")

        def do_HEAD(self) -> None:
            self.answer(b"")

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    yield Handler
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def configured(monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)


ADDRESS = "s3://my-bucket/folder/a b.h5"


def read(address: str) -> tuple[list[float], str]:
    with LindiH5pyFile.from_hdf5_file(address) as file:
        return file["data"][...].tolist(), str(file.to_reference_file_system())


def test_a_public_object_is_read_without_credentials(bucket):
    values, _ = read(ADDRESS)
    assert values == [1, 2, 3]
    assert all("?" not in path for path in bucket.seen)


def test_a_public_object_is_not_signed_where_access_is_configured(bucket, configured):
    assert read(ADDRESS)[0] == [1, 2, 3]
    assert all("?" not in path for path in bucket.seen)


def test_a_private_object_is_read_with_signed_links(bucket, configured):
    bucket.private = True
    values, document = read(ADDRESS)
    assert values == [1, 2, 3]
    assert any(f"X-Amz-Credential={KEY}" in path for path in bucket.seen)
    # What is written down has the plain address.
    assert "X-Amz" not in document
    assert SECRET not in document + "".join(bucket.seen)


def test_a_private_object_without_credentials_is_denied(bucket):
    bucket.private = True
    with pytest.raises(AccessDeniedError):
        read(ADDRESS)


def test_the_store_opens_it_too(bucket):
    with LindiH5ZarrStore.from_file(ADDRESS) as store:
        address = store.to_reference_file_system()["refs"]["data/.zarray"]
    assert address["shape"] == [3]


@pytest.mark.parametrize("address", ["s3://", "s3://bucket", "s3://bucket/"])
def test_an_address_of_no_object(address):
    with pytest.raises(FormatError, match="names no object"):
        s3.https_address(address)


def test_without_botocore_it_says_what_to_install(monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "botocore.session", None)
    with pytest.raises(UnsupportedError, match="botocore") as found:
        s3.https_address(ADDRESS)
    assert "lindi-explorer[s3]" in found.value.hint
