"""Going over all that is below a group, as `h5py.Group` does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lindi_explorer.h5.visiting import links_below, objects_below
from lindi_explorer.h5.within import WithinGroup


class Walked(WithinGroup):
    """The part of `LindiH5pyGroup` that visits what is below."""

    def visit(self, func: Callable[[str], Any]) -> Any:
        """Call a function with the path of every object below, each once; see `h5py.Group.visit`.

        Parameters
        ----------
        func : callable
            Returning anything but None ends the walk.

        Returns
        -------
        object
            What ended the walk, or None.
        """
        return self.visititems(lambda name, _object: func(name))

    def visititems(self, func: Callable[[str, Any], Any]) -> Any:
        """Call a function with path and object of everything below; links are not followed.

        Parameters
        ----------
        func : callable
            Returning anything but None ends the walk.

        Returns
        -------
        object
            What ended the walk, or None.
        """
        found = (func(step.name, self._open(step.path)) for step in objects_below(self._view, self._path))
        return next((result for result in found if result is not None), None)

    def visit_links(self, func: Callable[[str], Any]) -> Any:
        """Call a function with the path of every link below; see `h5py.Group.visit_links`."""
        return self.visititems_links(lambda name, _link: func(name))

    def visititems_links(self, func: Callable[[str, Any], Any]) -> Any:
        """Call a function with path and link of every link below; see `h5py.Group.visititems_links`."""
        found = (func(step.name, self._link(step.path)) for step in links_below(self._view, self._path))
        return next((result for result in found if result is not None), None)
