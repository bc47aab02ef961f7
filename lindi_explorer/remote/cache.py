"""Parts of remote files on disk, shared by threads and processes, bounded in size.

One SQLite file. Rows are keyed by URL, ETag, offset and size, so that a file which changed is never served
from what was kept of its earlier version. A cache is a convenience: whatever goes wrong with it, reading goes
on without it, and a damaged one is set aside and begun anew.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections import deque
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from lindi_explorer.errors import ChunkTooLargeError
from lindi_explorer.remote import cache_rows
from lindi_explorer.remote.cache_key import cache_key
from lindi_explorer.remote.messages import Facts

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterator, Sequence

T = TypeVar("T")

# SQLite takes blobs of up to 1,000,000,000 bytes.
TOO_LARGE = 900_000_000
_FILE_NAME = f"lindi_explorer_cache_{cache_rows.VERSION}.db"
# Waiting longer for another writer would cost more than reading from the network.
_BUSY_SECONDS = 1.0
_BUSY_STEP = 0.005


class LocalCache:
    """Keeps parts of remote files on disk.

    Several readers, threads and processes may use the same folder at once.

    Parameters
    ----------
    cache_dir : path, optional
        Folder of the cache, made when it is first needed. By default the folder that the environment
        variable ``LINDI_LOCAL_CACHE_DIR`` names, else the user's cache folder.
    max_bytes : int, optional
        The most data that is kept; the least recently used goes first.
    """

    def __init__(self, *, cache_dir: str | os.PathLike[str] | None = None, max_bytes: int = 4 << 30) -> None:
        self.cache_dir = Path(cache_dir or _default_dir())
        self._max_bytes = max_bytes
        # Each call takes a connection for itself and puts it back, so that no thread waits for another.
        self._idle: deque[sqlite3.Connection] = deque()
        self._pid = os.getpid()
        self._inode = 0
        self._broken = False

    def __del__(self) -> None:
        self.close()

    def __reduce__(self) -> tuple[Callable[..., LocalCache], tuple[str, int]]:
        return _reopen, (str(self.cache_dir), self._max_bytes)

    def get_remote_chunk(self, *, url: str, offset: int, size: int, etag: str = "") -> bytes | None:
        """Return a part of a file if it is held.

        Parameters
        ----------
        url : str
            The URL as the document has it, before resolvers and redirects.
        offset, size : int
            The part, in bytes; found only as it was put.
        etag : str, optional
            The version of the file that is wanted.

        Returns
        -------
        bytes or None
            None if it is not held.
        """
        key = (cache_key(url), etag, offset, size)
        return self._try(lambda database: cache_rows.get(database, key), None)

    def put_remote_chunk(self, *, url: str, offset: int, size: int, data: bytes, etag: str = "") -> None:
        """Keep a part of a file; replaces the same part put before.

        Parameters
        ----------
        url, offset, size, etag
            As in `get_remote_chunk`.
        data : bytes
            The part itself.

        Raises
        ------
        ChunkTooLargeError
            If it has 900,000,000 bytes or more.
        ValueError
            If ``size`` is not the size of ``data``.
        """
        if size >= TOO_LARGE:
            raise ChunkTooLargeError(
                f"A chunk of {size:,} bytes is too large for the local cache (limit {TOO_LARGE:,}).",
                hint="It is read from its source each time.",
            )
        if size != len(data):
            raise ValueError(f"The chunk has {len(data):,} bytes, not the {size:,} that were announced")
        if size <= self._max_bytes:
            key = (cache_key(url), etag, offset, size)
            self._try(lambda database: cache_rows.put(database, key, data, self._max_bytes), None)

    def get_ahead(self, *, url: str, etag: str, most_bytes: int) -> list[tuple[int, bytes]]:
        """Return what `put_ahead` kept of a file: offset and bytes of each part, up to an amount in bytes."""
        key = cache_key(url)
        return self._try(lambda database: cache_rows.get_ahead(database, key, etag, most_bytes), [])

    def put_ahead(self, *, url: str, etag: str, parts: Sequence[tuple[int, bytes]]) -> None:
        """Keep parts of a file that belong together and are wanted together: HDF5's metadata.

        Parameters
        ----------
        url, etag
            As in `get_remote_chunk`.
        parts : sequence of (int, bytes)
            Offset and bytes of each; a part put before is replaced.
        """
        name = cache_key(url)
        rows = [((name, etag, offset, len(data)), data) for offset, data in parts]
        self._try(lambda database: cache_rows.put_many(database, rows, self._max_bytes, ahead=True), None)

    def get_file(self, url: str) -> Facts | None:
        """Return the version of a file that was seen last; None if there was none."""
        key = cache_key(url)
        return self._try(lambda database: cache_rows.get_file(database, key), None)

    def put_file(self, url: str, facts: Facts) -> None:
        """Remember the version of a file, and drop what is held of others."""
        key = cache_key(url)
        if facts.total is not None and facts.etag and self.get_file(url) != Facts(facts.total, facts.etag):
            self._try(lambda database: cache_rows.put_file(database, key, facts), None)

    def close(self) -> None:
        """Close the database; using the cache again opens it again."""
        idle, self._idle = self._idle, deque()  # those in use come back to the old one, and are used no more
        while idle:
            with contextlib.suppress(IndexError):
                idle.pop().close()

    def _try(self, work: Callable[[sqlite3.Connection], T], otherwise: T) -> T:
        """Do something with the database; begin a damaged one anew, and do without one that is no use."""
        import sqlite3

        for _ in range(2):
            if self._broken:
                break
            try:
                with self._connection() as database:
                    return work(database)
            except (sqlite3.OperationalError, OSError):
                break  # busy for too long, disk full, folder not writable: this once without
            except sqlite3.DatabaseError:
                self._broken = not self._set_aside()
        return otherwise

    @contextlib.contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        if self._pid != os.getpid():  # a forked child must not use its parent's connections
            self._pid, self._idle = os.getpid(), deque()
        idle = self._idle
        try:
            database = idle.pop()
        except IndexError:
            database = self._connect()
        try:
            yield database
        finally:
            idle.append(database)

    def _connect(self) -> sqlite3.Connection:
        import sqlite3

        self.cache_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = self.cache_dir / _FILE_NAME
        database = sqlite3.connect(path, timeout=_BUSY_SECONDS, check_same_thread=False)
        try:
            self._inode = path.stat().st_ino
            _begin(database)
        except BaseException:
            database.close()
            raise
        return database

    def _set_aside(self) -> bool:
        """Move a damaged database out of the way, unless another process did so already."""
        self.close()
        path = self.cache_dir / _FILE_NAME
        try:
            if path.stat().st_ino == self._inode:
                path.replace(path.with_suffix(".damaged"))
                for tail in ("-wal", "-shm"):
                    path.with_name(path.name + tail).unlink(missing_ok=True)
        except FileNotFoundError:
            pass
        except OSError:
            return False
        return True


def _begin(database: sqlite3.Connection) -> None:
    """Set a connection up, and make the tables if there are none."""
    import sqlite3

    until = time.monotonic() + _BUSY_SECONDS
    while True:
        try:
            database.execute("PRAGMA journal_mode = WAL")
            database.execute("PRAGMA synchronous = NORMAL")
            if database.execute("PRAGMA user_version").fetchone() != (cache_rows.VERSION,):
                database.executescript(cache_rows.SCHEMA)
        except sqlite3.OperationalError as error:
            # Those who begin a database at the same moment meet here, and SQLite itself does not wait.
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
            time.sleep(_BUSY_STEP)
        else:
            return


def _reopen(cache_dir: str, max_bytes: int) -> LocalCache:
    return LocalCache(cache_dir=cache_dir, max_bytes=max_bytes)


def _default_dir() -> str:
    if named := os.environ.get("LINDI_LOCAL_CACHE_DIR"):
        return named
    import platformdirs

    return platformdirs.user_cache_dir("lindi-explorer", appauthor=False)
