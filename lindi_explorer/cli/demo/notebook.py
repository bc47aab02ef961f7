"""The notebook of the demo: run for real, a picture of it, and JupyterLab to go on in."""

from __future__ import annotations

import asyncio
import importlib.util
import os
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import lindi_explorer
from lindi_explorer.cli.terminal import Narrator, say
from lindi_explorer.errors import LindiError

CLONE = Path(lindi_explorer.__file__).resolve().parents[1]
NOTEBOOK = CLONE / "notebooks" / "quickstart.ipynb"
BUNDLE = CLONE / "lindi_explorer" / "widget" / "static" / "widget.js"
PHOTOGRAPHER = CLONE / "tests" / "e2e" / "picture.py"


def show(folder: Path, narrator: Narrator) -> None:
    """Run the notebook and take a picture of the explorer in it, as far as there is what it takes.

    Parameters
    ----------
    folder : Path
        Where notebook and picture are written.
    narrator : Narrator
    """
    narrator.step("Run the notebook")
    if not NOTEBOOK.exists():
        narrator.say("Left out: the notebook comes with the project's source, not with the package.")
        return
    if importlib.util.find_spec("nbclient") is None:
        narrator.say("Left out: nbclient is missing. Install lindi-explorer[lab].")
        return
    notebook = _run(folder, narrator)
    narrator.say(f"{notebook}, with its results")
    narrator.step("Take a picture of the explorer in JupyterLab")
    narrator.say(_take_picture(notebook, folder / "explorer.png"))


def _run(folder: Path, narrator: Narrator) -> Path:
    """Run every cell of the notebook in a kernel of its own; the notebook with its results."""
    import nbclient
    import nbformat

    # The person's own IPython start-up files and history are left alone.
    os.environ["IPYTHONDIR"] = str((folder / "ipython").resolve())
    content = nbformat.read(NOTEBOOK, as_version=4)  # type: ignore[no-untyped-call]
    code = [number for number, cell in enumerate(content.cells) if cell.cell_type == "code"]

    def tell(cell_index: int, **_: object) -> None:
        narrator.say(f"Cell {code.index(cell_index) + 1} of {len(code)}")

    def leave_ctrl_c_alone(**_: object) -> None:
        # nbclient would end the kernel, and then stumble over its absence.
        asyncio.get_running_loop().remove_signal_handler(signal.SIGINT)

    client = nbclient.NotebookClient(
        content,
        timeout=120,
        shutdown_kernel="immediate",
        on_notebook_start=leave_ctrl_c_alone,
        resources={"metadata": {"path": str(folder)}},
        on_cell_execute=tell,
        extra_arguments=["--log-level=ERROR"],
    )
    target = folder / NOTEBOOK.name
    try:
        client.execute()
    except nbclient.exceptions.CellExecutionError as error:
        words = f"a cell of the notebook failed: {error.ename}: {error.evalue}"
        raise LindiError(words, hint=f"See {target}.") from error
    finally:
        nbformat.write(content, target)  # type: ignore[no-untyped-call]
    return target


def _take_picture(notebook: Path, picture: Path) -> str:
    """Where the picture is, or why there is none."""
    if picture.exists() and picture.stat().st_mtime > max(
        path.stat().st_mtime for path in (NOTEBOOK, BUNDLE)
    ):
        return f"{picture}, kept from the last run"
    if not PHOTOGRAPHER.exists() or importlib.util.find_spec("playwright") is None:
        return "Left out: it takes playwright, one of the project's tools for development."
    command = [sys.executable, str(PHOTOGRAPHER), str(notebook), str(picture)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - ours
    if result.returncode == 0:
        return str(picture)
    return f"Left out: {(result.stderr or result.stdout).strip().rpartition(chr(10))[2]}"


def start(folder: Path) -> None:
    """Start JupyterLab on the notebook where somebody sits at a terminal; print the command elsewhere.

    JupyterLab takes the place of this process.

    Parameters
    ----------
    folder : Path
    """
    notebook = folder / NOTEBOOK.name
    if not notebook.exists():
        return
    if importlib.util.find_spec("jupyterlab") is None:
        say("\nTo go on in JupyterLab, install lindi-explorer[lab].")
        return
    command = [sys.executable, "-m", "jupyterlab", str(notebook)]
    if os.geteuid() == 0:
        command.append("--allow-root")  # as in containers; JupyterLab would refuse to start
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        python = os.path.relpath(sys.executable)
        say(f"\nTo go on in JupyterLab: {shlex.join([python, *command[1:]])}")
        return
    say(f"\nStarting JupyterLab on {notebook}; Ctrl-C ends it. Run > Run All Cells wakes the explorer.")
    os.execv(command[0], command)  # noqa: S606 - the interpreter we run in
