"""Virtual datasets are made, read, kept and copied as h5py does it."""

from __future__ import annotations

import shutil

import h5py
import numpy as np
import pytest
from zarr.storage import LocalStore

import lindi_explorer
from lindi_explorer import LindiH5pyFile
from lindi_explorer.errors import UnsupportedError
from lindi_explorer.references.codec import to_text
from tests.contract.specification import broken_rules

CONTAINERS = [".lindi.json", ".lindi.tar", ".lindi.d"]


@pytest.fixture
def folder(tmp_path):
    """A folder with the same data in HDF5 files and in LINDI files."""
    for number in range(3):
        data = np.arange(10, dtype="i4") + 100 * number
        with h5py.File(tmp_path / f"{number}.h5", "w") as file:
            file.create_dataset("data", data=data, chunks=(4,), maxshape=(None,), fillvalue=-1)
        with LindiH5pyFile.from_lindi_file(tmp_path / f"{number}.lindi.d", mode="w") as file:
            file.create_dataset("data", data=data, chunks=(4,), maxshape=(None,), fillvalue=-1)
    return tmp_path


def layout(names=("0.h5", "1.lindi.d", "2.h5"), **options):
    made = h5py.VirtualLayout((len(names), 12), "i4", **options)
    for row, name in enumerate(names):
        made[row, :10] = h5py.VirtualSource(name, "data", shape=(10,))
    return made


EXPECTED = np.full((3, 12), -5)
EXPECTED[:, :10] = np.arange(10) + np.array([[0], [100], [200]])


@pytest.fixture
def ours(folder, opened):
    def made(name="v.lindi.json", mode="w"):
        return opened(LindiH5pyFile.from_lindi_file(folder / name, mode=mode))

    return made


# ---------------------------------------------------------------- made and read


@pytest.mark.parametrize("container", CONTAINERS)
def test_it_reads_hdf5_and_lindi_files_and_is_there_after_saving(folder, container):
    path = folder / f"v{container}"
    with LindiH5pyFile.from_lindi_file(path, mode="w") as file:
        file["data"] = np.arange(10, dtype="i4") + 300
        made = layout(("0.h5", "1.lindi.d", "2.h5", str(path)))
        dataset = file.create_virtual_dataset("g/v", made, fillvalue=-5)
        assert dataset.is_virtual
        assert not file["data"].is_virtual
    with LindiH5pyFile.from_lindi_file(path) as file:
        dataset = file["g/v"]
        np.testing.assert_array_equal(dataset[:3], EXPECTED)
        np.testing.assert_array_equal(dataset[3, :10], np.arange(10) + 300)
        assert dataset.fillvalue == -5
        assert (dataset.chunks, dataset.compression, dataset.shuffle) == (None, None, False)
        assert [one.file_name for one in dataset.virtual_sources()] == ["0.h5", "1.lindi.d", "2.h5", "."]
        assert {one.dset_name for one in dataset.virtual_sources()} == {"data"}


def test_sources_are_named_by_datasets_of_either_kind(folder, ours):
    file = ours()
    file["own"] = np.arange(10, dtype="i4")
    made = h5py.VirtualLayout((3, 10), "i4")
    with h5py.File(folder / "1.h5") as theirs, LindiH5pyFile.from_lindi_file(folder / "2.lindi.d") as other:
        made[0] = h5py.VirtualSource(file["own"])
        made[1] = h5py.VirtualSource(theirs["data"])
        made[2] = h5py.VirtualSource(other["data"])
    dataset = file.create_virtual_dataset("v", made)
    np.testing.assert_array_equal(dataset[:, 2], [2, 102, 202])
    assert dataset.virtual_sources()[0].file_name == "."
    file["own"][2] = -7
    np.testing.assert_array_equal(dataset[:, 2], [-7, 102, 202])


def test_building_it_in_a_context(ours):
    file = ours()
    with file.build_virtual_dataset("v", (12,), "i4", fillvalue=-5) as made:
        made[2:] = h5py.VirtualSource("0.h5", "data", shape=(10,))
    np.testing.assert_array_equal(file["v"][...], [-5, -5, *range(10)])
    with file.build_virtual_dataset("nothing", (2, 3), "f4"):
        pass
    assert file["nothing"].is_virtual
    assert file["nothing"].virtual_sources() == []
    np.testing.assert_array_equal(file["nothing"][()], np.zeros((2, 3)))


@pytest.mark.parametrize(
    "dtype",
    [
        h5py.string_dtype(),
        h5py.string_dtype("ascii", 5),
        np.dtype([("a", "i4"), ("s", h5py.string_dtype())]),
        h5py.enum_dtype({"A": 0, "B": 1}),
        h5py.vlen_dtype("i2"),
        np.dtype(("f4", (2,))),
        np.dtype("?"),
        np.dtype("c8"),
    ],
    ids=["text", "fixed text", "rows", "enumeration", "sequences", "arrays", "booleans", "complex"],
)
def test_types(folder, ours, dtype, both_values):
    data = both_values(dtype)
    results = []
    for name, file in (("t.h5", h5py.File(folder / "t.h5", "w")), ("", ours("t.lindi.json"))):
        with h5py.File(folder / "s.h5", "w") as source:
            source.create_dataset("data", (3,), dtype)
            source["data"][...] = data
        made = h5py.VirtualLayout((4,), dtype)
        made[:3] = h5py.VirtualSource("s.h5", "data", shape=(3,))[:3]
        dataset = file.create_virtual_dataset("v", made)
        assert dataset.dtype == dtype
        results.append((dataset[:3], dataset[1], dataset[1:3]))
        if name:
            file.close()
    for one, other in zip(*results, strict=True):
        assert plain(one) == plain(other)


def plain(value):
    if isinstance(value, np.ndarray) and value.dtype == object:
        return [plain(item) for item in value]
    return value.tolist() if isinstance(value, (np.ndarray, np.generic)) else value


@pytest.fixture
def both_values():
    def values(dtype):
        if dtype.names:
            return np.array([(1, "x"), (2, "yy"), (3, "é")], dtype)
        if h5py.check_vlen_dtype(dtype) not in (None, str, bytes):
            out = np.empty(3, object)
            out[:] = [np.array([1, 2], "i2"), np.array([], "i2"), np.array([5], "i2")]
            return out
        if h5py.check_string_dtype(dtype) is not None:
            return [b"a", b"bc", b"def"]
        if dtype.subdtype:
            return np.arange(6).reshape(3, 2)
        return np.array([0, 1, 1], "i1").astype(dtype)

    return values


def test_numbers_go_from_the_type_of_the_source_to_the_one_that_is_asked_for(folder, ours, opened):
    with h5py.File(folder / "s.h5", "w") as source:
        source["data"] = np.array([1e10, -3.7, 300])
    made = h5py.VirtualLayout((4,), "i1")
    made[:3] = h5py.VirtualSource("s.h5", "data", shape=(3,))
    theirs = opened(h5py.File(folder / "t.h5", "w"))
    wanted, found = (file.create_virtual_dataset("v", made, fillvalue=9) for file in (theirs, ours()))
    np.testing.assert_array_equal(found[...], wanted[...])
    np.testing.assert_array_equal(found.astype("f8")[...], wanted.astype("f8")[...])


def test_a_type_that_does_not_convert_is_refused(folder, ours):
    with h5py.File(folder / "s.h5", "w") as source:
        source["data"] = np.array([b"ab", b"cd"])
    made = h5py.VirtualLayout((2,), "i4")
    made[:] = h5py.VirtualSource("s.h5", "data", shape=(2,))
    dataset = ours().create_virtual_dataset("v", made)
    with pytest.raises(UnsupportedError, match="/v of the type int32 cannot be put together from 'data'"):
        dataset[:]


def test_what_is_not_there_is_fill_value(folder, ours):
    file = ours()
    dataset = file.create_virtual_dataset("v", layout(("0.h5", "no.h5", "2.h5")), fillvalue=-5)
    np.testing.assert_array_equal(dataset[1], [-5] * 12)
    np.testing.assert_array_equal(dataset[2, :2], [200, 201])
    shutil.copy(folder / "1.h5", folder / "no.h5")
    np.testing.assert_array_equal(dataset[1, :2], [100, 101])
    with h5py.File(folder / "no.h5", "r+") as other:
        other["data"][0] = 77
    assert dataset[1, 0] == 77
    with h5py.File(folder / "no.h5", "r+") as other:
        del other["data"]
    assert dataset[1, 0] == -5


def test_a_file_that_is_neither_hdf5_nor_lindi_is_an_error(folder, ours):
    (folder / "text").write_text("no HDF5 file " * 100)
    dataset = ours().create_virtual_dataset("v", layout(("0.h5", "text")))
    with pytest.raises(ValueError, match="text"):
        dataset[:]
    assert dataset[0, 3] == 3


def test_a_group_in_place_of_a_dataset_is_an_error(folder, ours):
    with h5py.File(folder / "g.h5", "w") as file:
        file.create_group("data")
    dataset = ours().create_virtual_dataset("v", layout(("g.h5",)))
    with pytest.raises(ValueError, match="is no dataset"):
        dataset[:]


@pytest.mark.parametrize("shape", [(20,), (5,)])
def test_a_source_of_another_shape_is_an_error(folder, ours, shape):
    with h5py.File(folder / "s.h5", "w") as source:
        source["data"] = np.arange(*shape)
    dataset = ours().create_virtual_dataset("v", layout(("s.h5",)))
    with pytest.raises(ValueError, match="another number of elements"):
        dataset[:]


def test_elements_that_the_source_does_not_have_are_an_error(folder, ours):
    made = h5py.VirtualLayout((20,), "i4")
    made[:] = h5py.VirtualSource("0.h5", "data", shape=(30,))[:20]
    dataset = ours().create_virtual_dataset("v", made)
    np.testing.assert_array_equal(dataset[:10], np.arange(10))
    with pytest.raises(ValueError, match=r"takes the element \(19,\) of 'data', which has the shape \(10,\)"):
        dataset[5:]


def test_later_sources_lie_over_earlier_ones(folder, ours, opened):
    made = h5py.VirtualLayout((6,), "i4")
    made[:4] = h5py.VirtualSource("0.h5", "data", shape=(10,))[:4]
    made[2:] = h5py.VirtualSource("1.h5", "data", shape=(10,))[6:]
    theirs = opened(h5py.File(folder / "t.h5", "w")).create_virtual_dataset("v", made)
    np.testing.assert_array_equal(ours().create_virtual_dataset("v", made)[:], theirs[:])


# ---------------------------------------------------------------- axes without end


def test_it_grows_with_its_source(folder, ours, opened):
    results = []
    for file in (opened(h5py.File(folder / "t.h5", "w")), ours()):
        source = file.create_dataset("s", data=np.arange(20).reshape(10, 2), maxshape=(None, 2), fillvalue=-1)
        made = h5py.VirtualLayout((10, 1), int, maxshape=(None, 1))
        made[: h5py.UNLIMITED, 0] = h5py.VirtualSource(source)[: h5py.UNLIMITED, 1]
        dataset = file.create_virtual_dataset("v", made)
        steps = [(dataset.shape, dataset[...])]
        source.resize(13, axis=0)
        steps.append((dataset.shape, dataset[...]))
        source[10:, 1] = 5
        steps.append((dataset.shape, dataset[9:]))
        source.resize(4, axis=0)
        steps.append((dataset.shape, dataset[...]))
        results.append(steps)
        assert dataset.maxshape == (None, 1)
    for (shape, wanted), (found_shape, found) in zip(*results, strict=True):
        assert found_shape == shape
        np.testing.assert_array_equal(found, wanted)


@pytest.mark.parametrize("stride", [2, 3])
@pytest.mark.parametrize("length", [0, 1, 5, 6])
def test_every_other_row_of_the_virtual_dataset_comes_from_one_source(folder, ours, opened, stride, length):
    results = []
    for file in (opened(h5py.File(folder / "t.h5", "w")), ours()):
        made = h5py.VirtualLayout((1, 2), "i4", maxshape=(None, 2))
        for number in range(stride):
            size = length - number % 2 if length else 0
            source = file.create_dataset(
                f"s{number}", data=np.full((max(size, 0), 2), number), maxshape=(None, 2), chunks=(4, 2)
            )
            to = h5py.h5s.create_simple((1, 2), (h5py.h5s.UNLIMITED, 2))
            to.select_hyperslab((number, 0), (h5py.h5s.UNLIMITED, 1), (stride, 1), (1, 2))
            of = h5py.h5s.create_simple(source.shape, (h5py.h5s.UNLIMITED, 2))
            of.select_hyperslab((0, 0), (h5py.h5s.UNLIMITED, 1), (1, 1), (1, 2))
            made.dcpl.set_virtual(to, b".", f"s{number}".encode(), of)
        dataset = file.create_virtual_dataset("v", made, fillvalue=-1)
        results.append((dataset.shape, dataset[...]))
    assert results[0][0] == results[1][0]
    np.testing.assert_array_equal(*(values for _, values in results))


@pytest.mark.parametrize("count", [0, 1, 3])
def test_each_block_has_a_numbered_source(folder, ours, opened, count):
    for number in range(count):
        with h5py.File(folder / f"part-{number}%.h5", "w") as file:
            file["data"] = np.arange(4) + 10 * number
    made = h5py.VirtualLayout((1, 4), "i4", maxshape=(None, 4))
    made[: h5py.UNLIMITED, :] = h5py.VirtualSource("part-%b%%.h5", "data", shape=(4,))
    wanted, found = (
        file.create_virtual_dataset("v", made) for file in (opened(h5py.File(folder / "t.h5", "w")), ours())
    )
    assert found.shape == wanted.shape == (count, 4)
    np.testing.assert_array_equal(found[...], wanted[...])
    if count:
        np.testing.assert_array_equal(found[count - 1 :, 1:], wanted[count - 1 :, 1:])


# ---------------------------------------------------------------- where sources are looked for


def test_names_are_relative_to_the_file_wherever_it_goes(folder, tmp_path_factory):
    with LindiH5pyFile.from_lindi_file(folder / "v.lindi.json", mode="w") as file:
        file.create_virtual_dataset("v", layout(), fillvalue=-5)
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    shutil.copy(folder / "v.lindi.json", elsewhere)
    with LindiH5pyFile.from_lindi_file(elsewhere / "v.lindi.json") as file:
        np.testing.assert_array_equal(file["v"][...], EXPECTED)
    moved = elsewhere / "moved"
    folder.rename(moved)
    with LindiH5pyFile.from_lindi_file(moved / "v.lindi.json") as file:
        np.testing.assert_array_equal(file["v"][...], EXPECTED)


def test_renaming_the_file_does_not_matter_to_sources_in_it(folder):
    with LindiH5pyFile.from_lindi_file(folder / "v.lindi.json", mode="w") as file:
        file["own"] = np.arange(10)
        made = h5py.VirtualLayout((10,), "i4")
        made[:] = h5py.VirtualSource(str(folder / "v.lindi.json"), "own", shape=(10,))
        file.create_virtual_dataset("v", made)
    (folder / "v.lindi.json").rename(folder / "w.lindi.json")
    with LindiH5pyFile.from_lindi_file(folder / "w.lindi.json") as file:
        np.testing.assert_array_equal(file["v"][...], np.arange(10))


def test_a_prefix_says_where_sources_are_looked_for(folder, tmp_path_factory, opened):
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    made = layout(("0.h5", "1.h5"))
    theirs = opened(h5py.File(elsewhere / "t.h5", "w"))
    file = opened(LindiH5pyFile.from_lindi_file(elsewhere / "v.lindi.json", mode="w"))
    for one in (theirs, file):
        one.create_virtual_dataset("v", made, fillvalue=-5)
    assert theirs["v"][1, 1] == file["v"][1, 1] == -5
    for one in (theirs, file):
        found = one.require_dataset("v", (2, 12), "i4", virtual_prefix=str(folder))
        assert found[1, 1] == 101
    relative = "${ORIGIN}/../" + folder.name
    held = file.require_dataset("v", (2, 12), "i4", virtual_prefix=relative)
    assert held[1, 1] == 101


def test_files_are_not_kept_open_beyond_a_few(folder, ours):
    names = [f"n{number}.h5" for number in range(70)]
    for number, name in enumerate(names):
        with h5py.File(folder / name, "w") as file:
            file["data"] = np.arange(10) + number
    file = ours()
    dataset = file.create_virtual_dataset("v", layout(names))
    for _ in range(2):
        np.testing.assert_array_equal(dataset[:, 1], np.arange(70) + 1)
    with h5py.File(folder / names[0], "r+"):  # nobody has it open any more
        pass


# ---------------------------------------------------------------- the journal, copies, other forms


def test_undo_redo_and_deleting(ours):
    file = ours()
    file.create_virtual_dataset("v", layout(), fillvalue=-5)
    file.journal.undo()
    assert "v" not in file
    file.journal.redo()
    np.testing.assert_array_equal(file["v"][...], EXPECTED)
    file.move("v", "g/w")
    np.testing.assert_array_equal(file["g/w"][...], EXPECTED)
    file["h"] = file["g/w"]
    del file["g/w"]
    np.testing.assert_array_equal(file["h"][...], EXPECTED)
    assert file["h"].is_virtual
    del file["h"]
    file.journal.undo()
    np.testing.assert_array_equal(file["h"][...], EXPECTED)


def test_an_object_without_a_name(ours):
    file = ours()
    file["own"] = np.arange(10)
    made = h5py.VirtualLayout((10,), "i4")
    made[:] = h5py.VirtualSource(file["own"])
    dataset = file.create_virtual_dataset(None, made)
    np.testing.assert_array_equal(dataset[...], np.arange(10))
    file["v"] = dataset
    np.testing.assert_array_equal(file["v"][...], np.arange(10))


def test_what_moves_is_a_source_no_more(folder, ours, opened):
    for file in (opened(h5py.File(folder / "t.h5", "w")), ours()):
        file["own"] = np.arange(10)
        made = h5py.VirtualLayout((10,), "i4")
        made[:] = h5py.VirtualSource(".", "own", shape=(10,))
        file.create_virtual_dataset("v", made, fillvalue=-5)
        file.move("own", "other")
        assert file["v"][3] == -5


def test_writing_goes_to_its_sources_only(ours):
    file = ours()
    dataset = file.create_virtual_dataset("v", layout(), fillvalue=-5)
    before = file.to_reference_file_system()
    with pytest.raises(UnsupportedError, match="is put together from other datasets"):
        dataset[0] = 1
    with pytest.raises(TypeError, match="Only chunked datasets can be resized"):
        dataset.resize((2, 12))
    with pytest.raises(UnsupportedError, match="is put together from other datasets"):
        dataset.id.write(dataset.id.get_space(), dataset.id.get_space(), np.zeros((3, 12), "i4"))
    dataset.attrs["unit"] = "V"
    del dataset.attrs["unit"]
    assert file.to_reference_file_system() == before


def test_a_copy_is_virtual_too_and_reads_what_it_read(folder, tmp_path_factory, opened):
    file = opened(LindiH5pyFile.from_lindi_file(folder / "v.lindi.json", mode="w"))
    file["own"] = np.arange(10, dtype="i4") + 300
    file.create_virtual_dataset("v", layout(("0.h5", "1.lindi.d", ".")), fillvalue=-5)
    file["data"] = np.arange(10, dtype="i4") + 200
    file.copy("v", "w")
    np.testing.assert_array_equal(file["w"][...], EXPECTED)
    assert file["w"].is_virtual
    file.flush()
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    other = opened(LindiH5pyFile.from_lindi_file(elsewhere / "o.lindi.json", mode="w"))
    other["data"] = np.zeros(10, "i4")
    file.copy("v", other)
    np.testing.assert_array_equal(other["v"][...], EXPECTED)
    assert other["v"].is_virtual


def test_a_copy_from_memory_is_refused_where_its_data_would_be_gone(ours):
    with LindiH5pyFile.from_reference_file_system(None) as memory:
        memory["data"] = np.arange(10)
        memory.create_virtual_dataset("v", layout((".",)))
        with pytest.raises(UnsupportedError, match="in memory only"):
            memory.copy("v", ours("o.lindi.json"))
        made = h5py.VirtualLayout((10,), "i4")
        made[:] = h5py.VirtualSource(memory["data"])
        with pytest.raises(UnsupportedError, match="in memory only"):
            ours().create_virtual_dataset("v", made)


def test_in_hdf5_and_zarr_it_has_its_data_itself(folder, ours, tmp_path, opened):
    file = ours()
    file.create_virtual_dataset("v", layout(), fillvalue=-5)
    text = h5py.VirtualLayout((2,), h5py.string_dtype())
    with h5py.File(folder / "s.h5", "w") as source:
        source["data"] = ["a", "bc"]
    text[:] = h5py.VirtualSource("s.h5", "data", shape=(2,))
    file.create_virtual_dataset("text", text)
    assert not file.to_hdf5(tmp_path / "out.h5").losses
    assert not file.to_zarr(tmp_path / "out.zarr").losses
    with h5py.File(tmp_path / "copied.h5", "w") as target:
        file.copy("v", target)
        np.testing.assert_array_equal(target["v"][...], EXPECTED)
    for one in (
        h5py.File(tmp_path / "out.h5"),
        LindiH5pyFile.from_zarr_store(LocalStore(tmp_path / "out.zarr")),
    ):
        found = opened(one)
        np.testing.assert_array_equal(found["v"][...], EXPECTED)
        assert found["text"].asstr()[...].tolist() == ["a", "bc"]
        assert found["v"].fillvalue == -5
        assert not found["v"].is_virtual


def test_a_copy_tells_which_files_are_missing(ours, tmp_path):
    file = ours()
    file["one"] = 1
    file.create_virtual_dataset("v", layout(("0.h5", "no.h5")), fillvalue=-5)
    report = file.to_hdf5(tmp_path / "out.h5")
    assert [loss.path for loss in report.losses] == ["v"] or "no.h5" in str(report.losses)
    with h5py.File(tmp_path / "out.h5") as out:
        np.testing.assert_array_equal(out["v"][1], [-5] * 12)


def test_a_patch_brings_it_along(folder, opened):
    shutil.copy(folder / "0.h5", folder / "base.h5")
    with LindiH5pyFile.from_hdf5_file(folder / "base.h5", mode="r+") as file:
        made = layout((".", "1.lindi.d", "2.h5"))
        file.create_virtual_dataset("v", made, fillvalue=-5)
        np.testing.assert_array_equal(file["v"][...], EXPECTED)
        patch = file.patch()
        file.write_lindi_file(folder / "whole.lindi.json")
    patch.save(folder / "p.json")
    applied = opened(lindi_explorer.apply(folder / "p.json", folder / "base.h5"))
    np.testing.assert_array_equal(applied["v"][...], EXPECTED)
    with LindiH5pyFile.from_lindi_file(folder / "whole.lindi.json") as whole:
        assert not lindi_explorer.diff(applied, whole).changes


@pytest.mark.parametrize("container", [".lindi.tar", ".lindi.d"])
def test_written_elsewhere_in_another_container(folder, tmp_path_factory, ours, container):
    path = tmp_path_factory.mktemp("elsewhere") / f"w{container}"
    file = ours()
    file["own"] = np.arange(10, dtype="i4") + 200
    made = layout(("0.h5", "1.lindi.d"))
    file.create_virtual_dataset("v", made, fillvalue=-5)
    file.write_lindi_file(path)
    with LindiH5pyFile.from_lindi_file(path) as written:
        np.testing.assert_array_equal(written["v"][...], EXPECTED[:2])


def test_the_document_keeps_the_rules_of_the_format(folder, ours):
    file = ours()
    made = h5py.VirtualLayout((10, 8), "i4", maxshape=(None, 8))
    made[:4, [1, 2, 5]] = h5py.VirtualSource("0.h5", "data", shape=(12,))[:12]
    source = h5py.VirtualSource("0.h5", "data", shape=(10,), maxshape=(None,))
    made[: h5py.UNLIMITED, 0] = source[: h5py.UNLIMITED]
    file.create_virtual_dataset("v", made, fillvalue=-1)
    file.create_virtual_dataset("t", h5py.VirtualLayout((2,), h5py.string_dtype()))
    assert not broken_rules(to_text(file.to_reference_file_system()), {})


def test_errors_of_h5py(folder, ours, opened):
    theirs, file = opened(h5py.File(folder / "t.h5", "w")), ours()
    for one in (theirs, file):
        one["taken"] = 1
        with pytest.raises((ValueError, OSError)):
            one.create_virtual_dataset("taken", layout())
        with pytest.raises((TypeError, AttributeError)):
            one.create_virtual_dataset("v", "layout")
        with pytest.raises(RuntimeError, match="Not a virtual dataset"):
            one["taken"].virtual_sources()
    with pytest.raises(UnsupportedError, match="scalar"):
        file.create_virtual_dataset("s", h5py.VirtualLayout((), "i4"))
    file.close()
    with (
        LindiH5pyFile.from_lindi_file(folder / "v.lindi.json") as reading,
        pytest.raises(ValueError, match="reading"),
    ):
        reading.create_virtual_dataset("v", layout())


# ---------------------------------------------------------------- virtual datasets of HDF5 files


@pytest.fixture
def hdf5_file(folder):
    with h5py.File(folder / "all.h5", "w") as file:
        file["data"] = np.arange(10, dtype="i4") + 100
        file.create_virtual_dataset("v", layout(("0.h5", ".", "2.h5")), fillvalue=-5)
    return folder / "all.h5"


def test_those_of_hdf5_files_say_what_they_are(hdf5_file, folder, opened):
    direct = opened(LindiH5pyFile.from_hdf5_file(hdf5_file))
    direct.write_lindi_file(folder / "all.lindi.json")
    theirs = opened(h5py.File(hdf5_file))
    for file in (direct, opened(LindiH5pyFile.from_lindi_file(folder / "all.lindi.json"))):
        assert file["v"].is_virtual
        assert not file["data"].is_virtual
        for found, wanted in zip(file["v"].virtual_sources(), theirs["v"].virtual_sources(), strict=True):
            assert (found.file_name, found.dset_name) == (wanted.file_name, wanted.dset_name)
            assert found.vspace.get_select_bounds() == wanted.vspace.get_select_bounds()
        np.testing.assert_array_equal(file["v"][...], EXPECTED)
        sizes = {str(hdf5_file): hdf5_file.stat().st_size}
        assert not broken_rules(to_text(file.to_reference_file_system()), sizes)


def test_those_of_hdf5_files_on_the_web_have_their_sources_there(
    hdf5_file, folder, serve, tmp_path_factory, opened
):
    url = serve(folder).url("all.h5")
    here = tmp_path_factory.mktemp("here")
    direct = opened(LindiH5pyFile.from_hdf5_file(url))
    np.testing.assert_array_equal(direct["v"][...], EXPECTED)
    direct.write_lindi_file(here / "all.lindi.json")
    document = opened(LindiH5pyFile.from_lindi_file(here / "all.lindi.json"))
    np.testing.assert_array_equal(document["v"][1:, ::3], EXPECTED[1:, ::3])
    assert not document.download(here / "own.lindi.d", select=["v"]).losses
    own = opened(LindiH5pyFile.from_lindi_file(here / "own.lindi.d"))
    assert not own["v"].is_virtual
    np.testing.assert_array_equal(own["v"][...], EXPECTED)


def test_writing_to_those_of_hdf5_files_makes_them_datasets_of_their_own(hdf5_file, opened):
    file = opened(LindiH5pyFile.from_hdf5_file(hdf5_file, mode="r+"))
    file["v"][0, 0] = 7
    assert not file["v"].is_virtual
    assert file["v"][0, 0] == 7
    np.testing.assert_array_equal(file["v"][1:], EXPECTED[1:])


def test_a_download_brings_the_data_of_those_that_are_chosen(folder, ours, opened, tmp_path_factory):
    file = ours()
    file.create_virtual_dataset("v", layout(), fillvalue=-5)
    file.create_virtual_dataset("w", layout(("no.h5",)), fillvalue=-5)
    file.flush()
    target = tmp_path_factory.mktemp("down") / "w.lindi.tar"
    (loss,) = file.download(target, select=["v", "w"]).losses
    assert (loss.path, "no.h5" in loss.why) == ("/w", True)
    for path in folder.glob("*.h5"):
        path.unlink()
    own = opened(LindiH5pyFile.from_lindi_file(target))
    np.testing.assert_array_equal(own["v"][...], EXPECTED)
    assert not own["v"].is_virtual
