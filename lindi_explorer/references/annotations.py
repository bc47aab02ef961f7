r"""What we read and write: the specification of a LINDI document and its side-cars. The examples are run.

A LINDI document is one JSON object: what LINDI 0.4 says (plain LINDI), and for what that cannot say a
side-car per object, which other readers ignore and keep. *Written* is what our files hold, *read* what we
take besides. Each example shows keys of the document of one small file, which grows from section to
section:

>>> import json
>>> import h5py
>>> import numpy as np
>>> from lindi_explorer import LindiH5pyFile
>>> from lindi_explorer.hdf5.references import Hdf5References
>>> from lindi_explorer.references.codec import encode, to_text
>>> file = h5py.File("a.h5", "w", driver="core", backing_store=False)
>>> def document():
...     return encode(Hdf5References(file, "https://example.org/a.h5"))
>>> def show(*keys):
...     for key in keys:
...         print(key, json.dumps(document()["refs"][key], sort_keys=True))

The file object
---------------
``refs`` (required): Zarr key -> value. ``version``: 1. ``templates``: name -> address. Other members, among
them ``generationMetadata``, are kept. The text is ASCII with sorted keys and two spaces of indentation.
Read: any JSON (bare ``NaN`` too), without ``version``, with templates that nobody uses.

>>> print(to_text(document()))
{
  "refs": {
    ".zgroup": {
      "zarr_format": 2
    }
  },
  "version": 1
}

Values
------
================================  =====================================================================
object                            JSON of a ``.zgroup``, ``.zarray``, ``.zattrs`` or side-car
text                              bytes that are ASCII; read: the UTF-8 bytes of any text
``base64:...``                    all other bytes, those that themselves begin so, and from 4 KiB on those
                                  that are shorter so
``[address, offset, length]``     a byte range; offset and length are integers >= 0
================================  =====================================================================

Metadata is read as text, too; ``[address]`` alone is refused. An address is an http(s) URL, ``./``
something beside the document, or a path. An address of five uses or more becomes a template, ``u1``,
``u2``, ... in the order of the addresses, which stands as ``{{u1}}`` in its place; none stays without use.
Read: a template anywhere inside an address.

>>> _ = file.create_dataset("many", data=np.arange(1200, dtype="i2"), chunks=(200,))
>>> document()["templates"]
{'u1': 'https://example.org/a.h5'}
>>> show("many/5")
many/5 ["{{u1}}", ..., 400]

>>> file["minus"] = np.int8(-1)
>>> show("minus/0")
minus/0 "base64:..."

Groups and arrays
-----------------
The hierarchy is that of Zarr v2: ``<path>/.zgroup`` makes a group, ``<path>/.zarray`` an array, and every
node but the root lies in a group. ``.zattrs`` and side-car are left out where they are empty. A path has no
leading slash.

A ``.zarray`` has these eight members and no other. ``chunks``: as HDF5 has them; the whole shape where HDF5
has none, with edges of 1 in place of 0; cut along the first axis where a piece would pass 20 000 000 bytes.
``compressor`` and ``filters``: below. ``order``: ``C``. ``fill_value``: a number, ``"NaN"``,
``"Infinity"``, ``"-Infinity"`` or a boolean as HDF5 has it; ``""`` for ``S`` and ``U``; 0 for ``|O``; null
for ``c`` and ``V``. A scalar is an array of shape ``[1]`` with the annotation ``_SCALAR``. Read: ``order``
F, ``dimension_separator``, chunks beyond the shape.

>>> _ = file.create_dataset("part", shape=(40, 50), dtype=">f4", chunks=(16, 16), fillvalue=np.nan)
>>> file["part"][20, 20] = 1
>>> show("part/.zarray", "part/1.1")
part/.zarray {"chunks": [16, 16], "compressor": null, "dtype": ">f4", "fill_value": "NaN", "filters": null,
              "order": "C", "shape": [40, 50], "zarr_format": 2}
part/1.1 ["{{u1}}", ..., 1024]

Chunk keys are ``<path>/i.j...``, each number inside the grid. A missing one is fill value. A raw array (no
compressor, no filters) of integers or floats may end in a short chunk, which readers pad with zeros; with
codecs nothing is padded before it is decoded.

>>> array = {"chunks": [4], "compressor": None, "dtype": "|u1", "fill_value": 7, "filters": None,
...          "order": "C", "shape": [8], "zarr_format": 2}
>>> refs = {".zgroup": '{"zarr_format": 2}', "d/.zarray": array, "d/0": "ab"}
>>> LindiH5pyFile.from_reference_file_system({"refs": refs})["d"][...]
array([97, 98,  0,  0,  7,  7,  7,  7], dtype=uint8)

Data types
----------
=============================  ========================  ==================================================
HDF5                           ``dtype``                 where the data is
=============================  ========================  ==================================================
integer, float <= 64 bits      ``|i1`` ... ``>f8``       in the document below 1000 elements, else in place
other integer or float         as NumPy's next larger    in the document below 1000 elements, else linked
enumeration                    as its integer            as its integer; names in the side-car
complex                        ``<c8`` ... ``>c16``      as numbers
boolean (h5py's enumeration)   ``|b1``                   in the document up to 1 MiB, else in place
fixed string                   ``|S<n>``                 the same; padded with spaces: in the document
opaque, bit field, array,      ``|V<n>`` (raw bytes)     as fixed strings; type in the side-car
float > 64 bits
string, one                    ``<U<n>``                 in the document
string, several                ``|O``, JSON              in the document
compound                       ``|O``, JSON rows         in the document; ``_COMPOUND_DTYPE``
object or region reference     ``|O``, JSON              in the document; null: ``null``
variable-length sequence       ``|O``, JSON lists        in the document
null dataspace                 ``|u1`` of shape ``[0]``  nowhere; ``null`` and ``type`` in the side-car
=============================  ========================  ==================================================

Where the data is in the document, it is one chunk: Blosc over the bytes, or over the JSON text of numcodecs'
``json2`` (the elements, then ``"|O"`` and the shape). JSON values are those of `lindi_explorer.hdf5.values`.
The fill value is then 0 or its like. What would take more than 256 MiB there is linked: an external array
link.

>>> file["texts"] = np.array(["a", "é"], dtype=h5py.string_dtype())
>>> show("texts/.zarray", "texts/0")
texts/.zarray {"chunks": [2], "compressor": {"blocksize": 0, "clevel": 5, "cname": "lz4", "id": "blosc",
               "shuffle": 1}, "dtype": "|O", "fill_value": 0, "filters": [{"allow_nan": true,
               "check_circular": true, "encoding": "utf-8", "ensure_ascii": true, "id": "json2",
               "indent": null, "separators": [",", ":"], "skipkeys": false, "sort_keys": true,
               "strict": true}], "order": "C", "shape": [2], "zarr_format": 2}
texts/0 "\u0002\u00013...[\"a\",\"\\u00e9\",\"|O\",[2]]"

Codecs
------
Data in place has ``compressor`` null and its HDF5 filters as ``filters``, in the order of the pipeline:
shuffle ``{id, elementsize}``, gzip as zlib ``{id, level}``, ``fletcher32`` ``{id}``, bzip2 as bz2 ``{id,
level}``, blosc ``{id, cname, clevel, shuffle, blocksize}``, zstd ``{id, level, checksum}``. A chunk that
skipped a filter is in the document, after all of them. What has a filter without codec is an external array
link. Read: every codec of numcodecs but pickle, as compressor or filter.

>>> _ = file.create_dataset("zip", data=np.zeros(2000, "i4"), chunks=(500,), compression="gzip", shuffle=True)
>>> document()["refs"]["zip/.zarray"]["filters"]
[{'id': 'shuffle', 'elementsize': 4}, {'id': 'zlib', 'level': 4}]

Reserved attributes
-------------------
They are annotations in ``.zattrs``, hidden from the user; an attribute that really has such a name is in the
side-car, with its value.

``_SCALAR``
    ``true`` on an array of shape ``[1]``: the dataset is a scalar.
``_COMPOUND_DTYPE``
    ``[[name, type], ...]`` on an object array whose elements are rows. The type is NumPy's name, ``object``
    for strings of variable length, or ``<REFERENCE>``; left out where a field is something else, which the
    side-car tells.
``_REFERENCE``
    ``{"_REFERENCE": {"object_id", "path", "source", "source_object_id"}}`` as value of an attribute or
    element. ``path`` is absolute, ``source`` is ``.``, the ids are the attribute ``object_id`` of target
    and root, or null. Regions have a fifth member, ``region``: ``"all"``, ``"none"``, ``{"blocks": [[start,
    end], ...]}`` (both inclusive) or ``{"points": [...]}``. Read: ids may be missing.
``_SOFT_LINK``
    ``{"path": absolute}`` on a group with nothing else in it: a soft link. Read: on an array; relative
    paths, from the link's group or else from the root.
``_EXTERNAL_ARRAY_LINK``
    ``{"link_type": "hdf5_dataset", "name", "url"}`` on an array without chunks: HDF5 reads the dataset
    ``name`` (no leading slash) of the file at ``url``.

>>> file["one"] = 2.5
>>> file["rows"] = np.array([(1, b"ab")], dtype=[("n", "u4"), ("s", "S4")])
>>> file.attrs["to"] = file["one"].ref
>>> file["soft"] = h5py.SoftLink("/one")
>>> _ = file.create_dataset("lzf", data=np.arange(4000), chunks=(2000,), compression="lzf")
>>> show("one/.zattrs", "rows/.zattrs", ".zattrs", "soft/.zattrs", "lzf/.zattrs")
one/.zattrs {"_SCALAR": true}
rows/.zattrs {"_COMPOUND_DTYPE": [["n", "uint32"], ["s", "|S4"]]}
.zattrs {"to": {"_REFERENCE": {"object_id": null, "path": "/one", "source": ".", "source_object_id": null}}}
soft/.zattrs {"_SOFT_LINK": {"path": "/one"}}
lzf/.zattrs {"_EXTERNAL_ARRAY_LINK": {"link_type": "hdf5_dataset", "name": "lzf", "url": "https://example.org/a.h5"}}

Attributes
----------
An attribute in ``.zattrs`` is a JSON boolean, integer, float (always with ``.`` or exponent), string,
reference, or nested lists of one of these. ``"NaN"``, ``"Infinity"`` and ``"-Infinity"`` are floats. Fixed
strings are their text in UTF-8. There is no null and no other object: what has no such form is in the
side-car alone.

>>> group = file.create_group("g")
>>> group.attrs.update({"a": 1, "b": [True, False], "c": [1.0, np.nan], "d": "text", "e": "NaN"})
>>> group.attrs["f"] = h5py.Empty("i4")
>>> group.attrs["h"] = np.float32(0.5)
>>> group.attrs["i"] = np.bytes_(b"abc")
>>> group.attrs["j"] = h5py.Reference()
>>> group.attrs["_SCALAR"] = 7
>>> show("g/.zattrs", "g/.lindi_explorer")
g/.zattrs {"a": 1, "b": [true, false], "c": [1.0, "NaN"], "d": "text", "h": 0.5, "i": "abc"}
g/.lindi_explorer {"attributes": {"_SCALAR": {"shape": [], "type": "<i8", "value": 7},
                                  "e": {"shape": [], "type": {"string": "utf-8"}, "value": "NaN"},
                                  "f": {"null": true, "type": "<i4"}, "h": {"type": "<f4"},
                                  "i": {"type": {"length": 3, "string": "ascii"}},
                                  "j": {"shape": [], "type": {"reference": "object"}, "value": null}}}

The side-car
------------
``"<path>/.lindi_explorer"``. Each member is left out where plain LINDI already says it; a document is valid
without.

``attributes``
    Name -> entry: ``type`` (below), ``null`` (``true``: no value), ``shape``, ``value`` (where ``.zattrs``
    has none), or ``problem`` alone: why HDF5 could not read it.
``type``
    Exact HDF5 type of a dataset or committed type, as `lindi_explorer.hdf5.types` writes it.
``null``
    ``true``: the dataspace is null (h5py.Empty).
``maxshape``
    Where it differs from the shape; ``null`` = unlimited.
``chunks``
    Chunk shape in HDF5 where it differs from Zarr's; ``null`` = not chunked.
``filters``
    HDF5 filters where Zarr's codecs do not tell them: ``[[id, name, [parameters]], ...]``. A virtual dataset
    has none, ``[]``.
``fill``
    Fill value where ``.zarray`` does not hold it.
``link``
    On a group with nothing else in it: ``{"external": {"filename", "path", "base"}}`` for a link into
    another file (``base`` is the address the file name is relative to); ``{"soft": path}`` where plain
    LINDI has the absolute path and HDF5 a relative one; ``{"hard": path}`` for one more name of the object
    at ``path``, which plain LINDI has as a soft link.
``order``
    Names of a group's children in the order of their creation, where HDF5 keeps and lists that order and it
    is not that of the names.
``attribute_order``
    The same for the names of attributes.
``committed``
    ``true`` on a group: the node is a committed type.
``external``
    ``[{"file", "offset", "size"}, ...]``: the dataset was made to lie in other files, one part behind the
    other, which are named as HDF5 was told; ``size`` null is as much as there is. The chunks are byte ranges
    of these files, without codecs, and cut where one of them ends. Where they are none any more, it means
    nothing. A file that ends before a chunk does is an error, though HDF5 reads zeros there; those that are
    written into are made as long as the data in them is.
``virtual``
    On an array without chunks: the dataset is put together from others when it is read. Its only codec is
    ``lindi_explorer_virtual``, which nobody has: so other readers do not take it for fill value. Those of
    HDF5 files are external array links besides, without that codec.
    ``{"sources": [source, ...], "base": address}``; ``base`` is what names of files are relative to where
    they are not found beside the document, and is left out where there are none. A document of this machine
    has them looked for in the working directory last, as HDF5 does. A source is ``file`` (``.``
    is the document itself), ``dataset``, ``shape`` (of the source, when it was made), and two selections of
    as many elements, in the order of rows: ``from`` in the source, ``to`` in this one. A selection is
    ``"all"``, ``"none"``, ``{"start", "count", "stride", "block"}`` (numbers for each axis, as HDF5 has them;
    the latter two are left out where all are 1; null is without end) or ``{"blocks": [[start, end], ...]}``
    (both inclusive). Later sources lie over earlier ones. What none gives is fill value, and so is what a
    file or dataset would give that is not there. Along an axis without end, ``shape`` is as far as the
    sources went when it was made. ``%b`` in a name is the number of the block, ``%%`` a percent sign.
``problem``
    Why the data of this node cannot be read, in words. It keeps its place, and what else can be told of it.

>>> file["empty"] = h5py.Empty("f4")
>>> options = {"maxshape": (None,), "chunks": (8,), "compression": "gzip", "fillvalue": 3}
>>> _ = file.create_dataset("grow", data=[1.0], **options)
>>> group["relative"] = h5py.SoftLink("d")
>>> file["uno"] = file["one"]
>>> file["away"] = h5py.ExternalLink("b.h5", "/x")
>>> file["named"] = np.dtype("<i2")
>>> ordered = file.create_group("ordered", track_order=True)
>>> _ = ordered.create_group("z"), ordered.create_group("a")
>>> ordered.attrs.update({"y": 1, "x": 2})
>>> _ = h5py.h5d.create(file.id, b"time", h5py.h5t.UNIX_D32LE, h5py.h5s.create_simple((2,)))
>>> for name in ("empty", "grow", "g/relative", "uno", "away", "named", "ordered", "time"):
...     show(f"{name}/.lindi_explorer")
empty/.lindi_explorer {"null": true, "type": "<f4"}
grow/.lindi_explorer {"chunks": [8], "fill": 3.0, "filters": [[1, "deflate", [4]]], "maxshape": [null]}
g/relative/.lindi_explorer {"link": {"soft": "d"}}
uno/.lindi_explorer {"link": {"hard": "/one"}}
away/.lindi_explorer {"link": {"external": {"base": "https://example.org/a.h5", "filename": "b.h5",
                                            "path": "/x"}}}
named/.lindi_explorer {"committed": true, "type": "<i2"}
ordered/.lindi_explorer {"attribute_order": ["y", "x"], "order": ["z", "a"]}
time/.lindi_explorer {"problem": "..."}
>>> file.close()

Virtual datasets need a file that is written to:

>>> lindi = LindiH5pyFile.from_reference_file_system(None)
>>> lindi["one"] = [1, 2, 3, 4]
>>> layout = h5py.VirtualLayout((2, 4), "i4")
>>> layout[0] = h5py.VirtualSource(lindi["one"])
>>> layout[1, 1:3] = h5py.VirtualSource("other.h5", "data", shape=(10,))[::5]
>>> _ = lindi.create_virtual_dataset("both", layout, fillvalue=-1)
>>> for name in (".zarray", ".lindi_explorer"):
...     print(json.dumps(lindi.to_reference_file_system()["refs"][f"both/{name}"], sort_keys=True))
{"chunks": [2, 4], "compressor": null, "dtype": "<i4", "fill_value": -1,
 "filters": [{"id": "lindi_explorer_virtual"}], "order": "C", "shape": [2, 4], "zarr_format": 2}
{"chunks": null, "filters": [],
 "virtual": {"sources": [{"dataset": "/one", "file": ".", "from": "all", "shape": [4],
                          "to": {"count": [1, 4], "start": [0, 0]}},
                         {"dataset": "data", "file": "other.h5",
                          "from": {"count": [2], "start": [0], "stride": [5]}, "shape": [10],
                          "to": {"count": [1, 2], "start": [1, 1]}}]}}
>>> lindi.close()
"""

from __future__ import annotations

SCALAR = "_SCALAR"
COMPOUND = "_COMPOUND_DTYPE"
REFERENCE = "_REFERENCE"
SOFT_LINK = "_SOFT_LINK"
EXTERNAL_ARRAY_LINK = "_EXTERNAL_ARRAY_LINK"

RESERVED = frozenset({SCALAR, COMPOUND, REFERENCE, SOFT_LINK, EXTERNAL_ARRAY_LINK})

SIDECAR = ".lindi_explorer"
"""Last part of the key of a side-car."""
