"""Comparing what two readers make of one HDF5 file, or of one LINDI file."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass, field

import h5py

from tests.interop.dump import dump
from tests.interop.scope import RESERVED, beyond_attribute, beyond_dataset, beyond_name

ELSEWHERE = "\0"
"""What stands for the path of a link into another file."""


@dataclass
class Verdict:
    """What was compared, and what differs."""

    files: int = 0
    arrays: int = 0
    attributes: int = 0
    links: int = 0
    away: int = 0
    beyond: int = 0
    wrong: list[str] = field(default_factory=list)

    def add(self, other, name):
        """Take in the verdict on one more file."""
        for count in ("arrays", "attributes", "links", "away", "beyond"):
            setattr(self, count, getattr(self, count) + getattr(other, count))
        self.files += 1
        self.wrong += [f"{name} {words}" for words in other.wrong]

    def __str__(self):
        return (
            f"{self.files} files: {self.arrays} arrays, {self.attributes} attributes, {self.links} links;"
            f" beyond plain LINDI: {self.beyond}, of which {self.away} arrays are left to HDF5"
        )


def by_h5py(file):
    """Describe an HDF5 file as h5py reads it; or one of ours, whose interface is h5py's."""

    def is_link(group, name):
        link = group.get(name, getlink=True)
        if isinstance(link, h5py.ExternalLink):
            return ELSEWHERE
        return (
            posixpath.normpath(posixpath.join(group.name, link.path))
            if isinstance(link, h5py.SoftLink)
            else None
        )

    def same(item):
        return h5py.h5o.get_info(item.id).addr if type(file) is h5py.File else hash(item.id)

    return dump(file, is_link=is_link, same=same)


class Comparison:
    """Compares one description of a file with another.

    Parameters
    ----------
    expected, found : dict
        From `dump`.
    original : h5py.File or None
        Tells whether two names are of one object, and what plain LINDI cannot say of it.
    no_objects : bool
        The reader knows no arrays of objects.
    globs : bool
        The reader takes some characters of names for patterns.
    """

    def __init__(self, expected, found, original=None, *, no_objects=False, globs=False):
        self.expected = expected
        self.found = found
        self.original = original
        self.no_objects = no_objects
        self.globs = globs
        self.verdict = Verdict()

    def run(self):
        if "" in self.found:
            self.verdict.wrong.append(f"cannot be opened: {self.found['']}")
            return self.verdict
        for path in self.expected:
            self._object(path)
        for path in self.found.keys() - self.expected.keys():
            self.verdict.wrong.append(f"{path} is too much")
        return self.verdict

    def _object(self, path):
        expected, found = self.expected[path], self.found.get(path)
        if expected.get("link") == ELSEWHERE or expected.get("kind") == "type" or "error" in expected:
            self.verdict.beyond += 1
        elif found is None:
            if beyond_name(path, globs=self.globs):
                self.verdict.beyond += 1
            else:
                self.verdict.wrong.append(f"{path} is missing")
        elif "link" in expected or "link" in found:
            self._link(path, expected, found)
        else:
            self._content(path, expected, found)

    def _link(self, path, expected, found):
        ends = [one.get("link", path) for one in (expected, found)]
        if not self._one_object(*ends):
            self.verdict.wrong.append(f"{path} leads to {ends[1]}, not {ends[0]}")
            return
        self.verdict.links += 1
        # Where an object has several names, the readers may come to it by different ones.
        expected = self.expected.get(ends[0], {}) if "link" in expected else expected
        found = self.found.get(ends[1], {}) if "link" in found else found
        if "kind" in expected and "kind" in found and ends[0] != ends[1]:
            self._content(path, expected, found)

    def _content(self, path, expected, found):
        if "error" in found:
            if self._beyond(path) or self._unknown(expected):
                self.verdict.beyond += 1
            else:
                self.verdict.wrong.append(f"{path}: {found['error']}")
        elif expected["kind"] != found["kind"]:
            self.verdict.wrong.append(f"{path} is a {found['kind']}")
        else:
            if expected["kind"] == "dataset":
                self._data(path, expected, found)
            self._attributes(path, expected["attributes"], found["attributes"])

    def _data(self, path, expected, found):
        if "error" in expected["data"]:
            return  # h5py cannot read it either
        if found.get("away"):
            self.verdict.away += 1
            if not self._beyond(path):
                self.verdict.wrong.append(f"{path} is left to HDF5")
            self.verdict.beyond += 1
        elif found["shape"] == expected["shape"] and found["data"] == {"large": True}:
            self.verdict.beyond += 1  # more than this reader can read in any time
        elif found["shape"] == expected["shape"] and self._equal(expected["data"], found["data"]):
            self.verdict.arrays += 1
        elif self._beyond(path):
            self.verdict.beyond += 1
        else:
            self.verdict.wrong.append(
                f"{path}: {found['shape']} {found['data']}, not {expected['shape']} {expected['data']}"[:400]
            )

    def _attributes(self, path, expected, found):
        for name in expected.keys() | found.keys():
            if name in expected and name in found and self._equal(expected[name], found[name]):
                self.verdict.attributes += 1
            elif name in expected and (name in RESERVED or self._beyond_attribute(path, name)):
                self.verdict.beyond += 1
            else:
                words = f"{found.get(name, 'missing')!r}, not {expected.get(name, 'missing')!r}"
                self.verdict.wrong.append(f"{path} attribute {name}: {words}"[:400])

    def _equal(self, expected, found):
        if isinstance(expected, dict) and isinstance(found, dict):
            if "reference" in expected and "reference" in found:
                return self._one_object(expected["reference"], found["reference"])
            names = expected.keys() - {"first"}
            return names == found.keys() - {"first"} and all(
                self._equal(expected[name], found[name]) for name in names
            )
        if isinstance(expected, list) and isinstance(found, list):
            return len(expected) == len(found) and all(map(self._equal, expected, found))
        return expected == found

    def _one_object(self, one, other):
        if one == other:
            return True
        try:
            return self.original is not None and self.original[one] == self.original[other]
        except (KeyError, TypeError, ValueError):
            return False

    def _unknown(self, expected):
        return self.no_objects and "data" in expected and "type" not in expected["data"]

    def _beyond(self, path):
        if self.original is None or beyond_name(path, globs=self.globs):
            return self.original is not None
        item = self.original[path]
        if RESERVED & set(item.attrs):
            return True  # written as it is by the original, an attribute of such a name means something else
        return bool(isinstance(item, h5py.Dataset) and beyond_dataset(item))

    def _beyond_attribute(self, path, name):
        return self.original is not None and bool(beyond_attribute(self.original[path], name))
