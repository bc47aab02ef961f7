"""What holds for all containers that are written in their place."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading

import filelock
import pytest

from lindi_explorer.byterange import ByteRange
from lindi_explorer.errors import (
    AccessDeniedError,
    ExistingFileError,
    FileInUseError,
    FormatError,
    MissingFileError,
)
from lindi_explorer.formats.container import create, open_container
from lindi_explorer.formats.lock import WriteLock
from lindi_explorer.formats.open import read_document
from lindi_explorer.references import codec
from lindi_explorer.remote import RangeReader
from tests.unit.formats import contents, make
from tests.unit.formats.contents import data

FORMATS = {"json": "LINDI JSON", "tar": "LINDI tar", "d": "LINDI folder"}
HOLDING = {name: FORMATS[name] for name in ("tar", "d")}
needs_links = pytest.mark.skipif(os.name == "nt", reason="symbolic links need a privilege")


@pytest.fixture(params=FORMATS)
def path(tmp_path, request):
    return tmp_path / f"f.lindi.{request.param}"


@pytest.fixture(params=HOLDING)
def holding(tmp_path, request):
    """The path of a container that holds large chunks in itself."""
    return tmp_path / f"f.lindi.{request.param}"


def made(path, **options):
    return create(str(path), exist_ok=options.pop("exist_ok", False))


def names(folder):
    return sorted(one.name for one in folder.iterdir())


def test_the_name_decides_and_the_empty_file_is_there_at_once(path):
    with made(path) as container:
        assert container.address == str(path)
        with RangeReader(str(path)) as reader:
            opened = read_document(reader, str(path))
        assert opened.format == container.format == FORMATS[path.name.rpartition(".")[2]]
        assert opened.document == {"refs": {".zgroup": {"zarr_format": 2}}, "version": 1}


def test_what_was_put_is_read_at_once_and_after_saving(path):
    chunks = [data(number) for number in range(20)]
    with made(path) as container, RangeReader(str(path)) as reader:
        refs = []
        for chunk in chunks:
            refs.append(container.put(chunk))
            assert (refs[-1] if isinstance(refs[-1], bytes) else reader.read_now(refs[-1])) == chunk
        contents.save(container, refs)
        assert contents.saved_chunks(path) == chunks
    assert contents.saved_chunks(path) == chunks
    assert contents.bytes_of(refs) == chunks  # nothing has moved


def test_what_stays_inside_the_document(path):
    small, large = data(1, 999), data(2, 1000)
    with made(path) as container:
        assert container.put(small) is small
        kept = container.put(large)
        if container.format == "LINDI JSON":
            assert kept is large
        else:
            assert isinstance(kept, ByteRange)
            assert kept.url.startswith(str(path))


def test_references_are_members_and_readable_where_the_container_is_moved_to(holding, tmp_path):
    with made(holding) as container:
        contents.save(container, [container.put(data(1)), container.put(data(2))])
    refs = contents.document(holding)["refs"]
    (first, second) = refs["x/0"], refs["x/1"]
    assert first[0].startswith("./blobs/")
    assert (first[1:], second) == ([0, 2000], [first[0], 2000, 2000])
    moved = tmp_path / "elsewhere" / holding.name
    moved.parent.mkdir()
    holding.rename(moved)
    assert contents.saved_chunks(moved) == [data(1), data(2)]


def test_several_saves_and_sessions(path):
    chunks = []
    with made(path) as container:
        refs = []
        for number in range(5):
            chunks.append(data(number))
            refs.append(container.put(chunks[-1]))
            contents.save(container, refs, {"number": number})
            assert contents.saved_chunks(path) == chunks
    for number in range(5, 8):
        container, references = contents.again(path)
        with container:
            old = references.node("x").chunks
            chunks.append(data(number))
            contents.save(container, [*(old[(at,)] for at in range(len(old))), container.put(chunks[-1])])
    assert contents.saved_chunks(path) == chunks


def test_a_document_is_kept_as_it_is_through_a_session(path, tmp_path):
    with made(path) as container:
        contents.save(container, [container.put(data(1))], {"a": 1})
    document = contents.document(path)
    document["generationMetadata"] = {"by": "me"}
    document["refs"] |= {
        "y/.zarray": make.numbers(4, 2),
        "y/.zattrs": {"b": 2},
        "y/0": [str(tmp_path / "other.h5"), 7, 2],
        "y/1": ["./blobs/not_there", 1, 2],
        "odd": ["./blobs/z", 1, 2],
        "inside": ["./lindi.json", 0, 1],
    }
    container, _ = contents.again(path)
    with container:
        members = {name: value for name, value in document.items() if name != "refs"}
        container.write(codec.Outline(dict(document["refs"]), [], members))
    assert contents.document(path) == document
    container, references = contents.again(path)
    with container:
        inside = container.relocated(references)
        container.write(codec.outline(inside, inside.extra))
    assert contents.document(path) == document


def test_what_was_never_saved_is_gone_after_closing(path):
    with made(path) as container:
        contents.save(container, [container.put(data(1))])
    before = snapshot(path)
    container, _ = contents.again(path)
    for number in range(5):
        container.put(data(number))
    container.close()
    container.close()
    assert snapshot(path) == before
    with pytest.raises(ValueError, match="closed"):
        container.put(data(1))
    with pytest.raises(ValueError, match="closed"):
        contents.save(container, [])


def test_opening_and_closing_changes_nothing(path):
    made(path).close()
    stamp = path.stat().st_mtime_ns
    contents.again(path)[0].close()
    assert path.stat().st_mtime_ns == stamp


def snapshot(path):
    files = [path] if path.is_file() else sorted(one for one in path.rglob("*") if one.is_file())
    return {str(one): one.read_bytes() for one in files}


def test_a_failed_save_leaves_the_old_document_and_the_next_one_works(path):
    with made(path) as container:
        contents.save(container, [container.put(data(1))], {"a": 1})
        refs = [container.put(data(2)), container.put(data(3))]
        outline = codec.outline(container.relocated(contents.hierarchy(refs)))
        outline.refs["x/.zattrs"] = {"bad": {1, 2}}  # no JSON
        with pytest.raises(TypeError):
            container.write(outline)
        assert contents.saved_chunks(path) == [data(1)]
        contents.save(container, refs)
        assert contents.saved_chunks(path) == [data(2), data(3)]


def test_threads_put_at_the_same_time(holding):
    chunks = [data(number, 1000 + number) for number in range(200)]
    refs = [None] * len(chunks)
    with made(holding) as container:

        def work(first):
            for at in range(first, len(chunks), 4):
                refs[at] = container.put(chunks[at])

        threads = [threading.Thread(target=work, args=(first,)) for first in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        contents.save(container, refs)
    assert contents.saved_chunks(holding) == chunks


def test_saved_data_is_synced_before_the_document_that_needs_it(holding, monkeypatch):
    events = []
    real = os.fsync
    monkeypatch.setattr(os, "fsync", lambda handle: (events.append(os.fstat(handle).st_size), real(handle)))
    with made(holding) as container:
        events.clear()
        contents.save(container, [container.put(data(1, 50_000))])
    assert len(events) >= 2
    assert events[0] >= 50_000


# ---------------------------------------------------------------- making new ones


def test_what_exists_is_replaced_only_on_demand(path):
    with made(path) as container:
        contents.save(container, [container.put(data(1))])
    before = snapshot(path)
    for error in (ExistingFileError, FileExistsError, ValueError):
        with pytest.raises(error, match="exists"):
            made(path)
    assert snapshot(path) == before
    made(path, exist_ok=True).close()
    assert list(contents.load(path).walk()) == [""]
    assert all(data(1) not in content for content in snapshot(path).values())


def test_a_folder_of_something_else_is_not_replaced(tmp_path):
    folder = tmp_path / "photos.d"
    folder.mkdir()
    made(folder, exist_ok=True).close()  # it was empty
    other = tmp_path / "other.d"
    other.mkdir()
    (other / "me.jpg").write_bytes(b"1")
    with pytest.raises(FormatError, match="not empty"):
        made(other, exist_ok=True)
    assert names(other) == ["me.jpg"]
    assert names(tmp_path) == ["other.d", "photos.d"]


def test_files_of_others_in_a_folder_stay(tmp_path):
    path = tmp_path / "f.lindi.d"
    with made(path) as container:
        contents.save(container, [container.put(data(1))])
    (path / "README").write_bytes(b"mine")
    (path / "blobs" / "mine").write_bytes(b"mine")
    container, _ = contents.again(path)
    container.put(data(2))
    container.close()
    assert (path / "blobs" / "mine").read_bytes() == b"mine"
    made(path, exist_ok=True).close()
    assert (path / "README").read_bytes() == b"mine"


@pytest.mark.parametrize("name", ["f.lindi.json", "f.lindi.tar"])
def test_a_folder_where_a_file_should_be_and_the_other_way_round(tmp_path, name):
    (tmp_path / name).mkdir()
    with pytest.raises(FormatError, match="is a folder"):
        made(tmp_path / name, exist_ok=True)
    (tmp_path / "f.lindi.d").write_bytes(b"x")
    with pytest.raises(FormatError, match="is a file"):
        made(tmp_path / "f.lindi.d", exist_ok=True)
    assert (tmp_path / "f.lindi.d").read_bytes() == b"x"


def test_the_folder_above(tmp_path):
    for name in ("f.lindi.json", "f.lindi.tar"):
        with pytest.raises(MissingFileError, match="no folder"):
            made(tmp_path / "no" / name)
    made(tmp_path / "a" / "b" / "f.lindi.d").close()  # as the original does
    assert (tmp_path / "a" / "b" / "f.lindi.d" / "lindi.json").is_file()


def test_anything_with_another_name_is_json(tmp_path):
    made(tmp_path / "f.nwb").close()
    assert json.loads((tmp_path / "f.nwb").read_text())["version"] == 1


@needs_links
def test_nothing_is_written_through_a_link_out_of_a_folder(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text('{"refs": {".zgroup": {"zarr_format": 2}}}')
    folder = tmp_path / "f.lindi.d"
    folder.mkdir()
    (folder / "lindi.json").symlink_to(secret)
    with pytest.raises(FormatError, match="through a link"):
        made(folder, exist_ok=True)
    with pytest.raises(FormatError, match="through a link"):
        contents.again(folder)
    assert secret.read_text().startswith('{"refs"')
    (folder / "lindi.json").unlink()
    (folder / "lindi.json").write_text(secret.read_text())
    (tmp_path / "out").mkdir()
    (folder / "blobs").symlink_to(tmp_path / "out")
    with pytest.raises(FormatError, match="through a link"):
        contents.again(folder)


@needs_links
def test_a_container_behind_a_link_is_written_where_it_is(path, tmp_path):
    real = tmp_path / "real" / path.name
    real.parent.mkdir()
    made(real).close()
    path.symlink_to(real)
    container, _ = contents.again(path)
    with container:
        contents.save(container, [container.put(data(1))])
        with pytest.raises(FileInUseError):
            contents.again(real)
    assert path.is_symlink()
    assert contents.saved_chunks(path) == contents.saved_chunks(real) == [data(1)]


# ---------------------------------------------------------------- locks


def test_there_is_one_writer_in_a_process(path):
    with made(path) as container:
        for attempt in (lambda: contents.again(path), lambda: made(path, exist_ok=True)):
            with pytest.raises(FileInUseError, match="open for writing elsewhere") as caught:
                attempt()
            assert isinstance(caught.value, BlockingIOError)
            assert caught.value.hint
        contents.save(container, [container.put(data(1))])
        assert contents.saved_chunks(path) == [data(1)]  # readers go on
        with pytest.raises(FileInUseError):
            contents.again(path)  # saving has not opened the door
    contents.again(path)[0].close()


def test_nothing_is_left_beside_it(path):
    with made(path) as container:
        contents.save(container, [container.put(data(1))])
    assert names(path.parent) == [path.name]


def test_a_lock_that_was_taken_before_reading(path):
    made(path).close()
    lock = WriteLock(str(path))
    with RangeReader(str(path)) as reader:
        opened = read_document(reader, str(path))
    with open_container(str(path), opened, lock), pytest.raises(FileInUseError):
        WriteLock(str(path))
    WriteLock(str(path)).release()


def test_an_opening_that_fails_leaves_no_lock(tmp_path):
    path = tmp_path / "f.lindi.tar"
    made(path).close()
    with RangeReader(str(path)) as reader:
        opened = read_document(reader, str(path))
    path.write_bytes(b"no archive")
    with pytest.raises(FormatError):
        open_container(str(path), opened)
    WriteLock(str(path)).release()
    assert names(tmp_path) == [path.name]


def test_a_container_that_is_forgotten_lets_go(path):
    container = made(path)
    container.put(data(1))
    del container
    contents.again(path)[0].close()


HOLD = """
import sys
from lindi_explorer.formats.container import create
container = create(sys.argv[1], exist_ok=True)
print("ready", flush=True)
sys.stdin.read()
"""


@pytest.mark.skipif(os.name == "nt", reason="there is no SIGKILL")
def test_there_is_one_writer_among_processes_and_a_killed_one_is_none(path):
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout.readline()
        with pytest.raises(FileInUseError):
            contents.again(path)
        assert list(contents.load(path).walk()) == [""]
        other.kill()
    contents.again(path)[0].close()
    assert names(path.parent) == [path.name]


def test_a_lock_that_cannot_be_made_is_told(path, monkeypatch):
    def refuse(_lock):
        raise PermissionError(13, "Permission denied", "the lock")

    monkeypatch.setattr(filelock.FileLock, "acquire", refuse)
    with pytest.raises(AccessDeniedError, match="the lock cannot be written") as caught:
        made(path)
    assert caught.value.hint


FORK = """
import os, sys
from lindi_explorer.errors import FileInUseError
from lindi_explorer.formats.lock import WriteLock
lock = WriteLock(sys.argv[1])
if os.fork() == 0:
    lock.release()
    os._exit(0)
os.wait()
try:
    WriteLock(sys.argv[1])
except FileInUseError:
    print("held")
lock.release()
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
def test_a_forked_process_does_not_release_the_lock(path):
    done = subprocess.run([sys.executable, "-c", FORK, str(path)], capture_output=True, text=True, check=True)
    assert done.stdout == "held\n"
    assert names(path.parent) == []


def test_who_may_not_write_is_told(path, monkeypatch):
    made(path).close()
    monkeypatch.setattr(
        os, "access", lambda *_args: False
    )  # whoever runs the tests may be allowed everything
    with pytest.raises(AccessDeniedError, match="may not be written"):
        contents.again(path)
    monkeypatch.undo()
    contents.again(path)[0].close()
