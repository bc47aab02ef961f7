"""pynwb reads through us what it reads through h5py."""

from __future__ import annotations

import json
import warnings

import h5py
import numpy as np
import pynwb
import pytest
from hdmf.common import DynamicTable
from hdmf.container import AbstractContainer, Data

from lindi_explorer import LindiH5pyFile
from lindi_explorer.h5 import open_any
from lindi_explorer.samples import make_nwb

HOW = ["direct", "dict", "file", "url", "url of a document"]


@pytest.fixture
def ours(serve, tmp_path):
    """Open a file with us: ``ours(path, how)``."""
    opened = []

    def open_(path, how):
        file = LindiH5pyFile.from_hdf5_file(path)
        opened.append(file)
        document = tmp_path / "f.nwb.lindi.json"
        if how == "dict":
            rfs = json.loads(json.dumps(file.to_reference_file_system()))
            file = LindiH5pyFile.from_reference_file_system(rfs)
        elif how == "file":
            file.write_lindi_file(document)
            file = LindiH5pyFile.from_lindi_file(document)
        elif how == "url":
            file = open_any(serve(path.parent).url(path.name))
        elif how == "url of a document":
            server = serve(tmp_path)
            (tmp_path / path.name).write_bytes(path.read_bytes())
            with LindiH5pyFile.from_hdf5_file(server.url(path.name)) as remote:
                remote.write_lindi_file(document)
            file = LindiH5pyFile.from_lindi_file(server.url(document.name))
        opened.append(file)
        return file

    yield open_
    for file in reversed(opened):
        file.close()


@pytest.mark.parametrize("how", HOW)
def test_the_sample(sample_nwb, ours, how):
    compare(sample_nwb, ours(sample_nwb, how))


@pytest.mark.shared
@pytest.mark.corpus("real/*.nwb")
def test_the_corpus(corpus_file, ours, count):
    for how in ["dict", *HOW][: count(1, 5)]:
        compare(corpus_file, ours(corpus_file, how))


def test_validation_finds_the_same(sample_nwb, ours):
    with pynwb.NWBHDF5IO(sample_nwb, "r") as io:
        expected = [str(error) for error in pynwb.validate(io=io)]
    with pynwb.NWBHDF5IO(file=ours(sample_nwb, "dict"), mode="r") as io:
        assert [str(error) for error in pynwb.validate(io=io)] == expected


def test_an_edit_is_what_pynwb_reads(tmp_path):
    path = make_nwb(tmp_path / "f.nwb", size="tiny")
    with LindiH5pyFile.from_hdf5_file(path, mode="r+") as file:
        file["session_description"][()] = "corrected, and longer than before"
        file["general/subject/species"][()] = "Rattus norvegicus"
        file["acquisition/raw/data"].attrs["conversion"] = 2e-7
        file.write_lindi_file(tmp_path / "f.nwb.lindi.json")
    with pynwb.NWBHDF5IO(file=LindiH5pyFile.from_lindi_file(tmp_path / "f.nwb.lindi.json"), mode="r") as io:
        nwbfile = io.read()
        assert nwbfile.session_description == "corrected, and longer than before"
        assert nwbfile.subject.species == "Rattus norvegicus"
        assert nwbfile.acquisition["raw"].conversion == 2e-7
        assert pynwb.validate(io=io) == []


def test_what_pynwb_prints_and_shows(sample_nwb, ours):
    with (
        pynwb.NWBHDF5IO(sample_nwb, "r") as theirs,
        pynwb.NWBHDF5IO(file=ours(sample_nwb, "dict"), mode="r") as io,
    ):
        expected, found = theirs.read(), io.read()
        for name in ("electrodes", "units", "trials"):
            assert getattr(found, name)._repr_html_()
        assert len(found._repr_html_()) > len(expected._repr_html_()) / 2
        assert str(found.subject).partition("at 0x")[0] == str(expected.subject).partition("at 0x")[0]


# ---------------------------------------------------------------- comparing


def compare(path, file):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of pynwb, about old files
        with pynwb.NWBHDF5IO(path, "r", load_namespaces=True) as theirs:
            try:
                expected = theirs.read()
            except Exception as error:  # noqa: BLE001 - a file that pynwb cannot read, it cannot read through us
                with (
                    pytest.raises(type(error)),
                    pynwb.NWBHDF5IO(file=file, mode="r", load_namespaces=True) as io,
                ):
                    io.read()
                return
            with pynwb.NWBHDF5IO(file=file, mode="r", load_namespaces=True) as io:
                found = io.read()
                found_containers = by_path(found)
                assert sorted(found_containers) == sorted(by_path(expected))
                for where, container in by_path(expected).items():
                    same_container(container, found_containers[where], where)


def path_of(container):
    """Where a container is; old files have no object ids, and pynwb makes up new ones each time."""
    parts = []
    while container is not None:
        parts.append(f"{container.name} ({type(container).__name__})")
        container = container.parent
    return "/".join(reversed(parts))


def by_path(nwbfile):
    return {path_of(container): container for container in nwbfile.objects.values()}


def same_container(one, other, where):
    assert set(other.fields) == set(one.fields), where
    for field, value in one.fields.items():
        same(value, other.fields[field], f"{where}.{field}")
    if isinstance(one, DynamicTable):
        assert str(other.to_dataframe(index=True)) == str(one.to_dataframe(index=True)), where


def same(one, other, where):
    if isinstance(one, AbstractContainer):
        assert path_of(other) == path_of(one), where
        if isinstance(one, Data):
            same(one.data, other.data, f"{where}.data")
    elif isinstance(one, dict):
        assert list(other) == list(one), where
        same(list(one.values()), list(other.values()), where)
    elif isinstance(one, (list, tuple)):
        assert len(other) == len(one), where
        for first, second in zip(one, other, strict=True):
            same(first, second, where)
    elif isinstance(one, (h5py.Dataset, np.ndarray)) or hasattr(one, "dataset"):
        same_array(one[...] if one.shape else one[()], other[...] if other.shape else other[()], where)
    elif isinstance(one, float) and np.isnan(one):
        assert np.isnan(other), where
    elif not isinstance(one, h5py.Reference):
        assert type(other) is type(one), where
        assert other == one, where


def same_array(one, other, where):
    assert np.shape(other) == np.shape(one), where
    if getattr(one, "dtype", np.dtype(object)).kind in "OV":
        assert plain(other) == plain(one), where
    else:
        assert other.dtype == one.dtype, where
        np.testing.assert_array_equal(other, one, err_msg=where)


def plain(value):
    """A value with references and containers by their kind."""
    if isinstance(value, h5py.Reference):
        return "a reference" if value else "a null reference"
    if isinstance(value, AbstractContainer):
        return path_of(value)
    if isinstance(value, (list, tuple, np.ndarray, np.void)):
        return [plain(item) for item in value]
    return str(value)
