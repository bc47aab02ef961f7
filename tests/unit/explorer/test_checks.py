"""The check: its result counts for the edits it was made of, and no others."""

from __future__ import annotations

import pytest

from lindi_explorer.errors import CancelledByUserError
from lindi_explorer.explorer import protocol as p
from lindi_explorer.remote import CancelToken

DATA = "/acquisition/raw/data"


def test_findings_show_in_status_rows_and_attributes_until_the_next_edit(sample):
    assert sample.status().check == "unchecked"
    assert sample.ask(p.Validate).status.check == "valid"
    sample.set(DATA, "resolution", "high", "utf-8")
    assert sample.status().check == "unchecked"
    answer = sample.ask(p.Validate)
    (finding,) = answer.findings
    assert (finding.severity, finding.path, finding.source) == ("error", DATA, "pynwb.validate")
    assert (answer.status.check, answer.status.errors) == ("findings", 1)
    assert sample.attributes(DATA)["resolution"].finding == "error"
    assert sample.attributes(DATA)["resolution"].finding_text == finding.text
    assert sample.rows("/acquisition/raw")["data"].finding == "error"
    assert sample.rows("/acquisition")["raw"].finding_below == "error"
    sample.set(DATA, "note", "x")
    assert sample.status().check == "unchecked"
    assert sample.rows("/acquisition/raw")["data"].finding == ""
    sample.ask(p.Undo)
    assert sample.status().check == "findings", "the edits are those that were checked"


def test_an_edit_while_checking_makes_the_result_stale(sample, monkeypatch):
    from lindi_explorer.explorer import checks

    real = checks.validate

    def slow(file, **options):
        found = real(file, **options)
        file[DATA].attrs["note"] = "typed meanwhile"
        return found

    monkeypatch.setattr(checks, "validate", slow)
    assert sample.ask(p.Validate).status.check == "unchecked"


def test_views_hear_that_it_runs_and_what_it_found(sample, monkeypatch):
    heard = []
    sample.session.subscribe(heard.append)
    sample.ask(p.Validate)
    assert [(type(message), message.status.check) for message in heard] == [
        (p.StatusChanged, "checking"),
        (p.Findings, "valid"),
    ]
    monkeypatch.setattr(
        "lindi_explorer.explorer.checks.validate",
        lambda *_args, **_options: (_ for _ in ()).throw(RuntimeError),
    )
    with pytest.raises(RuntimeError):
        sample.ask(p.Validate)
    assert heard[-1].status.check == "valid", "the last result still belongs to the edits"


def test_a_check_can_be_cancelled(sample, monkeypatch):
    token = CancelToken()
    from lindi_explorer.explorer import checks

    real = checks.validate

    def cancelled_meanwhile(file, *, cancel):
        cancel.set()
        return real(file, cancel=cancel)

    monkeypatch.setattr(checks, "validate", cancelled_meanwhile)
    with pytest.raises(CancelledByUserError):
        sample.session.handle(p.Validate(id="1"), cancel=token)
    assert sample.status().check == "unchecked"


def test_a_file_that_is_not_nwb_gets_a_hint(edge):
    answer = edge.ask(p.Validate)
    assert [finding.severity for finding in answer.findings] == ["hint"]
    assert (answer.status.errors, answer.status.warnings) == (0, 0)
    assert edge.open().root.finding == ""
