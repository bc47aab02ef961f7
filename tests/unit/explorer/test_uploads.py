"""Uploads from an explorer: where to, what would be done, how far it is, what came of it."""

from __future__ import annotations

import errno
import threading

import h5py
import msgspec
import numpy as np
import pytest

import lindi_explorer as lindi
from lindi_explorer.archive import instances
from lindi_explorer.archive.uploading import Upload
from lindi_explorer.errors import AccessDeniedError, CancelledByUserError, FileInUseError, TransferError
from lindi_explorer.explorer import protocol as p
from lindi_explorer.explorer.session import ExplorerSession
from lindi_explorer.remote import RetryRules
from tests.dandi.double import Double

ALICE, BOB = "a11ce" * 8, "b0b00" * 8
WAIT = 60


@pytest.fixture(scope="module")
def running_double():
    with Double() as made:
        yield made


@pytest.fixture
def double(running_double, monkeypatch, tmp_path):
    running_double.reset()
    running_double.set(validate_seconds=0)
    running_double.add_user(ALICE, "alice")
    running_double.add_user(BOB, "bob")
    monkeypatch.setenv("LINDI_EXPLORER_JOURNAL_DIR", str(tmp_path / "journals"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    for name in ("DANDI_API_KEY", "DANDI_SANDBOX_API_KEY", "EMBER_DANDI_API_KEY", instances.VARIABLE):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DOUBLE_API_KEY", ALICE)
    monkeypatch.setattr(instances, "_added", ())
    monkeypatch.setattr(Upload, "interval", 0.05)
    monkeypatch.setattr(RetryRules, "delay", lambda self, failures, _after: 0 if failures < 3 else None)
    lindi.add_dandi_instance(
        "double",
        running_double.api,
        web=running_double.api.removesuffix("/api"),
        storage=[running_double.storage],
    )
    yield running_double
    assert running_double.leaks() == []


@pytest.fixture
def session(double, tmp_path):
    """An edited file that was opened from a dandiset of alice's."""
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        file.create_dataset("data", data=np.arange(50_000.0), chunks=(10_000,))
        file.attrs["name"] = "before"
    identifier = double.add_dandiset(["alice"])
    double.put_asset(identifier, "sub-1/a.nwb", path)
    with ExplorerSession.open(f"dandi://double/{identifier}/sub-1/a.nwb") as session:
        session.file.attrs["name"] = "after"
        yield session


@pytest.fixture
def told(session):
    """Collects what every view is told; ``ended`` gives the last state of an upload."""
    return Told(session)


class Told(list):
    def __init__(self, session):
        super().__init__()
        self._changed = threading.Condition()
        session.subscribe(self.take)

    def take(self, message):
        with self._changed:
            self.append(message)
            self._changed.notify_all()

    def states(self):
        return [message for message in self if isinstance(message, p.UploadState)]

    def ended(self):
        def last():
            return next((one for one in reversed(self.states()) if one.state != "running"), None)

        with self._changed:
            assert self._changed.wait_for(lambda: last() is not None, WAIT)
        return last()


def ask(session, request):
    return session.handle(request)[0]


def plan(session, **options):
    return ask(session, p.GetUploadPlan(id="1", archive="double", dandiset="000001", **options))


def upload(**options):
    return p.StartUpload(id="2", archive="double", dandiset="000001", **options)


# ---------------------------------------------------------------- where to


def test_it_begins_with_the_archive_of_the_file_and_the_users_own_dandisets(session, double):
    double.add_dandiset(["bob"])
    double.add_dandiset(["alice", "bob"], embargo="EMBARGOED")
    found = ask(session, p.GetUploadTargets(id="1"))
    assert (found.archive, found.problem) == ("double", "")
    assert [(one.identifier, one.embargoed) for one in found.dandisets] == [
        ("000001", False),
        ("000003", True),
    ]
    assert found.dandiset == "000001"
    known = {one.name: (one.production, one.key) for one in found.archives}
    assert known == {
        "dandi": (True, False),
        "dandi-sandbox": (False, False),
        "ember-dandi": (True, False),
        "double": (False, True),
    }


def test_without_a_key_it_says_how_to_set_one(session, monkeypatch):
    monkeypatch.delenv("DOUBLE_API_KEY")
    found = ask(session, p.GetUploadTargets(id="1", archive="double"))
    assert found.dandisets == []
    assert "no API key for double" in found.problem
    assert "DOUBLE_API_KEY" in found.hint
    assert "keyring" in found.hint


def test_an_archive_that_wants_a_yes_is_never_the_first_choice(session, monkeypatch):
    monkeypatch.delenv("DOUBLE_API_KEY")
    monkeypatch.setenv("DANDI_API_KEY", BOB)
    monkeypatch.setattr("lindi_explorer.explorer.upload_targets.Browser.own_dandisets", lambda _browser: [])
    assert ask(session, p.GetUploadTargets(id="1")).archive == "dandi-sandbox"


# ---------------------------------------------------------------- what it would do


def test_a_plan_says_everything_and_sends_nothing(session, double):
    double.forget()
    found = plan(session)
    assert (found.path, found.mode, found.ready, found.exists) == (
        "sub-1/a.nwb.lindi.json",
        "inline",
        True,
        False,
    )
    assert not found.production
    titles = {finding.title: finding.level for finding in found.findings}
    assert {"API key": "ok", "Ownership": "ok", "Name": "ok"}.items() <= titles.items()
    assert titles["NWB check"] == "note"
    assert {entry["method"] for entry in double.log()} <= {"GET", "HEAD"}


def test_the_last_check_of_the_file_is_part_of_it(session):
    ask(session, p.Validate(id="1"))
    (check,) = [finding for finding in plan(session).findings if finding.title == "NWB check"]
    assert "error" in check.detail


def test_what_is_in_the_way_is_told_with_its_reason(session, monkeypatch):
    monkeypatch.setenv("DOUBLE_API_KEY", BOB)
    found = plan(session)
    assert not found.ready
    (blocked,) = [finding for finding in found.findings if finding.level == "blocked"]
    assert blocked.title == "Ownership"
    assert "bob" in blocked.detail


def test_a_file_that_is_there_is_asked_about(session, double, tmp_path):
    double.put_asset("000001", "sub-1/a.nwb.lindi.json", tmp_path / "a.h5")
    found = plan(session)
    assert (found.exists, found.ready) == (True, False)
    replace = plan(session, conflict="replace")
    assert (replace.exists, replace.ready) == (False, True)
    rename = plan(session, conflict="rename")
    assert (rename.exists, rename.ready) == (False, True)
    assert rename.path != found.path


def test_only_the_file_that_was_seen_is_agreed_to_be_replaced(session, told, double, tmp_path):
    path = "sub-1/a.nwb.lindi.json"
    first = double.put_asset("000001", path, tmp_path / "a.h5")
    seen = plan(session)
    assert (seen.exists, seen.replaces) == (True, first)
    agreed = {"conflict": "replace", "replaces": seen.replaces}
    assert plan(session, **agreed).ready
    double.fault("broken", method="POST", path="/uploads/initialize/")
    ask(session, upload(**agreed))
    failed = told.ended()
    assert (failed.code, failed.replaces) == ("transfer", first)
    double.mend()

    # A colleague is faster than Retry.
    (tmp_path / "b.h5").write_bytes((tmp_path / "a.h5").read_bytes() + b"of a colleague")
    second = double.put_asset("000001", path, tmp_path / "b.h5")
    assert second != first
    told.clear()
    ask(session, upload(conflict=failed.conflict, replaces=failed.replaces))
    assert told.ended().code == "asset-changed"
    asked = plan(session, **agreed)
    assert (asked.exists, asked.ready, asked.replaces) == (True, False, second)
    assert plan(session, conflict="replace", replaces=second).ready


def test_a_plan_says_that_nothing_was_edited(session):
    assert "Edits" not in {finding.title for finding in plan(session).findings}
    ask(session, p.Undo(id="2"))
    (note,) = [finding for finding in plan(session).findings if finding.title == "Edits"]
    assert note.level == "note"


def test_a_plan_warns_of_edits_that_wait_to_be_resumed(session):
    address = session.file.source.address
    session.close()
    with ExplorerSession.open(address) as again:
        (warning,) = [finding for finding in plan(again).findings if finding.title == "Earlier edits"]
        assert warning.level == "warning"
        assert "1 change of " in warning.detail
        ask(again, p.ResumeJournal(id="2"))
        assert "Earlier edits" not in {finding.title for finding in plan(again).findings}


# ---------------------------------------------------------------- doing it


def test_an_upload_ends_with_an_address_that_opens(session, told):
    plan(session)
    started = ask(session, upload())
    assert started.state == "running"
    done = told.ended()
    assert (done.state, done.uploaded.status, done.path) == ("done", "Valid", "sub-1/a.nwb.lindi.json")
    with lindi.LindiH5pyFile.from_lindi_file(done.uploaded.url) as file:
        assert file.attrs["name"] == "after"
        assert file["data"][49_999] == 49_999
    assert ask(session, p.GetUploadState(id="3")).uploaded == done.uploaded
    steps = [state.step for state in told.states()]
    assert steps == sorted(steps)
    assert steps[-1] == 9


def test_browsing_goes_on_meanwhile(session, told, double, monkeypatch):
    held, free = threading.Event(), threading.Event()
    run = Upload.run

    def slow(self, progress):
        held.set()
        assert free.wait(WAIT)
        return run(self, progress)

    monkeypatch.setattr(Upload, "run", slow)
    ask(session, upload())
    assert held.wait(WAIT)
    assert ask(session, p.GetNode(id="4", path="/data")).card.array.shape == [50_000]
    with pytest.raises(FileInUseError, match="is running"):
        ask(session, upload())
    free.set()
    assert told.ended().state == "done"


def test_the_journal_is_safe_after_it_and_undo_still_works(session, told):
    ask(session, upload())
    told.ended()
    assert ask(session, p.GetChanges(id="3")).changes
    ask(session, p.Undo(id="4"))
    assert session.file.attrs["name"] == "before"
    address = session.file.source.address
    session.close()
    with ExplorerSession.open(address) as again:
        assert ask(again, p.Open(id="1")).pending is None


def test_edits_made_meanwhile_are_not_taken_for_uploaded(session, told, monkeypatch):
    run = Upload.run

    def edit_meanwhile(self, progress):
        session.file.attrs["later"] = 1
        return run(self, progress)

    monkeypatch.setattr(Upload, "run", edit_meanwhile)
    ask(session, upload())
    done = told.ended()
    with lindi.LindiH5pyFile.from_lindi_file(done.uploaded.url) as file:
        assert "later" not in file.attrs
    address = session.file.source.address
    session.close()
    with ExplorerSession.open(address) as again:
        assert ask(again, p.Open(id="1")).pending.changes == 2


def test_the_views_are_told_when_what_was_uploaded_is_not_what_there_is(session, told):
    ask(session, upload())
    assert not told.ended().edited
    session.file.attrs["later"] = 1
    assert told.states()[-1].edited
    assert ask(session, p.GetUploadState(id="3")).edited
    count = len(told.states())
    session.file.attrs["later still"] = 1
    assert len(told.states()) == count, "it is told once"
    ask(session, p.Undo(id="4"))
    ask(session, p.Undo(id="5"))
    assert not told.states()[-1].edited


def test_an_edit_after_the_plan_is_uploaded_too(session, told):
    plan(session)
    session.file.attrs["name"] = "later still"
    ask(session, upload())
    with lindi.LindiH5pyFile.from_lindi_file(told.ended().uploaded.url) as file:
        assert file.attrs["name"] == "later still"


def test_a_failure_is_told_and_the_next_try_goes_on(session, told, double):
    double.fault("broken", method="POST", path="/uploads/initialize/")
    ask(session, upload())
    failed = told.ended()
    assert (failed.state, failed.code) == ("failed", "transfer")
    assert failed.hint
    double.mend()
    told.clear()
    ask(session, upload())
    assert told.ended().state == "done"


def test_what_a_failed_upload_leaves_is_listed(session, told, monkeypatch):
    noise = np.random.default_rng(0).integers(0, 255, 200_000, dtype="u1")
    session.file.create_dataset("new", data=noise, chunks=(50_000,))

    def unreadable(_steps, _blobs):
        raise TransferError("what was sent cannot be read back")

    with monkeypatch.context() as patch:
        patch.setattr("lindi_explorer.archive.steps.Steps._read_back", unreadable)
        ask(session, upload(mode="json"))
        (left,) = told.ended().left
    assert left.startswith("lindi_blobs/")
    assert ask(session, p.GetUploadState(id="3")).left == [left]
    told.clear()
    ask(session, upload(mode="json"))
    assert (told.ended().state, told.ended().left) == ("done", [])


def test_a_cancelled_upload_says_so_and_is_over(session, told, monkeypatch):
    def until_cancelled(_upload, _progress):
        from lindi_explorer.remote.cancel import current_token

        current_token().sleep(WAIT)
        current_token().check()

    run = Upload.run
    monkeypatch.setattr(Upload, "run", until_cancelled)
    ask(session, upload())
    ask(session, p.CancelUpload(id="3"))
    ended = told.ended()
    assert (ended.state, ended.code, ended.problem) == ("cancelled", "cancelled", "The upload was cancelled")
    monkeypatch.setattr(Upload, "run", run)
    told.clear()
    ask(session, upload())
    assert told.ended().state == "done"


def test_closing_the_explorer_stops_it(session, told, monkeypatch):
    def until_cancelled(_upload, _progress):
        from lindi_explorer.remote.cancel import current_token

        current_token().sleep(WAIT)
        current_token().check()

    monkeypatch.setattr(Upload, "run", until_cancelled)
    ask(session, upload())
    session.close()
    assert told.ended().state == "cancelled"


def test_an_archive_for_publications_wants_a_yes(session):
    request = p.StartUpload(id="1", archive="dandi", dandiset="000001")
    with pytest.raises(AccessDeniedError, match="for publications"):
        ask(session, request)
    assert ask(session, p.GetUploadState(id="2")).state == "none"


def test_python_waits_for_it_and_the_views_are_told(session, told):
    uploaded = session.uploads.run(upload())
    assert uploaded.status == "Valid"
    assert told.ended().uploaded.url == uploaded.url


def test_python_hears_of_a_cancel_as_an_error(session, monkeypatch):
    def cancelled(_upload, _progress):
        raise CancelledByUserError("stopped")

    monkeypatch.setattr(Upload, "run", cancelled)
    with pytest.raises(CancelledByUserError):
        session.uploads.run(upload())
    assert session.uploads.now.state == "cancelled"


def test_who_interrupts_python_has_cancelled(session, told, monkeypatch):
    def interrupted(_upload, _progress):
        raise KeyboardInterrupt

    monkeypatch.setattr(Upload, "run", interrupted)
    with pytest.raises(KeyboardInterrupt):
        session.uploads.run(upload())
    assert (told.ended().state, told.ended().problem) == ("cancelled", "The upload was cancelled")


def test_a_disk_that_is_full_is_told(session, told, monkeypatch):
    def full(*_arguments, **_options):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("lindi_explorer.staging.sent.write_atomically", full)
        ask(session, upload())
        ended = told.ended()
    assert (ended.state, ended.problem) == (
        "failed",
        "The upload stopped on this machine: no space left on device.",
    )
    assert "goes on where it was" in ended.hint
    told.clear()
    ask(session, upload())
    assert told.ended().state == "done"


def test_no_message_holds_a_key_or_a_signature(session, told, double):
    messages = [ask(session, p.GetUploadTargets(id="1")), plan(session)]
    ask(session, upload())
    told.ended()
    text = msgspec.json.encode([*messages, *told, ask(session, p.GetUploadState(id="3"))]).decode()
    assert '"upload_state"' in text
    for secret in (ALICE, BOB, "X-Amz-Signature", "Signature="):
        assert secret not in text
