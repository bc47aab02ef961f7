"""Which kinds of preview there are, and which suit a node."""

from __future__ import annotations

from lindi_explorer.errors import UnsupportedError
from lindi_explorer.explorer.preview.dynamic_table import DYNAMIC_TABLE
from lindi_explorer.explorer.preview.empty import EMPTY
from lindi_explorer.explorer.preview.image import IMAGE
from lindi_explorer.explorer.preview.kinds import Kind
from lindi_explorer.explorer.preview.line import LINE
from lindi_explorer.explorer.preview.subject import Subject
from lindi_explorer.explorer.preview.table import TABLE
from lindi_explorer.explorer.preview.value import VALUE
from lindi_explorer.explorer.protocol import ViewName

KINDS: tuple[Kind, ...] = (EMPTY, VALUE, LINE, IMAGE, TABLE, DYNAMIC_TABLE)


def kinds_for(subject: Subject) -> list[Kind]:
    """The kinds that suit a subject, the best first.

    Parameters
    ----------
    subject : Subject

    Returns
    -------
    list of Kind
        Empty for groups without a view of their own.
    """
    ranked = [(kind.rank(subject), kind) for kind in KINDS]
    return [kind for rank, kind in sorted(ranked, key=lambda item: -item[0]) if rank > 0]


def kind_for(subject: Subject, view: ViewName | None) -> Kind:
    """The kind of a view, or the best one.

    Parameters
    ----------
    subject : Subject
    view : str or None

    Returns
    -------
    Kind

    Raises
    ------
    UnsupportedError
        If the subject cannot be shown so.
    """
    kinds = kinds_for(subject)
    if not kinds:
        raise UnsupportedError(
            f"{subject.path} has no preview of its own", hint="Open it in the tree and select what is inside."
        )
    if view is None:
        return kinds[0]
    for kind in kinds:
        if kind.view == view:
            return kind
    names = ", ".join(kind.view for kind in kinds)
    raise UnsupportedError(f"{subject.path} cannot be shown as {view}", hint=f"It can be shown as: {names}.")
