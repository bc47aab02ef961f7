from __future__ import annotations

import subprocess
import sys

from PIL import Image

from tests.e2e.lab import ROOT


def test_the_quickstart_shows_the_explorer_in_jupyterlab(browser, tmp_path):
    picture = tmp_path / "quickstart.png"
    program = ROOT / "tests" / "e2e" / "picture.py"
    subprocess.run([sys.executable, program, ROOT / "notebooks" / "quickstart.ipynb", picture], check=True)
    with Image.open(picture) as image:
        assert image.size > (1000, 500)
        assert len(image.getcolors()) > 50  # text, icons and traces, not an empty frame
    assert picture.stat().st_size < 200_000
