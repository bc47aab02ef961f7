"""Staging, consolidating and uploading take little memory, however much data there is."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]

PROGRAM = textwrap.dedent(
    """
    import shutil, sys
    from pathlib import Path
    from lindi_explorer.staging.area import StagingArea
    from lindi_explorer.staging.copying import copy_chunks
    from lindi_explorer.staging.upload import upload
    from lindi_explorer.byterange import ByteRange
    from lindi_explorer.remote import RangeReader
    from tests.memory import peak
    from tests.unit.staging.hierarchies import array, hierarchy

    root = Path(sys.argv[1])
    before = peak()

    def keep(path):
        shutil.copyfile(path, root / Path(path).name)
        return str(root / Path(path).name)

    with StagingArea.create(dir=root / "area") as area, RangeReader(None) as reader:
        data = bytes(1 << 20)
        area.put(data)
        chunks = {number: area.put(data) for number in range(200)}
        upload(hierarchy({"a": chunks}), area, on_upload_blob=keep, on_upload_main=keep)
        (root / "one").write_bytes(b"")
        with open(root / "one", "r+b") as file:
            file.truncate(200 << 20)
        whole = hierarchy({"a": {0: ByteRange(str(root / "one"), 0, 200 << 20)}})
        copy_chunks(whole, area, reader, download_remote=False)
    print(peak() - before)
    """
)


def test_two_hundred_megabytes_take_less_than_a_third_of_that(tmp_path):
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(tmp_path)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert int(run.stdout) < 60 << 20
