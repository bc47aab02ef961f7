"""Which datasets of a file are meant: those at or below some paths, or those that a function picks."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from lindi_explorer.errors import NodeNotFoundError
from lindi_explorer.h5.dataset import LindiH5pyDataset
from lindi_explorer.h5.objects import LindiObject
from lindi_explorer.references.model import References

if TYPE_CHECKING:
    from lindi_explorer.h5.file import LindiH5pyFile

Choice = str | Iterable[str] | Callable[[LindiH5pyDataset], bool] | None


def chosen_arrays(file: LindiH5pyFile, references: References, select: Choice) -> list[str]:
    """The paths of the datasets that are meant.

    Parameters
    ----------
    file : LindiH5pyFile
    references : References
        What is in the file.
    select : str, iterable of str, callable or None
        Paths of datasets and groups; or a dataset -> whether it is meant. None: all. Hard links are followed,
        soft links only where they are named themselves.

    Returns
    -------
    list of str
        Without leading slash, in the order of the file.

    Raises
    ------
    NodeNotFoundError
        If there is nothing at a path, or it leads into another file.
    """
    view = file.id.view
    paths = [path for path in references.walk() if references.node(path).array is not None]
    if select is None:
        return paths
    if callable(select):
        return [path for path in paths if select(LindiH5pyDataset(view, path, path))]
    roots = {_canonical(file, path) for path in ([select] if isinstance(select, str) else select)}
    aliases = references.aliases()
    while more := {target for path, target in aliases.items() if _is_within(path, roots)} - roots:
        roots |= more
    return [path for path in paths if _is_within(path, roots)]


def _canonical(file: LindiH5pyFile, path: str) -> str:
    """The path that an object goes by."""
    found: LindiObject = file[path or "/"]
    view, canonical = found.place
    if view is not file.id.view:
        raise NodeNotFoundError(
            f"{path} leads into another file", hint="Open that file, and choose from what is in it."
        )
    return canonical


def _is_within(path: str, roots: set[str]) -> bool:
    return any(path == root or not root or path.startswith(f"{root}/") for root in roots)
