"""Value <-> text: what is shown of a value, what a person types, and back, exactly and with the type kept."""

from lindi_explorer.explorer.texts.elements import InvalidTextError, ResolveReference
from lindi_explorer.explorer.texts.values import (
    edit_text,
    read_value,
    show_value,
    type_named,
    value_type,
    why_not_edited,
)

__all__ = [
    "InvalidTextError",
    "ResolveReference",
    "edit_text",
    "read_value",
    "show_value",
    "type_named",
    "value_type",
    "why_not_edited",
]
