"""An object and its copy, and what is to be copied."""

from __future__ import annotations

from dataclasses import dataclass

from lindi_explorer.h5.view import View


@dataclass(frozen=True, slots=True)
class Options:
    """What is copied, in the words of `h5py.Group.copy`.

    Attributes
    ----------
    shallow, expand_soft, expand_external, expand_refs, without_attrs : bool
    """

    shallow: bool = False
    expand_soft: bool = False
    expand_external: bool = False
    expand_refs: bool = False
    without_attrs: bool = False


@dataclass(frozen=True, slots=True)
class Made:
    """An object and its copy.

    Attributes
    ----------
    view : View
    path : str
        Canonical path of the object.
    name : bytes
        Of the copy, from the root of its file.
    depth : int
        Groups between it and where copying began.
    is_dataset : bool
    """

    view: View
    path: str
    name: bytes
    depth: int
    is_dataset: bool
