"""What is set and deleted stands over the references, which never change."""

from __future__ import annotations

import asyncio
import pickle

import pytest
import zarr
from zarr.abc.store import OffsetByteRequest, RangeByteRequest, SuffixByteRequest
from zarr.core.buffer import default_buffer_prototype

from lindi_explorer.errors import MissingFileError

PROTOTYPE = default_buffer_prototype()


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "f.bin"
    path.write_bytes(bytes(range(16)))
    return path


@pytest.fixture
def over(store, metadata, file):
    """A store over a document with an array of four chunks: two in a file, one inside, one missing."""
    chunks = {"g/d/0": [str(file), 0, 4], "g/d/1": [str(file), 12, 4], "g/d/2": "abcd"}
    return store(
        {"g/.zgroup": {"zarr_format": 2}, "g/d/.zarray": metadata("|u1", [16], [4]), **chunks},
        read_only=False,
    )


async def get(store, key, byte_range=None):
    found = await store.get(key, PROTOTYPE, byte_range)
    return None if found is None else found.to_bytes()


async def every(names):
    return sorted([name async for name in names])


async def test_reading_ranges_inline_bytes_and_what_is_missing(over):
    assert await get(over, "g/d/0") == bytes([0, 1, 2, 3])
    assert await get(over, "g/d/1") == bytes([12, 13, 14, 15])
    assert await get(over, "g/d/2") == b"abcd"
    assert await get(over, "g/d/3") is None
    assert await get(over, "nowhere/.zarray") is None
    assert await over.exists("g/d/1")
    assert not await over.exists("g/d/3")
    assert await over.getsize("g/d/2") == 4


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        (RangeByteRequest(1, 3), [1, 2]),
        (RangeByteRequest(3, 99), [3]),
        (OffsetByteRequest(2), [2, 3]),
        (SuffixByteRequest(1), [3]),
        (SuffixByteRequest(99), [0, 1, 2, 3]),
    ],
)
async def test_parts_of_a_chunk(over, request_, expected):
    assert await get(over, "g/d/0", request_) == bytes(expected)


async def test_setting_and_deleting(over, file):
    await over.set("g/d/0", PROTOTYPE.buffer.from_bytes(b"new!"))
    await over.delete("g/d/1")
    await over.set("x/.zgroup", PROTOTYPE.buffer.from_bytes(b"{}"))
    assert await get(over, "g/d/0") == b"new!"
    assert await get(over, "g/d/1") is None
    assert not await over.exists("g/d/1")
    assert await every(over.list()) == [".zgroup", "g/.zgroup", "g/d/.zarray", "g/d/0", "g/d/2", "x/.zgroup"]
    assert await every(over.list_dir("")) == [".zgroup", "g", "x"]
    assert await every(over.list_dir("g/d/")) == [".zarray", "0", "2"]
    assert await every(over.list_prefix("g/d/")) == ["g/d/.zarray", "g/d/0", "g/d/2"]
    assert dict(over.references)["g/d/1"].offset == 12
    assert file.read_bytes() == bytes(range(16))


async def test_listing_without_writes(over):
    assert await every(over.list_dir("")) == [".zgroup", "g"]
    assert await every(over.list_dir("g")) == [".zgroup", "d"]
    assert await every(over.list_dir("g/d")) == [".zarray", "0", "1", "2"]
    assert await every(over.list_dir("nowhere")) == []


async def test_another_mode_sees_the_same_writes(over):
    reading = over.with_read_only(True)
    await over.set("g/d/3", PROTOTYPE.buffer.from_bytes(b"late"))
    assert await get(reading, "g/d/3") == b"late"
    with pytest.raises(ValueError, match="read-only"):
        await reading.set("g/d/3", PROTOTYPE.buffer.from_bytes(b"no"))


def test_writing_through_zarr(over):
    array = zarr.open_array(over, path="g/d", mode="r+", zarr_format=2)
    array[2:6] = 99
    assert array[...].tolist() == [0, 1, 99, 99, 99, 99, 14, 15, 97, 98, 99, 100, 0, 0, 0, 0]


async def test_a_copy_by_pickle_reads_the_same(over):
    await over.set("g/d/3", PROTOTYPE.buffer.from_bytes(b"late"))
    copy = pickle.loads(pickle.dumps(over))
    assert copy == over
    assert copy.read_only == over.read_only
    for key in ("g/d/0", "g/d/2", "g/d/3"):
        assert await get(copy, key) == await get(over, key)
    copy.reader.close()


async def test_a_file_that_is_gone_is_named(store, metadata, tmp_path):
    lost = store({"d/.zarray": metadata("|u1", [4]), "d/0": [str(tmp_path / "gone.bin"), 0, 4]})
    with pytest.raises(MissingFileError, match=r"gone\.bin"):
        await get(lost, "d/0")


async def test_many_reads_at_once(over):
    found = await asyncio.gather(*[get(over, f"g/d/{number % 3}") for number in range(300)])
    assert found == [bytes([0, 1, 2, 3]), bytes([12, 13, 14, 15]), b"abcd"] * 100


def test_what_it_says_of_itself_has_no_secrets(store):
    shown = repr(store({}, source="https://me:pw@h/f.lindi.json?sig=hush"))
    assert "f.lindi.json" in shown
    assert "hush" not in shown
    assert "pw" not in shown
