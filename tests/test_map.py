"""The map for contributors (lindi_explorer/README.md) is true."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import h5py
import numpy as np

import lindi_explorer as lindi

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "lindi_explorer"
MAP = (PACKAGE / "README.md").read_text(encoding="utf-8")
ABSENT = {"batch/"}  # said to be absent
MADE = {".artifacts/", ".demo/"}  # made when tests and demo run


def test_the_files_it_names_exist():
    named = set(re.findall(r"`((?:\w+/)*[\w.]*(?:/|\.py|\.ts|\.tsx|\.toml))`", MAP)) - ABSENT - MADE
    assert len(named) > 40
    homes = (PACKAGE, ROOT, ROOT / "js" / "src", ROOT / "js" / "src" / "views" / "preview")
    assert {name for name in named if not any((home / name).exists() for home in homes)} == set()
    assert {name for name in ABSENT if (PACKAGE / name).exists()} == set()


LAYERS = dict(
    re.findall(
        r"^\| `(\w+)/` \| .* \| ?(.*) \|$",
        MAP.partition("## Layers and doors")[2].partition("\n## ")[0],
        re.MULTILINE,
    )
)
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
CONTRACTS = PYPROJECT["tool"]["importlinter"]["contracts"]


def test_the_layers_are_those_of_the_contract():
    layers = re.findall(r"\w+", " ".join(CONTRACTS[0]["layers"]))
    assert list(LAYERS) == [layer for layer in layers if (PACKAGE / layer).is_dir()]


def test_the_doors_are_those_of_the_contracts():
    allowed = {
        door
        for contract in CONTRACTS
        for line in contract.get("ignore_imports", [])
        for door in re.findall(r"lindi_explorer\.(\w+)\.\*\* -> (\w+)$", line)
    }
    written = {(folder, library) for folder, text in LAYERS.items() for library in re.findall(r"\w+", text)}
    come_with_others = {("samples", "hdmf"), ("widget", "IPython")}
    assert written == allowed - come_with_others


def test_the_example_of_the_side_car_is_what_comes_out(tmp_path):
    (code,) = re.findall(r"^```python\n(file\..*?)^```", MAP, re.MULTILINE | re.DOTALL)
    (expected,) = re.findall(r"^```json\n(.*?)^```", MAP, re.MULTILINE | re.DOTALL)
    with h5py.File(tmp_path / "a.h5", "w") as file:
        exec(code, {"file": file, "np": np, "h5py": h5py})  # noqa: S102 - our own example
    with lindi.LindiH5pyFile.from_hdf5_file(tmp_path / "a.h5", url="https://example.org/a.h5") as file:
        refs = file.to_reference_file_system()["refs"]
    found = {key: value for key, value in refs.items() if key.endswith(".lindi_explorer")}
    assert found == json.loads(expected)
