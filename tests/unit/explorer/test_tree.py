"""Rows of the tree: every kind of node in its place, odd ones too, pages of huge groups."""

from __future__ import annotations

import h5py
import numpy as np
import pytest

from lindi_explorer.errors import NodeNotFoundError
from lindi_explorer.explorer import protocol as p


def test_rows_say_what_their_node_is(sample):
    rows = sample.rows("/acquisition/raw")
    assert (rows["data"].kind, rows["data"].icon, rows["data"].dtype) == ("dataset", "grid", "int16")
    assert rows["data"].shape == [3000, 8]
    assert rows["data"].stored_bytes is None, "counting would read the chunk index"
    assert 0 < sample.card("/acquisition/raw/data").row.stored_bytes < 48_000
    assert rows["starting_time"].icon == "clock"
    assert rows["starting_time"].shape == []
    assert sample.rows("/acquisition")["raw"].icon == "activity"
    assert sample.rows("/acquisition")["raw"].type_name == "ElectricalSeries"
    assert sample.rows("/")["identifier"].icon == "type"
    assert sample.rows("/")["units"].icon == "table"
    assert sample.rows("/")["acquisition"].icon == "folder"
    assert sample.rows("/general")["subject"].icon == "box"
    assert sample.open().root.children == len(sample.rows("/"))


def test_images_and_tables_of_any_type_have_their_icon(sample):
    assert sample.rows("/acquisition")["two_photon"].icon == "image"
    assert sample.rows("/acquisition")["pictures"].icon == "image"
    assert {row.icon for row in sample.children("/acquisition/pictures").rows} == {"image"}
    assert sample.rows("/intervals")["trials"].icon == "table"
    assert sample.rows("/units")["electrode_group"].icon == "link"


def test_a_table_is_told_by_its_columns_where_its_type_is_unknown(explore, tmp_path):
    with h5py.File(tmp_path / "x.h5", "w") as file:
        file.create_group("mine").attrs.update({"colnames": ["a"], "neurodata_type": "MyRows"})
        file["value"] = 3
    rows = explore(tmp_path / "x.h5").rows("/")
    assert rows["mine"].icon == "table"
    assert rows["value"].icon == "hash"


@pytest.mark.parametrize(
    ("name", "kind", "target", "problem"),
    [
        ("soft", "link", "/links/data", ""),
        ("soft_to_soft", "link", "/links/data", ""),
        ("soft_to_group", "link", "/scalars", ""),
        ("hard", "link", "/links/data", ""),
        ("soft_dangling", "broken", "", "link to /nowhere, where there is no object"),
        ("soft_circle", "broken", "", "links that never end"),
        ("external", "broken", "", "another file: "),
        ("named_type", "link", "/links/of_named_type", ""),
    ],
)
def test_links_say_where_they_lead_or_why_they_do_not(edge, name, kind, target, problem):
    rows = edge.rows("/links")
    if name == "named_type":
        assert rows[name].kind == "datatype"
        return
    if name == "hard":
        # One of the two names is the object, the other leads to it.
        assert {rows["data"].kind, rows["hard"].kind} == {"dataset", "link"}
        return
    assert (rows[name].kind, rows[name].target) == (kind, target)
    assert problem in rows[name].problem
    assert rows[name].children == 0
    assert edge.card(f"/links/{name}").row == rows[name]
    assert edge.card(f"/links/{name}").attributes == []


def test_a_link_in_the_middle_of_a_path_is_followed(edge):
    assert edge.card("/links/soft_to_group/int").array.dtype == "int64"
    assert edge.card("/links/branch/self").row.target == "/links/branch"


def test_an_object_that_cannot_be_read_costs_its_own_row_only(explore, tmp_path):
    path = tmp_path / "odd.h5"
    with h5py.File(path, "w") as file:
        file["good"] = 1
        # A float of 3 bytes: NumPy has none.
        odd = h5py.h5t.IEEE_F32LE.copy()
        odd.set_fields(23, 15, 8, 0, 15)
        odd.set_size(3)
        h5py.h5d.create(file.id, b"odd", odd, h5py.h5s.create_simple((2,)))
        opaque = h5py.h5t.create(h5py.h5t.OPAQUE, 4)
        h5py.h5d.create(file.id, b"opaque", opaque, h5py.h5s.create_simple((2,)))
    asked = explore(path)
    rows = asked.rows("/")
    assert set(rows) == {"good", "odd", "opaque"}
    assert rows["good"].kind == "dataset"
    for name in rows:
        assert asked.card(f"/{name}").row == rows[name]


def test_a_scalar_reference_says_where_it_leads(explore, tmp_path):
    with h5py.File(tmp_path / "x.h5", "w") as file:
        file["data"] = np.arange(3)
        file["ref"] = file["data"].ref
        file["nothing"] = h5py.Reference()
    rows = explore(tmp_path / "x.h5").rows("/")
    assert (rows["ref"].target, rows["ref"].icon) == ("/data", "link")
    assert rows["nothing"].target == ""


def test_null_and_empty_datasets_are_told_apart(edge):
    assert edge.rows("/scalars")["null"].shape is None
    assert edge.rows("/shapes")["none"].shape == [0]
    assert edge.rows("/scalars")["int"].shape == []


def test_names_of_any_kind_can_be_asked_for_by_the_path_of_their_row(edge, explore, tmp_path):
    for row in edge.children("/names").rows:
        assert edge.card(row.path).row == row
    path = tmp_path / "bytes.h5"
    with h5py.File(path, "w") as file:
        file[b"\xff\xfe"] = 1
        file[b"\xff\xfe"].attrs["unit"] = "m"
        file["\U000f0000"] = 2
    asked = explore(path)
    rows = asked.children("/").rows
    assert len(rows) == 2
    odd = next(row for row in rows if asked.attributes(row.path))
    asked.set(odd.path, "unit", "s")
    assert asked.changes().changes[0].path == odd.path


def test_pages_hold_what_was_asked_for(sample):
    whole = sample.children("/general")
    assert whole.total == len(whole.rows)
    pages = [sample.children("/general", offset=start, limit=3) for start in range(0, whole.total, 3)]
    assert [row for page in pages for row in page.rows] == whole.rows
    assert sample.children("/general", offset=10_000).rows == []
    assert sample.children("/general", offset=-5, limit=1).rows == whole.rows[:1]


def test_a_missing_group_is_one_clear_failure(sample):
    with pytest.raises(NodeNotFoundError, match="no object at /acquisition/nope"):
        sample.children("/acquisition/nope")
    assert sample.children("/acquisition").total == 3


def test_a_dataset_has_no_children(sample):
    assert sample.children("/acquisition/raw/data").total == 0


def test_sizes_of_groups_are_counted_in_documents_only(sample, explore, tmp_path):
    assert sample.open().root.stored_bytes is None
    sample.ask(p.Export, filename=str(tmp_path / "x.nwb.lindi.json"), local_paths=True)
    indexed = explore(tmp_path / "x.nwb.lindi.json")
    root, rows = indexed.open().root, indexed.rows("/")
    assert root.stored_bytes == sum(row.stored_bytes for row in rows.values())
    assert rows["acquisition"].stored_bytes == sum(
        row.stored_bytes for row in indexed.children("/acquisition").rows
    )


def test_a_group_of_many_children_is_listed_once(explore, count):
    total = count(2000, 100_000)
    refs = {".zgroup": {"zarr_format": 2}, "many/.zgroup": {"zarr_format": 2}}
    refs |= {f"many/{number:06}/.zgroup": {"zarr_format": 2} for number in range(total)}
    asked = explore({"refs": refs})
    looked = []
    node = asked.file.journal.node
    asked.file.journal.node = lambda path: (looked.append(path), node(path))[1]
    page = asked.children("/many", offset=total // 2, limit=500)
    assert page.total == total
    assert page.rows[0].name == f"{total // 2:06}"
    # Work for the page alone, whatever the size of the group.
    assert len(looked) < 5 * 500
