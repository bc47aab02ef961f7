"""Looking reads metadata only, whatever the size of what is looked at."""

from __future__ import annotations

import h5py
import numpy as np
import pytest

from lindi_explorer.explorer import protocol as p

CHUNKS = 20_000
TEXTS = 200_000


@pytest.fixture(scope="module")
def big(tmp_path_factory):
    """Many chunks with their index between them, a long column of texts, a compound table."""
    path = tmp_path_factory.mktemp("big") / "big.nwb"
    rng = np.random.default_rng(0)
    with h5py.File(path, "w") as file:
        file.attrs.update({"nwb_version": "2.7.0", "neurodata_type": "NWBFile", "namespace": "core"})
        series = file.create_group("acquisition/series")
        series.attrs["neurodata_type"] = "TimeSeries"
        series["starting_time"] = 0.0
        series["starting_time"].attrs["rate"] = 1000.0
        table = file.create_group("intervals/trials")
        table.attrs.update({"colnames": ["note"], "neurodata_type": "TimeIntervals"})
        data = series.create_dataset("data", (CHUNKS * 64, 16), "i2", chunks=(64, 16), maxshape=(None, 16))
        table["id"] = np.arange(TEXTS)
        table["note"] = [f"trial number {number} of many" for number in range(TEXTS)]
        table["rows"] = np.zeros(TEXTS, dtype=[("a", "f8"), ("b", "i4"), ("c", "S20")])
        chunk = rng.integers(-100, 100, (64, 16), "i2").tobytes()
        for number in range(CHUNKS):
            data.id.write_direct_chunk((number * 64, 0), chunk)
    return path


def test_a_walk_over_everything_reads_metadata_only(big, explore, serve):
    asked = explore(serve(big.parent).url("big.nwb"))
    pending = [asked.open().root.path]
    while pending:
        path = pending.pop()
        asked.ask(p.GetJson, path=path)
        pending += [row.path for row in asked.children(path).rows]
    assert asked.ask(p.Search, text="note").matches == ["/intervals/trials/note"]
    home = asked.ask(p.GetHome)
    assert [bar.spans for bar in home.timeline] == [[(0.0, CHUNKS * 64 / 1000)]]
    status = asked.status()
    assert status.bytes < 6 << 20, "the file has more than 50 MB"
    assert status.requests < 40


@pytest.mark.parametrize("name", ["note", "rows", "id"])
def test_the_card_of_a_long_column_reads_none_of_it(big, explore, serve, name):
    asked = explore(serve(big.parent).url("big.nwb"))
    card = asked.card(f"/intervals/trials/{name}")
    assert card.array.shape == [TEXTS]
    assert asked.status().bytes < 3 << 20


def test_stored_bytes_are_left_open_where_counting_takes_requests(big, explore, serve):
    remote, local = explore(serve(big.parent).url("big.nwb")), explore(big)
    assert remote.card("/acquisition/series/data").array.stored_bytes is None
    assert local.card("/acquisition/series/data").array.stored_bytes == CHUNKS * 64 * 16 * 2


def test_where_the_chunks_live_is_counted_when_it_is_asked_for(big, explore):
    asked = explore(big)
    answer = asked.ask(p.GetStorage, path="/acquisition/series/data", offset=CHUNKS - 1)
    assert answer.places == [("source", CHUNKS)]
    assert answer.stored_bytes == CHUNKS * 64 * 16 * 2
    assert answer.chunks[0].index == [CHUNKS - 1, 0]
