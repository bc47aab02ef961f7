"""Writing Zarr: a folder that stands alone."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from lindi_explorer.errors import ConflictError, LindiError
from lindi_explorer.formats.atomic import replacing_folder
from lindi_explorer.h5.materialise.fetch import Piece, fetched
from lindi_explorer.h5.materialise.linked import addresses_behind, tell_absent
from lindi_explorer.h5.materialise.stored import addresses, stored_chunks, stored_size
from lindi_explorer.h5.materialise.tally import Copied, CopyReport, Tally
from lindi_explorer.h5.materialise.zarr_arrays import LinkedArray, padded, without_secrets
from lindi_explorer.h5.materialise.zarr_folder import ZarrFolder
from lindi_explorer.h5.view import View
from lindi_explorer.h5.virtual.data import VirtualData
from lindi_explorer.references import keys
from lindi_explorer.references.annotations import SIDECAR
from lindi_explorer.references.model import Node
from lindi_explorer.remote import CancelToken, cancelling, is_remote

if TYPE_CHECKING:
    from lindi_explorer.h5.file import LindiH5pyFile

_MARKS = (".zgroup", ".zarray", "zarr.json")
"""A folder with one of these is a Zarr store."""


def write_zarr(
    file: LindiH5pyFile,
    path: str | os.PathLike[str],
    *,
    overwrite: bool = False,
    progress: Callable[[Copied], None] | None = None,
    cancel: CancelToken | None = None,
) -> CopyReport:
    """Write a file as Zarr; see `LindiH5pyFile.to_zarr`, which says the rest."""
    target = Path(path)
    _refuse(target, overwrite=overwrite)
    tally = Tally(progress, cancel)
    with cancelling(tally.cancel), replacing_folder(target) as temporary:
        file.read_ahead(cancel=tally.cancel)
        _ZarrCopy(file.id.view, ZarrFolder(temporary), target, tally).run()
        return tally.report()


def _refuse(target: Path, *, overwrite: bool) -> None:
    if not os.path.lexists(target):
        return
    if not target.is_dir():
        raise ConflictError(f"{target} is a file", hint="Name a folder that is not there yet.")
    names = {child.name for child in target.iterdir()}
    if names and names.isdisjoint(_MARKS):
        raise ConflictError(f"{target} is a folder of something else", hint="Name one that is not there yet.")
    if names and not overwrite:
        raise ConflictError(f"{target} is there already", hint="Replace it with overwrite=True.")


class _ZarrCopy:
    """Writes the nodes of one file: metadata first, then the chunks of all of them."""

    def __init__(self, view: View, folder: ZarrFolder, target: Path, tally: Tally) -> None:
        self._view = view
        self._folder = folder
        self._target = target
        self._tally = tally
        self._arrays: dict[str, Node] = {}
        self._linked: dict[str, LinkedArray] = {}

    def run(self) -> None:
        journal = self._view.journal
        gone: set[str] = set()
        for path in journal.walk():
            if keys.split(path)[0] in gone and path:
                gone.add(path)
                continue
            before = len(self._tally.losses)
            with self._tally.losing(path, "it is missing"):
                self._folder.make(path)
            if len(self._tally.losses) > before:
                gone.add(path)
                continue
            self._describe(path, without_secrets(journal.node(path)))
            self._tally.add(objects=1)
        self._tally.objects_total = self._tally.objects
        self._copy_stored()
        self._copy_linked()
        self._tally.arrays = sum(not self._tally.has_failed(path) for path in (*self._arrays, *self._linked))
        for path in (*self._arrays, *self._linked):
            if self._tally.has_failed(path):
                node = self._arrays[path] if path in self._arrays else self._linked[path].node
                problem = {**node.sidecar, "problem": self._tally.why(path)}
                self._folder.put_metadata(keys.join(path, SIDECAR), problem)

    def _describe(self, path: str, node: Node) -> None:
        if node.array is not None and not node.sidecar.get("problem"):
            with self._tally.losing(path, "its data is missing", data=True):
                data = self._view.data(path)
                if data.link is not None or isinstance(data, VirtualData):
                    linked = LinkedArray.of(self._view, path)
                    self._check(addresses_behind(data))
                    self._tally.expect(linked.size)
                    self._linked[path] = linked
                    node = linked.node
                else:
                    self._check(addresses(node.chunks))
                    self._tally.expect(stored_size(node.chunks))
                    self._arrays[path] = node
        if self._tally.has_failed(path):
            node = replace(node, sidecar={**node.sidecar, "problem": self._tally.why(path)})
        elif node.sidecar.get("problem"):
            self._tally.lose(path, str(node.sidecar["problem"]), data=node.array is not None)
        self._folder.put_metadata(keys.join(path, ".zattrs"), node.attributes)
        if node.array is None:
            self._folder.put_metadata(keys.join(path, ".zgroup"), {"zarr_format": 2})
        else:
            self._folder.put_metadata(keys.join(path, ".zarray"), node.array)
        self._folder.put_metadata(keys.join(path, SIDECAR), node.sidecar)

    def _check(self, found: set[str]) -> None:
        for address in found:
            if not is_remote(address) and Path(address).resolve().is_relative_to(self._target.resolve()):
                raise ConflictError(
                    f"{self._target} holds data that is to be copied, and is never changed",
                    hint="Choose another name.",
                )

    def _pieces(self) -> Iterator[Piece]:
        for path, node in self._arrays.items():
            with self._tally.losing(path, "its data is missing", data=True):
                for index, content in stored_chunks(node.chunks):
                    yield Piece(path, index, content, self._view.reader)

    def _copy_stored(self) -> None:
        for piece, outcome in fetched(self._pieces(), self._tally.cancel):
            path, node = piece.writer, self._arrays[piece.writer]
            with self._tally.losing(path, "part of its data is missing", data=True):
                if isinstance(outcome, LindiError):
                    raise outcome
                key = keys.join(path, keys.chunk_name(piece.place, node.separator))
                self._folder.put(key, padded(node, outcome))
            self._tally.add(size=piece.size)

    def _copy_linked(self) -> None:
        for path, linked in self._linked.items():
            with self._tally.losing(path, "part of its data is missing", data=True):
                tell_absent(self._view, self._view.data(path), path, self._tally)
                for index, chunk, size in linked.chunks():
                    self._folder.put(keys.join(path, keys.chunk_name(index)), chunk)
                    self._tally.add(size=size)
