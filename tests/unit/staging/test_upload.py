"""Uploading: what arrives, what is asked of the callbacks, and what never leaves this machine."""

from __future__ import annotations

import functools
import json
import os
from pathlib import Path

import pytest

from lindi_explorer.byterange import ByteRange
from lindi_explorer.errors import AccessDeniedError, ConflictError, FormatError, MissingFileError
from lindi_explorer.formats.json_file import write_json
from lindi_explorer.references import codec
from lindi_explorer.staging import upload as uploading
from lindi_explorer.staging.area import StagingArea
from lindi_explorer.staging.transfer import Uploaded
from lindi_explorer.staging.upload import upload
from tests.unit.staging.cloud import Cloud
from tests.unit.staging.hierarchies import array, chunk, contents, hierarchy, ranges

SIGNED = "https://example.org/a.h5?X-Amz-Signature=s3cret&X-Amz-Expires=60"


@pytest.fixture
def area(tmp_path):
    with StagingArea.create(dir=tmp_path / "area") as made:
        yield made


@pytest.fixture
def cloud(tmp_path):
    (tmp_path / "cloud").mkdir()
    return Cloud(tmp_path / "cloud")


@pytest.fixture
def served(tmp_path, serve):
    (tmp_path / "cloud").mkdir()
    return Cloud(tmp_path / "cloud", serve(tmp_path / "cloud"))


@pytest.fixture
def _small_files(monkeypatch):
    """Files that are put together to some 5 kB."""
    small = functools.partial(uploading.consolidate, small=4000, full=5000)
    monkeypatch.setattr(uploading, "consolidate", small)


def staged(area, count=12):
    """An array of staged chunks, some of them overwritten, and one stored as a single file."""
    chunks = {number: area.put(chunk(100 + number)) for number in range(count)}
    chunks |= {number: area.put(chunk(number)) for number in range(0, count, 2)}
    single = ByteRange(area.store_file("b/0", chunk(50)), 0, 2000)
    return hierarchy({"a": chunks, "b": {0: single}}, {"name": "x"})


def test_what_is_uploaded_is_read_by_others(area, served):
    references = staged(area)
    expected = contents(references)
    assert upload(references, area, **served.callbacks) == served.server.url("rfs.lindi.json")
    area.cleanup()
    assert contents(served.references) == expected
    assert served.references["a/0"].url == served.server.url(Path(served.blobs[0]).name)
    assert served.references.node("").attributes == {"name": "x"}


def test_the_document_leads_nowhere_on_this_machine_and_has_no_unused_template(area, served, tmp_path):
    upload(staged(area), area, **served.callbacks)
    (text,) = served.mains
    assert str(tmp_path) not in text
    document = json.loads(text)
    assert list(document["templates"].values()) == [served.server.url(Path(served.blobs[0]).name)]


def test_what_was_overwritten_is_not_uploaded(area, cloud):
    upload(staged(area), area, **cloud.callbacks)
    uploaded = b"".join(path.read_bytes() for path in cloud.folder.iterdir())
    assert chunk(0)[:500] in uploaded
    assert chunk(101)[:500] in uploaded
    assert chunk(100)[:500] not in uploaded


def test_the_callbacks_are_given_absolute_paths_and_the_document_last(area, cloud):
    order = []
    upload(
        staged(area),
        area,
        on_upload_blob=lambda path: order.append(path) or cloud.on_upload_blob(path),
        on_upload_main=lambda path: order.append(path) or cloud.on_upload_main(path),
    )
    assert all(Path(path).is_absolute() for path in order)
    assert [Path(path).name == "rfs.lindi.json" for path in order] == [False] * (len(order) - 1) + [True]


@pytest.mark.usefixtures("_small_files")
def test_each_file_is_uploaded_once_under_a_name_of_its_own(area, cloud):
    singles = {name: area.store_file(f"{name}/0.0", chunk(number)) for number, name in enumerate("cdefgh")}
    arrays = {name: {0: ByteRange(path, 0, 2000)} for name, path in singles.items()}
    references = hierarchy({"a": indices(staged(area), "a"), **arrays})
    upload(references, area, **cloud.callbacks)
    names = [Path(path).name for path in cloud.blobs]
    assert len(names) == len(set(names)) > 3
    assert contents(cloud.references) == contents(references)


def indices(references, path):
    return {index: reference for (index,), reference in references.node(path).chunks.items()}


def test_nothing_of_the_references_is_changed(area, cloud):
    references = staged(area)
    before = codec.encode(references)
    upload(references, area, **cloud.callbacks)
    assert codec.encode(references) == before
    assert contents(references) == contents(cloud.references)


def test_what_the_document_holds_besides_goes_along(area, cloud):
    extra = {"version": 1, "generationMetadata": {"by": "me"}, "refs": {"other": ["https://x.org/y", 0, 1]}}
    upload(staged(area), area, extra=extra, **cloud.callbacks)
    document = json.loads(cloud.mains[0])
    assert document["generationMetadata"] == {"by": "me"}
    assert document["refs"]["other"] == ["https://x.org/y", 0, 1]


def test_a_local_source_that_has_a_url_is_written_with_it(area, cloud, tmp_path):
    source, url = str(tmp_path / "source.h5"), "https://example.org/source.h5"
    references = hierarchy({"a": {0: area.put(chunk(0)), 1: ByteRange(source, 5, 2000)}})
    upload(references, area, addresses={source: url}, **cloud.callbacks)
    assert cloud.references["a/1"] == ByteRange(url, 5, 2000)


@pytest.mark.usefixtures("_small_files")
def test_progress_is_told_after_every_file(area, cloud):
    told = []
    upload(staged(area), area, progress=told.append, **cloud.callbacks)
    sizes = [Path(path).stat().st_size for path in cloud.blobs]
    assert told == [
        Uploaded(number + 1, len(sizes), sum(sizes[: number + 1]), sum(sizes)) for number in range(len(sizes))
    ]
    assert sum(sizes) == 13 * 2000


def test_s3_addresses_become_the_https_addresses_that_everybody_reads(area, cloud):
    upload(
        staged(area),
        area,
        on_upload_blob=lambda path: f"s3://bucket/{Path(path).name}",
        on_upload_main=cloud.on_upload_main,
        verify=False,
    )
    assert cloud.references["a/0"].url.startswith("https://bucket.s3")


def test_chunks_may_be_written_while_it_is_uploaded(area, cloud):
    references = staged(area)
    expected = contents(references)
    cloud.before = lambda path: area.put(chunk(77))
    upload(references, area, **cloud.callbacks)
    assert contents(cloud.references) == expected


# ---------------------------------------------------------------- without an area


def test_without_a_staging_area_only_the_document_is_uploaded(cloud):
    references = hierarchy({"a": {0: ByteRange("https://example.org/a.h5", 0, 7), 1: b"x"}})
    given = []
    main = lambda path: given.append(path) or cloud.on_upload_main(path)  # noqa: E731
    upload(references, None, on_upload_blob=cloud.on_upload_blob, on_upload_main=main)
    assert cloud.blobs == []
    assert contents_of_document(cloud) == codec.encode(references)["refs"]
    assert [Path(path).name for path in given] == ["rfs.lindi.json"]
    assert not Path(given[0]).exists()


def contents_of_document(cloud):
    return json.loads(cloud.mains[-1])["refs"]


def test_an_area_without_staged_chunks_is_none(area, cloud):
    references = hierarchy({"a": {0: ByteRange("https://example.org/a.h5", 0, 7)}})
    upload(references, area, **cloud.callbacks)
    assert cloud.blobs == []
    assert contents_of_document(cloud) == codec.encode(references)["refs"]


# ---------------------------------------------------------------- what stays here


def outside(tmp_path):
    """References to a file of this machine: the hierarchy, by what it is."""
    path = tmp_path / "private.h5"
    path.write_bytes(chunk(0))
    area = tmp_path / "area"
    area.mkdir(exist_ok=True)
    (area / "link").symlink_to(path)
    around = os.path.join(area, "..", "private.h5")  # noqa: PTH118 - a Path would keep `..` too
    link = {"_EXTERNAL_ARRAY_LINK": {"link_type": "hdf5_dataset", "url": str(path), "name": "/x"}}
    base = {"link": {"external": {"filename": "b.h5", "path": "/x", "base": str(path)}}}
    root = {".zgroup": {"zarr_format": 2}}
    linked = {**root, "a/.zarray": array({}).array, "a/.zattrs": link}
    based = {**root, "a/.zgroup": {"zarr_format": 2}, "a/.lindi_explorer": base}
    return {
        "a chunk": hierarchy({"a": {0: ByteRange(str(path), 0, 2000)}}),
        "a file URL": hierarchy({"a": {0: ByteRange(f"file://{path}", 0, 2000)}}),
        "a relative path": hierarchy({"a": {0: ByteRange("./private.h5", 0, 2000)}}),
        "a way around": hierarchy({"a": {0: ByteRange(around, 0, 2000)}}),
        "a link in the area": hierarchy({"a": {0: ByteRange(str(area / "link"), 0, 2000)}}),
        "a link to an array": codec.decode({"refs": linked}),
        "the base of a link": codec.decode({"refs": based}),
        "another key": hierarchy({}),
    }


KINDS = [
    *("a chunk", "a file URL", "a relative path", "a way around", "a link in the area"),
    *("a link to an array", "the base of a link", "another key"),
]


@pytest.mark.skipif(os.name == "nt", reason="links of POSIX")
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("staging", [True, False])
def test_a_file_outside_of_the_area_is_never_uploaded(tmp_path, cloud, kind, staging):
    references = outside(tmp_path)[kind]
    extra = {"refs": {"other": [str(tmp_path / "private.h5"), 0, 5]}} if kind == "another key" else None
    area = StagingArea.create(dir=tmp_path / "area") if staging else None
    name = "link" if kind == "a link in the area" else r"private\.h5"
    with pytest.raises(AccessDeniedError, match=rf"{name}.*outside of the staging area") as caught:
        upload(references, area, extra=extra, **cloud.callbacks)
    assert "copy_chunks_to_staging_area" in caught.value.hint
    assert caught.value.hint.startswith(
        "Have the chunks copied" if staging else "Open it with a staging area"
    )
    assert (cloud.blobs, cloud.mains) == ([], [])


def test_many_files_outside_are_counted_and_some_named(area, cloud):
    chunks = {number: ByteRange(f"/far/{number}.h5", 0, 2000) for number in range(50)}
    with pytest.raises(AccessDeniedError, match=r"/far/0\.h5, /far/1\.h5, /far/2\.h5 and 47 more"):
        upload(hierarchy({"a": chunks}), area, **cloud.callbacks)


def test_a_file_in_memory_is_named_as_such(area, cloud):
    with pytest.raises(AccessDeniedError, match="a file in memory"):
        upload(hierarchy({"a": {0: ByteRange("", 0, 2000)}}), area, **cloud.callbacks)


def test_an_hdf5_file_in_the_area_that_is_linked_to_is_uploaded_whole(area, cloud):
    path = area.store_file("x/0.0", chunk(0))
    link = {"_EXTERNAL_ARRAY_LINK": {"link_type": "hdf5_dataset", "url": path, "name": "/x"}}
    refs = {".zgroup": {"zarr_format": 2}, "a/.zarray": array({}).array, "a/.zattrs": link}
    upload(codec.decode({"refs": refs}), area, **cloud.callbacks)
    url = contents_of_document(cloud)["a/.zattrs"]["_EXTERNAL_ARRAY_LINK"]["url"]
    assert Path(url).read_bytes() == chunk(0)
    assert Path(url).name != "0.0"
    assert Path(url).parent == cloud.folder


def test_a_linked_file_that_is_gone_from_the_area_is_told(area, cloud):
    path = area.store_file("x/0.0", chunk(0))
    link = {"_EXTERNAL_ARRAY_LINK": {"link_type": "hdf5_dataset", "url": path, "name": "/x"}}
    refs = {".zgroup": {"zarr_format": 2}, "a/.zarray": array({}).array, "a/.zattrs": link}
    Path(path).unlink()
    with pytest.raises(MissingFileError, match="not in the staging area any more"):
        upload(codec.decode({"refs": refs}), area, **cloud.callbacks)


@pytest.mark.parametrize("staging", [True, False])
def test_signatures_in_references_are_not_published(area, cloud, staging):
    chunks = {number: ByteRange(SIGNED, number, 2000) for number in range(1, 8)}
    if staging:
        chunks[0] = area.put(chunk(0))
    upload(hierarchy({"a": chunks}), area if staging else None, **cloud.callbacks)
    assert "s3cret" not in cloud.mains[0]
    assert cloud.references["a/1"].url == "https://example.org/a.h5"
    if staging:
        record = (Path(area.directory) / ".uploaded.json").read_text()
        assert "s3cret" not in record
        assert "example.org" not in record


# ---------------------------------------------------------------- what callbacks may return


@pytest.mark.parametrize(
    ("answer", "error", "words"),
    [
        (None, TypeError, "returned NoneType"),
        (7, TypeError, "returned int"),
        ("", ValueError, "on_upload_blob returned ''"),
        ("nonsense", ValueError, "on_upload_blob returned 'nonsense'"),
        ("ftp://example.org/x", ValueError, "on_upload_blob returned"),
        (SIGNED, ValueError, "signature"),
        ("https://me:pw@example.org/x", ValueError, "signature, user"),
    ],
)
def test_an_answer_that_is_no_address_for_others_is_refused(area, cloud, answer, error, words):
    with pytest.raises(error, match=words) as caught:
        upload(staged(area), area, on_upload_blob=lambda path: answer, on_upload_main=cloud.on_upload_main)
    assert "s3cret" not in str(caught.value)
    assert ":pw@" not in str(caught.value)
    assert cloud.mains == []
    assert not (Path(area.directory) / ".uploaded.json").exists()


def test_an_answer_inside_the_area_is_refused_as_it_will_be_gone(area, cloud):
    with pytest.raises(FormatError, match="on_upload_blob returned"):
        upload(staged(area), area, on_upload_blob=lambda path: path, on_upload_main=cloud.on_upload_main)


def test_a_callback_that_moves_the_file_is_told(area, cloud):
    def move(path):
        return str(Path(path).rename(cloud.folder / "moved"))

    with pytest.raises(MissingFileError, match="out of the staging area"):
        upload(staged(area), area, on_upload_blob=move, on_upload_main=cloud.on_upload_main)
    assert cloud.mains == []


@pytest.mark.skipif(os.name == "nt", reason="names of POSIX")
def test_paths_of_any_bytes_are_noted(area, cloud, tmp_path):
    cloud.folder = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff"))
    cloud.folder.mkdir()
    for _ in range(2):
        upload(staged(area, 1), area, **cloud.callbacks)
    assert len(cloud.blobs) == 1


def test_paths_are_taken_and_made_absolute(area, cloud, monkeypatch):
    monkeypatch.chdir(cloud.folder)
    references = staged(area)
    upload(
        references,
        area,
        on_upload_blob=lambda path: Path(Path(cloud.on_upload_blob(path)).name),
        on_upload_main=cloud.on_upload_main,
    )
    monkeypatch.chdir("/")
    assert all(Path(item.url).is_absolute() for item in ranges(cloud.references))
    assert contents(cloud.references) == contents(references)


# ---------------------------------------------------------------- one at a time


def test_an_area_is_uploaded_by_one_at_a_time(area, cloud):
    references = staged(area)

    def again(path):
        with pytest.raises(ConflictError, match="is being uploaded already"):
            upload(references, area, **cloud.callbacks)
        return cloud.on_upload_blob(path)

    upload(references, area, on_upload_blob=again, on_upload_main=cloud.on_upload_main)
    assert len(cloud.blobs) == 1
    upload(references, area, **cloud.callbacks)


def test_after_the_block_there_is_nothing_to_upload(tmp_path, cloud):
    with StagingArea.create(dir=tmp_path / "area") as area:
        references = staged(area)
    with pytest.raises(ValueError, match="has been removed"):
        upload(references, area, **cloud.callbacks)
    assert not (tmp_path / "area").exists()


def test_a_damaged_record_is_told(area, cloud):
    for text in (b"[]", b'{"version": 2, "uploaded": {}}', b'{"version": 1, "uploaded": {"a": 1}}', b"\xff"):
        area.begin()
        (Path(area.directory) / ".uploaded.json").write_bytes(text)
        with pytest.raises(FormatError, match="the record of what has been uploaded"):
            upload(staged(area), area, **cloud.callbacks)
    assert cloud.blobs == []


def test_when_the_document_is_saved_all_that_it_leads_to_is_on_disk(area, cloud, monkeypatch):
    references, saved = staged(area), []
    monkeypatch.setattr(
        uploading, "write_json", lambda path, outline: saved.append(path) or write_json(path, outline)
    )
    # What an earlier part of the upload has done does not count.
    monkeypatch.setattr(uploading, "consolidate", lambda references, area: saved.append(area._blobs._file))
    with pytest.raises(AttributeError):
        upload(references, area, **cloud.callbacks)
    assert saved == [Path(area.directory) / "rfs.lindi.json", None]


def test_the_document_is_saved_before_anything_is_done_with_the_chunks(area, cloud, monkeypatch):
    def fail(*_):
        raise OSError(28, "No space left on device")

    references = staged(area)
    monkeypatch.setattr(uploading, "consolidate", fail)
    with pytest.raises(OSError, match="No space left"):
        upload(references, area, **cloud.callbacks)
    document = json.loads((Path(area.directory) / "rfs.lindi.json").read_text())
    assert contents(codec.decode(document)) == contents(references)


def test_the_saved_document_of_the_area_is_read_as_any_other(area, cloud):
    references = staged(area)
    cloud.before = lambda path: (_ for _ in ()).throw(ConnectionError)
    with pytest.raises(ConnectionError):
        upload(references, area, **cloud.callbacks)
    document = json.loads((Path(area.directory) / "rfs.lindi.json").read_text())
    assert contents(codec.decode(document)) == contents(references)
