"""The process behind `Double`: both servers, and orders on its standard input.

It ends when its standard input closes, that is, when the process that started it is gone, however it went.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any

from tests.dandi.api import Api
from tests.dandi.archive import Archive
from tests.dandi.storage import Storage
from tests.dandi.web import serve

_ORDERS = {
    "add_dandiset",
    "add_user",
    "advance",
    "describe",
    "drop_uploads",
    "drop_user",
    "keep",
    "overwrite",
    "publish",
    "put_asset",
    "put_zarr",
    "reset",
    "set_embargo",
}


def main() -> None:
    """Serve until nobody gives orders any more."""
    parser = argparse.ArgumentParser()
    for name in ("part", "link_seconds", "validate_seconds"):
        parser.add_argument(name, type=int)
    args = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="dandi-double-"))
    try:
        archive = Archive(folder, args.part, args.link_seconds, args.validate_seconds)
        servers = [
            serve(archive, "api", Api(archive).answer),
            serve(archive, "storage", Storage(archive).answer),
        ]
        api, storage = (f"http://127.0.0.1:{server.server_address[1]}" for server in servers)
        archive.api, archive.storage = f"{api}/api", storage
        for server in servers:
            threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        _say({"api": archive.api, "storage": archive.storage})
        for line in sys.stdin:
            order = json.loads(line)
            with archive.lock:
                _say(_obey(archive, order.pop("do"), order))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _obey(archive: Archive, what: str, details: dict[str, Any]) -> Any:
    if what in _ORDERS:
        return getattr(archive, what)(**details)
    if what == "set":
        for name, value in details.items():
            setattr(archive, name, value)
        return None
    if what == "fault":
        return archive.faults.plan(**details)
    if what == "rotate":
        return archive.faults.rotate(**details)
    if what == "missed":
        return archive.missed
    if what == "mend":
        return archive.faults.clear()
    if what == "leaks":
        return archive.watch.leaks
    if what == "log":
        return archive.watch.log
    assert what == "forget"
    archive.watch.log.clear()
    return None


def _say(answer: Any) -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
