"""Objects read from the bytes of an HDF5 file, where they are plain.

HDF5 takes 30 microseconds to open an object and 15 for each attribute, and what NWB files hold are thousands
of objects of a few kinds: for these, this package reads the envelope (object headers, attributes, dataspaces,
chunk indexes, the global heap) by the format specification. What the contents mean is still HDF5's word,
asked once for each kind: a type is decoded by HDF5 from its bytes, filters and fill values are what HDF5 says
of the first dataset that has the same bytes.

Whatever is not plain (shared messages, dense storage, other sizes, a checksum that does not fit, anything
that is out of bounds or unknown) raises `OddError`, and HDF5 reads the object as a whole. So a missing rule
costs time, and a damaged object is told about in HDF5's words.

https://support.hdfgroup.org/documentation/hdf5/latest/_f_m_t3.html is the specification; section numbers in
this package are its.
"""
