"""Exports: where they go, what they refuse, and what they never carry."""

from __future__ import annotations

import io
import json

import h5py
import numpy as np
import pytest

from lindi_explorer.errors import (
    AccessDeniedError,
    CancelledByUserError,
    ConflictError,
    FormatError,
    LindiError,
    MissingFileError,
    UnsupportedError,
)
from lindi_explorer.explorer import protocol as p
from lindi_explorer.references.secrets import without_secret
from lindi_explorer.remote import CancelToken


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The working folder of the kernel."""
    place = tmp_path / "work"
    place.mkdir()
    monkeypatch.chdir(place)
    return place


def export(asked, filename="out.nwb.lindi.json", **options) -> p.Exported:
    return asked.ask(p.Export, filename=filename, **{"local_paths": True, **options})


def test_an_export_goes_to_the_working_folder_under_a_name_made_from_the_source(sample, folder):
    plan = sample.ask(p.GetExportPlan)
    assert plan.filename == "sample.nwb.lindi.json"
    assert plan.exists is False
    assert plan.local_references > 0
    exported = export(sample, plan.filename)
    assert exported.filename == plan.filename
    assert exported.bytes == plan.bytes == (folder / plan.filename).stat().st_size
    assert sample.ask(p.GetExportPlan).exists is True


def test_the_document_is_canonical(sample, folder):
    export(sample)
    text = (folder / "out.nwb.lindi.json").read_text(encoding="ascii")
    assert text == json.dumps(json.loads(text), indent=2, sort_keys=True)


@pytest.mark.parametrize(
    ("name", "default"),
    [
        ("a.nwb", "a.nwb.lindi.json"),
        ("a.h5", "a.nwb.lindi.json"),
        ("a.b.hdf5", "a.b.nwb.lindi.json"),
        ("plain", "plain.nwb.lindi.json"),
    ],
)
def test_the_default_name_keeps_the_stem(explore, folder, tmp_path, name, default):
    with h5py.File(tmp_path / name, "w") as file:
        file.attrs["nwb_version"] = "2.7.0"
    assert explore(tmp_path / name).ask(p.GetExportPlan).filename == default


def test_a_file_that_is_not_nwb_is_not_called_nwb(edge, folder):
    assert edge.ask(p.GetExportPlan).filename == "edge_cases.lindi.json"


def test_the_source_itself_is_never_written(sample, explore, folder):
    export(sample, "x.nwb.lindi.json")
    again = explore(folder / "x.nwb.lindi.json")
    before = (folder / "x.nwb.lindi.json").read_bytes()
    assert again.ask(p.GetExportPlan).filename == "x.edited.nwb.lindi.json"
    again.set("/acquisition/raw/data", "unit", "mV")
    with pytest.raises(ConflictError, match="the file that is open"):
        export(again, "x.nwb.lindi.json", replace=True)
    (folder / "link.nwb.lindi.json").symlink_to(folder / "x.nwb.lindi.json")
    with pytest.raises(ConflictError, match="the file that is open"):
        export(again, "link.nwb.lindi.json", replace=True)
    assert (folder / "x.nwb.lindi.json").read_bytes() == before


def test_another_file_is_replaced_only_on_request(sample, folder):
    (folder / "out.nwb.lindi.json").write_text("precious")
    with pytest.raises(ConflictError, match=r"out\.nwb\.lindi\.json exists already") as caught:
        export(sample)
    assert "agree to replace it" in caught.value.hint
    assert (folder / "out.nwb.lindi.json").read_text() == "precious"
    export(sample, replace=True)
    assert (folder / "out.nwb.lindi.json").read_text().startswith("{")


@pytest.mark.parametrize(
    ("filename", "error", "message"),
    [
        ("out.nwb", FormatError, r"ends with \.lindi\.json"),
        ("out.json", FormatError, r"ends with \.lindi\.json"),
        (".lindi.json", FormatError, r"ends with \.lindi\.json"),
        ("", FormatError, r"ends with \.lindi\.json"),
        ("nowhere/out.lindi.json", MissingFileError, "its folder does not exist"),
        ("folder.lindi.json", ConflictError, "is a folder"),
    ],
)
def test_names_that_cannot_be_written_are_refused_with_advice(sample, folder, filename, error, message):
    (folder / "folder.lindi.json").mkdir()
    with pytest.raises(error, match=message) as caught:
        export(sample, filename)
    assert caught.value.hint
    if filename:
        with pytest.raises(error, match=message):
            sample.ask(p.GetExportPlan, filename=filename)
    assert [path.name for path in folder.iterdir()] == ["folder.lindi.json"]
    assert sample.open().root.children > 0


def test_a_folder_that_may_not_be_written_to_is_a_clear_failure(sample, folder, monkeypatch):
    def refuse(*_args):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("lindi_explorer.explorer.export.write_atomically", refuse)
    with pytest.raises(AccessDeniedError, match="cannot be written: permission denied"):
        export(sample)

    def full(*_args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("lindi_explorer.explorer.export.write_atomically", full)
    with pytest.raises(LindiError, match="no space left on device"):
        export(sample)


def test_references_to_this_machine_are_written_only_on_request(sample, folder, sample_nwb):
    with pytest.raises(AccessDeniedError, match="files of this machine"):
        export(sample, local_paths=False)
    assert list(folder.iterdir()) == []
    export(sample)
    assert str(sample_nwb) in (folder / "out.nwb.lindi.json").read_text()


def test_a_remote_file_is_exported_without_asking(explore, sample_nwb, serve, folder):
    asked = explore(serve(sample_nwb.parent).url("sample.nwb"))
    plan = asked.ask(p.GetExportPlan)
    assert (plan.filename, plan.local_references) == ("sample.nwb.lindi.json", 0)
    export(asked, plan.filename, local_paths=False)
    again = explore(folder / plan.filename)
    assert np.array_equal(again.file["/acquisition/raw/data"][:2], asked.file["/acquisition/raw/data"][:2])


def test_a_signed_link_is_never_written(explore, sample_nwb, serve, folder):
    url = serve(sample_nwb.parent).url("sample.nwb")
    signed = f"{url}?X-Amz-Credential=someone&X-Amz-Signature=c0ffee"
    asked = explore(signed)
    opened = asked.open()
    assert "c0ffee" not in str(opened)
    export(asked, local_paths=False)
    text = (folder / "out.nwb.lindi.json").read_text()
    assert "c0ffee" not in text
    assert url in text


def test_secrets_in_templates_and_links_are_taken_out(explore, folder):
    array = {
        "chunks": [1],
        "compressor": None,
        "dtype": "<i4",
        "fill_value": 0,
        "filters": None,
        "order": "C",
        "shape": [6],
        "zarr_format": 2,
    }
    signed = "https://me:pw@example.org/a.h5?Signature=c0ffee&Expires=1"
    link = {"link_type": "hdf5_dataset", "name": "d", "url": signed}
    refs = {
        ".zgroup": {"zarr_format": 2},
        "d/.zarray": array,
        "e/.zarray": array,
        "e/.zattrs": {"_EXTERNAL_ARRAY_LINK": link},
        **{f"d/{number}": ["{{u}}", number * 4, 4] for number in range(6)},
    }
    asked = explore({"refs": refs, "templates": {"u": signed}})
    export(asked, local_paths=False)
    document = json.loads((folder / "out.nwb.lindi.json").read_text())
    assert "c0ffee" not in str(document)
    assert "pw" not in str(document)
    assert list(document["templates"].values()) == ["https://example.org/a.h5"]
    assert document["refs"]["e/.zattrs"]["_EXTERNAL_ARRAY_LINK"]["url"] == "https://example.org/a.h5"
    # The file that is open still reads with its own link.
    assert asked.file.to_reference_file_system()["templates"] == {"u1": signed} or signed in str(
        asked.file.to_reference_file_system()["templates"]
    )


def test_where_an_external_link_is_looked_for_is_an_address_too(explore, folder, tmp_path, serve):
    with h5py.File(tmp_path / "x.h5", "w") as file:
        file["elsewhere"] = h5py.ExternalLink("other.h5", "/data")
    local = explore(tmp_path / "x.h5")
    with pytest.raises(AccessDeniedError, match="files of this machine"):
        export(local, local_paths=False)
    url = serve(tmp_path).url("x.h5")
    remote = explore(f"{url}?X-Amz-Signature=c0ffee")
    export(remote, local_paths=False)
    assert "c0ffee" not in (folder / "out.nwb.lindi.json").read_text()
    assert "c0ffee" not in remote.ask(p.GetJson, path="/elsewhere").text
    assert "other.h5" in remote.ask(p.GetJson, path="/elsewhere").text


@pytest.mark.parametrize(
    ("url", "clean"),
    [
        ("https://example.org/a.nwb", "https://example.org/a.nwb"),
        ("https://example.org/a.nwb?versionId=abc", "https://example.org/a.nwb?versionId=abc"),
        ("https://user:pw@example.org/a.nwb#x", "https://example.org/a.nwb"),
        ("https://example.org/a?X-Amz-Signature=s&versionId=1", "https://example.org/a"),
        ("https://example.org/a?sv=2022&sig=s", "https://example.org/a"),
        ("https://example.org/a?access_token=s", "https://example.org/a"),
        ("https://example.org/a?API-KEY=s", "https://example.org/a"),
        ("https://example.org/a?AWSAccessKeyId=s&Expires=1", "https://example.org/a"),
        ("/home/me/a.nwb?x=1", "/home/me/a.nwb?x=1"),
    ],
)
def test_a_query_stays_unless_it_holds_a_secret(url, clean):
    assert without_secret(url) == clean


def test_what_exists_in_memory_only_cannot_be_exported_where_data_would_be_lost(explore, folder):
    file = h5py.File(io.BytesIO(), "w")
    file["small"] = 1
    asked = explore(file)
    export(asked, "small.lindi.json")
    file.create_dataset("large", data=np.zeros(5000), chunks=(500,))
    with pytest.raises(UnsupportedError, match="exists in memory only"):
        export(explore(file), "large.lindi.json")
    asked.session.close()
    file.close()


def test_planning_can_be_cancelled_and_tells_how_far_it_is(sample, folder, monkeypatch):
    monkeypatch.setattr("lindi_explorer.explorer.state._TELL_EVERY", 0)
    told, token = [], CancelToken()

    def progress(message):
        told.append(message)
        if len(told) == 5:
            token.set()

    with pytest.raises(CancelledByUserError):
        sample.session.handle(p.GetExportPlan(id="v:1"), cancel=token, progress=progress)
    assert [message.id for message in told] == ["v:1"] * 5
    assert told[-1].words.startswith("Indexing ")
    assert sample.ask(p.GetExportPlan).bytes > 0
