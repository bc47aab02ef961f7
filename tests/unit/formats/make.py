"""Containers as other LINDI tools write them, put together byte by byte."""

from __future__ import annotations

import io
import json
import tarfile

GROUP = {"zarr_format": 2}


def numbers(shape, chunks):
    """The metadata of an array of bytes, of which each chunk is as it is stored."""
    return {
        "chunks": [chunks],
        "compressor": None,
        "dtype": "|u1",
        "fill_value": 0,
        "filters": None,
        "order": "C",
        "shape": [shape],
        "zarr_format": 2,
    }


def document(refs=None, **members):
    """A document with one array ``x`` of eight bytes in two members."""
    own = {".zgroup": GROUP, "x/.zarray": numbers(8, 4), "x/0": ["./blobs/x/0", 0, 4]}
    return {"refs": {**own, "x/1": ["./blobs/x/1", 2, 4], **(refs or {})}, **members}


BLOBS = {"blobs/x/0": b"\1\2\3\4", "blobs/x/1": b"__\5\6\7\10__"}


def tar(path, doc, blobs=BLOBS, *, entry=None, index=None, before=b""):
    """Write an archive; ``entry(dict)`` and ``index(dict)`` may change what stands in it."""
    text = json.dumps(doc).encode()
    sizes = {".tar_entry.json": 1024, ".tar_index.json": 8192, "lindi.json": len(text) + 100}
    sizes |= {name: len(data) for name, data in blobs.items()}
    files, at = [], 0
    for name, size in sizes.items():
        files.append({"n": name, "o": at, "d": at + 512, "s": size})
        at += 512 + -(-size // 512) * 512
    contents = {"lindi.json": text, **blobs}
    told_entry, told_index = {"index": files[1]}, {"files": [*files]}
    contents[".tar_entry.json"] = json.dumps(entry(told_entry) if entry else told_entry).encode()
    contents[".tar_index.json"] = json.dumps(index(told_index) if index else told_index).encode()
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name, size in sizes.items():
            info = tarfile.TarInfo(name)
            info.size = size
            archive.addfile(info, io.BytesIO(contents[name].ljust(size, b" ")))
    path.write_bytes(before + buffer.getvalue())
    return path


def folder(path, doc, blobs=BLOBS):
    """Write a folder."""
    path.mkdir()
    (path / "lindi.json").write_text(json.dumps(doc))
    for name, data in blobs.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_bytes(data)
    return path
