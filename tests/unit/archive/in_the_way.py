"""What the tests of uploads that are not begun share."""

from __future__ import annotations

import pytest

import lindi_explorer as lindi
from lindi_explorer.errors import LindiError


def found(prepared, title: str) -> tuple[str, str]:
    """Level and text of a finding."""
    (one,) = [one for one in prepared.preflight.findings if one.title == title]
    return one.level, one.detail


def blocked(desk, file, title: str, error: type[LindiError], **options) -> str:
    """What stands in the way; nothing was sent, before or after running it all the same."""
    before = desk.listed()
    prepared = desk.prepare(file, **options)
    assert not prepared.preflight.ready
    level, detail = found(prepared, title)
    assert level == "blocked"
    desk.double.forget()
    with pytest.raises(error) as raised:
        prepared.run()
    assert raised.value.message in detail
    assert desk.double.log() == []
    assert desk.listed() == before
    return detail


def document(desk, **refs) -> lindi.LindiH5pyFile:
    """A document with one array of each name, whose only chunk is elsewhere."""
    made = {".zgroup": {"zarr_format": 2}}
    for name, address in refs.items():
        array = {"zarr_format": 2, "shape": [8], "chunks": [8], "dtype": "|u1", "compressor": None}
        made[f"{name}/.zarray"] = {**array, "fill_value": 0, "filters": None, "order": "C"}
        made[f"{name}/0"] = [address, 0, 8]
    return lindi.LindiH5pyFile.from_reference_file_system({"refs": made, "version": 1}, mode="r+")
