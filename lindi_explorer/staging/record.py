"""What of a staging area has been uploaded, and where to: on disk, so that nothing is uploaded twice."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Literal

import msgspec

from lindi_explorer.errors import FormatError
from lindi_explorer.formats.atomic import write_atomically


class _Document(msgspec.Struct, frozen=True):
    """What the file holds."""

    version: Literal[1]
    uploaded: dict[str, str]


class UploadRecord:
    """Addresses by content: the SHA-256 of a file -> where it is now.

    Parameters
    ----------
    path : Path
        The file of the record; it need not exist.

    Raises
    ------
    FormatError
        If it is damaged.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._uploaded: dict[str, str] = {}
        if path.exists():
            try:
                found = msgspec.convert(json.loads(path.read_bytes()), _Document)
            except (msgspec.ValidationError, ValueError, RecursionError) as error:
                raise FormatError(
                    f"the record of what has been uploaded, {path}, cannot be read: {error}",
                    hint="Delete it to have everything uploaded again.",
                ) from error
            self._uploaded = dict(found.uploaded)

    def get(self, digest: str) -> str | None:
        """Where content has been uploaded to, None where it has not been."""
        return self._uploaded.get(digest)

    def add(self, digest: str, address: str) -> None:
        """Note where content is; when this returns, it is on disk."""
        self._uploaded[digest] = address
        document = msgspec.to_builtins(_Document(1, self._uploaded))
        # Python's writer, as a path may hold bytes that are not UTF-8: it escapes them.
        write_atomically(self._path, json.dumps(document, indent=1).encode("ascii"))


def digest_of(path: Path) -> str:
    """The SHA-256 of a file, read in pieces."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
