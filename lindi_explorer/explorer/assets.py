"""The files of a dandiset as rows of the tree."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING
from urllib.parse import quote

from lindi_explorer.archive.browsing import Browser, PathRow
from lindi_explorer.archive.dandi import READY_MADE
from lindi_explorer.archive.dandisets import DandisetName
from lindi_explorer.explorer.protocol import Children, Choosing, Found, GetChildren, Icon, Row, Search
from lindi_explorer.explorer.wire import from_wire, to_wire
from lindi_explorer.explorer.words import count_words

if TYPE_CHECKING:
    from collections.abc import Iterable

_PAGE = 500
"""Rows that are asked for at a time; the archive gives 1000 at most."""

_MOST_PAGES = 200
"""Pages that are remembered."""

_MOST_ROWS = 2000

_ICONS: dict[str, Icon] = {
    ".nwb": "box",
    ".h5": "box",
    ".hdf5": "box",
    ".lindi.json": "box",
    ".lindi.tar": "box",
    ".zarr": "grid",
}


class Assets:
    """What is in one version of a dandiset; pages that were fetched are remembered.

    Parameters
    ----------
    named : DandisetName

    Attributes
    ----------
    version : str
        ``draft``, or the name of a publication.
    """

    def __init__(self, named: DandisetName) -> None:
        self.named = named
        self._browser = Browser(named.instance)
        # A client answers one at a time; the view and Python code may both ask.
        self._lock = threading.Lock()
        self._pages: dict[tuple[str, int], tuple[list[PathRow], bool]] = {}
        self._totals: dict[str, int] = {}
        self._dandiset, self._facts = self._browser.facts(named.dandiset, named.version)
        self.version = self._facts.version

    @property
    def embargoed(self) -> bool:
        """Whether only the owners can see the dandiset."""
        return self._dandiset.embargo_status != "OPEN"

    def close(self) -> None:
        """Close the connections."""
        self._browser.close()

    def choosing(self, selected: str) -> Choosing:
        """The dandiset, before a file is chosen.

        Parameters
        ----------
        selected : str
            Path of the row to begin with.

        Returns
        -------
        Choosing
        """
        instance, facts, name = self.named.instance, self._facts, f"Dandiset {self.named.dandiset}"
        page = f"{instance.web}/dandiset/{self.named.dandiset}/{quote(self.version)}" if instance.web else ""
        root = Row(
            path="/",
            name=name,
            kind="asset",
            icon="folder",
            type_name=count_words(facts.asset_count, "file"),
            stored_bytes=facts.size,
            children=1,
        )
        return Choosing(
            name=name,
            title=to_wire(facts.name),
            version=self.version,
            archive=instance.name,
            web_page=page,
            embargoed=self.embargoed,
            files=facts.asset_count,
            bytes=facts.size,
            root=root,
            selected=selected,
        )

    def children(self, request: GetChildren) -> Children:
        """Some of what lies directly in a folder."""
        folder = from_wire(request.path).strip("/")
        start = max(request.offset, 0)
        stop = start + min(max(request.limit, 1), _MOST_ROWS)
        with self._lock:
            found: list[PathRow] = []
            for number in range(start // _PAGE + 1, (stop - 1) // _PAGE + 2):
                rows, more = self._page(folder, number)
                found += rows
                if not more:
                    break
            skipped = start - start // _PAGE * _PAGE
            shown = found[skipped : skipped + stop - start]
            # A LINDI file follows the one that it stands for, perhaps on the next page.
            names = {row.path for row in found}
            if more and shown and shown[-1] is found[-1] and shown[-1].asset is not None:
                names |= {row.path for row in self._page(folder, number + 1)[0]}
            total = self._totals.get(folder, start + len(shown))
        return Children(
            path=request.path,
            offset=start,
            total=total,
            rows=[_row(row, ready_made=row.path + READY_MADE in names) for row in shown],
        )

    def _page(self, folder: str, number: int) -> tuple[list[PathRow], bool]:
        """The rows of a page, and whether there are more after them."""
        known = self._pages.get((folder, number))
        if known is not None:
            return known
        page = self._browser.folder(self.named.dandiset, self.version, folder, number, _PAGE)
        rows, more = page.results, page.next is not None and len(page.results) > 0
        seen = (number - 1) * _PAGE + len(rows)
        self._totals[folder] = page.count or max(self._totals.get(folder, 0), seen + more)
        while len(self._pages) >= _MOST_PAGES:
            del self._pages[next(iter(self._pages))]
        self._pages[folder, number] = rows, more
        return rows, more

    def search(self, request: Search) -> Found:
        """Files whose paths contain a text, each after the folders that it lies in."""
        limit = min(max(request.limit, 1), 1000)
        text = from_wire(request.text)
        with self._lock:
            page = self._browser.search(self.named.dandiset, self.version, text, limit)
        names = {row.path for row in page.results}
        files = [PathRow(row.path, 1, row.size) for row in page.results]
        rows = [_row(file, ready_made=file.path + READY_MADE in names, is_file=True) for file in files]
        return Found(
            text=request.text,
            total=page.count or len(files),
            objects=self._facts.asset_count,
            rows=list(_with_folders(rows)),
            matches=[row.path for row in rows],
        )


def _row(row: PathRow, *, ready_made: bool, is_file: bool | None = None) -> Row:
    is_file = row.asset is not None if is_file is None else is_file
    name = row.path.rpartition("/")[2]
    note = ("LINDI" if ready_made else "") if is_file else count_words(row.aggregate_files, "file")
    return Row(
        path=f"/{to_wire(row.path)}",
        name=to_wire(name),
        kind="asset",
        icon=_icon(name) if is_file else "folder",
        type_name=note,
        stored_bytes=row.aggregate_size,
        # How many there are is not known before it is opened.
        children=0 if is_file else 1,
    )


def _icon(name: str) -> Icon:
    return next((icon for end, icon in _ICONS.items() if name.lower().endswith(end)), "type")


def _with_folders(rows: Iterable[Row]) -> Iterable[Row]:
    """Rows in the order of a tree, each after the folders that it lies in."""
    seen: set[str] = set()
    for row in sorted(rows, key=lambda row: row.path.split("/")):
        parts = row.path.split("/")[1:-1]
        for depth in range(1, len(parts) + 1):
            folder = "/" + "/".join(parts[:depth])
            if folder not in seen:
                seen.add(folder)
                name = parts[depth - 1]
                yield Row(path=folder, name=name, kind="asset", icon="folder", stored_bytes=None, children=1)
        yield row
