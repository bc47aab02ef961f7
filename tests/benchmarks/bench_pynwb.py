"""pynwb reads a sample and the data of every object in it: with h5py, with us, with upstream LINDI."""

from __future__ import annotations

from lindi_explorer.samples import make_nwb
from tests.benchmarks import files
from tests.benchmarks.measure import Table, in_turns, run


def test_pynwb(tmp_path):
    path = files.for_upstream(make_nwb(tmp_path / "f.nwb"))
    document = tmp_path / "f.lindi.json"
    run("write_local_ours", path, document)
    best = in_turns(
        {
            "nwb_h5py": (path,),
            "nwb_ours": (path,),
            "nwb_upstream": (path,),
            "nwb_document_ours": (document,),
            "nwb_document_upstream": (document,),
        },
    )
    table = Table("pynwb reads an NWB file and all of its data")
    plain = best["nwb_h5py"]
    table.within("the HDF5 file, beside h5py", best["nwb_ours"], plain, 1.5)
    table.faster("the HDF5 file, beside upstream", best["nwb_ours"], best.get("nwb_upstream"), 3)
    table.within("its LINDI document, beside h5py", best["nwb_document_ours"], plain, 1.5)
    table.note(
        "its LINDI document, beside upstream", best["nwb_document_ours"], best.get("nwb_document_upstream")
    )
    table.check()
