"""Where chunks live: counts and pages, with every kind of place."""

from __future__ import annotations

import h5py
import numpy as np
import pytest

from lindi_explorer.errors import UnsupportedError
from lindi_explorer.explorer import protocol as p

ARRAY = {
    "compressor": None,
    "dtype": "<i4",
    "fill_value": 0,
    "filters": None,
    "order": "C",
    "zarr_format": 2,
}


def storage(asked, path, **page) -> p.Storage:
    return asked.ask(p.GetStorage, path=path, **page)


def test_chunks_have_the_byte_ranges_hdf5_tells(edge, edge_cases_h5):
    answer = storage(edge, "/layouts/never_written")
    assert answer.places == [("missing", 20)]
    answer = storage(edge, "/layouts/written_in_part")
    assert answer.grid == [3, 4]
    assert answer.total == 12
    places = dict(answer.places)
    with h5py.File(edge_cases_h5) as file:
        dataset = file["/layouts/written_in_part"]
        stored = [dataset.id.get_chunk_info(number) for number in range(dataset.id.get_num_chunks())]
    assert places == {"source": len(stored), "missing": 12 - len(stored)}
    ranges = {tuple(row.index): (row.offset, row.length) for row in answer.chunks if row.place == "source"}
    assert ranges == {
        tuple(np.array(info.chunk_offset) // 16): (info.byte_offset, info.size) for info in stored
    }
    assert [row.index for row in answer.chunks] == [[i, j] for i in range(3) for j in range(4)]
    assert {row.url for row in answer.chunks} == {"edge_cases.h5", ""}


def test_pages_hold_what_was_asked_for(edge):
    whole = storage(edge, "/layouts/written_in_part").chunks
    page = storage(edge, "/layouts/written_in_part", offset=5, limit=3)
    assert page.chunks == whole[5:8]
    assert (page.offset, page.total) == (5, 12)
    assert storage(edge, "/layouts/written_in_part", offset=50).chunks == []


def test_small_data_is_inside_the_document(edge):
    answer = storage(edge, "/layouts/chunked")
    assert answer.places == [("inline", 1)]
    assert answer.chunks[0].place == "inline"
    assert answer.chunks[0].length == answer.stored_bytes
    assert storage(edge, "/scalars/int").chunks[0].index == [0]


def test_data_that_hdf5_itself_must_read_is_behind_a_link(explore, tmp_path):
    with h5py.File(tmp_path / "x.h5", "w") as file:
        file.create_dataset("lzf", data=np.arange(5000).reshape(50, 100), chunks=(10, 100), compression="lzf")
    answer = storage(explore(tmp_path / "x.h5"), "/lzf")
    assert answer.places == [("external", 5)]
    assert (answer.chunks[0].place, answer.chunks[0].url) == ("external", "x.h5")
    assert answer.filters == ["lzf"]


def test_addresses_of_documents_are_shown_without_secrets_and_paths_by_name(explore):
    array = ARRAY | {"chunks": [2], "shape": [8]}
    refs = {
        ".zgroup": {"zarr_format": 2},
        "d/.zarray": array,
        "d/0": ["https://user:pw@example.org/a.h5?X-Amz-Signature=secret", 10, 8],
        "d/1": ["/home/someone/b.h5", 20, 8],
        "d/2": "abcdefgh",
        "d/9": ["/home/someone/b.h5", 0, 8],
    }
    answer = storage(explore({"refs": refs}), "/d")
    assert dict(answer.places) == {"source": 1, "local": 1, "inline": 1, "missing": 1}
    assert [(row.place, row.url, row.offset, row.length) for row in answer.chunks] == [
        ("source", "https://example.org/a.h5", 10, 8),
        ("local", "b.h5", 20, 8),
        ("inline", "", None, 8),
        ("missing", "", None, None),
    ]


def test_grids_beyond_64_bits_are_counted(explore):
    array = ARRAY | {"chunks": [1, 1, 1], "shape": [1 << 40, 1 << 40, 7]}
    refs = {".zgroup": {"zarr_format": 2}, "d/.zarray": array, "d/0.0.3": ["https://example.org/a", 0, 4]}
    answer = storage(explore({"refs": refs}), "/d")
    assert answer.total == 7 << 80
    assert [row.place for row in answer.chunks[:5]] == ["missing", "missing", "missing", "source", "missing"]


def test_empty_arrays_have_no_chunks(edge):
    answer = storage(edge, "/shapes/none_2d")
    assert (answer.total, answer.chunks, answer.places) == (0, [], [])


def test_groups_have_no_chunks(edge):
    with pytest.raises(UnsupportedError, match="/shapes has no chunks"):
        storage(edge, "/shapes")
