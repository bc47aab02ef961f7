from __future__ import annotations

import pytest

from lindi_explorer.formats.container import create
from tests.unit.formats import contents
from tests.unit.formats.contents import data


@pytest.fixture
def path(tmp_path):
    return tmp_path / "f.lindi.d"


def blobs(path):
    return {one.name: one.read_bytes() for one in (path / "blobs").iterdir()}


def test_many_chunks_are_one_file(path):
    chunks = [data(number, 1000 + number) for number in range(50)]
    with create(str(path), exist_ok=False) as container:
        contents.save(container, [container.put(chunk) for chunk in chunks])
    assert list(blobs(path).values()) == [b"".join(chunks)]


def test_a_file_that_was_saved_is_never_changed(path):
    with create(str(path), exist_ok=False) as container:
        refs = [container.put(data(1))]
        contents.save(container, refs)
        before = blobs(path)
        refs.append(container.put(data(2)))
        contents.save(container, refs)
        assert before.items() < blobs(path).items()


@pytest.mark.parametrize("many", [1, 9])  # of many references to one file, a template says the name
def test_files_that_no_saved_reference_needs_go_at_the_end(path, many):
    with create(str(path), exist_ok=False) as container:
        first = [container.put(data(number)) for number in range(many)]
        contents.save(container, first)
        second = [container.put(data(number)) for number in range(many)]
        contents.save(container, second)
        contents.save(container, first)
        assert contents.bytes_of(second) == contents.bytes_of(first)  # an undo may want them
    assert len(blobs(path)) == 1
    assert contents.saved_chunks(path) == [data(number) for number in range(many)]


def test_files_of_earlier_sessions_stay(path):
    with create(str(path), exist_ok=False) as container:
        contents.save(container, [container.put(data(1))])
    container, _ = contents.again(path)
    with container:
        contents.save(container, [container.put(data(2))])
    assert sorted(blobs(path).values()) == [data(1), data(2)]
