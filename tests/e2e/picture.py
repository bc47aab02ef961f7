"""A picture of the explorer in a notebook, as JupyterLab shows it: for the demo and for README.md.

``python tests/e2e/picture.py NOTEBOOK.ipynb PICTURE.png``
"""

from __future__ import annotations

import io
import json
import os
import shutil
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.e2e.conftest import BROWSERS, FLAGS, KERNEL_IS_IDLE, NO_CHROMIUM, RUN_ALL
from tests.e2e.lab import running_lab

SIZE = {"width": 1400, "height": 900}
MILLISECONDS = 90_000


def main(notebook: Path, picture: Path) -> None:
    """Run a notebook in JupyterLab and save what its explorer looks like."""
    browser_path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser_path is None:
        sys.exit(NO_CHROMIUM)
    cells = [
        "".join(cell["source"])
        for cell in json.loads(notebook.read_text(encoding="utf-8"))["cells"]
        if cell["cell_type"] == "code"
    ]
    with (
        tempfile.TemporaryDirectory() as home,
        running_lab(Path(home)) as lab,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(
            executable_path=browser_path, args=FLAGS, env={**os.environ, "XDG_CONFIG_HOME": home}
        )
        page = browser.new_page(viewport=SIZE)
        page.set_default_timeout(MILLISECONDS)
        page.goto(lab.write_notebook("quickstart.ipynb", cells))
        page.wait_for_function(KERNEL_IS_IDLE)
        page.evaluate("() => window.jupyterapp.shell.collapseLeft()")
        page.evaluate(RUN_ALL)
        picture.write_bytes(small(take(page)))
        browser.close()


def take(page: Page) -> bytes:
    """The explorer, once it shows data."""
    explorer = page.get_by_role("region", name="LINDI explorer").first
    explorer.get_by_role("tree").wait_for()
    explorer.locator("canvas").first.wait_for()
    page.wait_for_function(KERNEL_IS_IDLE)
    page.locator('[aria-busy="true"]').first.wait_for(state="hidden")
    explorer.scroll_into_view_if_needed()
    return explorer.screenshot(animations="disabled")


def small(png: bytes) -> bytes:
    """The same picture with 256 colours, which is a third of the bytes."""
    out = io.BytesIO()
    Image.open(io.BytesIO(png)).convert("RGB").quantize(256, dither=Image.Dither.NONE).save(
        out, "PNG", optimize=True
    )
    return out.getvalue()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
