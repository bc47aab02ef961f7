"""Uploads that fail and are begun again, and looking whether what was uploaded arrived."""

from __future__ import annotations

import functools
import json
from collections import Counter
from pathlib import Path

import pytest

from lindi_explorer.errors import MissingFileError, RangeNotSupportedError, TransferError
from lindi_explorer.references import codec
from lindi_explorer.samples.serve import Fault
from lindi_explorer.staging import upload as uploading
from lindi_explorer.staging import verify
from lindi_explorer.staging.area import StagingArea
from lindi_explorer.staging.record import digest_of
from lindi_explorer.staging.upload import upload
from tests.unit.staging.cloud import Cloud
from tests.unit.staging.hierarchies import chunk, contents, hierarchy

LARGE = 3 << 20
"""More than the first request to a file brings."""


@pytest.fixture
def area(tmp_path):
    with StagingArea.create(dir=tmp_path / "area") as made:
        yield made


@pytest.fixture
def cloud(tmp_path, serve):
    (tmp_path / "cloud").mkdir()
    return Cloud(tmp_path / "cloud", serve(tmp_path / "cloud", latency_ms=0))


@pytest.fixture
def _small_files(monkeypatch):
    """Files that are put together to some 5 kB."""
    small = functools.partial(uploading.consolidate, small=4000, full=5000)
    monkeypatch.setattr(uploading, "consolidate", small)


def staged(area, count=12):
    """An array of staged chunks, between which others lie that are not in use any more."""
    put = [(area.put(chunk(100 + number)), area.put(chunk(number))) for number in range(count)]
    return hierarchy({"a": {number: reference for number, (_, reference) in enumerate(put)}})


def resumed(area):
    """What another process finds in an area that was left behind."""
    again = StagingArea.create(dir=area.directory)
    document = json.loads((Path(area.directory) / "rfs.lindi.json").read_text())
    return codec.decode(document), again


def fail_at(cloud, number):
    """Have the callback raise an error instead of its n-th upload."""
    error = ConnectionError("no connection")

    def before(path):
        if len(cloud.blobs) == number:
            cloud.before = lambda path: None
            raise error

    cloud.before = before
    return error


@pytest.mark.usefixtures("_small_files")
@pytest.mark.parametrize("resume", [False, True])
@pytest.mark.parametrize("number", range(4))
def test_after_an_error_of_the_callback_only_the_rest_is_uploaded(area, cloud, number, resume):
    references = staged(area)
    expected = contents(references)
    error = fail_at(cloud, number)
    with pytest.raises(ConnectionError) as caught:
        upload(references, area, **cloud.callbacks)
    assert caught.value is error
    assert len(cloud.blobs) == number
    assert cloud.mains == []
    references, again = resumed(area) if resume else (references, area)
    upload(references, again, **cloud.callbacks)
    assert list(Counter(map(digest, cloud.blobs)).values()) == [1, 1, 1, 1]
    assert contents(cloud.references) == expected


def digest(path):
    return digest_of(Path(path))


@pytest.mark.parametrize("resume", [False, True])
def test_after_an_error_with_the_document_no_blob_is_uploaded_again(area, cloud, resume):
    references = staged(area)

    def fail(path):
        raise ConnectionError("no connection")

    with pytest.raises(ConnectionError):
        upload(references, area, on_upload_blob=cloud.on_upload_blob, on_upload_main=fail)
    references, again = resumed(area) if resume else (references, area)
    upload(references, again, **cloud.callbacks)
    assert len(cloud.blobs) == 1
    assert contents(cloud.references) == contents(references)


@pytest.mark.usefixtures("_small_files")
def test_after_an_edit_only_what_is_new_is_uploaded(area, cloud):
    chunks = {number: area.put(chunk(number)) for number in range(6)}
    upload(hierarchy({"a": chunks}), area, **cloud.callbacks)
    before = len(cloud.blobs)
    chunks |= {number: area.put(chunk(number)) for number in range(6, 9)}
    upload(hierarchy({"a": chunks}), area, **cloud.callbacks)
    assert before == 1
    assert [Path(path).stat().st_size for path in cloud.blobs] == [12_000, 6_000]
    assert contents(cloud.references) == contents(hierarchy({"a": chunks}))


# ---------------------------------------------------------------- looking whether it arrived


def damaged(cloud, damage):
    """A callback after which the uploaded file is damaged: ``damage(data) -> data``."""

    def on_upload_blob(path):
        answer = cloud.on_upload_blob(path)
        target = cloud.folder / Path(path).name
        target.write_bytes(damage(target.read_bytes()))
        return answer

    return on_upload_blob


def flipped(at):
    def damage(data):
        place = at if at >= 0 else len(data) + at
        return data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]

    return damage


DAMAGES = {
    "cut off": lambda data: data[:-1],
    "too long": lambda data: data + b"\0",
    "the first byte": flipped(0),
    "in the middle": flipped(LARGE // 2 + 5),
    "the last byte": flipped(-1),
}


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("small", [False, True])
@pytest.mark.parametrize("served", [False, True])
def test_what_was_damaged_on_its_way_is_noticed(area, cloud, monkeypatch, damage, small, served):
    if not small:
        monkeypatch.setattr(verify, "WHOLE", 1000)
    if not served:
        cloud.server = None
    references = hierarchy({"a": {0: area.put(chunk(0, LARGE))}})
    with pytest.raises(TransferError, match="is not what was to be uploaded"):
        upload(
            references,
            area,
            on_upload_blob=damaged(cloud, DAMAGES[damage]),
            on_upload_main=cloud.on_upload_main,
        )
    assert cloud.mains == []
    # Once it is right, it is right.
    upload(references, area, **cloud.callbacks)
    assert len(cloud.blobs) == 2
    assert contents(cloud.references) == {("a", (0,)): chunk(0, LARGE)}


@pytest.mark.parametrize("served", [False, True])
def test_a_small_or_local_file_is_compared_to_the_last_byte(area, cloud, monkeypatch, served):
    if not served:
        cloud.server = None
        monkeypatch.setattr(verify, "WHOLE", 1000)
    with pytest.raises(TransferError):
        upload(
            hierarchy({"a": {0: area.put(chunk(0, LARGE))}}),
            area,
            on_upload_blob=damaged(cloud, flipped(1_234_567)),
            on_upload_main=cloud.on_upload_main,
        )


def test_looking_can_be_left_out(area, cloud):
    references = hierarchy({"a": {0: area.put(chunk(0))}})
    upload(
        references,
        area,
        on_upload_blob=lambda path: "https://nowhere.invalid/x",
        on_upload_main=cloud.on_upload_main,
        verify=False,
    )
    assert cloud.references["a/0"].url == "https://nowhere.invalid/x"


def test_a_url_without_a_file_is_told_and_tried_again(area, cloud):
    references = staged(area)
    with pytest.raises(MissingFileError):
        upload(
            references,
            area,
            on_upload_blob=lambda path: cloud.server.url("nothing"),
            on_upload_main=cloud.on_upload_main,
        )
    upload(references, area, **cloud.callbacks)
    assert contents(cloud.references) == contents(references)


def test_a_server_that_sends_whole_files_only_is_told(area, cloud):
    cloud.before = lambda path: cloud.server.fault(Path(path).name, Fault(no_ranges=True))
    with pytest.raises(RangeNotSupportedError):
        upload(hierarchy({"a": {0: area.put(chunk(0, LARGE))}}), area, **cloud.callbacks)
    assert cloud.mains == []


def test_what_was_not_reached_for_looking_is_not_uploaded_again(area, cloud):
    references = staged(area)
    cloud.before = lambda path: cloud.server.fault(Path(path).name, Fault(status=403))
    with pytest.raises(PermissionError):
        upload(references, area, **cloud.callbacks)
    cloud.server.fault(Path(cloud.blobs[0]).name)
    upload(references, area, **cloud.callbacks)
    assert len(cloud.blobs) == 1
    assert contents(cloud.references) == contents(references)


def test_what_has_vanished_since_is_uploaded_again(area, cloud):
    references = staged(area)
    upload(references, area, **cloud.callbacks)
    for path in cloud.folder.iterdir():
        path.unlink()
    upload(references, area, **cloud.callbacks)
    assert len(cloud.blobs) == 2
    assert contents(cloud.references) == contents(references)
