"""The whole path, as a person walks it: open, look, correct, prove, export; in a real JupyterLab."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pynwb
import pytest
from playwright.sync_api import Page, expect

import lindi_explorer as lindi

REAL = "real/sub_anm00239123_ses_20170627T093549_ecephys_and_ogen.nwb"
RUN = """async (code) => {
    const kernel = window.jupyterapp.shell.currentWidget.sessionContext.session.kernel;
    let out = "";
    const future = kernel.requestExecute({ code });
    future.onIOPub = (message) => {
        if (message.header.msg_type === "stream") out += message.content.text;
        if (message.header.msg_type === "error") out += `${message.content.ename}: ${message.content.evalue}`;
    };
    await future.done;
    return out.trim();
}"""
KILL = """() => {
    const kernel = window.jupyterapp.shell.currentWidget.sessionContext.session.kernel;
    window.restarted = false;
    kernel.statusChanged.connect((_, status) => {
        if (status === "autorestarting" || status === "restarting") window.restarting = true;
        if (status === "idle" && window.restarting) window.restarted = true;
    });
    kernel.requestExecute({ code: "import os, signal; os.kill(os.getpid(), signal.SIGKILL)" });
}"""
RESTARTED = "() => window.restarted"
CELLS = "() => window.jupyterapp.shell.currentWidget.content.model.cells.length"


def python(page: Page, code: str) -> str:
    """Run code in the notebook's kernel and give what it prints."""
    return page.evaluate(RUN, code)


def row(page: Page, name: str):
    return page.get_by_role("treeitem").filter(has=page.get_by_text(name, exact=True))


def open_row(page: Page, *names: str) -> None:
    """Expand the rows one below the other and select the last."""
    for name in names[:-1]:
        item = row(page, name)
        if item.get_attribute("aria-expanded") == "false":
            item.dblclick()
    row(page, names[-1]).click()


def expect_changes(page: Page, count: int) -> None:
    words = "1 change" if count == 1 else f"{count} changes"
    expect(page.get_by_role("button", name=words, exact=True)).to_be_visible()


def expect_said(page: Page, words: str | re.Pattern[str]) -> None:
    """The status line says so; for assistive technology the same sentence follows in a place of its own."""
    expect(page.get_by_role("region", name="State").locator(".lx-said")).to_have_text(words)


def show(open_notebook, source: str, **options) -> Page:
    cell = f"import lindi_explorer as lindi\nexplorer = lindi.LindiExplorer({source!r})\nexplorer"
    return open_notebook([cell], **options)


@pytest.fixture(autouse=True)
def journals(lab, monkeypatch):
    """Every test begins without edits left behind."""
    for path in (lab.folder.parent / "journals").glob("*"):
        path.unlink()


@pytest.fixture
def sources(sample_nwb, serve, tmp_path) -> dict[str, str]:
    """The sample in the three ways a person may have it."""
    rfs = tmp_path / "sample.nwb.lindi.json"
    lindi.LindiH5pyFile.from_hdf5_file(sample_nwb).write_lindi_file(rfs)
    server = serve(sample_nwb.parent)
    return {"local": str(sample_nwb), "remote": server.url(sample_nwb.name), "lindi": str(rfs)}


@pytest.mark.parametrize("kind", ["local", "remote", "lindi"])
def test_open_look_correct_and_export(kind, sources, open_notebook, set_theme, picture, lab):
    page = show(open_notebook, sources[kind])
    expect(page.get_by_role("tree")).to_be_visible()
    expect_said(page, re.compile("no array data read"))
    picture(page, f"home-{kind}-light")

    open_row(page, "acquisition", "raw", "data")
    expect(page.get_by_role("img").first).to_be_visible()
    expect(page.get_by_text(re.compile(r"^Read \d+"))).to_be_visible()
    picture(page, f"series-{kind}-light")

    page.get_by_role("tab", name="Attributes").click()
    attribute = page.get_by_role("row").filter(has=page.get_by_role("rowheader", name="conversion"))
    before = python(page, 'print(explorer.file["/acquisition/raw/data"].attrs["conversion"])')
    kind_before = python(page, 'print(explorer.file["/acquisition/raw/data"].attrs["conversion"].dtype)')
    attribute.get_by_text(re.compile("e-0|0.0")).first.click()
    field = page.get_by_role("textbox", name="conversion")
    field.fill("4.5e-07")
    field.press("Enter")
    expect_changes(page, 1)
    read = 'print(explorer.file["/acquisition/raw/data"].attrs["conversion"])'
    assert float(python(page, read)) == pytest.approx(4.5e-07)
    assert python(page, read.replace('"])', '"].dtype)')) == kind_before
    picture(page, f"attributes-{kind}-light")
    set_theme(page, "dark")
    picture(page, f"attributes-{kind}-dark")

    page.get_by_role("button", name=re.compile("^Undo")).click()
    expect_changes(page, 0)
    assert python(page, read) == before
    page.get_by_role("button", name=re.compile("^Redo")).click()
    expect_changes(page, 1)

    page.get_by_role("button", name=re.compile("^Export")).click()
    dialog = page.get_by_role("dialog")
    name = f"corrected-{kind}.nwb.lindi.json"
    field = dialog.get_by_role("textbox")
    expect(field).not_to_have_value("")  # the proposed name, which would come in between
    field.fill(name)
    write = dialog.get_by_role("button", name=re.compile(r"^Export \d"))
    expect(write).to_be_visible()
    if kind != "remote":
        # References to files of this machine are written only with consent.
        expect(write).to_be_disabled()
        dialog.get_by_role("checkbox").check()
    picture(page, f"export-{kind}-dark")
    write.click()
    expect(dialog).to_be_hidden()
    exported = lab.folder / name
    assert exported.is_file()
    assert_only_conversion_differs(exported, sources["local"])


def assert_only_conversion_differs(exported: Path, original: str) -> None:
    with (
        pynwb.NWBHDF5IO(original, "r") as old_io,
        pynwb.NWBHDF5IO(file=lindi.LindiH5pyFile.from_lindi_file(exported), mode="r") as new_io,
    ):
        old, new = old_io.read(), new_io.read()
        assert new.acquisition["raw"].conversion == pytest.approx(4.5e-07)
        assert (new.acquisition["raw"].data[:] == old.acquisition["raw"].data[:]).all()
        assert new.units.to_dataframe().equals(old.units.to_dataframe()) or len(new.units) == len(old.units)
    changed = lindi.LindiH5pyFile.from_lindi_file(exported).to_reference_file_system()["refs"]
    same = lindi.LindiH5pyFile.from_hdf5_file(original).to_reference_file_system()["refs"]
    differing = {key for key in same if not isinstance(same[key], list) and same[key] != changed[key]}
    assert differing <= {"acquisition/raw/data/.zattrs"}


@pytest.mark.shared
@pytest.mark.parametrize("kind", ["local", "remote", "lindi"])
def test_a_real_recording(kind, shared_corpus, serve, tmp_path, open_notebook, picture, lab):
    original = shared_corpus / REAL
    rfs = tmp_path / "real.nwb.lindi.json"
    lindi.LindiH5pyFile.from_hdf5_file(original).write_lindi_file(rfs)
    url = serve(original.parent).url(original.name)
    page = show(open_notebook, {"local": str(original), "remote": url, "lindi": str(rfs)}[kind])
    expect(row(page, "units")).to_be_visible()
    open_row(page, "units")
    expect(page.get_by_role("grid").get_by_text("sampling_rate")).to_be_visible()
    open_row(page, "units", "waveform_mean")
    expect(page.get_by_role("img").first).to_be_visible()
    picture(page, f"real-waveforms-{kind}")

    page.get_by_role("tab", name="Attributes").click()
    page.get_by_role("grid").get_by_text("the spike waveform mean for each spike unit").click()
    field = page.get_by_role("textbox", name="description")
    field.fill("mean waveform of each unit")
    field.press("Enter")
    expect_changes(page, 1)
    exported = f"real-{kind}.nwb.lindi.json"
    python(page, f"explorer.export({exported!r}, local_paths=True)")
    with (
        pynwb.NWBHDF5IO(str(original), "r") as old_io,
        pynwb.NWBHDF5IO(file=lindi.LindiH5pyFile.from_lindi_file(lab.folder / exported), mode="r") as new_io,
    ):
        old, new = old_io.read(), new_io.read()
        assert new.units["waveform_mean"].description == "mean waveform of each unit"
        assert (new.units["waveform_mean"].data[:] == old.units["waveform_mean"].data[:]).all()
        assert new.units["spike_times"].data[:].tolist() == old.units["spike_times"].data[:].tolist()
        assert new.trials.to_dataframe().equals(old.trials.to_dataframe())
        assert new.subject.fields == old.subject.fields


def test_python_moves_the_view_and_sees_the_selection(sources, open_notebook):
    page = show(open_notebook, sources["local"])
    expect(page.get_by_role("tree")).to_be_visible()
    python(page, 'explorer.selected = "/units/spike_times"')
    current = page.get_by_label("Path").get_by_text("spike_times")
    expect(current).to_be_visible()
    assert python(page, "print(explorer.value.shape)").startswith("(")
    row(page, "general").click()
    expect(page.get_by_label("Path").get_by_text("general")).to_be_visible()
    assert python(page, "print(explorer.selected)") == "/general"
    assert (
        python(
            page, 'explorer.file["/units"].attrs["description"] = "from Python"; print(len(explorer.edits))'
        )
        == "1"
    )
    expect_changes(page, 1)


def test_edits_survive_a_killed_kernel(sources, open_notebook):
    page = show(open_notebook, sources["local"])
    open_row(page, "units")
    page.get_by_role("tab", name="Attributes").click()
    page.get_by_role("grid").get_by_text("Autogenerated by NWBFile").click()
    field = page.get_by_role("textbox", name="description")
    field.fill("typed before the crash")
    field.press("Enter")
    expect_changes(page, 1)
    # The kernel kills itself, as a crash would; JupyterLab starts it anew.
    page.evaluate(KILL)
    page.wait_for_function(RESTARTED)
    page.get_by_role("button", name=re.compile("^(Ok|Dismiss)$", re.IGNORECASE)).first.click()
    page.evaluate('async () => { await window.jupyterapp.commands.execute("notebook:run-all-cells"); }')
    page.get_by_role("button", name=re.compile("^Resume")).click()
    expect_changes(page, 1)
    assert python(page, 'print(explorer.file["/units"].attrs["description"])') == "typed before the crash"


def test_keys_do_not_reach_the_notebook(sources, open_notebook):
    page = show(open_notebook, sources["local"])
    row(page, "units").click()
    cells = page.evaluate(CELLS)
    for key in ("d", "d", "a", "b", "x"):
        page.keyboard.press(key)
    assert page.evaluate(CELLS) == cells
    expect(page.get_by_role("tree")).to_be_visible()


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda folder: str(folder / "missing.nwb"), "missing.nwb"),
        (lambda folder: str(_half(folder)), "half.nwb"),
        (lambda folder: str(_not_lindi(folder)), "LINDI"),
    ],
)
def test_what_cannot_be_opened_is_a_card(make, words, sample_nwb, tmp_path, open_notebook):
    (tmp_path / "whole").write_bytes(sample_nwb.read_bytes())
    page = show(open_notebook, make(tmp_path))
    alert = page.get_by_role("alert")
    expect(alert).to_be_visible()
    expect(alert).to_contain_text(words)


def _half(folder: Path) -> Path:
    whole = (folder / "whole").read_bytes()
    path = folder / "half.nwb"
    path.write_bytes(whole[: len(whole) // 2])
    return path


def _not_lindi(folder: Path) -> Path:
    path = folder / "other.json"
    path.write_text(json.dumps({"hello": 1}))
    return path
