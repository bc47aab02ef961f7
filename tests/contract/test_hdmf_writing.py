"""hdmf writes through us as through h5py: settings, data in pieces, links, references, tables, exports."""

from __future__ import annotations

import h5py
import numpy as np
import pytest
from hdmf.backends.hdf5 import H5DataIO
from hdmf.backends.hdf5.h5tools import HDF5IO
from hdmf.common import (
    DynamicTable,
    DynamicTableRegion,
    SimpleMultiContainer,
    VectorData,
    VectorIndex,
    get_manager,
)
from hdmf.data_utils import DataChunkIterator

from lindi_explorer import LindiH5pyFile

KINDS = ["lindi.json", "lindi.tar", "lindi.d"]


@pytest.fixture(params=[*KINDS, "h5"])
def new(request, tmp_path):
    """Open a file for writing or reading: ours of each kind, and h5py's own, which is the judge."""

    def open_(name, mode):
        path = tmp_path / f"{name}.{request.param}"
        return (
            h5py.File(path, mode) if request.param == "h5" else LindiH5pyFile.from_lindi_file(path, mode=mode)
        )

    open_.kind = request.param
    return open_


def table(column, **more):
    columns = [VectorData(name="column", description="a column", data=column)]
    columns += [VectorData(name=name, description=name, data=data) for name, data in more.items()]
    return DynamicTable(name="root", description="a table", columns=columns)


def write(file, container, **options):
    with HDF5IO(file=file, manager=get_manager(), mode="w") as io:
        io.write(container, **options)


def test_settings_of_a_dataset(new):
    data = H5DataIO(
        np.arange(1000).reshape(100, 10),
        chunks=(20, 10),
        maxshape=(None, 10),
        compression="gzip",
        compression_opts=3,
        shuffle=True,
        fletcher32=True,
        fillvalue=7,
    )
    write(new("a", "w"), table(data))
    with new("a", "r") as file:
        column = file["column"]
        assert (column.chunks, column.maxshape) == ((20, 10), (None, 10))
        assert (column.compression, column.compression_opts) == ("gzip", 3)
        assert column.shuffle
        assert column.fletcher32
        assert column.fillvalue == 7
        assert np.array_equal(column[...], np.arange(1000).reshape(100, 10))


@pytest.mark.parametrize("size", [1, 7, 100])
def test_data_that_comes_in_pieces(new, size):
    rows = (np.full(4, number) for number in range(50))
    pieces = DataChunkIterator(data=rows, maxshape=(None, 4), dtype=np.dtype("i8"), buffer_size=size)
    write(new("a", "w"), table(H5DataIO(pieces, compression="gzip", chunks=(10, 4)), numbers=np.arange(50)))
    with new("a", "r") as file:
        assert np.array_equal(file["column"][...], np.repeat(np.arange(50), 4).reshape(50, 4))
        assert file["column"].maxshape == (None, 4)


def test_two_streams_that_are_written_in_turns(new):
    one, other = (
        DataChunkIterator(
            data=iter(range(start, start + 20)), maxshape=(None,), buffer_size=3, dtype=np.dtype("i8")
        )
        for start in (0, 100)
    )
    columns = [
        VectorData(name=name, description="", data=data) for name, data in (("column", one), ("other", other))
    ]
    write(new("a", "w"), SimpleMultiContainer(name="root", containers=columns))
    with new("a", "r") as file:
        assert file["column"][...].tolist() == list(range(20))
        assert file["other"][...].tolist() == list(range(100, 120))


@pytest.mark.parametrize("link", [True, False])
def test_a_dataset_of_another_file(new, link):
    write(new("a", "w"), table(np.arange(2000)))
    with new("a", "r") as source:
        write(new("b", "w"), table(source["column"]), link_data=link)
    with new("b", "r") as file:
        assert isinstance(file.get("column", getlink=True), h5py.ExternalLink) == link
        assert file["column"][...].tolist() == list(range(2000))


def test_text_references_and_rows_of_other_tables(new):
    target = DynamicTable(
        name="target",
        description="a table",
        columns=[VectorData(name="text", description="", data=["a", "bé", ""])],
    )
    values = VectorData(name="values", description="", data=[1, 2, 3, 4, 5])
    index = VectorIndex(name="values_index", data=[2, 3, 5], target=values)
    region = DynamicTableRegion(name="region", description="", data=[2, 0, 1], table=target)
    main = DynamicTable(name="main", description="a table", columns=[values, index, region])
    write(new("a", "w"), SimpleMultiContainer(name="root", containers=[target, main]))
    with HDF5IO(file=new("a", "r"), manager=get_manager(), mode="r") as io:
        again = io.read()
        assert again["main"]["region"].table is again["target"]
        assert list(again["main"][0, "region"]["text"]) == [""]
        assert [list(row) for row in again["main"]["values"][:]] == [[1, 2], [3], [4, 5]]
        assert list(again["target"]["text"][:]) == ["a", "bé", ""]


def test_rows_are_appended_to_a_table_that_was_read(new):
    data = H5DataIO(np.arange(5), maxshape=(None,), chunks=True)
    text = H5DataIO(["a", "b", "c", "d", "e"], maxshape=(None,), chunks=True)
    write(new("a", "w"), table(data, text=text))
    with HDF5IO(file=new("a", "r+"), manager=get_manager(), mode="a") as io:
        again = io.read()
        ids = again.id.data
        ids.resize(5, axis=0)
        for number in range(3):
            again.add_row(column=100 + number, text=f"new {number}")
        io.write(again)
    with HDF5IO(file=new("a", "r"), manager=get_manager(), mode="r") as io:
        frame = io.read().to_dataframe()
        assert frame["column"].tolist() == [0, 1, 2, 3, 4, 100, 101, 102]
        assert frame["text"].tolist()[-2:] == ["new 1", "new 2"]


def test_export_of_a_changed_file(new):
    write(new("a", "w"), table(np.arange(3000), text=["one"] * 3000))
    source = new("a", "r")
    with HDF5IO(file=source, manager=get_manager(), mode="r") as read:
        again = read.read()
        again.add_column(name="more", description="added", data=np.arange(3000.0))
        with HDF5IO(file=new("b", "w"), manager=get_manager(), mode="w") as out:
            out.export(src_io=read, container=again, write_args={"link_data": False})
    with HDF5IO(file=new("b", "r"), manager=get_manager(), mode="r") as io:
        exported = io.read()
        assert exported.colnames == ("column", "text", "more")
        assert exported["column"][2999] == 2999
        assert exported["text"][7] == "one"
        assert exported["more"][5] == 5.0
        assert isinstance(io._file.get("column", getlink=True), h5py.HardLink)


def test_data_of_a_file_is_left_in_place_when_it_is_used_again(new):
    """All that is no dataset to hdmf is read into memory and converted."""
    from hdmf.build.objectmapper import ObjectMapper
    from hdmf.spec import DatasetSpec

    with new("a", "w") as file:
        data = file.create_dataset("x", data=np.arange(5))
        HDF5IO(file=file, manager=get_manager(), mode="w")
        value, kind = ObjectMapper.convert_dtype(DatasetSpec("doc", "int", name="x"), data)
        assert value is data
        assert kind == np.dtype("i8").type
