"""Writing and opening large documents: a million chunk references, fifty thousand nodes."""

from __future__ import annotations

from tests.benchmarks import files
from tests.benchmarks.measure import Table, in_turns, run


def test_a_million_chunks(tmp_path):
    path = files.chunked(tmp_path / "f.h5", 1_000_000)
    document = tmp_path / "f.lindi.json"
    whole = run("write_and_reopen_ours", path, document)
    best = in_turns({"open_ours": (document,), "parse_msgspec": (document,)}, runs=3)
    table = Table(f"A million chunks, a document of {document.stat().st_size / 1e6:.0f} MB")
    table.at_most("index, write and open: largest memory", whole.megabytes, 400, "MB")
    table.within("open, beside parsing with msgspec", best["open_ours"], best["parse_msgspec"], 3)
    table.check()


def test_fifty_thousand_nodes(tmp_path):
    path = files.document(tmp_path / "f.lindi.json", 50_000)
    best = in_turns({"open_ours": (path,), "open_upstream": (path,), "parse_msgspec": (path,)}, runs=7)
    table = Table(f"50,000 nodes, a document of {path.stat().st_size / 1e6:.0f} MB")
    table.within("open, beside upstream", best["open_ours"], best.get("open_upstream"), 0.5)
    table.note("open, beside parsing with msgspec", best["open_ours"], best["parse_msgspec"])
    table.check()
