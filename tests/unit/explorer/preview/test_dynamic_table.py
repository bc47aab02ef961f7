"""DynamicTable groups: one table, its ragged columns cut into rows, its references followed."""

from __future__ import annotations

import h5py
import numpy as np
import pytest

from lindi_explorer.errors import InvalidSelectionError
from lindi_explorer.explorer.preview import choices
from lindi_explorer.h5 import open_any


@pytest.fixture(scope="module")
def nwb(sample_nwb):
    file = open_any(sample_nwb)
    yield file
    file.close()


@pytest.fixture(scope="module")
def source(sample_nwb):
    with h5py.File(sample_nwb) as file:
        yield file


def column(answer, name):
    at = [column.name for column in answer.columns].index(name)
    return [row[at] for row in answer.rows]


def test_columns_are_those_the_table_names(nwb, source, ask):
    answer, _ = ask(nwb, "/intervals/trials")
    assert [item.name for item in answer.columns] == ["id", *source["intervals/trials"].attrs["colnames"]]
    assert column(answer, "start_time") == [
        repr(value) for value in source["intervals/trials/start_time"][()].tolist()
    ]
    assert set(column(answer, "correct")) <= {"true", "false"}
    assert answer.total == len(answer.rows) == 4


def test_ragged_columns_are_lists_cut_short(nwb, source, ask):
    answer, _ = ask(nwb, "/units")
    ends = source["units/spike_times_index"][()].astype(int)
    times = source["units/spike_times"][()]
    for text, start, stop in zip(column(answer, "spike_times"), [0, *ends], ends, strict=False):
        spikes = times[start:stop].tolist()
        shown = ", ".join(map(repr, spikes[:6]))
        expected = f"[{shown}, … {len(spikes):,} values]" if len(spikes) > 6 else f"[{shown}]"
        assert text == expected
    assert answer.columns[[c.name for c in answer.columns].index("spike_times")].dtype == "list of float64"


def test_references_are_paths_and_wide_cells_are_shapes(nwb, ask):
    answer, _ = ask(nwb, "/units")
    assert set(column(answer, "electrode_group")) <= {
        "/general/extracellular_ephys/shank0",
        "/general/extracellular_ephys/shank1",
    }
    assert column(answer, "waveform_mean") == ["48 × 8"] * 5
    epochs, _ = ask(nwb, "/intervals/epochs")
    assert column(epochs, "tags")[0] == "[baseline]"
    assert column(epochs, "timeseries")[0].startswith("[(0, 4000, /processing/ecephys/LFP/lfp)")


def test_a_page_in_the_middle_is_cut_like_the_whole(nwb, ask):
    whole, _ = ask(nwb, "/units")
    page, _ = ask(nwb, "/units", selection="2:4")
    assert page.rows == whole.rows[2:4]
    assert (page.offset, page.total) == (2, 5)
    row, _ = ask(nwb, "/units", selection="3")
    assert row.rows == whole.rows[3:4]


def test_choosing_reads_nothing(nwb, watch):
    reads = watch(nwb)
    (choice,) = choices(nwb, "/units")
    assert (choice.view, choice.label, choice.selection) == ("table", "Table", "0:5")
    assert reads == []


def make_table(file, columns, **indices):
    group = file.create_group("t")
    group.attrs["colnames"] = np.array(list(columns), dtype=object)
    for name, data in {**columns, **indices}.items():
        group[name] = data
    group["id"] = np.arange(
        len(next(iter(indices.values()))) if indices else len(next(iter(columns.values())))
    )


def test_lists_of_lists_are_nested(make, ask):
    file = make(
        lambda file: make_table(
            file,
            {"w": np.arange(10.0)},
            w_index_index=np.array([2, 3], "u1"),
            w_index=np.array([3, 7, 10], "u1"),
        )
    )
    answer, _ = ask(file, "/t")
    assert column(answer, "w") == ["[[0.0, 1.0, 2.0], [3.0, 4.0, 5.0, 6.0]]", "[[7.0, 8.0, 9.0]]"]


@pytest.mark.parametrize(
    ("ends", "cells"),
    [
        ([2, 1, 5], ["[0, 1]", "broken index", "[1, 2, 3, 4]"]),
        ([2, 5, 99], ["[0, 1]", "[2, 3, 4]", "broken index"]),
        ([0, 0, 5], ["[]", "[]", "[0, 1, 2, 3, 4]"]),
    ],
)
def test_a_broken_index_costs_its_rows_only(make, ask, ends, cells):
    file = make(lambda file: make_table(file, {"x": np.arange(5)}, x_index=np.array(ends)))
    answer, _ = ask(file, "/t")
    assert column(answer, "x") == cells


def test_long_lists_are_counted_instead_of_read(make, ask, watch):
    data = np.random.default_rng(0).random(400_000)

    def fill(file):
        make_table(file, {"x": []}, x_index=np.array([150_000, 400_000]))
        del file["t/x"]
        file.create_dataset("t/x", data=data, chunks=(10_000,), compression="gzip")

    file = make(fill)
    reads = watch(file)
    answer, _ = ask(file, "/t")
    assert column(answer, "x") == ["[… 150,000 values]", "[… 250,000 values]"]
    assert reads == []


def test_columns_of_unequal_length_are_filled_up(make, ask):
    def fill(file):
        make_table(file, {"a": np.arange(3), "b": np.arange(2)})
        file["t"].attrs["colnames"] = np.array(["a", "b", "gone"], dtype=object)

    answer, _ = ask(make(fill), "/t")
    assert answer.rows == [["0", "0", "0"], ["1", "1", "1"], ["2", "2", ""]]


def test_an_empty_table_has_its_columns(make, ask):
    def fill(file):
        make_table(file, {"a": np.zeros(0), "b": np.zeros((0, 3))})

    file = make(fill)
    answer, _ = ask(file, "/t")
    assert answer.words == "The selection 0:0 has no elements."


def test_rows_with_a_step_are_refused(nwb, ask):
    with pytest.raises(InvalidSelectionError, match="have a step"):
        ask(nwb, "/units", selection="0:5:2")
    with pytest.raises(InvalidSelectionError, match="dimension 0 has 5 elements"):
        ask(nwb, "/units", selection="0:6")
