"""``lindi-explorer materialise``: write a copy that stands alone, HDF5 or Zarr."""

from __future__ import annotations

import argparse
import time
from pathlib import Path

from lindi_explorer.cli.bars import byte_bar
from lindi_explorer.cli.index import read_ahead
from lindi_explorer.cli.terminal import complain, say
from lindi_explorer.errors import ConflictError
from lindi_explorer.explorer.words import bytes_words, count_words, duration_words
from lindi_explorer.h5 import LindiH5pyFile, open_any
from lindi_explorer.h5.copies.to_hdf5 import write_hdf5
from lindi_explorer.h5.copies.to_zarr import write_zarr
from lindi_explorer.h5.materialise.tally import Copied, CopyReport, Loss

_INCOMPLETE = 1
_MOST_TOLD = 20
"""Losses that are printed one by one."""


def run(args: argparse.Namespace) -> int:
    """Write a copy.

    Parameters
    ----------
    args : argparse.Namespace
        ``source``, ``output``, ``overwrite``.

    Returns
    -------
    int
        0, or 1 where something could not be copied.
    """
    output = Path(args.output)
    if output.exists() and not args.overwrite:
        raise ConflictError(f"{output} is there already", hint="Replace it with --overwrite.")
    start = time.perf_counter()
    with open_any(args.source) as file:
        read_ahead(file)
        report = copy(file, output, overwrite=args.overwrite)
    taken = duration_words(time.perf_counter() - start)
    say(f"Copied {count_words(report.objects, 'object')}, {bytes_words(report.bytes)} of data, in {taken}")
    say(f"Wrote {output}")
    return tell_losses(report.losses)


def copy(file: LindiH5pyFile, output: Path, *, overwrite: bool) -> CopyReport:
    """Write a copy, with progress on a terminal.

    Parameters
    ----------
    file : LindiH5pyFile
    output : Path
        A folder is written where it ends with ``.zarr``, else an HDF5 file.
    overwrite : bool
        Whether a Zarr store that is there is replaced.

    Returns
    -------
    CopyReport
    """
    with byte_bar("Copying: {n_fmt}{postfix}, {rate_fmt}, {elapsed}") as bar:

        def tell(copied: Copied) -> None:
            of = "" if copied.bytes_total is None else f"of {bytes_words(copied.bytes_total)}, "
            bar.set_postfix_str(f"{of}{copied.objects:,} objects", refresh=False)
            bar.update(copied.bytes - bar.n)

        if output.suffix == ".zarr":
            return write_zarr(file, output, overwrite=overwrite, progress=tell)
        return write_hdf5(file, output, progress=tell)


def tell_losses(losses: tuple[Loss, ...]) -> int:
    """Print what could not be copied.

    Parameters
    ----------
    losses : tuple of Loss

    Returns
    -------
    int
        Exit status.
    """
    if not losses:
        return 0
    complain(f"{count_words(len(losses), 'thing')} could not be copied:")
    for loss in losses[:_MOST_TOLD]:
        complain(f"  {loss.path}: {loss.why}")
    if len(losses) > _MOST_TOLD:
        complain(f"  and {len(losses) - _MOST_TOLD:,} more")
    return _INCOMPLETE
