"""What signs the address of a source or of a linked file is in no message."""

from __future__ import annotations

import h5py
import numpy as np
import pytest

from lindi_explorer import LindiH5pyFile
from lindi_explorer.errors import FormatError, LindiError, NodeNotFoundError, UnsupportedError
from lindi_explorer.h5.virtual import extent
from tests.unit.h5.test_virtual_untrusted import document, source

SECRET = "X-Amz-Signature=SECRET"
ENDLESS = {"start": [0], "count": [None], "stride": [4], "block": [4]}


@pytest.fixture
def signed(tmp_path, serve):
    """Makes the signed address of a file on the web; one of HDF5 is there, with a few numbered datasets."""
    folder = tmp_path / "served"
    folder.mkdir()
    with h5py.File(folder / "f.h5", "w") as file:
        file.create_group("group")
        for number in range(4):
            file[f"d{number}"] = np.arange(4)
    server = serve(folder)
    return lambda name: f"{server.url(name)}?{SECRET}"


def told(doc, error):
    """The message and hint of what is wrong with a virtual dataset."""
    with LindiH5pyFile.from_reference_file_system(doc) as file, pytest.raises(error) as found:
        file["v"][()]
    return f"{found.value} {found.value.hint}"


def test_a_source_with_a_number_and_an_end(signed):
    text = told(document(source(file=signed("a.h5") + "%b")), FormatError)
    assert "a.h5" in text
    assert "SECRET" not in text


def test_too_many_numbered_sources(signed, monkeypatch):
    monkeypatch.setattr(extent, "_MOST_BLOCKS", 2)
    doc = document(source(ENDLESS, file=signed("f.h5"), dataset="d%b"), maxshape=[None])
    text = told(doc, UnsupportedError)
    assert "f.h5" in text
    assert "SECRET" not in text


def test_a_source_that_is_no_dataset(signed):
    text = told(document(source(file=signed("f.h5"), dataset="group")), FormatError)
    assert "group" in text
    assert "SECRET" not in text


def test_a_source_that_is_not_there_is_told_of_in_a_copy(signed, tmp_path):
    with LindiH5pyFile.from_reference_file_system(document(source(file=signed("gone.h5")))) as file:
        text = str(file.to_hdf5(tmp_path / "copy.h5").losses)
    assert "gone.h5 is fill value" in text
    assert "SECRET" not in text


def test_sources_that_hdf5_would_look_for(signed, tmp_path):
    doc = document(source())
    with h5py.File(tmp_path / "served" / "v.h5", "w") as file:
        layout = h5py.VirtualLayout((4,), "i8")
        layout[:] = h5py.VirtualSource(signed("other.h5"), "d", shape=(4,))
        file.create_virtual_dataset("v", layout)
    del doc["refs"]["v/.lindi_explorer"]
    doc["refs"]["v/.zarray"]["filters"] = None
    link = {"link_type": "hdf5_dataset", "url": signed("v.h5"), "name": "/v"}
    doc["refs"]["v/.zattrs"] = {"_EXTERNAL_ARRAY_LINK": link}
    texts = [told(doc, UnsupportedError)]
    with LindiH5pyFile.from_reference_file_system(doc) as file:
        texts.append(str(file.to_hdf5(tmp_path / "copy.h5").losses))
    for text in texts:
        assert "other.h5, which HDF5 does not look for on the web" in text
        assert "SECRET" not in text


def test_links(signed, opened):
    file = opened(LindiH5pyFile.from_reference_file_system(document(source()), mode="r+"))
    file["link"] = h5py.ExternalLink(signed("gone.h5"), "/d")
    for name in ("link", "link/x"):
        with pytest.raises(NodeNotFoundError) as found:
            file[name]
        assert "gone.h5" in str(found.value)
        assert "SECRET" not in str(found.value)


def test_external_array_links_of_an_unknown_type(signed):
    doc = document(source())
    del doc["refs"]["d/0"]
    doc["refs"]["d/.zattrs"] = {"_EXTERNAL_ARRAY_LINK": {"link_type": "other", "url": signed("f.h5")}}
    with LindiH5pyFile.from_reference_file_system(doc) as file, pytest.raises(LindiError) as found:
        file["d"][:]
    assert "'other'" in str(found.value)
    assert "SECRET" not in str(found.value)
