"""Groups, names and links, with h5py's answers."""

from __future__ import annotations

import h5py
import numpy as np
import pytest

from lindi_explorer import LindiH5pyFile, LindiH5pyGroup, LindiH5pyHardLink, LindiH5pySoftLink
from lindi_explorer.errors import NodeNotFoundError, ReadOnlyError
from lindi_explorer.h5 import open_any

ODD_NAMES = [
    "with space",
    "ünïcødé",
    "日本",
    "a.b",
    "..c",
    ".zattrs",
    "0",
    "50%20",
    'quo"te',
    "back\\slash",
    "n" * 300,
]


def tree(file):
    """Groups, datasets, and links of every kind; hard links that go round."""
    group = file.create_group("g")
    group["d"] = np.arange(5)
    inner = group.create_group("inner")
    inner["up"] = group
    file["same"] = group["d"]
    file["soft"] = h5py.SoftLink("/g/d")
    file["to_group"] = h5py.SoftLink("g")
    group["relative"] = h5py.SoftLink("inner/up/d")
    file["soft_to_soft"] = h5py.SoftLink("/soft")
    file["dangling"] = h5py.SoftLink("/nowhere")
    file["circle"] = h5py.SoftLink("/circle")
    file["kind"] = np.dtype("f4")


@pytest.fixture
def files(both):
    return both(tree)


def test_listing(files):
    theirs, ours = files
    for file in ours:
        assert list(file) == list(theirs)
        assert (len(file), len(file["g"])) == (len(theirs), len(theirs["g"]))
        assert list(file.keys()) == list(theirs.keys())
        assert list(reversed(file["g"])) == list(reversed(theirs["g"]))
        names = [name for name, item in file.items() if item is None]
        assert names == ["circle", "dangling"]
        assert [item is None for item in file.values()].count(True) == 2
        assert sorted(file["g"].keys()) == ["d", "inner", "relative"]
        assert bool(file.keys())


def test_listing_while_editing(both):
    _, ours = both(tree, mode="r+")
    for file in ours:
        for name in file:
            file.attrs[name] = 1
        assert len(file.attrs) == len(file)


@pytest.mark.parametrize(
    "path",
    [
        *("g", "/g", "g/", "g//d", "/g/./d", ".", "/", "g/inner/up/inner/up/d", "to_group/d", "soft_to_soft"),
        *("g/relative", "to_group/inner/up/relative", "kind", "same", b"g/d", b"soft"),
    ],
    ids=str,
)
def test_paths(files, path):
    theirs, ours = files
    expected = theirs[path]
    for file in ours:
        found = file[path]
        assert path in file
        assert found.name == expected.name
        assert (found == file) == (expected == theirs)
        assert file.get(path) == found
        kind = theirs.get(path, getclass=True)
        assert file.get(path, getclass=True) is kind
        assert isinstance(found, kind)
        assert isinstance(found.file, LindiH5pyFile)
        assert found.parent.name == expected.parent.name
        if isinstance(expected, h5py.Dataset):
            assert found[()].tolist() == expected[()].tolist()


@pytest.mark.parametrize(
    "path", ["x", "/x", "g/x", "x/y", "g/d/x", "dangling", "circle", "dangling/x", "g/inner/x"]
)
def test_what_is_not_there(files, path):
    _, ours = files
    for file in ours:
        assert (path in file) == (path in ("dangling", "circle")), "the link is there"
        assert file.get(path) is None
        assert file.get(path, 7) == 7
        assert file.get(path, 7, getclass=True) == 7
        with pytest.raises(NodeNotFoundError, match="/") as caught:
            file[path]
        assert isinstance(caught.value, KeyError)


def broken(file):
    file.create_group("g")
    file["dangling"] = h5py.SoftLink("/nowhere")
    file["circle"] = h5py.SoftLink("/circle")
    file["external"] = h5py.ExternalLink("no.h5", "/x")


def test_a_name_that_is_listed_is_in_the_group(both):
    theirs, ours = both(broken)
    for file in ours:
        for name in theirs:
            assert name in theirs
            assert name in file
        assert "dangling/x" not in file


def test_an_empty_name_is_no_name(both):
    _, ours = both(broken)
    for file in ours:
        assert "" not in file
        assert file.get("") is None
        with pytest.raises(KeyError):
            file[""]


def test_paths_are_relative_to_the_group(files):
    theirs, ours = files
    for file in ours:
        inner = file["g/inner"]
        assert inner["up/d"] == file["g/d"]
        assert inner["/same"] == file["same"]
        assert "up" in inner
        assert "d" not in inner
        assert "/g/d" in inner
        assert inner.get("up").name == theirs["g/inner"].get("up").name


@pytest.mark.parametrize("key", [5, None, 1.5, ("g",), ["g"], np.arange(2), slice(None)], ids=str)
def test_keys_that_are_no_names(files, key):
    theirs, ours = files
    with pytest.raises(TypeError):
        theirs[key]
    for file in ours:
        with pytest.raises(TypeError, match="Accessing a group is done with bytes or str"):
            file[key]
        assert key not in file if not isinstance(key, np.ndarray) else True


# ---------------------------------------------------------------- links


@pytest.mark.parametrize(
    "name", ["g", "same", "soft", "to_group", "g/relative", "dangling", "circle", "kind"]
)
def test_links_as_links(files, name):
    theirs, ours = files
    expected = theirs.get(name, getlink=True)
    for file in ours:
        link = file.get(name, getlink=True)
        assert isinstance(link, type(expected))
        assert isinstance(link, (LindiH5pyHardLink, LindiH5pySoftLink))
        assert getattr(link, "path", None) == getattr(expected, "path", None)
        assert file.get(name, getlink=True, getclass=True) is type(expected)
    for file in ours:
        assert file.get("x", getlink=True) is None
        assert file.get("x", 7, getlink=True) == 7


def test_links_as_links_in_another_file(tmp_path, opened):
    with h5py.File(tmp_path / "other.h5", "w") as other:
        other["group/data"] = [1, 2, 3]
        other["group/soft"] = h5py.SoftLink("/group/data")
        other["group/away"] = h5py.ExternalLink("third.h5", "/x")
    with h5py.File(tmp_path / "f.h5", "w") as file:
        file["group"] = h5py.ExternalLink("other.h5", "/group")
        file["soft"] = h5py.SoftLink("/group")
        file["data"] = h5py.ExternalLink("other.h5", "/group/data")
        file["gone"] = h5py.ExternalLink("third.h5", "/")
    theirs = opened(h5py.File(tmp_path / "f.h5"))
    ours = opened(LindiH5pyFile.from_hdf5_file(tmp_path / "f.h5"))
    for name in ("group/data", "group/soft", "group/away", "soft/data"):
        expected, link = (file.get(name, getlink=True) for file in (theirs, ours))
        assert isinstance(link, type(expected))
        assert getattr(link, "path", None) == getattr(expected, "path", None)
        assert getattr(link, "filename", None) == getattr(expected, "filename", None)
        assert ours.get(name, getlink=True, getclass=True) is type(expected)
    for name in ("group/nothing", "gone/data", "data/x"):
        assert theirs.get(name, 7, getlink=True) == ours.get(name, 7, getlink=True) == 7


def test_hard_links_are_one_object_with_several_names(files):
    theirs, ours = files
    for file in ours:
        one, other = file["g/d"], file["same"]
        assert (one.name, other.name) == ("/g/d", "/same")
        assert one == other
        assert hash(one) == hash(other)
        assert one.id == other.id
        assert file["g/inner/up"] == file["g"]
        assert file["g/inner/up"].name == theirs["g/inner/up"].name


def test_links_to_other_files(tmp_path, opened, serve):
    with h5py.File(tmp_path / "other.h5", "w") as other:
        other["data"] = np.arange(3)
        other["group/x"] = 7
        other["group"].attrs["where"] = "there"
    with h5py.File(tmp_path / "f.h5", "w") as file:
        file["data"] = h5py.ExternalLink("other.h5", "/data")
        file["group"] = h5py.ExternalLink("other.h5", "group")
        file["no_object"] = h5py.ExternalLink("other.h5", "/nothing")
        file["no_file"] = h5py.ExternalLink("nothing.h5", "/data")
    for source in (tmp_path / "f.h5", serve(tmp_path).url("f.h5")):
        file = opened(open_any(source))
        link = file.get("data", getlink=True)
        assert isinstance(link, h5py.ExternalLink)
        assert (link.filename, link.path) == ("other.h5", "/data")
        assert file["data"][()].tolist() == [0, 1, 2]
        assert file["group/x"][()] == 7
        assert file["group"].attrs["where"] == "there"
        assert file["group"].file.filename != file.filename
        for name in ("no_object", "no_file"):
            assert file.get(name) is None
            with pytest.raises(NodeNotFoundError):
                file[name]


def test_a_document_from_the_network_opens_no_local_file_by_a_link(tmp_path, opened, serve):
    with h5py.File(tmp_path / "secret.h5", "w") as other:
        other["data"] = 1
    (tmp_path / "web").mkdir()
    with h5py.File(tmp_path / "web" / "f.h5", "w") as file:
        file["data"] = h5py.ExternalLink(str(tmp_path / "secret.h5"), "/data")
    file = opened(open_any(serve(tmp_path / "web").url("f.h5")))
    assert isinstance(file.get("data", getlink=True), h5py.ExternalLink)
    with pytest.raises(NodeNotFoundError):
        file["data"]


# ---------------------------------------------------------------- walking


@pytest.mark.parametrize("start", ["/", "g"])
def test_visiting(files, start):
    theirs, ours = files
    expected, names = [], []
    theirs[start].visit(expected.append)
    for file in ours:
        found, items = [], {}
        assert file[start].visit(found.append) is None
        assert sorted(found) == sorted(expected)
        assert len(found) == len(set(found))
        file[start].visititems(lambda name, item, items=items: items.update({name: item}))
        assert sorted(items) == sorted(expected)
        assert all(item == file[start][name] for name, item in items.items())
    theirs[start].visit_links(names.append)
    for file in ours:
        found, links = [], {}
        file[start].visit_links(found.append)
        assert sorted(found) == sorted(names)
        file[start].visititems_links(lambda name, link, links=links: links.update({name: link}))
        assert {name: isinstance(link, h5py.SoftLink) for name, link in links.items()} == {
            name: isinstance(theirs[start].get(name, getlink=True), h5py.SoftLink) for name in names
        }


def test_a_visit_ends_where_it_is_told(files):
    _, ours = files
    for file in ours:
        seen = []
        assert file.visit(lambda name, seen=seen: (seen.append(name), name == "g/d" or None)[1]) is True
        assert seen[-1] == "g/d"


# ---------------------------------------------------------------- names


@pytest.mark.parametrize("name", ODD_NAMES)
def test_names_of_every_kind(both, name):
    def fill(file):
        file.create_group(name)["data"] = 1
        file[name].attrs["path"] = name

    theirs, ours = both(fill)
    for file in ours:
        assert list(file) == list(theirs) == [name]
        assert file[name].name == theirs[name].name
        assert file[f"/{name}/data"][()] == 1
        assert file[name]["data"].parent == file[name]
        assert name in file


def test_names_that_are_no_utf8(both):
    theirs, ours = both(lambda file: file.create_group(b"\xff\xfe").create_dataset("d", data=1))
    for file in ours:
        assert list(file) == list(theirs) == [b"\xff\xfe"]
        assert file[b"\xff\xfe"]["d"][()] == 1
        assert b"\xff\xfe" in file


def test_a_thousand_children_and_deep_ones(both):
    def fill(file):
        for number in range(1000):
            file.create_group(f"many/{number}")
        file.create_group("/".join(["deep"] * 100))["d"] = 1

    theirs, ours = both(fill)
    for file in ours:
        assert list(file["many"]) == list(theirs["many"])
        assert file["/".join(["deep"] * 100)]["d"][()] == 1


# ---------------------------------------------------------------- identity


def test_identity(files, opened):
    _, (direct, decoded) = files
    assert direct["g"] == direct["g"]
    assert direct["g"] != direct["g/d"]
    assert direct["g"] != decoded["g"], "another file"
    assert direct["g"] != "g"
    assert {direct["g"]: 1}[direct["/g/"]] == 1
    assert direct["/"] == direct
    assert direct["soft"].id == direct["g/d"].id
    assert direct["soft"].id != decoded["soft"].id
    assert len({direct["g"].id, direct["g/inner/up"].id, direct["to_group"].id}) == 1
    assert direct["g"].id.valid
    assert bool(direct["g"])
    group = direct["g"]
    direct.close()
    assert not group
    assert not group.id.valid


def test_classes(files):
    _, ours = files
    for file in ours:
        assert isinstance(file, (h5py.File, LindiH5pyGroup))
        assert isinstance(file["g"], h5py.Group)
        assert not isinstance(file["g"], h5py.File)
        assert isinstance(file["kind"], h5py.Datatype)
        assert file["kind"].dtype == "f4"


# ---------------------------------------------------------------- writing


def test_a_file_open_for_reading_keeps_its_structure(both):
    _, ours = both(tree)
    for file in ours:
        for change in (
            lambda file=file: file.create_group("new"),
            lambda file=file: file.create_dataset("new", data=1),
            lambda file=file: file.__setitem__("new", 1),
            lambda file=file: file.__delitem__("g"),
            lambda file=file: file.move("g", "h"),
            lambda file=file: file.require_group("new"),
            lambda file=file: file.require_dataset("new", (1,), "f4"),
        ):
            with pytest.raises(ReadOnlyError) as caught:
                change()
            assert caught.value.hint
        assert list(file["g"]) == ["d", "inner", "relative"]


def test_requiring_what_is_there(files):
    _, ours = files
    for file in ours:
        assert file.require_group("g") == file["g"]
        assert file.require_dataset("g/d", (5,), "i8", exact=True) == file["g/d"]
        assert file.require_dataset("g/d", 5, "i4") == file["g/d"]
        with pytest.raises(TypeError):
            file.require_group("g/d")
        for shape, dtype, exact in (((6,), "i8", False), ((5,), "i4", True), ((5,), "S3", False)):
            with pytest.raises(TypeError):
                file.require_dataset("g/d", shape, dtype, exact=exact)


def test_an_object_that_nobody_holds_keeps_its_hash(files):
    _, ours = files
    for file in ours:
        hashes = {hash(file["g/d"]) for _ in range(20)}
        others = {hash(file[name]) for name in file if isinstance(file.get(name), h5py.Group)}
        assert len(hashes) == 1
        assert not hashes & others
        assert hash(file["g/d"].id) == hash(file["g"]["d"].id)
