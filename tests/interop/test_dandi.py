"""What was uploaded to DANDI opens by its address in other processes: here, in the original, and in pynwb."""

from __future__ import annotations

import json
import subprocess
import sys

import h5py
import numpy as np
import pytest

import lindi_explorer as lindi
from lindi_explorer.archive import instances
from lindi_explorer.archive.uploading import Upload, prepare
from tests.dandi.double import Double
from tests.interop.compare import Comparison, by_h5py
from tests.interop.environments import UPSTREAM, ask

KEY = "a11ce" * 8
OURS = """
import json, sys
import numpy as np, pynwb
import lindi_explorer as lindi
with lindi.LindiH5pyFile.from_lindi_file(sys.argv[1]) as file, pynwb.NWBHDF5IO(file=file) as io:
    nwb = io.read()
    series = nwb.acquisition["new"]
    print(json.dumps([nwb.session_description, float(np.sum(series.data[:])), series.unit]))
"""


@pytest.fixture(scope="module")
def uploaded(sources, folder):
    """Mode -> address of the edited file, and the same as HDF5; the archive is there for everybody."""
    with Double(validate_seconds=0) as double, pytest.MonkeyPatch.context() as patch:
        double.add_user(KEY, "alice")
        dandiset = double.add_dandiset(["alice"])
        patch.setattr(instances, "_added", ())
        patch.setattr(Upload, "interval", 0.01)
        patch.setenv("DOUBLE_API_KEY", KEY)
        patch.setenv("LINDI_EXPLORER_JOURNAL_DIR", str(folder / "journals"))
        place = {"api": double.api, "storage": [double.storage]}
        patch.setenv(instances.VARIABLE, json.dumps({"double": place}))
        source = double.download_url(double.put_asset(dandiset, "s.nwb", sources["sample.nwb"][0]))
        found = {}
        with (
            lindi.StagingArea.create(base_dir=folder / "dandi") as area,
            lindi.LindiH5pyFile.from_hdf5_file(source, mode="r+", staging_area=area) as file,
        ):
            edit(file)
            for mode in ("json", "inline"):
                done = prepare(file, dandiset, instance="double", mode=mode, conflict="rename").run()
                found[mode] = done.url
            file.to_hdf5(folder / "edited.nwb")
        yield found, folder / "edited.nwb"
        assert double.leaks() == []


def edit(file) -> None:
    """Another description, a series of which every chunk is new, and no compound that stops the original."""
    for shank in file["general/extracellular_ephys"].values():
        if "position" in shank:
            del shank["position"]
    del file["session_description"]
    file["session_description"] = "edited"
    series = file.create_group("acquisition/new")
    series.attrs.update({"neurodata_type": "TimeSeries", "namespace": "core", "object_id": "1" * 36})
    series.attrs.update({"description": "new", "comments": "none"})
    data = series.create_dataset("data", data=np.arange(60_000, dtype="<i4"), chunks=(10_000,))
    data.attrs.update({"unit": "V", "conversion": 1.0, "offset": 0.0, "resolution": -1.0})
    start = series.create_dataset("starting_time", data=0.0)
    start.attrs.update({"rate": 1000.0, "unit": "seconds"})


@pytest.mark.parametrize("mode", ["json", "inline"])
def test_read_by_the_original(uploaded, folder, tell, mode):
    urls, edited = uploaded
    found = ask(UPSTREAM, "read_upstream.py", {"it": urls[mode]}, folder)["it"]
    with h5py.File(edited) as original:
        verdict = Comparison(by_h5py(original), found, original, globs=False).run()
    assert verdict.wrong == []
    tell(f"{verdict.arrays} arrays uploaded to DANDI and equal")
    assert verdict.arrays > 20


def test_read_by_pynwb_on_the_original(uploaded, folder):
    urls, edited = uploaded
    # It tells a LINDI file by how its name ends; the archive does not mind.
    jobs = {"uploaded": f"{urls['json']}?name=a.lindi.json", "edited": str(edited)}
    found = ask(UPSTREAM, "read_pynwb.py", jobs, folder)
    assert "error" not in found["uploaded"]
    assert found["uploaded"] == found["edited"]


@pytest.mark.parametrize("mode", ["json", "inline"])
def test_read_by_pynwb_on_ours_in_another_process(uploaded, mode):
    urls, _ = uploaded
    command = [sys.executable, "-W", "ignore", "-c", OURS, urls[mode]]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    assert json.loads(done.stdout) == ["edited", float(np.arange(60_000).sum()), "V"]
