"""Documents of every age, and documents that are damaged."""

from __future__ import annotations

import base64
import json
import tracemalloc

import pytest

from lindi_explorer.byterange import ByteRange
from lindi_explorer.errors import FormatError, NodeNotFoundError
from lindi_explorer.references import codec, parsing
from lindi_explorer.references.places import Place


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


# ---------------------------------------------------------------- text


def text_of(document, **options):
    return json.dumps(document, **{"indent": 2, "sort_keys": True, **options}).encode()


@pytest.fixture
def short_pieces(monkeypatch):
    """Texts of any length are read in pieces, of one member or little more."""
    monkeypatch.setattr(parsing, "_LONG", 40)
    monkeypatch.setattr(parsing, "_PIECE", 40)


@pytest.mark.parametrize(
    "options", [{}, {"indent": None}, {"indent": 4}, {"indent": 1}, {"sort_keys": False}]
)
def test_a_text_in_pieces_is_the_document(document, array, short_pieces, options):
    refs = {f"d/{x}.{y}": ["{{u}}", x, y] for x in range(4) for y in range(4)}
    trap = 'x\n  },\n    "y": {\n  "refs": {\n    "z'
    refs |= {"d/.zarray": array(), ".zattrs": {"refs": {"": [trap]}, "a": {"b": {"c": 1}}}, "text": trap}
    original = document(refs, templates={"u": "http://a"}, a={"refs": {"g/.zgroup": {}}}, z=[{"refs": {}}])
    ours, theirs = codec.decode(codec.parse_json(text_of(original, **options))), codec.decode(original)
    assert ours.extra == theirs.extra
    assert codec.encode(ours, ours.extra) == codec.encode(theirs, theirs.extra)


@pytest.mark.parametrize(
    ("old", "new"),
    [(b'"unit"', b'"unit'), (b'"V"\n    }', b'"V"\n    },'), (b"    },\n", b"    \n"), (b"1234", b"1 234")],
)
def test_a_text_that_breaks_off_in_one_piece_is_refused(document, short_pieces, old, new):
    text = text_of(document({f"g{n}/.zgroup": {"zarr_format": 2, "n": 1234} for n in range(9)}))
    text = text.replace(b"1234", b'{\n      "unit": "V"\n    }, "b": 1234', 1)
    assert codec.decode(codec.parse_json(text.replace(b'"b"', b'"c"'))).node("g3")
    assert old in text
    with pytest.raises(FormatError, match="not JSON"):
        codec.decode(codec.parse_json(text.replace(old, new, 1)))


def test_bare_nan_in_one_piece_is_read(document, short_pieces):
    text = text_of(document({f"g{n}/.zgroup": {"n": float("nan") if n == 5 else n} for n in range(9)}))
    assert codec.decode(codec.parse_json(text)).children("") == [f"g{n}" for n in range(9)]


@pytest.mark.parametrize("limit", [1, 1 << 30])
def test_a_key_that_is_no_text_is_refused(document, monkeypatch, limit):
    monkeypatch.setattr(parsing, "_LONG", limit)
    text = text_of(document({f"g{n}/.zgroup": {"zarr_format": 2} for n in range(9)}))
    with pytest.raises(FormatError, match="not JSON"):
        codec.decode(codec.parse_json(text.replace(b"g5", b"\xff5")))


def test_a_value_that_is_no_text_costs_its_node(document, array):
    refs = {
        "d/.zarray": array(),
        "d/0.0": "5?",
        "g/.zgroup": {"zarr_format": 2},
        "g/.zattrs": {"a": "5?"},
        "h/.zgroup": {"zarr_format": 2},
    }
    decoded = codec.decode(codec.parse_json(text_of(document(refs)).replace(b"5?", b"5\xff")))
    assert decoded.children("") == ["d", "g", "h"]
    assert decoded.children("h") == ()
    for path, key in (("d", "d/0.0"), ("g", r"g/\.zattrs")):
        with pytest.raises(FormatError, match=f"'{key}' is not JSON"):
            decoded.node(path)


def test_a_damaged_node_of_a_text_costs_itself(document, array):
    refs = {
        "a/.zarray": array(),
        "a/0.0": "x",
        "b/.zarray": array(shape=-1),
        "c/.zarray": array(),
        "c/0.0": 5,
    }
    decoded = codec.decode(codec.parse_json(text_of(document(refs))))
    assert decoded.children("") == ["a", "b", "c"]
    assert decoded["a/0.0"] == b"x"
    for path, words in (("b", "the shape of /b"), ("c", "'c/0.0'")):
        for _ in range(2):
            with pytest.raises(FormatError, match=words):
                decoded.node(path)
    with pytest.raises(FormatError):
        codec.encode(decoded, decoded.extra)


def test_many_chunks_are_taken_before_the_metadata_that_explains_them_is_read(document, array, short_pieces):
    count = 1500
    chunks = {f"d/{n}": ["http://a", n, 1] for n in range(count)}
    refs = {"d/.zarray": array(shape=[count], chunks=[1]), **chunks, "d/9999": ["http://a", 0, 1]}
    for ordered in (refs, dict(reversed(refs.items()))):
        decoded = codec.decode(codec.parse_json(text_of(document(ordered), sort_keys=False)))
        assert {index: item.offset for index, item in decoded.node("d").chunks.items()} == {
            (n,): n for n in range(count)
        }
        assert decoded.extra["refs"] == {"d/9999": ["http://a", 0, 1]}


def test_long_arrays_in_a_long_text_become_numbers_while_it_is_read(document, array, monkeypatch):
    monkeypatch.setattr(parsing, "_LONG", 1)
    monkeypatch.setattr(parsing, "_PIECE", 100_000)
    count = 3000
    whole = array(shape=[2 * count], chunks=[2])
    refs = {f"{name}/.zarray": whole for name in ("a", "bad", "c", "worse")}
    refs |= {
        f"{name}/{n}": ["{{u}}", n, 2] for name in ("a", "bad", "c", "lost", "worse") for n in range(count)
    }
    refs |= {
        "a/07": "x",
        "a/2/.zgroup": {},
        "a/.zattrs": {"x": 1},
        "c/7": "text",
        "bad/2999": [],
        "e/.zgroup": {},
    }
    refs["worse/.zarray"] = array(shape=-1)
    decoded = codec.decode(codec.parse_json(text_of(document(refs, templates={"u": "http://a"}))))
    assert decoded.children("") == ["a", "bad", "c", "e", "worse"]
    for name in ("a", "c"):
        chunks = decoded.node(name).chunks
        assert len(chunks) == count
        assert chunks[2998,] == ByteRange("http://a", 2998, 2)
    assert decoded["c/7"] == b"text"
    assert decoded.node("a").attributes == {"x": 1}
    for path, words in (("bad", "'bad/2999'"), ("worse", "the shape of /worse")):
        for _ in range(2):
            with pytest.raises(FormatError, match=words):
                decoded.node(path)


def test_a_document_is_listed_without_a_look_at_its_arrays(document, array):
    refs = {f"g/d{n}/.zarray": array(shape=n) for n in range(5)} | {"h/x/.zgroup": {}, "g/.zgroup": {}}
    decoded = codec.decode(codec.parse_json(text_of(document(refs))))
    assert decoded.children("g") == [f"d{n}" for n in range(5)]
    assert decoded.children("h") == ["x"]
    assert decoded.has("h/x")
    assert not decoded.has("h/y")
    assert not decoded.has("g/d0/0")


@pytest.mark.parametrize("odd", [None, [40, 20], [0, 51], [50, 1], [2**63 - 1, 1], [2**62, 2**62]])
def test_many_chunks_of_members_end_where_these_do(document, array, odd):
    """Member ``m<n>`` has 50 bytes, from ``100 * n`` on in one of two files; ``open`` is as long as it is."""

    def locate(name):
        number = int(name[1:]) if name != "open" else None
        return Place("http://o") if number is None else Place(f"http://f{number % 2}", 100 * number, 50)

    values = [[f"./m{n % 7}", n % 40, 10] if n % 9 else ["./open", 2**40 + n, n] for n in range(2000)]
    if odd:
        values[1234] = ["./m2", *odd]
    refs = {"d/.zarray": array(shape=[2000], chunks=[1])} | {
        f"d/{n}": value for n, value in enumerate(values)
    }
    decoded = codec.decode(codec.parse_json(text_of(document(refs))), locate)
    if odd:
        with pytest.raises(FormatError, match=r"'d/1234' (passes the end of \./m2|lies beyond any file)"):
            decoded.node("d")
        return
    for n, (text, offset, length) in enumerate(values):
        place = locate(text.removeprefix("./"))
        assert decoded.node("d").chunks[n,] == ByteRange(place.address, place.start + offset, length)


def test_a_path_of_very_many_parts_takes_no_memory_before_somebody_goes_there(document):
    path = "/".join("a" * 20_000)
    text = text_of(document({f"{path}/.zgroup": {"zarr_format": 2}}))
    tracemalloc.start()
    try:
        decoded = codec.decode(codec.parse_json(text))
        assert decoded.children("") == ["a"]
        assert decoded.children("a/a") == ["a"]
        assert decoded.has(path)
        assert not decoded.has(f"{path}/a")
        assert tracemalloc.get_traced_memory()[1] < 20 << 20
    finally:
        tracemalloc.stop()


def test_a_text_of_chunks_takes_little_more_than_its_own_memory(document, array, monkeypatch):
    monkeypatch.setattr(parsing, "_PIECE", 100_000)
    count = 20_000
    refs = {"d/.zarray": array(shape=[count], chunks=[1])}
    text = text_of(document(refs | {f"d/{n}": ["http://a", n, 1] for n in range(count)}))
    tracemalloc.start()
    try:
        decoded = codec.decode(codec.parse_json(text))
        assert len(decoded.node("d").chunks) == count
        assert tracemalloc.get_traced_memory()[1] < 3 * len(text)
    finally:
        tracemalloc.stop()


def test_an_array_becomes_numbers_in_parts(document, array, monkeypatch):
    monkeypatch.setattr("lindi_explorer.references.document._BATCH", 7)
    refs = {"d/.zarray": array(shape=[40], chunks=[1]), "d/99": "x", "d/a": "y", "d/.zattrs": {"a": 1}}
    refs |= {f"d/{n}": ["http://a", n, 1] if n % 5 else f"text {n}" for n in range(40)}
    decoded = codec.decode(codec.parse_json(text_of(document(refs))))
    assert dict(decoded.node("d").chunks) == {
        (n,): ByteRange("http://a", n, 1) if n % 5 else b"text %d" % n for n in range(40)
    }
    assert decoded.extra["refs"] == {"d/99": "x", "d/a": "y"}
    refs["d/33"] = 5
    damaged = codec.decode(codec.parse_json(text_of(document(refs))))
    for _ in range(2):
        with pytest.raises(FormatError, match="'d/33'"):
            damaged.node("d")
