from __future__ import annotations

import json
import subprocess
import sys

HEAVY = (
    "h5py",
    "httptools",
    "urllib3",
    "anywidget",
    "ipywidgets",
    "pynwb",
    "matplotlib",
)


def modules_after(code: str) -> set[str]:
    out = subprocess.run(
        [sys.executable, "-c", f"{code}; import sys, json; print(json.dumps(sorted(sys.modules)))"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    return {name.partition(".")[0] for name in json.loads(out)}


def test_importing_the_package_loads_little_but_zarr():
    assert modules_after("import lindi_explorer").isdisjoint(HEAVY)


def test_opening_a_local_file_needs_no_pynwb_no_widget_and_no_picture():
    loaded = modules_after("import lindi_explorer; lindi_explorer.LindiH5pyFile")
    assert {"h5py", "zarr"} <= loaded
    assert loaded.isdisjoint(
        {"pynwb", "hdmf", "anywidget", "ipywidgets", "matplotlib", "httptools", "urllib3"}
    )


def test_every_public_name_is_there():
    import lindi_explorer

    for name in lindi_explorer.__all__:
        assert getattr(lindi_explorer, name) is not None
    assert set(lindi_explorer.__all__) <= set(dir(lindi_explorer))
