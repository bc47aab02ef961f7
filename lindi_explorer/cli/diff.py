"""``lindi-explorer diff``: what differs between two files, for people or as a patch."""

from __future__ import annotations

import argparse
import contextlib
import json
from collections.abc import Iterator

from lindi_explorer.cli.index import read_ahead
from lindi_explorer.cli.terminal import say
from lindi_explorer.errors import LindiError
from lindi_explorer.explorer.texts import show_value, value_type
from lindi_explorer.explorer.words import bytes_words, count_words
from lindi_explorer.h5 import LindiH5pyFile, open_any
from lindi_explorer.h5.patches.patching import file_differences, patch_between
from lindi_explorer.h5.patches.shown_data import data_of
from lindi_explorer.hdf5.attributes import StoredAttribute
from lindi_explorer.references.annotations import SIDECAR, SOFT_LINK
from lindi_explorer.references.model import Node
from lindi_explorer.remote import LocalCache, is_elsewhere
from lindi_explorer.staging.changes import AttributeChange
from lindi_explorer.staging.differences import Added, Difference, NodeDiffers, Removed
from lindi_explorer.staging.edits import AttributeRecord
from lindi_explorer.staging.node_record import metadata_refs
from lindi_explorer.staging.overlay import same_value
from lindi_explorer.staging.patch_making import dtype_words, what_words

SAME, DIFFERENT = 0, 1
_LONGEST_VALUE = 60
"""Characters of a value."""


def run(args: argparse.Namespace) -> int:
    """Print what differs.

    Parameters
    ----------
    args : argparse.Namespace
        ``old``, ``new``, ``output``, ``json``, ``note``.

    Returns
    -------
    int
        0 where the files hold the same, 1 where they do not, as diff(1).
    """
    with opened(args.old) as old, opened(args.new) as new:
        found = file_differences(old, new)
        if args.json or args.output:
            patch = patch_between(old, new, found, args.note)
            if args.json:
                say(patch.text().decode("ascii"), end="")
            if args.output:
                size = patch.save(args.output)
        if not args.json:
            for difference in found:
                for line in lines(difference, old, new):
                    say(line)
            if found:
                say(count_words(len(found), "difference"))
            if args.output:
                say(f"Wrote {args.output} ({bytes_words(size)})")
    return DIFFERENT if found else SAME


@contextlib.contextmanager
def opened(source: str) -> Iterator[LindiH5pyFile]:
    """A file with all of its metadata at hand, local or remote."""
    remote = is_elsewhere(source)
    with open_any(source, local_cache=LocalCache() if remote else None) as file:
        read_ahead(file)
        yield file


def lines(difference: Difference, old: LindiH5pyFile, new: LindiH5pyFile) -> Iterator[str]:
    """What differs, in words.

    Parameters
    ----------
    difference : Difference
    old, new : LindiH5pyFile

    Yields
    ------
    str
        ``changed  /acquisition/raw/data.unit  “V” (utf-8) → “mV” (utf-8)``
    """
    path = f"/{difference.path}"
    match difference:
        case Removed(old=node):
            below = sum(1 for _ in old.journal.walk(difference.path)) - 1
            yield f"removed  {path}  {what_words(node, below)}"
        case Added(new=node):
            yield f"added    {path}  {what_words(node)}"
        case AttributeChange(name=name, old=before, new=after):
            place = f"{path}.{name}"
            if before is None or after is None:
                yield f"{'added  ' if before is None else 'removed'}  {place}  {_attribute(before or after)}"
            else:
                yield f"changed  {place}  {_attribute(before)} → {_attribute(after)}"
        case NodeDiffers(old=former, new=latter, chunks=chunks):
            if _target(former) != _target(latter):
                yield f"changed  {path}  link to {_target(former)} → link to {_target(latter)}"
                return
            if not chunks and _keys(former, latter) != {".zarray"}:
                yield f"changed  {path}  {', '.join(sorted(_members(former, latter)))}"
                return
            one, other = _data(old, former), _data(new, latter)
            if one == other:
                yield f"changed  {path}  {one}, {count_words(len(chunks), 'chunk')} of it"
            else:
                yield f"changed  {path}  {one} → {other}"


def _attribute(record: AttributeRecord | None) -> str:
    try:
        return "unreadable" if record is None else _words(record.stored)
    except LindiError:
        return "unreadable"


def _data(file: LindiH5pyFile, node: Node) -> str:
    stored = data_of(file, node)
    if stored is not None:
        return _words(stored)
    shape = (node.array or {})["shape"]
    return f"{dtype_words(node)} [{' × '.join(map(str, shape))}]"


def _words(stored: StoredAttribute) -> str:
    """Value and type; texts stand in quotes, so that spaces and empty texts are seen."""
    text = show_value(stored, _LONGEST_VALUE)
    is_text = isinstance(stored.type, dict) and "string" in stored.type and stored.shape == ()
    return f"{json.dumps(text, ensure_ascii=False) if is_text else text} ({value_type(stored)})"


def _target(node: Node) -> str:
    """Where a link leads, empty for everything else."""
    external = node.sidecar.get("link", {}).get("external")
    if external is not None:
        return f"{external['path']} in {external['filename']}"
    return str(node.attributes[SOFT_LINK]["path"]) if SOFT_LINK in node.attributes else ""


def _keys(old: Node, new: Node) -> set[str]:
    one, other = metadata_refs(old), metadata_refs(new)
    return {key for key in {*one, *other} if not same_value(one.get(key), other.get(key))}


def _members(old: Node, new: Node) -> set[str]:
    """What of the metadata differs, by the names that documents have for it."""
    found = set()
    one, other = metadata_refs(old), metadata_refs(new)
    for key in (".zarray", ".zattrs", SIDECAR):
        before, after = one.get(key, {}), other.get(key, {})
        found |= {name for name in {*before, *after} if not same_value(before.get(name), after.get(name))}
    return found
