"""What the changes of a patch must be like; patches come from other people."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from lindi_explorer.byterange import redact_url
from lindi_explorer.errors import FormatError
from lindi_explorer.hdf5.attributes import stored_attribute
from lindi_explorer.references import codec, keys
from lindi_explorer.references.annotations import RESERVED, SIDECAR
from lindi_explorer.references.checks import (
    LARGEST,
    check_annotations,
    check_array,
    check_sidecar,
    refuse_unsafe,
    short,
)
from lindi_explorer.references.outline import is_reference
from lindi_explorer.references.table_builder import inline_bytes
from lindi_explorer.staging.patch_addresses import addresses_in, is_portable
from lindi_explorer.staging.patch_changes import (
    AddNode,
    ChangeAttribute,
    ChangeData,
    ChangeNode,
    PatchChange,
)

_CHUNK = re.compile(r"(0|[1-9][0-9]{0,17})([./](0|[1-9][0-9]{0,17}))*")
_HINT = "The patch is damaged, or was made to do harm; nothing was applied."


def check_change(change: PatchChange) -> None:
    """Raise `FormatError` for a change that no patch of ours has, `UnsupportedError` for an unsafe codec."""
    check_path(change.path)
    path = change.path[1:]
    if isinstance(change, ChangeAttribute):
        _check_attribute(path, change)
    elif isinstance(change, AddNode):
        _check_keys(path, change.keys, is_new=True)
        if None in change.keys.values() or (".zarray" in change.keys) == (".zgroup" in change.keys):
            raise FormatError(f"what is added at /{path} is neither a group nor a dataset", hint=_HINT)
        whole = {keys.join(path, key): value for key, value in change.keys.items()}
        whole[".zgroup"] = {"zarr_format": 2}
        codec.decode({"refs": whole, "templates": {"source": "source"}})
    elif isinstance(change, (ChangeData, ChangeNode)):
        _check_keys(path, change.old.keys, is_new=False)
        _check_keys(path, change.new.keys, is_new=True)
        if change.old.keys.keys() != change.new.keys.keys():
            raise FormatError(f"the old and new keys of /{path} are not the same", hint=_HINT)
    elif not path:
        raise FormatError("the root group cannot be removed", hint=_HINT)


def check_path(path: str) -> None:
    """Raise `FormatError` for a path that is not written as patches write it."""
    start, *parts = path.split("/")
    if start or "\0" in path or not parts or not (path == "/" or {"", ".", ".."}.isdisjoint(parts)):
        raise FormatError(f"the path {short(path)} is none that a patch may have", hint=_HINT)


def _check_attribute(path: str, change: ChangeAttribute) -> None:
    if change.old is None and change.new is None:
        raise FormatError(f"the attribute {short(change.name)} of /{path} has no value", hint=_HINT)
    for state in (change.old, change.new):
        if state is not None and state.entry is not None:
            check_sidecar(path, {"attributes": {change.name: state.entry}})
    new = change.new
    if new is None or new.entry is not None:
        return
    if new.value is msgspec.UNSET or change.name in RESERVED:
        raise FormatError(f"the attribute {short(change.name)} of /{path} has no value", hint=_HINT)
    stored_attribute(new.value, present=True, entry=None)


def _check_keys(path: str, refs: Mapping[str, Any], *, is_new: bool) -> None:
    for key, value in refs.items():
        full = keys.join(path, key)
        if key not in keys.METADATA:
            _check_chunk(full, key, value)
        elif value is not None and not isinstance(value, dict):
            raise FormatError(f"what stands behind {short(full)} is no object", hint=_HINT)
    if not is_new:
        return
    array = refs.get(".zarray")
    if array is not None:
        check_array(path, array)
        for config in [array["compressor"], *(array["filters"] or [])]:
            if config is not None:
                refuse_unsafe(config)
    check_sidecar(path, refs.get(SIDECAR) or {}, array)
    check_annotations(path, refs.get(".zattrs") or {}, array)
    for address in addresses_in(refs):
        if not is_portable(address):
            raise FormatError(
                f"the patch would have /{path} refer to {redact_url(address)}, which is neither on the web "
                "nor beside the file",
                hint=_HINT,
            )


def _check_chunk(full: str, key: str, value: Any) -> None:
    if not _CHUNK.fullmatch(key):
        raise FormatError(f"{short(full)} is no key of a dataset", hint=_HINT)
    if value is None:
        return
    if isinstance(value, str):
        inline_bytes(full, value)
        return
    numbers = value[1:] if is_reference(value) else []
    if len(numbers) != 2 or not all(type(number) is int and 0 <= number <= LARGEST for number in numbers):
        raise FormatError(f"what stands behind {short(full)} is no reference: {short(value)}", hint=_HINT)
