"""The staging area: its folder, what lies in it, and that nothing lies outside."""

from __future__ import annotations

import contextlib
import os
import re
import stat
import threading
from pathlib import Path

import pytest

from lindi_explorer.byterange import ByteRange
from lindi_explorer.errors import AccessDeniedError
from lindi_explorer.remote import RangeReader
from lindi_explorer.staging.area import StagingArea


@pytest.fixture
def area(tmp_path):
    with StagingArea.create(dir=tmp_path / "area") as made:
        yield made


def test_exactly_one_folder_is_given(tmp_path):
    with pytest.raises(ValueError, match="base_dir or dir"):
        StagingArea.create()
    with pytest.raises(ValueError, match="not both"):
        StagingArea.create(base_dir=tmp_path, dir=tmp_path)


def test_in_a_base_folder_areas_have_names_of_their_own(tmp_path):
    areas = [StagingArea.create(base_dir=tmp_path / "base") for _ in range(20)]
    names = {os.path.relpath(area.directory, tmp_path / "base") for area in areas}
    assert len(names) == 20
    assert all(re.fullmatch(r"\d{14}-[a-z0-9]{8}", name) for name in names)


def test_the_folder_is_absolute_and_appears_with_the_first_data(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    area = StagingArea.create(dir="here")
    assert area.directory == str(tmp_path / "here")
    assert not Path(area.directory).exists()
    area.store_file("g/x/0.0", b"abc")
    assert Path(area.directory).is_dir()
    area.cleanup()


@pytest.mark.parametrize("wrong", [False, True])
def test_the_folder_goes_at_the_end_of_the_block_also_after_errors(tmp_path, wrong):
    errors = [KeyError("wrong")] if wrong else []
    with contextlib.suppress(KeyError), StagingArea.create(base_dir=tmp_path / "base") as area:
        reference = area.put(b"x" * 2000)
        area.store_file("g/0", b"y")
        assert Path(reference.url).exists()
        for error in errors:
            raise error
    assert not Path(area.directory).exists()
    assert list((tmp_path / "base").iterdir()) == []


def test_without_any_data_there_is_nothing_to_remove(tmp_path):
    with StagingArea.create(base_dir=tmp_path / "base"):
        pass
    assert not (tmp_path / "base").exists()


def test_after_cleanup_nothing_can_be_put_and_nothing_comes_back(tmp_path):
    area = StagingArea.create(dir=tmp_path / "area")
    area.put(b"x" * 2000)
    area.cleanup()
    area.cleanup()
    for put in (lambda: area.put(b"x" * 2000), lambda: area.store_file("a", b"b")):
        with pytest.raises(ValueError, match="has been removed"):
            put()
    assert not (tmp_path / "area").exists()


def test_what_lay_in_the_folder_before_stays(tmp_path):
    (tmp_path / "mine" / "deep").mkdir(parents=True)
    (tmp_path / "mine" / "thesis.txt").write_text("years of work")
    (tmp_path / "mine" / "deep" / "data").write_text("more")
    with StagingArea.create(dir=tmp_path / "mine") as area:
        area.put(b"x" * 2000)
        area.store_file("g/0", b"y")
    assert sorted(path.name for path in (tmp_path / "mine").rglob("*")) == ["data", "deep", "thesis.txt"]


def test_an_area_that_was_left_behind_is_used_again_and_removed(tmp_path):
    left = StagingArea.create(dir=tmp_path / "area")
    reference = left.put(b"x" * 2000)
    left.seal()
    with StagingArea.create(dir=tmp_path / "area") as area:
        assert Path(reference.url).read_bytes() == b"x" * 2000
        assert area.put(b"y" * 2000).url != reference.url
    assert not (tmp_path / "area").exists()


@pytest.mark.skipif(os.name == "nt", reason="links of POSIX")
def test_an_area_behind_a_link_goes_with_the_link(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    with StagingArea.create(dir=tmp_path / "link") as area:
        area.store_file("a/0", b"x")
        assert (tmp_path / "real" / "a" / "0").exists()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.name == "nt", reason="permissions of POSIX")
def test_others_cannot_look_into_the_folder(area):
    area.put(b"x" * 2000)
    assert stat.S_IMODE(Path(area.directory).stat().st_mode) == 0o700


def test_short_chunks_stay_in_the_document(area):
    data = b"x" * 999
    assert area.put(data) is data
    assert area.put(b"") == b""
    assert not Path(area.directory).exists()


def test_longer_chunks_go_to_the_area_and_are_read_at_once(area):
    with RangeReader(None) as reader:
        for number in range(5):
            data = bytes([number]) * (1000 + number)
            reference = area.put(data)
            assert isinstance(reference, ByteRange)
            assert Path(reference.url).is_absolute()
            assert area.holds(reference.url)
            assert reader.read_now(reference) == data
    assert len(list(area.blob_folder.iterdir())) == 1


def test_after_sealing_the_files_that_are_there_do_not_change(area):
    first = area.put(b"x" * 2000)
    area.seal()
    area.put(b"y" * 2000)
    assert Path(first.url).read_bytes() == b"x" * 2000


def test_threads_put_at_the_same_time(area):
    put = {}

    def run(number):
        for step in range(30):
            data = f"{number}-{step};".encode() * 300
            put[number, step] = (area.put(data), data)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with RangeReader(None) as reader:
        for reference, data in put.values():
            assert reader.read_now(reference) == data


def test_a_file_is_stored_and_replaced(area):
    path = area.store_file("g/x/0.0", b"old")
    assert path == area.get_full_path("g/x/0.0") == str(Path(area.directory, "g", "x", "0.0"))
    assert Path(path).read_bytes() == b"old"
    assert area.store_file("g/x/0.0", b"new") == path
    assert Path(path).read_bytes() == b"new"


@pytest.mark.parametrize(
    "relpath",
    ["../x", "a/../../x", "..", ".", "", "/etc/passwd", "a//b", "a/./b", "a/", "..\\x", "a/../b"],
)
def test_a_path_that_leads_elsewhere_is_refused(area, tmp_path, relpath):
    for use in (area.get_full_path, lambda path: area.store_file(path, b"x")):
        with pytest.raises(AccessDeniedError, match="inside the staging area"):
            use(relpath)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.name == "nt", reason="links of POSIX")
def test_a_link_out_of_the_area_is_not_followed(area, tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret").write_bytes(b"old")
    area.store_file("a/0", b"x")
    Path(area.directory, "folder").symlink_to(outside)
    Path(area.directory, "file").symlink_to(outside / "secret")
    Path(area.directory, "within").symlink_to(Path(area.directory, "a"))
    for relpath in ("folder/new", "folder/secret", "file"):
        with pytest.raises(AccessDeniedError):
            area.store_file(relpath, b"new")
    assert [path.name for path in outside.iterdir()] == ["secret"]
    assert (outside / "secret").read_bytes() == b"old"
    assert Path(area.store_file("within/1", b"y")).read_bytes() == b"y"
    area.cleanup()
    assert (outside / "secret").read_bytes() == b"old"
