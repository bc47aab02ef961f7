"""Patches: what differs between a file and another state of it, for a person to read and for a tool to apply.

A patch is one JSON object: two spaces of indentation, sorted keys, ASCII.

``format``, ``version``
    ``lindi_explorer patch`` and 1.
``tool``, ``created``, ``note``
    What wrote it, when (UTC), and what its author has to say.
``source``
    The file it was made for: ``address`` (without secrets; of a local file its name), ``format``, and where
    they are known ``size`` in bytes and ``etag``.
``changes``
    One object each, in an order in which they can be made. ``path`` is that of the object, ``kind`` one of

    ``remove``
        The object goes, with all below it: ``what`` for people, ``digest`` of paths and metadata.
    ``add``
        A new object: ``what`` for people, ``keys``.
    ``attribute``
        ``name``, and ``old`` and ``new``, one of which is left out where an attribute is added or removed:
        ``dtype`` for people, ``value`` as it is in ``.zattrs``, ``entry`` as it is in the side-car.
    ``data``
        A dataset with other data: ``old`` and ``new``, each with ``dtype``, ``shape`` and for little data
        ``value`` for people, and ``keys``.
    ``node``
        Other metadata, such as where a link leads: ``old`` and ``new``, each with ``keys``.

``keys`` are those of a LINDI document without the path of the object; of what is changed only those that
differ, and null where there is none. Data is bytes, as a document has them, or a byte range whose address
`lindi_explorer.staging.patch_addresses` explains. There are at most 64 MiB of data in a patch.
"""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import msgspec

from lindi_explorer.errors import FormatError, MissingFileError
from lindi_explorer.formats.atomic import require_folder, write_atomically
from lindi_explorer.references.checks import short
from lindi_explorer.references.text import indented, plain_copy
from lindi_explorer.staging.patch_changes import PatchChange, PatchSource
from lindi_explorer.staging.patch_checks import check_change

FORMAT: Literal["lindi_explorer patch"] = "lindi_explorer patch"
VERSION: Literal[1] = 1
MOST_TEXT = 256 << 20
"""Bytes of a patch that is read."""


class Patch(msgspec.Struct, frozen=True, kw_only=True):
    """What differs between a file and another state of it.

    Attributes
    ----------
    format : str
    version : int
    tool : str
        Name and version of what made it.
    created : str
        Date and time, UTC.
    note : str
        What its author has to say.
    source : PatchSource
        The file it was made for.
    changes : tuple
        In an order in which they can be made.

    Examples
    --------
    >>> import copy
    >>> import lindi_explorer as lindi
    >>> document = {"refs": {".zgroup": {"zarr_format": 2}, ".zattrs": {"lab": "A"}}}
    >>> rfs = copy.deepcopy(document)
    >>> with lindi.LindiH5pyFile.from_reference_file_system(rfs, mode="r+") as file:
    ...     file.attrs["lab"] = "B"
    ...     patch = file.patch(note="moved")
    >>> print(patch.text().decode())  # doctest: +ELLIPSIS
    {
      "changes": [
        {
          "kind": "attribute",
          "name": "lab",
          "new": {
            "dtype": "utf-8",
            "value": "B"
          },
          "old": {
            "dtype": "utf-8",
            "value": "A"
          },
          "path": "/"
        }
      ],
    ...
    >>> lindi.apply(patch, document).attrs["lab"]
    'B'
    """

    format: Literal["lindi_explorer patch"] = FORMAT
    version: Literal[1] = VERSION
    tool: str
    created: str
    note: str = ""
    source: PatchSource
    changes: tuple[PatchChange, ...]

    def __bool__(self) -> bool:
        """Whether it changes anything."""
        return bool(self.changes)

    def text(self) -> bytes:
        """The patch as it is written: JSON with two spaces, sorted keys, ASCII."""
        return indented(plain_copy(msgspec.to_builtins(self))).encode("ascii") + b"\n"

    def save(self, path: str | os.PathLike[str]) -> int:
        """Write the patch, at once or not at all.

        Parameters
        ----------
        path : str or path
            Replaced where it exists.

        Returns
        -------
        int
            Bytes written.

        Raises
        ------
        MissingFileError
            If the folder does not exist.
        OSError
            If it cannot be written.
        """
        target = Path(path)
        require_folder(target)
        return write_atomically(target, self.text())

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Patch:
        """Read a patch; whatever is in the file, the answer is a patch or an error.

        Parameters
        ----------
        path : str or path

        Returns
        -------
        Patch

        Raises
        ------
        FormatError
            If it is no patch, damaged, of a newer version, or does what no patch may.
        MissingFileError
            If there is no such file.
        """
        file = Path(path)
        try:
            with file.open("rb") as opened:
                text = opened.read(MOST_TEXT + 1)
        except FileNotFoundError:
            raise MissingFileError(f"there is no file {file}", hint="Check the name.") from None
        if len(text) > MOST_TEXT:
            raise FormatError(
                f"{file.name} is larger than {MOST_TEXT:,} bytes, which no patch is", hint=_HINT
            )
        return cls.parse(text, file.name)

    @classmethod
    def parse(cls, text: bytes, name: str = "the patch") -> Patch:
        """Read the text of a patch.

        Parameters
        ----------
        text : bytes
        name : str
            For errors.

        Returns
        -------
        Patch

        Raises
        ------
        FormatError
            As for `load`.
        """
        try:
            document = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise FormatError(f"{name} is no patch: it is not JSON ({error})", hint=_HINT) from error
        if not isinstance(document, dict) or document.get("format") != FORMAT:
            raise FormatError(f"{name} is no patch: its format is not “{FORMAT}”", hint=_HINT)
        if (found := document.get("version")) != VERSION:
            raise FormatError(
                f"{name} is a patch of the version {short(found)}, and only version {VERSION} is known",
                hint="Update lindi_explorer to read it.",
            )
        try:
            patch = msgspec.convert(document, cls)
        except (msgspec.ValidationError, RecursionError) as error:
            raise FormatError(f"{name} is damaged: {error}", hint=_HINT) from error
        for change in patch.changes:
            check_change(change)
        return patch


def now() -> str:
    """The time a patch is made."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


_HINT = "Patches are written by LindiH5pyFile.patch() and by lindi-explorer diff -o."
