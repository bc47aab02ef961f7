"""What the original lindi writes opens here: converted HDF5 as h5py reads it, its own as it reads it."""

from __future__ import annotations

import json
import warnings
from pathlib import Path

import h5py
import pytest

from lindi_explorer import LindiH5pyFile
from tests.interop.compare import Comparison, Verdict, by_h5py
from tests.interop.environments import UPSTREAM, ask, run

OPTIONS = {
    "by default": {"threshold": 1000, "split": 20_000_000},
    "linked": {"threshold": 3, "split": 20_000_000},
    "split": {"threshold": None, "split": 5000},
    "whole": {"threshold": None, "split": None},
}


@pytest.fixture(scope="session")
def convert(sources, folder):
    """``convert(names, option)``: name -> the original's document, of those sources that it can convert."""

    def convert_(names, option):
        jobs = {}
        for name in names:
            path, url = sources[name]
            # It takes a connection for every chunk and link: of the corpus, it leads to the files.
            url = url if name == "plain.h5" else str(path)
            to = folder / f"{name}.{option}.lindi.json"
            jobs[name] = {"path": str(path), "url": url, "to": str(to), **OPTIONS[option]}
        failures = ask(UPSTREAM, "write_converted.py", jobs, folder)
        return {name: Path(job["to"]) for name, job in jobs.items() if not failures[name]}

    return convert_


@pytest.fixture(scope="session")
def plain(convert):
    """Option -> the original's document of the file that it converts as a whole."""
    return {option: convert(["plain.h5"], option)["plain.h5"] for option in OPTIONS}


def compare(sources, documents):
    verdict = Verdict()
    for name, document in documents.items():
        path = sources[name][0]
        with (
            warnings.catch_warnings(),
            h5py.File(path) as original,
            LindiH5pyFile.from_lindi_file(document) as ours,
        ):
            warnings.simplefilter("ignore")
            verdict.add(Comparison(by_h5py(original), by_h5py(ours), original).run(), name)
    return verdict


@pytest.mark.parametrize("option", OPTIONS)
def test_converted(sources, plain, tell, option):
    verdict = compare(sources, {"plain.h5": plain[option]})
    tell(verdict)
    assert verdict.arrays > 60
    assert verdict.beyond == 0
    assert verdict.wrong == []


def test_the_options_do_what_they_say(plain):
    refs = {option: json.loads(path.read_text())["refs"] for option, path in plain.items()}
    linked = [key for key, value in refs["linked"].items() if "_EXTERNAL_ARRAY_LINK" in value]
    assert len(linked) > 5
    assert "layouts/contiguous/3" in refs["split"]
    assert "layouts/contiguous/1" not in refs["whole"]


@pytest.mark.shared
def test_the_corpus_converted(sources, corpus_names, convert, tell):
    verdict = compare(sources, convert(corpus_names, "by default"))
    tell(verdict)
    assert verdict.files > 40
    assert "\n".join(verdict.wrong) == ""


def old_metadata(document):
    """Versions 0.1 and 0.2: metadata as text."""
    refs = {
        key: json.dumps(value) if isinstance(value, dict) else value
        for key, value in document["refs"].items()
    }
    return {"refs": refs, "templates": document["templates"]}


def without_templates(document):
    def plain(value):
        name = value[0].strip("{}") if isinstance(value, list) else ""
        return [document["templates"][name], *value[1:]] if name in document["templates"] else value

    return {"refs": {key: plain(value) for key, value in document["refs"].items()}, "templates": {}}


def short_templates(document):
    """Templates for parts of addresses, as kerchunk makes them."""
    templates = {name: url.rpartition("/")[0] for name, url in document["templates"].items()}
    refs = {
        key: [f"{value[0]}/plain.h5", *value[1:]] if isinstance(value, list) and "{{" in value[0] else value
        for key, value in document["refs"].items()
    }
    return {"version": 1, "templates": templates, "refs": dict(reversed(refs.items()))}


@pytest.mark.parametrize("form", [old_metadata, without_templates, short_templates])
def test_other_forms(sources, plain, folder, form):
    document = json.loads(plain["by default"].read_text())
    assert document["templates"]
    path = folder / f"{form.__name__}.lindi.json"
    path.write_text(json.dumps(form(document)))
    verdict = compare(sources, {"plain.h5": path})
    assert verdict.wrong == []
    theirs = ask(UPSTREAM, "read_upstream.py", {"form": str(path)}, folder)["form"]
    with h5py.File(sources["plain.h5"][0]) as original:
        assert Comparison(by_h5py(original), theirs, original).run().wrong == []


# ---------------------------------------------------------------- written without HDF5


@pytest.fixture(scope="session")
def own(folder):
    """The folder of files that the original wrote in place, and what it reads from them."""
    written = folder / "own"
    written.mkdir()
    run(UPSTREAM, "write_in_place.py", written)
    jobs = {suffix: str(written / f"own.lindi.{suffix}") for suffix in ("json", "tar", "d")}
    return written, ask(UPSTREAM, "read_upstream.py", jobs, folder)


@pytest.mark.parametrize(
    ("suffix", "name"),
    [
        ("json", "own.lindi.json"),
        ("tar", "own.lindi.tar"),
        ("d", "own.lindi.d"),
        ("tar", "http own.lindi.tar"),
        ("json", "http own.lindi.json"),
        ("d", "http own.lindi.d/lindi.json"),
    ],
)
def test_written_in_place(own, serve, tell, suffix, name):
    written, theirs = own
    where, _, leaf = name.rpartition(" ")
    address = serve(written).url(leaf) if where else written / leaf
    with LindiH5pyFile.from_lindi_file(address) as ours:
        verdict = Comparison(theirs[suffix], by_h5py(ours)).run()
        verdict.files = 1
        tell(verdict)
        assert verdict.arrays > 25
        assert verdict.wrong == []
        assert ours["numbers/gzip"][:100].tolist() == [7] * 100


@pytest.mark.parametrize("suffix", ["json", "tar", "d"])
def test_what_we_make_of_it_goes_back(own, folder, tell, suffix):
    """Opened here, edited, written, and read by the original: all that it had read before, and the edit."""
    written, theirs = own
    document = folder / f"back from {suffix}.lindi.{suffix}"
    with LindiH5pyFile.from_lindi_file(written / f"own.lindi.{suffix}", mode="r+") as ours:
        ours.attrs["edited"] = [1.5, 2.5]
        ours.write_lindi_file(document)
        ours.journal.undo()  # the files stay as they are
    found = ask(UPSTREAM, "read_upstream.py", {"back": str(document)}, folder)["back"]
    assert found["/"]["attributes"].pop("edited") == [1.5, 2.5]
    verdict = Comparison(theirs[suffix], found).run()
    verdict.files = 1
    tell(verdict)
    assert verdict.wrong == []
