"""Documents of every age, and documents that are damaged."""

from __future__ import annotations

import base64
import json

import pytest

from lindi_explorer.byterange import ByteRange
from lindi_explorer.errors import FormatError, NodeNotFoundError
from lindi_explorer.references import codec


def chunk(document, array, value, **members):
    """The reference that the value of a chunk becomes."""
    return codec.decode(document({"d/.zarray": array(), "d/0.1": value}, **members))["d/0.1"]


# ---------------------------------------------------------------- every form of a value


@pytest.mark.parametrize(
    ("text", "data"),
    [
        ("", b""),
        ("\x02\x013\x04", b"\x02\x013\x04"),
        ("base64:AgEzCA==", b"\x02\x013\x08"),
        ("base64:", b""),
        ("Base64:AA==", b"Base64:AA=="),  # only this very spelling is base64
        ("ÿ\0", b"\xc3\xbf\0"),  # UTF-8, not Latin-1
        ("{{u1}}", b"{{u1}}"),  # templates are for addresses
    ],
)
def test_text_of_a_chunk(document, array, text, data):
    assert chunk(document, array, text, templates={"u1": "x"}) == data


def test_byte_ranges_keep_their_address_as_it_stands(document, array):
    for url in ("https://ex.org/f.nwb?a=b", "/data/f.nwb", "f.nwb", "./blobs/x", "file with {brace}"):
        assert chunk(document, array, [url, 12, 7]) == ByteRange(url, 12, 7)
    assert chunk(document, array, ["f", 2**63 - 8, 7]) == ByteRange("f", 2**63 - 8, 7)


@pytest.mark.parametrize(
    ("template", "address"),
    [
        ("{{u1}}", "http://a"),
        ("{{u1}}.bin", "http://a.bin"),
        ("x{{u1}}{{ }}/{{long name.}}", "xhttp://a?/é"),
        ("{u1}", "{u1}"),
        ("{{u1}", "{{u1}"),
        ("}}{{", "}}{{"),
    ],
)
def test_templates_are_replaced_anywhere_in_an_address(document, array, template, address):
    templates = {"u1": "http://a", " ": "?", "long name.": "é", "unused": "x"}
    assert chunk(document, array, [template, 0, 1], templates=templates) == ByteRange(address, 0, 1)


def test_what_a_template_holds_is_no_template(document, array):
    templates = {"a": "{{b}}", "b": "x"}
    assert chunk(document, array, ["{{a}}", 0, 1], templates=templates).url == "{{b}}"
    # or a few lines would expand to more than any memory holds
    bomb = {f"t{level}": f"{{{{t{level + 1}}}}}" * 100 for level in range(50)}
    assert len(chunk(document, array, ["{{t0}}", 0, 1], templates=bomb).url) < 10_000


@pytest.mark.parametrize("name", ["u2", " u1 ", ""])
def test_an_unknown_template_is_named(document, array, name):
    with pytest.raises(FormatError, match=r"'d/0\.1' names an unknown template") as caught:
        chunk(document, array, [f"http://h/{{{{{name}}}}}", 0, 1], templates={"u1": "x"})
    assert caught.value.hint
    with pytest.raises(FormatError, match="unknown template"):
        chunk(document, array, ["{{u1}}", 0, 1])


def test_an_unknown_template_is_named_without_the_secret_beside_it(document, array):
    with pytest.raises(FormatError) as caught:
        chunk(document, array, ["https://me:pw@h/{{u}}?sig=hush", 0, 1])
    assert "hush" not in str(caught.value)
    assert "pw" not in str(caught.value)


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        5,
        1.5,
        {},
        [],
        ["f"],
        ["f", 0],
        ["f", 0, 1, 2],
        [5, 0, 1],
        ["f", "0", 1],
        ["f", 0.0, 1],
        ["f", 0, True],
        ["f", -1, 1],
        ["f", 0, -1],
        ["f", None, 1],
        ["f", 2**63, 1],
        ["f", 2**62, 2**62],
        ["f", 0, 10**5000],
        [["f"], 0, 1],
        "base64:?",
        "base64:AAA",
        "base64:é",
        "base64:AA==\n",
        "\udc80",
    ],
)
def test_a_chunk_that_is_nothing_of_that_names_its_key(document, array, value):
    with pytest.raises(FormatError, match=r"'d/0\.1'") as caught:
        chunk(document, array, value)
    assert caught.value.hint
    assert len(str(caught.value)) < 300


# ---------------------------------------------------------------- metadata


def test_metadata_as_objects_as_text_and_in_base64(document, array):
    plain = document({".zattrs": {"a": [1, "é"]}, "d/.zarray": array(), "d/.zattrs": {"x": 2.0}})
    text = {"refs": {key: json.dumps(value) for key, value in plain["refs"].items()}}
    coded = {
        key: "base64:" + base64.b64encode(json.dumps(value).encode()).decode()
        for key, value in plain["refs"].items()
    }
    for other in (text, {"refs": coded}):
        decoded = codec.decode(other)
        assert decoded.node("").attributes == {"a": [1, "é"]}
        assert decoded.node("d").array == array()
        assert decoded.node("d").attributes == {"x": 2.0}


@pytest.mark.parametrize("value", [5, None, [], "", "{", "[1]", "base64:!", "base64:bm8=", "[" * 100_000])
@pytest.mark.parametrize("key", [".zattrs", ".zgroup", "d/.zarray", "d/.lindi_explorer"])
def test_damaged_metadata_names_its_key(document, array, key, value):
    with pytest.raises(FormatError, match=f"'{key}'"):
        codec.decode(document({"d/.zarray": array(), key: value}))


@pytest.mark.parametrize(
    "changes",
    [
        {"shape": 4},
        {"shape": [4]},
        {"shape": [4, True]},
        {"shape": [4, -1]},
        {"shape": [4, 4.0]},
        {"shape": [4, 2**63]},
        {"shape": [4, 10**5000]},
        {"shape": None},
        {"chunks": True},
        {"chunks": [2, None]},
        {"chunks": [2, 0]},
        {"chunks": "2,2"},
        {"zarr_format": 3},
        {"order": "K"},
        {"dimension_separator": ""},
        {"dimension_separator": "-"},
        {"dimension_separator": None},
        {"dimension_separator": 5},
        {"compressor": "blosc"},
        {"compressor": {}},
        {"compressor": {"id": 5}},
        {"filters": {"id": "zlib"}},
        {"filters": "shuffle"},
        {"filters": [None]},
        {"filters": ["zlib"]},
    ],
)
def test_damaged_arrays_are_named(document, array, changes):
    with pytest.raises(FormatError, match=r"/group/d\b") as caught:
        codec.decode(document({"group/d/.zarray": array(**changes), "group/d/0.0": "x"}))
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize(
    "member", ["chunks", "compressor", "dtype", "fill_value", "filters", "order", "shape", "zarr_format"]
)
def test_a_missing_member_of_an_array_is_named(document, array, member):
    damaged = array()
    del damaged[member]
    with pytest.raises(FormatError, match=rf"metadata of /d lacks {member}\b"):
        codec.decode(document({"d/.zarray": damaged}))


@pytest.mark.parametrize(
    "sidecar",
    [
        {"attributes": []},
        {"attributes": {"a": 5}},
        {"attributes": {"a": {"shape": "x"}}},
        {"type": 5},
        {"maxshape": 5},
        {"maxshape": ["x"]},
        {"chunks": [None]},
        {"filters": [[1, 2, 3]]},
        {"filters": [1]},
        {"filters": [[4, "szip", [1]]]},
        {"filters": [[6, "scaleoffset", []]]},
        {"link": "x"},
        {"link": {"external": {"filename": "x"}}},
        {"link": {"hard": 5}},
        {"problem": {}},
        {"committed": "yes"},
        {"null": 1},
    ],
)
def test_a_damaged_side_car_is_named(document, array, sidecar):
    with pytest.raises(FormatError, match=r"'d/\.lindi_explorer'"):
        codec.decode(document({"d/.zarray": array(), "d/.lindi_explorer": sidecar}))


def test_a_side_car_of_a_newer_version_is_kept_whole(document, array):
    sidecar = {"type": {"string": "ascii"}, "colour": "green", "link": {"soft": "x", "wormhole": 1}}
    decoded = codec.decode(document({"d/.zarray": array(), "d/.lindi_explorer": sidecar}))
    assert decoded.node("d").sidecar == sidecar


@pytest.mark.parametrize("link", [None, 5, [], "/x", {}, {"path": None}, {"path": ["x"]}])
def test_a_soft_link_that_leads_nowhere_is_named(document, link):
    with pytest.raises(FormatError, match="soft link /group/l"):
        codec.decode(
            document({"group/l/.zgroup": {"zarr_format": 2}, "group/l/.zattrs": {"_SOFT_LINK": link}})
        )


@pytest.mark.parametrize("shape", [[0], [2], [1, 2], [4, 4]])
def test_a_scalar_of_several_elements_is_named(document, array, shape):
    damaged = array(shape=shape, chunks=[max(size, 1) for size in shape])
    with pytest.raises(FormatError, match=r"/g/d is called a scalar"):
        codec.decode(document({"g/d/.zarray": damaged, "g/d/.zattrs": {"_SCALAR": True}}))
    for sound in ([1], [], [1, 1]):
        codec.decode(
            document({"d/.zarray": array(shape=sound, chunks=sound), "d/.zattrs": {"_SCALAR": True}})
        )
    codec.decode(document({"d/.zarray": damaged, "d/.zattrs": {"_SCALAR": False}}))


# ---------------------------------------------------------------- documents as a whole


@pytest.mark.parametrize(
    "document",
    [None, [], "x", {}, {"refs": None}, {"refs": []}, {"refs": "x"}, {"refs": {5: "x", ".zgroup": {}}}],
)
def test_what_is_no_document(document):
    with pytest.raises(FormatError, match="no object `refs`"):
        codec.decode(document)


def test_a_document_without_root(document):
    for refs in ({}, {"a/.zgroup": {"zarr_format": 2}}, {".zattrs": {"a": 1}}):
        with pytest.raises(FormatError, match=r"no root: the key `\.zgroup` is missing"):
            codec.decode({"refs": refs})
    with pytest.raises(FormatError) as caught:
        codec.decode({"refs": {"zarr.json": {"zarr_format": 3}}})
    assert "Zarr 3" in caught.value.hint


@pytest.mark.parametrize("templates", [5, [], "x", {"u": 5}, {"u": None}])
def test_templates_that_are_none(document, templates):
    with pytest.raises(FormatError, match="`templates`"):
        codec.decode(document(templates=templates))


def test_absent_and_empty_templates_are_fine(document):
    for members in ({}, {"templates": {}}, {"templates": None}):
        assert codec.decode(document(**members)).children("") == ()


@pytest.mark.parametrize(
    "text", [b"", b"{", b"\xff\xfe", b"nan", b"[" * 200_000, b'{"refs":' + b"[" * 200_000]
)
def test_text_that_is_no_json(text):
    with pytest.raises(FormatError, match="this is not JSON"):
        codec.parse_json(text)


@pytest.mark.parametrize("text", [b"[]", b"5", b'"refs"', b"{}", b'{"refs": []}'])
def test_json_that_is_no_lindi_document(text):
    with pytest.raises(FormatError, match="no LINDI document"):
        codec.parse_json(text)


def test_bare_nan_is_read_as_python_writes_it():
    parsed = codec.parse_json(
        b'{"refs": {".zgroup": {"zarr_format": 2}, ".zattrs": {"a": [NaN, -Infinity]}}}'
    )
    nan, infinity = parsed["refs"][".zattrs"]["a"]
    assert nan != nan  # noqa: PLR0124 - that is what NaN is
    assert infinity == float("-inf")


# ---------------------------------------------------------------- the hierarchy


def test_names_of_every_kind_are_nodes(document, array):
    names = ["with space", "x.y", "0", "1.0", "café", "日本", ".zattrs", "a.zattrs", "..c", "-", "zarr.json"]
    refs = {}
    for name in names:
        refs[f"{name}/.zgroup"] = {"zarr_format": 2}
        refs[f"{name}/d/.zarray"] = array()
        refs[f"{name}/d/0.0"] = name
    decoded = codec.decode(document(refs))
    assert sorted(decoded.children("")) == sorted(names)
    for name in names:
        assert decoded[f"{name}/d/0.0"] == name.encode()


def test_chunks_with_slashes_between_their_numbers(document, array):
    nested = array(dimension_separator="/")
    decoded = codec.decode(document({"g/d/.zarray": nested, "g/d/0/1": "a", "g/d/1/0": ["f", 4, 4]}))
    assert decoded.node("g/d").chunks[0, 1] == b"a"
    assert decoded["g/d/1/0"] == ByteRange("f", 4, 4)
    assert decoded.children("g/d") == ()
    assert "g/d/0.1" not in decoded


def test_the_order_of_keys_means_nothing(document, array):
    refs = document({"g/.zgroup": {"zarr_format": 2}, "g/d/.zarray": array(), "g/d/0.0": "x"})["refs"]
    backwards = dict(reversed(refs.items()))
    assert dict(codec.decode({"refs": backwards})) == dict(codec.decode({"refs": refs}))


def test_missing_groups_are_groups(document, array):
    decoded = codec.decode(document({"a/b/d/.zarray": array()}))
    assert list(decoded.walk()) == ["", "a", "a/b", "a/b/d"]
    assert decoded.node("a/b").array is None


def test_children_are_in_the_order_of_their_bytes(document):
    names = ["b", "a", "Z", "é", "日", "a b", "a.b"]
    decoded = codec.decode(document({f"{name}/.zgroup": {"zarr_format": 2} for name in names}))
    assert decoded.children("") == ["Z", "a", "a b", "a.b", "b", "é", "日"]


def test_an_object_with_both_kinds_of_metadata_is_an_array(document, array):
    decoded = codec.decode(document({"d/.zgroup": {"zarr_format": 2}, "d/.zarray": array()}))
    assert decoded.node("d").array == array()


@pytest.mark.parametrize(
    "key",
    ["/g/.zgroup", "g//h/.zgroup", "g/./h/.zgroup", "g/.zattrs", "d/x/.zgroup", "d/0.0.0", "d/2.0", "o"],
)
def test_keys_no_reader_asks_for_are_no_nodes_and_no_chunks(document, array, key):
    value = {"zarr_format": 2} if key.endswith(".zgroup") else {"a": 1} if key.endswith(".zattrs") else "x"
    decoded = codec.decode(document({"d/.zarray": array(), key: value}))
    assert [path for path in decoded.walk() if path not in ("", "d")] == []
    assert len(decoded.node("d").chunks) == 0
    assert decoded.extra["refs"] == {key: value}
    assert key not in decoded


def test_a_node_that_is_not_there(document):
    decoded = codec.decode(document({"g/.zgroup": {"zarr_format": 2}}))
    for path in ("x", "g/x", "/g", "g/"):
        with pytest.raises(NodeNotFoundError, match="no object"):
            decoded.node(path)
        with pytest.raises(NodeNotFoundError):
            decoded.children(path)
        assert not decoded.has(path)


def test_zero_size_with_the_edges_upstream_writes(document, array):
    decoded = codec.decode(document({"d/.zarray": array(shape=[5, 0], chunks=[1, 0]), "d/0.0": "x"}))
    assert len(decoded.node("d").chunks) == 0
