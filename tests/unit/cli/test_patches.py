from __future__ import annotations

import json
import subprocess
import sys

import h5py
import numpy as np
import pytest

import lindi_explorer as lindi
from lindi_explorer.cli import main
from lindi_explorer.samples.judge import differences

SECRET = "?X-Amz-Signature=hush"


@pytest.fixture
def run(capsys, monkeypatch, tmp_path):
    """Run a command in an empty folder: exit status, standard output, standard error."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LINDI_LOCAL_CACHE_DIR", str(tmp_path / "cache"))

    def run(*arguments):
        status = main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return run


@pytest.fixture
def pair(tmp_path):
    """An HDF5 file, and a copy that was changed by h5py."""
    folder = tmp_path / "files"
    folder.mkdir()
    with h5py.File(folder / "a.h5", "w") as file:
        file.attrs["lab"] = "A"
        file["age"] = "P10D"
        data = file.create_dataset("g/data", data=np.arange(4000, dtype="i2"), chunks=(100,))
        data.attrs["unit"] = "mV"
        file["gone/inside"] = 1
        file["link"] = h5py.SoftLink("/age")
    (folder / "b.h5").write_bytes((folder / "a.h5").read_bytes())
    with h5py.File(folder / "b.h5", "r+") as file:
        file.attrs["lab"] = "B  "
        file.attrs["new"] = np.float32(0.5)
        del file["g/data"].attrs["unit"]
        file["age"][()] = "ten days"
        file["g/data"][150] = 0
        del file["gone"], file["link"]
        file["link"] = h5py.SoftLink("/g")
        file["more"] = np.zeros((2, 3), "f4")
    return folder / "a.h5", folder / "b.h5"


# ---------------------------------------------------------------- diff


def test_a_diff_says_what_was_added_removed_and_changed(run, pair):
    status, out, err = run("diff", *pair)
    assert (status, err) == (1, "")
    assert out.splitlines() == [
        "removed  /gone  a group with 1 object in it",
        "added    /more  a dataset of float32 [2 × 3]",
        'changed  /.lab  "A" (utf-8) → "B  " (utf-8)',
        "added    /.new  0.5 (float32)",
        'changed  /age  "P10D" (utf-8) → "ten days" (utf-8)',
        'removed  /g/data.unit  "mV" (utf-8)',
        "changed  /g/data  int16 [4000], 1 chunk of it",
        "changed  /link  link to /age → link to /g",
        "8 differences",
    ]


def test_files_that_hold_the_same_have_no_diff_whatever_their_kinds(run, pair, serve, tmp_path):
    source, _ = pair
    run("index", source, "-o", "a.lindi.json")
    (tmp_path / "copy.h5").write_bytes(source.read_bytes())
    link = serve(source.parent).url("a.h5") + SECRET
    for one, other in (
        (source, source),
        (source, "a.lindi.json"),
        ("copy.h5", source),
        (link, "a.lindi.json"),
    ):
        assert run("diff", one, other) == (0, "", "")
        assert run("diff", other, one) == (0, "", "")


def test_a_diff_is_a_patch_where_that_is_asked_for(run, pair, tmp_path):
    status, out, _err = run("diff", *pair, "-o", "p.json", "--note", "by hand")
    written = (tmp_path / "p.json").read_text()
    assert status == 1
    assert out.endswith(f"8 differences\nWrote p.json ({len(written) / 1000:.2f} kB)\n")
    assert json.loads(written)["note"] == "by hand"
    status, printed, _err = run("diff", *pair, "--json")
    assert (status, json.loads(printed)["changes"]) == (1, json.loads(written)["changes"])
    status, printed, _err = run("diff", pair[0], pair[0], "--json")
    assert (status, json.loads(printed)["changes"]) == (0, [])


@pytest.mark.parametrize("output", [(), ("-o", "p.json"), ("--json",)])
def test_trouble_is_2_and_says_why(run, pair, tmp_path, output):
    status, out, err = run("diff", pair[0], "absent.h5", *output)
    assert (status, out) == (2, "")
    assert "There is no file" in err
    assert not (tmp_path / "p.json").exists()


def test_names_of_a_file_do_not_rewrite_the_screen(run, tmp_path):
    for name, value in (("a.h5", "x"), ("b.h5", "\x1b[2J")):
        with h5py.File(tmp_path / name, "w") as file:
            file.attrs["\x1b[1A"] = value
    _status, out, _err = run("diff", "a.h5", "b.h5")
    assert "\x1b" not in out
    assert "\\x1b[1A" in out


# ---------------------------------------------------------------- apply


def test_a_patch_makes_the_other_file(run, pair, tmp_path):
    run("diff", *pair, "-o", "p.json")
    before = pair[0].read_bytes()
    status, out, err = run("apply", "p.json", pair[0], "-o", "out.lindi.json")
    assert (status, err) == (0, "")
    assert out.startswith(f"Applied 8 changes to {pair[0]}\nWrote out.lindi.json (")
    with lindi.LindiH5pyFile.from_lindi_file(tmp_path / "out.lindi.json") as file:
        assert differences(pair[1], file)[1] == []
    assert run("diff", "out.lindi.json", pair[1]) == (0, "", "")
    assert pair[0].read_bytes() == before


def test_a_patch_that_does_not_fit_is_1_and_writes_nothing(run, pair, tmp_path):
    run("diff", *pair, "-o", "p.json")
    run("apply", "p.json", pair[0], "-o", "out.lindi.json")
    status, out, err = run("apply", "p.json", "out.lindi.json", "-o", "again.lindi.json")
    assert (status, out) == (1, "")
    assert "the patch removes a group with 1 object in it, the file has no such object" in err
    assert "Nothing was applied" in err
    assert not (tmp_path / "again.lindi.json").exists()


def test_force_puts_new_values_in_place_whatever_was_there(run, pair, tmp_path):
    with lindi.LindiH5pyFile.from_hdf5_file(pair[0], mode="r+") as file:
        file.attrs["lab"] = "B"
        file.patch().save(tmp_path / "p.json")
    assert run("apply", "p.json", pair[1], "-o", "out.lindi.json")[0] == 1
    assert run("apply", "p.json", pair[1], "-o", "out.lindi.json", "--force")[0] == 0
    with lindi.LindiH5pyFile.from_lindi_file(tmp_path / "out.lindi.json") as file:
        assert file.attrs["lab"] == "B"


def test_a_remote_file_is_patched_without_its_secret(run, pair, serve, tmp_path):
    link = serve(pair[0].parent).url("a.h5")
    status, shown, err = run("diff", link + SECRET, pair[1], "-o", "p.json")
    assert (status, err) == (1, "")
    status, out, err = run("apply", "p.json", link + SECRET, "-o", "out.lindi.json")
    assert (status, err) == (0, "")
    texts = [(tmp_path / name).read_text() for name in ("p.json", "out.lindi.json")]
    assert "hush" not in shown + out + "".join(texts)
    assert json.loads(texts[0])["source"]["address"] == link
    with lindi.LindiH5pyFile.from_lindi_file(tmp_path / "out.lindi.json") as file:
        assert differences(pair[1], file)[1] == []


def test_an_archive_is_patched_into_an_archive(run, tmp_path):
    for name, number in (("a.lindi.tar", 0), ("b.lindi.tar", 7)):
        with lindi.LindiH5pyFile.from_lindi_file(tmp_path / name, mode="w") as file:
            values = np.arange(9000)
            values[1500] = number
            file.create_dataset("d", data=values, chunks=(1000,))
    status, out, _err = run("diff", "a.lindi.tar", "b.lindi.tar", "-o", "p.json")
    assert (status, out.splitlines()[0]) == (1, "changed  /d  int64 [9000], 1 chunk of it")
    assert run("apply", "p.json", "a.lindi.tar", "-o", "c.lindi.tar")[0] == 0
    assert run("diff", "b.lindi.tar", "c.lindi.tar") == (0, "", "")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["p.json", "absent.h5", "-o", "out.lindi.json"], "There is no file"),
        (["absent.json", "a.lindi.json", "-o", "out.lindi.json"], "There is no file absent.json"),
        (["a.lindi.json", "a.lindi.json", "-o", "out.lindi.json"], "a.lindi.json is no patch"),
        (["p.json", "a.lindi.json", "-o", "a.lindi.json"], "a.lindi.json is what the result is made of"),
        (["p.json", "a.lindi.json", "-o", "absent/out.lindi.json"], "there is no folder absent"),
    ],
)
def test_trouble_with_a_patch_is_2_and_says_why(run, pair, tmp_path, arguments, words):
    run("index", pair[0], "-o", "a.lindi.json")
    run("diff", *pair, "-o", "p.json")
    status, out, err = run("apply", *arguments)
    assert (status, out) == (2, "")
    assert words in err
    assert not (tmp_path / "out.lindi.json").exists()


def test_a_name_without_an_ending_is_not_understood(tmp_path):
    command = [sys.executable, "-m", "lindi_explorer", "apply", "p.json", "a.h5", "-o", "out.h5"]
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert result.returncode == 2
    assert "must end with .lindi.json, .lindi.tar or .lindi.d" in result.stderr
