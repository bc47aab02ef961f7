"""Ten times as much takes ten times as long, not more: the curves, as a picture."""

from __future__ import annotations

import matplotlib as mpl

from tests.benchmarks import files
from tests.benchmarks.measure import PICTURES, Table, in_turns

CHUNKS = (1_000, 10_000, 100_000, 1_000_000)
NODES = (100, 1_000, 10_000, 100_000)
MOST = 15
"""So many times as long ten times as much may take: ten, and what a busy machine adds."""


def test_growth(tmp_path):
    curves = {
        "index and write, chunks": curve(tmp_path, files.chunked, CHUNKS, "index_and_write_ours"),
        "index and write, objects": curve(tmp_path, files.nwb_like, NODES, "index_and_write_ours"),
        "open a document, chunks": curve(tmp_path, files.document_of_chunks, CHUNKS, "open_ours"),
        "open a document, objects": curve(tmp_path, files.document, NODES, "open_ours"),
    }
    draw(curves)
    table = Table("Ten times as much, the last step of each curve")
    for name, points in curves.items():
        (_, before), (count, last) = points[-2:]
        table.at_most(f"{name}: {count:,} in {last:.2f} s", last / before, MOST, "x as long")
    table.check()


def curve(folder, make, counts, task):
    points = []
    for count in counts:
        path = make(folder / f"{task}{count}.lindi.json", count)
        arguments = (path, folder / "out.lindi.json") if task == "index_and_write_ours" else (path,)
        points.append((count, in_turns({task: arguments}, runs=2)[task].seconds))
        path.unlink()
    return points


def draw(curves):
    mpl.use("Agg")
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(figsize=(7, 5), layout="constrained")
    for name, points in curves.items():
        (line,) = axes.loglog(*zip(*points, strict=True), marker="o", label=name)
        count, seconds = points[-1]
        # What it would be if each took as long as each of the most.
        counts = [first for first, _ in points]
        axes.loglog(counts, [seconds * n / count for n in counts], ":", color=line.get_color(), linewidth=1)
    axes.set_xlabel("chunks or objects")
    axes.set_ylabel("seconds (dotted: proportional)")
    axes.legend()
    PICTURES.mkdir(parents=True, exist_ok=True)
    figure.savefig(PICTURES / "growth.png", dpi=110)
    plt.close(figure)
    print(f"\n\nThe curves are in {(PICTURES / 'growth.png')}")
