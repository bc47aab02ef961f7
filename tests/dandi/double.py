"""`Double`: an archive of this machine in the place of DANDI, with its storage, for tests."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Self

from tests.dandi.etag import PART

if TYPE_CHECKING:
    from collections.abc import Sequence

_ROOT = Path(__file__).resolve().parents[2]


class Double:
    """A DANDI archive and its bucket on two ports of this machine, in a process of their own.

    The same orders and requests give the same replies, ids included. The clock is that of this machine, moved
    by `advance`. Whatever secret comes where it must not is in `leaks`.

    Parameters
    ----------
    part
        Size of the parts of an upload; DANDI's by default.
    link_seconds
        How long a download link lasts.
    validate_seconds
        How long an asset is Pending.
    """

    def __init__(self, *, part: int = PART, link_seconds: int = 6 * 3600, validate_seconds: int = 60) -> None:
        self._command = [
            *(sys.executable, "-m", "tests.dandi.child"),
            *(str(part), str(link_seconds), str(validate_seconds)),
        ]
        self._child: subprocess.Popen[str] | None = None
        self._lock = threading.Lock()
        self.api = self.storage = ""

    def __enter__(self) -> Self:
        pipe = subprocess.PIPE
        environment = {**os.environ, "PYTHONPATH": str(_ROOT)}
        self._child = subprocess.Popen(
            self._command, stdin=pipe, stdout=pipe, text=True, cwd=_ROOT, env=environment
        )
        where = json.loads(self._pipes()[1].readline())
        self.api, self.storage = where["api"], where["storage"]
        return self

    def __exit__(self, *_: object) -> None:
        child, self._child = self._child, None
        if child is not None:
            child.communicate()  # closes its standard input, at which it ends

    def reset(self) -> None:
        """Begin anew: an empty archive, the time of this machine, no faults, no leaks; the addresses stay."""
        self._order("reset")

    def add_user(self, token: str, username: str, status: str = "APPROVED") -> str:
        """Give somebody a key; returns it."""
        self._order("add_user", token=token, username=username, status=status)
        return token

    def drop_user(self, token: str) -> None:
        """Let a key be none any more."""
        self._order("drop_user", token=token)

    def add_dandiset(self, owners: Sequence[str] = (), embargo: str = "OPEN") -> str:
        """Make a dandiset (OPEN, EMBARGOED, UNEMBARGOING); returns its identifier."""
        return str(self._order("add_dandiset", owners=list(owners), embargo=embargo))

    def set_embargo(self, dandiset: str, embargo: str) -> None:
        """Begin or end an embargo."""
        self._order("set_embargo", identifier=dandiset, embargo=embargo)

    def put_asset(self, dandiset: str, path: str, file: os.PathLike[str]) -> str:
        """Put a file in a draft, or in the place of the one at that path; returns the id of the asset."""
        return str(self._order("put_asset", identifier=dandiset, path=path, file=os.fspath(file)))

    def put_zarr(self, dandiset: str, path: str) -> str:
        """Put an empty Zarr hierarchy in a draft; returns the id of the asset."""
        return str(self._order("put_zarr", identifier=dandiset, path=path))

    def overwrite(self, asset_id: str, file: os.PathLike[str]) -> None:
        """Change the bytes behind an asset."""
        self._order("overwrite", asset_id=asset_id, file=os.fspath(file))

    def publish(self, dandiset: str) -> str:
        """Publish the draft; returns the name of the version."""
        return str(self._order("publish", identifier=dandiset))

    def describe(self, asset_id: str) -> dict[str, Any]:
        """The ``etag``, ``size``, ``embargoed`` and ``unsigned_url`` of an asset."""
        described: dict[str, Any] = self._order("describe", asset_id=asset_id)
        return described

    def away_url(self, asset_id: str) -> str:
        """An address that redirects to the download of an asset, and does not look like it."""
        return f"{self.api.removesuffix('/api')}/away/{asset_id}"

    def download_url(self, asset_id: str) -> str:
        """Where the API sends an asset from."""
        return f"{self.api}/assets/{asset_id}/download/"

    def advance(self, seconds: float) -> None:
        """Move the clock of the archive."""
        self._order("advance", seconds=seconds)

    def set(self, **values: float) -> None:
        """Change how long things take, or last, from now on.

        Names are ``link_seconds``, ``validate_seconds``, ``publish_seconds``, and ``part_seconds``: how long
        the storage thinks about a part, as one does that is far away.
        """
        self._order("set", **values)

    def fault(self, kind: str, origin: str = "api", **schedule: Any) -> None:
        """Let something go wrong; see `tests.dandi.faults.Fault`."""
        self._order("fault", kind=kind, origin=origin, **schedule)

    def rotate(self, every: int) -> None:
        """Let every so many requests fail, in ten ways by turns."""
        self._order("rotate", every=every)

    def drop_uploads(self) -> None:
        """Forget all uploads that are under way, as an archive does with those that take for ever."""
        self._order("drop_uploads")

    def keep(self, dandiset: str, path: str) -> None:
        """Look after every request whether there is a file at this path; see `missed`."""
        self._order("keep", identifier=dandiset, path=path)

    def missed(self) -> list[str]:
        """Paths of `keep` that had no file at some time."""
        return list(self._order("missed"))

    def mend(self) -> None:
        """Let everything go well again."""
        self._order("mend")

    def leaks(self) -> list[str]:
        """Every secret that came where it must not."""
        return list(self._order("leaks"))

    def log(self, origin: str = "") -> list[dict[str, Any]]:
        """The requests since the start or `forget`, of one origin or both."""
        return [entry for entry in self._order("log") if origin in {"", entry["origin"]}]

    def forget(self) -> None:
        """Begin a new log; leaks are not forgotten."""
        self._order("forget")

    def _pipes(self) -> tuple[IO[str], IO[str]]:
        assert self._child is not None
        assert self._child.stdin is not None
        assert self._child.stdout is not None
        return self._child.stdin, self._child.stdout

    def _order(self, what: str, **details: Any) -> Any:
        with self._lock:
            orders, answers = self._pipes()
            orders.write(json.dumps({"do": what, **details}) + "\n")
            orders.flush()
            return json.loads(answers.readline())
