from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import h5py
import nbformat
import pytest

import lindi_explorer as lindi
from lindi_explorer.cli import main
from lindi_explorer.cli.demo import notebook
from lindi_explorer.cli.terminal import Narrator

ROOT = Path(__file__).resolve().parents[3]

INTERRUPTED = """
import pathlib, sys
from lindi_explorer.cli.demo import notebook
from lindi_explorer.cli.terminal import Narrator
notebook.NOTEBOOK = pathlib.Path(sys.argv[1])
try:
    notebook.show(pathlib.Path(sys.argv[2]), Narrator())
except KeyboardInterrupt:
    sys.exit(130)
"""


@pytest.fixture
def demo(capsys, monkeypatch, tmp_path, sample_nwb):
    """Run the demo on a small sample, without notebook: status, output, errors."""
    shutil.copy(sample_nwb, tmp_path)
    monkeypatch.setenv("LINDI_EXPLORER_JOURNAL_DIR", "set, so that it is restored")
    monkeypatch.setattr(notebook, "NOTEBOOK", tmp_path / "absent.ipynb")

    def demo() -> tuple[int, str, str]:
        status = main(["demo", "--folder", str(tmp_path)])
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return demo


def test_every_step_is_told_and_comes_out_as_it_should(demo, tmp_path):
    status, out, err = demo()
    assert (status, err) == (0, "")
    for words in (
        f"sample.nwb, {(tmp_path / 'sample.nwb').stat().st_size / 1000:.0f} kB, kept from the last run",
        "every answer 20 ms late",
        "202 objects, ",
        "The tree: 0 requests, 0 B",
        "└── units  Units",
        "3,000 samples of one channel of /acquisition/raw/data: 1 request",
        "Set: 3.9e-07\n   Undone: 1.95e-07\n   Redone: 3.9e-07",
        "It is valid NWB",
        "pynwb reads the conversion 3.9e-07",
        "attributes and datasets: that one differs, all others are equal",
        "Left out: the notebook comes with the project's source",
    ):
        assert words in out
    with lindi.LindiH5pyFile.from_lindi_file(tmp_path / "corrected.nwb.lindi.json") as corrected:
        assert corrected["acquisition/raw/data"].attrs["conversion"] == 3.9e-7
    with h5py.File(tmp_path / "sample.nwb") as sample:
        assert sample["acquisition/raw/data"].attrs["conversion"] != 3.9e-7


def test_a_sample_too_large_to_be_fetched_is_made_where_there_is_none(demo, tmp_path):
    (tmp_path / "sample.nwb").unlink()
    status, out, _err = demo()
    assert status == 0
    assert "kept from the last run" not in out
    assert (tmp_path / "sample.nwb").stat().st_size > 10_000_000
    assert not (tmp_path / "unfinished.nwb").exists()


def test_the_demo_fails_where_the_file_is_not_valid(demo, tmp_path):
    with h5py.File(tmp_path / "sample.nwb", "r+") as sample:
        del sample["acquisition/raw/data"].attrs["unit"]
    status, out, err = demo()
    assert status == 1
    assert "unit is missing" in out
    assert "did not come out as it should: the corrected file is not valid" in err


@pytest.fixture
def small_notebook(monkeypatch, tmp_path):
    """A notebook in place of the project's, and a folder for the demo beside it."""
    cells = [
        nbformat.v4.new_markdown_cell("# Small"),
        nbformat.v4.new_code_cell("import os; [os.getcwd(), os.environ['IPYTHONDIR']]"),
    ]
    path = tmp_path / "small.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)
    monkeypatch.setattr(notebook, "NOTEBOOK", path)
    monkeypatch.setattr(notebook, "PHOTOGRAPHER", tmp_path / "picture.py")
    monkeypatch.setattr(notebook, "BUNDLE", path)
    monkeypatch.setenv("IPYTHONDIR", "set, so that it is restored")
    return path


def test_the_notebook_is_run_with_all_that_it_leaves_in_the_folder(small_notebook, tmp_path, capfd):
    folder = tmp_path / "demo"
    folder.mkdir()
    notebook.show(folder, Narrator())
    captured = capfd.readouterr()
    assert captured.err == ""
    assert "   Cell 1 of 1\n" in captured.out
    assert "Left out: it takes playwright" in captured.out
    (output,) = nbformat.read(folder / "small.ipynb", as_version=4).cells[1].outputs
    assert [line.strip(" [],'") for line in output.data["text/plain"].splitlines()] == [
        str(folder),
        str(folder / "ipython"),
    ]
    assert nbformat.read(small_notebook, as_version=4).cells[1].outputs == []


def test_control_c_ends_a_cell_that_runs(small_notebook, tmp_path):
    content = nbformat.read(small_notebook, as_version=4)
    content.cells[1].source = "import threading; threading.Event().wait()"
    nbformat.write(content, small_notebook)
    command = [sys.executable, "-c", INTERRUPTED, small_notebook, tmp_path]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        while "Cell 1 of 1" not in process.stdout.readline():
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        _out, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (130, "")


def test_a_cell_that_fails_is_named_and_kept(small_notebook, tmp_path):
    content = nbformat.read(small_notebook, as_version=4)
    content.cells[1].source = "raise RuntimeError('out of ink')"
    nbformat.write(content, small_notebook)
    folder = tmp_path / "demo"
    folder.mkdir()
    with pytest.raises(lindi.LindiError, match="RuntimeError: out of ink") as caught:
        notebook.show(folder, Narrator())
    assert caught.value.hint == f"See {folder / 'small.ipynb'}."
    assert nbformat.read(folder / "small.ipynb", as_version=4).cells[1].outputs[0].output_type == "error"


@pytest.mark.parametrize(
    ("program", "told"),
    [
        ("import sys; open(sys.argv[2], 'wb')", "explorer.png"),
        ("import sys; sys.exit('No browser here')", "Left out: No browser here"),
    ],
)
def test_a_picture_is_taken_or_the_reason_is_given(small_notebook, tmp_path, capsys, program, told):
    notebook.PHOTOGRAPHER.write_text(program)
    (tmp_path / "demo").mkdir()
    notebook.show(tmp_path / "demo", Narrator())
    assert capsys.readouterr().out.rstrip().endswith(told)
    assert (tmp_path / "demo" / "explorer.png").exists() == (told == "explorer.png")


def test_a_picture_is_kept_while_nothing_it_shows_has_changed(small_notebook, tmp_path, capsys):
    folder = tmp_path / "demo"
    folder.mkdir()
    notebook.PHOTOGRAPHER.write_text("import sys; open(sys.argv[2], 'wb')")
    (folder / "explorer.png").write_bytes(b"old")
    for later, kept in ((10, True), (-10, False)):
        written = small_notebook.stat().st_mtime + later
        os.utime(folder / "explorer.png", (written, written))
        notebook.show(folder, Narrator())
        assert ("kept from the last run" in capsys.readouterr().out) == kept
    assert (folder / "explorer.png").read_bytes() == b""


def test_without_a_terminal_the_command_to_go_on_is_printed(small_notebook, tmp_path, capsys):
    notebook.start(tmp_path)
    command = capsys.readouterr().out.rpartition("To go on in JupyterLab: ")[2]
    assert "-m jupyterlab" in command
    assert str(small_notebook) in command


def test_on_a_terminal_jupyterlab_is_started(small_notebook, tmp_path, monkeypatch):
    started = []
    monkeypatch.setattr("os.execv", lambda program, arguments: started.append((program, arguments)))
    for stream in ("stdin", "stdout"):
        monkeypatch.setattr(getattr(sys, stream), "isatty", lambda: True)
    notebook.start(tmp_path)
    ((program, arguments),) = started
    assert (program, arguments[1:4]) == (sys.executable, ["-m", "jupyterlab", str(small_notebook)])
