"""Tar archives, folders, and references to what lies beside a document: opened as a user opens them."""

from __future__ import annotations

import json
import os

import numpy as np
import pytest

from lindi_explorer import LindiExplorer, LindiH5pyFile
from lindi_explorer.errors import (
    AccessDeniedError,
    FormatError,
    LindiError,
    MissingFileError,
)
from lindi_explorer.h5 import open_any
from tests.unit.formats import make

VALUES = list(range(1, 9))


@pytest.fixture
def written(tmp_path):
    """Write a container: ``written(kind, refs)``; returns its path."""

    def write(kind, refs=None, blobs=make.BLOBS, **members):
        doc = make.document(refs, **members)
        if kind == "tar":
            return make.tar(tmp_path / "f.lindi.tar", doc, blobs)
        path = make.folder(tmp_path / "f.lindi.d", doc, blobs)
        return path if kind == "folder" else path / "lindi.json"

    return write


KINDS = ["tar", "folder", "json"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "opening", [LindiH5pyFile.from_lindi_file, LindiH5pyFile.from_reference_file_system, open_any]
)
def test_data_and_format(written, opened, kind, opening):
    file = opened(opening(written(kind)))
    assert file["x"][:].tolist() == VALUES
    assert file.source.format == {"tar": "LINDI tar", "folder": "LINDI folder", "json": "LINDI JSON"}[kind]


def test_the_explorer_opens_them(written):
    for kind in ("tar", "folder"):
        explorer = LindiExplorer(written(kind))
        assert explorer.file["x"][:].tolist() == VALUES
        explorer.close()


@pytest.mark.parametrize(("kind", "name"), [("tar", "f.lindi.tar"), ("json", "f.lindi.d/lindi.json")])
def test_from_a_server_on_this_machine(written, opened, serve, tmp_path, kind, name):
    written(kind)
    server = serve(tmp_path)
    file = opened(LindiH5pyFile.from_lindi_file(server.url(name)))
    assert file["x"][:].tolist() == VALUES
    addresses = {
        value[0] for value in file.to_reference_file_system()["refs"].values() if isinstance(value, list)
    }
    parent = server.url("f.lindi.d/blobs/x/")
    assert addresses == ({server.url(name)} if kind == "tar" else {f"{parent}0", f"{parent}1"})


def test_a_large_remote_archive_is_read_in_ranges(written, opened, serve, tmp_path):
    blobs = {"blobs/long": bytes(3_000_000), **make.BLOBS}
    written("tar", blobs=blobs)
    server = serve(tmp_path)
    file = opened(LindiH5pyFile.from_lindi_file(server.url("f.lindi.tar")))
    assert file["x"][:].tolist() == VALUES
    assert server.stats().bytes < 1_200_000


def test_a_remote_archive_reaches_no_file_of_this_machine(written, opened, serve, tmp_path):
    (tmp_path / "secret").write_bytes(b"secret!!")
    written("tar", {"x/0": [str(tmp_path / "secret"), 0, 4]})
    file = opened(LindiH5pyFile.from_lindi_file(serve(tmp_path).url("f.lindi.tar")))
    with pytest.raises(AccessDeniedError):
        file["x"][:4]
    assert file["x"][4:].tolist() == VALUES[4:]


@pytest.mark.skipif(os.name == "nt", reason="permissions of POSIX")
def test_what_may_only_be_read_is_read(written, opened):
    path = written("tar")
    path.chmod(0o444)
    assert opened(LindiH5pyFile.from_lindi_file(path))["x"][0] == 1


@pytest.mark.parametrize("kind", ["tar", "folder"])
def test_a_lost_member_costs_its_chunk_alone(written, opened, kind):
    file = opened(LindiH5pyFile.from_lindi_file(written(kind, blobs={"blobs/x/0": b"\1\2\3\4"})))
    assert file["x"][:4].tolist() == VALUES[:4]
    with pytest.raises(MissingFileError, match="blobs/x/1"):
        file["x"][:]


def test_a_short_member_of_a_folder(written, opened):
    path = written("folder", blobs={**make.BLOBS, "blobs/x/1": b"1"})
    file = opened(LindiH5pyFile.from_lindi_file(path))
    with pytest.raises(FormatError, match="blobs/x/1"):
        file["x"][:]


def test_edits_are_written_elsewhere_with_absolute_references(written, opened, tmp_path):
    path = written("json", templates={})
    out = tmp_path / "elsewhere"
    out.mkdir()
    with LindiH5pyFile.from_lindi_file(path, mode="r+") as file:
        file.attrs["new"] = 1.5
        file.write_lindi_file(out / "o.lindi.json")
        file.close()  # written out is saved
    again = opened(LindiH5pyFile.from_lindi_file(out / "o.lindi.json"))
    assert again["x"][:].tolist() == VALUES
    assert again.attrs["new"] == 1.5


@pytest.mark.parametrize("kind", ["tar", "folder"])
def test_archives_and_folders_are_saved_in_their_place(written, kind, opened):
    path = written(kind)
    document = path if kind == "tar" else path / "lindi.json"
    before = document.read_bytes()
    with LindiH5pyFile.from_lindi_file(path, mode="r+") as file:
        file.flush()  # nothing to save
        assert document.read_bytes() == before
        file.attrs["new"] = 1.5
        file["y"] = np.arange(5000)
    file = opened(LindiH5pyFile.from_lindi_file(path))
    assert (file.attrs["new"], file["x"][:].tolist(), file["y"][-1]) == (1.5, VALUES, 4999)


def test_a_document_saved_in_its_place_keeps_what_lies_beside_it(written, opened):
    path = written("json")
    with LindiH5pyFile.from_lindi_file(path, mode="r+") as file:
        file.attrs["new"] = 1.5
    refs = json.loads(path.read_text())["refs"]
    assert refs["x/0"] == ["./blobs/x/0", 0, 4]
    moved = path.parent.rename(path.parent.with_name("moved"))
    file = opened(LindiH5pyFile.from_lindi_file(moved))
    assert (file.attrs["new"], file["x"][:].tolist()) == (1.5, VALUES)


def test_more_members_than_a_process_may_have_open(written, opened):
    resource = pytest.importorskip("resource")
    count = 400
    refs = {f"x/{number}": [f"./blobs/{number}", 0, 1] for number in range(count)}
    refs["x/.zarray"] = make.numbers(count, 1)
    path = written("folder", refs, {f"blobs/{number}": bytes([number % 256]) for number in range(count)})
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (len(os.listdir("/dev/fd")) + 200, limits[1]))  # noqa: PTH208
    try:
        file = opened(LindiH5pyFile.from_lindi_file(path))
        assert file["x"][:].tolist() == [number % 256 for number in range(count)]
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)


def test_any_bytes_in_an_archive_are_an_error_of_the_family(written, opened, count):
    import random

    path = written("tar")
    whole, chance = path.read_bytes(), random.Random(0)
    for _ in range(count(150, 5000)):
        data = bytearray(whole)
        for _ in range(chance.randint(1, 8)):
            data[chance.choice([chance.randrange(512, 1536), chance.randrange(2048, 2600)])] = chance.choice(
                b'0123456789-.e"{}[]: \0\xff'
            )
        path.write_bytes(data)
        try:
            with LindiH5pyFile.from_lindi_file(path) as file:
                file["x"][:]
        except LindiError:
            pass
