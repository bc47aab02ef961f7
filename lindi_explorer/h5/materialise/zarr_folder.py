"""A Zarr hierarchy in a folder: which keys can be files, and writing them."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any

from lindi_explorer.errors import UnsupportedError
from lindi_explorer.references import keys
from lindi_explorer.references.model import metadata_text

_NO_NAMES = {errno.ENAMETOOLONG, errno.EILSEQ, errno.EINVAL}
"""What systems say of names they do not have."""


class ZarrFolder:
    """Writes the keys of a hierarchy.

    Parameters
    ----------
    root : Path
        An empty folder.
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    def make(self, path: str) -> None:
        """Make the folder of a node.

        Parameters
        ----------
        path : str
            The folder above it is there.

        Raises
        ------
        UnsupportedError
            If there can be no folder of this name: it would be another's, or a file of the node above.
        """
        name = keys.split(path)[1]
        if not path:
            return
        if name in ("", ".", "..", *keys.METADATA) or any(char in name for char in _separators()):
            raise UnsupportedError(f"{name!r} cannot be the name of a folder in a Zarr store")
        try:
            self._at(path).mkdir()
        except (FileExistsError, ValueError, UnicodeError) as error:
            raise UnsupportedError(f"{name!r} cannot be the name of a folder here: {error}") from error
        except OSError as error:
            if error.errno not in _NO_NAMES:
                raise
            raise UnsupportedError(
                f"{name[:80]!r} cannot be the name of a folder here: {error.strerror}"
            ) from error

    def put(self, key: str, data: bytes) -> None:
        """Write what stands behind a key of a node whose folder is there."""
        file = self._at(key)
        try:
            file.write_bytes(data)
        except FileNotFoundError:
            # Chunks of an array whose numbers are separated by slashes.
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(data)

    def put_metadata(self, key: str, document: dict[str, Any]) -> None:
        """Write a metadata document, where it is not empty."""
        if document:
            self.put(key, metadata_text(document))

    def _at(self, key: str) -> Path:
        return self._root / os.fsdecode(key.encode("utf-8", "surrogateescape"))


def _separators() -> str:
    return "".join(filter(None, ("/", "\0", os.sep, os.altsep)))
