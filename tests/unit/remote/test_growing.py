from __future__ import annotations

import pytest

from lindi_explorer.byterange import ByteRange
from lindi_explorer.errors import FormatError, StaleFileError
from lindi_explorer.remote import RangeReader
from lindi_explorer.remote.growing import let_grow


@pytest.fixture
def file(tmp_path):
    """A file that is open for appending, and a reader that has read its first bytes."""
    path = tmp_path / "f"
    path.write_bytes(b"old ")
    with path.open("ab", buffering=0) as file, RangeReader(str(path)) as reader:
        assert reader.read_now(ByteRange(str(path), 0, 3)) == b"old"
        yield file, reader, str(path)


def test_a_file_of_this_process_is_read_while_it_grows(file):
    file, reader, path = file
    end = let_grow(file.fileno())
    file.write(b"new")
    assert reader.read_now(ByteRange(path, 0, 7)) == b"old new"
    with pytest.raises(FormatError, match="7 bytes"):
        reader.read_now(ByteRange(path, 5, 3))
    end()


def test_any_other_file_is_stale_when_it_has_grown(file):
    file, reader, path = file
    file.write(b"new")
    with pytest.raises(StaleFileError):
        reader.read_now(ByteRange(path, 0, 3))


def test_who_replaces_the_file_is_noticed(file, tmp_path):
    file, reader, path = file
    end = let_grow(file.fileno())
    reader._files._open.clear()  # as when many other files were read since
    (tmp_path / "other").write_bytes(b"another file")
    (tmp_path / "other").replace(path)
    with pytest.raises(StaleFileError):
        reader.read_now(ByteRange(path, 0, 3))
    end()


def test_two_writers_end_one_after_the_other(file):
    file, reader, path = file
    first, second = let_grow(file.fileno()), let_grow(file.fileno())
    first()
    first()
    file.write(b"new")
    assert reader.read_now(ByteRange(path, 4, 3)) == b"new"
    second()
    with pytest.raises(StaleFileError):
        reader.read_now(ByteRange(path, 0, 3))
