"""Put the JavaScript bundle into the wheel and the sdist, building it first where it is missing."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

BUNDLE = Path("lindi_explorer", "widget", "static", "widget.js")
COMMANDS = (("npm", "ci"), ("npm", "run", "build"))


class BundleHook(BuildHookInterface[Any]):
    """Runs before hatchling collects files.

    An sdist carries the bundle, so installing from it needs no Node. ``LINDI_EXPLORER_FORCE_BUNDLE=1``
    rebuilds it whatever is there: releases are made that way.
    """

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 - hatchling's signature
        """Build the bundle unless it is there; an editable install goes on without it."""
        forced = os.environ.get("LINDI_EXPLORER_FORCE_BUNDLE") == "1"
        if (Path(self.root) / BUNDLE).exists() and not forced:
            return
        try:
            self._build()
        except BundleError as error:
            if version != "editable":
                raise
            self.app.display_warning(f"{error} The Python side works; the widget shows nothing until then.")

    def _build(self) -> None:
        npm = shutil.which("npm")
        if npm is None:
            message = (
                f"{BUNDLE} is missing and so is npm: install Node.js 20.19 or newer, then run `make build`."
            )
            raise BundleError(message)
        for command in COMMANDS:
            self.app.display_info(f"{' '.join(command)} (for {BUNDLE})")
            # The commands are the constants above.
            result = subprocess.run([npm, *command[1:]], cwd=self.root, check=False)  # noqa: S603
            if result.returncode:
                message = (
                    f"`{' '.join(command)}` failed (see above), so {BUNDLE} is missing: run `make build`."
                )
                raise BundleError(message)


class BundleError(RuntimeError):
    """The bundle could not be built."""
