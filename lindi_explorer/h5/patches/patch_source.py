"""What a patch says of the file it is for."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

from lindi_explorer.errors import LindiError
from lindi_explorer.references.secrets import without_secret
from lindi_explorer.remote import is_remote
from lindi_explorer.staging.patch_changes import PatchSource

if TYPE_CHECKING:
    from lindi_explorer.h5.file import LindiH5pyFile


def shown_address(file: LindiH5pyFile) -> str:
    """The address of a file without secrets; of a local file its name."""
    own = file.reader.source or ""
    return without_secret(own) if is_remote(own) else file.source.name


def source_of(file: LindiH5pyFile) -> PatchSource:
    """What a patch says of the file it is for; nobody is asked for it."""
    size, etag = None, ""
    if file.source.kind != "memory" and file.source.format != "LINDI folder":
        try:
            head = file.reader.known(file.reader.source or "")
        except LindiError:
            head = None  # what is in the file is known, if not what it is like now
        if head is not None:
            size, etag = head.size, head.etag
    return PatchSource(shown_address(file), file.source.format, size, etag)


def tool() -> str:
    """What makes the patch."""
    try:
        return f"lindi_explorer {version('lindi_explorer')}"
    except PackageNotFoundError:
        return "lindi_explorer"
