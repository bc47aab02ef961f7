from __future__ import annotations

from playwright.sync_api import expect

SLIDER = """
import ipywidgets
slider = ipywidgets.IntSlider(description="Frame", value=3, max=9)
label = ipywidgets.Label()
ipywidgets.dlink((slider, "value"), (label, "value"), lambda value: f"squared in Python: {value ** 2}")
ipywidgets.VBox([slider, label])
"""


def test_a_widget_talks_with_its_kernel(open_notebook, picture):
    page = open_notebook([SLIDER])
    slider = page.get_by_role("slider")
    expect(page.get_by_text("squared in Python: 9")).to_be_visible()
    slider.focus()
    slider.press("ArrowRight")
    expect(page.get_by_text("squared in Python: 16")).to_be_visible()
    assert picture(page, "slider-light").stat().st_size > 10_000


def test_themes_are_switched(open_notebook, set_theme, picture):
    page = open_notebook(["1 + 1"], theme="dark")
    background = "() => getComputedStyle(document.querySelector('.jp-Notebook')).backgroundColor"
    dark = page.evaluate(background)
    set_theme(page, "light")
    assert page.evaluate(background) != dark
