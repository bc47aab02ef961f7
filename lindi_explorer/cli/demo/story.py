"""The steps of the demo, in order; each says what it does before it does it."""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lindi_explorer.cli.demo import notebook
from lindi_explorer.cli.index import index, totals_words
from lindi_explorer.cli.show import tree_lines
from lindi_explorer.cli.terminal import Narrator, say
from lindi_explorer.cli.validate import finding_words
from lindi_explorer.errors import LindiError
from lindi_explorer.explorer.words import bytes_words, count_words, duration_words
from lindi_explorer.h5 import LindiH5pyFile, open_any
from lindi_explorer.nwb.validate import validate
from lindi_explorer.samples import RangeServer, make_nwb
from lindi_explorer.samples.judge import differences, read_nwb

LATENCY_MS = 20
SERIES = "raw"
DATA = f"/acquisition/{SERIES}/data"
ATTRIBUTE = "conversion"
CORRECTED = 3.9e-7  # volts per count: twice what the sample says


def run(args: argparse.Namespace) -> int:
    """Show it all.

    Parameters
    ----------
    args : argparse.Namespace
        ``folder``.

    Returns
    -------
    int
        0; whatever does not come out as it should is an error.
    """
    folder = Path(args.folder)
    folder.mkdir(parents=True, exist_ok=True)
    # Nothing of the demo is left in the person's own folders.
    os.environ["LINDI_EXPLORER_JOURNAL_DIR"] = str((folder / "journals").resolve())
    say(f"A file is opened over the web, corrected and exported. Everything is written to {folder}/.")
    story = Story(folder)
    sample = story.make_sample()
    with RangeServer(folder, latency_ms=LATENCY_MS) as server:
        indexed = story.index(story.serve(server, sample))
        with open_any(indexed) as file:
            story.look(file)
            story.edit(file)
            story.check(file)
            exported = story.export(file)
        story.reopen(exported, sample)
    notebook.show(folder, story)
    notebook.start(folder)
    return 0


class Story(Narrator):
    """The steps up to the export, each of which fails where something is not as it should be.

    Parameters
    ----------
    folder : Path
        Where everything is written.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder = folder

    @contextmanager
    def _cost(self, file: LindiH5pyFile, words: str) -> Iterator[None]:
        """Say what the reads inside cost."""
        before = file.reader.stats.snapshot()
        yield
        after = file.reader.stats.snapshot()
        requests = count_words(after.requests - before.requests, "request")
        self.say(f"{words}: {requests}, {bytes_words(after.bytes - before.bytes)}")

    def make_sample(self) -> Path:
        """An NWB file; that of the last run is kept."""
        self.step("Make a sample: an NWB file with recordings, units, trials, images, imaging and behaviour")
        sample = self._folder / "sample.nwb"
        is_new = not sample.exists()
        if is_new:
            make_nwb(self._folder / "unfinished.nwb", size="large").replace(sample)
        kept = "" if is_new else ", kept from the last run"
        self.say(f"{sample}, {bytes_words(sample.stat().st_size)}{kept}")
        return sample

    def serve(self, server: RangeServer, sample: Path) -> str:
        """Where it is found on the web."""
        self.step("Serve it from a web server on this machine")
        url = server.url(sample.name)
        self.say(f"{url}, every answer {LATENCY_MS} ms late")
        return url

    def index(self, url: str) -> Path:
        """The LINDI file of the remote file."""
        self.step("Index it: all metadata, and where the data lies; the data stays on the server")
        start = time.perf_counter()
        indexed = self._folder / "sample.nwb.lindi.json"
        with LindiH5pyFile.from_hdf5_file(url) as file:
            totals = index(file)
            file.write_lindi_file(indexed)
            stats = file.reader.stats.snapshot()
        taken = duration_words(time.perf_counter() - start)
        self.say(
            f"{totals_words(totals)}; read {bytes_words(stats.bytes)} in {stats.requests} requests, {taken}"
        )
        self.say(f"{indexed}, {bytes_words(indexed.stat().st_size)}")
        return indexed

    def look(self, file: LindiH5pyFile) -> None:
        """What is in it, and what that costs."""
        self.step("Open the index, and look around")
        with self._cost(file, "The tree"):
            lines = list(tree_lines(file, depth=2))
        for line in lines:
            self.say(f"  {line}")
        with self._cost(file, f"3,000 samples of one channel of {DATA}"):
            file[DATA][:3000, 0]

    def edit(self, file: LindiH5pyFile) -> None:
        """Correct an attribute, undo, redo."""
        self.step(f"Correct the {ATTRIBUTE} of {DATA}, in volts per count")
        attributes = file[DATA].attrs
        old, kind = attributes[ATTRIBUTE], attributes[ATTRIBUTE].dtype
        attributes.modify(ATTRIBUTE, CORRECTED)
        self._expect(file, "Set", CORRECTED)
        _require(
            attributes[ATTRIBUTE].dtype == kind, f"the type is {attributes[ATTRIBUTE].dtype}, not {kind}"
        )
        file.journal.undo()
        self._expect(file, "Undone", old)
        file.journal.redo()
        self._expect(file, "Redone", CORRECTED)

    def _expect(self, file: LindiH5pyFile, words: str, value: float) -> None:
        found = file[DATA].attrs[ATTRIBUTE]
        self.say(f"{words}: {found:.4g}")
        _require(found == value, f"{ATTRIBUTE} is {found}, not {value}")

    def check(self, file: LindiH5pyFile) -> None:
        """Run the validator of pynwb."""
        self.step("Check the corrected file with pynwb's validator")
        findings = validate(file)
        for finding in findings:
            self.say(finding_words(finding))
        _require(not findings, "the corrected file is not valid")
        self.say("It is valid NWB")

    def export(self, file: LindiH5pyFile) -> Path:
        """The corrected file as a LINDI file."""
        self.step("Export it; the file on the server is not touched")
        exported = self._folder / "corrected.nwb.lindi.json"
        file.write_lindi_file(exported)
        self.say(f"{exported}, {bytes_words(exported.stat().st_size)}")
        return exported

    def reopen(self, exported: Path, sample: Path) -> None:
        """The export as pynwb reads it, beside the sample as h5py reads it."""
        self.step("Read the export with pynwb, and compare all of it with the sample")
        with read_nwb(LindiH5pyFile.from_lindi_file(exported)) as nwbfile:
            found = nwbfile.acquisition[SERIES].conversion
        self.say(f"pynwb reads the {ATTRIBUTE} {found:.4g}")
        _require(found == CORRECTED, f"pynwb reads {found}, not {CORRECTED}")
        with LindiH5pyFile.from_lindi_file(exported) as file:
            compared, different = differences(sample, file)
        _require(different == [f"{DATA}.{ATTRIBUTE}"], f"these differ: {', '.join(different) or 'none'}")
        self.say(f"{compared:,} attributes and datasets: that one differs, all others are equal")


def _require(is_so: bool, words: str) -> None:
    if not is_so:
        raise LindiError(f"the demo did not come out as it should: {words}", hint="Report it as a mistake.")
