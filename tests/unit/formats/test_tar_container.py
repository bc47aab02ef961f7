from __future__ import annotations

import json
import os
import shutil
import subprocess
import tarfile

import pytest

from lindi_explorer.byterange import ByteRange
from lindi_explorer.errors import FormatError, StaleFileError, TransferError, UnsupportedError
from lindi_explorer.formats import tar_container, tar_slots
from lindi_explorer.formats.container import create
from lindi_explorer.formats.lock import WriteLock
from lindi_explorer.formats.tar_container import TarContainer
from lindi_explorer.formats.tar_layout import header, room_for
from lindi_explorer.references import codec
from tests.unit.formats import contents, make
from tests.unit.formats.contents import data


@pytest.fixture
def path(tmp_path):
    return tmp_path / "f.lindi.tar"


def made(path):
    return create(str(path), exist_ok=False)


def index(path):
    """Entry and index, as the format page says where they are; checks what upstream checks."""
    raw = path.read_bytes()
    entry = json.loads(raw[512:1536])
    place = entry["index"]
    files = json.loads(raw[place["d"] : place["d"] + place["s"]])["files"]
    assert place in files
    assert {"n": ".tar_entry.json", "o": 0, "d": 512, "s": 1024} in files
    assert raw[-1024:] == bytes(1024)
    for file in files:
        end = file["d"] + file["s"]
        assert raw[end : -(-end // 512) * 512].strip(b"\0") == b""
    with tarfile.open(path) as archive:
        found = {(info.name, info.offset, info.offset_data, info.size) for info in archive}
    assert {(file["n"], file["o"], file["d"], file["s"]) for file in files} <= found
    return files


def listed(path):
    with tarfile.open(path) as archive:
        return archive.getnames()


def test_an_empty_archive_is_that_of_the_original(path):
    made(path).close()
    raw = path.read_bytes()
    assert len(raw) == 19968
    assert listed(path) == [".tar_entry.json", ".tar_index.json", "lindi.json"]
    assert [(file["o"], file["d"], file["s"]) for file in index(path)] == [
        (0, 512, 1024),
        (1536, 2048, 8192),
        (10240, 10752, 8192),
    ]


@pytest.mark.parametrize(("name", "size"), [("lindi.json", 8192), ("blobs/" + "x" * 94, 8**11 - 1)])
def test_headers_are_those_of_a_plain_archive(name, size):
    block = header(name, size)
    info = tarfile.TarInfo.frombuf(block, "ascii", "strict")
    assert (info.name, info.size, info.mode, info.mtime, info.isreg()) == (name, size, 0o644, 0, True)
    assert block[257:265] == b"ustar\00000"
    assert block[265:] == bytes(247)
    assert block[148:156].endswith(b"\0 ")


def test_many_chunks_are_one_member_and_archivers_list_it(path):
    chunks = [data(number, 1000 + 37 * number) for number in range(50)]
    with made(path) as container:
        contents.save(container, [container.put(chunk) for chunk in chunks])
    blobs = [file for file in index(path) if file["n"].startswith("blobs/")]
    assert [file["s"] for file in blobs] == [sum(map(len, chunks))]
    with tarfile.open(path) as archive:
        assert archive.extractfile(blobs[0]["n"]).read() == b"".join(chunks)
    if shutil.which("tar"):
        done = subprocess.run(["tar", "tf", path], capture_output=True, text=True, check=True)
        assert done.stdout.split() == listed(path)
        assert done.stderr == ""


def test_a_full_member_is_followed_by_another(path):
    made(path).close()
    with TarContainer(str(path), WriteLock(str(path)), full=10_000) as container:
        sizes = (4000, 4000, 4000, 25_000, 1000)
        chunks = [data(number, size) for number, size in enumerate(sizes)]
        contents.save(container, [container.put(chunk) for chunk in chunks])
    blobs = [file["s"] for file in index(path) if file["n"].startswith("blobs/")]
    assert blobs == [8000, 4000, 25_000, 1000]
    assert contents.saved_chunks(path) == chunks


def test_a_chunk_that_no_header_can_say(path, monkeypatch):
    monkeypatch.setattr(tar_container, "LARGEST_MEMBER", 4000)
    with made(path) as container, pytest.raises(UnsupportedError, match="too large"):
        container.put(data(1, 4001))


def test_saving_again_and_again_takes_no_room(path):
    sizes = set()
    with made(path) as container:
        refs = [container.put(data(1))]
        for number in range(30):
            contents.save(container, refs, {"number": number})
            assert len(index(path)) == 4
            sizes.add(path.stat().st_size)
    for _ in range(30):
        container, references = contents.again(path)
        with container:
            container.write(codec.outline(container.relocated(references)))
        sizes.add(path.stat().st_size)
    # The first save has made the second place for each of the two texts.
    assert len(sizes) == 1
    assert listed(path).count("lindi.json") == listed(path).count(".tar_index.json") == 1


def test_a_growing_document_takes_room_in_proportion(path):
    with made(path) as container:
        for number in range(1, 120):
            contents.save(container, [], {"text": "x" * 500 * number})
    document = next(file for file in index(path) if file["n"] == "lindi.json")
    assert document["s"] == 65_536  # from 8193 bytes on there is room for four times as much
    assert path.stat().st_size < 4 * document["s"]
    assert contents.load(path).node("").attributes == {"text": "x" * 500 * 119}


@pytest.mark.parametrize(
    ("length", "size"),
    [(0, 8192), (2048, 8192), (2049, 16384), (4 << 20, 16 << 20), ((4 << 20) + 1, 8 << 20)],
)
def test_room_to_grow(length, size):
    assert room_for(length) == size


def test_what_is_superseded_is_overwritten_and_renamed(path):
    with made(path) as container:
        contents.save(container, [], {"secret": "hush"})
        contents.save(container, [], {})
    assert b"hush" not in path.read_bytes()
    with tarfile.open(path) as archive:
        trash = [name for name in archive.getnames() if name.startswith(".trash/")]
        assert sorted(name[:-11] for name in trash) == [".trash/.tar_index.json", ".trash/lindi.json"]
        for name in trash:
            content = archive.extractfile(name).read()
            assert content == b"-" * len(content)


def test_the_live_document_and_index_are_never_written_to(path, monkeypatch):
    """Until the entry is written, each byte the saved state needs is what it was."""
    with made(path) as container:
        contents.save(container, [container.put(data(1))], {"number": 0})
        refs = [container.put(data(2))]
        raw, files = path.read_bytes(), index_of_saved(path)
        written = []
        real = os.pwrite

        def spy(descriptor, part, at):
            entry_is_next = at == 512
            if not entry_is_next and not any(start == 512 for start, _ in written):
                now = path.read_bytes()
                for file in files:
                    live = slice(file["o"], file["d"] + file["s"])
                    assert now[live] == raw[live]
            written.append((at, len(part)))
            return real(descriptor, part, at)

        monkeypatch.setattr(os, "pwrite", spy)
        contents.save(container, refs, {"number": 1})
        assert (512, 1024) in written
    assert contents.saved_chunks(path) == [data(2)]


def index_of_saved(path):
    raw = path.read_bytes()
    place = json.loads(raw[512:1536])["index"]
    return json.loads(raw[place["d"] : place["d"] + place["s"]])["files"]


# ---------------------------------------------------------------- what others have written


def original(path):
    """An archive as the original has it: one member per chunk, several versions, a long name."""
    long = "blobs/" + "group/" * 30 + "0"
    blobs = {"blobs/x/0": data(1), "blobs/x/0.v2": data(2), "blobs/x/1": data(3, 1001)}
    refs = {
        ".zgroup": make.GROUP,
        "x/.zarray": make.numbers(3 * 1000, 1000),
        "x/0": ["./blobs/x/0.v2", 0, 2000],
        "x/1": ["./blobs/x/1", 1, 1000],
        "x/2": ["./" + long, 0, 600],
    }
    make.tar(path, {"refs": refs}, {**blobs, "blobs/short": data(4, 600)}, index=renamed("blobs/short", long))
    return long


def renamed(old, new):
    def change(index):
        return {"files": [{**file, "n": new} if file["n"] == old else file for file in index["files"]]}

    return change


def test_versions_and_long_names_are_kept(path):
    long = original(path)
    expected = [data(2), data(3, 1000), data(4, 600)]
    assert contents.saved_chunks(path) == expected
    container, references = contents.again(path)
    with container:
        container.put(data(5))
        container.write(codec.outline(container.relocated(references)))
    refs = contents.document(path)["refs"]
    assert [refs[f"x/{at}"] for at in range(3)] == [
        ["./blobs/x/0.v2", 0, 2000],
        ["./blobs/x/1", 1, 1000],
        ["./" + long, 0, 600],
    ]
    assert contents.saved_chunks(path) == expected
    assert {file["n"] for file in index_of_saved(path)} >= {"blobs/x/0", "blobs/x/0.v2", long}


def test_what_the_index_holds_besides_is_kept(path):
    make.tar(path, make.document(), index=lambda index: {**index, "more": {"a": [1]}})
    container, references = contents.again(path)
    with container:
        container.write(codec.outline(container.relocated(references)))
    raw = path.read_bytes()
    place = json.loads(raw[512:1536])["index"]
    assert json.loads(raw[place["d"] : place["d"] + place["s"]])["more"] == {"a": [1]}


def test_an_index_that_does_not_list_itself_is_completed(path):
    make.tar(path, make.document(), index=lambda index: {"files": index["files"][2:]})
    container, references = contents.again(path)
    with container:
        container.write(codec.outline(container.relocated(references)))
    assert {".tar_entry.json", ".tar_index.json", "lindi.json"} < {file["n"] for file in index(path)}


def test_members_that_somebody_appended_with_tar_stay(path, tmp_path):
    with made(path) as container:
        contents.save(container, [container.put(data(1))])
    (tmp_path / "notes.txt").write_bytes(b"mine")
    with tarfile.open(path, "a", format=tarfile.USTAR_FORMAT) as archive:
        archive.add(tmp_path / "notes.txt", "notes.txt")
    container, references = contents.again(path)
    with container:
        container.write(codec.outline(container.relocated(references)))
    with tarfile.open(path) as archive:
        assert archive.extractfile("notes.txt").read() == b"mine"
    assert contents.saved_chunks(path) == [data(1)]


@pytest.mark.parametrize("rest", [b"", bytes(512) + b"x" * 5000, b"\xff" * 700, header("blobs/lost", 2000)])
def test_what_a_killed_process_left_is_cut_off(path, rest):
    with made(path) as container:
        contents.save(container, [container.put(data(1))])
        contents.save(container, [container.put(data(1))])
    whole = path.stat().st_size
    os.truncate(path, whole - 1024)
    with path.open("ab") as file:
        file.write(rest)
    assert contents.saved_chunks(path) == [data(1)]
    container, references = contents.again(path)
    with container:
        container.write(codec.outline(container.relocated(references)))
    assert contents.saved_chunks(path) == [data(1)]
    assert path.stat().st_size == whole
    assert "blobs/lost" not in listed(path)
    index(path)


def test_an_index_that_lies_about_free_places_harms_nothing(path):
    """It names the live document, chunks, and places outside as free."""
    with made(path) as container:
        contents.save(container, [container.put(data(1, 60_000))])
    files = {file["n"]: file for file in index(path)}
    blob = next(file for name, file in files.items() if name.startswith("blobs/"))
    document, own = files["lindi.json"], files[".tar_index.json"]
    lies = [[file["o"], file["s"]] for file in (blob, document, own)]
    lies += [[blob["d"] + 512, 8192], [10**12, 8192], [513, 5], ["x", 1], None, [0, 1024]]
    raw = bytearray(path.read_bytes())
    text = json.loads(raw[own["d"] : own["d"] + own["s"]])
    text["lindi_explorer"] = {"spare": lies}
    raw[own["d"] : own["d"] + own["s"]] = json.dumps(text).encode().ljust(own["s"])
    path.write_bytes(raw)
    for _ in range(3):
        container, references = contents.again(path)
        with container:
            container.write(codec.outline(container.relocated(references)))
        assert contents.saved_chunks(path) == [data(1, 60_000)]
        index(path)


def test_free_places_that_lie_in_each_other_are_not_both_used(path):
    with made(path) as container:
        for number in range(3):
            contents.save(container, [container.put(data(1))], {"number": number})
    (own,) = [file for file in index(path) if file["n"] == ".tar_index.json"]
    raw = bytearray(path.read_bytes())
    text = json.loads(raw[own["d"] : own["d"] + own["s"]])
    at, size = text["lindi_explorer"]["spare"][0]
    inner = at + 1024
    raw[inner : inner + 512] = header(".trash/inner", size - 1024)
    text["lindi_explorer"]["spare"] = [[at, size], [inner, size - 1024]]
    raw[own["d"] : own["d"] + own["s"]] = json.dumps(text).encode().ljust(own["s"])
    path.write_bytes(raw)
    container, references = contents.again(path)
    with container:
        container.write(codec.outline(container.relocated(references)))
    assert contents.saved_chunks(path) == [data(1)]
    index(path)


def test_short_texts_do_not_take_the_places_of_long_ones(path):
    make.tar(path, make.document(generationMetadata="x" * 200_000))
    for _ in range(3):
        container, _ = contents.again(path)
        with container:
            contents.save(container, [])
        special = [file["s"] for file in index(path) if not file["n"].startswith("blobs/")]
        assert sorted(special) == [1024, 8192, 8192]


def test_a_change_by_another_program_is_noticed(path):
    with made(path) as container:
        contents.save(container, [container.put(data(1))])
        with path.open("ab") as file:
            file.write(b"x" * 512)
        before = path.read_bytes()
        with pytest.raises(StaleFileError, match="changed by another program"):
            container.put(data(2))
        with pytest.raises(StaleFileError):
            contents.save(container, [])
    assert path.read_bytes() == before


# ---------------------------------------------------------------- failures


@pytest.mark.parametrize("nth", range(1, 12))
def test_a_full_disk_at_any_write(path, monkeypatch, nth):
    with made(path) as container:
        contents.save(container, [container.put(data(1))], {"number": 0})
        contents.save(container, [container.put(data(1))], {"number": 1})
    container, _ = contents.again(path)
    real, calls = os.pwrite, []

    def fail(descriptor, part, at):
        calls.append(at)
        if len(calls) == nth:
            real(descriptor, part[: len(part) // 2], at)
            raise OSError(28, "No space left on device")
        return real(descriptor, part, at)

    saved = [data(1)]
    with container:
        monkeypatch.setattr(os, "pwrite", fail)
        try:
            contents.save(container, [container.put(data(2)), container.put(data(3))])
            saved = [data(2), data(3)]
        except OSError as error:
            assert "No space" in str(error)  # noqa: PT017 - whether it fails depends on what comes as the nth
        monkeypatch.undo()
        if calls[-1] != 512:
            assert contents.saved_chunks(path) == saved
            contents.save(container, [container.put(data(4))])
            assert contents.saved_chunks(path) == [data(4)]
            saved = [data(4)]
            index(path)
    if calls[-1] != 512:
        assert contents.saved_chunks(path) == saved
        index(path)


def test_a_chunk_that_was_written_in_part_leaves_nothing(path, monkeypatch):
    with made(path) as container:
        ref = container.put(data(1))
        real = os.pwrite

        def fail(descriptor, part, at):
            real(descriptor, part[:100], at)
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(os, "pwrite", fail)
        with pytest.raises(OSError, match="No space"):
            container.put(data(2))
        monkeypatch.undo()
        contents.save(container, [ref])
    assert data(2, 10) not in path.read_bytes()
    index(path)


def test_after_an_error_while_the_entry_was_written_nothing_is_risked(path, monkeypatch):
    with made(path) as container:
        contents.save(container, [container.put(data(1))])
        real, calls = os.fsync, []

        def fail(descriptor):
            calls.append(descriptor)
            if len(calls) == 2:
                raise OSError(5, "Input/output error")
            real(descriptor)

        monkeypatch.setattr(os, "fsync", fail)
        with pytest.raises(OSError, match="Input/output"):
            contents.save(container, [container.put(data(2))])
        monkeypatch.undo()
        with pytest.raises(TransferError, match="not known"):
            contents.save(container, [])
    assert contents.saved_chunks(path) in ([data(1)], [data(2)])
    container, _ = contents.again(path)
    with container:
        contents.save(container, [container.put(data(3))])
    assert contents.saved_chunks(path) == [data(3)]


def test_what_cannot_be_overwritten_at_once_is_the_next_time(path, monkeypatch):
    with made(path) as container:
        monkeypatch.setattr(tar_container, "trash", lambda *_: (_ for _ in ()).throw(OSError("no")))
        contents.save(container, [container.put(data(1))])
        assert contents.saved_chunks(path) == [data(1)]
        assert listed(path).count("lindi.json") == 2
        monkeypatch.undo()
    container, references = contents.again(path)
    with container:
        container.write(codec.outline(container.relocated(references)))
    assert listed(path).count("lindi.json") == 1
    assert contents.saved_chunks(path) == [data(1)]


def test_a_document_that_nobody_could_read_is_not_written(path, monkeypatch):
    with made(path) as container:
        contents.save(container, [container.put(data(1))])
        monkeypatch.setattr(tar_slots, "LARGEST_TEXT", 50_000)
        with pytest.raises(UnsupportedError, match=r"lindi\.json would take"):
            contents.save(container, [], {"text": "x" * 60_000})
        contents.save(container, [container.put(data(2))], {"text": "x" * 45_000})  # no room to grow
    assert contents.saved_chunks(path) == [data(2)]
    index(path)


def test_bytes_outside_all_members_are_refused(path):
    with made(path) as container:
        ref = container.put(data(1))
        for wrong in (ByteRange(str(path), ref.offset - 100, 10), ByteRange(str(path), 0, 10)):
            with pytest.raises(FormatError, match="in no member"):
                contents.save(container, [wrong])
        contents.save(container, [ref])
        past = ByteRange(str(path), ref.offset, ref.length + 513)
        with pytest.raises(FormatError, match="in no member"):
            contents.save(container, [past])
        assert contents.saved_chunks(path) == [data(1)]
