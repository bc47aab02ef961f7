"""`LindiH5ZarrStore`: an HDF5 file as a mapping from Zarr keys to bytes, as upstream's users know it."""

from __future__ import annotations

import json
import os
import weakref
from collections.abc import Iterator, Mapping
from typing import Any, Never, Self

from lindi_explorer.byterange import ByteRange
from lindi_explorer.errors import FormatError, NodeNotFoundError, ReadOnlyError
from lindi_explorer.formats.json_file import write_json
from lindi_explorer.h5.arrays.external import open_hdf5
from lindi_explorer.h5.opening.sources import place_of
from lindi_explorer.hdf5.over_http import read_ahead
from lindi_explorer.hdf5.references import Hdf5References, LindiH5ZarrStoreOpts
from lindi_explorer.references import codec, keys
from lindi_explorer.remote import LocalCache, RangeReader, is_remote


class LindiH5ZarrStore(Mapping[str, bytes]):
    """The Zarr v2 hierarchy of an HDF5 file: key -> bytes. Made by `from_file`.

    For zarr-python use `lindi_explorer.ReferenceStore`; this face is for looking at single keys and for
    writing reference file systems.
    """

    def __init__(
        self, address: str, file: Any, reader: RangeReader, url: str | None, opts: LindiH5ZarrStoreOpts | None
    ) -> None:
        self._file = file
        self._reader = reader
        self._address = address
        self._url = url
        self._references: Hdf5References | None = Hdf5References(file, address, opts)
        # An h5py.File over a Python object that is open when the interpreter exits crashes it.
        weakref.finalize(self, file.close)

    @staticmethod
    def from_file(
        hdf5_file_name_or_url: str | os.PathLike[str] | tuple[str, str],
        *,
        opts: LindiH5ZarrStoreOpts | None = None,
        url: str | None = None,
        local_cache: LocalCache | None = None,
    ) -> LindiH5ZarrStore:
        """Open an HDF5 file.

        Parameters
        ----------
        hdf5_file_name_or_url : str or path
        opts : LindiH5ZarrStoreOpts, optional
        url : str, optional
            The address that references carry. A remote file's own is the default; a local file has none, and
            no reference file system can be made of it until one is given.
        local_cache : LocalCache, optional

        Returns
        -------
        LindiH5ZarrStore

        Raises
        ------
        MissingFileError, AccessDeniedError, TransferError, RangeNotSupportedError, FormatError
            If it cannot be read, or is no HDF5 file.
        """
        address = place_of(hdf5_file_name_or_url, "hdf5").address
        remote = is_remote(address)
        reader = RangeReader(address, local_cache=local_cache if remote else None)
        try:
            file = open_hdf5(reader, address)
        except BaseException:
            reader.close()
            raise
        return LindiH5ZarrStore(address, file, reader, url or (address if remote else None), opts)

    def _open(self) -> Hdf5References:
        if self._references is None:
            raise ValueError("Store is closed")
        return self._references

    # ------------------------------------------------------------ mapping

    def __getitem__(self, key: str) -> bytes:
        """The bytes behind a key.

        Parameters
        ----------
        key : str
            ``<path>/.zgroup``, ``.zarray``, ``.zattrs`` (``{}`` where there are no attributes) or a chunk.

        Returns
        -------
        bytes

        Raises
        ------
        NodeNotFoundError
            If there is nothing behind the key.
        """
        references = self._open()
        path, name = keys.split(key)
        if name in (".zgroup", ".zarray"):
            wanted = "group" if name == ".zgroup" else "dataset"
            if not references.has(path) or (references.node(path).array is None) != (wanted == "group"):
                raise NodeNotFoundError(f"Item {path} is not a {wanted}")
        if name == ".zattrs" and references.has(path) and not references.node(path).attributes:
            return json.dumps({}).encode("ascii")
        reference = references[key]
        return self._reader.read_now(reference) if isinstance(reference, ByteRange) else reference

    def __contains__(self, key: object) -> bool:
        references = self._open()
        if not isinstance(key, str):
            return False
        path, name = keys.split(key)
        return references.has(path) if name == ".zattrs" else key in references

    def __iter__(self) -> Iterator[str]:
        return iter(self._open())

    def __len__(self) -> int:
        return len(self._open())

    def __setitem__(self, key: str, _value: bytes) -> Never:
        raise ReadOnlyError(f"Setting items is not allowed: {key}", hint="An HDF5 file is never changed.")

    def __delitem__(self, key: str) -> Never:
        raise ReadOnlyError(f"Deleting items is not allowed: {key}", hint="An HDF5 file is never changed.")

    def listdir(self, path: str = "") -> list[str]:
        """Names of a group's children.

        Parameters
        ----------
        path : str

        Returns
        -------
        list of str
            Empty for datasets, links and what is not there.
        """
        references = self._open()
        path = keys.normalise(path)
        return list(references.children(path)) if references.has(path) else []

    # ------------------------------------------------------------ reference file system

    def to_reference_file_system(self) -> dict[str, Any]:
        """The whole file as a reference file system.

        Returns
        -------
        dict
            Plain JSON types.

        Raises
        ------
        FormatError
            If the file is local and no ``url`` was given.
        """
        references = self._open()
        if self._url is None:
            raise FormatError(
                "You must specify a url to create a reference file system",
                hint="Give url= to from_file: the address under which others find the HDF5 file.",
            )
        read_ahead(self._file)
        return codec.encode(references, addresses={self._address: self._url})

    def write_reference_file_system(self, output_file_name: str | os.PathLike[str]) -> None:
        """Write the reference file system as ``.lindi.json``.

        Parameters
        ----------
        output_file_name : str or path

        Raises
        ------
        ValueError
            For another ending.
        """
        self._open()
        name = os.fspath(output_file_name)
        if not name.endswith(".lindi.json"):
            raise ValueError(f"{name} cannot be written: the name must end with .lindi.json")
        write_json(name, self.to_reference_file_system())

    def close(self) -> None:
        """Close the file; everything but closing again raises ValueError afterwards."""
        if self._references is not None:
            self._references = None
            self._file.close()
            self._reader.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
