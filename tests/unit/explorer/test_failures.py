"""Bad input: one clear failure each, no secrets, and the session stays usable."""

from __future__ import annotations

import json

import h5py
import msgspec
import numpy as np
import pytest

from lindi_explorer.errors import (
    AccessDeniedError,
    CancelledByUserError,
    FormatError,
    LindiError,
    MissingFileError,
    RangeNotSupportedError,
)
from lindi_explorer.explorer import protocol as p
from lindi_explorer.explorer.failures import failure_of
from lindi_explorer.explorer.session import ExplorerSession
from lindi_explorer.remote import CancelToken
from lindi_explorer.samples import Fault


def open_fails(source, journals) -> p.Failure:
    with pytest.raises(LindiError) as caught:
        ExplorerSession.open(source, journal_folder=journals)
    failure = failure_of(caught.value, "v:1")
    assert failure.id == "v:1"
    assert failure.message
    assert failure.hint
    return failure


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("missing.nwb", None, "no-file"),
        ("empty.nwb", b"", "format"),
        ("text.nwb", b"just text", "format"),
        ("page.nwb", b"<!DOCTYPE html><html>", "format"),
        ("other.lindi.json", b'{"a": 1}', "format"),
        ("broken.lindi.json", b'{"refs": {', "format"),
        ("wrong.lindi.json", b'{"refs": {".zgroup": 5}}', "format"),
    ],
)
def test_a_file_that_cannot_be_opened_is_one_clear_failure(tmp_path, journals, name, content, code):
    if content is not None:
        (tmp_path / name).write_bytes(content)
    failure = open_fails(tmp_path / name, journals)
    assert failure.code == code
    assert name in failure.message or "JSON" in failure.message or "zgroup" in failure.message


def test_half_an_hdf5_file_is_damaged(sample_nwb, tmp_path, journals):
    data = sample_nwb.read_bytes()
    (tmp_path / "half.nwb").write_bytes(data[: len(data) // 2])
    assert open_fails(tmp_path / "half.nwb", journals).code == "format"


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault(status=404), MissingFileError),
        (Fault(status=403), AccessDeniedError),
        (Fault(no_ranges=True), RangeNotSupportedError),
        (Fault(html=True), FormatError),
    ],
)
def test_a_url_that_cannot_be_opened_is_one_clear_failure(tmp_path, journals, serve, fault, error):
    with h5py.File(tmp_path / "x.nwb", "w") as file:
        file["d"] = np.random.default_rng(0).integers(0, 255, 12 << 20, "u1")
    url = serve(tmp_path, faults={"x.nwb": fault}).url("x.nwb")
    with pytest.raises(error) as caught:
        ExplorerSession.open(f"{url}?X-Amz-Signature=c0ffee", journal_folder=journals)
    failure = failure_of(caught.value)
    assert "c0ffee" not in str(failure)
    assert "x.nwb" in failure.message


def test_a_failed_request_leaves_the_session_as_it_was(edge):
    requests = [
        (p.GetNode, {"path": "/nope"}),
        (p.GetChildren, {"path": "/links/soft_dangling"}),
        (p.GetStorage, {"path": "/scalars"}),
        (p.GetJson, {"path": "/nope"}),
        (p.SetAttribute, {"path": "/nope", "name": "a", "text": "1"}),
        (p.SetValue, {"path": "/scalars/int", "text": "x"}),
        (p.CheckText, {"path": "/nope", "name": "a", "text": "1"}),
        (p.DeleteAttribute, {"path": "/scalars", "name": "nope"}),
        (p.Revert, {"changes": [99]}),
        (p.Export, {"filename": "x"}),
        (p.GetExportPlan, {"filename": "x"}),
        (p.ResumeJournal, {}),
        (p.GetPreview, {"path": "/layouts/chunked", "selection": "0:1000, :"}),
        (p.GetPreview, {"path": "/layouts/chunked", "selection": "not a selection"}),
        (p.GetCsv, {"path": "/layouts/chunked", "selection": "99, 99"}),
    ]
    for kind, members in requests:
        with pytest.raises(LindiError) as caught:
            edge.ask(kind, **members)
        failure = failure_of(caught.value, "v:1")
        assert failure.code not in ("internal", "")
        assert failure.message[0].isupper() or not failure.message[0].isalpha() or "/" in failure.message
        msgspec.json.encode(failure)
    assert edge.status().changes == 0
    assert edge.card("/scalars/int").value.text == "3"


def test_a_dataset_that_cannot_be_read_does_not_keep_the_rest_from_being_seen(explore):
    array = {
        "chunks": [10],
        "compressor": None,
        "dtype": "<i4",
        "fill_value": 0,
        "filters": [{"id": "no_such_codec"}],
        "order": "C",
        "shape": [10],
        "zarr_format": 2,
    }
    refs = {
        ".zgroup": {"zarr_format": 2},
        "bad/.zarray": array,
        "bad/0": "abc",
        "good/.zgroup": {"zarr_format": 2},
    }
    odd = {"bad_type/.zarray": array | {"dtype": "<Q9"}, "bad_fill/.zarray": array | {"fill_value": {"a": 1}}}
    asked = explore({"refs": refs | odd})
    rows = asked.rows("/")
    assert set(rows) == {"bad", "bad_fill", "bad_type", "good"}
    for row in rows.values():
        assert asked.card(row.path).row == row


def test_unexpected_errors_show_their_class_and_place_and_nothing_else(sample, monkeypatch):
    def surprise(*_args):
        raise ZeroDivisionError("https://example.org/?secret=c0ffee")

    monkeypatch.setattr("lindi_explorer.explorer.tree.row_at", surprise)
    with pytest.raises(ZeroDivisionError) as caught:
        sample.children("/")
    failure = failure_of(caught.value, "v:1")
    assert failure.code == "internal"
    assert failure.details.startswith("ZeroDivisionError in explorer/tree.py, line ")
    assert "c0ffee" not in str(failure)


def test_a_request_that_is_none_is_a_failure_too():
    with pytest.raises(msgspec.ValidationError) as caught:
        p.decode_request(json.dumps({"op": "node", "id": "1"}))
    failure = failure_of(caught.value)
    assert failure.code == "bad-request"
    assert "path" in failure.details


def test_a_cancelled_request_does_no_work(sample):
    token = CancelToken()
    token.set()
    with pytest.raises(CancelledByUserError) as caught:
        sample.session.handle(p.GetHome(id="1"), cancel=token)
    assert failure_of(caught.value).code == "cancelled"
    assert sample.ask(p.GetHome).session


def test_a_closed_file_says_so(sample):
    sample.file.close()
    with pytest.raises(LindiError, match="the file has been closed"):
        sample.open()
