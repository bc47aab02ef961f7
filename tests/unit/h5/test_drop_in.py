"""`lindi.File`: options of h5py's make the difference they say, none where there is none, or are refused."""

from __future__ import annotations

import h5py
import numpy as np
import pytest

import lindi_explorer as lindi
from lindi_explorer.errors import UnsupportedError

ENDINGS = ["lindi.json", "lindi.tar", "lindi.d"]


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("mode", ["w", "x", "a"])
def test_a_new_file_keeps_the_order_of_creation(tmp_path, ending, mode):
    names = ["c", "a", "b"]
    shown = []
    for path in (tmp_path / "theirs.h5", tmp_path / f"ours.{ending}"):
        lindi.File(path, mode, track_order=True).close()
        with lindi.File(path, "a", track_order=False) as file:
            for name in names:
                file[name] = 1
                file.attrs[name] = 2
        with lindi.File(path) as file:
            shown.append((list(file), list(file.attrs)))
    assert shown == [(names, names)] * 2


def test_the_order_of_a_file_that_is_there_stays(tmp_path):
    shown = []
    for path in (tmp_path / "theirs.h5", tmp_path / "ours.lindi.json"):
        lindi.File(path, "w").close()
        with lindi.File(path, "a", track_order=True) as file:
            file["b"], file["a"] = 1, 2
            shown.append(list(file))
    assert shown == [["a", "b"]] * 2


def test_the_order_that_h5py_is_set_to_keep(tmp_path):
    before = h5py.get_config().track_order
    h5py.get_config().track_order = True
    try:
        with lindi.File(tmp_path / "a.lindi.json", "w") as file:
            file["b"], file["a"] = 1, 2
            assert list(file) == ["b", "a"]
    finally:
        h5py.get_config().track_order = before


@pytest.mark.parametrize(
    "options",
    [
        {"libver": "latest"},
        {"libver": ("earliest", "v108")},
        {"rdcc_nbytes": 1 << 20, "rdcc_nslots": 521, "rdcc_w0": 0.5},
        {"locking": False},
        {"driver": None, "swmr": False, "userblock_size": None},
    ],
    ids=str,
)
def test_how_hdf5_lays_out_a_file_makes_no_difference(tmp_path, options):
    for path in (tmp_path / "a.h5", tmp_path / "a.lindi.json"):
        with lindi.File(path, "w", **options) as file:
            file["data"] = np.arange(3)
        with lindi.File(path) as file:
            assert file["data"][:].tolist() == [0, 1, 2]


@pytest.mark.parametrize(
    "options",
    [
        {"driver": "core", "backing_store": False},
        {"backing_store": False, "driver": "core"},
        {"swmr": True},
        {"userblock_size": 512},
    ],
    ids=str,
)
def test_what_would_make_another_file_is_refused(tmp_path, options):
    path = tmp_path / "a.lindi.json"
    with pytest.raises(UnsupportedError, match="|".join(options)):
        lindi.File(path, "w", **options)
    assert not list(tmp_path.iterdir())


def test_an_option_of_nobodys(tmp_path):
    for path in (tmp_path / "a.h5", tmp_path / "a.lindi.json"):
        with pytest.raises(TypeError, match="colour"):
            lindi.File(path, "w", colour="blue")
    assert not (tmp_path / "a.lindi.json").exists()


def test_secrets_in_options_are_not_told():
    with pytest.raises(UnsupportedError) as caught:
        lindi.File("https://example.org/a.lindi.json", secret_key="HUSH", driver="ros3")
    assert "HUSH" not in str(caught.value)
