from __future__ import annotations

import importlib.util
import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BUNDLE = "lindi_explorer/widget/static/widget.js"


class App:
    """What hatchling gives a hook to talk with."""

    def __init__(self):
        self.warnings = []

    def display_info(self, message):
        pass

    def display_warning(self, message):
        self.warnings.append(message)


@pytest.fixture
def module():
    spec = importlib.util.spec_from_file_location("hatch_build", ROOT / "js" / "hatch_build.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def build(module, tmp_path, monkeypatch):
    """Run the hook on an empty project: ``build("standard")`` gives the warnings."""
    monkeypatch.delenv("LINDI_EXPLORER_FORCE_BUNDLE", raising=False)

    def build(version: str) -> list[str]:
        app = App()
        hook = module.BundleHook(str(tmp_path), {}, None, None, str(tmp_path), "wheel", app)
        hook.initialize(version, {})
        return app.warnings

    return build


@pytest.fixture
def npm(tmp_path, monkeypatch):
    """An npm that notes its arguments, and fails when told so; no other program is found."""
    programs = tmp_path / "programs"
    programs.mkdir()
    (programs / "npm").write_text(f'#!/bin/sh\necho "$@" >> "{tmp_path}/calls"\nexit "${{NPM_STATUS:-0}}"\n')
    (programs / "npm").chmod(0o755)
    monkeypatch.setenv("PATH", str(programs))
    return lambda: (tmp_path / "calls").read_text().splitlines() if (tmp_path / "calls").exists() else []


@pytest.fixture
def no_npm(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", os.fspath(tmp_path))


def test_a_missing_bundle_is_built(build, npm):
    assert build("standard") == []
    assert npm() == ["ci", "run build"]


def test_a_bundle_that_is_there_needs_no_node(build, tmp_path, no_npm):
    (tmp_path / BUNDLE).parent.mkdir(parents=True)
    (tmp_path / BUNDLE).touch()
    assert build("standard") == []


def test_a_release_builds_the_bundle_whatever_is_there(build, tmp_path, npm, monkeypatch):
    (tmp_path / BUNDLE).parent.mkdir(parents=True)
    (tmp_path / BUNDLE).touch()
    monkeypatch.setenv("LINDI_EXPLORER_FORCE_BUNDLE", "1")
    build("standard")
    assert npm() == ["ci", "run build"]


def test_without_node_a_wheel_is_refused_with_advice(build, no_npm):
    with pytest.raises(RuntimeError, match=r"widget\.js is missing and so is npm: install Node\.js 20\.19"):
        build("standard")


def test_without_node_an_editable_install_goes_on_and_says_what_is_missing(build, no_npm):
    (warning,) = build("editable")
    assert "widget.js is missing" in warning
    assert "make build" in warning


def test_a_failing_build_names_its_command(build, npm, monkeypatch):
    monkeypatch.setenv("NPM_STATUS", "1")
    with pytest.raises(RuntimeError, match="`npm ci` failed"):
        build("standard")
    assert npm() == ["ci"]
