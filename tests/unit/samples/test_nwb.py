from __future__ import annotations

import h5py
import numpy as np
import pynwb
import pytest

from lindi_explorer.samples import make_nwb


@pytest.fixture
def nwbfile(sample_nwb):
    with pynwb.NWBHDF5IO(sample_nwb, "r") as io:
        yield io.read()


def values(path) -> dict[str, object]:
    """Every value and attribute of a file, but the object ids and references, by path."""
    found = {}

    def visit(name, node):
        for key, value in node.attrs.items():
            if key != "object_id" and not isinstance(value, h5py.Reference):
                found[f"{name}@{key}"] = np.asarray(value).tolist()
        if isinstance(node, h5py.Dataset) and not h5py.check_ref_dtype(node.dtype) and not node.dtype.names:
            found[name] = np.asarray(node[()]).tolist()

    with h5py.File(path) as file:
        file.visititems(visit)
    return found


def test_pynwb_finds_nothing_wrong(sample_nwb):
    assert pynwb.validate(path=sample_nwb) == []


def test_the_same_seed_gives_the_same_values(tmp_path, sample_nwb):
    again = make_nwb(tmp_path / "again.nwb", size="tiny")
    other = make_nwb(tmp_path / "other.nwb", size="tiny", seed=1)
    expected = repr(values(sample_nwb))  # as text, so that NaN equals NaN
    assert repr(values(again)) == expected
    assert repr(values(other)) != expected
    assert list(values(other)) == list(values(sample_nwb))


def test_the_small_file_is_small_and_the_tiny_one_smaller(tmp_path, sample_nwb):
    assert 2e6 < make_nwb(tmp_path / "small.nwb").stat().st_size < 5e6
    assert sample_nwb.stat().st_size < 1e6


def test_session_and_subject(nwbfile):
    assert nwbfile.session_start_time.isoformat() == "2024-05-17T10:30:00-07:00"
    subject = nwbfile.subject
    assert (subject.age, subject.sex, subject.species) == ("P90D", "F", "Mus musculus")
    assert list(nwbfile.lab_meta_data) == ["rig"]


def test_raw_recording_is_compressed_counts_with_a_known_scale(nwbfile):
    raw = nwbfile.acquisition["raw"]
    assert (raw.data.dtype, raw.data.compression, raw.rate, raw.unit) == (np.int16, "gzip", 30_000, "volts")
    assert raw.data.chunks is not None
    volts = raw.data[:] * raw.conversion
    assert 1e-5 < volts.std() < 1e-3
    assert len(raw.electrodes) == raw.data.shape[1]


def test_raw_recording_holds_the_spikes_of_the_units(nwbfile):
    raw = nwbfile.acquisition["raw"]
    units, data = nwbfile.units, raw.data[:].astype(float)
    agreement = []
    for unit in range(len(units)):
        shape = units["waveform_mean"][unit]
        peak = np.ptp(shape, axis=0).argmax()
        for start in (units["spike_times"][unit] * raw.rate).astype(int):
            snippet = data[start : start + len(shape), peak]
            if len(snippet) == len(shape):
                agreement.append(np.corrcoef(snippet, shape[:, peak])[0, 1])
    assert np.median(agreement) > 0.5


def test_units_have_ragged_spike_times_and_what_belongs_to_them(nwbfile):
    units = nwbfile.units
    lengths = {len(units["spike_times"][unit]) for unit in range(len(units))}
    assert len(lengths) > 1
    for unit in range(len(units)):
        assert (np.diff(units["spike_times"][unit]) > 0).all()
    assert set(units["quality"][:]) <= {"good", "multi-unit", "noise"}
    assert {group.name for group in units["electrode_group"][:]} <= {"shank0", "shank1"}


def test_epochs_refer_to_stretches_of_time_series(nwbfile):
    references = nwbfile.epochs["timeseries"][1]
    assert [reference.timeseries.name for reference in references] == ["lfp", "running_speed"]
    assert all(reference.count > 0 for reference in references)


def test_trials_hold_numbers_texts_and_truth(nwbfile):
    trials = nwbfile.trials.to_dataframe()
    assert (trials.stop_time > trials.start_time).all()
    assert set(trials.response) <= {"lick", "withhold"}
    assert trials.correct.dtype == bool
    assert trials.reaction_time.isna().equals(trials.response == "withhold")


def test_pictures_movie_and_masks(nwbfile):
    pictures = nwbfile.acquisition["pictures"].images
    shapes = {name: picture.data.shape[2:] for name, picture in pictures.items()}
    assert shapes == {"craniotomy": (), "natural_scene": (3,), "gabor": (4,)}
    movie = nwbfile.acquisition["two_photon"].data
    assert movie.chunks == (1, *movie.shape[1:])
    segmentation = nwbfile.processing["ophys"]["ImageSegmentation"]
    masks = segmentation["cells"]["image_mask"]
    assert masks.data.shape == (9, *movie.shape[1:])
    x, y, weight = segmentation["spots"]["pixel_mask"][0][0]
    assert masks[0][y, x] == weight


def test_behaviour_has_regular_and_irregular_times(nwbfile):
    module = nwbfile.processing["behavior"]
    assert module["BehavioralTimeSeries"]["running_speed"].rate == 50
    timestamps = module["Position"]["position"].timestamps[:]
    assert len(set(np.diff(timestamps).round(6))) > 100
    pupil = module["PupilTracking"]["pupil_diameter"]
    assert np.isnan(pupil.data[:]).any()
    assert list(pupil.timestamps[:]) == list(timestamps)
