"""Remote files, at a server with latency: ours, upstream LINDI, remfile, and the floor, in one run.

``make bench-remote [FILES="old_20k small"]`` prints the table and writes a picture. It needs the server and
the files of ``../shared/tools``, and upstream LINDI in ``.venv-upstream``. Ours is a median of five or nine;
the others, which take minutes, run once. A ratio that is missed ends the run with an error.
"""

from __future__ import annotations

import importlib.util
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from files import MILLION, nwb_of_500, of_a_million_chunks

ROOT = Path(__file__).resolve().parents[3]
SHARED = Path(os.environ.get("LINDI_SHARED") or ROOT.parent / "shared").resolve()
TOOLS = SHARED / "tools"
FILES = Path(os.environ.get("LINDI_REMOTE_FILES") or ROOT / ".artifacts" / "remote_files")
PICTURE = ROOT / ".artifacts" / "bench" / "remote.png"
UPSTREAM = Path(os.environ.get("LINDI_UPSTREAM_PYTHON") or ROOT / ".venv-upstream" / "bin" / "python")
WORKER = Path(__file__).with_name("worker.py")

REPEATS = 5
ROUNDS = 9
"""Of ours and the two halves of the floor in turns: on a shared machine each may take half as long again."""

TIMEOUT = 900
"""Seconds until a measurement that hangs is ended."""

DATA = "acquisition/ElectricalSeries/data"
MOST_IN_WAVE = 256

DEPTH = 9
"""Waves that a file of a million chunks takes: superblock, root group, its tree, symbols, the dataset,
and four levels of the tree of its chunks."""

MOST_MEMORY = 600e6
"""Bytes that indexing a million chunks may take."""


class Target(NamedTuple):
    """A file, the latency, and how many times faster than upstream its index must be."""

    name: str
    latency_ms: int
    times: float


INDEX = (
    Target("old_100k", 30, 50),
    Target("old_100k", 100, 90),
    Target("old_20k", 30, 22),
    Target("old_20k", 100, 42),
    Target("latest_100k", 30, 9),
    Target("paged_100k", 30, 5.5),
    Target("latest_20k", 30, 5.5),
    Target("latest_bt2_20k", 30, 18),
    Target("front_100k", 30, 36),
    Target("small", 30, 4),
    Target("units", 30, 4),
)

FLOOR = 1.8
"""A whole index may take so many times one wave of all its ranges and the local parse."""

CHUNKS = ((30, 0, 18.0), (30, 60, 75.0), (100, 0, 75.0))
"""Latency, time to connect (ms), and how many times faster than upstream 256 chunks of 64 KB must be read."""


class Run(NamedTuple):
    """One measurement and what the server saw of it."""

    seconds: float
    requests: int
    bytes: int
    waves: int
    extra: dict[str, Any]


class Bench:
    """The table: measures, prints, and remembers what was missed."""

    def __init__(self, server: Any, scratch: Path) -> None:
        self.server = server
        self.scratch = scratch
        self.missed: list[str] = []
        self.bars: list[tuple[str, float, float]] = []

    def run(self, task: str, *arguments: object, latency_ms: float, connect_ms: float = 0) -> Run:
        """One task in a fresh process."""
        python = UPSTREAM if task.endswith(("_upstream", "_remfile")) else Path(sys.executable)
        self.server.reset(latency_ms=latency_ms, connect_ms=connect_ms)
        done = subprocess.run(
            [python, WORKER, task, *map(str, arguments)],
            check=False,
            capture_output=True,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            text=True,
            timeout=TIMEOUT,
        )
        if done.returncode:
            sys.exit(f"{task} {arguments}: {done.stderr}")
        found = json.loads(next(line for line in done.stdout.splitlines() if line.startswith('{"seconds"')))
        stats, log = self.server.stats(), self.server.log()
        return Run(found["seconds"], stats["requests"], stats["bytes"], waves(log, latency_ms / 1000), found)

    def median(self, task: str, *arguments: object, **latency: float) -> Run:
        """The run with the median time of five."""
        return _median([self.run(task, *arguments, **latency) for _ in range(REPEATS)])

    def row(self, what: str, shown: str, *, met: bool) -> None:
        print(f"  {what:44} {shown:100} {'met' if met else 'MISSED'}", flush=True)
        if not met:
            self.missed.append(what)

    # ------------------------------------------------------------ the rows

    def index(self, target: Target) -> None:
        name, latency_ms, times = target
        url, path = self.server.url(f"{name}.nwb"), FILES / f"{name}.nwb"
        ranges = self.scratch / "ranges.json"
        rounds = []
        # In turns: what else the machine does meanwhile slows ours and the floor alike.
        for _ in range(ROUNDS):
            whole = self.run("index_ours", url, latency_ms=latency_ms)
            ranges.write_text(json.dumps([[entry[3], entry[4]] for entry in self.server.log()]), "utf-8")
            wave = self.run("one_wave", url, ranges, latency_ms=latency_ms)
            rounds.append((whole, wave, self.run("index_local_ours", path, latency_ms=latency_ms)))
        ours, wave, parse = (_median(runs) for runs in zip(*rounds, strict=True))
        upstream = self.run("index_upstream", url, latency_ms=latency_ms)
        remfile = self.run("index_remfile", url, latency_ms=latency_ms)
        floor = wave.seconds + parse.seconds
        ratio, over = upstream.seconds / ours.seconds, ours.seconds / floor
        what = f"index {name}, {latency_ms} ms"
        self.bars.append((what, ratio, times))
        self.row(
            what,
            f"{ours.seconds:6.2f} s {ours.requests:5} req {ours.waves:4} waves {ours.bytes / 1e6:6.1f} MB"
            f" {ours.extra['misses']:3} misses; upstream {upstream.seconds:6.1f} s"
            f" {upstream.bytes / 1e6:6.1f} MB: {ratio:6.1f} x (>= {times:g})",
            met=ratio >= times,
        )
        self.row(
            "  against remfile and the floor",
            f"remfile and a bare walk {remfile.seconds:6.1f} s: {remfile.seconds / ours.seconds:6.1f} x;"
            f" floor {wave.seconds:.2f} + {parse.seconds:.2f} s: {over:.2f} (<= {FLOOR})",
            met=over <= FLOOR,
        )
        if name == "old_100k":
            self.row(
                "  bytes",
                f"1/{upstream.bytes / ours.bytes:.0f} of upstream's (<= 1/25)",
                met=upstream.bytes >= 25 * ours.bytes,
            )

    def looking(self) -> None:
        url, latency_ms = self.server.url("old_100k.nwb"), 100
        levels = self.median("two_levels", url, latency_ms=latency_ms)
        self.row(
            "open and two levels of the tree, old_100k",
            f"{levels.waves} waves, {levels.seconds * 1000 / latency_ms:.1f} RTT, {levels.requests} requests"
            " (<= 5 RTT)",
            met=levels.waves <= 5,
        )
        piece = self.median("one_slice", url, DATA, latency_ms=latency_ms)
        self.row(
            "one slice of 100,000 chunks, unindexed",
            f"{piece.waves} waves, {piece.seconds * 1000 / latency_ms:.1f} RTT, {piece.requests} requests"
            " (<= 8 RTT, <= 6 requests)",
            met=piece.waves <= 8 and piece.requests <= 6,
        )
        cache = self.scratch / "cache"
        self.run("second_open", url, cache, latency_ms=latency_ms)
        second = self.run("second_open", url, cache, latency_ms=latency_ms)
        self.row(
            "second open of a cached file", f"{second.requests} requests (<= 1)", met=second.requests <= 1
        )

    def chunks(self) -> None:
        url = self.server.url("old_20k.nwb")
        document, local = self.scratch / "remote.lindi.json", self.scratch / "local.lindi.json"
        _document(FILES / "old_20k.nwb", url, document)
        _document(FILES / "old_20k.nwb", None, local)
        rows = 256 // 4 * 1024
        decode = self.median("chunks_ours", local, DATA, rows, latency_ms=0).seconds
        for latency_ms, connect_ms, times in CHUNKS:
            latency = {"latency_ms": latency_ms, "connect_ms": connect_ms}
            ours = self.median("chunks_ours", document, DATA, rows, **latency)
            upstream = self.run("chunks_upstream", document, DATA, rows, **latency)
            ratio, limit = upstream.seconds / ours.seconds, 2 * decode + 5 * latency_ms / 1000
            what = f"256 chunks, {latency_ms} + {connect_ms} ms"
            self.bars.append((what, ratio, times))
            self.row(
                what,
                f"{ours.seconds:6.3f} s {ours.requests} req; upstream {upstream.seconds:5.1f} s:"
                f" {ratio:5.1f} x (>= {times:g}); limit {limit:.2f} s",
                met=ratio >= times and ours.seconds <= limit,
            )

    def million(self) -> None:
        path, out = of_a_million_chunks(FILES / "million.nwb"), self.scratch / "million.lindi.json"
        url, latency_ms = self.server.url(path.name), 30
        ours = self.median("write_ours", url, out, latency_ms=latency_ms)
        local = self.median("write_ours", path, out, latency_ms=0)
        memory, most = ours.extra["peak"] / 1e6, MOST_MEMORY / 1e6
        rule = (DEPTH + ours.requests / MOST_IN_WAVE) * latency_ms / 1000
        self.row(
            f"index and write {MILLION:,} chunks, {latency_ms} ms",
            f"{ours.seconds:.2f} s {ours.requests} req {ours.waves} waves {ours.bytes / 1e6:.1f} MB"
            f" {ours.extra['misses']} misses; (D + N/C) x RTT {rule:.2f} s + local {local.seconds:.2f} s:"
            f" {ours.seconds / (rule + local.seconds):.2f}; {memory:.0f} MB (<= {most:.0f})",
            met=memory <= most,
        )

    def pynwb(self) -> None:
        url = self.server.url(nwb_of_500(FILES / "nwb_500.nwb").name)
        ours = self.median("pynwb_ours", url, latency_ms=30)
        upstream = self.run("pynwb_upstream", url, latency_ms=30)
        ratio = upstream.seconds / ours.seconds
        self.bars.append(("pynwb, 500 objects, 30 ms", ratio, 5))
        self.row(
            "pynwb reads 500 objects, 30 ms",
            f"{ours.seconds:.2f} s {ours.requests} req {ours.waves} waves; upstream {upstream.seconds:.1f} s:"
            f" {ratio:.1f} x (>= 5)",
            met=ratio >= 5,
        )


def _median(runs: Sequence[Run]) -> Run:
    """The run with the median time."""
    return sorted(runs, key=lambda run: run.seconds)[len(runs) // 2]


def waves(log: Sequence[Sequence[Any]], latency: float) -> int:
    """How many waves: requests issued before any of them has answered, at most 256."""
    count = 0
    first, size = float("-inf"), 0
    for at in sorted(entry[0] for entry in log):
        if at >= first + latency or size == MOST_IN_WAVE:
            count, first, size = count + 1, at, 0
        size += 1
    return count


def _document(path: Path, url: str | None, out: Path) -> None:
    from lindi_explorer import LindiH5pyFile

    with LindiH5pyFile.from_hdf5_file(path, url=url) as file:
        file.write_lindi_file(out)


def _tool(name: str) -> Any:
    spec = importlib.util.spec_from_file_location(name, TOOLS / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _picture(bars: Sequence[tuple[str, float, float]]) -> None:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 0.4 * len(bars) + 1), layout="constrained")
    axes = figure.subplots()
    names = [name for name, _, _ in reversed(bars)]
    axes.barh(names, [ratio for _, ratio, _ in reversed(bars)], color="#3b7ea1")
    axes.plot([target for _, _, target in reversed(bars)], names, "k|", markersize=14, label="target")
    axes.set_xscale("log")
    axes.set_xlabel("times faster than upstream LINDI 0.4.6")
    axes.legend(loc="lower right")
    PICTURE.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(PICTURE, dpi=120)


def _make(names: set[str]) -> None:
    FILES.mkdir(parents=True, exist_ok=True)
    missing = sorted(name for name in names if not (FILES / f"{name}.nwb").exists())
    if missing:
        print(f"Making {', '.join(missing)} in {FILES}", flush=True)
        subprocess.run([sys.executable, TOOLS / "make_remote_files.py", FILES, *missing], check=True)


def main() -> None:
    if not TOOLS.is_dir():
        sys.exit("../shared/tools is not beside this clone: the server and the files are missing.")
    if not UPSTREAM.is_file():
        sys.exit("Upstream LINDI is not installed: make .venv-upstream/.installed")
    wanted = set(sys.argv[1:]) or {target.name for target in INDEX}
    _make(wanted | ({"old_100k", "old_20k"} if not sys.argv[1:] else set()))
    parts: list[Callable[[], None]] = []
    with tempfile.TemporaryDirectory() as scratch, _tool("latency_server").LatencyServer(FILES) as server:
        bench = Bench(server, Path(scratch))
        print(f"\nRemote files: the median of {REPEATS} or {ROUNDS} of ours, one run of the others")
        for target in INDEX:
            if target.name in wanted:
                bench.index(target)
        if not sys.argv[1:]:
            parts = [bench.looking, bench.chunks, bench.million, bench.pynwb]
        for part in parts:
            part()
    _picture(bench.bars)
    over = [ratio / target for _, ratio, target in bench.bars]
    print(f"\nMedian of ratio / target: {statistics.median(over):.2f}. Picture: {PICTURE.relative_to(ROOT)}")
    if bench.missed:
        sys.exit("missed: " + "; ".join(bench.missed))


if __name__ == "__main__":
    main()
