"""pynwb's validator on files that are edited and nowhere written."""

from __future__ import annotations

import subprocess
import sys
import warnings

import h5py
import pytest

from lindi_explorer.errors import CancelledByUserError, TransferError
from lindi_explorer.h5 import open_any
from lindi_explorer.nwb.validate import Finding, validate
from lindi_explorer.remote import CancelToken

RAW = "/acquisition/raw"


@pytest.fixture
def file(sample_nwb):
    with open_any(sample_nwb) as opened:
        yield opened


def found(file) -> list[tuple[str, str, str]]:
    findings = validate(file)
    assert {finding.severity for finding in findings} <= {"error"}
    return [(finding.path, finding.attribute, finding.text) for finding in findings]


def test_a_valid_file_has_no_findings_and_stays_open(file):
    assert found(file) == []
    assert file[f"{RAW}/data"].shape == (3000, 8)
    assert found(file) == [], "it can be checked again"


def test_an_edit_in_memory_is_found_with_its_place(file):
    file[f"{RAW}/data"].attrs["unit"] = 5
    assert found(file) == [
        (f"{RAW}/data", "unit", "unit: incorrect type - expected 'text', got 'int64'"),
    ]
    file.journal.undo()
    assert found(file) == []


def test_what_is_missing_is_found_at_what_lacks_it(file):
    del file["/units"].attrs["colnames"]
    del file[f"{RAW}/starting_time"].attrs["rate"]
    assert sorted(found(file)) == [
        (f"{RAW}/starting_time", "", "rate is missing"),
        ("/units", "", "colnames is missing"),
    ]


def test_it_agrees_with_pynwb_on_the_same_file(file, sample_nwb, tmp_path):
    import pynwb

    edits = {
        f"{RAW}/data": {"resolution": "high"},
        "/units": {"colnames": 5},
        "/general/subject": {"namespace": 7},
    }
    copy = tmp_path / "copy.nwb"
    copy.write_bytes(sample_nwb.read_bytes())
    with h5py.File(copy, "r+") as plain:
        for path, attributes in edits.items():
            plain[path].attrs.update(attributes)
            file[path].attrs.update(attributes)
    with pynwb.NWBHDF5IO(copy, "r") as io:
        expected = {str(error.reason) for error in pynwb.validate(io=io)}
    assert {text.partition(": ")[2] for _, _, text in found(file)} == expected


def test_nothing_is_printed_and_no_filter_of_warnings_is_changed(file, capsys):
    before = list(warnings.filters)
    validate(file)
    assert warnings.filters == before
    assert capsys.readouterr() == ("", "")


def test_a_file_that_is_not_nwb_is_a_hint(edge_cases_h5):
    with open_any(edge_cases_h5) as file:
        (finding,) = validate(file)
    assert (finding.severity, finding.path) == ("hint", "/")
    assert "not an NWB file" in finding.text


@pytest.mark.parametrize("version", ["1.0.6", "NWB-1.0.5"])
def test_files_before_2_are_not_checked_and_say_so(tmp_path, version):
    with h5py.File(tmp_path / "old.nwb", "w") as plain:
        plain.attrs["nwb_version"] = version
    with open_any(tmp_path / "old.nwb") as file:
        (finding,) = validate(file)
    assert finding == Finding(
        "warning", f"pynwb does not check files of NWB {version}, only 2.0 and later", "/"
    )


def test_what_pynwb_cannot_make_sense_of_is_one_finding(tmp_path):
    with h5py.File(tmp_path / "x.nwb", "w") as plain:
        plain.attrs["nwb_version"] = "2.7.0"
        plain.attrs[".specloc"] = "not a reference"
    with open_any(tmp_path / "x.nwb") as file:
        (finding,) = validate(file)
    assert (finding.severity, finding.path) == ("error", "/")
    assert finding.text.startswith("pynwb cannot read this file: ")


def test_it_can_be_cancelled(file):
    token = CancelToken()
    token.set()
    with pytest.raises(CancelledByUserError):
        validate(file, cancel=token)


def test_a_read_that_fails_is_an_error_and_no_finding(file, monkeypatch):
    node = file.journal.node

    def broken(path):
        if path == "units/id":
            raise TransferError("the connection was lost", hint="Try again.")
        return node(path)

    monkeypatch.setattr(file.journal, "node", broken)
    with pytest.raises(TransferError, match="the connection was lost"):
        validate(file)


def test_pynwb_is_imported_only_when_it_is_needed():
    code = (
        "import sys, lindi_explorer.nwb.validate; sys.exit('pynwb' in sys.modules or 'hdmf' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.corpus("real/*.nwb")
def test_real_files_are_checked_without_an_accident(corpus_file):
    with open_any(corpus_file) as file:
        for finding in validate(file):
            assert file[finding.path] is not None
            assert finding.text
