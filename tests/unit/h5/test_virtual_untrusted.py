"""What a document says of a virtual dataset may be anything: it costs an error, and no time or memory."""

from __future__ import annotations

import base64
import json
import subprocess
import sys

import h5py
import numpy as np
import pytest

from lindi_explorer import LindiH5pyFile
from lindi_explorer.errors import AccessDeniedError, FormatError, InvalidSelectionError, UnsupportedError
from tests.conftest import ROOT

BIG = 2**62


def document(*sources, shape=(4,), maxshape=None, **virtual):
    array = {
        "chunks": [max(size, 1) for size in shape],
        "compressor": None,
        "dtype": "<i8",
        "fill_value": 0,
        "filters": [{"id": "lindi_explorer_virtual"}],
        "order": "C",
        "shape": list(shape),
        "zarr_format": 2,
    }
    plain = {**array, "shape": [4], "chunks": [4], "filters": None}
    sidecar = {"virtual": {"sources": list(sources), **virtual}}
    if maxshape is not None:
        sidecar["maxshape"] = maxshape
    refs = {
        ".zgroup": {"zarr_format": 2},
        "v/.zarray": array,
        "v/.lindi_explorer": sidecar,
        "d/.zarray": plain,
        "d/0": "base64:" + base64.b64encode(np.arange(1, 5).tobytes()).decode(),
    }
    return {"refs": refs, "version": 1}


def source(to="all", of="all", file=".", dataset="d", shape=(4,)):
    return {"file": file, "dataset": dataset, "shape": list(shape), "to": to, "from": of}


def read(doc):
    with LindiH5pyFile.from_reference_file_system(doc) as file:
        return file["v"][()].tolist()


def test_the_bait_is_sound():
    assert read(document(source())) == [1, 2, 3, 4]


WRONG = {
    "no sources": {"sources": None},
    "no file": [{"dataset": "d", "shape": [4], "to": "all", "from": "all"}],
    "a word": [source("some")],
    "below zero": [source({"start": [-1], "count": [4]})],
    "no start": [source({"count": [4]})],
    "no count": [source({"start": [0]})],
    "a stride of zero": [source({"start": [0], "count": [4], "stride": [0]})],
    "too large a number": [source({"start": [0], "count": [2**64]})],
    "text for a number": [source({"start": ["0"], "count": [4]})],
    "no blocks": [source({"blocks": []})],
    "half a block": [source({"blocks": [[[0]]]})],
    "another rank": [source({"start": [0, 0], "count": [1, 4]})],
    "another rank of blocks": [source({"blocks": [[[0, 0], [0, 3]]]})],
    "a block backwards": [source({"blocks": [[[3], [0]]]})],
    "blocks over each other": [source({"start": [0], "count": [2], "stride": [1], "block": [2]})],
    "two axes without end": [source({"start": [0], "count": [None], "block": [None]})],
    "more than there is": [source(of={"start": [2], "count": [4]})],
    "other numbers": [source(of={"start": [0], "count": [3]})],
    "without end, from something with": [source({"start": [0], "count": [None]})],
    "a number, and an end": [source(file="a%b")],
    "a group": [source(dataset="/")],
}


@pytest.mark.parametrize("sources", WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_an_error_of_the_format(sources):
    doc = document(*sources) if isinstance(sources, list) else document(**sources)
    with pytest.raises(FormatError):
        read(doc)


HUGE = {
    "a block": [source({"start": [0], "count": [1], "block": [BIG]}, {"start": [0], "count": [BIG]})],
    "many blocks": [
        source({"start": [0], "count": [BIG // 2], "stride": [2]}, {"start": [0], "count": [BIG // 2]})
    ],
    "a listed block": [source({"blocks": [[[0], [BIG - 1]]]}, {"start": [0], "count": [BIG]})],
}


@pytest.mark.parametrize("sources", HUGE.values(), ids=HUGE)
def test_huge_selections_take_no_memory_where_little_is_read(sources):
    with LindiH5pyFile.from_reference_file_system(document(*sources, shape=(BIG,))) as file:
        stride = sources[0]["to"].get("stride", [1])[0]
        assert file["v"][: 3 * stride + 1 : stride].tolist() == [1, 2, 3, 4]


def test_selections_that_would_have_to_be_written_out_are_refused():
    blocks = [[[0, 0], [10**6, 10**6]], [[5, 10**6 - 5], [2 * 10**6, 2 * 10**6]]]
    doc = document(source({"blocks": blocks}), shape=(2 * 10**6, 2 * 10**6 + 1))
    with (
        LindiH5pyFile.from_reference_file_system(doc) as file,
        pytest.raises(UnsupportedError, match="too large"),
    ):
        file["v"][0, 0]


@pytest.mark.parametrize("count", [1, 2, 3])
def test_circles_end(tmp_path, count):
    for number in range(count):
        doc = document(source(file=f"{(number + 1) % count}.lindi.json", dataset="v"))
        (tmp_path / f"{number}.lindi.json").write_text(json.dumps(doc))
    with LindiH5pyFile.from_lindi_file(tmp_path / "0.lindi.json") as file:
        with pytest.raises(UnsupportedError, match="put together from itself"):
            file["v"][:]
        assert file["d"][:].tolist() == [1, 2, 3, 4]
        assert "shape (4,)" in repr(file["v"])


def test_circles_of_shapes_end(tmp_path):
    endless = {"start": [0], "count": [None]}
    doc = document(source(endless, endless, dataset="v"), maxshape=[None])
    with LindiH5pyFile.from_reference_file_system(doc) as file:
        with pytest.raises(UnsupportedError, match="put together from itself"):
            file["v"].shape  # noqa: B018 - it is found out then
        assert list(file) == ["d", "v"]


def test_sources_of_sources_do_not_multiply():
    doc = document(*[source(dataset="v1")] * 60)
    for level in range(1, 7):
        below = document(*[source(dataset=f"v{level + 1}" if level < 6 else "d")] * 60)["refs"]
        doc["refs"] |= {f"v{level}/{key.split('/')[1]}": below[key] for key in below if key.startswith("v/")}
    with pytest.raises(InvalidSelectionError, match="takes more than 10,000 sources"):
        read(doc)


def test_a_document_from_the_network_reaches_no_file_of_this_machine(tmp_path, serve):
    secret = tmp_path / "secret.lindi.json"
    secret.write_text(json.dumps(document(source())))
    folder = tmp_path / "served"
    folder.mkdir()
    for number, extra in enumerate(({}, {"base": str(tmp_path / "x.lindi.json")})):
        doc = document(source(file=secret.name if extra else str(secret)), **extra)
        (folder / f"{number}.lindi.json").write_text(json.dumps(doc))
    server = serve(folder)
    for number in range(2):
        with LindiH5pyFile.from_lindi_file(server.url(f"{number}.lindi.json")) as file:
            with pytest.raises(AccessDeniedError):
                file["v"][:]
            assert file["d"][:].tolist() == [1, 2, 3, 4]


def test_sources_beside_a_document_on_the_web(tmp_path, serve):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["data"] = np.arange(1000)
    with LindiH5pyFile.from_lindi_file(tmp_path / "v.lindi.json", mode="w") as file:
        layout = h5py.VirtualLayout((2, 1000), "i8")
        layout[0] = h5py.VirtualSource("a.h5", "data", shape=(1000,))
        layout[1] = h5py.VirtualSource("no.h5", "data", shape=(1000,))
        file.create_virtual_dataset("v", layout, fillvalue=-1)
    server = serve(tmp_path)
    with LindiH5pyFile.from_lindi_file(server.url("v.lindi.json")) as file:
        np.testing.assert_array_equal(file["v"][0], np.arange(1000))
        with pytest.raises(AccessDeniedError):
            file["v"][1]  # the document was made beside such a file of this machine
        requests = server.stats().requests
        np.testing.assert_array_equal(file["v"][0], np.arange(1000))
        assert server.stats().requests - requests <= 1


def test_other_readers_say_that_they_cannot_read_it(tmp_path):
    zarr = pytest.importorskip("zarr")
    with LindiH5pyFile.from_lindi_file(tmp_path / "v.lindi.json", mode="w") as file:
        file["d"] = np.arange(4)
        layout = h5py.VirtualLayout((4,), "i8")
        layout[:] = h5py.VirtualSource(file["d"])
        file.create_virtual_dataset("v", layout)
    with LindiH5pyFile.from_lindi_file(tmp_path / "v.lindi.json") as file:
        from lindi_explorer.store import ReferenceStore

        group = zarr.open_group(ReferenceStore(file.journal, file.reader), mode="r", zarr_format=2)
        np.testing.assert_array_equal(group["d"][:], np.arange(4))
        with pytest.raises(Exception, match="lindi_explorer_virtual"):
            group["v"][:]


def test_the_original_says_so_too(tmp_path):
    python = ROOT / ".venv-upstream" / "bin" / "python"
    if not python.exists():
        pytest.skip("the original lindi is not installed")
    test_other_readers_say_that_they_cannot_read_it(tmp_path)
    code = (
        "import lindi, sys\n"
        "f = lindi.LindiH5pyFile.from_lindi_file(sys.argv[1])\n"
        "print(f['d'][()].tolist())\n"
        "try:\n    print('read', f['v'][()])\nexcept Exception as error:\n    print(error)\n"
    )
    done = subprocess.run(
        [python, "-c", code, tmp_path / "v.lindi.json"], capture_output=True, text=True, check=True
    )
    first, second = done.stdout.splitlines()
    assert first == "[0, 1, 2, 3]"
    assert "lindi_explorer_virtual" in second


def test_fuzzed_selections_never_hang_or_crash():
    code = (
        "import random, resource, sys\n"
        "resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))\n"
        "from lindi_explorer.errors import LindiError\n"
        "from tests.unit.h5.test_virtual_untrusted import document, read, source\n"
        "rng = random.Random(7)\n"
        "number = lambda: rng.choice([0, 1, 2, 3, 5, None, 2**31, 2**62, 2**63 - 1])\n"
        "def some():\n"
        "    names = rng.sample(['start', 'count', 'stride', 'block'], rng.randint(2, 4))\n"
        "    spec = {name: [number()] for name in names}\n"
        "    blocks = {'blocks': [[[number()], [number()]] for _ in range(3)]}\n"
        "    return rng.choice(['all', 'none', spec, spec, blocks])\n"
        "for _ in range(400):\n"
        "    try:\n        read(document(source(some(), some()), source(some(), some())))\n"
        "    except LindiError:\n        pass\n"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, timeout=120)
