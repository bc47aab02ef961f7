from __future__ import annotations

import tarfile

import pytest

from lindi_explorer.errors import FormatError
from lindi_explorer.formats.open import read_document
from lindi_explorer.references import codec
from lindi_explorer.references.places import Place
from lindi_explorer.remote import RangeReader
from tests.unit.formats import make


@pytest.fixture
def opened():
    """Read a container: ``opened(path)``."""
    readers = []

    def read(address):
        readers.append(RangeReader(str(address)))
        return read_document(readers[-1], str(address))

    yield read
    for reader in readers:
        reader.close()


def test_document_and_members(tmp_path, opened):
    path = make.tar(tmp_path / "any name", make.document())
    found = opened(path)
    assert (found.document, found.format) == (make.document(), "LINDI tar")
    place = found.locate("blobs/x/1")
    assert path.read_bytes()[place.start :][:8] == make.BLOBS["blobs/x/1"]
    assert (place.address, place.size) == (str(path), 8)


def test_of_two_members_of_one_name_the_later_counts(tmp_path, opened):
    def twice(index):
        return {"files": [{"n": "blobs/x/0", "d": 512, "s": 1}, *index["files"]]}

    assert opened(make.tar(tmp_path / "t", make.document(), index=twice)).locate("blobs/x/0").size == 4


def test_ranges_of_chunks_are_those_of_the_archive(tmp_path, opened):
    path = make.tar(tmp_path / "t", make.document({"other": ["{{u}}/0", 1, 2]}, templates={"u": "./blobs/x"}))
    found = opened(path)
    decoded = codec.decode(found.document, found.locate)
    document = codec.encode(decoded, decoded.extra)
    for key, data in {"x/0": b"\1\2\3\4", "x/1": b"\5\6\7\10", "other": b"\2\3"}.items():
        address, offset, length = document["refs"][key]
        assert address == str(path)
        assert path.read_bytes()[offset : offset + length] == data


def test_a_template_may_stand_for_the_beginning_of_a_member(tmp_path, opened):
    refs = {"x/0": ["{{a}}blobs/x/0", 0, 4], "x/1": ["{{b}}", 2, 4]}
    found = opened(make.tar(tmp_path / "t", make.document(refs, templates={"a": "./", "b": "./blobs/x/1"})))
    table = codec.decode(found.document, found.locate).node("x").chunks
    assert {reference.url for reference in table.values()} == {str(tmp_path / "t")}


@pytest.mark.parametrize(
    ("reference", "words"),
    [
        (["./blobs/x/0", 0, 5], "passes the end"),
        (["./blobs/x/0", 4, 1], "passes the end"),
        (["./blobs/x/0", -1, 1], "whole numbers"),
        (["./../t", 0, 4], "leads out"),
        (["./blobs/../../t", 0, 4], "leads out"),
        (["./blobs\\..\\x", 0, 4], "leads out"),
        ([".//etc/passwd", 0, 4], "leads out"),
        (["{{up}}", 0, 4], "leads out"),
    ],
)
def test_references_that_leave_their_member(tmp_path, opened, reference, words):
    doc = make.document({"x/0": reference}, templates={"up": "./../x"})
    found = opened(make.tar(tmp_path / "t", doc))
    with pytest.raises(FormatError, match=words) as caught:
        codec.decode(found.document, found.locate).node("x")
    assert "x/0" in caught.value.message


def test_a_member_that_was_lost_costs_its_chunk_alone(tmp_path, opened):
    path = make.tar(tmp_path / "t", make.document(), {"blobs/x/0": b"\1\2\3\4"})
    found = opened(path)
    assert found.locate("blobs/x/1") == Place(f"{path}/blobs/x/1")
    codec.decode(found.document, found.locate)


def replaced(**changes):
    return lambda told: {**told, **changes}


def member(**changes):
    """Change the entry of one member, the last, in the index."""
    return lambda told: {"files": [*told["files"][:-1], {**told["files"][-1], **changes}]}


DAMAGE = {
    "entry without index": {"entry": replaced(index=None)},
    "entry with a list": {"entry": lambda _: [1]},
    "index at a negative offset": {"entry": replaced(index={"d": -1, "s": 10})},
    "index in the first header": {"entry": replaced(index={"d": 0, "s": 10})},
    "index of negative size": {"entry": replaced(index={"d": 2048, "s": -1})},
    "index at a fraction": {"entry": replaced(index={"d": 2048.0, "s": 8192})},
    "index at a truth value": {"entry": replaced(index={"d": 2048, "s": True})},
    "index at a word": {"entry": replaced(index={"d": "2048", "s": 8192})},
    "index beyond the end": {"entry": replaced(index={"d": 2048, "s": 10**9})},
    "index beyond all numbers": {"entry": replaced(index={"d": 10**30, "s": 10**30})},
    "index cut short": {"entry": replaced(index={"d": 2048, "s": 20})},
    "index without files": {"index": lambda _: {}},
    "files that are no list": {"index": replaced(files={"n": 1})},
    "a file that is no object": {"index": replaced(files=[1])},
    "a file without a name": {"index": member(n=None)},
    "a file beyond the end": {"index": member(s=10**6)},
    "a file beyond all numbers": {"index": member(d=2**63)},
    "a file before the beginning": {"index": member(d=-5)},
    "a file without a size": {"index": member(s=None)},
    "no document": {"index": lambda told: {"files": [f for f in told["files"] if f["n"] != "lindi.json"]}},
    "a document of other bytes": {
        "index": lambda told: {"files": [*told["files"], {"n": "lindi.json", "d": 512, "s": 3}]}
    },
}


@pytest.mark.parametrize("name", DAMAGE)
def test_damage_is_said_to_be_damage(tmp_path, opened, name):
    path = make.tar(tmp_path / "f.lindi.tar", make.document(), **DAMAGE[name])
    with pytest.raises(FormatError) as caught:
        opened(path)
    assert caught.value.hint


def test_an_archive_that_is_cut(tmp_path, opened):
    data = make.tar(tmp_path / "f", make.document()).read_bytes()
    for length in (513, 1535, 2048, 9000, 10752, len(data) // 512 * 512 - 10240):
        (tmp_path / "cut").write_bytes(data[:length])
        with pytest.raises(FormatError):
            opened(tmp_path / "cut")


def test_another_tar_archive(tmp_path, opened):
    (tmp_path / "lindi.json").write_text("{}")
    with tarfile.open(tmp_path / "f.tar", "w", format=tarfile.USTAR_FORMAT) as archive:
        archive.add(tmp_path / "lindi.json", "lindi.json")
    with pytest.raises(FormatError, match="not a LINDI one"):
        opened(tmp_path / "f.tar")


def test_an_archive_with_a_long_document_takes_three_ranges(tmp_path, serve):
    doc = make.document(generationMetadata="x" * 2_000_000)
    blobs = {"blobs/long": bytes(3_000_000), **make.BLOBS}
    make.tar(tmp_path / "f.lindi.tar", doc, blobs)
    server = serve(tmp_path)
    with RangeReader(server.url("f.lindi.tar")) as reader:
        found = read_document(reader, server.url("f.lindi.tar"))
    assert found.document == doc
    assert server.stats().bytes < 3_500_000
    assert server.stats().requests <= 4
