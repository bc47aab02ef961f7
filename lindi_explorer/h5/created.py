"""New groups and datasets, as `h5py.Group` makes them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import h5py
import numpy as np

from lindi_explorer.h5.anonymous import PLACE, AnonymousView
from lindi_explorer.h5.dataset import LindiH5pyDataset
from lindi_explorer.h5.new_dataset import new_dataset
from lindi_explorer.h5.structure import Changing, new_group
from lindi_explorer.h5.virtual.creating import virtual_node
from lindi_explorer.h5.within import WithinGroup
from lindi_explorer.references import keys
from lindi_explorer.references.model import Node

_ALIKE = (
    "shape",
    "dtype",
    "chunks",
    "compression",
    "compression_opts",
    "scaleoffset",
    "shuffle",
    "fletcher32",
    "fillvalue",
)


_PREFIXES = ("efile_prefix", "virtual_prefix")
_ORIGIN = "${ORIGIN}"


class Created(WithinGroup):
    """The part of `LindiH5pyGroup` that makes groups and datasets."""

    def create_group(self, name: Any, track_order: bool | None = None, *, track_times: Any = False) -> Any:
        """Create a group, and those above it that are missing; see `h5py.Group.create_group`.

        Parameters
        ----------
        name : str, bytes or None
        track_order : bool, optional
            List children and attributes in the order of their creation.
        track_times : bool, optional
            LINDI keeps no times.

        Returns
        -------
        LindiH5pyGroup

        Raises
        ------
        ReadOnlyError
            If the file is open for reading.
        ValueError
            If there is something of that name.
        """
        self._view.require_writable(f"the group {name!r} cannot be created")
        if track_times not in (True, False, None):
            raise TypeError("track_times must be either True, False, or None")
        ordered = h5py.get_config().track_order if track_order is None else track_order
        return self._added(name, "group", lambda _name: new_group(ordered=bool(ordered)))

    def _added(self, name: Any, what: str, make: Callable[[str], Node]) -> Any:
        """Add an object; without a name it is one that only its handle leads to."""
        if name is None:
            from lindi_explorer.h5.group import LindiH5pyGroup  # it imports this

            apart: Created = LindiH5pyGroup(AnonymousView(self._view), "", "")
            return apart._added(PLACE, what, make)
        with self._view.editing:
            changing = Changing(self._view)
            full = self._full(name)
            path = changing.place(full, what)
            changing.add(path, make(f"/{full}"))
            changing.done(f"Create {what} {keys.split(path)[1]}")
        return self._open(full)

    def create_dataset(
        self, name: Any, shape: Any = None, dtype: Any = None, data: Any = None, **options: Any
    ) -> Any:
        """Create a dataset; see `h5py.Group.create_dataset`, whose keywords mean the same here.

        Parameters
        ----------
        name : str, bytes or None
        shape, dtype, data : object
        **options : object
            ``chunks``, ``maxshape``, ``compression`` (a name, or a numcodecs codec), ``compression_opts``,
            ``shuffle``, ``fletcher32``, ``scaleoffset``, ``fillvalue`` and the others of h5py. Filters that
            no Zarr codec undoes are shown as they were asked for; the data itself is compressed with Blosc.
            ``external`` names files that hold the bytes: what is written goes into them at once, and undo
            does not take it back.

        Returns
        -------
        LindiH5pyDataset

        Raises
        ------
        ReadOnlyError
            If the file is open for reading.
        TypeError, ValueError
            As h5py raises them; ValueError if there is something of that name.
        UnsupportedError
            For ``external`` data of variable length, or that cannot be cut where its files end.
        """
        self._view.require_writable(f"the dataset {name!r} cannot be created")
        options.setdefault("track_order", h5py.get_config().track_order)
        prefixes = self._prefixes(options)
        made = self._added(
            name,
            "dataset",
            lambda full: new_dataset(self._view, shape, dtype, data, full, options, prefixes[0]),
        )
        made.id.prefixes = prefixes
        return made

    def _prefixes(self, options: dict[str, Any]) -> tuple[str, str]:
        """Where files with raw data and with the sources of virtual datasets are looked for; taken out."""
        raw, virtual = (os.fsdecode(options.pop(name, None) or "") for name in _PREFIXES)
        folder = os.path.dirname(self.file.filename)  # noqa: PTH120 - addresses are text
        return _located(raw, folder), _located(virtual, folder)

    def create_dataset_like(self, name: Any, other: h5py.Dataset, **options: Any) -> Any:
        """Create a dataset with the properties of another; see `h5py.Group.create_dataset_like`."""
        for key in _ALIKE:
            # A compression that h5py has no name for, as LINDI's own, is left to what is usual.
            if key != "compression" or other.compression is not None:
                options.setdefault(key, getattr(other, key))
        # Where they are the same, h5py would chunk the new dataset for it.
        if other.maxshape != other.shape:
            options.setdefault("maxshape", other.maxshape)
        return self.create_dataset(name, **options)

    def create_virtual_dataset(self, name: Any, layout: h5py.VirtualLayout, fillvalue: Any = None) -> Any:
        """Create a dataset that is put together from others; see `h5py.Group.create_virtual_dataset`.

        Its sources may lie in this file, in other LINDI files and in HDF5 files. They are read when it is.
        What no source gives is fill value, also where there is no such file or dataset. What changes is
        written to the sources.

        Parameters
        ----------
        name : str, bytes or None
        layout : h5py.VirtualLayout
            Set from `h5py.VirtualSource`, of a path or of a dataset of either kind.
        fillvalue : object, optional

        Returns
        -------
        LindiH5pyDataset

        Raises
        ------
        ReadOnlyError
            If the file is open for reading.
        TypeError, ValueError
            As h5py raises them; ValueError if there is something of that name.
        UnsupportedError
            For sources in files that are in memory only.
        """
        self._view.require_writable(f"the dataset {name!r} cannot be created")
        return self._added(name, "dataset", lambda full: virtual_node(self._view, layout, fillvalue, full))

    @contextmanager
    def build_virtual_dataset(
        self, name: Any, shape: Any, dtype: Any, maxshape: Any = None, fillvalue: Any = None
    ) -> Iterator[h5py.VirtualLayout]:
        """Make a virtual dataset of what is set in the context; see `h5py.Group.build_virtual_dataset`.

        Parameters
        ----------
        name : str, bytes or None
        shape, dtype : object
        maxshape : tuple, optional
            None along axes without limit.
        fillvalue : object, optional

        Yields
        ------
        h5py.VirtualLayout
        """
        self._view.require_writable(f"the dataset {name!r} cannot be created")
        layout = h5py.VirtualLayout(shape, dtype, maxshape, self.file.filename)
        yield layout
        self.create_virtual_dataset(name, layout, fillvalue)

    def require_group(self, name: Any) -> Any:
        """The group of this name, created if there is none; see `h5py.Group.require_group`."""
        if name not in self:
            return self.create_group(name)
        found = self[name]
        if not isinstance(found, h5py.Group):
            raise TypeError(f"Incompatible object ({type(found).__name__}) already exists")
        return found

    def require_dataset(self, name: Any, shape: Any, dtype: Any, exact: bool = False, **options: Any) -> Any:
        """The dataset of this name, created if there is none; see `h5py.Group.require_dataset`."""
        if name not in self:
            return self.create_dataset(name, shape, dtype, **options)
        found = self[name]
        if not isinstance(found, h5py.Dataset):
            raise TypeError(f"Incompatible object ({type(found).__name__}) already exists")
        wanted = (shape,) if isinstance(shape, int) else tuple(shape)
        if found.shape != wanted:
            if "maxshape" not in options:
                raise TypeError(f"Shapes do not match (existing {found.shape} vs new {wanted})")
            if options["maxshape"] != found.maxshape:
                raise TypeError(
                    f"Max shapes do not match (existing {found.maxshape} vs new {options['maxshape']})"
                )
        if exact and np.dtype(dtype) != found.dtype:
            raise TypeError(f"Datatypes do not exactly match (existing {found.dtype} vs new {dtype})")
        if not exact and not np.can_cast(np.dtype(dtype), found.dtype):
            raise TypeError(f"Datatypes cannot be safely cast (existing {found.dtype} vs new {dtype})")
        if isinstance(found, LindiH5pyDataset) and any(options.get(name) for name in _PREFIXES):
            found.id.prefixes = self._prefixes(options)
        return found


def _located(prefix: str, folder: str) -> str:
    """A prefix with the folder of the file in it, where HDF5 puts that."""
    return (folder or ".") + prefix[len(_ORIGIN) :] if prefix.startswith(_ORIGIN) else prefix
