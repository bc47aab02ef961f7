"""A double of DANDI, named as the archive "double", with files of all kinds in it."""

from __future__ import annotations

import gc
import io
import json
import logging
import shutil
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import h5py
import numpy as np
import pytest

import lindi_explorer as lindi
from lindi_explorer.archive import etag, instances
from lindi_explorer.archive.uploading import Upload, prepare
from lindi_explorer.remote import RetryRules
from tests.dandi import etag as etag_of_dandi
from tests.dandi.asking import ask
from tests.dandi.double import Double

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ALICE, BOB, STALE = "a11ce" * 8, "b0b00" * 8, "57a1e" * 8
DATA = np.arange(300_000, dtype="<f8").reshape(3000, 100)


@dataclass
class Assets:
    """Where the files are."""

    open_set: str
    closed_set: str
    h5: str
    secret: str
    path: Path


PART = 100_000
NEW = np.random.default_rng(0).integers(0, 255, 900_000, dtype="u1")


@dataclass
class Desk:
    """Where files of the archive are edited and uploaded."""

    double: Double
    assets: Assets
    folder: Path

    @contextmanager
    def edited(self, source: str = "", *, new: np.ndarray = NEW) -> Iterator[lindi.LindiH5pyFile]:
        """A file of the archive with an attribute and a dataset more; its chunks are in a staging area."""
        area = lindi.StagingArea.create(base_dir=self.folder / "staging")
        url = source or self.double.download_url(self.assets.h5)
        with area, lindi.LindiH5pyFile.from_hdf5_file(url, mode="r+", staging_area=area) as file:
            file.attrs["name"] = "edited"
            file.create_dataset("new", data=new, chunks=(min(90_000, len(new)),))
            yield file

    def prepare(self, file: lindi.LindiH5pyFile, **options) -> Upload:
        """The upload to the open dandiset, unless another one is named."""
        dandiset = options.pop("dandiset", self.assets.open_set)
        return prepare(file, dandiset, **{"instance": "double", **options})

    def api(self, route: str, token: str = ALICE):
        """What the API says."""
        return ask("GET", f"{self.double.api}{route}", token=token).json

    def listed(self, dandiset: str = "") -> dict[str, str]:
        """Path -> id of every asset in the draft."""
        route = f"/dandisets/{dandiset or self.assets.open_set}/versions/draft/assets/?page_size=1000"
        return {row["path"]: row["asset_id"] for row in self.api(route)["results"]}

    def metadata(self, asset_id: str) -> dict:
        """What the archive says of an asset."""
        return self.api(f"/assets/{asset_id}/")

    def content(self, asset_id: str) -> bytes:
        """The bytes of an asset."""
        link = ask("GET", self.double.download_url(asset_id), token=ALICE).headers["location"]
        return ask("GET", link).body

    def arrived(self) -> int:
        """Bytes of all parts that the storage has taken, and said so."""
        parts = [entry for entry in self.double.log("storage") if entry["method"] == "PUT"]
        return sum(one["length"] for one in parts if one["status"] == 200 and not one["fault"])


@pytest.fixture(scope="session")
def h5_file(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("dandi") / "a.h5"
    with h5py.File(path, "w") as file:
        file.create_dataset("data", data=DATA, chunks=(300, 100))
        file.attrs["name"] = "of the archive"
    return path


@pytest.fixture(scope="session")
def running_double() -> Iterator[Double]:
    with Double() as made:
        yield made


@pytest.fixture
def double(running_double, monkeypatch) -> Iterator[Double]:
    """The archive "double": no keys but those that a test sets, no waits, no leak at the end."""
    running_double.reset()
    for token, name in ((ALICE, "alice"), (BOB, "bob"), (STALE, "carol")):
        running_double.add_user(token, name)
    running_double.drop_user(STALE)
    for name in ("DOUBLE_API_KEY", "DANDI_API_KEY", instances.VARIABLE):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(instances, "_added", ())
    monkeypatch.setattr(RetryRules, "delay", _at_once)
    lindi.add_dandi_instance(
        "double", running_double.api, web=running_double.api[:-4], storage=[running_double.storage]
    )
    yield running_double
    assert running_double.leaks() == []


def _at_once(self: RetryRules, failures: int, after: float | None) -> float | None:
    return None if failures >= self.tries else 0.0


@pytest.fixture
def assets(double, h5_file) -> Assets:
    open_set = double.add_dandiset(["alice"])
    closed_set = double.add_dandiset(["alice"], embargo="EMBARGOED")
    h5 = double.put_asset(open_set, "sub-1/a.nwb", h5_file)
    secret_file = h5_file.with_name("secret.h5")
    shutil.copyfile(h5_file, secret_file)
    with h5py.File(secret_file, "r+") as file:
        file.attrs["name"] = "under embargo"
    secret = double.put_asset(closed_set, "b.nwb", secret_file)
    double.forget()
    return Assets(open_set, closed_set, h5, secret, h5_file)


@pytest.fixture
def key(monkeypatch):
    """Sets the key of the archive "double"."""
    return lambda token: monkeypatch.setenv("DOUBLE_API_KEY", token)


@pytest.fixture
def desk(double, assets, key, monkeypatch, tmp_path) -> Iterator[Desk]:
    """Alice at work: her key is set, the archive checks at once, and parts have 100,000 bytes."""
    key(ALICE)
    double.set(part=PART, validate_seconds=0)
    monkeypatch.setattr(etag, "PART", PART)
    monkeypatch.setattr(Upload, "interval", 0.01)
    yield Desk(double, assets, tmp_path)
    double.set(part=etag_of_dandi.PART)


@pytest.fixture(autouse=True)
def _nothing_secret_is_left(tmp_path, monkeypatch, request) -> Iterator[None]:
    """Whatever a test does: no key and no signature in logs, files, printed text, or reprs of ours."""
    monkeypatch.setenv("LINDI_LOCAL_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("LINDI_EXPLORER_JOURNAL_DIR", str(tmp_path / "journals"))
    logged = io.StringIO()
    handler = logging.StreamHandler(logged)
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    capture = request.getfixturevalue("capfd")
    gc.collect()
    before = {id(one) for one in gc.get_objects()}
    yield
    root.removeHandler(handler)
    root.setLevel(level)
    printed = capture.readouterr()
    found = {"log": logged.getvalue(), "output": printed.out + printed.err}
    for path in tmp_path.rglob("*"):
        # An upload that failed has to know where it goes on; the tests of uploads look who can read it.
        if path.is_file() and not path.name.startswith("links-"):
            found[path.name] = path.read_bytes().decode("latin-1")
    ours = [
        one
        for one in gc.get_objects()
        if id(one) not in before and str(type(one).__module__).startswith("lindi_explorer.")
    ]
    found["reprs"] = json.dumps([_repr(one) for one in ours])
    for where, text in found.items():
        for secret in (ALICE, BOB, STALE, "X-Amz-Signature"):
            at = text.find(secret)
            assert at < 0, (where, text[max(0, at - 300) : at])


def _repr(one: object) -> str:
    try:
        return repr(one)
    except Exception:  # noqa: BLE001 - what is closed may not have one
        return ""
