"""The tables of the local cache, and the statements that work on them."""

from __future__ import annotations

import contextlib
import time
import zlib
from typing import TYPE_CHECKING

from lindi_explorer.remote.messages import Facts

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

# Knowing the last use to the minute is enough to choose what goes, and spares a write per read.
USE_GRAIN = 60_000  # milliseconds
# What is left when something has to go, so that not every row that comes makes another one go.
KEEP_SHARE = 0.9
# Of the tables below, which say so at their end.
VERSION = 2
# The data stand apart, so that noting a use does not write them again. `held` counts their bytes. Parts that
# were read ahead (`ahead`) are metadata of HDF5, which are loaded all at once when the file is opened again.
SCHEMA = """
CREATE TABLE IF NOT EXISTS files (url TEXT PRIMARY KEY, etag TEXT NOT NULL, total INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS parts (
    id INTEGER PRIMARY KEY,
    url TEXT NOT NULL, etag TEXT NOT NULL, offset INTEGER NOT NULL, size INTEGER NOT NULL,
    crc INTEGER NOT NULL, used INTEGER NOT NULL, ahead INTEGER NOT NULL,
    UNIQUE (url, etag, offset, size)
);
CREATE INDEX IF NOT EXISTS parts_by_use ON parts (used, size);
CREATE TABLE IF NOT EXISTS data (id INTEGER PRIMARY KEY, bytes BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS held (only_row INTEGER PRIMARY KEY CHECK (only_row = 0), bytes INTEGER NOT NULL);
INSERT OR IGNORE INTO held VALUES (0, 0);
CREATE TRIGGER IF NOT EXISTS part_added AFTER INSERT ON parts
    BEGIN UPDATE held SET bytes = bytes + new.size; END;
CREATE TRIGGER IF NOT EXISTS part_removed AFTER DELETE ON parts
    BEGIN UPDATE held SET bytes = bytes - old.size; DELETE FROM data WHERE id = old.id; END;
PRAGMA user_version = 2;
"""

_FIND = "SELECT id, crc, used, bytes FROM parts JOIN data USING (id)"
_THIS = "WHERE url = ? AND etag = ? AND offset = ? AND size = ?"

Key = tuple[str, str, int, int]
"""URL key, ETag, offset, size."""


def now() -> int:
    """Return the time in milliseconds."""
    return int(time.time() * 1000)


def get(database: sqlite3.Connection, key: Key) -> bytes | None:
    """Return a part; None if there is none, or its bytes are not what was put."""
    row = database.execute(f"{_FIND} {_THIS}", key).fetchone()
    if row is None:
        return None
    part, crc, used, data = row
    if zlib.crc32(data) != crc:
        with database:
            database.execute("DELETE FROM parts WHERE id = ?", (part,))
        return None
    if now() - used >= USE_GRAIN:
        _note_use(database, "id = ?", part)
    return bytes(data)


def put(database: sqlite3.Connection, key: Key, data: bytes, max_bytes: int) -> None:
    """Put a part in place of the same one put before; the least recently used go if there are too many."""
    put_many(database, [(key, data)], max_bytes)


def put_many(
    database: sqlite3.Connection, parts: Sequence[tuple[Key, bytes]], max_bytes: int, *, ahead: bool = False
) -> None:
    """Put parts all at once; see `put`."""
    insert = "INSERT INTO parts (url, etag, offset, size, crc, used, ahead) VALUES (?, ?, ?, ?, ?, ?, ?)"
    with database:
        for key, data in parts:
            database.execute(f"DELETE FROM parts {_THIS}", key)  # noqa: S608 - a constant
            part = database.execute(insert, (*key, zlib.crc32(data), now(), ahead)).lastrowid
            database.execute("INSERT INTO data VALUES (?, ?)", (part, data))
        (held,) = database.execute("SELECT bytes FROM held").fetchone()
        if held > max_bytes:
            _evict(database, held - int(max_bytes * KEEP_SHARE))


def get_ahead(database: sqlite3.Connection, url: str, etag: str, most_bytes: int) -> list[tuple[int, bytes]]:
    """Return offset and bytes of the parts of a file that were read ahead, up to an amount."""
    rows = database.execute(
        "SELECT offset, crc, bytes FROM parts JOIN data USING (id) WHERE url = ? AND etag = ? AND ahead",
        (url, etag),
    )
    found = []
    for offset, crc, data in rows:
        if zlib.crc32(data) == crc:
            most_bytes -= len(data)
            if most_bytes < 0:
                break
            found.append((offset, bytes(data)))
    rows.close()  # what is being read cannot be noted as used
    if found:
        _note_use(database, "url = ? AND etag = ? AND ahead AND used < ?", url, etag, now() - USE_GRAIN)
    return found


def _note_use(database: sqlite3.Connection, which: str, *values: object) -> None:
    """Note that parts were used now; while another process writes for long, do without."""
    import sqlite3

    with contextlib.suppress(sqlite3.OperationalError), database:
        database.execute(f"UPDATE parts SET used = ? WHERE {which}", (now(), *values))  # noqa: S608 - constants


def _evict(database: sqlite3.Connection, surplus: int) -> None:
    """Delete the least recently used parts until ``surplus`` bytes are gone."""
    gone = []
    for part, size in database.execute("SELECT id, size FROM parts ORDER BY used"):
        gone.append((part,))
        surplus -= size
        if surplus <= 0:
            break
    database.executemany("DELETE FROM parts WHERE id = ?", gone)


def get_file(database: sqlite3.Connection, url: str) -> Facts | None:
    """Return the version of a file that was put last."""
    row = database.execute("SELECT total, etag FROM files WHERE url = ?", (url,)).fetchone()
    return None if row is None else Facts(row[0], row[1])


def put_file(database: sqlite3.Connection, url: str, facts: Facts) -> None:
    """Put the version of a file, and delete the parts of other versions."""
    with database:
        database.execute("INSERT OR REPLACE INTO files VALUES (?, ?, ?)", (url, facts.etag, facts.total))
        database.execute("DELETE FROM parts WHERE url = ? AND etag NOT IN (?, '')", (url, facts.etag))
