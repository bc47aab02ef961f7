"""Every tool that guards the project is shown a defect it has to find."""

from __future__ import annotations

import json
import os
import random
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import hypothesis
import pytest

ROOT = Path(__file__).resolve().parents[2]
PYPROJECT = ROOT / "pyproject.toml"
CONTRACTS = tomllib.loads(PYPROJECT.read_text(encoding="utf-8"))["tool"]["importlinter"]["contracts"]
FOLDERS = re.findall(r"\w+", " ".join(CONTRACTS[0]["layers"]))

# contract -> (file, line) that breaks it and no other
PLANTED = {
    "A folder imports only from folders below it": ("hdf5", "import lindi_explorer.store"),
    "Samples import nothing of ours": ("samples", "import lindi_explorer.errors"),
    "Only cli imports samples": ("__main__", "import lindi_explorer.samples"),
    "Only h5, hdf5 and samples import h5py": ("explorer", "import h5py"),
    "Only h5 and store import zarr": ("explorer", "import zarr.core.buffer"),
    "Only hdf5, store and h5 import numcodecs": ("formats", "import numcodecs"),
    "Only nwb and samples import pynwb and hdmf": ("h5", "import hdmf.spec"),
    "Only remote imports the HTTP libraries and sqlite3": ("explorer", "import httptools"),
    "Only remote and staging ask platformdirs for folders": ("h5", "import platformdirs"),
    "Only h5 imports isal": ("hdf5", "import isal.isal_zlib"),
    "Only references and staging use immutable maps": ("formats", "import immutables"),
    "Only formats and staging lock files": ("h5", "import filelock"),
    "Only widget imports the widget libraries": ("explorer", "import traitlets"),
    "Only widget and explorer draw with matplotlib": ("nwb", "import matplotlib.pyplot"),
}


def run(*command: str | Path, cwd: Path = ROOT, text: str | None = None, **environment: str | Path):
    return subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env={**os.environ, **{key: str(value) for key, value in environment.items()}},
        input=text,
        capture_output=True,
        text=True,
        check=False,
    )


def module(name: str, *args: str | Path, **options: object):
    return run(sys.executable, "-m", name, *args, **options)


def lint_imports(folder: Path, planted: dict[str, str]) -> str:
    """The verdicts of import-linter on an empty package of our shape with some lines planted."""
    (folder / "pyproject.toml").write_bytes(PYPROJECT.read_bytes())
    (folder / "lindi_explorer").mkdir(exist_ok=True)
    (folder / "lindi_explorer" / "__init__.py").touch()
    for name in FOLDERS:
        (folder / "lindi_explorer" / f"{name}.py").write_text(planted.get(name, ""))
    program = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    return run(sys.executable, "-c", program, "--no-cache", "--no-logo", cwd=folder).stdout


def broken(report: str) -> set[str]:
    return set(re.findall(r"^(.+?) BROKEN", report, re.MULTILINE))


def test_import_contracts_hold_for_the_empty_architecture(tmp_path):
    report = lint_imports(tmp_path, {})
    assert f"Contracts: {len(CONTRACTS)} kept, 0 broken" in report


def test_every_import_contract_has_a_planted_breach():
    assert set(PLANTED) == {contract["name"] for contract in CONTRACTS}


@pytest.mark.parametrize("contract", PLANTED)
def test_import_contract_is_broken_by_the_import_it_forbids(tmp_path, contract):
    name, line = PLANTED[contract]
    assert broken(lint_imports(tmp_path, {name: line})) == {contract}


def test_what_is_lazily_imported_counts_too(tmp_path):
    report = lint_imports(tmp_path, {"explorer": "def f():\n    import h5py\n"})
    assert broken(report) == {"Only h5, hdf5 and samples import h5py"}


def ruff(source: str, name: str = "lindi_explorer/planted.py") -> set[str]:
    result = module("ruff", "check", "--output-format=json", "--stdin-filename", name, "-", text=source)
    return {finding["code"] for finding in json.loads(result.stdout)}


def test_ruff_accepts_a_sound_module_and_finds_planted_defects():
    sound = '"""A module."""\n\nLIMIT = 3\n'
    assert ruff(sound) == set()
    assert ruff(sound + "print(LIMIT)\n") == {"T201"}
    assert ruff(sound + "try:\n    LIMIT += 1\nexcept Exception:\n    LIMIT = 0\n") == {"BLE001"}


def test_only_the_command_line_prints():
    assert ruff('"""A module."""\n\nprint(3)\n', "lindi_explorer/cli/terminal.py") == set()


def test_ruff_format_finds_a_line_that_is_not_formatted():
    result = module(
        "ruff", "format", "--check", "--stdin-filename", "lindi_explorer/x.py", "-", text="x = 'a'\n"
    )
    assert result.returncode == 1


def test_mypy_is_strict(tmp_path):
    planted = tmp_path / "planted.py"
    planted.write_text("def double(x):\n    return 2 * x\n\n\ndef name() -> str:\n    return 3\n")
    result = module("mypy", "--config-file", PYPROJECT, "--cache-dir", tmp_path, planted)
    assert re.findall(r"\[([a-z-]+)\]$", result.stdout, re.MULTILINE) == ["no-untyped-def", "return-value"]


def test_pytest_is_strict(tmp_path):
    planted = tmp_path / "test_planted.py"
    planted.write_text(
        "import warnings\nimport pytest\n"
        "def test_warns():\n    warnings.warn('old', DeprecationWarning)\n"
        "@pytest.mark.xfail\ndef test_passes_after_all():\n    pass\n"
    )
    result = module("pytest", "-c", PYPROJECT, "--rootdir", tmp_path, "-p", "no:cacheprovider", planted)
    assert "2 failed" in result.stdout
    planted.write_text("import pytest\n@pytest.mark.misspelt\ndef test_it():\n    pass\n")
    result = module("pytest", "-c", PYPROJECT, "--rootdir", tmp_path, "-p", "no:cacheprovider", planted)
    assert "'misspelt' not found in `markers`" in result.stdout


SHARED_TESTS = """
import os
import pytest
def test_by_fixture(shared_corpus): assert shared_corpus.is_dir()
@pytest.mark.shared
def test_by_marker(): pass
@pytest.mark.corpus("real/*.nwb")
def test_every_file(corpus_file): assert corpus_file.suffix == ".nwb"
def test_without(count): assert count("reduced", "full") == os.environ["EXPECTED"]
"""


def test_what_needs_the_corpus_is_skipped_and_counted_without_it(tmp_path):
    (tmp_path / "test_planted.py").write_text(SHARED_TESTS)
    command = [
        "-c",
        PYPROJECT,
        "--rootdir",
        tmp_path,
        "-p",
        "no:cacheprovider",
        "-p",
        "tests.conftest",
        tmp_path,
    ]
    without = module("pytest", *command, LINDI_SHARED=tmp_path / "absent", LINDI_LONG="", EXPECTED="reduced")
    assert "3 tests skipped: ../shared is not beside this clone" in without.stdout
    assert "1 passed, 3 skipped" in without.stdout
    real = tmp_path / "shared" / "corpus" / "real"
    real.mkdir(parents=True)
    for name in ("a.nwb", "b.nwb", "c.h5"):
        (real / name).touch()
    beside = module("pytest", *command, LINDI_SHARED=tmp_path / "shared", LINDI_LONG="1", EXPECTED="full")
    assert "5 passed" in beside.stdout


def test_hypothesis_repeats_itself_in_continuous_integration():
    assert hypothesis.settings.get_profile("ci").derandomize


needs_node = pytest.mark.skipif(
    not (ROOT / "node_modules").is_dir(), reason="node_modules is missing: make install"
)


@needs_node
def test_biome_finds_an_import_against_the_layers_of_the_front_end(tmp_path):
    (tmp_path / "biome.json").write_bytes((ROOT / "js" / "biome.json").read_bytes())
    for folder in ("data", "views"):
        (tmp_path / "src" / folder).mkdir(parents=True)
        planted = 'import { tree } from "../state/tree.ts";\n\nexport const copy = tree;\n'
        (tmp_path / "src" / folder / "planted.ts").write_text(planted)
    result = run(ROOT / "node_modules/.bin/biome", "lint", "--reporter=concise", ".", cwd=tmp_path)
    found = re.findall(r"(src/\S+?):\d+:\d+: (\S+?):", result.stderr)
    assert found == [("src/data/planted.ts", "lint/style/noRestrictedImports")]


@needs_node
def test_tsc_is_strict_about_indexes(tmp_path):
    (tmp_path / "planted.ts").write_text("export const first = (xs: number[]): number => xs[0];\n")
    config = {"extends": str(ROOT / "js/tsconfig.json"), "include": ["planted.ts"]}
    (tmp_path / "tsconfig.json").write_text(json.dumps(config))
    result = run(ROOT / "node_modules/.bin/tsc", "--project", tmp_path)
    assert "error TS2322: Type 'number | undefined'" in result.stdout


@needs_node
@pytest.mark.parametrize(("kilobytes", "code"), [(99, 0), (101, 1)])
def test_the_bundle_may_not_grow_past_its_limit(tmp_path, kilobytes, code):
    static = tmp_path / "lindi_explorer" / "widget" / "static"
    static.mkdir(parents=True)
    (tmp_path / "js").mkdir()
    (tmp_path / "js" / "build.mjs").write_bytes((ROOT / "js" / "build.mjs").read_bytes())
    (static / "widget.js").write_bytes(random.Random(0).randbytes(kilobytes * 1000))
    (static / "widget.css").write_text("")
    assert run("node", "js/build.mjs", "--check-size", cwd=tmp_path).returncode == code


TOP_LEVEL = {
    *(
        "lindi_explorer",
        "js",
        "tests",
        "notebooks",
        ".ci",
        "README.md",
        "LICENSE",
        "CHANGELOG.md",
        "Makefile",
    ),
    *("pyproject.toml", "requirements.txt", "package.json", "package-lock.json"),
    *(".editorconfig", ".gitattributes", ".gitignore", ".npmrc"),
}


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="not a clone")
def test_nothing_new_at_the_top_and_nothing_large_or_built_in_git():
    files = [ROOT / name for name in run("git", "ls-files", "-z").stdout.split("\0") if name]
    assert {path.relative_to(ROOT).parts[0] for path in files} <= TOP_LEVEL
    assert [path for path in files if path.exists() and path.stat().st_size > 500_000] == []
    assert [path for path in files if path.is_relative_to(ROOT / "lindi_explorer/widget/static")] == []


def test_pins_name_no_registry_and_no_path():
    pins = [
        line.partition("#")[0].strip()
        for line in (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    ]
    assert all(re.fullmatch(r"[\w.\[\]-]+==[\w.+]+( ; [^/@]+)?", pin) for pin in pins if pin)


def test_every_dependency_is_pinned():
    pinned = set(
        re.findall(r"^([\w.-]+)==", (ROOT / "requirements.txt").read_text(encoding="utf-8"), re.MULTILINE)
    )
    declared = tomllib.loads(PYPROJECT.read_text(encoding="utf-8"))
    wanted = [
        *declared["project"]["dependencies"],
        *declared["project"]["optional-dependencies"]["lab"],
        *declared["dependency-groups"]["dev"],
    ]
    assert {re.match(r"[\w.-]+", line)[0] for line in wanted} - pinned == set()


def test_package_lock_names_no_registry():
    packages = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    assert len(packages) > 10
    assert not [name for name, facts in packages.items() if "resolved" in facts]
    assert not [name for name, facts in packages.items() if name and "integrity" not in facts]
