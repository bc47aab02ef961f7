"""What the machine of `test_h5py_machine` has found, one by one: short runs of h5py calls on both sides."""

from __future__ import annotations

import json

import h5py
import numpy as np
import pytest

from lindi_explorer import LindiH5pyFile
from lindi_explorer.references import codec
from lindi_explorer.staging.journal import revert
from tests.contract.same import Judge


@pytest.fixture
def both():
    """A new file by h5py and one by us, in memory."""
    with h5py.File.in_memory() as theirs, LindiH5pyFile.from_reference_file_system(None, mode="r+") as ours:
        yield theirs, ours


def again(file):
    """The same file as the source of a new one."""
    document = json.loads(json.dumps(file.to_reference_file_system()))
    return LindiH5pyFile.from_reference_file_system(document, mode="r+")


def test_a_group_that_is_made_on_the_way_lists_its_children_as_the_one_above(both):
    for file in both:
        file.create_group("a", track_order=True)
        file["a/way/z"] = 1
        file["a/way/further/z"] = 1
        file["a/way/further/b"] = 1
        file["a/way/b"] = 1
        file["a/way"].attrs.update({"z": 1, "b": 1})
    theirs, ours = both
    assert list(ours["a/way"]) == list(theirs["a/way"]) == ["z", "further", "b"]
    assert list(ours["a/way/further"]) == list(theirs["a/way/further"]) == ["z", "b"]
    assert list(ours["a/way"].attrs) == list(theirs["a/way"].attrs)


@pytest.mark.parametrize("kind", [h5py.string_dtype(), h5py.string_dtype("ascii"), h5py.vlen_dtype("i4")])
def test_a_scalar_of_variable_length_that_was_never_written(both, kind):
    theirs, ours = (file.create_dataset("x", (), kind) for file in both)
    Judge(*both).value(theirs[()], ours[()])


@pytest.mark.parametrize(
    "field", [h5py.string_dtype(), h5py.vlen_dtype("i4"), h5py.ref_dtype, [("s", h5py.string_dtype(), 2)]]
)
def test_rows_that_were_never_written(both, field):
    kind = np.dtype([("field", field), ("n", "u1")])
    theirs, ours = (file.create_dataset("rows", (3,), kind) for file in both)
    Judge(*both).value(theirs[()], ours[()])
    for rows in (theirs, ours):
        rows["n"] = [1, 2, 3]
    Judge(*both).value(theirs[()], ours[()])


def test_an_array_that_has_become_a_scalar_is_reverted(both):
    _, ours = both
    ours["text"] = ["one", "two"]
    with again(ours) as file:
        before = codec.to_text(codec.encode(file.journal))
        del file["text"]
        file.create_dataset("text", (), "f4")
        (change,) = file.journal.changes()
        file.journal.apply("Revert", revert(change, file.journal.overlay))
        assert file.journal.changes() == []
        assert codec.to_text(codec.encode(file.journal)) == before
        assert np.array_equal(file["text"][:], [b"one", b"two"])
