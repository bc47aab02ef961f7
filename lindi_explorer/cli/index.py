"""``lindi-explorer index``: write the LINDI file of an HDF5 file."""

from __future__ import annotations

import argparse
import os
import time
from dataclasses import dataclass
from pathlib import Path

from tqdm import tqdm

from lindi_explorer.byterange import redact_url
from lindi_explorer.cli.bars import byte_bar
from lindi_explorer.cli.terminal import say
from lindi_explorer.errors import ConflictError
from lindi_explorer.explorer.nodes import stored_bytes
from lindi_explorer.explorer.secrets import clean
from lindi_explorer.explorer.words import bytes_words, count_words, duration_words
from lindi_explorer.formats.json_file import write_json
from lindi_explorer.h5 import LindiH5pyFile
from lindi_explorer.references.secrets import without_secret
from lindi_explorer.remote import LocalCache, Walked, is_elsewhere


@dataclass(slots=True)
class Totals:
    """What an index holds.

    Attributes
    ----------
    objects : int
        Groups, datasets and links.
    chunks : int
        References to pieces of data, those kept in the document included.
    stored : int
        Bytes they stand for.
    """

    objects: int = 0
    chunks: int = 0
    stored: int = 0


def run(args: argparse.Namespace) -> int:
    """Index a file.

    Parameters
    ----------
    args : argparse.Namespace
        ``source``, ``output``, ``url``.

    Returns
    -------
    int
        0
    """
    output = Path(args.output or _default_name(args.source))
    local = not is_elsewhere(args.source)
    if local and output.exists() and output.samefile(args.source):
        raise ConflictError(
            f"{output} is the source itself, which is never changed", hint="Choose another -o."
        )
    start = time.perf_counter()
    # What was fetched is kept on disk as it comes: a run that is stopped goes on from there.
    cache = None if local else LocalCache()
    with LindiH5pyFile.from_hdf5_file(args.source, url=args.url, local_cache=cache) as file:
        read_ahead(file)
        totals = index(file)
        document = file.to_reference_file_system()
        stats = file.reader.stats.snapshot()
    report = clean(document)
    size = write_json(output, document)
    taken = duration_words(time.perf_counter() - start)
    read = (
        f"; read {bytes_words(stats.bytes)} in {count_words(stats.requests, 'request')}"
        if stats.requests
        else ""
    )
    say(f"Indexed {totals_words(totals)} in {taken}{read}")
    say(f"Wrote {output} ({bytes_words(size)})")
    address = args.url or args.source
    if report.local:
        say("Its references lead to this machine; name the file's address with --url for use elsewhere.")
    elif without_secret(address) != address:
        say("Its references carry the address without the secret part of the link.")
    return 0


def read_ahead(file: LindiH5pyFile) -> None:
    """Fetch the metadata of a remote file, with progress on a terminal.

    Parameters
    ----------
    file : LindiH5pyFile
    """
    with byte_bar("Reading ahead: {n_fmt}{postfix}, {rate_fmt}, {elapsed}") as bar:

        def tell(walked: Walked) -> None:
            bar.set_postfix_str(f"{walked.objects:,} objects, {walked.chunks:,} chunks", refresh=False)
            bar.update(walked.bytes - bar.n)

        file.read_ahead(progress=tell)


def index(file: LindiH5pyFile) -> Totals:
    """Map every object of a file, with progress on a terminal.

    Parameters
    ----------
    file : LindiH5pyFile

    Returns
    -------
    Totals
    """
    totals = Totals()
    with tqdm(
        unit=" objects",
        disable=None,  # where nobody watches
        leave=False,
        bar_format="Indexing: {n_fmt} objects{postfix}, {rate_noinv_fmt}, {elapsed}",
    ) as bar:
        for path in file.journal.walk():
            node = file.journal.node(path)
            totals.objects += 1
            totals.chunks += len(node.chunks)
            totals.stored += stored_bytes(node)
            if bar.update():
                read = bytes_words(file.reader.stats.snapshot().bytes)
                bar.set_postfix_str(f"{totals.chunks:,} chunks, {read} read", refresh=False)
    return totals


def totals_words(totals: Totals) -> str:
    """``202 objects, 1,204 chunks of 16.2 MB``."""
    objects, chunks = count_words(totals.objects, "object"), count_words(totals.chunks, "chunk")
    return f"{objects}, {chunks} of {bytes_words(totals.stored)}"


def _default_name(source: str) -> str:
    name = os.path.basename(redact_url(source).rstrip("/"))  # noqa: PTH119 - a path or a URL
    return f"{name}.lindi.json"
