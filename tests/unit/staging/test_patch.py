from __future__ import annotations

import contextlib
import copy
import json
import random

import pytest

import lindi_explorer as lindi
from lindi_explorer.errors import FormatError, LindiError, UnsupportedError
from lindi_explorer.staging import patch as patches

ARRAY = {
    "chunks": [4],
    "compressor": None,
    "dtype": "|u1",
    "fill_value": 0,
    "filters": None,
    "order": "C",
    "shape": [4],
    "zarr_format": 2,
}
CHANGES = {
    "attribute": {
        "kind": "attribute",
        "path": "/g",
        "name": "unit",
        "old": {"dtype": "utf-8", "value": "V"},
        "new": {"dtype": "float32", "value": 0.5, "entry": {"type": "<f4"}},
    },
    "add": {"kind": "add", "path": "/g/new", "what": "a dataset", "keys": {".zarray": ARRAY, "0": "abcd"}},
    "remove": {"kind": "remove", "path": "/g/old", "what": "a group", "digest": "0" * 64},
    "data": {
        "kind": "data",
        "path": "/g/d",
        "old": {"dtype": "uint8", "shape": [4], "keys": {"0": ["{{source}}", 10, 4]}},
        "new": {"dtype": "uint8", "shape": [4], "keys": {"0": "base64://///w=="}},
    },
    "node": {
        "kind": "node",
        "path": "/g/link",
        "old": {"keys": {".zattrs": {"_SOFT_LINK": {"path": "/a"}}}},
        "new": {"keys": {".zattrs": {"_SOFT_LINK": {"path": "/b"}}}},
    },
}
DOCUMENT = {
    "format": "lindi_explorer patch",
    "version": 1,
    "tool": "lindi_explorer 0.1",
    "created": "2026-01-01T00:00:00Z",
    "note": "why",
    "source": {"address": "a.h5", "format": "HDF5", "size": 100},
    "changes": list(CHANGES.values()),
}


def parsed(document):
    return lindi.Patch.parse(json.dumps(document).encode())


def with_change(kind, where, value):
    """The document with one value of one change replaced; ``where`` is a path into it."""
    change = copy.deepcopy(CHANGES[kind])
    *parents, last = where
    holder = change
    for name in parents:
        holder = holder[name]
    holder[last] = value
    return {**DOCUMENT, "changes": [change]}


def test_a_patch_is_read_as_it_was_written(tmp_path):
    patch = parsed(DOCUMENT)
    assert patch.note == "why"
    assert [change.path for change in patch.changes] == ["/g", "/g/new", "/g/old", "/g/d", "/g/link"]
    patch.save(tmp_path / "p.json")
    text = (tmp_path / "p.json").read_bytes()
    assert text == json.dumps(json.loads(text), indent=2, sort_keys=True).encode("ascii") + b"\n"
    assert json.loads(text) == {**DOCUMENT, "changes": json.loads(text)["changes"]}
    assert lindi.Patch.load(tmp_path / "p.json").text() == text
    assert list(tmp_path.iterdir()) == [tmp_path / "p.json"]


def test_words_that_other_versions_add_are_let_be():
    assert parsed({**DOCUMENT, "more": 1}).text() == parsed(DOCUMENT).text()


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ([], "is no patch"),
        ({"refs": {}}, "is no patch: its format is not “lindi_explorer patch”"),
        ({**DOCUMENT, "version": 2}, "of the version 2, and only version 1 is known"),
        ({**DOCUMENT, "version": "1"}, "of the version '1'"),
        ({**DOCUMENT, "version": None}, "of the version None"),
        ({**DOCUMENT, "changes": 5}, "is damaged: Expected `array`"),
        ({**DOCUMENT, "changes": [{"kind": "run", "path": "/"}]}, "is damaged: Invalid value 'run'"),
        ({**DOCUMENT, "source": None}, "is damaged"),
        *(
            (with_change("attribute", ["path"], path), "none that a patch may have")
            for path in ["g", "", "//", "/g/", "/../g", "/g/./d", "/g//d", "/g\0"]
        ),
        (with_change("remove", ["path"], "/"), "the root group cannot be removed"),
        (with_change("attribute", ["new"], {"dtype": "utf-8"}), "'unit' of /g has no value"),
        (
            with_change("attribute", ["name"], "_SCALAR")
            | {
                "changes": [
                    {**CHANGES["attribute"], "name": "_SCALAR", "new": {"dtype": "bool", "value": True}}
                ]
            },
            "'_SCALAR' of /g has no value",
        ),
        (with_change("attribute", ["new"], {"dtype": "x", "value": {"a": 1}}), "a"),
        (with_change("attribute", ["new", "entry"], {"shape": "x"}), "the side-car 'g/.lindi_explorer'"),
        (with_change("add", ["keys"], {"0": "abcd"}), "neither a group nor a dataset"),
        (with_change("add", ["keys", ".zgroup"], {"zarr_format": 2}), "neither a group nor a dataset"),
        (with_change("add", ["keys", ".zarray"], {**ARRAY, "shape": [-1]}), "the shape of /g/new"),
        (with_change("add", ["keys", "0"], ["/etc/passwd", 0, 4]), "refer to /etc/passwd"),
        (with_change("add", ["keys", "0"], ["{{other}}", 0, 4]), "refer to {{other}}"),
        (with_change("add", ["keys", "0"], ["./../a", 0, 4]), "refer to ./../a"),
        (with_change("add", ["keys", "0"], ["file:///etc/passwd", 0, 4]), "neither on the web nor beside"),
        (with_change("add", ["keys", "0"], ["{{source}}", -1, 4]), "is no reference"),
        (with_change("add", ["keys", "0"], ["{{source}}", 0, 2**64]), "is no reference"),
        (with_change("add", ["keys", "0"], 5), "is no reference"),
        (with_change("add", ["keys", "../0"], "abcd"), "is no key of a dataset"),
        (with_change("add", ["keys", "x/.zarray"], ARRAY), "is no key of a dataset"),
        (
            with_change("add", ["keys", ".zattrs"], {"_EXTERNAL_ARRAY_LINK": {"url": "/etc/x", "name": "d"}}),
            "refer to /etc/x",
        ),
        (with_change("data", ["new", "keys", "0"], "base64:!"), "is not base64"),
        (with_change("data", ["new", "keys", "1"], "abcd"), "the old and new keys of /g/d are not the same"),
        (with_change("node", ["new", "keys", ".zattrs"], {"_SOFT_LINK": 5}), "the soft link /g/link"),
    ],
)
def test_what_no_patch_of_ours_says_is_refused_by_name(document, words):
    with pytest.raises(FormatError) as raised:
        parsed(document)
    assert words in str(raised.value)


@pytest.mark.parametrize("where", ["compressor", "filters"])
def test_codecs_that_run_programs_are_refused(where):
    codec = {"id": "pickle"}
    array = {**ARRAY, where: codec if where == "compressor" else [codec]}
    with pytest.raises(UnsupportedError, match="pickle"):
        parsed(with_change("add", ["keys", ".zarray"], array))


@pytest.mark.parametrize("text", [b"", b"{", b"\xff", b"[" * 100_000])
def test_what_is_not_json_is_no_patch(text):
    with pytest.raises(FormatError, match="is no patch: it is not JSON"):
        lindi.Patch.parse(text)


def test_a_file_that_is_too_large_is_not_read(tmp_path, monkeypatch):
    monkeypatch.setattr(patches, "MOST_TEXT", 100)
    parsed(DOCUMENT).save(tmp_path / "p.json")
    with pytest.raises(FormatError, match=r"p\.json is larger than 100 bytes"):
        lindi.Patch.load(tmp_path / "p.json")


def test_patches_damaged_at_random_are_read_or_refused(count):
    rng = random.Random(0)
    text = json.dumps(DOCUMENT)
    for _ in range(count(500, 20_000)):
        damaged = list(text)
        for _ in range(rng.randint(1, 4)):
            damaged[rng.randrange(len(damaged))] = rng.choice('{}[]":,0-1./aé\\')
        with contextlib.suppress(LindiError):
            patch = lindi.Patch.parse("".join(damaged).encode("utf-8"))
            lindi.apply(patch, {"refs": {".zgroup": {"zarr_format": 2}}}, strict=False).close()
