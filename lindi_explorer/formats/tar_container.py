"""``.lindi.tar``, written in its place.

New chunks are appended to a member whose header is not there yet: a tar tool, and we when we open it, see the
end of the archive at that place. So an archive of a process that was killed is what was saved last. When the
member is large enough, or at `TarContainer.write`, it is sealed: it gets its header. The new document and the
new index are written beside the live ones; then the entry, a single short write, makes them the saved ones.
Only after that the old ones are overwritten.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import weakref
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from lindi_explorer.byterange import ByteRange
from lindi_explorer.errors import StaleFileError, TransferError, UnsupportedError
from lindi_explorer.formats.atomic import write_atomically
from lindi_explorer.formats.blobs import FULL
from lindi_explorer.formats.in_place import EMPTY, INLINE, Container
from lindi_explorer.formats.lock import WriteLock
from lindi_explorer.formats.members import Members
from lindi_explorer.formats.positions import write_at
from lindi_explorer.formats.relocated import Relocated
from lindi_explorer.formats.splice import Splice
from lindi_explorer.formats.tar_index import TarIndex, read_state
from lindi_explorer.formats.tar_layout import (
    DOCUMENT,
    END,
    ENTRY_AT,
    INDEX,
    LARGEST_MEMBER,
    Member,
    empty_archive,
    entry,
    header,
)
from lindi_explorer.formats.tar_slots import TextWriter, trash
from lindi_explorer.formats.write_back import WriteBack
from lindi_explorer.references.chunks import Reference
from lindi_explorer.references.model import References
from lindi_explorer.references.outline import Outline
from lindi_explorer.references.places import RELATIVE
from lindi_explorer.remote.growing import let_grow


class TarContainer(Container):
    """A tar archive with a document and chunks. The first write cuts off what lies behind the last member.

    Parameters
    ----------
    address, lock
        See `Container`.
    full : int, optional
        A member of so many bytes takes no more chunks.

    Raises
    ------
    FormatError
        If it is no LINDI archive, or damaged.
    """

    format = "LINDI tar"

    def __init__(self, address: str, lock: WriteLock, full: int = FULL) -> None:
        super().__init__(address, lock)
        self._full = full
        descriptor = os.open(address, os.O_RDWR | getattr(os, "O_BINARY", 0))
        self._let_go = weakref.finalize(self, os.close, descriptor)
        self._stop_growing = weakref.finalize(self, let_grow(descriptor))
        self._descriptor = descriptor
        self.letters: Callable[[], str] = _new_letters
        """Gives what makes the names of new members unlike all others."""
        self._saved: TarIndex = read_state(descriptor, address)
        self._rows = list(self._saved.rows)
        self._end = self._saved.end
        self._open: Member | None = None
        """The member that takes chunks, with its size so far."""
        self._behind = WriteBack(descriptor, self._end)
        self._members: Members | None = None
        self._unsure = False
        self._left = self._look()
        """By what a change by another program is noticed; None while there is something unsaved in it."""

    # ------------------------------------------------------------ chunks

    def put(self, data: bytes | memoryview) -> Reference:
        """Keep the bytes of one chunk; see `Container.put`."""
        if len(data) < INLINE:
            self._check_open()
            return bytes(data)
        return self.append([data], len(data))

    def append(self, parts: Iterable[bytes | memoryview], length: int) -> ByteRange:
        """Keep the bytes of one chunk in the archive, however short it is; otherwise as `put`.

        Parameters
        ----------
        parts : iterable of bytes
            All of it, in order.
        length : int
            Bytes of all parts.

        Returns
        -------
        ByteRange
        """
        if length > LARGEST_MEMBER:
            raise UnsupportedError(
                f"a chunk of {length:,} bytes is too large for a tar archive",
                hint="Use smaller chunks, or a .lindi.d folder.",
            )
        with self._mutex:
            self._begin()
            member = self._open
            if member is not None and member.size and member.size + length > self._full:
                self._seal(member)
                member = None
            if member is None:
                os.ftruncate(self._descriptor, self._end)
                member = Member(f"blobs/{self.letters()}", self._end, 0)
                self._members = None
            at = end = member.data + member.size
            for part in parts:
                write_at(self._descriptor, part, end)
                end += len(part)
            self._open = Member(member.name, member.at, member.size + end - at)
            self._behind.reached(end)
            return ByteRange(self.address, at, end - at)

    def _seal(self, member: Member) -> None:
        """Make the member that takes chunks one like all others."""
        # Zeros up to the next block, whatever a write that failed has left there.
        os.ftruncate(self._descriptor, member.data + member.size)
        os.ftruncate(self._descriptor, member.end)
        write_at(self._descriptor, header(member.name, member.size), member.at)
        self._rows.append(member.row)
        self._open, self._members, self._end = None, None, member.end

    def relocated(self, references: References) -> Relocated:
        """The hierarchy as the document has it; see `Container.relocated`."""
        inside = f"{self.address}/"

        def rename(url: str) -> str:
            # That of a member that is not there.
            return RELATIVE + url.removeprefix(inside) if url.startswith(inside) else url

        return Relocated(references, rename, self._all_members)

    def _all_members(self) -> Members:
        with self._mutex:
            if self._members is None:
                self._members = Members(self.address, self._places())
            return self._members

    def _places(self) -> Iterator[tuple[str, int, int]]:
        for member in (self._saved.index, self._saved.document):
            if member is not None:
                yield member.name, member.data, member.size
        for row in self._rows:
            yield row["n"], row["d"], row["s"]
        if self._open is not None:
            # It grows, and nothing lies behind it.
            yield self._open.name, self._open.data, LARGEST_MEMBER

    # ------------------------------------------------------------ saving

    def text(self) -> bytes:
        """The text of the saved document."""
        with self._mutex:
            self._check_open()
            member = self._saved.document
            assert member is not None
            return os.pread(self._descriptor, member.size, member.data).rstrip(b" ")

    def write(self, document: Outline | Splice) -> None:
        """Make a document the saved one; see `Container.write`."""
        with self._mutex:
            self._begin()
            if self._open is not None:
                self._seal(self._open)
            saved, descriptor = self._saved, self._descriptor
            os.ftruncate(descriptor, self._end)
            texts = TextWriter(descriptor, self._end, saved.spare)
            member = texts.write(DOCUMENT, document.text())
            index, spare = self._write_index(texts, member)
            os.ftruncate(descriptor, texts.end)
            write_at(descriptor, END, texts.end)
            os.fsync(descriptor)
            try:
                write_at(descriptor, entry(index), ENTRY_AT)
                os.fsync(descriptor)
                self._saved = TarIndex(list(self._rows), member, index, spare, saved.members, texts.end)
            except BaseException:
                self._unsure = True
                raise
            self._end, self._members = texts.end, None
            # It is saved; what cannot be overwritten now will be the next time.
            with contextlib.suppress(OSError):
                for member in spare:
                    trash(descriptor, member, self.letters())
            self._left = self._look()

    def _write_index(self, texts: TextWriter, document: Member) -> tuple[Member, list[Member]]:
        """Write the index that lists a document and itself; give also what can be used again after that."""
        saved = self._saved
        draft = saved.text(document, document, saved.spare_after(texts.used), self._rows)
        # Other places take more or fewer digits.
        index = texts.place(INDEX, len(draft) + 256)
        spare = saved.spare_after(texts.used)
        text = saved.text(index, document, spare, self._rows)
        assert len(text) <= index.size
        write_at(self._descriptor, text, index.data)
        texts.finish(index, len(text))
        return index, spare

    def _begin(self) -> None:
        """Before the first write since the file was opened or saved: it must be what it was then."""
        self._check_open()
        if self._unsure:
            raise TransferError(
                f"whether {self.address} was saved is not known, as an error came in between",
                hint="Close it, and open it again.",
            )
        if self._left is not None:
            if self._look() != self._left:
                raise StaleFileError(
                    f"{self.address} was changed by another program", hint="Close it, and open it again."
                )
            self._left = None

    def _look(self) -> tuple[int, ...] | None:
        try:
            status = Path(self.address).stat()
        except OSError:
            return ()
        return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns

    def _drop(self) -> None:
        try:
            if self._left is None and not self._unsure:
                os.ftruncate(self._descriptor, self._saved.end)
                write_at(self._descriptor, END, self._saved.end)
        finally:
            self._stop_growing()
            self._let_go()


def _new_letters() -> str:
    return secrets.token_hex(8)


def make_tar(address: str, lock: WriteLock) -> TarContainer:
    """Make an empty archive, in place of what is there.

    Parameters
    ----------
    address, lock
        See `Container`.

    Returns
    -------
    TarContainer
    """
    write_atomically(Path(address), empty_archive(EMPTY))
    return TarContainer(address, lock)
