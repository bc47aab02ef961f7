"""What comes from the network is untrusted, whichever document leads to it, and however."""

from __future__ import annotations

import json

import h5py
import numpy as np
import pytest

from lindi_explorer import LindiH5pyFile
from lindi_explorer.errors import AccessDeniedError, UnsupportedError
from tests.unit.h5.test_virtual_untrusted import document, source


@pytest.fixture
def secret(tmp_path):
    path = tmp_path / "secret.h5"
    with h5py.File(path, "w") as file:
        file["d"] = np.arange(4)
    return path


@pytest.fixture
def web(tmp_path, serve):
    """A folder, and a server of it that runs."""
    folder = tmp_path / "served"
    folder.mkdir()
    return folder, serve(folder)


def chunk_at(address):
    doc = document(source())
    doc["refs"]["d/0"] = [str(address), 0, 32]
    return doc


def linked_to(address):
    doc = document(source())
    link = {"link_type": "hdf5_dataset", "url": str(address), "name": "/d"}
    del doc["refs"]["d/0"]
    doc["refs"]["d/.zattrs"] = {"_EXTERNAL_ARRAY_LINK": link}
    return doc


BAITS = {
    "a chunk": chunk_at,
    "an external array link": linked_to,
    "a virtual dataset": lambda address: document(source(file=str(address))),
}


def chain(folder, url, name):
    """Documents of this machine that lead to a dataset of one on the web."""
    with LindiH5pyFile.from_lindi_file(folder / "lindi.lindi.json", mode="w") as file:
        layout = h5py.VirtualLayout((4,), "i8")
        layout[:] = h5py.VirtualSource(url, name, shape=(4,))
        file.create_virtual_dataset("virtual", layout)
        file["link"] = h5py.ExternalLink(url, f"/{name}")
    with h5py.File(folder / "hdf5.h5", "w") as file:
        file["link"] = h5py.ExternalLink(url, f"/{name}")
    memory = document(source(file=url, dataset=name))
    yield LindiH5pyFile.from_lindi_file(folder / "lindi.lindi.json"), "virtual"
    yield LindiH5pyFile.from_lindi_file(folder / "lindi.lindi.json"), "link"
    yield LindiH5pyFile.from_hdf5_file(folder / "hdf5.h5"), "link"
    yield LindiH5pyFile.from_reference_file_system(memory), "v"


@pytest.mark.parametrize("bait", BAITS.values(), ids=BAITS)
@pytest.mark.parametrize("where", ["this machine", "the network"])
def test_a_document_from_the_network_reaches_no_more_through_one_that_is_trusted(
    bait, where, tmp_path, web, secret, serve
):
    folder, server = web
    inside = tmp_path / "inside"
    inside.mkdir()
    secret = secret.rename(inside / "secret.h5")
    # Another port of this machine: the document's own origin is open to it.
    address = secret if where == "this machine" else serve(inside).url("secret.h5")
    (folder / "bait.lindi.json").write_text(json.dumps(bait(address)))
    between = document(source(file="bait.lindi.json", dataset="v"))
    (folder / "between.lindi.json").write_text(json.dumps(between))
    for name in ("bait", "between"):
        url = server.url(f"{name}.lindi.json")
        with LindiH5pyFile.from_lindi_file(url) as direct, pytest.raises(AccessDeniedError):
            direct["v"][:]
        for file, path in chain(tmp_path, url, "v"):
            with file, pytest.raises(AccessDeniedError):
                file[path][:]


def test_it_reaches_what_it_would_by_itself(tmp_path, web, secret):
    folder, server = web
    secret.rename(folder / "beside.h5")
    (folder / "good.lindi.json").write_text(json.dumps(document(source(file="beside.h5"))))
    for file, path in chain(tmp_path, server.url("good.lindi.json"), "v"):
        with file:
            assert file[path][:].tolist() == [0, 1, 2, 3]


@pytest.fixture
def hdf5_that_reads_here(tmp_path, web):
    """The address of an HDF5 file on the web with datasets whose data HDF5 looks for on this machine."""
    folder, server = web
    (tmp_path / "secret.raw").write_bytes(np.arange(4).tobytes())
    with h5py.File(folder / "f.h5", "w") as file:
        file["d"] = np.arange(4)
        file.create_dataset("raw", (4,), "i8", external=[(str(tmp_path / "secret.raw"), 0, 32)])
        previous = "raw"
        for name, named in (("own", "."), ("twice", "."), ("else", "other.h5")):
            layout = h5py.VirtualLayout((4,), "i8")
            layout[:] = h5py.VirtualSource(named, previous, shape=(4,))
            file.create_virtual_dataset(name, layout, fillvalue=-1)
            previous = name
        layout = h5py.VirtualLayout((4,), "i8")
        layout[:] = h5py.VirtualSource(".", "d", shape=(4,))
        file.create_virtual_dataset("good", layout, fillvalue=-1)
    with h5py.File(folder / "f.h5") as file:
        assert file["twice"][:].tolist() == [0, 1, 2, 3]
    return server.url("f.h5")


@pytest.mark.parametrize("name", ["raw", "own", "twice"])
def test_an_hdf5_file_from_the_network_has_its_data_in_no_file_of_this_machine(hdf5_that_reads_here, name):
    link = {"link_type": "hdf5_dataset", "url": hdf5_that_reads_here, "name": f"/{name}"}
    doc = document(source())
    del doc["refs"]["d/0"]
    doc["refs"]["d/.zattrs"] = {"_EXTERNAL_ARRAY_LINK": link}
    for file, path in (
        (LindiH5pyFile.from_hdf5_file(hdf5_that_reads_here), name),
        (LindiH5pyFile.from_reference_file_system(doc), "d"),
    ):
        with file:
            assert file[path].shape == (4,)
            for _ in range(2):
                with pytest.raises(AccessDeniedError, match=r"secret\.raw"):
                    file[path][:]


def test_what_hdf5_reads_of_the_file_itself_is_read(hdf5_that_reads_here):
    doc = document(source())
    del doc["refs"]["d/0"]
    for name in ("good", "else"):
        link = {"link_type": "hdf5_dataset", "url": hdf5_that_reads_here, "name": f"/{name}"}
        doc["refs"]["d/.zattrs"] = {"_EXTERNAL_ARRAY_LINK": link}
        with LindiH5pyFile.from_reference_file_system(doc) as file:
            if name == "good":
                assert file["d"][:].tolist() == [0, 1, 2, 3]
            else:
                with pytest.raises(UnsupportedError, match=r"other\.h5, which HDF5 does not look for"):
                    file["d"][:]
