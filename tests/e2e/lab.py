"""A JupyterLab of its own: nothing of the user's configuration, data or kernels is read or changed."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nbformat
import urllib3

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 60
QUIET = {"fetchNews": "false", "checkForUpdates": False}


@dataclass(frozen=True)
class Lab:
    """A running JupyterLab."""

    base_url: str
    token: str
    folder: Path
    http: urllib3.PoolManager

    def request(self, method: str, path: str, **options: Any) -> urllib3.BaseHTTPResponse:
        """Ask the server's REST API: ``request("GET", "api/sessions")``."""
        headers = {"Authorization": f"token {self.token}"}
        return self.http.request(method, f"{self.base_url}{path}", headers=headers, **options)

    def shutdown_sessions(self) -> None:
        """End every kernel, so that the next test starts with none."""
        for session in self.request("GET", "api/sessions").json():
            self.request("DELETE", f"api/sessions/{session['id']}")

    def write_notebook(self, name: str, cells: Sequence[str]) -> str:
        """Put a notebook into the folder and give the address that opens it."""
        notebook = nbformat.v4.new_notebook(
            cells=[nbformat.v4.new_code_cell(cell.strip()) for cell in cells],
            metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
        )
        nbformat.write(notebook, self.folder / name)
        return f"{self.base_url}lab/tree/{name}?token={self.token}&reset"


@contextlib.contextmanager
def running_lab(home: Path) -> Iterator[Lab]:
    """Start JupyterLab with all its folders below ``home``; end it and its kernels afterwards."""
    token = secrets.token_hex(16)
    notebooks = home / "notebooks"
    notebooks.mkdir(parents=True)
    settings = home / "settings" / "@jupyterlab" / "apputils-extension"
    settings.mkdir(parents=True)
    (settings / "notification.jupyterlab-settings").write_text(json.dumps(QUIET))
    command = [
        *(sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--ServerApp.ip=127.0.0.1"),
        *(f"--ServerApp.port={_free_port()}", f"--ServerApp.root_dir={notebooks}"),
        *(f"--IdentityProvider.token={token}", "--LabApp.expose_app_in_browser=True"),
        *("--LabApp.extension_manager=readonly", "--LabApp.news_url=None"),
    ]
    with (
        (home / "lab.log").open("wb") as log,
        urllib3.PoolManager() as http,
        subprocess.Popen(command, cwd=notebooks, env=_environment(home), stdout=log, stderr=log) as process,
    ):
        try:
            lab = Lab(_address(home, process, http), token, notebooks, http)
            yield lab
            lab.shutdown_sessions()
        finally:
            process.terminate()


def _environment(home: Path) -> dict[str, str]:
    folders = {
        "JUPYTER_CONFIG_DIR": "config",
        "JUPYTER_DATA_DIR": "data",
        "JUPYTER_RUNTIME_DIR": "runtime",
        "JUPYTERLAB_SETTINGS_DIR": "settings",
        "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
        "IPYTHONDIR": "ipython",
        "MPLCONFIGDIR": "matplotlib",
        "XDG_CACHE_HOME": "cache",
        "XDG_CONFIG_HOME": "config",
        "XDG_DATA_HOME": "data",
    }
    environment = {key: value for key, value in os.environ.items() if not key.startswith("JUPYTER")}
    environment |= {key: str(home / folder) for key, folder in folders.items()}
    own = {"LINDI_EXPLORER_JOURNAL_DIR": str(home / "journals"), "PYTHONPATH": str(ROOT)}
    return environment | own | {"JUPYTER_PLATFORM_DIRS": "1"}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _address(home: Path, process: subprocess.Popen[bytes], http: urllib3.PoolManager) -> str:
    """Where the server listens, once it has said so in its runtime folder and answers."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        for path in (home / "runtime").glob("jpserver-*.json"):
            # The file may still be being written, and it is there a moment before the server answers.
            with contextlib.suppress(json.JSONDecodeError, urllib3.exceptions.HTTPError):
                url = str(json.loads(path.read_text())["url"])
                if http.request("GET", f"{url}api", retries=False).status == HTTPStatus.OK:
                    return url
        time.sleep(0.05)
    message = f"JupyterLab did not start:\n{(home / 'lab.log').read_text()}"
    raise RuntimeError(message)
