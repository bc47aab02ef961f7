"""The family of errors, grouped by what a handler would do about them.

Each error is also the builtin that a caller of such a function would already catch, carries a stable
``code`` (the explorer's front end and scripts switch on it, never on the wording), the plain ``message``
(what happened, to what) and a ``hint`` (what to do; may be empty). ``str(error)`` is the message alone;
the hint is attached as a note, so a traceback shows both.

Messages never hold secrets: URLs go through `lindi_explorer.byterange.redact_url` first.
"""

from __future__ import annotations

from typing import ClassVar


class LindiError(Exception):
    """Base of every error that this package raises on purpose.

    Parameters
    ----------
    message : str
        What happened, to what; one or two sentences without secrets.
    hint : str, optional
        What to do about it.
    """

    code: ClassVar[str] = "error"

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        if hint:
            self.add_note(hint)

    def __str__(self) -> str:
        # KeyError would quote the message and OSError would look for an errno: say the plain words.
        return self.message


class NodeNotFoundError(LindiError, KeyError):
    """A group, dataset, attribute or key that is not there."""

    code = "not-found"


class MissingFileError(LindiError, FileNotFoundError):
    """A file or URL that does not exist (a path without a file, HTTP 404 or 410).

    Apart from `NodeNotFoundError`, because the remedy differs: the address is wrong, not the name inside.
    """

    code = "no-file"


class InvalidSelectionError(LindiError, ValueError):
    """A selection that cannot be understood or lies outside the dataset."""

    code = "bad-selection"


class FormatError(LindiError, ValueError):
    """A file or document that is not what it should be, or is damaged."""

    code = "format"


class UnsupportedError(LindiError, NotImplementedError):
    """Something valid that this package does not read or write, named in the message."""

    code = "unsupported"


class ReadOnlyError(LindiError, ValueError):
    """A change to something that was opened for reading."""

    code = "read-only"


class AccessDeniedError(LindiError, PermissionError):
    """A file or URL that may not be read (permissions, HTTP 401 or 403, an address off limits)."""

    code = "denied"


class RangeNotSupportedError(LindiError, OSError):
    """A server that sends whole files only where a part was asked for."""

    code = "no-ranges"


class StaleFileError(LindiError, OSError):
    """A file that changed while it was being read; nothing read before may be mixed with it."""

    code = "stale"


class TransferError(LindiError, OSError):
    """A transfer that failed for good after all retries: no connection, cut off, server errors."""

    code = "transfer"


class ExistingFileError(LindiError, FileExistsError, ValueError):
    """A file that was to be made new, and is there."""

    code = "exists"


class FileInUseError(LindiError, BlockingIOError):
    """A file that is open for writing elsewhere, in this process or another."""

    code = "in-use"


class ConflictError(LindiError, ValueError):
    """An edit whose expected old value is not what the file holds."""

    code = "conflict"


class AssetExistsError(ConflictError):
    """A file of an archive that is at the path where another was to be put.

    There are three ways on: to ``replace`` it, to ``rename`` what is uploaded, or to ``keep`` it.
    """

    code = "asset-exists"
    ways: ClassVar[tuple[str, ...]] = ("replace", "rename", "keep")


class AssetChangedError(ConflictError):
    """A file of an archive that somebody has replaced since it was opened; reload it, or ``rename``."""

    code = "asset-changed"
    ways: ClassVar[tuple[str, ...]] = ("rename", "keep")


class ChunkTooLargeError(LindiError, ValueError):
    """A chunk of 900,000,000 bytes or more, which the local cache does not take."""

    code = "chunk-too-large"


class CancelledByUserError(LindiError):
    """Work that was stopped on request; not a fault, so it is no builtin error besides."""

    code = "cancelled"
