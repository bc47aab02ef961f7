from __future__ import annotations

import doctest
import json

import h5py
import numpy as np
import pytest

import lindi_explorer as lindi
from lindi_explorer.errors import ConflictError, MissingFileError, ReadOnlyError, UnsupportedError
from lindi_explorer.h5.patches import applying, patching
from lindi_explorer.hdf5.references import Hdf5References
from lindi_explorer.references import codec
from lindi_explorer.staging import patch as patches
from lindi_explorer.staging import patch_making

SECRET = "?X-Amz-Signature=hush"


@pytest.fixture
def source(tmp_path):
    """An HDF5 file with a large dataset, small ones, and a link."""
    path = tmp_path / "source" / "a.h5"
    path.parent.mkdir()
    with h5py.File(path, "w") as file:
        file.attrs["lab"] = "A"
        file["age"] = "P10D"
        file["numbers"] = np.arange(5)
        data = file.create_dataset(
            "g/data", data=np.arange(4000, dtype="i2"), chunks=(100,), maxshape=(None,)
        )
        data.attrs["unit"] = "mV"
        file.create_dataset("lzf", data=np.arange(3000), chunks=(1000,), compression="lzf")
        ordered = file.create_group("ordered", track_order=True)
        for name in ("z", "a", "m"):
            ordered[name] = name
        file["soft"] = h5py.SoftLink("/g/data")
    return path


def opened(path, **options):
    return lindi.LindiH5pyFile.from_hdf5_file(path, mode="r+", **options)


def text(file):
    return codec.to_text(file.to_reference_file_system())


def written(patch):
    return json.loads(patch.text())


def edited(path, edit, **options):
    """The patch of an edit."""
    with opened(path, **options) as file:
        edit(file)
        return file.patch()


# ---------------------------------------------------------------- what a patch says


def test_a_patch_says_path_kind_old_and_new_value_with_their_types(source):
    def edit(file):
        file.attrs["lab"] = "B"
        file.attrs["new"] = np.float32(0.5)
        del file["g/data"].attrs["unit"]
        file["age"][()] = "ten days"
        file["numbers"][1] = 9

    by_place = {
        (change["path"], change.get("name")): change for change in written(edited(source, edit))["changes"]
    }
    assert by_place["/", "lab"] == {
        "kind": "attribute",
        "path": "/",
        "name": "lab",
        "old": {"dtype": "utf-8", "value": "A"},
        "new": {"dtype": "utf-8", "value": "B"},
    }
    assert by_place["/", "new"]["new"] == {"dtype": "float32", "value": 0.5, "entry": {"type": "<f4"}}
    assert by_place["/g/data", "unit"]["old"]["value"] == "mV"
    assert "new" not in by_place["/g/data", "unit"]
    age, numbers = by_place["/age", None], by_place["/numbers", None]
    assert [age[state]["value"] for state in ("old", "new")] == ["P10D", "ten days"]
    assert (numbers["kind"], numbers["new"]["dtype"], numbers["new"]["shape"]) == ("data", "int64", [5])
    assert numbers["new"]["value"] == [0, 9, 2, 3, 4]


def test_a_patch_says_what_it_was_made_for_and_by(source):
    patch = edited(source, lambda file: file.attrs.update(lab="B"))
    document = written(patch)
    size = source.stat().st_size
    assert document["source"] == {"address": "a.h5", "format": "HDF5", "size": size}
    assert document["format"] == "lindi_explorer patch"
    assert document["version"] == 1
    assert document["tool"].startswith("lindi_explorer")
    assert document["created"].endswith("Z")


def test_the_patch_of_a_remote_file_has_its_etag_and_no_secret(source, serve, monkeypatch):
    monkeypatch.setenv("LINDI_LOCAL_CACHE_DIR", str(source.parent))
    link = serve(source.parent).url("a.h5")

    def edit(file):
        file["g/data"][5] = 1
        file.move("lzf", "other")

    with opened(link + SECRET) as file:
        edit(file)
        requests = file.reader.stats.snapshot().requests
        patch = file.patch("by hand")
        assert file.reader.stats.snapshot().requests == requests
    document = written(patch)
    assert document["source"]["address"] == link
    assert document["source"]["size"] == source.stat().st_size
    assert document["source"]["etag"]
    assert document["note"] == "by hand"
    assert b"hush" not in patch.text()


def test_only_chunks_that_were_written_are_in_a_patch(source):
    def edit(file):
        file["g/data"][150] = 7
        file["g/data"][1000:1100] = 3

    (change,) = written(edited(source, edit))["changes"]
    assert set(change["new"]["keys"]) == {"1", "10"}
    assert change["old"]["keys"]["1"][0] == "{{source}}"
    assert str(source.parent) not in json.dumps(change)


def test_what_was_set_back_is_not_in_a_patch(source):
    def edit(file):
        file.attrs["lab"] = "B"
        file.attrs["lab"] = "A"
        file.create_group("new")
        del file["new"]

    patch = edited(source, edit)
    assert not patch
    assert patch.changes == ()


def test_a_patch_costs_what_has_changed(tmp_path, monkeypatch):
    with h5py.File(tmp_path / "many.h5", "w") as file:
        for number in range(200):
            file[f"g{number}/d"] = number
    with opened(tmp_path / "many.h5") as file:
        file["g5/d"][()] = 0
        asked = set()
        node = Hdf5References.node
        monkeypatch.setattr(Hdf5References, "node", lambda self, path: (asked.add(path), node(self, path))[1])
        assert len(file.patch().changes) == 1
    assert asked <= {"", "g5", "g5/d"}


# ---------------------------------------------------------------- applying


def test_a_patch_makes_the_same_file_of_the_source_byte_for_byte(source, tmp_path):
    def edit(file):
        file.attrs["lab"] = "B"
        file["g/data"][150] = 7
        file["g/data"].resize((5000,))
        file.move("lzf", "g/moved")
        file.create_dataset("new/one", data=np.arange(9000), compression="gzip")
        del file["ordered/a"]
        file["ordered/b"] = 1

    with opened(source) as file:
        edit(file)
        file.patch("note").save(tmp_path / "p.json")
        expected = text(file)
    with opened(source) as again:
        assert lindi.apply(tmp_path / "p.json", again) is again
        assert text(again) == expected
        assert list(again["ordered"]) == ["z", "m", "b"]
        np.testing.assert_array_equal(again["g/moved"][...], np.arange(3000))
        assert again.journal.next_undo.words == "Apply patch: note"


def test_one_undo_takes_a_patch_back(source):
    def edit(file):
        file.attrs["lab"] = "B"
        del file["g"]

    patch = edited(source, edit)
    with opened(source) as file:
        before = text(file)
        lindi.apply(patch, file)
        assert "g" not in file
        file.journal.undo()
        assert text(file) == before


@pytest.mark.parametrize(
    ("other", "words"),
    [
        (
            lambda file: file.attrs.update(lab="C"),
            "old value differs at /, attribute lab: the patch expects 'A' (utf-8), the file has 'C' (utf-8)",
        ),
        (
            lambda file: file.attrs.__delitem__("lab"),
            "attribute lab: the patch expects 'A' (utf-8), the file has no such attribute",
        ),
        (
            lambda file: file["age"].__setitem__((), "P20D"),
            "old value differs at /age, data: the patch expects 'P10D', the file has 'P20D'",
        ),
        (
            lambda file: file["g/data"].resize((100,)),
            "old value differs at /g/data, chunk 1: the patch expects ['{{source}}', ",
        ),
        (lambda file: file.move("age", "years"), "there is no object at /age, which the patch changes"),
        (
            lambda file: file["ordered"].attrs.update(x=1),
            "3 objects in it, the file has a group with 3 objects in it with other content",
        ),
        (
            lambda file: file["ordered"].create_group("b"),
            "the patch removes a group with 3 objects in it, the file has a group with 4 objects in it",
        ),
        (
            lambda file: file.__delitem__("ordered"),
            "the patch removes a group with 3 objects in it, the file has no such object",
        ),
        (lambda file: file.create_group("new"), "there is an object at /new already"),
    ],
)
def test_another_old_value_is_named_and_nothing_is_applied(source, other, words):
    def edit(file):
        del file["ordered"]
        file["new"] = 1
        file["age"][()] = "ten days"
        file["g/data"][150] = 7
        file.attrs["lab"] = "B"

    patch = edited(source, edit)
    with opened(source) as file:
        other(file)
        before, steps = text(file), file.journal.steps
        with pytest.raises(ConflictError) as raised:
            lindi.apply(patch, file)
        assert words in str(raised.value)
        assert "Nothing was applied" in raised.value.hint
        assert text(file) == before
        assert file.journal.steps == steps


def test_old_values_do_not_matter_where_that_is_wished(source):
    def edit(file):
        file.attrs["lab"] = "B"
        file["age"][()] = "ten days"
        del file["ordered"]

    patch = edited(source, edit)
    with opened(source) as file:
        file.attrs["lab"] = "C"
        file["age"][()] = "P20D"
        del file["ordered"]
        lindi.apply(patch, file, strict=False)
        assert (file.attrs["lab"], file["age"][()]) == ("B", b"ten days")
        assert "ordered" not in file


def test_a_file_open_for_reading_is_not_changed(source):
    patch = edited(source, lambda file: file.attrs.update(lab="B"))
    with (
        lindi.LindiH5pyFile.from_hdf5_file(source) as file,
        pytest.raises(ReadOnlyError, match="the patch cannot be applied"),
    ):
        lindi.apply(patch, file)


def test_a_path_is_opened_for_it_and_stays_as_it_is(source):
    before = source.read_bytes()
    patch = edited(source, lambda file: file.attrs.update(lab="B"))
    with lindi.apply(patch, source) as file:
        assert file.attrs["lab"] == "B"
    document = {"refs": {".zgroup": {"zarr_format": 2}, ".zattrs": {"lab": "A"}}}
    with lindi.apply(patch, document) as file:
        assert file.attrs["lab"] == "B"
    assert document["refs"][".zattrs"] == {"lab": "A"}
    assert source.read_bytes() == before


# ---------------------------------------------------------------- other places


def test_a_patch_for_a_remote_file_fits_a_copy_of_it_and_its_index(source, serve, tmp_path):
    link = serve(source.parent).url("a.h5")

    def edit(file):
        file["g/data"][5] = 77
        file.move("lzf", "other")

    patch = edited(link, edit)
    with opened(link) as file:
        file.write_lindi_file(tmp_path / "index.lindi.json")
    with opened(source) as file:
        file.write_lindi_file(tmp_path / "of_copy.lindi.json")
    for target in (source, tmp_path / "index.lindi.json", tmp_path / "of_copy.lindi.json"):
        with lindi.apply(patch, target) as file:
            assert file["g/data"][5] == 77
            np.testing.assert_array_equal(file["g/data"][6:4000], np.arange(6, 4000))
            np.testing.assert_array_equal(file["other"][...], np.arange(3000))


def test_a_patch_fits_a_document_elsewhere_that_refers_to_the_file(source, tmp_path):
    def edit(file):
        file["g/data"][5] = 77
        file.move("lzf", "other")

    patch = edited(source, edit)
    with opened(source) as file:
        file.write_lindi_file(tmp_path / "index.lindi.json")
    with lindi.apply(patch, tmp_path / "index.lindi.json") as file:
        assert file["g/data"][5] == 77
        np.testing.assert_array_equal(file["other"][...], np.arange(3000))


def test_a_patch_for_an_index_fits_the_hdf5_file_beside_it(source):
    index = source.parent / "a.lindi.json"
    with opened(source) as file:
        file.write_lindi_file(index)

    def edit(file):
        file["g/data"][5] = 77
        file.copy("g/data", "copy")

    with lindi.LindiH5pyFile.from_reference_file_system(json.loads(index.read_text()), mode="r+") as file:
        edit(file)
        patch = file.patch()
    assert str(source.parent).encode() not in patch.text()
    with lindi.apply(patch, source) as file:
        np.testing.assert_array_equal(file["copy"][6:], np.arange(6, 4000))
        assert file["copy"][5] == 77


def test_a_patch_is_not_applied_to_another_file_of_the_same_metadata(source, tmp_path):
    patch = edited(source, lambda file: file["g/data"].__setitem__(5, 77))
    longer = tmp_path / "longer.h5"
    longer.write_bytes(source.read_bytes() + bytes(10))
    with pytest.raises(ConflictError, match=r"made for a file of [0-9,]+ bytes, longer.h5 has"):
        lindi.apply(patch, longer)


def test_new_chunks_travel_in_the_patch_wherever_they_are_kept(source, tmp_path):
    index = source.parent / "a.lindi.json"
    with opened(source) as file:
        file.write_lindi_file(index)

    def edit(file):
        file["g/data"][100:300] = 5
        file["g/data"][3] = 5
        file.create_dataset("new", data=np.arange(9000), chunks=(1000,))

    with lindi.StagingArea.create(base_dir=source.parent) as area:
        patch = edited(source, edit, staging_area=area)
        assert area.directory.encode() not in patch.text()
    with lindi.LindiH5pyFile.from_lindi_file(tmp_path / "f.lindi.tar", mode="w") as file:
        file.create_dataset("new", data=np.arange(9000), chunks=(1000,))
        whole = file.patch()
    assert str(tmp_path).encode() not in patch.text() + whole.text()
    for made in (lindi.apply(patch, index), lindi.apply(whole, {"refs": {".zgroup": {"zarr_format": 2}}})):
        np.testing.assert_array_equal(made["new"][...], np.arange(9000))
    with lindi.apply(patch, source) as file:
        assert file["g/data"][...].tolist() == [5 if at == 3 or 100 <= at < 300 else at for at in range(4000)]


def test_an_archive_is_patched_in_its_place(tmp_path):
    with lindi.LindiH5pyFile.from_lindi_file(tmp_path / "a.lindi.tar", mode="w") as file:
        file.create_dataset("d", data=np.arange(9000), chunks=(1000,))
    (tmp_path / "b.lindi.tar").write_bytes((tmp_path / "a.lindi.tar").read_bytes())
    with lindi.LindiH5pyFile.from_lindi_file(tmp_path / "a.lindi.tar", mode="r+") as file:
        file["d"][1500] = 0
        patch = file.patch()
    with lindi.LindiH5pyFile.from_lindi_file(tmp_path / "b.lindi.tar", mode="r+") as file:
        lindi.apply(lindi.Patch.parse(patch.text()), file)
    with lindi.LindiH5pyFile.from_lindi_file(tmp_path / "b.lindi.tar") as file:
        np.testing.assert_array_equal(file["d"][...], np.where(np.arange(9000) == 1500, 0, np.arange(9000)))
    assert not lindi.diff(tmp_path / "a.lindi.tar", tmp_path / "b.lindi.tar")


def test_more_data_than_a_patch_holds_is_refused_by_name(source, monkeypatch):
    monkeypatch.setattr(patch_making, "MOST_DATA", 10_000)
    values = np.random.default_rng(0).bytes(20_000)
    with opened(source) as file:
        file.create_dataset("large", data=np.frombuffer(values, "u1"))
        with pytest.raises(UnsupportedError, match="the data of /large does not go into a patch") as raised:
            file.patch()
    assert "Export" in raised.value.hint


def test_a_link_to_a_file_that_others_lack_is_refused_by_name(source, tmp_path):
    with h5py.File(tmp_path / "b.h5", "w") as other:
        other.create_dataset("lzf", data=np.zeros(3000, "i8"), chunks=(1000,), compression="lzf")
    with pytest.raises(UnsupportedError, match=r"/lzf leads to .*b.h5; a patch cannot say that"):
        lindi.diff(source, tmp_path / "b.h5")


# ---------------------------------------------------------------- two files


def test_exports_of_one_file_hold_the_same(source, tmp_path):
    with opened(source) as file:
        file.write_lindi_file(tmp_path / "one.lindi.json")
    document = json.loads((tmp_path / "one.lindi.json").read_text())
    assert document["templates"] == {"u1": str(source)}
    spelt = json.dumps(document).replace("{{u1}}", str(source)).replace('"templates"', '"unused"')
    (tmp_path / "two.lindi.json").write_text(spelt)
    for other in (tmp_path / "two.lindi.json", document, source):
        assert lindi.diff(tmp_path / "one.lindi.json", other).changes == ()
        assert lindi.diff(other, tmp_path / "one.lindi.json").changes == ()


def test_copies_in_different_places_hold_the_same_until_a_byte_differs(source, tmp_path):
    copy = tmp_path / "copy.h5"
    copy.write_bytes(source.read_bytes())
    assert not lindi.diff(source, copy)
    with h5py.File(copy, "r+") as file:
        file["g/data"][2050] = 0
    (change,) = lindi.diff(source, copy).changes
    assert (change.path, list(change.new.keys)) == ("/g/data", ["20"])
    with h5py.File(copy, "r+") as file:
        file["g/data"][2050] = 2050
        file["lzf"][5] = 0
    with pytest.raises(UnsupportedError, match="/lzf"):
        lindi.diff(source, copy)


def test_a_file_made_by_a_patch_holds_what_the_other_file_holds(source, tmp_path):
    other = tmp_path / "other.h5"
    other.write_bytes(source.read_bytes())
    with h5py.File(other, "r+") as file:
        file["g/data"].resize((3000,))
        file["g/data"][:50] = 1
        file["more/text"] = ["a", "b"]
        del file["soft"]
        file["soft"] = h5py.SoftLink("/age")
        del file["numbers"]
        file["numbers/inside"] = 1
    with lindi.apply(lindi.diff(source, other), source) as made, h5py.File(other) as theirs:
        assert not lindi.diff(made, other)
        np.testing.assert_array_equal(made["g/data"][...], theirs["g/data"][...])
        assert made["more/text"][...].tolist() == [b"a", b"b"]
        assert made["soft"][()] == b"P10D"
        assert made["numbers/inside"][()] == 1


def test_names_that_look_like_keys_of_a_document_are_names(tmp_path):
    with h5py.File(tmp_path / "odd.h5", "w") as file:
        file["g/.zattrs/d"] = 1

    def edit(file):
        file["g/.zattrs"].attrs["unit"] = "V"
        file.move("g/.zattrs/d", "g/.zattrs/.zarray")

    patch = lindi.Patch.parse(edited(tmp_path / "odd.h5", edit).text())
    with lindi.apply(patch, tmp_path / "odd.h5") as file:
        assert file["g/.zattrs"].attrs["unit"] == "V"
        assert file["g/.zattrs/.zarray"][()] == 1


def test_children_come_in_the_order_a_patch_gives_them(source):
    def edit(file):
        del file["ordered/z"]
        file["ordered/z"] = "z"

    with opened(source) as file:
        edit(file)
        patch = file.patch()
    with lindi.apply(patch, source) as file:
        assert list(file["ordered"]) == ["a", "m", "z"]


def test_a_file_that_is_not_there_is_named(source, tmp_path):
    with pytest.raises(MissingFileError, match=r"absent.json"):
        lindi.apply(tmp_path / "absent.json", source)
    patch = edited(source, lambda file: file.attrs.update(lab="B"))
    with pytest.raises(MissingFileError, match="there is no folder"):
        patch.save(tmp_path / "absent" / "p.json")


@pytest.mark.parametrize("module", [applying, patching, patches], ids=lambda module: module.__name__)
def test_the_examples_in_the_docstrings_are_right(module):
    failed, attempted = doctest.testmod(module)
    assert failed == 0
    assert attempted > 0
