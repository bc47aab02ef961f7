"""DANDI from a notebook, as a person meets it: look for a file, open it, upload it, pass on the link."""

from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import Page, expect

import lindi_explorer as lindi
from lindi_explorer.archive import instances
from tests.dandi.double import Double
from tests.e2e.lab import running_lab
from tests.e2e.test_explorer import expect_said, python, row, show

ALICE = "a11ce" * 8
BAR = 4
"""Actions for task T9: upload the edited file to a sandbox, get a link."""

SAVE = 'async () => { await window.jupyterapp.commands.execute("docmanager:save"); }'


class Person:
    """Acts on a page, and counts: a click, a key, a value typed."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.actions = 0

    def click(self, target) -> None:
        self.actions += 1
        target.click()

    def press(self, key: str) -> None:
        self.actions += 1
        self.page.keyboard.press(key)


@pytest.fixture(scope="module")
def double():
    with Double(validate_seconds=1) as made:
        yield made


@pytest.fixture(scope="module")
def lab(browser, double, tmp_path_factory):
    """A JupyterLab whose kernels know the archive "double", and alice's key for it."""
    with pytest.MonkeyPatch.context() as patch:
        known = {
            "double": {
                "api": double.api,
                "web": double.api.removesuffix("/api"),
                "storage": [double.storage],
            }
        }
        patch.setenv(instances.VARIABLE, json.dumps(known))
        patch.setenv("DOUBLE_API_KEY", ALICE)
        with running_lab(tmp_path_factory.mktemp("lab-dandi")) as lab:
            yield lab


@pytest.fixture
def dandiset(double, sample_nwb, tmp_path):
    """Two subjects of alice's; one file has a LINDI file beside it."""
    double.reset()
    double.add_user(ALICE, "alice")
    identifier = double.add_dandiset(["alice"])
    ready = tmp_path / "ready.nwb.lindi.json"
    for subject in ("sub-M07", "sub-M08"):
        path = f"{subject}/{subject}_ses-20240312_ecephys.nwb"
        asset = double.put_asset(identifier, path, sample_nwb)
        if subject == "sub-M08":
            lindi.LindiH5pyFile.from_hdf5_file(double.download_url(asset)).write_lindi_file(ready)
            double.put_asset(identifier, f"{path}.lindi.json", ready)
    yield identifier
    assert double.leaks() == []


@pytest.fixture
def frames():
    """Everything that goes between the page and the server, both ways."""
    return []


@pytest.fixture
def listening(browser, frames, monkeypatch):
    """Listen to every page that is opened from now on."""
    new_context = browser.new_context

    def listened(**options):
        context = new_context(**options)
        context.grant_permissions(["clipboard-read", "clipboard-write"])
        context.on("page", lambda page: page.on("websocket", listen))
        return context

    def take(payload) -> None:
        frames.append(payload)

    def listen(socket) -> None:
        socket.on("framesent", take)
        socket.on("framereceived", take)

    monkeypatch.setattr(browser, "new_context", listened)


@pytest.fixture
def open_page(listening, open_notebook):
    return open_notebook


def test_a_file_is_looked_for_in_a_dandiset_and_opened(dandiset, open_page, picture, set_theme):
    page = show(open_page, f"dandi://double/{dandiset}")
    expect(page.get_by_role("tree", name=f"Dandiset {dandiset}")).to_be_visible()
    picture(page, "dandiset-light")
    person = Person(page)
    search = page.get_by_role("textbox", name="Search paths")
    search.fill("m08")
    expect(page.get_by_text("2 of 3 files")).to_be_visible()
    person.click(row(page, "sub-M08_ses-20240312_ecephys.nwb").first)
    expect(page.get_by_text("lies beside it and is opened in its place")).to_be_visible()
    picture(page, "asset-light")
    set_theme(page, "dark")
    picture(page, "asset-dark")
    set_theme(page, "light")
    person.click(page.get_by_role("button", name="Open file"))
    expect(row(page, "acquisition")).to_be_visible()
    assert python(page, "print(explorer.file.source.format)") == "LINDI JSON"
    picture(page, "chosen-light")

    page.get_by_role("button", name=f"Dandiset {dandiset}").click()
    expect(page.get_by_role("tree", name="Search results")).to_be_visible()
    page.get_by_role("button", name="Open NWB itself").click()
    expect(row(page, "acquisition")).to_be_visible()
    assert python(page, "print(explorer.file.source.format)") == "HDF5"


def test_what_cannot_be_seen_is_a_card(double, dandiset, open_page):
    closed = double.add_dandiset(["bob"], embargo="EMBARGOED")
    page = show(open_page, f"dandi://double/{closed}")
    expect(page.get_by_role("alert")).to_contain_text("your account alice is not an owner")


def test_t9_from_an_edited_file_to_a_link(
    double, dandiset, open_page, picture, set_theme, frames, lab, monkeypatch
):
    path = "sub-M07/sub-M07_ses-20240312_ecephys.nwb"
    page = show(open_page, f"dandi://double/{dandiset}/{path}")
    expect(row(page, "acquisition")).to_be_visible()
    python(page, 'explorer.file["/acquisition/raw/data"].attrs["unit"] = "volts, corrected"')
    expect(page.get_by_role("button", name="1 change", exact=True)).to_be_visible()

    person = Person(page)
    person.click(page.get_by_role("button", name="Upload…"))
    send = page.get_by_role("button", name=re.compile(r"^Upload \d"))
    expect(send).to_be_enabled()
    expect(page.get_by_role("list", name="Checks")).to_contain_text("account alice approved")
    expect(page.get_by_text("Nothing has been sent yet.")).to_be_visible()
    picture(page, "upload-plan-light")
    set_theme(page, "dark")
    picture(page, "upload-plan-dark")
    person.click(send)
    expect(page.get_by_role("dialog", name=re.compile("^Upload(ing|ed)"))).to_be_visible()
    picture(page, "upload-running-dark")
    # The archive's own check takes a second.
    expect(page.get_by_role("dialog", name=f"Uploaded to double {dandiset}")).to_be_visible()
    expect(page.get_by_text("Valid: the archive")).to_be_visible()
    picture(page, "uploaded-dark")
    set_theme(page, "light")
    picture(page, "uploaded-light")
    person.press("Enter")
    expect_said(page, "Address copied.")
    link = page.evaluate("() => navigator.clipboard.readText()")
    assert person.actions <= BAR

    assert link == page.get_by_role("textbox", name="Address of the file").input_value()
    web = page.get_by_role("link", name="Page on double").get_attribute("href")
    assert web.startswith(f"{double.api.removesuffix('/api')}/dandiset/{dandiset}/draft")
    monkeypatch.setattr(instances, "_added", ())
    lindi.add_dandi_instance("double", double.api, storage=[double.storage])
    with lindi.LindiH5pyFile.from_lindi_file(link) as file:
        assert file["/acquisition/raw/data"].attrs["unit"] == "volts, corrected"
        assert file["/acquisition/raw/data"].shape

    page.get_by_role("button", name="Close").last.click()
    page.evaluate(SAVE)
    assert_no_secret(page, frames, lab)


def test_only_the_file_that_was_seen_is_replaced(
    double, dandiset, open_page, picture, set_theme, sample_nwb, tmp_path
):
    path = "sub-M08/sub-M08_ses-20240312_ecephys.nwb"
    page = show(open_page, f"dandi://double/{dandiset}/{path}?ready-made=no")
    expect(row(page, "acquisition")).to_be_visible()
    python(page, 'explorer.file["/acquisition/raw/data"].attrs["unit"] = "volts, corrected"')
    page.get_by_role("button", name="Upload…").click()
    in_the_way = page.get_by_role("alert")
    expect(in_the_way).to_contain_text("There is a file of this name.")
    picture(page, "upload-exists-light")
    for width in (480, 320):
        narrow(page, width)
        assert in_the_way.locator(".lx-grow").bounding_box()["width"] >= 180
        picture(page, f"upload-exists-{width}")
    page.set_viewport_size({"width": 1280, "height": 900})
    page.get_by_role("button", name="Replace it").click()
    replace = page.get_by_role("button", name=re.compile(r"^Replace with \d"))
    expect(replace).to_be_enabled()

    colleagues = tmp_path / "colleagues.lindi.json"
    with lindi.LindiH5pyFile.from_hdf5_file(sample_nwb, mode="r+") as file:
        file.attrs["of"] = "a colleague"
        file.write_lindi_file(colleagues)
    double.put_asset(dandiset, f"{path}.lindi.json", colleagues)
    replace.click()
    expect(page.get_by_role("alert")).to_contain_text("changed")
    expect(page.get_by_role("button", name="Retry")).to_have_count(0)
    picture(page, "upload-failed-light")
    set_theme(page, "dark")
    picture(page, "upload-failed-dark")

    page.get_by_role("button", name="Change…").click()
    page.get_by_role("button", name="Replace it").click()
    expect(replace).to_be_enabled()
    replace.click()
    expect(page.get_by_role("dialog", name=f"Uploaded to double {dandiset}")).to_be_visible()


def narrow(page: Page, width: int) -> None:
    """Make the window so narrow that the explorer has this width."""
    explorer = page.get_by_role("region", name="LINDI explorer")
    for _ in range(3):
        off = round(explorer.bounding_box()["width"]) - width
        size = page.viewport_size
        page.set_viewport_size({"width": size["width"] - off, "height": size["height"]})
        page.wait_for_timeout(200)


def assert_no_secret(page: Page, frames: list, lab) -> None:
    """Neither page, notebook, journals nor any message holds the key or a signature."""
    texts = {"page": page.content(), "messages": "".join(map(_text, frames))}
    assert "upload_state" in texts["messages"], "the messages have been seen"
    for file in [*lab.folder.rglob("*"), *lab.folder.parent.joinpath("journals").rglob("*")]:
        if file.is_file():
            texts[str(file)] = file.read_bytes().decode("latin-1")
    assert any(name.endswith(".ipynb") for name in texts)
    for where, text in texts.items():
        for secret in (ALICE, "X-Amz-Signature", "X-Amz-Credential"):
            assert secret not in text, (where, secret)


def _text(payload: str | bytes) -> str:
    return payload if isinstance(payload, str) else payload.decode("latin-1")
