"""Moving, linking and deleting: what becomes of names, links and references, in h5py and here."""

from __future__ import annotations

import h5py
import numpy as np
import pytest

from lindi_explorer.errors import NodeNotFoundError


def tree(file):
    group = file.create_group("g")
    group["d"] = np.arange(5)
    group["inner/e"] = "text"
    group["relative"] = h5py.SoftLink("inner/e")
    group["absolute"] = h5py.SoftLink("/g/d")
    file["same"] = group["d"]
    file["twin"] = group["inner"]
    file["soft"] = h5py.SoftLink("g/d")
    file["refs"] = np.array([group["d"].ref, group["inner"].ref, file.ref], dtype=h5py.ref_dtype)
    file["rows"] = np.array([(1, group["d"].ref)], dtype=np.dtype([("n", "i4"), ("to", h5py.ref_dtype)]))
    file.attrs["to"] = group["d"].ref
    file.attrs["part"] = group["d"].regionref[1:3]
    file.create_dataset("lists", (1,), dtype=h5py.vlen_dtype(h5py.ref_dtype))
    ordered = file.create_group("ordered", track_order=True)
    for name in "zay":
        ordered.create_group(name)


def told(file):
    """All names and where they lead, and where references lead."""
    names = []
    file.visititems_links(
        lambda name, link: names.append((name, type(link).__name__.replace("LindiH5py", "")))
    )
    leads = {name: _seen(file, name) for name, _ in names}
    followed = [_followed(file, reference) for reference in file["refs"][:]]
    row, part = file["rows"][0]["to"], file.attrs["part"]
    refs = [*followed, _followed(file, row), _followed(file, file.attrs["to"])]
    return names, leads, refs, None if _followed(file, part) is None else file[part][part].tolist()


def _followed(file, reference):
    try:
        return _value(file[reference])
    except (KeyError, ValueError):
        return None  # the object is gone


def _seen(file, name):
    found = file.get(name)
    return None if found is None else _value(found)


def _value(found):
    if isinstance(found, h5py.Group):
        return list(found)
    value = found[()]
    return found.shape if found.dtype.hasobject and found.shape else np.asarray(value).tolist()


STEPS = {
    "dataset": lambda file: file.move("g/d", "far/away"),
    "group": lambda file: file.move("g", "h"),
    "inner group": lambda file: file.move("g/inner", "x/y/z"),
    "into a group below": lambda file: file["g"].move("d", "inner/d"),
    "the other name": lambda file: file.move("same", "renamed"),
    "a link": lambda file: file.move("soft", "softer"),
    "a relative link": lambda file: file.move("g/relative", "g/inner/relative"),
    "delete the first name": lambda file: file.__delitem__("g/d"),
    "delete the other name": lambda file: file.__delitem__("same"),
    "delete the group": lambda file: file.__delitem__("g/inner"),
    "delete a link": lambda file: file.__delitem__("soft"),
    "third name": lambda file: file.__setitem__("third", file["same"]),
    "link to a link": lambda file: file.__setitem__("third", file["soft"]),
    "into an ordered group": lambda file: file.move("g/d", "ordered/b"),
    "out of an ordered group": lambda file: file.move("ordered/z", "b"),
    "within an ordered group": lambda file: file.move("ordered/z", "ordered/b"),
    "delete of an ordered group": lambda file: file.__delitem__("ordered/a"),
    "new in an ordered group": lambda file: bool(file["ordered"].create_group("b")),
}


@pytest.fixture
def files(both):
    return both(tree, mode="r+")


@pytest.mark.parametrize("name", STEPS)
def test_as_in_h5py(hdf5, files, name, opened):
    path = hdf5(tree, "writable.h5")
    theirs = opened(h5py.File(path, "r+"))
    STEPS[name](theirs)
    for ours in files[1]:
        before = ours.to_reference_file_system()
        STEPS[name](ours)
        assert told(ours) == told(theirs)
        after = ours.to_reference_file_system()
        ours.journal.undo()
        assert ours.to_reference_file_system() == before
        ours.journal.redo()
        assert ours.to_reference_file_system() == after


@pytest.mark.parametrize("first", STEPS)
def test_one_after_the_other(hdf5, files, first, opened):
    ours = files[1][1]
    for second in ("group", "delete the other name", "into an ordered group"):
        theirs = opened(h5py.File(hdf5(tree, f"{second}.h5"), "r+"))
        for step in (first, second):
            wanted = _failure(STEPS[step], theirs)
            found = _failure(STEPS[step], ours)
            assert isinstance(found, type(wanted)), (first, second)
        # Not where references lead: to a deleted object they are still good in HDF5, for a while.
        assert told(ours)[:2] == told(theirs)[:2], (first, second)
        while ours.journal.undo() is not None:
            pass


def _failure(step, file):
    try:
        return step(file)
    except (KeyError, ValueError, OSError) as error:
        return error


def test_handles_go_with_their_objects(files):
    for ours in files[1]:
        dataset, inner = ours["g/d"], ours["g/inner"]
        ours.move("g", "h")
        assert (dataset.name, inner.name) == ("/h/d", "/h/inner")
        dataset[0] = 50
        assert ours["h/d"][0] == ours["same"][0] == 50
        inner.attrs["a"] = 1
        assert ours["twin"].attrs["a"] == 1


def test_an_object_stays_under_its_other_name(files):
    for ours in files[1]:
        dataset = ours["same"]
        del ours["g/d"]
        dataset[1] = 60
        assert ours["same"][:].tolist() == [0, 60, 2, 3, 4]
        del ours["same"]
        with pytest.raises(NodeNotFoundError):
            _ = ours["same"]
