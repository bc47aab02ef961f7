"""What groups and datasets have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lindi_explorer.errors import UnsupportedError
from lindi_explorer.h5.anonymous import is_nameless
from lindi_explorer.h5.attrs import LindiH5pyAttributes
from lindi_explorer.h5.identity import NodeId
from lindi_explorer.h5.reference import LindiH5pyReference
from lindi_explorer.h5.regionref import RegionReferences
from lindi_explorer.references import keys

if TYPE_CHECKING:
    from lindi_explorer.h5.file import LindiH5pyFile
    from lindi_explorer.h5.group import LindiH5pyGroup
    from lindi_explorer.h5.view import View


class LindiObject:
    """Name, parent, attributes and identity of one object."""

    _opened: str
    _id: Any

    def _bind(self, view: View, path: str, name: str) -> None:
        """Say which object this is: its file, its canonical path, and the path it was opened by."""
        self._id = view.identity(path)
        self._opened = name
        self._alias = name != path

    @property
    def _view(self) -> View:
        view: View = self._id.view
        return view

    @property
    def _path(self) -> str:
        if self._id.gone:
            raise ValueError(f"Invalid object: /{self._id.path} has been deleted")
        path: str = self._id.path
        return path

    @property
    def place(self) -> tuple[View, str]:
        """What the objects of the open file share, and the canonical path of this one in it.

        Raises
        ------
        ValueError
            If the object has been deleted.
        """
        return self._view, self._path

    @property
    def _name(self) -> str:
        # An object that is moved goes by its new name, one that was opened through a link by the link's.
        return self._opened if self._alias else self._id.path

    @property
    def file(self) -> LindiH5pyFile:
        """The file the object belongs to."""
        return self._view.file

    @property
    def name(self) -> Any:
        """Absolute path by which the object was opened; None for one without a name."""
        return None if is_nameless(self._view) else f"/{self._name}"

    @property
    def _shown_name(self) -> str:
        if is_nameless(self._view):
            return "(anonymous)"
        return f'"{keys.split(self._name)[1]}"'

    @property
    def parent(self) -> LindiH5pyGroup:
        """The group the object is in (the root is its own parent).

        Raises
        ------
        ValueError
            If the object has no name.
        """
        if is_nameless(self._view):
            raise ValueError("Parent of an anonymous object is undefined")
        group: LindiH5pyGroup = self._view.file["/" + keys.split(self._name)[0]]
        return group

    @property
    def id(self) -> NodeId:
        """Identity: equal for all names of the object."""
        identity: NodeId = self._id
        return identity

    @property
    def attrs(self) -> LindiH5pyAttributes:
        """The attributes."""
        return LindiH5pyAttributes(self._id)

    @property
    def ref(self) -> LindiH5pyReference:
        """A reference to the object.

        Raises
        ------
        ReadOnlyError
            If the file is open for reading.
        UnsupportedError
            If the object has no name.
        """
        self._view.require_writable(f"a reference to {self.name} cannot be made")
        if is_nameless(self._view):
            raise UnsupportedError(
                "there are no references to objects without a name", hint="Link the object first."
            )
        return LindiH5pyReference(
            {
                "object_id": self._view.node(self._path).attributes.get("object_id"),
                "path": f"/{self._path}",
                "source": ".",
                "source_object_id": self._view.node("").attributes.get("object_id"),
            }
        )

    @property
    def regionref(self) -> RegionReferences:
        """Makes references to parts of a dataset: ``dataset.regionref[0:10]``, as in h5py."""
        return RegionReferences(self)

    @property
    def _leaf(self) -> str:
        return keys.split(self._path)[1] or "/"

    def __eq__(self, other: object) -> bool:
        # Not False: arrays compare themselves with datasets, element by element.
        return bool(other._id == self._id) if isinstance(other, LindiObject) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._id)

    def __bool__(self) -> bool:
        return bool(self._id)
