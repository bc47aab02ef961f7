"""A real JupyterLab in a real browser: fixtures to open a notebook, run it, look at it and take pictures."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.e2e.lab import ROOT, Lab, running_lab

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

HERE = Path(__file__).parent
PICTURES = ROOT / ".artifacts"
NO_CHROMIUM = "Chromium is missing (Debian: apt-get install chromium)"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = [
    "--no-sandbox",  # needed to run as root, as in containers
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
KERNEL_IS_IDLE = """() => {
    const panel = window.jupyterapp?.shell?.currentWidget;
    return panel?.context?.isReady && panel.sessionContext?.session?.kernel?.status === "idle";
}"""
RUN_ALL = 'async () => { await window.jupyterapp.commands.execute("notebook:run-all-cells"); }'
CHANGE_THEME = (
    'async (theme) => { await window.jupyterapp.commands.execute("apputils:change-theme", {theme}); }'
)

# A busy machine may take longer than Playwright's five seconds; what never comes still fails.
expect.set_options(timeout=30_000)

Theme = Literal["light", "dark"]
FAILED = pytest.StashKey[bool]()


@pytest.hookimpl(tryfirst=True)  # before -m chooses among the items
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests of this folder, and run them last.

    Playwright keeps an event loop on the main thread from its first use to the end of the session;
    asynchronous tests of other folders could not run after it.
    """
    ours = [item for item in items if item.path.is_relative_to(HERE)]
    for item in ours:
        item.add_marker(pytest.mark.e2e)
        item.add_marker(pytest.mark.timeout(300))
    items[:] = [item for item in items if item not in ours] + ours


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Let fixtures know whether the test failed."""
    report = yield
    if report.when == "call":
        item.stash[FAILED] = report.failed
    return report


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The system's Chromium, without a window."""
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        pytest.skip(NO_CHROMIUM)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def lab(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A JupyterLab of its own; its files lie in ``lab.folder``."""
    with running_lab(tmp_path_factory.mktemp("lab")) as lab:
        yield lab


@pytest.fixture
def open_notebook(
    browser: Browser, lab: Lab, request: pytest.FixtureRequest
) -> Iterator[Callable[..., Page]]:
    """Open a notebook of these cells, run them all, and give the page.

    ``open_notebook(["1 + 1"], theme="dark", run=False)``. An error that nobody caught in the page fails the
    test; a failed test leaves a picture in ``.artifacts``.
    """
    lab.shutdown_sessions()
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(30_000)
    errors: list[str] = []
    name = re.sub(r"\W+", "-", request.node.name).strip("-")

    def open_notebook(cells: Sequence[str], *, theme: Theme = "light", run: bool = True) -> Page:
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(lab.write_notebook(f"{name}-{len(context.pages)}.ipynb", cells))
        page.wait_for_function(KERNEL_IS_IDLE)
        page.evaluate("() => window.jupyterapp.shell.collapseLeft()")
        change_theme(page, theme)
        if run:
            page.evaluate(RUN_ALL)
        return page

    yield open_notebook
    if request.node.stash.get(FAILED, False):
        for number, page in enumerate(context.pages):
            take_picture(page, f"failed-{name}-{number}")
    context.close()
    assert errors == []


@pytest.fixture(scope="session")
def set_theme() -> Callable[[Page, Theme], None]:
    """Switch JupyterLab between its light and its dark theme."""
    return change_theme


@pytest.fixture(scope="session")
def picture() -> Callable[[Page, str], Path]:
    """Save what a page shows as ``.artifacts/<name>.png``."""
    return take_picture


def change_theme(page: Page, theme: Theme) -> None:
    # JupyterLab covers itself meanwhile, and fails to take one cover away twice.
    cover = page.locator("#jupyterlab-splash")
    cover.wait_for(state="detached")
    page.evaluate(CHANGE_THEME, f"JupyterLab {theme.capitalize()}")
    cover.wait_for(state="detached")
    is_light = "true" if theme == "light" else "false"
    page.locator(f'body[data-jp-theme-light="{is_light}"]').wait_for(state="attached")


def take_picture(page: Page, name: str) -> Path:
    PICTURES.mkdir(exist_ok=True)
    path = PICTURES / f"{name}.png"
    page.screenshot(path=path, animations="disabled")
    return path
