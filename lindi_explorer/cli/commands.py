"""The commands and their arguments; what each of them does stands in the module of its name."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from importlib import import_module

from lindi_explorer import __version__
from lindi_explorer.cli import terminal
from lindi_explorer.cli.upload_arguments import add_upload
from lindi_explorer.remote import is_remote

FAILED = 1
_TROUBLE = {"apply": 2, "diff": 2}
"""Commands whose status 1 means something else."""
STOPPED = 128 + 2
"""As shells report a program that was ended by Ctrl-C."""
CUT_OFF = 128 + 13
"""As shells report a program whose reader went away, such as ``| head``."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command.

    Parameters
    ----------
    arguments : sequence of str, optional
        Default: those of the process.

    Returns
    -------
    int
        Exit status: 0 = done, 1 = an error or a file with mistakes, 130 = stopped with Ctrl-C. Arguments that
        are not understood end the process with 2. Of ``diff`` and ``apply``, 1 says that the files differ, or
        that the patch does not fit, and 2 is an error.
    """
    args = _parser().parse_args(arguments)
    try:
        # Imported only now, so that --help needs no heavy library.
        return int(import_module(f"lindi_explorer.cli.{args.command}").run(args))
    except KeyboardInterrupt:
        terminal.complain("Stopped.")
        return STOPPED
    except BrokenPipeError:
        # Python would complain once more when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return CUT_OFF
    except Exception as error:  # noqa: BLE001 - whatever happens, a person reads words and not a trace
        terminal.fail(error)
        return _TROUBLE.get(args.command, FAILED)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="lindi-explorer",
        description="Look into NWB, HDF5 and LINDI files, local or remote, and index them.",
    )
    parser.add_argument("--version", action="version", version=f"%(prog)s {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    source = argparse.ArgumentParser(add_help=False)
    source.add_argument("source", metavar="SOURCE", help="a path, an http(s) URL or dandi://...")

    index = commands.add_parser(
        "index",
        parents=[source],
        help="write the LINDI file of an HDF5 file: its metadata, and where its data lies",
        description="Write the LINDI file of an HDF5 file: all of its metadata, and where its data lies.",
    )
    index.add_argument(
        "-o",
        "--output",
        metavar="OUT",
        type=_lindi_name,
        help="name of the LINDI file, ending with .lindi.json; default: the source's, in this folder",
    )
    index.add_argument(
        "--url",
        metavar="ADDRESS",
        type=_web_address,
        help="where others find the file: the address that references carry; default: SOURCE",
    )

    materialise = commands.add_parser(
        "materialise",
        parents=[source],
        help="write a copy that stands alone: an HDF5 file or a Zarr folder",
        description="Write a copy that stands alone, with all data: an HDF5 file or a Zarr folder.",
    )
    materialise.add_argument(
        "-o",
        "--output",
        metavar="OUT",
        type=_copy_name,
        required=True,
        help="name of the copy, ending with .h5, .hdf5 or .nwb for an HDF5 file, with .zarr for a folder",
    )
    materialise.add_argument(
        "--overwrite", action="store_true", help="replace the file or Zarr folder that is there"
    )

    download = commands.add_parser(
        "download",
        parents=[source],
        help="bring data into an archive or folder of this machine: all of it, or what is chosen",
        description="Bring data into an archive or folder of this machine: all of it, or what is chosen. The "
        "rest is referred to. A download that was stopped goes on where it was when it is begun again.",
    )
    download.add_argument(
        "-o",
        "--output",
        metavar="OUT",
        type=_container_name,
        required=True,
        help="name of the archive or folder, ending with .lindi.tar or .lindi.d",
    )
    download.add_argument(
        "--select",
        metavar="PATH",
        nargs="+",
        action="extend",
        help="only the data of this dataset, or of all datasets below this group; default: all data",
    )
    download.add_argument("--overwrite", action="store_true", help="replace the archive that is there")

    add_upload(commands, source)

    show = commands.add_parser("show", parents=[source], help="print what is in a file, as a tree")
    show.add_argument("--path", default="/", help="start at this group or dataset, and list its attributes")
    show.add_argument(
        "--depth",
        type=_depth,
        default=3,
        metavar="N",
        help="levels of the tree to show; default: %(default)s",
    )

    diff = commands.add_parser(
        "diff",
        help="print what differs between two files, or write it as a patch",
        description="Print what differs between two files, whatever their kinds. "
        "Exit status: 0 where they hold the same, 1 where they do not, 2 in trouble.",
    )
    diff.add_argument("old", metavar="A", help="a path or an http(s) URL")
    diff.add_argument("new", metavar="B", help="the same")
    diff.add_argument("-o", "--output", metavar="PATCH", help="write what makes B of A as a patch, in JSON")
    diff.add_argument("--json", action="store_true", help="print the patch instead")
    diff.add_argument("--note", metavar="TEXT", help="goes into the patch")

    apply = commands.add_parser(
        "apply",
        help="write a LINDI file that is another file with the changes of a patch",
        description="Write a LINDI file that is TARGET with the changes of a patch; TARGET stays as it is. "
        "Exit status: 0 where it is done, 1 where TARGET is not what the patch was made for, 2 in trouble.",
    )
    apply.add_argument("patch", metavar="PATCH", help="a patch, as diff -o and LindiH5pyFile.patch write it")
    apply.add_argument("target", metavar="TARGET", help="a path or an http(s) URL")
    apply.add_argument(
        "-o",
        "--output",
        metavar="OUT",
        type=_any_lindi_name,
        required=True,
        help="name of the LINDI file, ending with .lindi.json, .lindi.tar or .lindi.d",
    )
    apply.add_argument("--force", action="store_true", help="whatever the old values are")

    commands.add_parser(
        "validate", parents=[source], help="check an NWB file against its schema, as pynwb does"
    )

    demo = commands.add_parser("demo", help="see it work, on a sample file that is made for it")
    demo.add_argument(
        "--folder", default=".demo", help="where everything is written; default: %(default)s in this folder"
    )
    return parser


def _lindi_name(text: str) -> str:
    if not text.endswith(".lindi.json"):
        raise argparse.ArgumentTypeError(f"the name must end with .lindi.json, which {text!r} does not")
    return text


def _any_lindi_name(text: str) -> str:
    if not text.endswith((".lindi.json", ".lindi.tar", ".lindi.d")):
        raise argparse.ArgumentTypeError(
            f"the name must end with .lindi.json, .lindi.tar or .lindi.d, which {text!r} does not"
        )
    return text


def _copy_name(text: str) -> str:
    if not text.endswith((".h5", ".hdf5", ".nwb", ".zarr")):
        raise argparse.ArgumentTypeError(
            f"the name must end with .h5, .hdf5, .nwb or .zarr, which {text!r} does not"
        )
    return text


def _container_name(text: str) -> str:
    if not text.endswith((".lindi.tar", ".lindi.d")):
        raise argparse.ArgumentTypeError(
            f"the name must end with .lindi.tar or .lindi.d, which {text!r} does not"
        )
    return text


def _web_address(text: str) -> str:
    if not is_remote(text):
        raise argparse.ArgumentTypeError(
            f"an address starts with http:// or https://, which {text!r} does not"
        )
    return text


def _depth(text: str) -> int:
    try:
        depth = int(text)
    except ValueError:
        depth = -1
    if depth < 0:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of levels")
    return depth
