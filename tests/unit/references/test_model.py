"""The mapping that stores and upstream's users see."""

from __future__ import annotations

import json

import pytest

from lindi_explorer.byterange import ByteRange
from lindi_explorer.errors import NodeNotFoundError
from lindi_explorer.references import codec


@pytest.fixture
def references(document, array):
    return codec.decode(
        document(
            {
                ".zattrs": {"b": 1, "a": [1.0, "é"]},
                "g/.zgroup": {"zarr_format": 2},
                "g/d/.zarray": array(),
                "g/d/.lindi_explorer": {"type": "<u1"},
                "g/d/0.0": ["f", 0, 4],
                "g/d/1.1": "abcd",
                "s/.zarray": array(shape=[], chunks=[]),
                "s/0": "x",
            }
        )
    )


def test_keys_and_what_is_behind_them(references):
    assert {key: references[key] for key in references} == {
        ".zattrs": b'{"b":1,"a":[1.0,"\\u00e9"]}',
        ".zgroup": b'{"zarr_format":2}',
        "g/.zgroup": b'{"zarr_format":2}',
        "g/d/.zarray": json.dumps(references.node("g/d").array, separators=(",", ":")).encode(),
        "g/d/.lindi_explorer": b'{"type":"<u1"}',
        "g/d/0.0": ByteRange("f", 0, 4),
        "g/d/1.1": b"abcd",
        "s/.zarray": references["s/.zarray"],
        "s/0": b"x",
    }
    assert len(references) == len(list(references)) == 9


@pytest.mark.parametrize(
    "key",
    [
        *("", "g", "g/d", "x/.zgroup", "g/.zattrs", "g/.zarray", "g/d/.zgroup", "g/.lindi_explorer"),
        *(
            "g/d/0.1",
            "g/d/0",
            "g/d/0.0.0",
            "g/d/00.0",
            "g/d/x",
            "g/d/0/0",
            "/g/.zgroup",
            "g//d/0.0",
            "s/",
            "s/1",
        ),
        *(".zmetadata", "zarr.json", "g/d/zarr.json"),
    ],
)
def test_keys_with_nothing_behind_them(references, key):
    assert key not in references
    assert references.get(key) is None
    with pytest.raises(NodeNotFoundError, match="nothing behind the key") as caught:
        references[key]
    assert isinstance(caught.value, KeyError)


def test_what_is_no_key_at_all(references):
    assert 5 not in references
    assert None not in references


def test_walking_goes_from_parents_to_children_and_ends(references):
    assert list(references.walk()) == ["", "g", "g/d", "s"]
    assert list(references.walk("g")) == ["g", "g/d"]
    with pytest.raises(NodeNotFoundError):
        list(references.walk("nowhere"))


def test_metadata_documents(references):
    assert references.metadata(".zgroup") == {"zarr_format": 2}
    assert references.metadata("g/d/.lindi_explorer") == {"type": "<u1"}
    for key in ("g/.zattrs", "g/d/.zgroup", "x/.zattrs", "g/d/0.0"):
        assert references.metadata(key) is None
