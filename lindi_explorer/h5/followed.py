"""Following references to objects and regions."""

from __future__ import annotations

from typing import Any

from lindi_explorer.errors import NodeNotFoundError
from lindi_explorer.h5.paths import Paths
from lindi_explorer.h5.reference import LindiH5pyRegionReference
from lindi_explorer.references import keys


class Followed(Paths):
    """The part of `View` that follows references."""

    def follow(self, reference: Any) -> str:
        """The path a reference leads to.

        Parameters
        ----------
        reference : LindiH5pyReference or LindiH5pyRegionReference

        Returns
        -------
        str
            Without leading slash.

        Raises
        ------
        ValueError
            If it is null.
        NodeNotFoundError
            If it leads nowhere, or to an object with another ``object_id`` than it was made for.
        """
        path = getattr(reference, "path", None)
        if path is None:
            raise ValueError("Invalid HDF5 object reference (it is null, or belongs to another file)")
        target = keys.normalise(path)
        resolved = self.resolve(target)
        object_id, source_id = reference.expected
        for where, wanted in (("", source_id), (resolved, object_id)):
            # As the source has it, too: editing an identifier must not break the references to its object.
            found = self._object_ids(where)
            if wanted is not None and found and wanted not in found:
                raise NodeNotFoundError(
                    f"the reference to /{target} was made for the object {wanted}, "
                    f"but /{where} is {found[0]}",
                    hint="The file has been put together from parts that do not belong together.",
                )
        return target

    def _object_ids(self, path: str) -> list[Any]:
        """What the object at a path is identified by, now and in the source."""
        nodes = [self.journal.node(path)]
        if self.journal.base.has(path):
            nodes.append(self.journal.base.node(path))
        return [
            node.attributes["object_id"] for node in nodes if node.attributes.get("object_id") is not None
        ]

    def region(self, reference: Any, path: str) -> Any:
        """The region of a reference to the dataset at a path.

        Raises
        ------
        TypeError
            If the reference leads elsewhere.
        """
        if (
            not isinstance(reference, LindiH5pyRegionReference)
            or self.resolve(self.follow(reference)) != path
        ):
            raise TypeError("Region reference must point to this dataset")
        return reference.region
