"""What people read when an upload ends because of the disk of this machine."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from lindi_explorer.errors import LindiError


@contextlib.contextmanager
def disk_in_words() -> Iterator[None]:
    """Have errors of the operating system raised as errors of the family.

    Returns
    -------
    context manager
    """
    try:
        yield
    except OSError as error:
        if isinstance(error, LindiError):
            raise
        reason = (error.strerror or str(error)).lower()
        raise LindiError(
            f"The upload stopped on this machine: {reason}.",
            hint="See to the disk and upload it again, which goes on where it was; or have "
            "LINDI_EXPLORER_JOURNAL_DIR name a folder with more space, where it begins anew.",
        ) from error
