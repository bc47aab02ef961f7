"""What is written: what upstream 0.4 opens, the same text for the same content."""

from __future__ import annotations

import json

import pytest

from lindi_explorer.byterange import ByteRange
from lindi_explorer.references import codec
from lindi_explorer.references.chunks import ChunkTable
from lindi_explorer.references.model import Node
from lindi_explorer.references.reference_set import ReferenceSet


def again(document):
    """The document after reading and writing it."""
    decoded = codec.decode(document)
    return codec.encode(decoded, decoded.extra)


def ranges(document, array, *urls):
    """A document of a chunk of each URL."""
    refs = {f"d/{n}": [url, n, 1] for n, url in enumerate(urls)}
    return document({"d/.zarray": array(shape=[len(urls)], chunks=[1]), **refs})


def test_a_document_comes_back_as_it_was(document, array):
    original = document(
        {
            ".zattrs": {"a": [1, 2.0, True, None, "é"]},
            "g/.zgroup": {"zarr_format": 2},
            "g/d/.zarray": array(dtype=">f4", fill_value="NaN", filters=[{"id": "zlib", "level": 4}]),
            "g/d/.zattrs": {"unit": "V"},
            "g/d/.lindi_explorer": {"type": ">f4"},
            "g/d/0.0": ["https://ex.org/f.nwb", 12, 7],
            "g/d/0.1": "\x02\x01plain",
            "g/d/1.0": "base64:/w==",
            "g/d/1.1": "base64:YmFzZTY0OnN0YXJ0cyBzbw==",
        },
        version=1,
        generationMetadata={"by": "me", "t": [1, 2]},
        other=None,
    )
    assert again(original) == original
    assert codec.to_text(again(original)) == codec.to_text(original)


@pytest.mark.parametrize("bytes_", [b"base64:", b"base64:xx", b"base64:\xff"])
def test_bytes_that_look_like_base64_are_coded(bytes_):
    value = codec.chunk_value(bytes_)
    assert value.startswith("base64:")
    node = Node(array=None)
    chunks = ChunkTable.build((1,), inline={(0,): bytes_})
    metadata = {"chunks": [1], "compressor": None, "dtype": "|u1", "fill_value": 0, "filters": None}
    metadata |= {"order": "C", "shape": [1], "zarr_format": 2}
    written = codec.encode(ReferenceSet({"": node, "d": Node(array=metadata, chunks=chunks)}))
    assert codec.decode(written)["d/0"] == bytes_


@pytest.mark.parametrize(
    ("reference", "value"),
    [
        (b"", ""),
        (b"\0\x01\x7f", "\0\x01\x7f"),
        (b"\x80", "base64:gA=="),
        ("é".encode(), "base64:w6k="),
        (ByteRange("f", 1, 2), ["f", 1, 2]),
    ],
)
def test_which_form_a_chunk_gets(reference, value):
    assert codec.chunk_value(reference) == value


# ---------------------------------------------------------------- templates (format section 3)


def test_templates_from_five_uses_on_in_the_order_of_their_addresses(document, array):
    written = again(ranges(document, array, *["http://b"] * 5, *["http://a"] * 6, *["http://c"] * 4))
    assert written["templates"] == {"u1": "http://a", "u2": "http://b"}
    assert [written["refs"][f"d/{n}"][0] for n in (0, 4, 5, 10, 11)] == [
        *("{{u2}}", "{{u2}}", "{{u1}}", "{{u1}}", "http://c")
    ]
    assert again(written) == written


def test_paths_become_templates_too(document, array):
    assert again(ranges(document, array, *["./blobs/x"] * 5))["templates"] == {"u1": "./blobs/x"}


def test_templates_that_nothing_uses_are_not_written(document, array):
    template = ranges(document, array, *["{{mine}}"] * 2)
    template["templates"] = {"mine": "http://a", "secret": "/home/me/staging"}
    written = again(template)
    assert "templates" not in written
    assert written["refs"]["d/0"] == ["http://a", 0, 1]
    assert "/home/me" not in codec.to_text(written)


def test_the_same_address_by_two_templates_is_one(document, array):
    template = ranges(document, array, "{{a}}", "{{b}}", "http://x", "{{a}}", "{{b}}")
    template["templates"] = {"a": "http://x", "b": "http://x"}
    assert again(template)["templates"] == {"u1": "http://x"}


@pytest.mark.parametrize("url", ["/data/{{session}}/f.nwb", "{{u1}}", "{{"])
def test_an_address_with_braces_of_its_own_survives(url):
    node = Node(
        array={
            "chunks": [1],
            "compressor": None,
            "dtype": "|u1",
            "fill_value": 0,
            "filters": None,
            "order": "C",
            "shape": [1],
            "zarr_format": 2,
        },
        chunks=ChunkTable.build((1,), {(0,): ByteRange(url, 0, 1)}),
    )
    written = codec.encode(ReferenceSet({"": Node(), "d": node}))
    assert codec.decode(written)["d/0"] == ByteRange(url, 0, 1)
    assert again(written) == written


# ---------------------------------------------------------------- what stands beside the nodes


def test_a_new_document_has_a_version_and_an_old_one_keeps_what_it_had(document):
    assert codec.encode(ReferenceSet({"": Node()})) == document(version=1)
    assert again(document()) == document()
    assert again(document(version=7)) == document(version=7)


def test_keys_that_belong_to_no_node_are_kept(document, array):
    refs = {
        "d/.zarray": array(),
        "d/.other_side_car": {"a": 1},
        "d/.zmetadata_": "x",
        "notes": "hello",
        "g.zattrs": {"a": 1},
        "d/9.9": ["{{u1}}", 0, 1],
    }
    written = again(document(refs, templates={"u1": "http://a"}))
    assert written["refs"] == {**document(refs)["refs"], "d/9.9": ["http://a", 0, 1]}


def test_a_summary_of_the_metadata_is_dropped_because_edits_would_make_it_wrong(document):
    assert again(document({".zmetadata": {"metadata": {}}})) == document()


def test_nan_in_metadata_becomes_the_word_that_lindi_has_for_it(document):
    old = document({".zattrs": {"a": float("nan"), "b": [float("inf"), float("-inf")]}})
    text = codec.to_text(again(old))
    assert json.loads(text)["refs"][".zattrs"] == {"a": "NaN", "b": ["Infinity", "-Infinity"]}
    json.loads(text, parse_constant=pytest.fail)


def test_what_is_written_shares_nothing_with_what_was_read(document, array):
    source = document({".zattrs": {"a": [1]}, "x": ["f", [1]]}, generationMetadata={"a": []})
    decoded = codec.decode(source)
    written = codec.encode(decoded, decoded.extra)
    written["refs"][".zattrs"]["a"].append(2)
    written["refs"]["x"][1].append(2)
    written["generationMetadata"]["a"].append(2)
    assert decoded.node("").attributes == {"a": [1]}
    assert codec.encode(decoded, decoded.extra) == {**source, "generationMetadata": {"a": []}}


# ---------------------------------------------------------------- the text (format section 10)


def test_the_text_is_sorted_indented_ascii_without_newline_at_its_end(document):
    text = codec.to_text(document({"é/.zgroup": {"zarr_format": 2}, ".zattrs": {"b": 2.0, "a": "é"}}, a=1))
    assert text == (
        "{\n"
        '  "a": 1,\n'
        '  "refs": {\n'
        '    ".zattrs": {\n'
        '      "a": "\\u00e9",\n'
        '      "b": 2.0\n'
        "    },\n"
        '    ".zgroup": {\n'
        '      "zarr_format": 2\n'
        "    },\n"
        '    "\\u00e9/.zgroup": {\n'
        '      "zarr_format": 2\n'
        "    }\n"
        "  }\n"
        "}"
    )


def test_whole_floats_stay_floats(document):
    text = codec.to_text(again(document({".zattrs": {"f": 2.0, "i": 2, "big": 1e300}})))
    attributes = codec.decode(codec.parse_json(text.encode())).node("").attributes
    assert [type(value) for value in attributes.values()] == [float, float, int]


def test_names_that_are_no_utf8_survive_the_text(document):
    name = b"\xff\xfename".decode("utf-8", "surrogateescape")
    original = document({f"{name}/.zgroup": {"zarr_format": 2}, ".zattrs": {name: 1}})
    text = codec.to_text(original)
    assert text.isascii()
    assert codec.decode(codec.parse_json(text.encode())).children("") == [name]


def test_numbers_wider_than_64_bits_survive(document):
    original = document({".zattrs": {"big": 2**64 - 1, "huge": 10**50}})
    assert codec.parse_json(codec.to_text(original).encode()) == original


# ---------------------------------------------------------------- text without the document


def numbered(separator="."):
    """An array of 12 x 111 chunks in three files, some of them inline, in an order of their own."""
    ranges, inline = {}, {}
    for number, index in enumerate(reversed([(x, y) for x in range(12) for y in range(111)])):
        url = ("http://a", "http://b/100%", 'c"\\')[number % 3]
        ranges[index] = ByteRange(url, number, 2**40 + number)
    for index in ((0, 0), (1, 10), (11, 110)):
        inline[index] = b"inline" + bytes(index)
        del ranges[index]
    metadata = {"chunks": [1, 1], "compressor": None, "dtype": "|u1", "fill_value": 0, "filters": None}
    metadata |= {"order": "C", "shape": [12, 111], "zarr_format": 2, "dimension_separator": separator}
    return Node({"a": "é"}, metadata, ChunkTable.build((12, 111), ranges, inline))


@pytest.mark.parametrize("path", ["d", 'per%cent "%d"/é', "a-b/c", ""])
@pytest.mark.parametrize("separator", [".", "/"])
def test_the_text_of_an_outline_is_that_of_the_document(path, separator):
    nodes = {path: numbered(separator), **({"": Node()} if path else {})}
    if path == "d":
        nodes |= {"d-": Node(), "d.x": numbered(), "d0": numbered(), "D": Node({"refs": {}})}
    extra = {
        "version": 1,
        "refs": {f"{path}/5.5x": ["http://a", 1], "zz": [], f"{path}/~": "x"},
        "a": {"refs": {}},
    }
    outline = codec.outline(ReferenceSet(nodes), extra)
    text = b"".join(outline.text()).decode("ascii")
    assert text == json.dumps(outline.document(), indent=2, sort_keys=True)
    assert outline.document()["templates"] == {"u1": 'c"\\', "u2": "http://a", "u3": "http://b/100%"}


def test_addresses_are_replaced_before_templates_are_named(document, array):
    decoded = codec.decode(ranges(document, array, *["/home/me/b"] * 5, *["http://a"] * 5, "./c"))
    written = codec.encode(decoded, decoded.extra, {"/home/me/b": "http://0", "./c": "http://c"})
    assert written["templates"] == {"u1": "http://0", "u2": "http://a"}
    assert [written["refs"][f"d/{n}"][0] for n in (0, 5, 10)] == ["{{u1}}", "{{u2}}", "http://c"]


def test_a_key_of_another_writer_gives_way_to_the_chunk_of_that_name(document, array):
    decoded = codec.decode(ranges(document, array, "http://a"))
    written = codec.encode(decoded, {"refs": {"d/0": ["http://old", 0, 1], "d/7": ["http://old", 0, 1]}})
    assert written["refs"]["d/0"] == ["http://a", 0, 1]
    assert written["refs"]["d/7"] == ["http://old", 0, 1]
