"""Going over all that is below a group, as HDF5 does: by the bytes of the names, each object once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from lindi_explorer.references import keys
from lindi_explorer.references.annotations import SOFT_LINK
from lindi_explorer.staging.overlay import is_group

if TYPE_CHECKING:
    from lindi_explorer.h5.view import View


class Step(NamedTuple):
    """One name.

    Attributes
    ----------
    name : str
        From the group where the walk began.
    path : str
        From the root: through the names that the walk went by.
    target : str or None
        Canonical path of the object; None for a soft or external link.
    is_new : bool
        Whether the object has not been met before.
    """

    name: str
    path: str
    target: str | None
    is_new: bool


def objects_below(view: View, path: str) -> Iterator[Step]:
    """The objects below a group, each by the first of its names.

    Parameters
    ----------
    view : View
    path : str
        Canonical path of the group.

    Yields
    ------
    Step
    """
    return (step for step in links_below(view, path) if step.is_new)


def links_below(view: View, path: str) -> Iterator[Step]:
    """The names in a group and the groups below it; a group of several names is entered by the first.

    Parameters
    ----------
    view : View
    path : str
        Canonical path of the group.

    Yields
    ------
    Step
    """
    view.require_open()
    seen = {path}
    # Name and path as the walk goes, and the canonical path.
    pending = [("", path, path)]
    while pending:
        name, walked, group = pending.pop()
        if name:
            target = _target(view, group)
            is_new = target is not None and target not in seen
            yield Step(name, walked, target, is_new)
            if target is None or not is_new:
                continue
            seen.add(target)
            group = target
            if not is_group(view.node(group)):
                continue
        pending.extend(
            (keys.join(name, leaf), keys.join(walked, leaf), keys.join(group, leaf))
            for leaf in reversed(keys.in_order(view.journal.children(group), ()))
        )


def _target(view: View, path: str) -> str | None:
    """The object that a name is one of; None for a link."""
    node = view.node(path)
    link = node.sidecar.get("link", {})
    if "hard" in link:
        return view.resolve(path)
    return None if "external" in link or SOFT_LINK in node.attributes else path
