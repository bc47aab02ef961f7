"""The check of documents is one: each rule refuses a document that breaks it, and nothing else does."""

from __future__ import annotations

import json
import re
from pathlib import Path

import h5py
import numpy as np
import pytest

from lindi_explorer import LindiH5pyFile
from tests.contract import specification, specification_arrays, specification_metadata, specification_sidecar
from tests.contract.specification import broken_rules

URL = "https://example.org/a.h5"
SIZE = 10**6
LINK, ARRAY, SIDE = "_EXTERNAL_ARRAY_LINK", ".zarray", ".lindi_explorer"


def fill(file):
    file.attrs["object_id"] = "root"
    file.create_dataset("many", data=np.arange(1200, dtype="i2"), chunks=(200,))
    file.create_dataset("zip", data=np.arange(2000), chunks=(1000,), compression="gzip", shuffle=True)
    file["floats"] = np.arange(1500.0)
    file["texts"] = ["a", "b"]
    file["minus"] = np.int8(-1)
    file["rows"] = np.array([(1, 2.5)], dtype=[("n", "i4"), ("x", "f8")])
    file["null"] = h5py.Empty("f4")
    file.create_dataset(
        "grow", data=np.arange(4), maxshape=(None,), chunks=(8,), compression="lzf", fillvalue=3
    )
    file.create_dataset("linked", data=np.arange(4000), chunks=(2000,), compression="lzf")
    group = file.create_group("g", track_order=True)
    group["z"], group["a"] = 1, 2
    group.attrs.update({"y": np.float32(0.5), "b": [1, 2], "r": file["texts"].ref})
    group["relative"] = h5py.SoftLink("a")
    file["soft"] = h5py.SoftLink("/g/a")
    file["zip_too"] = file["zip"]
    file["away"] = h5py.ExternalLink("b.h5", "/x")
    file["committed"] = np.dtype("<i2")


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    path = tmp_path_factory.mktemp("good") / "a.h5"
    with h5py.File(path, "w") as file:
        fill(file)
    with LindiH5pyFile.from_hdf5_file(path, url=URL) as file:
        document = file.to_reference_file_system()
    return json.dumps(document)


def rules(document, text=None):
    text = json.dumps(document, indent=2, sort_keys=True) if text is None else text
    return {rule for rule, _ in broken_rules(text, {URL: SIZE})}


def test_the_good_document(good):
    assert rules(json.loads(good)) == set()


def put(*path):
    """Set what stands at a path of the document: ``put("refs", key, value)``; None of a key takes it away."""
    *names, last, value = path

    def change(document):
        for name in names:
            document = document[name]
        if value is None:
            del document[last]
        else:
            document[last] = value

    return change


def ref(key, *path):
    return put("refs", key, *path)


NULL = object()


def null(*path):
    def change(document):
        put(*path[:-1], path[-1], NULL)(document)
        holder = document
        for name in path[:-1]:
            holder = holder[name]
        holder[path[-1]] = None

    return change


def reference(**members):
    inside = {"object_id": None, "path": "/texts", "source": ".", "source_object_id": "root"}
    return ref("g/.zattrs", "r", {"_REFERENCE": {**inside, **members}})


def spell_out(document):
    document["refs"]["many/0"][0] = URL


def rename_template(document):
    document["templates"] = {"u2": URL}
    for value in document["refs"].values():
        if isinstance(value, list):
            value[0] = value[0].replace("u1", "u2")


def no_templates(document):
    del document["templates"]
    for value in document["refs"].values():
        if isinstance(value, list):
            value[0] = URL


def few_uses(document):
    for name in range(6):
        document["refs"].pop(f"many/{name}")
    for name in ("zip/0", "zip/1"):
        document["refs"].pop(name)


def rename(old, new):
    def change(document):
        document["refs"][new] = document["refs"].pop(old)

    return change


def sidecar(key, **members):
    return lambda document: document["refs"][f"{key}/{SIDE}"].update(members)


BREACHES = [
    ("refs", put("refs", [])),
    ("version", put("version", 2)),
    ("version", put("version", None)),
    ("members", put("colour", "blue")),
    ("templates", put("templates", {})),
    ("templates", put("templates", {"u1": 5})),
    ("template names", rename_template),
    ("template uses", few_uses),
    ("template left out", spell_out),
    ("template unknown", ref("many/0", 0, "{{u7}}")),
    ("template missing", no_templates),
    ("root", ref(".zgroup", None)),
    ("one kind", ref("many/.zgroup", {"zarr_format": 2})),
    ("parents", ref("lost/child/.zgroup", {"zarr_format": 2})),
    ("keys", ref("/many/0", "x")),
    ("keys", ref("./.zgroup", {"zarr_format": 2})),
    ("owner", ref("nobody/.zattrs", {"a": 1})),
    ("owner", ref("g/0", "x")),
    ("group", ref("g/.zgroup", {"zarr_format": 3})),
    ("metadata", ref("many/.zattrs", {})),
    ("metadata", ref("many/.zattrs", '{"a": 1}')),
    ("value", ref("many/0", ["{{u1}}"])),
    ("value", ref("many/0", 1, -1)),
    ("value", ref("many/0", 2, 400.0)),
    ("value", ref("many/0", 2, True)),
    ("value", ref("many/0", 5)),
    ("placeholder", ref("soft/child/.zgroup", {"zarr_format": 2})),
    ("placeholder", ref("committed/child/.zgroup", {"zarr_format": 2})),
    ("zarray members", ref("many/.zarray", "dimension_separator", ".")),
    ("zarray members", ref("many/.zarray", "order", None)),
    ("zarray order", ref("many/.zarray", "order", "F")),
    ("zarray shape", ref("many/.zarray", "shape", [1200, 1])),
    ("zarray shape", ref("many/.zarray", "chunks", [0])),
    ("zarray shape", ref("many/.zarray", "chunks", [200.0])),
    ("zarray dtype", ref("many/.zarray", "dtype", "i2")),
    ("zarray dtype", ref("many/.zarray", "dtype", "<f16")),
    ("filters", ref("many/.zarray", "filters", [])),
    ("codecs of the document", ref("texts/.zarray", "compressor", {"id": "zlib", "level": 1})),
    ("codecs of the document", null("refs", "texts/.zarray", "filters")),
    ("codecs of the document", null("refs", "texts/.zarray", "compressor")),
    ("codec unknown", ref("zip/.zarray", "filters", [{"id": "lzf"}])),
    ("codec unknown", ref("zip/.zarray", "filters", [{"id": "zlib"}])),
    ("codec types", ref("zip/.zarray", "filters", [{"id": "zlib", "level": "4"}])),
    ("fill value", ref("many/.zarray", "fill_value", "NaN")),
    ("fill value", null("refs", "floats/.zarray", "fill_value")),
    ("fill value", ref("floats/.zarray", "fill_value", 0)),
    ("fill value", null("refs", "texts/.zarray", "fill_value")),
    ("virtual", ref("many/.zarray", "filters", [{"id": "lindi_explorer_virtual"}])),
    ("scalar", ref("minus/.zattrs", "_SCALAR", 1)),
    ("scalar", ref("many/.zattrs", {"_SCALAR": True})),
    ("compound", ref("rows/.zattrs", "_COMPOUND_DTYPE", [["n"]])),
    ("compound", ref("rows/.zattrs", "_COMPOUND_DTYPE", [["n", "nonsense"]])),
    ("compound", ref("many/.zattrs", {"_COMPOUND_DTYPE": [["n", "int32"]]})),
    ("linked chunks", ref("linked/0", ["{{u1}}", 0, 10])),
    ("chunk key", rename("many/0", "many/00")),
    ("chunk key", rename("many/0", "many/first")),
    ("chunk grid", rename("many/5", "many/6")),
    ("chunk grid", rename("many/5", "many/5.0")),
    ("chunk address", ref("many/0", 0, "https://example.org/other.h5")),
    ("chunk end", ref("many/0", 1, SIZE)),
    ("chunk in place", ref("minus/0", ["{{u1}}", 0, 10])),
    ("chunk length", ref("many/0", 2, 398)),
    ("chunk length", ref("many/5", 2, 402)),
    ("chunk text", ref("many/0", "é")),
    ("chunk text", ref("many/0", "base64:YWJj")),
    ("chunk text", ref("many/0", "base64:?")),
    ("chunk content", ref("texts/0", "no blosc")),
    ("chunk content", ref("many/0", "ab")),
    ("chunk content", ref("texts/.zarray", "shape", [1])),
    ("reserved", ref(".zattrs", "_REFERENCE", {})),
    ("reserved", ref("g/.zattrs", "_SCALAR", True)),
    ("soft link", ref("soft/.zattrs", "_SOFT_LINK", {"path": "g/a"})),
    ("soft link", ref("soft/.zattrs", "_SOFT_LINK", {"path": "/g/a", "kind": "soft"})),
    ("soft link", ref("soft/.zattrs", "note", "text")),
    ("array link", ref("linked/.zattrs", LINK, "link_type", "hdf5")),
    ("array link", ref("linked/.zattrs", LINK, "name", "/linked")),
    ("array link", ref("linked/.zattrs", LINK, "url", "https://example.org/other.h5")),
    ("array link", ref("linked/.zattrs", LINK, {"url": URL})),
    ("attribute value", null("refs", "g/.zattrs", "b")),
    ("attribute mixed", ref("g/.zattrs", "b", [1, "text"])),
    ("attribute mixed", ref("g/.zattrs", "b", [1, 2.0])),
    ("attribute shape", ref("g/.zattrs", "b", [[1], [1, 2]])),
    ("reference", ref("g/.zattrs", "r", {"path": "/texts"})),
    ("reference", reference(path="texts")),
    ("reference", reference(source="elsewhere")),
    ("reference", reference(region="all")),
    ("reference", reference(object_id=5)),
    ("reference ids", reference(object_id="another")),
    ("reference ids", reference(source_object_id="another")),
    ("reference target", reference(path="/nobody")),
    ("side-car members", sidecar("g", colour="blue")),
    ("side-car attributes", sidecar("g", attributes={"y": {"type": "float"}})),
    ("side-car attributes", sidecar("g", attributes={"y": {"type": "<f4", "value": 1.0}})),
    ("side-car attributes", sidecar("g", attributes={"y": {"problem": "why"}})),
    ("side-car attributes", sidecar("g", attributes={"absent": {"type": "<f4"}})),
    ("side-car attributes", sidecar("g", attributes={"absent": {"type": "<f4", "null": False}})),
    ("side-car type", sidecar("null", type={"vlen": "text"})),
    ("side-car type", sidecar("grow", type="<i8")),
    ("side-car null", sidecar("null", null=1)),
    ("side-car null", sidecar("grow", null=True)),
    ("side-car without type", ref(f"null/{SIDE}", {"null": True})),
    ("side-car maxshape", sidecar("grow", maxshape=[3])),
    ("side-car maxshape", sidecar("grow", maxshape=[4])),
    ("side-car chunks", sidecar("grow", chunks=[0])),
    ("side-car chunks", sidecar("g", chunks=[2])),
    ("side-car filters", sidecar("grow", filters=[[32000, "lzf"]])),
    ("side-car filters", sidecar("grow", filters=[])),
    ("side-car fill", sidecar("linked", fill=0)),
    ("side-car link", sidecar("away", link={"external": {"filename": "b.h5"}})),
    ("side-car link", sidecar("zip_too", link={"hard": "/nobody"})),
    ("side-car link", sidecar("g/relative", link={"soft": "/g/a"})),
    ("side-car link", sidecar("away", link={"soft": "a"})),
    ("side-car external", sidecar("grow", external=[{"file": "a.raw", "offset": 0}])),
    ("side-car external", sidecar("g", external=[])),
    ("side-car virtual", sidecar("grow", virtual={"sources": [], "base": 5})),
    ("side-car virtual", sidecar("g", virtual={"sources": []})),
    ("side-car order", sidecar("g", order=["a", "z"])),
    ("side-car order", sidecar("g", order=["a", "relative", "z"])),
    ("side-car attribute_order", sidecar("g", attribute_order=["y"])),
    ("side-car committed", sidecar("null", committed=True)),
    ("side-car problem", sidecar("null", problem="")),
]


@pytest.mark.parametrize(
    "number", range(len(BREACHES)), ids=[f"{n} {rule}" for n, (rule, _) in enumerate(BREACHES)]
)
def test_a_breach_is_seen(good, number):
    rule, change = BREACHES[number]
    document = json.loads(good)
    change(document)
    assert rule in rules(document)


TEXT_BREACHES = [
    ("layout", lambda text: text.replace("\n", "")),
    ("layout", lambda text: text + "\n"),
    ("ascii", lambda text: text.replace("example", "exämple")),
    ("json", lambda text: text.replace('"fill_value": 0,', '"fill_value": NaN,', 1)),
    ("json", lambda text: text[:-1]),
]


@pytest.mark.parametrize("number", range(len(TEXT_BREACHES)))
def test_a_breach_of_the_text_is_seen(good, number):
    rule, change = TEXT_BREACHES[number]
    text = json.dumps(json.loads(good), indent=2, sort_keys=True)
    assert rule in rules(None, change(text))


def test_every_rule_has_a_breach():
    sources = [
        Path(module.__file__).read_text(encoding="utf-8")
        for module in (specification, specification_arrays, specification_metadata, specification_sidecar)
    ]
    named = set(re.findall(r'(?:yield|append\(\(|return \[\() ?"([^"]+)", ', "".join(sources)))
    named |= {f"side-car {member}" for member in specification_sidecar._MEMBERS}
    assert named == {rule for rule, _ in BREACHES + TEXT_BREACHES}
