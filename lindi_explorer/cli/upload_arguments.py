"""The arguments of ``lindi-explorer upload``."""

from __future__ import annotations

import argparse
from typing import Any


def add_upload(commands: Any, source: argparse.ArgumentParser) -> None:
    """Add the command.

    Parameters
    ----------
    commands : object
        What ``add_subparsers`` gives.
    source : argparse.ArgumentParser
        With the argument SOURCE.
    """
    upload = commands.add_parser(
        "upload",
        parents=[source],
        help="put a file into a dandiset: its document, and what is new in it",
        description="Put a file into a dandiset: its document, and the data that is new in it. What it "
        "refers to stays where it is. What would be done is printed first. An upload that was stopped goes "
        "on where it was when it is begun again. The API key comes from the environment, such as "
        "DANDI_SANDBOX_API_KEY, or from the system's keyring.",
    )
    upload.add_argument("dandiset", metavar="DANDISET", help="six digits")
    upload.add_argument("--path", help="in the dandiset; default: beside the file that it was made from")
    upload.add_argument(
        "--instance", metavar="NAME", default="dandi-sandbox", help="the archive; default: %(default)s"
    )
    upload.add_argument(
        "--mode",
        choices=("auto", "json", "inline", "tar", "nwb"),
        default="auto",
        help="json: a document, and new data in files beside it; inline: new data inside of it; tar: one "
        "archive; nwb: an HDF5 file with all data; default: inline where that is little, else json",
    )
    upload.add_argument("--production", action="store_true", help="agree to an archive that is no sandbox")
    upload.add_argument("--yes", action="store_true", help="do not ask")
    conflict = upload.add_mutually_exclusive_group()
    ways = {
        "replace": "replace the file that is at the path already",
        "rename": "choose another name if there is one",
    }
    for way, meaning in ways.items():
        conflict.add_argument(f"--{way}", dest="conflict", action="store_const", const=way, help=meaning)
    upload.set_defaults(conflict="ask")
