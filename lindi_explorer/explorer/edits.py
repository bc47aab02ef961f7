"""Requests that change something -> steps of the journal."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from lindi_explorer.errors import LindiError, NodeNotFoundError, UnsupportedError
from lindi_explorer.explorer.nodes import inner, name_of, open_object, outer, resolve
from lindi_explorer.explorer.protocol import (
    Checked,
    CheckText,
    DeleteAttribute,
    Redo,
    Revert,
    SetAttribute,
    SetValue,
    Undo,
)
from lindi_explorer.explorer.texts import (
    InvalidTextError,
    edit_text,
    read_value,
    type_named,
    value_type,
    why_not_edited,
)
from lindi_explorer.explorer.values import stored_data
from lindi_explorer.explorer.wire import from_wire
from lindi_explorer.h5 import LindiH5pyDataset
from lindi_explorer.h5.reference import encode_reference, make_reference
from lindi_explorer.hdf5.attributes import StoredAttribute, decode_attribute
from lindi_explorer.references import keys
from lindi_explorer.staging.edits import AttributeEdit, DataEdit, MoveEdit
from lindi_explorer.staging.journal import AttributeChange, Change, NodeChange, Step
from lindi_explorer.staging.reverting import revert_together

if TYPE_CHECKING:
    from lindi_explorer.explorer.state import State, Work
    from lindi_explorer.hdf5.values import Json

_NEW_TYPE = "utf-8"


class Outcome(NamedTuple):
    """What an edit did.

    Attributes
    ----------
    words : str
    touched : list of str
        Paths, as the protocol has them, of the nodes it changed.
    moved : list of (str, str)
        From where to where, as the protocol has the paths.
    """

    words: str
    touched: list[str]
    moved: Sequence[tuple[str, str]] = ()


NOTHING = Outcome("Nothing has changed", [])


def set_attribute(state: State, request: SetAttribute, _work: Work) -> Outcome:
    """Set or add an attribute; its type is kept unless the request names another."""
    path = resolve(state.file, inner(request.path))
    name = _checked_name(request.name)
    new = _parsed_attribute(state, path, name, request.text, request.type)
    if new is not None:
        return _made(state, lambda: open_object(state.file, path).attrs.put(name, new))
    return NOTHING


def delete_attribute(state: State, request: DeleteAttribute, _work: Work) -> Outcome:
    """Delete an attribute."""
    path, name = resolve(state.file, inner(request.path)), from_wire(request.name)
    return _made(state, lambda: open_object(state.file, path).attrs.__delitem__(name))


def set_value(state: State, request: SetValue, _work: Work) -> Outcome:
    """Set the value of a scalar dataset; its type is kept."""
    dataset = _scalar(state, resolve(state.file, inner(request.path)))
    new = _parsed_value(state, dataset, request.text)
    if new is None:
        return NOTHING
    value = decode_attribute(new, make_reference)
    return _made(state, lambda: dataset.__setitem__((), value))


def check_text(state: State, request: CheckText, _work: Work) -> Checked:
    """Whether a text would be a value; nothing is changed."""
    path = resolve(state.file, inner(request.path))
    try:
        if request.name or request.type:
            _parsed_attribute(state, path, _checked_name(request.name), request.text, request.type)
        else:
            _parsed_value(state, _scalar(state, path), request.text)
    except LindiError as error:
        return Checked(ok=False, words=". ".join(filter(None, (_sentence(error.message), error.hint))))
    return Checked(ok=True, words="")


def undo(state: State, _request: Undo, _work: Work) -> Outcome:
    """Take back the last step."""
    step = state.journal.undo()
    return (
        Outcome(f"Undone: {step.words}", touched_by(step), moved_by(step, back=True))
        if step
        else Outcome("There is nothing to undo", [])
    )


def redo(state: State, _request: Redo, _work: Work) -> Outcome:
    """Apply the step that was undone last."""
    step = state.journal.redo()
    return (
        Outcome(f"Redone: {step.words}", touched_by(step), moved_by(step))
        if step
        else Outcome("There is nothing to redo", [])
    )


def revert_changes(state: State, request: Revert, _work: Work) -> Outcome:
    """Set changes back to the source, all of them where none is named, as one new step."""
    changes = state.changes()
    if request.changes:
        known = {state.change_id(change): change for change in changes}
        gone = [number for number in request.changes if number not in known]
        if gone:
            raise NodeNotFoundError(
                f"there is no change {gone[0]} any more", hint="It has been reverted or undone already."
            )
        changes = [known[number] for number in dict.fromkeys(request.changes)]
    if not changes:
        return Outcome("There is nothing to revert", [])
    words = f"Revert {_change_words(changes[0]) if len(changes) == 1 else f'{len(changes)} changes'}"
    step = state.journal.apply(words, revert_together(changes, state.journal.overlay))
    return Outcome(words, touched_by(step))


def touched_by(step: Step) -> list[str]:
    """The nodes a step changes, as the protocol has their paths; groups too whose members come or go."""
    found: dict[str, None] = {}
    for edit in step.edits:
        paths = [edit.path, edit.to] if isinstance(edit, MoveEdit) else [edit.path]
        found |= dict.fromkeys(paths)
        if not isinstance(edit, (AttributeEdit, DataEdit)):
            found |= dict.fromkeys(keys.split(path)[0] for path in paths)
    return [outer(path) for path in found]


def moved_by(step: Step, *, back: bool = False) -> list[tuple[str, str]]:
    """From where to where a step moves nodes, or its undoing moves them back."""
    moves = [(outer(edit.path), outer(edit.to)) for edit in step.edits if isinstance(edit, MoveEdit)]
    return [(to, path) for path, to in reversed(moves)] if back else moves


# ---------------------------------------------------------------- parts


def _made(state: State, edit: Callable[[], None]) -> Outcome:
    before = len(state.journal.steps)
    edit()
    step = state.journal.next_undo
    if step is None or len(state.journal.steps) == before:
        return NOTHING
    return Outcome(step.words, touched_by(step))


def _change_words(change: Change) -> str:
    if isinstance(change, NodeChange) and None in (change.old, change.new):
        return f"{'adding' if change.old is None else 'deleting'} {name_of(change.path)}"
    if isinstance(change, NodeChange):
        return name_of(change.path)
    what = change.name if isinstance(change, AttributeChange) else "value"
    return f"{what} of {name_of(change.path) if change.path else 'the file'}"


def _checked_name(text: str) -> str:
    name = from_wire(text)
    if not name.strip():
        raise InvalidTextError("an attribute needs a name", hint="Type a name.")
    if "\0" in name:
        raise InvalidTextError("HDF5 names cannot hold the character NUL", hint="Leave it out.")
    return name


def _parsed_attribute(state: State, path: str, name: str, text: str, words: str) -> StoredAttribute | None:
    """The new value, None where it is the old one."""
    attributes = open_object(state.file, path).attrs
    old: StoredAttribute | None = None
    if name in attributes:
        try:
            old = attributes.stored(name)
        except LindiError:
            # What cannot be read can be replaced, by a value of a named type.
            if not words:
                raise
    if old is not None and words in ("", value_type(old)):
        return _parsed(state, old, text, name)
    spec, shape = type_named(words or _NEW_TYPE)
    is_text = isinstance(spec, dict) and "string" in spec
    if not shape and not is_text and text.lstrip().startswith("["):
        # Brackets around numbers say themselves that it is a list.
        shape = (0,) * _depth(text)
    return read_value(text, spec, shape, lambda target: _reference(state, target), name=name)


def _depth(text: str) -> int:
    """How many brackets open at the start of a text."""
    packed = "".join(text.split())
    return len(packed) - len(packed.lstrip("["))


def _parsed_value(state: State, dataset: LindiH5pyDataset, text: str) -> StoredAttribute | None:
    return _parsed(state, stored_data(dataset), text, "")


def _parsed(state: State, old: StoredAttribute, text: str, name: str) -> StoredAttribute | None:
    why_not = why_not_edited(old)
    if why_not or old.shape is None:
        raise UnsupportedError("this value cannot be edited as text", hint=why_not)
    if text == edit_text(old):
        return None
    return read_value(text, old.type, old.shape, lambda target: _reference(state, target), name=name)


def _reference(state: State, path: str) -> Json:
    try:
        return encode_reference(open_object(state.file, resolve(state.file, inner(path))).ref)
    except NodeNotFoundError as error:
        raise InvalidTextError(f"there is no object at {path}", hint="Type the path of a node.") from error


def _scalar(state: State, path: str) -> LindiH5pyDataset:
    found = open_object(state.file, path)
    if not isinstance(found, LindiH5pyDataset) or found.shape != ():
        raise UnsupportedError(
            f"{outer(path)} is not a single value", hint="Only the value of a scalar dataset is edited here."
        )
    return found


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
