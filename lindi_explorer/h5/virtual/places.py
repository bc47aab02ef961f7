"""Where the files are that a virtual dataset names, and what a document calls them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from lindi_explorer.byterange import redact_url
from lindi_explorer.h5.opening.elsewhere import ENDINGS, looked_for
from lindi_explorer.h5.virtual.mapping import OWN, escaped, is_numbered, named
from lindi_explorer.remote import is_remote

if TYPE_CHECKING:
    from lindi_explorer.h5.view import View


class Places:
    """Where HDF5 looks for files, seen from one file.

    Parameters
    ----------
    view : View
        Of the file with the virtual datasets.
    """

    def __init__(self, view: View) -> None:
        self._view = view

    def addresses(self, name: str, base: str = "", prefix: str = "") -> list[str]:
        """Where a file may be, in the order in which it is looked for.

        Parameters
        ----------
        name : str
            Of the file.
        base : str, optional
            The address that names were relative to when the virtual dataset was made.
        prefix : str, optional
            A folder where the file is looked for first.

        Returns
        -------
        list of str
        """
        own = self._view.file.link_base
        places = [looked_for(name, place) for place in dict.fromkeys((own, base)) if place or not own]
        if name.startswith("/") and is_remote(own):
            # A file of the machine where the document was made is not taken for one that is missing.
            places.append([name])
        if prefix and not is_remote(name):
            places.insert(0, [f"{prefix}/{name}"])
        found = dict.fromkeys(address for place in places for address in place)
        # An HDF5 file that is not there may have been written as LINDI, as the one with the dataset was.
        return [*found, *(address + ending for address in found for ending in ENDINGS), *self._here(name)]

    def lasting(self, name: str) -> str:
        """What a new document calls a file, so that it means the same when it is read.

        The file itself gets HDF5's name for it, which holds wherever it goes. What is found from the working
        directory alone is named by its whole path, for another directory may be the working one then.

        Parameters
        ----------
        name : str
            As HDF5 has it, with percent signs doubled.

        Returns
        -------
        str
        """
        if name == OWN:
            return OWN
        plain = named(name, 0)
        if not is_numbered(name) and self._means_own(plain):
            return OWN
        here = self._here(plain)
        if not here or plain.startswith("/") or not Path(here[0]).exists():
            return name
        beside = [address for address in self.addresses(plain) if address not in here]
        if any(os.path.lexists(address) for address in beside):
            return name
        return str(Path(escaped(str(Path.cwd()))) / name)

    def is_own(self, address: str) -> bool:
        """Whether the file with the virtual datasets lies at an address."""
        own = self._view.file
        if own.source.kind != "local" or is_remote(address):
            return bool(own.source.kind == "remote" and redact_url(address) == own.source.address)
        if address == own.source.address:
            return True
        try:
            return os.path.samefile(address, own.source.address)  # noqa: PTH121 - addresses are text
        except (OSError, ValueError):
            return False

    def _means_own(self, name: str) -> bool:
        """Whether HDF5 takes a name for the file itself, and for no other, which may be written later."""
        first = looked_for(name, self._view.file.link_base)[0]
        if self.is_own(first):
            return True
        if name.startswith("/") or os.path.lexists(first):
            return False
        return any(map(self.is_own, self._here(name)))

    def _here(self, name: str) -> list[str]:
        """Where HDF5 looks last for files of this machine: in the working directory."""
        if self._view.file.source.kind != "local" or is_remote(name):
            return []
        # A path that leads nowhere counts for its last part only, there as beside the file.
        last = name.rpartition("/")[2] if name.startswith("/") else name
        try:
            return [str(Path.cwd() / last)]
        except OSError:
            return []  # it has been removed
