"""Containers that we write in place and the original lindi too, in turns."""

from __future__ import annotations

import hashlib
import subprocess
import tarfile

import numpy as np
import pytest

from lindi_explorer.formats.container import create
from lindi_explorer.references import codec
from lindi_explorer.references.model import Node
from lindi_explorer.references.reference_set import ReferenceSet
from tests.interop.environments import UPSTREAM, ask
from tests.unit.formats import contents

SEVENS = bytes([7]) * contents.CHUNK


@pytest.fixture(scope="module")
def turns(tmp_path_factory):
    """Suffix -> path of a container: we wrote it, the original did, we did again, and it once more."""
    folder = tmp_path_factory.mktemp("turns")
    paths = {suffix: folder / f"f.lindi.{suffix}" for suffix in ("json", "tar", "d")}
    for path in paths.values():
        with create(str(path), exist_ok=False) as container:
            refs = [container.put(contents.data(number)) for number in range(6)]
            for number in range(3):
                contents.save(container, refs, {"number": number})
    first = seen(folder, paths)
    append(folder, paths, "first")
    for path in paths.values():
        extend(path, 3)
    second = seen(folder, paths)
    append(folder, paths, "second")
    return paths, {"ours": first, "after the original": second}


def append(folder, paths, name):
    ask(UPSTREAM, "append_upstream.py", {key: [str(path), name] for key, path in paths.items()}, folder)


def seen(folder, paths):
    """What the original reads."""
    return ask(UPSTREAM, "read_upstream.py", {key: str(path) for key, path in paths.items()}, folder)


def extend(path, more):
    """Add chunks to ``x``, as a session of ours would; all else stays."""
    container, references = contents.again(path)
    with container:
        old = references.node("x").chunks
        refs = [old[(at,)] for at in range(len(old))]
        refs += [container.put(contents.data(len(refs) + number)) for number in range(more)]
        nodes = {name: references.node(name) for name in references.walk()}
        nodes["x"] = contents.hierarchy(refs).node("x")
        nodes[""] = Node({**nodes[""].attributes, "extended": 1})
        inside = container.relocated(ReferenceSet(nodes, references.extra))
        container.write(codec.outline(inside, inside.extra))


def digest(chunks):
    return hashlib.sha1(b"".join(chunks)).hexdigest()  # noqa: S324 - no secret


def test_the_original_reads_ours(turns):
    expected = digest([contents.data(number) for number in range(6)])
    for answer in turns[1]["ours"].values():
        assert answer["/x"]["data"]["digest"] == expected
        assert answer["/"]["attributes"]["number"] == 2


def test_the_original_reads_what_we_added_to_its_own(turns):
    """Half of ``x`` is what it wrote, the rest ours; its dataset is there."""
    ours = [contents.data(number) for number in range(9)]
    expected = {suffix: ours if suffix == "json" else [SEVENS] * 3 + ours[3:] for suffix in turns[0]}
    own = np.random.default_rng(5).integers(0, 255, size=6000, dtype="u1").tobytes()
    for suffix, answer in turns[1]["after the original"].items():
        assert answer["/x"]["data"]["digest"] == digest(expected[suffix])
        assert answer["/first"]["data"]["digest"] == digest([own])
        assert answer["/"]["attributes"]["extended"] == 1
        assert answer["/"]["attributes"]["first"] == "x" * 5000


def test_we_read_what_the_original_added_to_ours(turns):
    ours = [contents.data(number) for number in range(9)]
    half = [*[SEVENS] * 4, SEVENS[:1000], ours[4][1000:], *ours[5:]]
    for suffix, path in turns[0].items():
        saved = contents.saved_chunks(path)
        assert b"".join(saved) == b"".join(ours if suffix == "json" else half)
        references = contents.load(path)
        assert set(references.children("")) == {"x", "first", "second"}
        assert references.node("").attributes["second"] == "x" * 5000


def test_the_archive_is_still_one(turns):
    path = turns[0]["tar"]
    with tarfile.open(path) as archive:
        names = archive.getnames()
    done = subprocess.run(["tar", "tf", path], capture_output=True, text=True, check=True)
    assert done.stdout.split() == names
    assert {"lindi.json", ".tar_index.json", "blobs/first/0", "blobs/second/1", "blobs/x/0"} <= set(names)


def test_after_a_kill_the_original_reads_what_was_saved(tmp_path):
    path = tmp_path / "f.lindi.tar"
    with create(str(path), exist_ok=False) as container:
        contents.save(container, [container.put(contents.data(1))])
        container.put(contents.data(2, 50_000))
        left = path.read_bytes()  # as a killed process would leave it
    killed = tmp_path / "killed.lindi.tar"
    killed.write_bytes(left)
    (answer,) = seen(tmp_path, {"killed": killed}).values()
    assert answer["/x"]["data"]["digest"] == digest([contents.data(1)])
