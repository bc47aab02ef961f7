"""``lindi-explorer materialise``."""

from __future__ import annotations

import os

import h5py
import pytest
import zarr

from lindi_explorer import LindiH5pyFile
from lindi_explorer.cli import main
from tests.contract.copies import assert_copy


@pytest.fixture
def run(capsys, monkeypatch, tmp_path):
    """Run it in an empty folder: exit status, standard output, standard error."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(os, "sync", lambda: None)  # the disk is not waited for: it is everybody's

    def run(*arguments: object) -> tuple[int, str, str]:
        status = main(["materialise", *map(str, arguments)])
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return run


def test_a_lindi_file_of_remote_data_becomes_an_nwb_file(run, sample_nwb, serve, tmp_path):
    url = serve(sample_nwb.parent).url(sample_nwb.name)
    with LindiH5pyFile.from_hdf5_file(sample_nwb, url=url) as file:
        file.write_lindi_file(tmp_path / "s.lindi.json")
    status, out, err = run("s.lindi.json", "-o", "out.nwb")
    assert (status, err) == (0, "")
    assert "Copied 202 objects" in out
    assert "Wrote out.nwb" in out
    with h5py.File(sample_nwb) as one, h5py.File("out.nwb") as other:
        assert_copy(one, other)


def test_a_folder_is_written_where_the_name_ends_with_zarr(run, sample_nwb):
    assert run(sample_nwb, "-o", "out.zarr")[0] == 0
    assert "acquisition" in zarr.open_group("out.zarr", mode="r", zarr_format=2)


@pytest.mark.parametrize("name", ["out.h5", "out.zarr"])
def test_what_is_there_is_replaced_only_if_told(run, sample_nwb, name):
    assert run(sample_nwb, "-o", name)[0] == 0
    status, _, err = run(sample_nwb, "-o", name)
    assert (status, f"{name} is there already" in err, "--overwrite" in err) == (1, True, True)
    assert run(sample_nwb, "-o", name, "--overwrite")[0] == 0


def test_the_source_is_never_overwritten(run, sample_nwb, tmp_path):
    (tmp_path / "mine.nwb").write_bytes(sample_nwb.read_bytes())
    status, _, err = run("mine.nwb", "-o", "mine.nwb", "--overwrite")
    assert (status, "never changed" in err) == (1, True)
    assert (tmp_path / "mine.nwb").read_bytes() == sample_nwb.read_bytes()


def test_what_could_not_be_copied_is_told_and_fails(run, edge_cases_h5):
    status, out, err = run(edge_cases_h5, "-o", "out.h5")
    assert (status, "Wrote out.h5" in out) == (1, True)
    assert "1 thing could not be copied" in err
    assert "/references/dangling: its reference to /<dangling reference> leads nowhere" in err


def test_another_ending_is_not_understood(run, sample_nwb, capsys):
    with pytest.raises(SystemExit) as ended:
        run(sample_nwb, "-o", "out.txt")
    assert ended.value.code == 2
    assert "must end with" in capsys.readouterr().err
