"""Datasets: facts, text, rows, scalars, nothing at all; and setting what the document keeps."""

from __future__ import annotations

import itertools

import h5py
import numpy as np
import pytest

from lindi_explorer import LindiH5pyFile
from lindi_explorer.errors import InvalidSelectionError, ReadOnlyError, UnsupportedError
from tests.contract.same import Judge

ROWS = np.dtype([("id", "<i4"), ("value", "<f8"), ("flag", "?"), ("name", "S4")])


def samples(file):
    file["numbers"] = np.arange(12, dtype="i2").reshape(3, 4)
    file["many"] = np.arange(5000, dtype=">f4").reshape(100, 50)
    file.create_dataset("chunked", data=np.arange(4000).reshape(80, 50), chunks=(16, 20), compression="gzip")
    file.create_dataset("growing", data=np.arange(6), maxshape=(None,), chunks=(4,))
    file["text"] = ["a", "é", ""]
    file.create_dataset("fixed", data=np.array([b"abc", b"d"], "S3"))
    file.create_dataset("utf8", data="é".encode(), dtype=h5py.string_dtype("utf-8", 6))
    file["rows"] = np.array([(1, 0.5, True, b"ab"), (2, np.nan, False, b"")], ROWS)
    file["scalar"] = 2.5
    file["word"] = "héllo"
    file["row"] = np.array((3, 1.5, True, b"x"), ROWS)
    file["null"] = h5py.Empty("f4")
    file["flags"] = np.array([True, False, True])
    file.create_dataset("enum", data=[0, 1], dtype=h5py.enum_dtype({"A": 0, "B": 1}))
    file.create_dataset("unwritten", (3,), h5py.string_dtype())
    file["none"] = np.zeros((0, 3))


@pytest.fixture
def files(both):
    return both(samples)


@pytest.fixture
def editable(both):
    return both(samples, mode="r+")


# ---------------------------------------------------------------- text


@pytest.mark.parametrize("name", ["text", "fixed", "utf8", "word", "unwritten"])
@pytest.mark.parametrize("parts", [False, True], ids=["whole", "parts"])
def test_text_as_bytes_and_as_str(files, name, parts):
    theirs, ours = files
    selections = (0, slice(1, None), [0, 2]) if parts and theirs[name].size > 2 else ((), ...)
    for file, selection in itertools.product(ours, selections):
        judge = Judge(theirs, file)
        judge.value(theirs[name][selection], file[name][selection])
        judge.value(theirs[name].asstr()[selection], file[name].asstr()[selection])


def test_asstr_with_another_encoding_and_with_damaged_text(both):
    def fill(file):
        file.create_dataset(
            "latin", data=np.array(["é".encode("latin-1"), b"ok"], object), dtype=h5py.string_dtype("ascii")
        )
        file["number"] = 5

    theirs, ours = both(fill)
    for file in ours:
        assert file["latin"].asstr("latin-1")[0] == "é"
        assert file["latin"].asstr(errors="replace")[0] == theirs["latin"].asstr(errors="replace")[0]
        assert file["latin"][0] == b"\xe9"
        with pytest.raises(UnicodeDecodeError):
            file["latin"].asstr()[...]
        with pytest.raises(TypeError):
            file["number"].asstr()


# ---------------------------------------------------------------- scalars and nothing


@pytest.mark.parametrize("name", ["scalar", "word", "row", "utf8", "null"])
@pytest.mark.parametrize(
    "selection", [(), ..., (...,), 0, slice(None), "id", ["id", "name"], (..., "id"), None], ids=str
)
def test_scalars_and_nulls(files, name, selection):
    theirs, ours = files
    try:
        expected = theirs[name][selection]
    except Exception as error:  # noqa: BLE001 - whatever h5py raises is the answer
        expected = error
    for file in ours:
        if isinstance(expected, Exception):
            with pytest.raises(type(expected)):
                file[name][selection]
        else:
            Judge(theirs, file).value(expected, file[name][selection])


@pytest.mark.parametrize("name", ["scalar", "null"])
def test_what_has_no_axes_has_no_length(files, name):
    theirs, ours = files
    for file in (theirs, *ours):
        with pytest.raises(TypeError):
            len(file[name])
        with pytest.raises(TypeError):
            iter(file[name]).__next__()


# ---------------------------------------------------------------- reading in other ways


def test_iterating_and_indexing_rows(files):
    theirs, ours = files
    for file in ours:
        judge = Judge(theirs, file)
        for name in ("numbers", "chunked", "rows", "text", "flags"):
            for one, other in zip(theirs[name], file[name], strict=True):
                judge.value(one, other)
        assert len(list(file["none"])) == 0


def test_arrays_made_of_datasets(files):
    theirs, ours = files
    for file in ours:
        for name in ("numbers", "chunked", "rows", "text", "scalar", "flags", "none"):
            Judge(theirs, file).value(np.asarray(theirs[name]), np.asarray(file[name]))
        assert np.asarray(file["numbers"], dtype="f8").dtype == "f8"
        assert np.sum(file["numbers"]) == 66
        with pytest.raises((ValueError, TypeError)):
            np.array(file["numbers"], copy=False)
        with pytest.raises(TypeError):
            np.asarray(file["null"])


def test_changing_what_was_read_changes_nothing(files):
    _, ours = files
    for file in ours:
        for name in ("numbers", "chunked", "rows", "text", "flags"):
            first = file[name][...]
            kept = first.copy()
            first[...] = first[-1] if first.dtype.kind in "VO" else 1
            assert str(file[name][...].tolist()) == str(kept.tolist())


def test_fields_and_other_types(files):
    theirs, ours = files
    for file in ours:
        judge = Judge(theirs, file)
        judge.value(theirs["rows"].fields("value")[...], file["rows"].fields("value")[...])
        judge.value(theirs["rows"].fields(["name", "id"])[1:], file["rows"].fields(["name", "id"])[1:])
        judge.value(np.asarray(theirs["rows"].fields("id")), np.asarray(file["rows"].fields("id")))
        judge.value(theirs["numbers"].astype("f8")[1], file["numbers"].astype("f8")[1])
        assert file["rows"].dtype.names == ("id", "value", "flag", "name")
        assert file["rows"]["value", 0] == theirs["rows"]["value", 0]


def test_chunk_by_chunk(files):
    theirs, ours = files
    for file in ours:
        assert list(file["chunked"].iter_chunks()) == list(theirs["chunked"].iter_chunks())
        part = (slice(10, 40), slice(5, 30))
        assert list(file["chunked"].iter_chunks(part)) == list(theirs["chunked"].iter_chunks(part))
        with pytest.raises(TypeError):
            file["many"].iter_chunks()


@pytest.mark.parametrize(
    "selection", [100, -101, (0, 50), [5, 4], [1, 1], slice(None, None, -1), "x", 1.5, (0, 0, 0), [[0]], None]
)
def test_selections_that_do_not_fit_say_so(files, selection):
    theirs, ours = files
    with pytest.raises(Exception) as expected:
        theirs["many"][selection]
    for file in ours:
        with pytest.raises(type(expected.value)) as caught:
            file["many"][selection]
        assert str(caught.value)


def test_a_selection_that_is_refused_names_the_shape(files):
    _, ours = files
    for file in ours:
        with pytest.raises(InvalidSelectionError, match=r"\(100, 50\)") as caught:
            file["many"][::-1]
        assert isinstance(caught.value, ValueError)
        assert caught.value.hint


@pytest.mark.parametrize("size", [8, 2000])
def test_a_list_that_goes_one_too_far(tmp_path, size):
    """h5py lets it pass and HDF5 fails; here it is the selection that is wrong."""
    path = tmp_path / "f.h5"
    with h5py.File(path, "w") as file:
        file["d"] = np.arange(size)
        file["none"] = np.zeros((0, 3))
    with LindiH5pyFile.from_hdf5_file(path) as ours:
        for selection in ([size], [0, size], [0, 1, size]):
            with pytest.raises(InvalidSelectionError, match=rf"\({size},\)"):
                ours["d"][selection]
        with pytest.raises(InvalidSelectionError):
            ours["none"][[0]]


@pytest.mark.parametrize("size", [10, 2000])
def test_numbers_that_do_not_fit_are_clipped_as_hdf5_does(tmp_path, size):
    """HDF5 puts the nearest number; NumPy would wrap around."""
    path = tmp_path / "f.h5"
    with h5py.File(path, "w") as file:
        file["i"] = np.linspace(-1000, 1000, size).astype("i4")
        file["f"] = np.linspace(-1000, 1000, size)
    with h5py.File(path) as theirs, LindiH5pyFile.from_hdf5_file(path) as ours:
        for name in "if":
            for kind in ("u1", "i1", "u4"):
                expected = theirs[name].astype(kind)[...]
                assert ours[name].astype(kind)[...].tolist() == expected.tolist()
                found = np.zeros(size, dtype=kind)
                ours[name].read_direct(found)
                assert found.tolist() == expected.tolist()


def test_what_it_says_of_itself(files):
    theirs, ours = files
    for file in ours:
        for name in samples_names(theirs):
            assert name in repr(file[name])
            assert file[name].file == file
        assert file["growing"].maxshape == (None,)
        assert h5py.check_enum_dtype(file["enum"].dtype) == {"A": 0, "B": 1}
        with pytest.raises(ReadOnlyError):
            file["growing"].resize((8,))


def samples_names(file):
    return list(file)


# ---------------------------------------------------------------- setting


def test_setting_numbers_text_and_rows(editable, opened):
    _, ours = editable
    for file in ours:
        file["numbers"][1, 2] = 99
        file["numbers"][0] = [9, 8, 7, 6]
        file["numbers"][:, 0] = -1
        file["text"][1] = "longer than before é"
        file["text"][2] = b"bytes"
        file["scalar"][()] = 7
        file["word"][()] = "a much longer text"
        file["word"][...] = "the last word"
        file["flags"][0] = False
        file["fixed"][0] = b"xyz"
        again = opened(type(file).from_reference_file_system(file.to_reference_file_system()))
        for found in (file, again):
            assert found["numbers"][...].tolist() == [[-1, 8, 7, 6], [-1, 5, 99, 7], [-1, 9, 10, 11]]
            assert found["numbers"].dtype == "i2"
            assert found["text"].asstr()[...].tolist() == ["a", "longer than before é", "bytes"]
            assert found["scalar"][()] == 7.0
            assert found["scalar"].dtype == "f8"
            assert found["word"].asstr()[()] == "the last word"
            assert h5py.check_string_dtype(found["word"].dtype).length is None
            assert found["flags"][...].tolist() == [False, False, True]
            assert found["fixed"][...].tolist() == [b"xyz", b"d"]


def test_each_setting_is_one_step_and_can_be_undone(editable):
    theirs, ours = editable
    for file in ours:
        before = file.to_reference_file_system()
        file["numbers"][...] = 0
        file["word"][()] = "x"
        file["word"][()] = "x"  # nothing changes
        assert [step.words for step in file.journal.steps] == ["Set data of numbers", "Set value of word"]
        assert file["numbers"][...].any() == False  # noqa: E712 - an array's truth
        while file.journal.undo():
            pass
        assert file["numbers"][...].tolist() == theirs["numbers"][...].tolist()
        assert file.to_reference_file_system() == before


def test_an_object_in_hand_sees_the_edit(editable):
    _, ours = editable
    for file in ours:
        dataset = file["numbers"]
        assert dataset[0, 0] == 0
        file["numbers"][0, 0] = 5
        assert dataset[0, 0] == 5
        file.journal.undo()
        assert dataset[0, 0] == 0


@pytest.mark.parametrize("name", ["many", "chunked"])
def test_data_outside_of_the_document_is_set(editable, name):
    theirs, ours = editable
    expected = theirs[name][...]
    expected[0] = 1
    for file in ours:
        file[name][0] = 1
        assert file[name][...].tolist() == expected.tolist()
        assert len(file.journal.steps) == 1
        file.journal.undo()
        assert file[name][...].tolist() == theirs[name][...].tolist()


def test_values_that_do_not_fit_change_nothing(editable):
    _, ours = editable
    for file in ours:
        for name, selection, value in (
            ("numbers", 0, [1, 2]),
            ("numbers", (0, 99), 1),
            ("numbers", 0, "text"),
            ("numbers", (0, 0), 10**30),
            ("null", (), 1),
        ):
            with pytest.raises((ValueError, TypeError, IndexError, OverflowError, UnsupportedError)):
                file[name][selection] = value
        assert len(file.journal.steps) == 0


def test_a_file_open_for_reading_is_not_changed(files):
    _, ours = files
    for file in ours:
        for name in ("numbers", "many", "word"):
            with pytest.raises(ReadOnlyError, match="open for reading"):
                file[name][...] = 0


@pytest.mark.parametrize("value", [5, None, 1.5, [1, 2, 3], object()], ids=lambda value: type(value).__name__)
def test_what_is_no_text_is_refused(both, value):
    def fill(file):
        file["text"] = ["a", "b", "c"]
        file["word"] = "x"

    _, ours = both(fill, mode="r+")
    for file in ours:
        with pytest.raises(TypeError):
            file["text"][...] = value
        with pytest.raises(TypeError):
            file["text"][0] = value
        with pytest.raises(TypeError):
            file["word"][()] = value
        assert len(file.journal.steps) == 0
