from __future__ import annotations

import h5py
import numpy as np
import pytest
from h5py import h5d


@pytest.fixture
def file(edge_cases_h5):
    with h5py.File(edge_cases_h5) as file:
        yield file


def test_numbers_of_every_width_and_order(file):
    numbers = file["numbers"]
    for name in ("i2", "u8", "f2", "f8"):
        little, big = numbers[f"little_{name}"], numbers[f"big_{name}"]
        assert (little.dtype, big.dtype) == (np.dtype(f"<{name}"), np.dtype(f">{name}"))
        assert (little[:] == big[:]).all()
    assert np.isnan(numbers["not_finite"][0])
    assert h5py.check_enum_dtype(numbers["enum"].dtype) == {"RED": 0, "GREEN": 1, "BLUE": 42}
    assert numbers["arrays"].dtype == np.dtype(("i4", (2, 3)))
    assert numbers["arrays"][1].tolist() == [[6, 7, 8], [9, 10, 11]]


def test_strings_of_every_kind(file):
    strings = file["strings"]
    kinds = {name: h5py.check_string_dtype(strings[name].dtype) for name in strings}
    assert {(kind.encoding, kind.length is None) for kind in kinds.values()} == {
        ("utf-8", True),
        ("ascii", True),
        ("utf-8", False),
        ("ascii", False),
    }
    assert strings["not_utf8"][0] == b"\xff\xfe"
    assert strings["utf8"].asstr()[1] == "é"


def test_scalars_and_nulls(file):
    scalars = file["scalars"]
    assert scalars["int"][()] == 3
    assert isinstance(scalars["null"][()], h5py.Empty)
    assert isinstance(scalars.attrs["null_text"], h5py.Empty)


def test_references_find_their_targets(file):
    references = file["references"]
    targets = [file[ref].name for ref in references["objects"][:3]]
    assert targets == ["/references", "/references/data", "/"]
    assert not references["objects"][3]
    with pytest.raises((KeyError, ValueError), match="Unable to"):
        file[references["dangling"][0]]
    region = references["regions"][0]
    assert file[region][region].shape == (2, 3)


def test_layouts(file):
    layouts = file["layouts"]
    kind = {name: layouts[name].id.get_create_plist().get_layout() for name in layouts}
    assert {kind["contiguous"], kind["compact"], kind["chunked"]} == {
        h5d.CONTIGUOUS,
        h5d.COMPACT,
        h5d.CHUNKED,
    }
    part = layouts["written_in_part"]
    assert (part.id.get_num_chunks(), part[3, 41], part[20, 20], part[39, 49]) == (2, 1, 2, -7)
    assert np.isnan(layouts["never_written"][:]).all()
    assert layouts["filter_left_out"].id.get_chunk_info(0).filter_mask == 1
    assert layouts["filter_left_out"][:].tolist() == list(range(8))
    expected = layouts["contiguous"][:]
    for name in ("gzip", "shuffle_gzip", "fletcher32", "all_together", "lzf", "scale_offset", "growing"):
        assert (layouts[name][:] == expected).all()


def test_links_of_every_kind(file):
    links = file["links"]
    assert links["hard"] == links["data"] == links["soft_to_soft"] == links["branch/relative"]
    assert links["branch/self/self/parent"] == links
    assert links["external"][:].tolist() == [[0, 1, 2], [3, 4, 5]]
    broken = ("soft_dangling", "external_no_object", "external_no_file", "soft_circle")
    for name in broken:
        assert links.get(name, getlink=True) is not None
        with pytest.raises((KeyError, RuntimeError)):
            links[name]


def test_odd_names_and_shapes(file):
    for name in ("with space", ".zattrs", "50%20", "n" * 300):
        assert file["names"][name]["data"][()] == file["names"].attrs[name]
    assert list(file["names/in_order"]) == ["zebra", "ant", "mouse"]
    assert file["shapes/no_columns"].shape == (3, 0)
