"""What a user does first, with an installed package: open, read with pynwb, export, reopen, explore, edit."""

from __future__ import annotations

import sys
from pathlib import Path

import pynwb

import lindi_explorer as lindi
from lindi_explorer.samples import RangeServer, make_nwb

NEW = "corrected with an installed package"


def main(home: Path) -> None:
    assert home in Path(lindi.__file__).parents, "not the installed package"
    sample = make_nwb(home / "sample.nwb", size="tiny")
    expected = facts(sample)
    with RangeServer(home, latency_ms=5) as server:
        for source in (str(sample), server.url(sample.name)):
            check_round_trip(source, home / "sample.nwb.lindi.json", expected)
    check_edit(sample, home / "edited.nwb.lindi.json", expected)
    sys.stdout.write("Opened, exported, explored and edited with the installed package\n")


def facts(file: object) -> tuple[object, ...]:
    """A few values of every kind, read by pynwb."""
    how = {"path": str(file)} if isinstance(file, Path) else {"file": file}
    with pynwb.NWBHDF5IO(mode="r", **how) as io:
        nwbfile = io.read()
        raw = nwbfile.acquisition["raw"]
        return (
            nwbfile.identifier,
            raw.comments,
            raw.data[:100].tolist(),
            nwbfile.units["spike_times"][1].tolist(),
            nwbfile.epochs["timeseries"][1][0].timeseries.name,
            list(nwbfile.trials["response"][:]),
        )


def check_round_trip(source: str, export: Path, expected: tuple[object, ...]) -> None:
    client = lindi.LindiH5pyFile.from_hdf5_file(source)
    assert facts(client) == expected
    client = lindi.LindiH5pyFile.from_hdf5_file(source)
    client.write_lindi_file(str(export))
    client.close()
    assert facts(lindi.LindiH5pyFile.from_lindi_file(str(export))) == expected


def check_edit(sample: Path, export: Path, expected: tuple[object, ...]) -> None:
    explorer = lindi.LindiExplorer(str(sample))
    assert len(explorer._esm) > 10_000, "the wheel carries no bundle"
    explorer.file["acquisition/raw"].attrs["comments"] = NEW
    explorer.export(str(export), local_paths=True)
    edited = facts(lindi.LindiH5pyFile.from_lindi_file(str(export)))
    assert edited == (expected[0], NEW, *expected[2:])
    explorer.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
