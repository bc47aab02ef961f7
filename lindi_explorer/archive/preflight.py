"""What is found out before anything is sent, as people read it, and what came of an upload in the end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from lindi_explorer.remote.faults import si_bytes

Mode = Literal["auto", "json", "inline", "tar", "nwb"]
"""How an edited file goes to the archive.

``json``: a LINDI document, and its new chunks in blobs beside it. ``inline``: one document with the new
chunks inside. ``tar``: one ``.lindi.tar``. ``nwb``: an HDF5 file that stands alone, with all data. ``auto``:
``inline`` where the new chunks are few bytes, else ``json``.
"""

Conflict = Literal["ask", "replace", "rename"]
"""What to do where there is a file of this name already."""

Level = Literal["ok", "note", "warning", "blocked"]
Status = Literal["Valid", "Pending", "Invalid"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at.

    Attributes
    ----------
    level : str
        ``ok``, ``note``, ``warning``, or ``blocked``: nothing is sent.
    title : str
        What it is about, in a word or two.
    detail : str
        What was found.
    """

    level: Level
    title: str
    detail: str


@dataclass(frozen=True, slots=True)
class Preflight:
    """What an upload would do.

    Attributes
    ----------
    instance, dandiset, path : str
        Where the file goes.
    mode : str
        Never ``auto``.
    account : str or None
        Whom the API key belongs to.
    embargoed : bool
        Whether the dandiset is under embargo.
    replaces : str or None
        The asset that is at the path now.
    size : int
        Bytes to send.
    blobs : int
        Files with new chunks among them.
    findings : tuple of Finding
    """

    instance: str
    dandiset: str
    path: str
    mode: Mode
    account: str | None
    embargoed: bool
    replaces: str | None
    size: int
    blobs: int
    findings: tuple[Finding, ...]

    @property
    def ready(self) -> bool:
        """Whether nothing stands in the way."""
        return all(finding.level != "blocked" for finding in self.findings)

    def summary(self) -> str:
        """All of it as lines of text."""
        to = f"{self.path} of dandiset {self.dandiset} on {self.instance}"
        also = f" and {self.blobs:,} blob{'' if self.blobs == 1 else 's'}" if self.blobs else ""
        width = max((len(finding.title) for finding in self.findings), default=0)
        lines = [f"Upload to {to}: {si_bytes(self.size)}, {_WHAT[self.mode]}{also}"]
        lines += [f"  {_MARKS[one.level]} {one.title:<{width}}  {one.detail}" for one in self.findings]
        return "\n".join(lines)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an upload is.

    Attributes
    ----------
    step : int
        1 to 9.
    label : str
        What is being done.
    done, total : int
        Bytes, or whatever the step counts.
    """

    step: int
    label: str
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class Uploaded:
    """What came of an upload.

    Attributes
    ----------
    asset_id : str
    url : str
        Where the API sends the file from: what ``LindiExplorer`` and others open.
    web_page, neurosift : str or None
        Pages that show it; None where there are none.
    size : int
        Bytes of the file.
    sent : int
        Bytes that were really sent.
    status : str
        What the archive's own check has come to; ``Pending`` where that takes longer.
    errors : tuple of str
        What the check complains about.
    orphans : tuple of str
        Paths of blobs of an earlier upload that failed, which this file does not need; nothing deletes them.
    """

    asset_id: str
    url: str
    web_page: str | None
    neurosift: str | None
    size: int
    sent: int
    status: Status
    errors: tuple[str, ...]
    orphans: tuple[str, ...]


_MARKS = {"ok": "ok     ", "note": "note   ", "warning": "warning", "blocked": "BLOCKED"}

_WHAT = {
    "auto": "a document",
    "json": "a document",
    "inline": "a document with its new data inside",
    "tar": "an archive with its new data inside",
    "nwb": "an HDF5 file with all data",
}
