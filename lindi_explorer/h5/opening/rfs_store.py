"""`LindiReferenceFileSystemStore`: a reference file system as a mapping, as upstream's users know it."""

from __future__ import annotations

import json
from collections.abc import Iterator, MutableMapping
from typing import Any

from lindi_explorer.byterange import ByteRange
from lindi_explorer.errors import FormatError, NodeNotFoundError, ReadOnlyError
from lindi_explorer.h5.materialise.zarr_arrays import padded
from lindi_explorer.references import keys
from lindi_explorer.references.checks import check_array, short
from lindi_explorer.references.codec import chunk_value
from lindi_explorer.references.model import Node
from lindi_explorer.references.outline import Outline, is_reference
from lindi_explorer.references.table_builder import Addresses, inline_bytes
from lindi_explorer.remote import LocalCache, RangeReader

_METADATA = (".zattrs", ".zgroup", ".zarray", "zarr.json")


class LindiReferenceFileSystemStore(MutableMapping[str, bytes]):
    """A reference file system as a mapping: key -> bytes.

    For zarr-python use `lindi_explorer.ReferenceStore`, and for h5py's interface
    `lindi_explorer.LindiH5pyFile.from_reference_file_system`; this face is for looking at single keys, and
    for changing a reference file system in place. What others change in the dict is seen at once.

    Parameters
    ----------
    rfs : dict
        With ``refs``, and perhaps ``templates``; used, not copied.
    mode : str
        ``r`` or ``r+``.
    local_cache : LocalCache, optional
        Keeps what is read from URLs on disk.

    Raises
    ------
    FormatError
        If the value of a key is neither text, nor an object, nor ``[address, offset, length]``.
    """

    def __init__(
        self, rfs: dict[str, Any], *, mode: str = "r+", local_cache: LocalCache | None = None
    ) -> None:
        if mode not in ("r", "r+"):
            raise ValueError(f'mode="{mode}" is not a mode of a store: use "r" or "r+"')
        if not isinstance(rfs.get("refs"), dict):
            raise FormatError("rfs must contain a 'refs' key, with an object behind it")
        for key, value in rfs["refs"].items():
            _check(key, value)
        templates = rfs.get("templates", {})
        if not isinstance(templates, dict):
            raise FormatError("Problem with templates: they must be an object of strings")
        for name, text in templates.items():
            if not isinstance(text, str):
                raise FormatError(f"Problem with templates: value for {name} must be a string")
        self.rfs = rfs
        self.mode = mode
        self.local_cache = local_cache
        self._reader = RangeReader(None, local_cache=local_cache)

    # ------------------------------------------------------------ mapping

    def __getitem__(self, key: str) -> bytes:
        """The bytes behind a key.

        Parameters
        ----------
        key : str

        Returns
        -------
        bytes
            A raw chunk that is shorter than its shape is filled up with zeros (format section 7.5).

        Raises
        ------
        NodeNotFoundError
            If there is nothing behind the key.
        FormatError
            If what is there is no reference, or names a template that is not there.
        MissingFileError, AccessDeniedError, TransferError, RangeNotSupportedError, StaleFileError
            If a byte range cannot be read.
        """
        if key not in self.rfs["refs"]:
            raise NodeNotFoundError(f"there is nothing behind the key {key!r}")
        value = self.rfs["refs"][key]
        _check(key, value)
        if isinstance(value, dict):
            return json.dumps(value).encode("ascii")
        return self._filled_up(key, inline_bytes(key, value) if isinstance(value, str) else self._read(value))

    def _read(self, value: list[Any]) -> bytes:
        address, offset, length = value
        place = Addresses(self.rfs.get("templates", {}), None).place(address)
        return self._reader.read_now(ByteRange(place.address, offset, length))

    def _filled_up(self, key: str, data: bytes) -> bytes:
        path, name = keys.split(key)
        above = keys.join(path, ".zarray")
        if name in _METADATA or above not in self.rfs["refs"]:
            return data
        array = json.loads(self[above])
        shape, _edges, separator = check_array(path, array)
        if keys.parse_chunk_name(name, len(shape), separator) is None:
            return data
        return padded(Node(array=array), data)

    def __setitem__(self, key: str, value: bytes) -> None:
        """Put bytes behind a key: as text where they are ASCII, in base64 otherwise."""
        self._require_writable(key)
        if not isinstance(value, bytes):
            raise ValueError("value must be bytes")  # noqa: TRY004 - as the original
        self.rfs["refs"][key] = chunk_value(value)

    def __delitem__(self, key: str) -> None:
        self._require_writable(key)
        if key not in self.rfs["refs"]:
            raise NodeNotFoundError(f"there is nothing behind the key {key!r}")
        del self.rfs["refs"][key]

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and key in self.rfs["refs"]

    def __iter__(self) -> Iterator[str]:
        return iter(self.rfs["refs"])

    def __len__(self) -> int:
        return len(self.rfs["refs"])

    # A mapping would read all of the data to say whether it is the same as another.

    def __eq__(self, other: object) -> bool:
        return isinstance(other, LindiReferenceFileSystemStore) and other.rfs is self.rfs

    def __hash__(self) -> int:
        return hash(id(self.rfs))

    def _require_writable(self, key: str) -> None:
        if self.mode == "r":
            raise ReadOnlyError(
                f"{key!r} cannot be changed: the store is open for reading", hint='Open it with mode="r+".'
            )

    # ------------------------------------------------------------ what it can do, in the words of Zarr 2

    def is_readable(self) -> bool:
        """Whether keys can be read: always."""
        return True

    def is_writeable(self) -> bool:
        """Whether keys can be set and deleted."""
        return self.mode == "r+"

    def is_listable(self) -> bool:
        """Whether keys can be listed: always."""
        return True

    def is_erasable(self) -> bool:
        """Whether whole paths can be deleted at once: never."""
        return False

    # ------------------------------------------------------------ changing a reference file system in place

    @staticmethod
    def replace_meta_file_contents_with_dicts_in_rfs(rfs: dict[str, Any]) -> None:
        """Put objects in place of metadata that is text.

        Parameters
        ----------
        rfs : dict
            Changed in place.

        Raises
        ------
        FormatError
            If metadata is not JSON.
        """
        store = LindiReferenceFileSystemStore(rfs)
        for key in [key for key in rfs["refs"] if key.endswith(_METADATA)]:
            try:
                rfs["refs"][key] = json.loads(store[key])
            except (ValueError, RecursionError) as error:
                raise FormatError(f"the metadata behind {key!r} is not JSON: {error}") from error

    @staticmethod
    def use_templates_in_rfs(rfs: dict[str, Any]) -> None:
        """Put templates in place of addresses that occur five times or more; those that are there count anew.

        Parameters
        ----------
        rfs : dict
            Changed in place.
        """
        LindiReferenceFileSystemStore.remove_templates_in_rfs(rfs)
        made = Outline(rfs["refs"], [], {})
        made.use_templates()
        rfs.pop("templates")
        rfs.update(made.members)

    @staticmethod
    def remove_templates_in_rfs(rfs: dict[str, Any]) -> None:
        """Put addresses in place of templates, and leave an empty table of them.

        Parameters
        ----------
        rfs : dict
            Changed in place.

        Raises
        ------
        FormatError
            If an unknown template is named.
        """
        addresses = Addresses(rfs.get("templates", {}), None)
        for value in rfs["refs"].values():
            if is_reference(value):
                value[0] = addresses.place(value[0]).address
        rfs["templates"] = {}


def _check(key: str, value: Any) -> None:
    match value:
        case str() | dict():
            return
        case [str(), offset, length] if type(offset) is type(length) is int and offset >= 0 <= length:
            return
        case [str(), _, _]:
            raise FormatError(f"Problem with {key}: second and third element must be whole numbers")
        case [_, _, _]:
            raise FormatError(f"Problem with {key}: first element must be a string")
        case list():
            raise FormatError(f"Problem with {key}: list must have 3 elements")
    raise FormatError(f"Problem with {key}: value must be a string or a list, not {short(value)}")
