"""Files that virtual datasets name are looked for where HDF5 looks, and named to be found again."""

from __future__ import annotations

import h5py
import numpy as np
import pytest

from lindi_explorer import LindiH5pyFile


@pytest.fixture
def here(tmp_path, monkeypatch):
    """The working directory; the files with virtual datasets lie in another."""
    for name in ("here", "there", "away"):
        (tmp_path / name).mkdir()
    monkeypatch.chdir(tmp_path / "here")
    return tmp_path / "here"


@pytest.fixture
def there(here):
    return here.parent / "there"


def source(path, first=0):
    path.parent.mkdir(exist_ok=True)
    with h5py.File(path, "w") as file:
        file["data"] = np.arange(4) + first
    return path


def layout(name):
    made = h5py.VirtualLayout((4,), "i8")
    made[:] = h5py.VirtualSource(name, "data", shape=(4,))
    return made


def made(path, name):
    """What h5py and we read of a virtual dataset of one source, and what we call its file."""
    read = []
    for open_, suffix in ((h5py.File, ".h5"), (LindiH5pyFile.from_lindi_file, ".lindi.json")):
        with open_(path.with_suffix(suffix), mode="w") as file:
            virtual = file.create_virtual_dataset("v", layout(name), fillvalue=-1)
            read.append(virtual[...].tolist())
            called = virtual.virtual_sources()[0].file_name
    theirs, ours = read
    assert ours == theirs
    return ours, called


def again(path):
    with LindiH5pyFile.from_lindi_file(path) as file:
        return file["v"][...].tolist()


# ---------------------------------------------------------------- from the working directory


@pytest.mark.parametrize("name", ["s.h5", "below/s.h5", "./s.h5", "100%%.h5"])
def test_a_source_in_the_working_directory_is_read_from_everywhere(name, here, there, monkeypatch):
    source(here / name.replace("%%", "%"))
    read, called = made(there / "v", name)
    assert (read, called) == ([0, 1, 2, 3], str(here / name))
    monkeypatch.chdir(here.parent / "away")
    assert again(there / "v.lindi.json") == [0, 1, 2, 3]


def test_a_name_with_a_percent_sign_in_the_directory_stays_one(here, there, monkeypatch):
    odd = here.parent / "100%b"
    odd.mkdir()
    monkeypatch.chdir(odd)
    source(odd / "s.h5")
    assert made(there / "v", "s.h5")[0] == [0, 1, 2, 3]
    monkeypatch.chdir(here)
    assert again(there / "v.lindi.json") == [0, 1, 2, 3]


def test_numbered_sources_in_the_working_directory_are_read_from_everywhere(here, there, monkeypatch):
    for number in range(3):
        source(here / f"s-{number}%.h5", 4 * number)
    numbered = h5py.VirtualLayout((1, 4), "i8", maxshape=(None, 4))
    numbered[: h5py.UNLIMITED, :] = h5py.VirtualSource("s-%b%%.h5", "data", shape=(4,))
    with LindiH5pyFile.from_lindi_file(there / "v.lindi.json", mode="w") as file:
        assert file.create_virtual_dataset("v", numbered).shape == (3, 4)
    monkeypatch.chdir(here.parent / "away")
    assert np.ravel(again(there / "v.lindi.json")).tolist() == list(range(12))


def test_a_source_beside_the_file_comes_first_and_keeps_its_name(here, there, monkeypatch):
    source(here / "s.h5")
    source(there / "s.h5", 10)
    assert made(there / "v", "s.h5") == ([10, 11, 12, 13], "s.h5")
    (there / "s.h5").rename(here.parent / "away" / "s.h5")
    (there / "v.lindi.json").rename(here.parent / "away" / "v.lindi.json")
    assert again(here.parent / "away" / "v.lindi.json") == [10, 11, 12, 13]


def test_one_beside_the_file_that_is_lindi_comes_first_as_well(here, there):
    source(here / "s.h5")
    with LindiH5pyFile.from_lindi_file(there / "s.h5.lindi.json", mode="w") as file:
        file["data"] = np.arange(4) + 10
    with LindiH5pyFile.from_lindi_file(there / "v.lindi.json", mode="w") as file:
        assert file.create_virtual_dataset("v", layout("s.h5"))[...].tolist() == [10, 11, 12, 13]
        assert file["v"].virtual_sources()[0].file_name == "s.h5"


@pytest.mark.parametrize("absolute", [False, True])
def test_what_is_written_later_is_looked_for_in_the_working_directory(absolute, here, there, monkeypatch):
    name = str(there / "gone" / "s.h5") if absolute else "s.h5"
    assert made(there / "v", name) == ([-1] * 4, name)
    source(here / "s.h5")
    with h5py.File(there / "v.h5") as theirs:
        assert theirs["v"][...].tolist() == again(there / "v.lindi.json") == [0, 1, 2, 3]
    monkeypatch.chdir(there)
    assert again(there / "v.lindi.json") == [-1] * 4


def test_a_working_directory_that_is_gone_holds_no_sources(there, monkeypatch):
    gone = there / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    source(there / "s.h5")
    with LindiH5pyFile.from_lindi_file(there / "v.lindi.json", mode="w") as file:
        for name, values in (("s.h5", [0, 1, 2, 3]), ("none.h5", [-1] * 4)):
            virtual = file.create_virtual_dataset(name, layout(name), fillvalue=-1)
            assert virtual[...].tolist() == values
            assert virtual.virtual_sources()[0].file_name == name


# ---------------------------------------------------------------- the file itself, and others


@pytest.mark.parametrize("name", ["later.h5", "below/later.h5.lindi.json", "away/later.h5.lindi.json"])
def test_the_file_itself_is_not_taken_for_one_that_is_written_later(name, there):
    if name.startswith("away"):
        name = str(there.parent / name)
    with LindiH5pyFile.from_lindi_file(there / "later.h5.lindi.json", mode="w") as file:
        file["data"] = np.full(4, 9)
        virtual = file.create_virtual_dataset("v", layout(name), fillvalue=-1)
        assert virtual.virtual_sources()[0].file_name == name
        (there / name).parent.mkdir(exist_ok=True)
        if name.endswith(".h5"):
            source(there / name)
        else:
            with LindiH5pyFile.from_lindi_file(there / name, mode="w") as other:
                other["data"] = np.arange(4)
        assert virtual[...].tolist() == [0, 1, 2, 3]
    assert again(there / "later.h5.lindi.json") == [0, 1, 2, 3]


@pytest.mark.parametrize("name", ["v%.lindi.d", "../there/v%.lindi.d", "there/v%.lindi.d", "alias.lindi.d"])
def test_the_file_itself_is_known_by_every_name(name, there, monkeypatch):
    monkeypatch.chdir(there.parent)
    (there / "alias.lindi.d").symlink_to("v%.lindi.d")
    with LindiH5pyFile.from_lindi_file(there / "v%.lindi.d", mode="w") as file:
        file["data"] = np.arange(4)
        virtual = file.create_virtual_dataset("v", layout(name.replace("%", "%%")), fillvalue=-1)
        assert virtual.virtual_sources()[0].file_name == "."
        assert virtual[...].tolist() == [0, 1, 2, 3]
