"""What README.md says of DANDI is run."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import lindi_explorer as lindi
from lindi_explorer.archive import instances, names
from lindi_explorer.archive.names import Named

README = Path(__file__).resolve().parents[3].joinpath("README.md").read_text(encoding="utf-8")


def section(heading: str) -> str:
    return README.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]


SECTION = section("Open from DANDI")


def test_its_example(double, sample_nwb, monkeypatch, capfd):
    for _ in range(939):
        dandiset = double.add_dandiset()
    double.put_asset(dandiset, "sub-1/sub-1.nwb", sample_nwb)
    monkeypatch.setattr(names, "DEFAULT", instances.instance_named("double"))
    (code,) = re.findall(r"^```python\n(.*?)^```", SECTION, re.MULTILINE | re.DOTALL)
    found: dict[str, object] = {}
    exec(code.replace("dandi://dandi/", "dandi://double/"), found)  # noqa: S102 - our own example
    assert re.fullmatch(r"sub-1.nwb 2\.\d+\.\d+\n", capfd.readouterr().out)
    explorer = found["explorer"]
    assert explorer.file.attrs["nwb_version"]
    explorer.close()


@pytest.mark.parametrize("cell", re.findall(r"^\| (.+?) \|", SECTION, re.MULTILINE)[2:])
def test_its_table_of_names(cell):
    for written in re.findall(r"`([^`]+)`", cell):
        source = eval(written) if written.startswith("(") else written  # noqa: S307 - our own table
        if isinstance(source, str):
            source = source.replace("<id>", "11f512ba-5bcf-4230-a8cb-dc8d36db38cb")
        found = names.parse(source)
        if isinstance(found, Named):
            assert (found.instance.name, found.dandiset, found.path) == ("dandi", "000939", "path")
            assert (found.version == "draft") == ("draft" in written)
        else:
            assert found is not None
            assert found.endswith("/assets/11f512ba-5bcf-4230-a8cb-dc8d36db38cb/download/")
            assert ("sandbox" in found) == ("sandbox" in written)


def test_how_a_corrected_file_is_uploaded(desk, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    with lindi.LindiH5pyFile.from_hdf5_file(desk.double.download_url(desk.assets.h5), mode="r+") as file:
        file.attrs["name"] = "edited"
        file.write_lindi_file("corrected.nwb.lindi.json")
    (code,) = re.findall(r"^```python\n(.*?)^```", section("Upload to DANDI"), re.MULTILINE | re.DOTALL)
    in_notebook, without_one = code.splitlines()
    assert in_notebook.startswith("explorer.upload(")
    call = without_one.partition("  #")[0].replace(
        '"208811")', f'"{desk.assets.open_set}", instance="double")'
    )
    uploaded = eval(call, {"lindi": lindi})  # noqa: S307 - our own example
    with lindi.LindiH5pyFile.from_lindi_file(uploaded.url) as file:
        assert file.attrs["name"] == "edited"
