"""Running the small programs of this folder in the environments of the other implementations."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).parent
UPSTREAM, ZARR_3 = ".venv-upstream", ".venv-zarr3"
MISSING = "is missing (make interop installs it)"


def run(environment, program, *arguments):
    """Run a program of this folder; skips the test where there is no such environment."""
    folder = "Scripts" if sys.platform == "win32" else "bin"
    python = ROOT / environment / folder / "python"
    if not (ROOT / environment / ".installed").exists():
        pytest.skip(f"{environment} {MISSING}")
    command = [str(python), "-W", "ignore", str(HERE / program), *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=110, check=False)
    assert done.returncode == 0, done.stderr[-3000:]


def ask(environment, program, jobs, folder, *arguments):
    """Have a program do jobs, one answer each; all in one process."""
    name = f"{environment}-{program}-{len(arguments)}-{len(list(folder.iterdir()))}"
    questions, answers = folder / f"{name}.jobs.json", folder / f"{name}.answers.json"
    questions.write_text(json.dumps(jobs))
    run(environment, program, questions, answers, *arguments)
    return json.loads(answers.read_text())
