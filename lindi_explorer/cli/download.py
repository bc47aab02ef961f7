"""``lindi-explorer download``: bring data into an archive or folder of this machine, all or chosen."""

from __future__ import annotations

import argparse
import time
from pathlib import Path

from lindi_explorer.cli.bars import byte_bar
from lindi_explorer.cli.index import read_ahead
from lindi_explorer.cli.materialise import tell_losses
from lindi_explorer.cli.terminal import complain, say
from lindi_explorer.errors import ConflictError
from lindi_explorer.explorer.words import bytes_words, count_words, duration_words
from lindi_explorer.h5 import LindiH5pyFile, open_any
from lindi_explorer.h5.copies.download import DownloadReport
from lindi_explorer.h5.copies.downloaded import Downloaded


def run(args: argparse.Namespace) -> int:
    """Download data.

    Parameters
    ----------
    args : argparse.Namespace
        ``source``, ``output``, ``select``, ``overwrite``.

    Returns
    -------
    int
        0, or 1 where something could not be read.
    """
    output = Path(args.output)
    if output.exists() and not args.overwrite:
        raise ConflictError(
            f"{output} is there already", hint="Replace an archive with --overwrite, or choose another -o."
        )
    start = time.perf_counter()
    with open_any(args.source) as file:
        read_ahead(file)
        report = download(file, output, args.select)
    taken = duration_words(time.perf_counter() - start)
    there = f", {bytes_words(report.resumed)} of it by an earlier run" if report.resumed else ""
    chunks = f"{count_words(report.objects, 'dataset')}, {count_words(report.chunks, 'chunk')}"
    say(f"Downloaded {chunks} of {bytes_words(report.bytes)}{there}, in {taken}")
    say(f"Wrote {output} ({bytes_words(_size(output))})")
    return tell_losses(report.losses)


def download(file: LindiH5pyFile, output: Path, select: list[str] | None) -> DownloadReport:
    """Download data, with progress on a terminal.

    Parameters
    ----------
    file : LindiH5pyFile
    output : Path
    select : list of str or None
        Paths of the datasets and groups whose data is wanted; None for all.

    Returns
    -------
    DownloadReport
    """
    named: set[str] = set()
    with byte_bar("Downloading: {n_fmt}{postfix}, {elapsed}") as bar:

        def tell(done: Downloaded) -> None:
            for address in set(done.changed) - named:
                named.add(address)
                bar.clear()
                complain(f"{address} has changed since this download was begun: it is fetched anew.")
            bar.set_postfix_str(
                f"of {bytes_words(done.bytes_total)}, {done.objects:,} of {done.objects_total:,} datasets, "
                f"{done.chunks:,} of {done.chunks_total:,} chunks, {bytes_words(int(done.rate))}/s",
                refresh=False,
            )
            bar.update(done.bytes - bar.n)

        return file.download(output, select=select or None, progress=tell)


def _size(output: Path) -> int:
    """Bytes of an archive, or of all files in a folder."""
    if output.is_dir():
        return sum(child.stat().st_size for child in output.rglob("*") if child.is_file())
    return output.stat().st_size
