"""Objects without a name: made, used, linked later, or gone without a trace."""

from __future__ import annotations

import h5py
import numpy as np
import pytest

from lindi_explorer import LindiH5pyFile
from lindi_explorer.errors import UnsupportedError


@pytest.fixture
def files(tmp_path, opened):
    """An empty file of h5py's, and one of ours."""
    return (
        opened(h5py.File(tmp_path / "f.h5", "w")),
        opened(LindiH5pyFile.from_reference_file_system(None, mode="r+")),
    )


def test_without_a_name_it_is_nowhere(files):
    said = []
    for file in files:
        group = file.create_group(None)
        inner = group.create_group("inner")
        dataset = group.create_dataset("d", data=np.arange(3))
        dataset[1] = 7
        group.attrs["a"] = "b"
        alone = file.create_dataset(None, (2,), "f4")
        said.append(
            [
                (group.name, inner.name, dataset.name, alone.name),
                (repr(group), repr(dataset), repr(alone)),
                (list(group), group.attrs["a"], dataset[:].tolist(), alone[:].tolist()),
                (bool(group), group == group["inner"], group["inner"] == inner, alone.file == file),
                (list(file), len(file)),
            ]
        )
        for one in (group, dataset, alone):
            with pytest.raises(ValueError, match="anonymous"):
                _ = one.parent
    assert said[1] == said[0]


def test_it_leaves_no_trace(files):
    ours = files[1]
    before = ours.to_reference_file_system()
    group = ours.create_group(None, track_order=True)
    group["x"] = np.arange(5)
    group["x"][2:] = 0
    del group["x"]
    assert ours.to_reference_file_system() == before
    assert not ours.journal.steps
    assert not ours.journal.changes()


def test_it_is_linked_later(files):
    said = []
    for file in files:
        group = file.create_group(None, track_order=True)
        group["z"] = np.arange(3)
        group["a"] = "text"
        group["again"] = group["z"]
        group["soft"] = h5py.SoftLink("z")
        dataset = group["z"]
        file["deep/here"] = group
        file["other"] = group
        dataset[0] = 9
        group["new"] = 1
        said.append(
            [
                (group.name, dataset.name, dataset.parent == group),
                list(file["deep/here"]),
                (file["deep/here/again"] == dataset, file["deep/here/soft"][:].tolist()),
                file["other/z"][:].tolist(),
                file["other"] == group,
            ]
        )
    assert said[1] == said[0]
    assert said[1][3] == [9, 1, 2]


def test_linking_is_one_step(files):
    ours = files[1]
    ours["x"] = 1
    before = ours.to_reference_file_system()
    group = ours.create_group(None)
    group["d"] = np.arange(4)
    ours["g"] = group
    assert [step.words for step in ours.journal.steps] == ["Create dataset x", "Add g"]
    ours.journal.undo()
    assert ours.to_reference_file_system() == before


def test_it_is_kept_when_it_is_linked(files, tmp_path):
    dataset = files[1].create_dataset(None, data=np.arange(10), chunks=(5,))
    files[1]["d"] = dataset
    files[1].write_lindi_file(tmp_path / "f.lindi.json")
    with LindiH5pyFile.from_lindi_file(tmp_path / "f.lindi.json") as file:
        assert file["d"][:].tolist() == list(range(10))
        assert file["d"].chunks == (5,)


def test_what_is_not_there(files, opened):
    ours = files[1]
    group = ours.create_group(None)
    group.create_group("inner")
    for use in (
        lambda: group.ref,
        lambda: group["/x"],
        lambda: ours.__setitem__("inner", group["inner"]),
    ):
        with pytest.raises(UnsupportedError, match="name"):
            use()
    other = opened(LindiH5pyFile.from_reference_file_system(None, mode="r+"))
    with pytest.raises(OSError, match="not of this file"):
        other["g"] = group


def test_a_closed_file_closes_it(files):
    for file in files:
        group = file.create_group(None)
        file.close()
        assert not group
        with pytest.raises(ValueError, match=r"closed|[Ii]nvalid|[Nn]ot a"):
            group.create_group("x")
