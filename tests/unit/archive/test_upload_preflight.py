"""What is found out before anything is sent: who asks, and what is at the path."""

from __future__ import annotations

import json

import pytest

import lindi_explorer as lindi
from lindi_explorer.archive import instances
from lindi_explorer.archive.paths import require_path
from lindi_explorer.archive.uploading import prepare
from lindi_explorer.errors import (
    AccessDeniedError,
    AssetChangedError,
    AssetExistsError,
    FormatError,
    MissingFileError,
    TransferError,
)
from lindi_explorer.h5 import open_any
from tests.unit.archive.conftest import ALICE, BOB, STALE
from tests.unit.archive.in_the_way import blocked, found

DOCUMENT = "sub-1/a.nwb.lindi.json"


def test_all_is_well(desk):
    with desk.edited() as file:
        prepared = desk.prepare(file)
    preflight = prepared.preflight
    assert preflight.ready
    assert (preflight.instance, preflight.dandiset) == ("double", desk.assets.open_set)
    assert (preflight.account, preflight.embargoed, preflight.replaces) == ("alice", False, None)
    assert [(one.level, one.title) for one in preflight.findings] == [
        ("ok", "Archive"),
        ("ok", "API key"),
        ("ok", "Ownership"),
        ("ok", "Embargo"),
        ("ok", "Name"),
        ("ok", "References"),
        ("warning", "Durability"),
        ("ok", "Size"),
        ("ok", "Patch"),
    ]
    lines = preflight.summary().splitlines()
    assert lines[0].startswith(f"Upload to {DOCUMENT} of dandiset {desk.assets.open_set} on double: ")
    assert "  warning Durability  the source is a draft" in preflight.summary()
    assert desk.listed().keys() == {"sub-1/a.nwb"}
    methods = {entry["method"] for entry in desk.double.log()}
    assert methods == {"GET"}


def test_the_address_of_the_api_names_the_archive_as_well(desk):
    with desk.edited() as file:
        assert desk.prepare(file, instance=f"{desk.double.api}/").preflight.ready


def test_publications_make_links_last(desk):
    desk.double.publish(desk.assets.open_set)
    with desk.edited() as file:
        assert found(desk.prepare(file), "Durability")[0] == "ok"


def test_arguments_that_are_none(desk):
    with desk.edited() as file:
        with pytest.raises(FormatError, match="no number of a dandiset"):
            prepare(file, "3", instance="double")
        for odd in ("DANDI:000003", "https://dandiarchive.org/dandiset/000003/draft?token=abc", " 000003"):
            with pytest.raises(FormatError, match="no number of a dandiset") as raised:
                prepare(file, odd, instance="double")
            assert raised.value.hint == "Did you mean '000003'?"
            assert "abc" not in str(raised.value)
        for odd in (3, None, "", "0000003", "\u0661\u0662\u0663\u0664\u0665\u0666", "000001 or 000002"):
            with pytest.raises(FormatError, match="no number of a dandiset") as raised:
                prepare(file, odd, instance="double")
            assert raised.value.hint == "It is a text of six digits: '000123'."
        with pytest.raises(FormatError, match="There is no DANDI instance"):
            prepare(file, "000001", instance="nowhere")
        with pytest.raises(ValueError, match="mode is one of"):
            prepare(file, "000001", instance="double", mode="best")


# ---------------------------------------------------------------- who


def test_without_a_key(desk, monkeypatch):
    monkeypatch.delenv("DOUBLE_API_KEY")
    with desk.edited() as file:
        prepared = desk.prepare(file)
        assert found(prepared, "API key")[0] == "blocked"
        assert "DOUBLE_API_KEY" in found(prepared, "API key")[1]
        assert prepared.preflight.account is None
        with pytest.raises(AccessDeniedError, match="no API key for double"):
            prepared.run()


def test_a_key_of_elsewhere(desk, key):
    with desk.edited() as file:
        key(STALE)
        said = blocked(desk, file, "API key", AccessDeniedError)
    assert said.startswith("API key not accepted by double; sandbox and production keys differ.")


def test_an_account_that_is_not_approved(desk, key):
    desk.double.add_user("c4401" * 8, "carla", "PENDING")
    with desk.edited() as file:
        key("c4401" * 8)
        said = blocked(desk, file, "API key", AccessDeniedError)
    assert said.startswith("Your account carla on double is not approved: it is pending.")


def test_somebody_who_owns_it_not(desk, key):
    with desk.edited() as file:
        key(BOB)
        said = blocked(desk, file, "Ownership", AccessDeniedError)
    assert said.startswith(f"Your account bob is not an owner of dandiset {desk.assets.open_set} on double")


def test_a_dandiset_that_is_not_there(desk):
    with desk.edited() as file:
        prepared = desk.prepare(file, dandiset="000099")
        level, said = found(prepared, "Ownership")
        assert (level, said.startswith("There is no dandiset 000099 on double, or no access to it.")) == (
            "blocked",
            True,
        )
        with pytest.raises(MissingFileError):
            prepared.run()


def test_an_archive_for_publications_asks_for_agreement(desk, monkeypatch):
    serious = instances.Instance("dandi", desk.double.api, "", (desk.double.storage,))
    monkeypatch.setattr(instances, "_added", ())
    monkeypatch.setattr(instances, "_KNOWN", (serious,))
    monkeypatch.setenv("DANDI_API_KEY", ALICE)
    monkeypatch.setenv(instances.VARIABLE, json.dumps({"storage": {"api": desk.double.storage}}))
    with desk.edited() as file:
        said = blocked(desk, file, "Archive", AccessDeniedError, instance="dandi")
        assert "production=True" in said
        assert desk.prepare(file, instance="dandi", production=True).preflight.ready


# ---------------------------------------------------------------- names


def test_a_name_that_is_taken_leaves_three_ways(desk):
    with desk.edited() as file:
        first = desk.prepare(file).run()
        said = blocked(desk, file, "Name", AssetExistsError)
        assert said == (
            f"{DOCUMENT} exists in dandiset {desk.assets.open_set} on double. "
            "Replace it, choose another name, or keep what is there."
        )
        prepared = desk.prepare(file, conflict="rename")
        assert (prepared.preflight.path, prepared.preflight.replaces) == ("sub-1/a-2.nwb.lindi.json", None)
        prepared = desk.prepare(file, conflict="replace")
        assert (prepared.preflight.path, prepared.preflight.replaces) == (DOCUMENT, first.asset_id)
        assert found(prepared, "Name")[0] == "note"
    assert AssetExistsError.ways == ("replace", "rename", "keep")


def test_somebody_takes_the_name_meanwhile(desk):
    with desk.edited() as file:
        prepared = desk.prepare(file)
        other = desk.double.put_asset(desk.assets.open_set, DOCUMENT, desk.assets.path)
        with pytest.raises(AssetExistsError, match="exists in dandiset"):
            prepared.run()
    assert desk.listed()[DOCUMENT] == other


def test_somebody_replaces_the_file_meanwhile(desk):
    with desk.edited() as file:
        desk.prepare(file).run()
        file.attrs["more"] = 1
        prepared = desk.prepare(file, conflict="replace")
        other = desk.double.put_asset(desk.assets.open_set, DOCUMENT, desk.assets.path)
        with pytest.raises(AssetChangedError) as raised:
            prepared.run()
    assert raised.value.message == (
        f"{DOCUMENT} of dandiset {desk.assets.open_set} has changed on double since you opened it."
    )
    assert raised.value.hint == "Reload it, or save under a new name."
    assert desk.listed()[DOCUMENT] == other


def test_somebody_has_replaced_what_was_opened(desk):
    with desk.edited() as file:
        done = desk.prepare(file).run()
    with open_any(done.url) as file:
        file.attrs["more"] = 1
        assert desk.prepare(file, conflict="replace").preflight.replaces == done.asset_id
        desk.double.put_asset(desk.assets.open_set, DOCUMENT, desk.assets.path)
        said = blocked(desk, file, "Name", AssetChangedError, conflict="replace")
    assert "has changed on double since you opened it" in said


def test_a_file_in_the_place_of_a_folder_or_the_other_way_round(desk):
    desk.double.put_asset(desk.assets.open_set, "sub-2/x.lindi.json/y", desk.assets.path)
    with desk.edited() as file:
        for path, there in (
            ("sub-1/a.nwb/x.lindi.json", "sub-1/a.nwb"),
            ("sub-1/a.nwb/b/c/x.lindi.json", "sub-1/a.nwb"),
            ("sub-2/x.lindi.json", "sub-2/x.lindi.json/y"),
        ):
            said = blocked(desk, file, "Name", AssetExistsError, path=path)
            assert f"{there} is there, and nothing is both a file and a folder" in said
        # Names have their case, and others that begin like this are others.
        for path in ("sub-1/A.nwb/x.lindi.json", "sub-1/a.nwb2.lindi.json", "sub-2/X.lindi.json"):
            assert desk.prepare(file, path=path).preflight.ready


def test_a_folder_that_is_made_meanwhile(desk):
    with desk.edited() as file:
        prepared = desk.prepare(file, path="sub-2/x.lindi.json")
        desk.double.put_asset(desk.assets.open_set, "sub-2/x.lindi.json/y", desk.assets.path)
        with pytest.raises(AssetExistsError, match="conflicts with existing path"):
            prepared.run()


def test_an_embargo_that_is_lifted_while_it_is_sent(desk):
    def told(progress):
        if progress.step == 4:
            desk.double.set_embargo(desk.assets.open_set, "UNEMBARGOING")

    with desk.edited() as file:
        prepared = desk.prepare(file, mode="json")
        with pytest.raises(TransferError) as raised:
            prepared.run(told)
    assert raised.value.message == (
        f"double did not take what was sent to dandiset {desk.assets.open_set}: Unembargo in progress"
    )


def test_an_address_that_is_no_archive_of_dandi(desk, monkeypatch):
    monkeypatch.setenv("WRONG_API_KEY", ALICE)
    for api in (desk.double.api[:-4], desk.double.storage):
        lindi.add_dandi_instance("wrong", api, storage=[desk.double.storage])
        with (
            desk.edited() as file,
            pytest.raises(TransferError, match="wrong does not know its users") as raised,
        ):
            desk.prepare(file, instance="wrong")
        assert api in raised.value.hint


def test_names_that_archives_do_not_take(desk):
    names = "/a.lindi.json a//b.lindi.json ../a.lindi.json ä.lindi.json a:b.lindi.json a.json"
    with desk.edited() as file:
        for path in names.split():
            blocked(desk, file, "Name", FormatError, path=path)


@pytest.mark.parametrize(
    ("path", "said", "hint"),
    [
        ("sub-1\\a.lindi.json", "has a backslash", "Folders are separated by / there"),
        (" a.lindi.json", "has a space at the beginning", "Write it as sub-1/"),
        ("a /b.lindi.json", "has a space at the beginning", "Write it as sub-1/"),
        ("a.nwb", "does not end with .lindi.json", "Write it as sub-1/"),
        ("a:b.lindi.json", "has characters that DANDI does not allow", "Letters, digits, spaces"),
    ],
)
def test_what_is_wrong_with_a_name_is_said(path, said, hint):
    with pytest.raises(FormatError, match=said) as raised:
        require_path(path, "json")
    assert hint in raised.value.hint


def test_names_that_archives_take():
    require_path("sub-1/a b+c~#1.nwb.lindi.json", "json")
    require_path("a" * 500 + ".lindi.tar", "tar")
    for path in ("a" * 502 + ".lindi.json", "a\nb.lindi.json", "a/./b.lindi.json", "a..b.lindi.json", ""):
        with pytest.raises(FormatError):
            require_path(path, "json")
