"""``lindi-explorer apply``: do to a file what a patch says, and write the result."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from lindi_explorer.byterange import redact_url
from lindi_explorer.cli import terminal
from lindi_explorer.cli.diff import opened
from lindi_explorer.cli.terminal import say
from lindi_explorer.errors import ConflictError, FormatError
from lindi_explorer.explorer.secrets import clean
from lindi_explorer.explorer.words import bytes_words, count_words
from lindi_explorer.formats.json_file import write_json
from lindi_explorer.h5 import LindiH5pyFile
from lindi_explorer.h5.patches.applying import apply
from lindi_explorer.staging.patch import Patch

CONFLICT = 1


def run(args: argparse.Namespace) -> int:
    """Apply a patch.

    Parameters
    ----------
    args : argparse.Namespace
        ``patch``, ``target``, ``output``, ``force``.

    Returns
    -------
    int
        0, or 1 where the file is not in the state that the patch was made for; then nothing is written.
    """
    for source in (args.patch, args.target):
        _require_another(args.output, source)
    patch = Patch.load(args.patch)
    with opened(args.target) as file:
        try:
            apply(patch, file, strict=not args.force)
        except ConflictError as error:
            terminal.fail(error)
            return CONFLICT
        write(file, args.output)
        size = sum(part.stat().st_size for part in _files(Path(args.output)))
        say(f"Applied {count_words(len(patch.changes), 'change')} to {redact_url(args.target)}")
        say(f"Wrote {args.output} ({bytes_words(size)})")
    return 0


def write(file: LindiH5pyFile, output: str) -> None:
    """Write an edited file, without the secrets of the links that its data is read by."""
    if not output.endswith(".json") or file.source.format in ("LINDI tar", "LINDI folder"):
        file.write_lindi_file(output)
        return
    document = file.to_reference_file_system()
    clean(document)
    write_json(output, document)


def _require_another(output: str, source: str) -> None:
    if os.path.exists(output) and os.path.exists(source) and os.path.samefile(output, source):  # noqa: PTH110, PTH121 - a path or a URL
        raise FormatError(
            f"{output} is what the result is made of, which is never changed", hint="Choose another -o."
        )


def _files(path: Path) -> list[Path]:
    return [part for part in path.rglob("*") if part.is_file()] if path.is_dir() else [path]
