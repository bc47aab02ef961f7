"""CSV: a head, the coordinates, and every value exactly."""

from __future__ import annotations

import csv as csv_module
import io

import numpy as np
import pytest

from lindi_explorer.errors import InvalidSelectionError, UnsupportedError
from lindi_explorer.explorer.preview import csv
from lindi_explorer.explorer.protocol import GetCsv
from lindi_explorer.h5 import open_any


def written(file, path, selection, **params):
    answer, (text,) = csv(file, GetCsv(id="v:1", path=path, selection=selection, **params))
    assert (answer.id, answer.mime) == ("v:1", "text/csv")
    return answer.filename, list(csv_module.reader(io.StringIO(text.decode("utf-8"), newline="")))


@pytest.fixture(scope="module")
def nwb(sample_nwb):
    file = open_any(sample_nwb)
    yield file
    file.close()


def test_traces_have_time_and_unit(nwb):
    filename, rows = written(nwb, "/processing/ecephys/LFP/lfp/data", "1000:1003, 2:4")
    assert filename == "processing_ecephys_LFP_lfp_data.csv"
    assert rows[0] == ["time (s)", "lfp[2] (V)", "lfp[3] (V)"]
    assert [row[0] for row in rows[1:]] == ["1.0", "1.001", "1.002"]
    data = nwb["/processing/ecephys/LFP/lfp/data"]
    factors = nwb["/processing/ecephys/LFP/lfp/channel_conversion"][2:4]
    volts = data[1000:1003, 2:4] * (factors * data.attrs["conversion"])
    np.testing.assert_array_equal(np.array(rows[1:])[:, 1:].astype(float), volts)


def test_irregular_times_are_those_of_the_file(nwb):
    _, rows = written(nwb, "/processing/behavior/rewards/data", ":")
    assert [float(row[0]) for row in rows[1:]] == nwb["/processing/behavior/rewards/timestamps"][()].tolist()
    assert rows[0] == ["time (s)", "rewards (µl)"]


def test_numbers_are_exact(make):
    data = np.array([0.1, np.nan, 1e-310, 2**53 + 2.0] * 3)
    file = make(
        lambda file: (file.create_dataset("x", data=data), file.create_dataset("i", data=[2**63 - 1] * 20))
    )
    _, rows = written(file, "/x", "0:4")
    assert rows == [["sample", "x"], ["0", "0.1"], ["1", "NaN"], ["2", "1e-310"], ["3", "9007199254740994.0"]]
    assert written(file, "/i", "3")[1] == [["i"], ["9223372036854775807"]]


def test_blocks_join_without_a_seam(make, monkeypatch):
    monkeypatch.setattr("lindi_explorer.explorer.preview.reading.BLOCK", 1)
    data = np.arange(1000).reshape(100, 10)
    file = make(lambda file: file.create_dataset("x", data=data, chunks=(7, 3)))
    _, rows = written(file, "/x", "3:100:2, 1:9")
    assert [int(row[0]) for row in rows[1:]] == list(range(3, 100, 2))
    np.testing.assert_array_equal(np.array(rows[1:], dtype=int)[:, 1:], data[3:100:2, 1:9])


def test_more_dimensions_become_columns(make):
    data = np.arange(2 * 3 * 2).reshape(2, 3, 2)
    file = make(lambda file: file.create_dataset("x", data=data))
    _, rows = written(file, "/x", ":, 1:3, :")
    assert rows[0] == ["sample", "x[1, 0]", "x[1, 1]", "x[2, 0]", "x[2, 1]"]
    assert rows[1] == ["0", "2", "3", "4", "5"]


def test_tables_are_written_whole(nwb):
    _, rows = written(nwb, "/units", "0:5")
    times = nwb["/units/spike_times"][()]
    cell = rows[1][rows[0].index("spike_times")]
    end = int(nwb["/units/spike_times_index"][0])
    assert cell == "[" + ", ".join(map(repr, times[:end].tolist())) + "]"
    assert len(rows) == 6
    waveform = rows[1][rows[0].index("waveform_mean")]
    assert waveform.count(",") == 48 * 8 - 1, "not only its shape"


def test_texts_are_quoted(make):
    texts = ['a "b"', "c,d", "line\nbreak", "é", "x" * 5000]
    file = make(lambda file: file.create_dataset("t", data=texts))
    filename, rows = written(file, "/t", "0:5")
    assert filename == "t.csv"
    assert rows == [["row", "t"], *([str(row), text] for row, text in enumerate(texts))]


def test_records_have_their_fields(make):
    data = np.array([(1, 2.5), (3, np.nan)], dtype=[("a", "i4"), ("b", "f8")])
    file = make(lambda file: (file.create_dataset("c", data=data), file.create_dataset("s", data=data[0])))
    assert written(file, "/c", "1:2")[1] == [["row", "a", "b"], ["1", "3", "NaN"]]
    assert written(file, "/s", "0:1")[1] == [["row", "a", "b"], ["0", "1", "2.5"]]


def test_texts_are_read_chunk_by_chunk(make, watch, monkeypatch):
    monkeypatch.setattr("lindi_explorer.explorer.preview.reading.BLOCK", 1)
    data = np.array([f"{number:08}" for number in range(300_000)], dtype="S8")
    file = make(lambda file: file.create_dataset("c", data=data, chunks=(70_000,), compression="gzip"))
    reads = watch(file)
    _, rows = written(file, "/c", "0:200000")
    assert [int(text) for _, text in rows[1:]] == list(range(200_000))
    assert len(reads) == len(set(reads)) == 3


def test_too_much_is_refused(make):
    def fill(file):
        file.create_dataset("huge", shape=(10**12,), dtype="f8", chunks=(10**6,))[0] = 1
        file.create_dataset("long", data=np.random.default_rng(0).random(1_500_000))
        file.create_group("g")

    file = make(fill)
    with pytest.raises(InvalidSelectionError, match=r"would read 8,000,000 MB"):
        written(file, "/huge", ":")
    with pytest.raises(InvalidSelectionError, match="would read 12 MB"):
        written(file, "/long", ":")
    with pytest.raises(InvalidSelectionError, match="longer than 16 MB"):
        written(file, "/long", ":", agreed_bytes=12_000_000)
    with pytest.raises(UnsupportedError, match="/g holds no values"):
        written(file, "/g", ":")
