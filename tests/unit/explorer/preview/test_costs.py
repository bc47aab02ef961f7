"""What a read costs is known before it, is what is then read, and never exceeds what was agreed to."""

from __future__ import annotations

import itertools

import h5py
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lindi_explorer.errors import InvalidSelectionError
from lindi_explorer.explorer.preview import choices
from lindi_explorer.explorer.preview.cheaper import first_selection, offered_selection
from lindi_explorer.explorer.preview.counting import positions, touched
from lindi_explorer.explorer.preview.need import BUDGET, UNASKED, Need, need_of
from lindi_explorer.explorer.preview.reading import Reading, cut
from lindi_explorer.explorer.protocol import TooCostly
from lindi_explorer.explorer.selection import Span, as_index, parse_selection, selected_shape
from lindi_explorer.h5 import open_any

SHAPE, CHUNKS = (23, 17), (5, 4)


@st.composite
def parts(draw, size):
    if draw(st.booleans()):
        return draw(st.integers(0, size - 1))
    start = draw(st.integers(0, size - 1))
    return Span(start, draw(st.integers(start + 1, size)), draw(st.integers(1, 7)))


SELECTIONS = st.tuples(*map(parts, SHAPE))


@given(SELECTIONS)
def test_a_chunk_is_touched_if_it_holds_a_selected_element(selection):
    marked = np.zeros(SHAPE, dtype=bool)
    marked[
        tuple(slice(p, p + 1) if isinstance(p, int) else slice(p.start, p.stop, p.step) for p in selection)
    ] = True
    index = np.stack(np.meshgrid(np.arange(5), np.arange(5), indexing="ij"), axis=-1).reshape(-1, 2)
    expected = [
        marked[row * 5 : row * 5 + 5, column * 4 : column * 4 + 4].any() for row, column in index.tolist()
    ]
    assert touched(index, selection, CHUNKS).tolist() == expected
    assert positions(selection, CHUNKS) == sum(expected)


@pytest.fixture
def layouts(make):
    """The same numbers, stored in every way that is read by byte ranges."""
    big = (300, 1700)
    data = np.arange(300 * 1700, dtype="f4").reshape(big)

    def fill(file):
        file.create_dataset("gzip", data=data, chunks=(37, 400), compression="gzip", shuffle=True)
        file.create_dataset("plain", data=data, chunks=(37, 400))
        file.create_dataset("contiguous", data=data)
        sparse = file.create_dataset("sparse", shape=big, dtype="f4", chunks=(37, 400), compression="gzip")
        sparse[0:30, 0:30] = 1
        sparse[200:210, 1500:] = 2

    return make(fill), data


BIG_SELECTIONS = st.tuples(parts(300), parts(1700))


@pytest.mark.parametrize("name", ["gzip", "plain", "contiguous", "sparse"])
def test_costs_equal_what_is_read(layouts, watch, name):
    file, data = layouts
    reads = watch(file)
    dataset = file[name]
    expected = dataset[()] if name == "sparse" else data

    @settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(BIG_SELECTIONS)
    def check(selection):
        need = need_of(dataset, selection)
        reads.clear()
        values = Reading(file).take(dataset, selection)
        np.testing.assert_array_equal(values, expected[as_index(selection)])
        assert (reads.bytes, len(reads)) == (need.fetched, need.chunks)

    check()


@pytest.mark.parametrize("name", ["gzip", "contiguous"])
def test_reading_in_blocks_reads_no_chunk_twice(layouts, watch, name, monkeypatch):
    monkeypatch.setattr("lindi_explorer.explorer.preview.reading.BLOCK", 1)
    file, data = layouts
    reads = watch(file)
    selection = parse_selection("3:300:2, 100:1500", data.shape)
    need = need_of(file[name], selection)
    blocks = list(Reading(file).blocks(file[name], selection, 0))
    assert len(blocks) > 1
    np.testing.assert_array_equal(np.concatenate([values for _, values in blocks]), data[as_index(selection)])
    spans = [index for span, _ in blocks for index in range(span.start, span.stop, span.step)]
    assert spans == list(range(3, 300, 2))
    assert len({(item.offset, item.length) for item in reads}) == len(reads)
    # Rows between the blocks are not read of contiguous data.
    assert reads.bytes == need.fetched if name == "gzip" else reads.bytes <= need.fetched


@given(st.integers(0, 400), st.integers(0, 400), st.integers(1, 90), st.integers(1, 50_000))
def test_cutting_takes_every_index_once(start, more, step, block):
    span = Span(start, start + more, step)
    node = node_with((1000, 50), (37, 50))
    import lindi_explorer.explorer.preview.reading as module

    before, module.BLOCK = module.BLOCK, block
    try:
        pieces = list(cut(node, (span, Span(0, 50)), 0, 8))
    finally:
        module.BLOCK = before
    assert [at for piece in pieces for at in range(piece.start, piece.stop, piece.step)] == list(
        range(span.start, span.stop, span.step)
    )
    for one, other in itertools.pairwise(pieces):
        assert one.stop % 37 == 0, "a block ends with its chunks"
        assert other.start >= one.stop


def node_with(shape, chunks):
    from lindi_explorer.references.chunks import ChunkTable
    from lindi_explorer.references.model import Node

    array = {"shape": list(shape), "chunks": list(chunks), "dtype": "<f8", "compressor": {"id": "zlib"}}
    return Node(
        array={**array, "filters": None, "fill_value": 0, "order": "C"}, chunks=ChunkTable.build((1, 1))
    )


def test_the_measured_cost_is_that_of_the_read(layouts, watch, ask):
    file, _ = layouts
    reads = watch(file)
    answer, _ = ask(file, "/gzip", view="line", selection="0:100, 0:3")
    assert (answer.cost.chunks, answer.cost.total_chunks) == (3, 45)
    assert answer.cost.bytes == reads.bytes
    assert answer.cost.seconds > 0
    assert answer.cost.requests == 0, "a local file takes no requests"


def test_looking_for_choices_reads_no_data(layouts, watch):
    file, _ = layouts
    reads = watch(file)
    assert [choice.view for choice in choices(file, "/gzip")] == ["image", "table", "line"]
    assert reads == []


# ---------------------------------------------------------------- limits


@pytest.fixture
def noise(make):
    """20 MB that do not compress: 50 chunks of 400 kB."""
    data = np.random.default_rng(0).integers(0, 2**16, (50 * 12_500, 16), dtype=np.uint16)

    def fill(file):
        file.create_dataset("noise", data=data, chunks=(12_500, 16), compression="gzip", compression_opts=1)

    return make(fill), data


def test_too_much_is_refused_with_a_smaller_offer(noise, watch, ask):
    file, data = noise
    reads = watch(file)
    answer, buffers = ask(file, "/noise", view="line", selection=f"0:{len(data)}, 0:16")
    assert isinstance(answer, TooCostly)
    assert (buffers, reads) == ([], [])
    assert answer.cost.bytes > 19_000_000
    assert (answer.limit, answer.allowed) == (UNASKED, True)
    assert answer.offer_cost.bytes <= UNASKED
    accepted, _ = ask(file, "/noise", view="line", selection=answer.offer)
    assert accepted.type if hasattr(accepted, "type") else accepted.__class__.__name__ == "LinePreview"
    assert accepted.cost.bytes == answer.offer_cost.bytes == reads.bytes


def test_what_was_agreed_to_is_read(noise, ask):
    file, data = noise
    whole = f"0:{len(data)}, 0:16"
    refused, _ = ask(file, "/noise", view="line", selection=whole)
    answer, _ = ask(file, "/noise", view="line", selection=whole, agreed_bytes=refused.cost.bytes)
    assert answer.statistics.maximum == f"{data.max():,}"
    less, _ = ask(file, "/noise", view="line", selection=whole, agreed_bytes=refused.cost.bytes - 1)
    assert isinstance(less, TooCostly)


def test_the_first_picture_never_needs_asking(noise, watch, ask):
    file, _ = noise
    for choice in choices(file, "/noise"):
        reads = watch(file)
        answer, _ = ask(file, "/noise", view=choice.view)
        assert not isinstance(answer, TooCostly)
        assert answer.cost.bytes == choice.cost.bytes == reads.bytes <= UNASKED


def test_nobody_can_agree_to_more_than_the_budget(make, watch, ask):
    def fill(file):
        file.create_dataset("huge", shape=(10**12,), dtype="f8", chunks=(10**6,), fillvalue=np.nan)[5] = 1

    file = make(fill)
    reads = watch(file)
    answer, _ = ask(file, "/huge", view="line", selection=":", agreed_bytes=10**18)
    assert isinstance(answer, TooCostly)
    assert not answer.allowed
    assert answer.cost.bytes > BUDGET
    assert reads == []


def test_a_trillion_elements_that_were_never_written_are_shown_at_once(make, watch, ask):
    def fill(file):
        file.create_dataset("line", shape=(10**12,), dtype="f8", chunks=(10**6,), fillvalue=7)[5] = 1
        file.create_dataset("image", shape=(10**6, 10**6), dtype="u1", chunks=(1000, 1000))
        file.create_dataset("stack", shape=(10**6, 1000, 1000), dtype="f4", chunks=(1, 500, 500))

    file = make(fill)
    watch(file)
    for path in ("/line", "/image", "/stack"):
        for choice in choices(file, path):
            answer, buffers = ask(file, path, view=choice.view)
            assert not isinstance(answer, TooCostly)
            assert sum(map(len, buffers)) < 2_000_000
    line, _ = ask(file, "/line", view="line")
    assert (line.statistics.minimum, line.statistics.maximum) == ("1", "7")


def test_decoded_size_counts_where_data_is_packed_tightly(make, ask):
    def fill(file):
        file.create_dataset("zeros", data=np.zeros((400, 100_000)), chunks=(1, 100_000), compression="gzip")

    file = make(fill)
    answer, _ = ask(file, "/zeros", view="image", selection=":, :")
    assert isinstance(answer, TooCostly)
    assert answer.cost.bytes == 400 * 100_000 * 8
    again, _ = ask(file, "/zeros", view="image", selection=":, :", agreed_bytes=answer.cost.bytes)
    assert again.statistics.maximum == "0"


def test_one_costly_chunk_is_offered_as_a_whole():
    """Half of a chunk costs as much as all of it: the first selection shows all that comes for the price."""

    def need(selection):
        rows = selected_shape(selection)[0]
        chunks = -(-rows // 1000)
        return Need(chunks, 10, chunks * 30_000_000, chunks * 30_000_000, 0)

    assert first_selection((Span(0, 10_000),), need) == (Span(0, 512),)
    assert offered_selection((Span(0, 10_000),), need) is None


def test_offers_are_round_times():
    def need(selection):
        return Need(1, 1, len(selection[0]) * 100, len(selection[0]) * 100, 0)

    # 8 MB are 80,000 samples: 2.67 s at 30 kHz.
    assert offered_selection((Span(1000, 10**7),), need, step=1 / 30_000) == (Span(1000, 61_000),)


def test_selections_out_of_bounds_are_named(layouts, ask):
    file, _ = layouts
    with pytest.raises(InvalidSelectionError, match="dimension 0 has 300 elements"):
        ask(file, "/gzip", view="line", selection="0:301, 0")


# ---------------------------------------------------------------- remote files whose chunk index is large


@pytest.fixture
def remote(tmp_path, serve):
    """40,000 chunks behind a server; every chunk index node would be a request of its own."""
    with h5py.File(tmp_path / "many.h5", "w", libver="earliest") as file:
        data = file.create_dataset("x", shape=(400_000,), dtype="i4", chunks=(10,), compression="gzip")
        data[:] = np.arange(400_000)
        file["filler"] = np.random.default_rng(0).random(1_500_000)  # or the file would be fetched as a whole
    with open_any(serve(tmp_path).url("many.h5")) as file:
        yield file


def test_no_chunk_index_is_read_for_a_first_picture(remote, ask):
    table = remote.journal.node("x").chunks
    (first, *_) = choices(remote, "/x")
    assert not table.loaded
    answer, buffers = ask(remote, "/x", view="line")
    assert not table.loaded
    assert answer.selection == first.selection
    assert answer.cost.bytes == first.cost.bytes
    assert answer.cost.total_chunks == 40_000
    every = answer.samples_per_point
    np.testing.assert_array_equal(np.frombuffer(buffers[0], "f4"), np.arange(0, answer.last, every))


def test_many_chunks_are_estimated_from_a_few(remote):
    dataset = remote["/x"]
    guess = need_of(dataset, parse_selection(":", dataset.shape))
    assert not remote.journal.node("x").chunks.loaded
    real = remote.journal.node("x").chunks.stored_bytes
    assert guess.stored == pytest.approx(real, rel=0.2)
    assert guess.chunks == 40_000
