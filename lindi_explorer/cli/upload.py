"""``lindi-explorer upload``: put a file into a dandiset."""

from __future__ import annotations

import argparse
import sys

from tqdm import tqdm

from lindi_explorer.archive.preflight import Progress, Uploaded
from lindi_explorer.archive.uploading import Upload, prepare
from lindi_explorer.cli.terminal import complain, fail, printable, say
from lindi_explorer.errors import AssetExistsError, LindiError
from lindi_explorer.explorer.words import bytes_words, count_words
from lindi_explorer.h5 import open_any

_NOT_DONE = 1
_WAITING = 8
"""The step of which nobody knows how long it takes."""
_MOST_TOLD = 20
"""Blobs that are printed one by one."""


def run(args: argparse.Namespace) -> int:
    """Upload a file.

    Parameters
    ----------
    args : argparse.Namespace
        ``source``, ``dandiset``, ``path``, ``instance``, ``mode``, ``production``, ``conflict``, ``yes``.

    Returns
    -------
    int
        0, or 1 where something is in the way, nobody has agreed, or the archive's check has failed.
    """
    with open_any(args.source) as file:
        upload = prepare(
            file,
            args.dandiset,
            path=args.path,
            instance=args.instance,
            mode=args.mode,
            production=args.production,
            conflict=args.conflict,
        )
        say(upload.preflight.summary())
        if upload.preflight.ready and not (args.yes or _agreed()):
            complain("Nothing was sent.")
            return _NOT_DONE
        try:
            done = send(upload)
        except AssetExistsError as error:
            fail(error)
            complain("Say --replace or --rename, or give it another name with --path.")
            _tell_left(upload)
            return _NOT_DONE
        except LindiError as error:
            fail(error)
            _tell_left(upload)
            return _NOT_DONE
        except KeyboardInterrupt:
            _tell_left(upload)
            raise
    return tell(done)


def send(upload: Upload) -> Uploaded:
    """Run an upload, with progress on a terminal.

    Parameters
    ----------
    upload : Upload

    Returns
    -------
    Uploaded

    Raises
    ------
    LindiError
        As for `lindi_explorer.archive.uploading.Upload.run`.
    """
    with tqdm(
        disable=None,  # where nobody watches
        leave=False,
        desc="Beginning",
        bar_format="{desc}, {elapsed}",
    ) as bar:

        def told(progress: Progress) -> None:
            counts = progress.total > 1 and progress.step != _WAITING
            share = f" {100 * progress.done // progress.total} %" if counts else ""
            bar.set_description_str(
                f"Step {progress.step} of 9: {printable(progress.label)}{share}", refresh=False
            )
            bar.update(0)

        return upload.run(told)


def tell(done: Uploaded) -> int:
    """Print what came of an upload.

    Parameters
    ----------
    done : Uploaded

    Returns
    -------
    int
        Exit status.
    """
    say(f"Uploaded {bytes_words(done.size)}, {bytes_words(done.sent)} sent")
    for name, address in (("Address", done.url), ("Page", done.web_page), ("Neurosift", done.neurosift)):
        if address is not None:
            say(f"{name + ':':<11}{address}")
    if done.orphans:
        complain(f"{count_words(len(done.orphans), 'blob')} of an upload that failed are of no use here:")
        _list(done.orphans)
    if done.status == "Valid":
        for error in done.errors:
            complain(f"But {error}")
        say("The archive's check found nothing wrong.")
        return 0
    if done.status == "Pending":
        say("The archive is still checking it.")
        for error in done.errors:
            complain(f"  {error}")
        return 0
    complain("The archive's check found it invalid:")
    for error in done.errors:
        complain(f"  {error}")
    return _NOT_DONE


def _tell_left(upload: Upload) -> None:
    if left := upload.left_behind():
        complain(
            f"{count_words(len(left), 'file')} may be in the dandiset; the same upload goes on with them:"
        )
        _list(left)


def _list(paths: tuple[str, ...]) -> None:
    for path in paths[:_MOST_TOLD]:
        complain(f"  {path}")
    if len(paths) > _MOST_TOLD:
        complain(f"  and {len(paths) - _MOST_TOLD:,} more")


def _agreed() -> bool:
    """Ask the person at the terminal; nobody there has not agreed."""
    if not sys.stdin.isatty():
        raise LindiError(
            "Nobody is there to agree to the upload.", hint="Say --yes to upload without a question."
        )
    say("Upload it? [y/N] ", end="")
    return sys.stdin.readline().strip().casefold() in ("y", "yes")
