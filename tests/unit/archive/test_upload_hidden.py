"""Bytes that the archive has already under an embargo: putting them where all can see them would end it."""

from __future__ import annotations

import pytest

import lindi_explorer as lindi
from lindi_explorer.archive import hidden, instances
from lindi_explorer.errors import AccessDeniedError, TransferError
from lindi_explorer.remote import RangeReader
from tests.dandi.asking import ask
from tests.unit.archive.conftest import ALICE
from tests.unit.archive.in_the_way import document, found

DOCUMENT = "sub-1/a.nwb.lindi.json"


@pytest.fixture
def secret(desk):
    """The same edits under embargo: a blob, a document and a patch; path -> asset."""
    with desk.edited() as file:
        desk.prepare(file, mode="json", dandiset=desk.assets.closed_set).run()
    there = desk.listed(desk.assets.closed_set)
    assert all(desk.double.describe(asset)["embargoed"] for asset in there.values())
    return there


def test_the_double_ends_an_embargo_as_the_archive_does(desk, secret):
    (path,) = [path for path in secret if path.startswith("lindi_blobs/")]
    blob = desk.api(f"/assets/{secret[path]}/info/")["blob"]
    metadata = {"path": "x", "schemaKey": "Asset", "encodingFormat": "x/y"}
    route = f"{desk.double.api}/dandisets/{desk.assets.open_set}/versions/draft/assets/"
    assert ask("POST", route, {"metadata": metadata, "blob_id": blob}, token=ALICE).status == 200
    assert not desk.double.describe(secret[path])["embargoed"]


def test_they_are_not_put_where_all_can_see_them(desk, secret):
    before = desk.listed()
    with desk.edited() as file, pytest.raises(AccessDeniedError) as raised:
        desk.prepare(file, mode="json").run()
    assert "double has the bytes of lindi_blobs/" in raised.value.message
    assert f"would end if they were put into dandiset {desk.assets.open_set}" in raised.value.message
    assert "a dandiset under embargo" in raised.value.hint
    assert all(desk.double.describe(asset)["embargoed"] for asset in secret.values())
    assert desk.listed() == before
    # Whoever changes them uploads other bytes.
    with desk.edited() as file:
        file["new"][:5] = 1
        assert desk.prepare(file, mode="json").run().status == "Valid"
    assert all(desk.double.describe(asset)["embargoed"] for asset in secret.values())


def test_they_are_found_out_when_somebody_was_faster(desk, monkeypatch):
    # Both send the same bytes; the upload under embargo is through before the other one is validated.
    def told(progress):
        if progress.step == 4 and progress.done == progress.total and not there:
            there.append(1)
            with desk.edited() as theirs:
                desk.prepare(theirs, mode="json", dandiset=desk.assets.closed_set).run()

    there: list[int] = []
    with desk.edited() as file, pytest.raises(AccessDeniedError, match="under an embargo"):
        desk.prepare(file, mode="json").run(told)
    assert all(
        desk.double.describe(asset)["embargoed"] for asset in desk.listed(desk.assets.closed_set).values()
    )


def test_under_embargo_they_are_used_again(desk, secret):
    other = desk.double.add_dandiset(["alice"], embargo="EMBARGOED")
    desk.double.forget()
    with desk.edited() as file:
        done = desk.prepare(file, mode="json", dandiset=other).run()
    assert done.status == "Valid"
    assert done.sent < done.size + 1_300_000
    everything = [*secret.values(), *desk.listed(other).values()]
    assert all(desk.double.describe(asset)["embargoed"] for asset in everything)


def test_open_bytes_are_used_again_and_own_ones_not_asked_about(desk, monkeypatch):
    asked = []
    refuse = hidden.refuse_hidden
    monkeypatch.setattr(
        "lindi_explorer.archive.sending.refuse_hidden", lambda *one: (asked.append(one[2]), refuse(*one))
    )
    other = desk.double.add_dandiset(["alice"])
    with desk.edited() as file:
        desk.prepare(file, mode="json").run()
        assert asked == []
        file.attrs["note"] = "the document is another one, even within the same second"
        desk.prepare(file, mode="json", dandiset=other).run()
    assert [path.partition("/")[0] for path in asked] == ["lindi_blobs"]


def test_a_storage_that_lets_nobody_in_says_nothing(desk, monkeypatch):
    def refuse(self, byte_range, **_options):
        raise AccessDeniedError("nobody gets in")

    with desk.edited() as file:
        desk.prepare(file, mode="json").run()
    other = desk.double.add_dandiset(["alice"])
    with desk.edited() as file:
        prepared = desk.prepare(file, mode="json", dandiset=other)
        with monkeypatch.context() as patch:
            patch.setattr(hidden, "RangeReader", type("Shut", (RangeReader,), {"read_now": refuse}))
            assert prepared.run().status == "Valid"


def test_of_archives_that_all_know_the_storage_is_known(desk, monkeypatch):
    read = []

    def answer(self, byte_range, **_options):
        read.append(byte_range.url)
        raise AccessDeniedError("denied") if len(read) == 1 else TransferError("no answer")

    monkeypatch.setattr(hidden.RangeReader, "read_now", answer)
    blob = "0a1b2c3d-62be-4b8b-a0ce-05c1decfe3ad"
    with hidden.Writer(instances.instance_named("ember"), "000001") as writer:
        with pytest.raises(AccessDeniedError, match="ember-dandi has the bytes of x already"):
            hidden.refuse_hidden(writer, blob, "x")
        hidden.refuse_hidden(writer, blob, "x")
    assert read == [f"https://ember-open-data.s3.amazonaws.com/blobs/0a1/b2c/{blob}"] * 2


# ---------------------------------------------------------------- sources that only this computer can read


def test_a_source_that_is_read_with_help_of_this_computer_is_no_open_one(desk):
    plain = desk.double.describe(desk.assets.secret)["unsigned_url"]

    def signed(url):
        if url != plain:
            return url
        return ask("GET", desk.double.download_url(desk.assets.secret), token=ALICE).headers["location"]

    lindi.add_additional_url_resolver(signed)
    try:
        with document(desk, data=plain) as file:
            prepared = desk.prepare(file, path="x.lindi.json")
            assert found(prepared, "Embargo")[0] == "blocked"
            prepared = desk.prepare(file, path="x.lindi.json", dandiset=desk.assets.closed_set)
            assert found(prepared, "Embargo")[0] == "ok"
        with document(desk, data=desk.double.describe(desk.assets.h5)["unsigned_url"]) as file:
            assert found(desk.prepare(file, path="x.lindi.json"), "Embargo")[0] == "ok"
    finally:
        lindi.remove_additional_url_resolver(signed)
