from __future__ import annotations

import io
import tarfile

import h5py
import pytest

from lindi_explorer.errors import FormatError
from lindi_explorer.formats.sniff import refuse, sniff


def tar():
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        archive.addfile(tarfile.TarInfo(".tar_entry.json"))
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"\x89HDF\r\n\x1a\n" + bytes(8), "hdf5"),
        (b"{", "json"),
        (b' \r\n\t{"refs"', "json"),
        (b"\xef\xbb\xbf{}", "json"),
        (tar(), "tar"),
        (b"<!DOCTYPE html>", "html"),
        (b"\n <HTML lang=en>", "html"),
        (b'<?xml version="1.0"?><Error>', "html"),
        (b"", "unknown"),
        (b"[1]", "unknown"),
        (b"HDF", "unknown"),
        (b"\x89HDF\r\n\x1a", "unknown"),
        (b"x" * 600 + b"\x89HDF\r\n\x1a\n", "unknown"),  # no place for a signature
    ],
)
def test_kinds(head, kind):
    assert sniff(head) == kind


@pytest.mark.parametrize("block", [512, 1024, 65536])
def test_hdf5_behind_a_user_block(tmp_path, block):
    path = tmp_path / "f.h5"
    with h5py.File(path, "w", userblock_size=block) as file:
        file["x"] = 1
    with path.open("r+b") as raw:
        raw.write(b"{" * block)  # whatever stands in the block
    assert sniff(path.read_bytes()) == "hdf5"


@pytest.mark.parametrize("kind", ["html", "hdf5", "json", "tar", "unknown"])
def test_a_refusal_says_what_it_is_and_what_to_do(kind):
    error = refuse(kind, "https://me:pw@h/f.nwb?sig=hush", "an HDF5 file", b"x")
    assert isinstance(error, FormatError)
    assert error.message.startswith("https://h/f.nwb is ")
    assert "an HDF5 file" in error.message
    assert error.hint
    for secret in ("hush", "pw"):
        assert secret not in error.message + error.hint


def test_an_empty_file_is_called_empty():
    assert refuse("unknown", "f.nwb", "an HDF5 file", b"").message == "f.nwb is empty"
