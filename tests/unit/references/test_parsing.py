"""Documents that come as text: read in pieces, and decoded as far as somebody asks."""

from __future__ import annotations

import json
import tracemalloc

import pytest

from lindi_explorer.byterange import ByteRange
from lindi_explorer.errors import FormatError
from lindi_explorer.references import codec, parsing
from lindi_explorer.references.document import Keys
from lindi_explorer.references.places import Place
from lindi_explorer.references.table_builder import TableBuilder


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


@pytest.mark.parametrize("in_pieces", [False, True])
@pytest.mark.parametrize("what", ["take", "build", "forget"])
def test_chunks_survive_an_interruption(monkeypatch, in_pieces, what):
    """Ctrl-C while a table is made: whoever asks again finds all chunks, and no keys that were left over."""
    count = 3000
    array = {"zarr_format": 2, "shape": [count], "chunks": [1], "dtype": "<i4", "fill_value": 0, "order": "C"}
    refs = {".zgroup": {"zarr_format": 2}, "d/.zarray": {**array, "compressor": None, "filters": None}}
    refs |= {f"d/{number}": ["a.bin", 4 * number, 4] for number in range(count)} | {"d/odd": "x"}
    text = json.dumps({"refs": refs}, indent=2).encode()
    if in_pieces:
        monkeypatch.setattr(parsing, "_LONG", 1)
        monkeypatch.setattr(parsing, "_PIECE", 40_000)
    document = codec.decode(codec.parse_json(text))
    place = Keys if what == "forget" else TableBuilder
    real, left = getattr(place, what), [1]

    def interrupted(self, *args):
        if not left:
            return real(self, *args)
        left.clear()
        if what == "forget":
            real(self, args[0], args[1][: count // 2])
        raise KeyboardInterrupt

    monkeypatch.setattr(place, what, interrupted)
    with pytest.raises(KeyboardInterrupt):
        document.node("d")
    table = document.node("d").chunks
    assert len(table) == count
    assert all(table[number,].offset == 4 * number for number in range(count))
    assert document.extra["refs"] == {"d/odd": "x"}
