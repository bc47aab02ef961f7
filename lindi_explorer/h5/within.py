"""What a name stands for that is seen from a group: its path, the object there, and the link."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

import h5py

from lindi_explorer.errors import NodeNotFoundError, UnsupportedError
from lindi_explorer.h5.anonymous import is_nameless
from lindi_explorer.h5.dataset import LindiH5pyDataset
from lindi_explorer.h5.datatype import LindiH5pyDatatype
from lindi_explorer.h5.links import LindiH5pyExternalLink, LindiH5pyHardLink, LindiH5pySoftLink
from lindi_explorer.h5.objects import LindiObject
from lindi_explorer.h5.view import LinkElsewhereError
from lindi_explorer.references import keys
from lindi_explorer.references.annotations import SOFT_LINK


class WithinGroup(LindiObject):
    """The part of `LindiH5pyGroup` that finds names; the others build on it."""

    @abstractmethod
    def __contains__(self, name: object) -> bool: ...

    @abstractmethod
    def __getitem__(self, name: Any) -> Any: ...

    @abstractmethod
    def get(self, name: Any, default: Any = None, getclass: bool = False, getlink: bool = False) -> Any:
        """An object, its class or its link."""

    def _full(self, name: Any) -> str:
        if not isinstance(name, (str, bytes)):
            raise TypeError(f"A name should be string or bytes, not {type(name)}")
        text = name if isinstance(name, str) else name.decode("utf-8", "surrogateescape")
        if text.startswith("/"):
            if is_nameless(self._view):
                raise UnsupportedError(
                    f"{text} is no path from a group without a name", hint="Start from the file."
                )
            return keys.normalise(text)
        return keys.normalise(keys.join(self._name, text))

    def _open(self, name: str) -> Any:
        from lindi_explorer.h5.group import LindiH5pyGroup  # it imports this

        try:
            path = self._view.resolve(name)
        except LinkElsewhereError as elsewhere:
            from lindi_explorer.h5.opening.elsewhere import open_elsewhere

            return open_elsewhere(self._view, elsewhere)
        node = self._view.node(path)
        if node.array is not None:
            return LindiH5pyDataset(self._view, path, name)
        if not path:
            return self._view.file if not name else LindiH5pyGroup(self._view, path, name)
        if node.sidecar.get("committed"):
            return LindiH5pyDatatype(self._view, path, name)
        if "problem" in node.sidecar:
            raise UnsupportedError(
                str(node.sidecar["problem"]), hint="Everything else in this file can be read."
            )
        return LindiH5pyGroup(self._view, path, name)

    def _link(self, name: str) -> Any:
        parent, leaf = keys.split(name)
        try:
            path = keys.join(self._view.resolve(parent), leaf)
            node = self._view.node(path)
        except LinkElsewhereError:
            group = self.get(f"/{parent}")
            return group.get(leaf, getlink=True) if isinstance(group, h5py.Group) else None
        except NodeNotFoundError:
            return None
        link = node.sidecar.get("link", {})
        if "external" in link:
            return LindiH5pyExternalLink(link["external"]["filename"], link["external"]["path"])
        if SOFT_LINK in node.attributes and "hard" not in link:
            return LindiH5pySoftLink(link.get("soft") or node.attributes[SOFT_LINK]["path"])
        return LindiH5pyHardLink()
