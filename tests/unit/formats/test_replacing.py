"""Files and folders that are written by others take their place at once, or not at all."""

from __future__ import annotations

import os

import pytest

from lindi_explorer.formats.atomic import replacing, replacing_folder


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_file_takes_its_place_when_the_block_ends(tmp_path):
    path = tmp_path / "f"
    path.write_text("old")
    path.chmod(0o640)
    with replacing(path) as temporary:
        temporary.write_text("new")
        assert path.read_text() == "old"
    assert (path.read_text(), path.stat().st_mode & 0o777, names(tmp_path)) == ("new", 0o640, ["f"])


def test_a_file_that_fails_leaves_nothing(tmp_path):
    path = tmp_path / "f"
    with pytest.raises(ZeroDivisionError), replacing(path) as temporary:
        temporary.write_text(str(1 / 0))
    assert names(tmp_path) == []


@pytest.mark.parametrize("there", [True, False])
def test_a_folder_takes_its_place_when_the_block_ends(tmp_path, there, monkeypatch):
    path = tmp_path / "d"
    if there:
        path.mkdir()
        (path / "old").write_text("old")
    at_sync = []
    monkeypatch.setattr(os, "sync", lambda: at_sync.append(names(path) if path.exists() else None))
    with replacing_folder(path) as temporary:
        (temporary / "new").write_text("new")
    # All is on disk before anything is renamed.
    assert at_sync == [["old"] if there else None]
    assert (names(tmp_path), names(path)) == (["d"], ["new"])
    assert path.stat().st_mode & 0o055 == tmp_path.parent.joinpath(tmp_path.name, "d").stat().st_mode & 0o055


def test_a_folder_is_open_to_others_as_new_folders_are(tmp_path):
    (tmp_path / "usual").mkdir()
    with replacing_folder(tmp_path / "d"):
        pass
    assert (tmp_path / "d").stat().st_mode == (tmp_path / "usual").stat().st_mode


def test_a_folder_that_fails_leaves_the_old_one(tmp_path, monkeypatch):
    path = tmp_path / "d"
    path.mkdir()
    (path / "old").write_text("old")
    with pytest.raises(ZeroDivisionError), replacing_folder(path) as temporary:
        temporary.joinpath("new").mkdir(mode=1 // 0)
    assert (names(tmp_path), names(path)) == (["d"], ["old"])


def test_a_folder_whose_last_rename_fails_leaves_the_old_one(tmp_path, monkeypatch):
    path = tmp_path / "d"
    path.mkdir()
    (path / "old").write_text("old")
    rename = type(path).rename

    def fails(self, target):
        if self.name == "new":
            raise OSError(5, "input/output error")
        return rename(self, target)

    monkeypatch.setattr(type(path), "rename", fails)
    with pytest.raises(OSError, match="input/output"), replacing_folder(path):
        pass
    assert (names(tmp_path), names(path)) == (["d"], ["old"])
