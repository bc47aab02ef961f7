"""One file twice, written by h5py and by us: how they are opened, saved, put back, and compared."""

from __future__ import annotations

import json
import os
import shutil
import uuid
from pathlib import Path
from typing import Any

import h5py

from lindi_explorer import LindiH5pyFile
from lindi_explorer.references import codec
from lindi_explorer.staging.edits import from_plain, plain
from lindi_explorer.staging.journal import EditJournal, Step
from tests.contract.same import Judge, same_dtype

CONTAINERS = ("lindi.json", "lindi.d", "lindi.tar")
FACTS = ("shape", "chunks", "maxshape", "compression", "compression_opts", "shuffle", "fletcher32")


class Sides:
    """A file by h5py, in memory, and by us, of one of the kinds that can be written.

    Parameters
    ----------
    folder : Path
        For the files of this example.
    kind : str
        One of `CONTAINERS`, ``memory``, ``hdf5`` (with edits over it), ``remote`` (the same, served).
    fill : callable
        Makes what is there in the beginning; given an `h5py.File`.
    url : callable
        Gives the address of a file that is served.
    """

    def __init__(self, folder: Path, kind: str, fill: Any, url: Any) -> None:
        self.folder = folder / uuid.uuid4().hex
        self.folder.mkdir()
        self.kind = kind
        source = self.folder / "source.h5"
        with h5py.File(source, "w") as file:
            fill(file)
        self.theirs = h5py.File.in_memory(source.read_bytes())
        if kind == "hdf5":
            self.ours = LindiH5pyFile.from_hdf5_file(source, mode="r+")
        elif kind == "remote":
            self.ours = LindiH5pyFile.from_hdf5_file(url(source), mode="r+")
        elif kind == "memory":
            self.ours = LindiH5pyFile.from_reference_file_system(None, mode="r+")
            fill(self.ours)
        else:
            self.ours = LindiH5pyFile.from_lindi_file(self.folder / f"f.{kind}", mode="w")
            fill(self.ours)
        self._begin()

    def close(self) -> None:
        self.ours.close()
        self.theirs.close()
        shutil.rmtree(self.folder)

    # ------------------------------------------------------------ steps

    def _begin(self) -> None:
        self.first = len(self.ours.journal.steps)
        # After how many steps the file was what, and what h5py had then.
        self.known = {self.first: (self.text(), self.image())}

    def text(self) -> str:
        """The canonical document of the edited hierarchy."""
        return codec.to_text(codec.encode(self.ours.journal))

    def image(self) -> bytes:
        """The bytes of h5py's file."""
        self.theirs.flush()
        return bytes(self.theirs.id.get_file_image())

    def count(self) -> int:
        return len(self.ours.journal.steps)

    def note(self) -> None:
        """Remember what is there now; what had been undone is gone."""
        now = self.count()
        self.known = {count: known for count, known in self.known.items() if count < now}
        self.known[now] = (self.text(), self.image())

    def unchanged(self) -> None:
        """Assert that a call that has failed has changed nothing; put h5py's file back."""
        self._put_back()

    def undo_to(self, count: int) -> None:
        while self.count() > count:
            assert self.ours.journal.undo() is not None
        self._put_back()

    def redo_to(self, count: int) -> None:
        while self.count() < count:
            assert self.ours.journal.redo() is not None
        self._put_back()

    def _put_back(self) -> None:
        text, image = self.known[self.count()]
        assert self.text() == text
        self.theirs.close()
        self.theirs = h5py.File.in_memory(image)

    # ------------------------------------------------------------ saving

    def reopen(self) -> None:
        """Save, and go on with what was saved; edits over an HDF5 file go on in a document."""
        image = self.image()
        if self.kind in CONTAINERS:
            path = self.ours.filename
            self.ours.close()
            self.ours = LindiH5pyFile.from_lindi_file(path, mode="r+")
        elif self.kind == "memory":
            document = json.loads(json.dumps(self.ours.to_reference_file_system(), allow_nan=False))
            self.ours.close()
            self.ours = LindiH5pyFile.from_reference_file_system(document, mode="r+")
        else:
            path = os.fspath(self.folder / "edits.lindi.json")
            self.ours.write_lindi_file(path)
            self.ours.close()
            self.ours, self.kind = LindiH5pyFile.from_lindi_file(path, mode="r+"), "lindi.json"
        self.theirs.close()
        self.theirs = h5py.File.in_memory(image)
        self._begin()

    # ------------------------------------------------------------ journals

    def replayed(self) -> EditJournal:
        """A fresh journal over the same source with the same steps, written down and read again."""
        journal = EditJournal(self.ours.journal.base)
        for step in self.ours.journal.steps:
            written = json.loads(json.dumps(plain(step), allow_nan=True))
            again = from_plain(written, Step)
            journal.apply(again.words, again.edits)
        return journal

    # ------------------------------------------------------------ comparing

    def compare(self, *, linked: bool = False) -> None:
        """Assert that both are the same.

        Parameters
        ----------
        linked : bool
            Some object has several names: which of them HDF5 tells is its own affair.
        """
        names = every_name(self.theirs)
        if not linked:
            assert every_name(self.ours) == names
            walked: list[list[str]] = [[], []]
            self.theirs.visit(walked[0].append)
            self.ours.visit(walked[1].append)
            assert walked[1] == walked[0]
        judge = Judge(self.theirs, self.ours)
        for name in names:
            if name != "/":
                same_link(self.theirs, self.ours, name)
            same_object(judge, _found(self.theirs, name), _found(self.ours, name), linked=linked)


def _found(file: Any, name: str) -> Any:
    try:
        return file.get(name)
    except RuntimeError:
        return None  # HDF5 says so where links lead round in a circle


def every_name(file: Any) -> list[str]:
    names = [""]
    file.visit_links(names.append)
    return ["/" + name for name in names]


def same_link(theirs: Any, ours: Any, name: str) -> None:
    one, other = theirs.get(name, getlink=True), ours.get(name, getlink=True)
    for kind in (h5py.HardLink, h5py.SoftLink, h5py.ExternalLink):
        assert isinstance(other, kind) == isinstance(one, kind), name
    if not isinstance(one, h5py.HardLink):
        assert other.path == one.path
        assert getattr(other, "filename", None) == getattr(one, "filename", None)


def same_object(judge: Judge, one: Any, other: Any, *, linked: bool) -> None:
    if one is None:
        assert other is None
        return
    if not linked:
        assert other.name == one.name
    judge.attributes(one.attrs, other.attrs)
    if isinstance(one, h5py.Group):
        assert isinstance(other, h5py.Group)
        assert list(other) == list(one)
        return
    same_dtype(one.dtype, other.dtype)
    if isinstance(one, h5py.Datatype):
        return
    for fact in FACTS:
        assert getattr(other, fact) == getattr(one, fact), (one.name, fact)
    judge.value(one.fillvalue, other.fillvalue)
    judge.value(one[()], other[()])
