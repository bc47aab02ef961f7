from __future__ import annotations

import pytest

from lindi_explorer.references import keys


def test_joining_and_splitting_are_inverse():
    for path, name in (("", ".zgroup"), ("a", "0.0"), ("a/b c", ".zattrs"), ("é", "x.y")):
        assert keys.split(keys.join(path, name)) == (path, name)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("", ""),
        ("/", ""),
        (".", ""),
        ("/g", "g"),
        ("g/", "g"),
        ("/g//d/", "g/d"),
        ("./g/./d", "g/d"),
        ("g/..c", "g/..c"),
        ("a.b/.zattrs", "a.b/.zattrs"),
        (" g ", " g "),
    ],
)
def test_paths_as_hdf5_reads_them(written, meant):
    assert keys.normalise(written) == meant


def test_parents_come_from_the_root_down():
    assert keys.parents("") == []
    assert keys.parents("a") == [""]
    assert keys.parents("a/b/c") == ["", "a", "a/b"]


@pytest.mark.parametrize(
    ("index", "separator", "name"),
    [((), ".", "0"), ((7,), ".", "7"), ((1, 0, 12), ".", "1.0.12"), ((1, 0, 12), "/", "1/0/12")],
)
def test_chunk_names_and_back(index, separator, name):
    assert keys.chunk_name(index, separator) == name
    assert keys.parse_chunk_name(name, len(index), separator) == index


@pytest.mark.parametrize(
    ("name", "axes"),
    [
        ("0.0", 1),  # too many numbers
        ("0", 2),
        ("", 1),
        ("", 0),
        ("1", 0),  # a scalar has one chunk
        ("-1", 1),
        ("+1", 1),
        (" 1", 1),
        ("1.", 2),
        ("01", 1),  # Zarr never asks for it: it would stand beside "1"
        ("x", 1),
        ("1_0", 1),
        ("\N{ARABIC-INDIC DIGIT ONE}", 1),
        ("\N{SUPERSCRIPT TWO}", 1),
        ("9" * 5000, 1),  # Python refuses to turn so many digits into a number
        ("9" * 19, 1),  # beyond 64 bits
        ("0/0", 2),  # the other separator
        ("0\n", 1),
    ],
)
def test_what_is_no_chunk_name(name, axes):
    assert keys.parse_chunk_name(name, axes) is None
