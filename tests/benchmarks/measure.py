"""Measurements in turns, each in a fresh process, and the table of what they show."""

from __future__ import annotations

import functools
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
WORKER = Path(__file__).with_name("worker.py")
UPSTREAM = Path(os.environ.get("LINDI_UPSTREAM_PYTHON") or ROOT / ".venv-upstream" / "bin" / "python")
"""Python with upstream LINDI installed: it cannot live beside us, as it needs Zarr 2."""

PICTURES = ROOT / ".artifacts" / "bench"
TIMEOUT = 600
"""Seconds until a measurement that hangs is ended."""

_MB = 1_000_000


@dataclass(frozen=True)
class Result:
    """The best of several runs: what else the machine does only ever makes a run slower."""

    seconds: float
    peak: int

    @property
    def megabytes(self) -> float:
        """Largest memory of the process."""
        return self.peak / _MB


def run(task: str, *arguments: object) -> Result:
    """Run one task of the worker once, upstream's in the environment of upstream."""
    python = UPSTREAM if task.endswith("_upstream") else sys.executable
    done = subprocess.run(
        [python, WORKER, task, *map(str, arguments)],
        check=False,
        capture_output=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        text=True,
        timeout=TIMEOUT,
    )
    assert done.returncode == 0, f"{task}: {done.stderr}"
    # Upstream says more when it ends.
    (line,) = [line for line in done.stdout.splitlines() if line.startswith("{")]
    return Result(**json.loads(line))


def in_turns(tasks: dict[str, tuple[object, ...]], runs: int = 5) -> dict[str, Result]:
    """Run tasks in turns, so that a machine that slows down slows all of them.

    Parameters
    ----------
    tasks : dict
        Task of the worker -> its arguments. Tasks of upstream are left out where it is not installed.
    runs : int

    Returns
    -------
    dict
        The best of every task.
    """
    wanted = {name: item for name, item in tasks.items() if has_upstream() or not name.endswith("_upstream")}
    found = [{name: run(name, *arguments) for name, arguments in wanted.items()} for _ in range(runs)]
    return {
        name: Result(min(one[name].seconds for one in found), min(one[name].peak for one in found))
        for name in wanted
    }


@functools.cache
def has_upstream() -> bool:
    return UPSTREAM.is_file()


class Table:
    """Rows of "we, the other, ratio, target"; `check` fails the benchmark where a target was missed."""

    def __init__(self, title: str) -> None:
        print(f"\n\n{title}")
        self._missed: list[str] = []

    def faster(self, what: str, ours: Result, peer: Result | None, times: float) -> None:
        """We are at least so many times faster; a peer that was not measured is left out."""
        if peer is None:
            print(f"  {what:58} left out")
            return
        ratio = peer.seconds / ours.seconds
        self._row(what, _pair(ours, peer, f"{ratio:6.1f} x faster"), f">= {times:g} x", met=ratio >= times)

    def within(self, what: str, ours: Result, peer: Result | None, times: float) -> None:
        """We take at most so many times as long."""
        if peer is None:
            print(f"  {what:58} left out")
            return
        ratio = ours.seconds / peer.seconds
        self._row(what, _pair(ours, peer, f"{ratio:6.2f} x as long"), f"<= {times:g} x", met=ratio <= times)

    def at_most(self, what: str, value: float, limit: float, unit: str) -> None:
        """A number has a limit."""
        self._row(what, f"{value:.4g} {unit}", f"<= {limit:g}", met=value <= limit)

    def note(self, what: str, ours: Result, peer: Result | None) -> None:
        """A ratio without a target."""
        if peer is not None:
            print(f"  {what:58} {_pair(ours, peer, f'{ours.seconds / peer.seconds:6.2f} x as long')}")

    def _row(self, what: str, shown: str, target: str, *, met: bool) -> None:
        print(f"  {what:58} {shown:42} {target:10} {'met' if met else 'MISSED'}")
        if not met:
            self._missed.append(what)

    def check(self) -> None:
        """Fail where a target was missed."""
        if self._missed:
            pytest.fail("missed: " + "; ".join(self._missed), pytrace=False)


def _pair(ours: Result, peer: Result, ratio: str) -> str:
    return f"{ours.seconds:8.3f} s : {peer.seconds:8.3f} s  {ratio}"
