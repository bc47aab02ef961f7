"""The picture that a saved notebook keeps."""

from __future__ import annotations

import h5py
import numpy as np
import pytest

from lindi_explorer.explorer.preview import preview
from lindi_explorer.explorer.protocol import GetPreview, Json
from lindi_explorer.h5 import open_any
from lindi_explorer.widget.picture import draw_png


@pytest.fixture
def file(tmp_path):
    data = np.random.default_rng(0).normal(size=(5000, 4))
    data[100:200, 1] = np.nan
    path = tmp_path / "x.h5"
    with h5py.File(path, "w") as made:
        made["plain"] = data
        made["flat"] = np.full(5000, np.nan)
        made["$s$/data"] = data
        made["$s$/timestamps"] = np.cumsum(np.random.default_rng(0).random(5000))
        made["rgb"] = np.zeros((40, 30, 4), "u1")
        made["text"] = "text"
    with open_any(path) as opened:
        yield opened


@pytest.mark.parametrize(
    ("path", "view", "width"),
    [
        ("/plain", "line", 100),
        ("/plain", "line", 4096),
        ("/plain", "image", 300),
        ("/flat", "line", 100),
        ("/$s$/data", "line", 100),
        ("/$s$/data", "line", 4096),
        ("/rgb", "image", 100),
    ],
)
def test_traces_and_pictures_are_drawn_small(file, path, view, width):
    png = draw_png(*preview(file, GetPreview(id="", path=path, view=view, width=width)))
    assert png.startswith(b"\x89PNG")
    assert len(png) < 100_000


def test_other_answers_have_no_picture(file):
    assert draw_png(*preview(file, GetPreview(id="", path="/text"))) is None
    assert draw_png(Json(path="/", text=""), []) is None


def test_a_picture_is_another_where_the_data_are(file):
    one, other = (
        draw_png(*preview(file, GetPreview(id="", path="/plain", view="line", selection=selection)))
        for selection in ("0:500, 0", "500:1000, 0")
    )
    assert one != other
