"""Saving in place: what has changed is put into the document, and it is what the whole would be."""

from __future__ import annotations

import h5py
import numpy as np
import pytest

from lindi_explorer import LindiH5pyFile
from lindi_explorer.h5.saving import saving
from lindi_explorer.references.codec import to_text

DATA = np.arange(6000.0).reshape(100, 60)


def fill(file) -> None:
    file.create_group("g/h")
    file.create_dataset("g/data", data=DATA, chunks=(10, 60), compression="gzip", maxshape=(None, 60))
    file["g/text"] = ["a", "é", "c"]
    file["number"] = 5.5
    file.attrs["name"] = "file"
    file["g"].attrs["to"] = file["g/data"].ref
    file["soft"] = h5py.SoftLink("/g/data")
    file["hard"] = file["number"]


CHANGES = {
    "an attribute": lambda file: file["g"].attrs.update({"a": 1, "b": np.nan}),
    "an attribute less": lambda file: file.attrs.__delitem__("name"),
    "a value": lambda file: file["number"].__setitem__((), 7),
    "text": lambda file: file["g/text"].__setitem__(1, "longer than before"),
    "a row": lambda file: file["g/data"].__setitem__(55, 0),
    "all rows": lambda file: file["g/data"].__setitem__(..., 1),
    "a shape": lambda file: file["g/data"].resize((35, 60)),
    "a new dataset": lambda file: file.create_dataset("new/deep/x", data=np.arange(5)),
    "many chunks": lambda file: file.create_dataset("many", data=DATA, chunks=(5, 60)),
    "a group less": lambda file: file.__delitem__("g"),
    "another place": lambda file: file.move("g", "elsewhere"),
    "another name's object": lambda file: file.__delitem__("hard"),
    "a copy": lambda file: file.copy("g", "copy"),
    "taken back": lambda file: (file.create_group("x"), file.journal.undo()),
}


@pytest.fixture(params=["lindi.json", "lindi.tar", "lindi.d"])
def path(request, tmp_path):
    path = tmp_path / f"f.{request.param}"
    with LindiH5pyFile.from_lindi_file(path, mode="w") as file:
        fill(file)
    return path


def document(file) -> bytes:
    """The document as it would be written as a whole."""
    container = file._saving.container
    return to_text(file.outlined(container.relocated(file.journal), None).document()).encode("ascii")


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_every_change_is_saved_as_the_whole_would_be(path, change, opened):
    with LindiH5pyFile.from_lindi_file(path, mode="r+") as file:
        change(file)
        file.flush()
        assert file._saving.container.text() == document(file)
        expected = file.to_reference_file_system()["refs"].keys()
    again = opened(LindiH5pyFile.from_lindi_file(path))
    assert again.to_reference_file_system()["refs"].keys() == expected


def test_changes_one_after_the_other(path, opened):
    with LindiH5pyFile.from_lindi_file(path, mode="r+") as file:
        for name, change in CHANGES.items():
            if "g" in file or name == "taken back":
                change(file)
                file.flush()
                assert file._saving.container.text() == document(file), name
        while file.journal.undo():
            file.flush()
            assert file._saving.container.text() == document(file)
        assert (file["g/data"][...] == DATA).all()


def test_nodes_that_stay_are_not_written_anew(path, monkeypatch):
    monkeypatch.setattr(LindiH5pyFile, "outlined", lambda *_: pytest.fail("the whole document was written"))
    with LindiH5pyFile.from_lindi_file(path, mode="r+") as file:
        file["g/text"][0] = "x"
        file.create_dataset("new", data=np.arange(5))
    assert saving.splice is not None


def test_a_document_that_was_taken_away_is_written_anew(tmp_path, opened):
    path = tmp_path / "f.lindi.json"
    with LindiH5pyFile.from_lindi_file(path, mode="w") as file:
        fill(file)
    with LindiH5pyFile.from_lindi_file(path, mode="r+") as file:
        path.unlink()
        file.attrs["name"] = "still here"
    again = opened(LindiH5pyFile.from_lindi_file(path))
    assert again.attrs["name"] == "still here"
    assert (again["g/data"][...] == DATA).all()
