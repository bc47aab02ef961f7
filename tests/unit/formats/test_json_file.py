from __future__ import annotations

import json
from pathlib import Path

import pytest

from lindi_explorer.errors import AccessDeniedError, FormatError, MissingFileError, TransferError
from lindi_explorer.formats.json_file import read_json, write_json
from lindi_explorer.remote import RangeReader, RetryRules

DOCUMENT = {"refs": {".zgroup": {"zarr_format": 2}, "é/.zgroup": {"zarr_format": 2}}, "version": 1}


@pytest.fixture
def read(tmp_path):
    """Read a document: ``read(address)``; a name without slash is in the folder of the test."""
    readers = []

    def read_(address):
        address = address if "/" in str(address) else str(tmp_path / address)
        reader = RangeReader(str(address), retries=RetryRules(tries=1))
        readers.append(reader)
        return read_json(reader, str(address))

    yield read_
    for reader in readers:
        reader.close()


def test_what_is_written_is_read(tmp_path, read):
    size = write_json(tmp_path / "f.lindi.json", DOCUMENT)
    assert read("f.lindi.json") == DOCUMENT
    data = (tmp_path / "f.lindi.json").read_bytes()
    assert len(data) == size
    assert data.isascii()
    assert data == json.dumps(DOCUMENT, indent=2, sort_keys=True).encode()


def test_a_document_larger_than_what_is_looked_at_first(tmp_path, read, serve):
    large = {**DOCUMENT, "generationMetadata": "x" * 3_000_000}
    write_json(tmp_path / "f.lindi.json", large)
    assert read("f.lindi.json") == large
    server = serve(tmp_path)
    assert read(server.url("f.lindi.json")) == large


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "f is empty"),
        (b"\x89HDF\r\n\x1a\n", "f is an HDF5 file, not a LINDI document"),
        (b"<html>", "f is a web page"),
        (b"\0\1\2", "f is not a LINDI document"),
        (b"{", "this is not JSON"),
        (b'{"a": 1}', "no LINDI document"),
    ],
)
def test_something_else(tmp_path, read, content, words):
    (tmp_path / "f").write_bytes(content)
    with pytest.raises(FormatError, match=words) as caught:
        read("f")
    assert caught.value.hint


def test_a_file_that_is_not_there(read, tmp_path):
    with pytest.raises(MissingFileError, match=r"nowhere\.lindi\.json"):
        read("nowhere.lindi.json")
    with pytest.raises(MissingFileError, match="no folder"):
        write_json(tmp_path / "no" / "f.lindi.json", DOCUMENT)


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ({"status": 404}, MissingFileError),
        ({"status": 410}, MissingFileError),
        ({"status": 403}, AccessDeniedError),
        ({"status": 401}, AccessDeniedError),
        ({"status": 503}, TransferError),
        ({"html": True}, FormatError),
        ({"truncate": 10}, TransferError),
    ],
)
def test_a_server_that_does_not_give_it(tmp_path, read, serve, fault, error):
    from lindi_explorer.samples import Fault

    write_json(tmp_path / "f.lindi.json", DOCUMENT)
    server = serve(tmp_path, faults={"f.lindi.json": Fault(**fault)})
    with pytest.raises(error, match=r"f\.lindi\.json") as caught:
        read(server.url("f.lindi.json") + "?sig=hush")
    assert "hush" not in str(caught.value) + caught.value.hint


def test_a_server_without_ranges_will_do(tmp_path, read, serve):
    from lindi_explorer.samples import Fault

    write_json(tmp_path / "f.lindi.json", {**DOCUMENT, "generationMetadata": "x" * 2_000_000})
    server = serve(tmp_path, faults={"f.lindi.json": Fault(no_ranges=True)})
    assert read(server.url("f.lindi.json"))["refs"] == DOCUMENT["refs"]


def test_a_failed_write_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "f.lindi.json"
    write_json(path, DOCUMENT)
    before = path.read_bytes()
    with pytest.raises(TypeError):
        write_json(path, {"refs": {"x": {1, 2}}})
    assert path.read_bytes() == before
    monkeypatch.setattr(Path, "replace", lambda *_args: (_ for _ in ()).throw(OSError("full")))
    with pytest.raises(OSError, match="full"):
        write_json(path, {**DOCUMENT, "version": 2})
    assert path.read_bytes() == before
