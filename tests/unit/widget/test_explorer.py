"""The explorer from Python, with and without a page that shows it."""

from __future__ import annotations

import gc
import json
import threading
import weakref

import h5py
import ipywidgets
import numpy as np
import pytest
import traitlets

import lindi_explorer as lindi
from lindi_explorer.errors import (
    ConflictError,
    FormatError,
    InvalidSelectionError,
    LindiError,
    MissingFileError,
    NodeNotFoundError,
)
from lindi_explorer.h5 import open_any
from lindi_explorer.widget import explorer as module
from lindi_explorer.widget.explorer import LindiExplorer

RAW = "/acquisition/raw/data"


# ---------------------------------------------------------------- making one


def test_it_is_the_public_name():
    assert lindi.LindiExplorer is LindiExplorer


def test_it_opens_without_reading_data(explore, sample_nwb):
    explorer, page = explore(str(sample_nwb))
    opened, _ = page.ask("open")
    assert (opened["type"], opened["name"]) == ("opened", "sample.nwb")
    assert explorer.error is None
    assert explorer.file["/session_description"][()]


@pytest.mark.parametrize("kind", ["path", "h5py", "ours", "dict"])
def test_every_kind_of_source(explore, sample_nwb, kind):
    with h5py.File(sample_nwb) as plain, open_any(sample_nwb) as ours:
        source = {
            "path": sample_nwb,
            "h5py": plain,
            "ours": ours,
            "dict": ours.to_reference_file_system(),
        }[kind]
        explorer, page = explore(source)
        assert page.ask("open")[0]["type"] == "opened"
        assert "acquisition" in explorer.file
        explorer.close()
        if kind == "ours":
            assert ours, "a file that was open stays so"


def test_unknown_keywords_fail_at_once_with_advice(sample_nwb):
    with pytest.raises(TypeError, match="no keyword 'heigth'; did you mean 'height'"):
        LindiExplorer(sample_nwb, heigth=300)
    with pytest.raises(TypeError, match="no keyword 'colour'; there are source, height, selected, view"):
        LindiExplorer(sample_nwb, colour="red")


@pytest.mark.parametrize("source", [None, 5, 1.5, b"path", ["a"], object(), np.zeros(3)])
def test_sources_of_the_wrong_type_fail_at_once(source):
    with pytest.raises(TypeError, match="give it a path, a URL"):
        LindiExplorer(source)


def test_views_that_are_none_fail_at_once(explore, sample_nwb):
    with pytest.raises(
        traitlets.TraitError, match="'atributes' is no view of LindiExplorer; did you mean 'attributes'"
    ):
        LindiExplorer(sample_nwb, view="atributes")
    explorer, _ = explore(sample_nwb)
    with pytest.raises(traitlets.TraitError, match="there are home, preview"):
        explorer.view = "xyz"
    assert explorer.view == ""


def test_a_bundle_that_was_not_built_is_named(sample_nwb, monkeypatch, tmp_path):
    monkeypatch.setattr(module, "_STATIC", tmp_path / "nowhere")
    with pytest.raises(MissingFileError, match="has not been built") as caught:
        LindiExplorer(sample_nwb)
    assert "make build" in caught.value.hint


# ---------------------------------------------------------------- sources that cannot be opened


@pytest.fixture
def not_a_file(tmp_path):
    path = tmp_path / "page.nwb"
    path.write_text("<html>sign in</html>")
    return path


@pytest.mark.parametrize(
    ("kind", "error", "code"), [("gone", MissingFileError, "no-file"), ("html", FormatError, "format")]
)
def test_the_page_shows_the_error_and_python_raises_it(explore, tmp_path, not_a_file, kind, error, code):
    explorer, page = explore(tmp_path / "gone.nwb" if kind == "gone" else not_a_file)
    failure, _ = page.ask("open")
    assert (failure["type"], failure["code"]) == ("failure", code)
    assert isinstance(explorer.error, error)
    for use in (lambda: explorer.file, lambda: explorer.value, explorer.undo, explorer.to_text):
        with pytest.raises(error) as caught:
            use()
        assert caught.value is explorer.error
    assert page.ask("children", path="/")[0]["code"] == code
    assert "text/plain" in explorer._repr_mimebundle_()[0], "it can still be shown"


def test_asking_again_opens_again(explore, tmp_path, sample_nwb):
    path = tmp_path / "late.nwb"
    explorer, page = explore(path)
    assert page.ask("open")[0]["code"] == "no-file"
    path.write_bytes(sample_nwb.read_bytes())
    assert page.ask("open")[0]["type"] == "opened"
    assert explorer.error is None
    assert "acquisition" in explorer.file


def test_a_failure_is_told_before_it_is_tried_again(explore, tmp_path, monkeypatch):
    tries = []
    real = module.Opening._open
    monkeypatch.setattr(module.Opening, "_open", lambda self: (tries.append(1), real(self))[1])
    _, page = explore(tmp_path / "gone.nwb")
    assert page.ask("open")[0]["code"] == "no-file"
    assert len(tries) == 1
    assert page.ask("open")[0]["code"] == "no-file"
    assert len(tries) == 2


# ---------------------------------------------------------------- selecting


def test_selected_is_a_path(explore, sample_nwb):
    explorer, _ = explore(sample_nwb, selected="units")
    assert explorer.selected == "/units"
    assert explorer.value.name == "/units"
    explorer.selected = "acquisition/raw/"
    assert explorer.selected == "/acquisition/raw"


def test_selecting_what_is_not_there_is_an_error(explore, sample_nwb):
    explorer, _ = explore(sample_nwb, selected="/units")
    assert explorer.file
    with pytest.raises(NodeNotFoundError, match="no object at /unit") as caught:
        explorer.selected = "/unit"
    assert "Did you mean /units?" in caught.value.hint
    assert explorer.selected == "/units"


def test_traits_that_the_page_sets_are_seen(explore, sample_nwb):
    explorer, _ = explore(sample_nwb)
    seen = []
    explorer.observe(lambda change: seen.append(change["new"]), "selected")
    explorer.set_state({"selected": RAW, "view": "preview", "height": 700})
    assert seen == [RAW]
    assert (explorer.view, explorer.height) == ("preview", 700)


def test_the_height_has_limits(explore, sample_nwb):
    explorer, _ = explore(sample_nwb, height=5000)
    assert explorer.height == 1200
    explorer.height = 1
    assert explorer.height == 300


def test_broken_links_can_be_selected(explore, edge_cases_h5):
    explorer, _ = explore(edge_cases_h5)
    assert explorer.file
    explorer.selected = "/links/soft_dangling"
    with pytest.raises(NodeNotFoundError):
        explorer.value  # noqa: B018 - asking is the test


# ---------------------------------------------------------------- value


def test_value_is_the_dataset_until_something_is_shown(explore, sample_nwb):
    explorer, _ = explore(sample_nwb, selected=RAW)
    assert explorer.value.name == RAW
    assert explorer.value.shape == explorer.file[RAW].shape


def test_value_is_what_the_page_shows(explore, sample_nwb):
    explorer, page = explore(sample_nwb, selected=RAW)
    page.ask("preview", path=RAW, view="line", selection="10:20, 2:4")
    np.testing.assert_array_equal(explorer.value, explorer.file[RAW][10:20, 2:4])
    page.ask("preview", path=RAW, view="table", selection="0:5, 0")
    assert explorer.value.shape == (5,)
    explorer.selected = "/units/snr"
    assert explorer.value.name == "/units/snr", "what was shown belongs to its dataset"


def test_value_can_be_set(explore, sample_nwb):
    explorer, page = explore(sample_nwb, selected=RAW)
    page.ask("preview", path=RAW, view="line", selection="10:20, 2:4")
    for selection, shape in [
        ("0:7, 3", (7,)),
        (np.s_[5:, 1:3], (2995, 2)),
        (np.s_[-1], (8,)),
        (np.s_[..., 0], (3000,)),
    ]:
        explorer.value = selection
        assert explorer.value.shape == shape
    assert explorer.selection == "0:3000, 0"
    with pytest.raises(InvalidSelectionError, match="dimension 1 has 8 elements"):
        explorer.value = "0:5, 9"
    assert explorer.selection == "0:3000, 0"
    page.ask("preview", path=RAW, view="line", selection="1:2, :")
    assert explorer.value.shape == (1, 8), "the latest counts, whoever made it"


def test_scalars_and_groups(explore, sample_nwb):
    explorer, _ = explore(sample_nwb, selected="/acquisition/raw/starting_time")
    assert explorer.value == 0.0
    with pytest.raises(TypeError, match="has no parts"):
        explorer.value = "0:1"
    explorer.selected = "/units"
    with pytest.raises(TypeError, match="has no parts"):
        explorer.value = "0:1"


# ---------------------------------------------------------------- edits


def test_edits_from_everywhere_are_one_history(explore, sample_nwb):
    explorer, page = explore(sample_nwb)
    attributes = explorer.file[RAW].attrs
    before = attributes["conversion"]
    attributes["conversion"] = 2e-6
    event = page.event("edited")
    assert (event["touched"], event["status"]["changes"]) == ([RAW], 1)
    page.ask("set_attribute", path=RAW, name="unit", text="mV")
    assert attributes["unit"] == "mV"
    assert [(change.path, change.name, change.new) for change in explorer.edits] == [
        (RAW, "conversion", "2e-06"),
        (RAW, "unit", '"mV"'),
    ]
    assert explorer.diff().splitlines()[3:] == [f"@ {RAW}, attribute unit (utf-8)", '- "volts"', '+ "mV"']
    assert "unit" in explorer.undo()
    assert attributes["unit"] == "volts"
    assert "conversion" in explorer.undo()
    assert attributes["conversion"] == before
    assert (explorer.undo(), explorer.edits, explorer.diff()) == ("", [], "")
    assert "conversion" in explorer.redo()
    assert attributes["conversion"] == 2e-6
    assert explorer.redo()
    assert explorer.redo() == ""


def test_several_explorers_of_one_file_stay_in_step(explore, sample_nwb):
    with open_any(sample_nwb) as file:
        one, first = explore(file)
        other, second = explore(file)
        first.ask("open")
        second.ask("open")
        first.ask("set_attribute", path="/units", name="description", text="changed")
        assert other.file["/units"].attrs["description"] == "changed"
        assert second.event("edited")["touched"] == ["/units"]
        assert len(one.edits) == len(other.edits) == 1
        one.close()
        other.undo()
        assert file["/units"].attrs["description"] != "changed"


def test_export_and_its_refusals(explore, sample_nwb, tmp_path):
    explorer, _ = explore(sample_nwb)
    explorer.file["/units"].attrs["description"] = "exported"
    target = tmp_path / "out.nwb.lindi.json"
    with pytest.raises(LindiError, match="files of this machine"):
        explorer.export(target)
    assert explorer.export(target, local_paths=True) == target
    with open_any(target) as again:
        assert again["/units"].attrs["description"] == "exported"
    with pytest.raises(ConflictError, match="exists already"):
        explorer.export(target, local_paths=True)
    assert explorer.export(target, local_paths=True, replace=True) == target


def test_edits_that_were_left_behind_are_resumed_or_discarded(explore, sample_nwb, tmp_path):
    for use in ("resume", "discard"):
        first, _ = explore(sample_nwb)
        first.file["/units"].attrs["description"] = use
        first.close()
        second, page = explore(sample_nwb)
        assert page.ask("open")[0]["pending"]["changes"] == 1
        getattr(second, use)()
        assert len(second.edits) == (use == "resume")
        if use == "resume":
            second.undo()
        second.close()
    _, page = explore(sample_nwb)
    assert page.ask("open")[0]["pending"] is None


def test_validate_lists_findings(explore, sample_nwb):
    explorer, page = explore(sample_nwb)
    assert explorer.validate() == []
    del explorer.file["/identifier"].file["/acquisition/raw/data"].attrs["unit"]
    found = explorer.validate()
    assert found
    assert all(item.severity == "error" for item in found)
    told, _ = page.wait(lambda item: item["type"] == "findings" and item["findings"])
    assert told["findings"][0]["text"] == found[0].text


# ---------------------------------------------------------------- text and static view


def test_text_is_stable_and_limited(explore, sample_nwb):
    explorer, _ = explore(sample_nwb)
    text = explorer.to_text()
    assert text == explorer.to_text()
    assert text.startswith("sample.nwb\n")
    assert (
        "    data  3,000 × 8  int16" in text.splitlines()
        or "      data  3,000 × 8  int16" in text.splitlines()
    )
    short = explorer.to_text(limit=200)
    assert len(short) <= 200
    assert short.endswith("…")
    assert len(explorer.to_text(depth=1).splitlines()) < 20


def test_a_saved_notebook_shows_an_outline(explore, sample_nwb):
    explorer, page = explore(sample_nwb, selected=RAW)
    data, _ = explorer._repr_mimebundle_()
    assert data["application/vnd.jupyter.widget-view+json"]["model_id"] == explorer.model_id
    assert "acquisition" in data["text/plain"]
    assert "conversion" in data["text/html"]
    assert "<img" not in data["text/html"]
    page.ask("preview", path=RAW, view="line")
    again, _ = explorer._repr_mimebundle_()
    assert "data:image/png;base64," in again["text/html"]
    for text in (*data.values(), *again.values()):
        assert len(json.dumps(text)) < 200_000
        assert str(sample_nwb.parent) not in json.dumps(text), "no path of this machine"
        assert "<script" not in json.dumps(text)


def test_what_stands_in_the_file_is_escaped(explore, tmp_path):
    path = tmp_path / "evil.h5"
    with h5py.File(path, "w") as file:
        file.create_group("<script>alert(1)<\\script>").attrs["neurodata_type"] = (
            "<img src=x onerror=alert(1)>"
        )
        file.attrs["<b>"] = "</td><script>alert(2)</script>"
    explorer, _ = explore(path)
    page = explorer._repr_mimebundle_()[0]["text/html"]
    assert "<script" not in page
    assert "<img" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_a_large_file_has_a_small_static_view(explore, tmp_path):
    path = tmp_path / "wide.h5"
    with h5py.File(path, "w") as file:
        for number in range(2000):
            file.create_group(f"group {number:04} {'x' * 200}")
        for number in range(500):
            file.attrs[f"attribute {number}"] = "y" * 2000
    explorer, _ = explore(path)
    data, _ = explorer._repr_mimebundle_()
    assert len(data["text/html"]) < 200_000
    assert "1,950 more" in explorer.to_text()


# ---------------------------------------------------------------- the end


def test_closing_ends_everything(explore, sample_nwb):
    explorer, page = explore(sample_nwb)
    page.ask("open")
    file = explorer.file
    explorer.close()
    assert not file, "the file that was opened is closed"
    explorer.close()
    with pytest.raises(LindiError, match="has been closed"):
        explorer.undo()


def test_an_explorer_that_is_dropped_leaves_nothing_behind(sample_nwb, bundle):
    explorer = LindiExplorer(sample_nwb)
    assert explorer.file
    explorer._bridge.receive({"op": "children", "id": "v:0", "path": "/"})
    gone = weakref.ref(explorer)
    file = weakref.ref(explorer.file)
    # Out of the registries of ipywidgets, without our own `close`.
    ipywidgets.Widget.close(explorer)
    del explorer
    gc.collect()
    assert gone() is None
    for thread in threading.enumerate():
        if thread.name.startswith("lindi-explorer"):
            thread.join(30)
            assert not thread.is_alive()
    gc.collect()
    assert file() is None


def test_nothing_is_printed(explore, sample_nwb, capfd):
    explorer, page = explore(sample_nwb)
    page.ask("open")
    page.ask("preview", path=RAW)
    page.ask("preview", path="/nowhere")
    page.explorer._handle_custom_msg("rubbish", [])
    explorer.close()
    out, err = capfd.readouterr()
    assert (out, err) == ("", "")


# ---------------------------------------------------------------- a slider, for real


def test_frames_that_nobody_waits_for_are_not_read(explore, tmp_path, monkeypatch):
    path = tmp_path / "movie.h5"
    frames = np.random.default_rng(0).integers(0, 255, (20, 64, 64), dtype="u1")
    with h5py.File(path, "w") as file:
        file.create_dataset("movie", data=frames, chunks=(1, 64, 64), compression="gzip")
    explorer, page = explore(path)
    reader, read_now, reads = explorer.file.reader, explorer.file.reader.read_now, []
    reading, go_on = threading.Event(), threading.Event()

    def slow(byte_range, **options):
        reads.append(byte_range)
        reading.set()
        go_on.wait(30)
        return read_now(byte_range, **options)

    monkeypatch.setattr(reader, "read_now", slow)
    send = explorer._bridge.receive
    for number in range(20):
        selection = f"{number}, 0:64, 0:64"
        send(
            {"op": "preview", "id": f"s:{number}", "path": "/movie", "view": "image", "selection": selection}
        )
        if number == 0:
            assert reading.wait(30)
        elif number < 19:
            send({"op": "cancel", "id": "c", "target": f"s:{number}"})
    go_on.set()
    answer, buffers = page.wait(lambda item: item["id"] == "s:19")
    assert answer["type"] == "image"
    np.testing.assert_array_equal(np.frombuffer(buffers[0], "f4").reshape(64, 64), frames[19])
    assert len(reads) == 2, "the first frame and the last"
    cancelled = [item for item, _ in page.sent if item.get("code") == "cancelled"]
    assert len(cancelled) == 18


@pytest.mark.parametrize("compression", [None, "gzip"])
def test_a_read_stops_when_it_is_cancelled(explore, tmp_path, monkeypatch, compression):
    path = tmp_path / "long.h5"
    with h5py.File(path, "w") as file:
        data = np.random.default_rng(0).random(4_000_000)
        file.create_dataset("x", data=data, chunks=(10_000,), compression=compression)
    monkeypatch.setattr("lindi_explorer.explorer.preview.reading.BLOCK", 1)
    explorer, page = explore(path)
    reader, reads = explorer.file.reader, []
    read_now = reader.read_now

    def counting(byte_range, **options):
        reads.append(byte_range)
        if len(reads) == 3:
            explorer._bridge.receive({"op": "cancel", "id": "c", "target": "s:0"})
        return read_now(byte_range, **options)

    monkeypatch.setattr(reader, "read_now", counting)
    ask = {"op": "preview", "id": "s:0", "path": "/x", "selection": ":", "agreed_bytes": 10**9}
    explorer._bridge.receive(ask)
    assert (
        page.wait(lambda item: item["id"] == "s:0" and item["type"] != "progress")[0]["code"] == "cancelled"
    )
    assert len(reads) <= 4
