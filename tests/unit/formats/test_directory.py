from __future__ import annotations

import os

import pytest

from lindi_explorer.errors import FormatError
from lindi_explorer.formats.directory import inside
from lindi_explorer.formats.open import read_document
from lindi_explorer.remote import RangeReader
from tests.unit.formats import make

needs_links = pytest.mark.skipif(os.name == "nt", reason="symbolic links need a privilege")


def test_document_and_members(tmp_path):
    path = str(make.folder(tmp_path / "f.lindi.d", make.document()))
    with RangeReader(path) as reader:
        found = read_document(reader, path)
    assert (found.document, found.format) == (make.document(), "LINDI folder")
    assert found.locate("blobs/x/1") == (f"{path}/blobs/x/1", 0, None)


def test_another_folder(tmp_path):
    with RangeReader(str(tmp_path)) as reader, pytest.raises(FormatError, match=r"no lindi\.json"):
        read_document(reader, str(tmp_path))


@pytest.mark.parametrize("name", ["../f", "a/../../f", "/etc/passwd", "a//b", "", "..\\f", ".."])
def test_names_that_lead_out(tmp_path, name):
    with pytest.raises(FormatError, match="leads out"):
        inside(str(tmp_path))(name)


@needs_links
def test_links_inside_are_followed_and_links_out_are_not(tmp_path):
    folder = make.folder(tmp_path / "f.lindi.d", make.document())
    (tmp_path / "secret").write_bytes(b"out")
    (folder / "in").symlink_to("blobs/x/0")
    (folder / "out").symlink_to(tmp_path / "secret")
    (folder / "up").symlink_to(tmp_path)
    locate = inside(str(folder))
    assert locate("in").address == str(folder / "in")
    for name in ("out", "up/secret"):
        with pytest.raises(FormatError, match="through a link"):
            locate(name)


@needs_links
def test_the_folder_itself_may_be_reached_through_a_link(tmp_path):
    make.folder(tmp_path / "real", make.document())
    (tmp_path / "link").symlink_to("real")
    assert inside(str(tmp_path / "link"))("blobs/x/0").address == str(tmp_path / "link" / "blobs/x/0")


@needs_links
def test_a_folder_whose_name_begins_alike_is_another(tmp_path):
    folder = make.folder(tmp_path / "f", make.document())
    make.folder(tmp_path / "f2", make.document())
    (folder / "out").symlink_to(tmp_path / "f2")
    with pytest.raises(FormatError, match="through a link"):
        inside(str(folder))("out/lindi.json")
