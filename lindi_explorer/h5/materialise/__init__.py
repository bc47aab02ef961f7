"""Copies that stand alone: what `to_hdf5` and `to_zarr` are made of.

* ``tally``: how far a copy has come, and what could not be copied.
* ``stored``, ``fetch``: the chunks of an array by their place in the files, fetched many at a time.
* ``made``: an object and its copy. ``structure``: groups, datasets, committed types and links of HDF5 copies.
  ``properties``: the creation properties of datasets. ``attributes``. ``pointers``: references.
* ``ways``: which way the data of a dataset goes. ``chunked``: chunks as they are, or decoded. ``flat``:
  contiguous data, cut into pieces. ``linked``: what only HDF5 reads. ``whole``: what is decoded as a whole.
* ``zarr_arrays``, ``zarr_folder``: arrays as Zarr has them, and the folder they go into.
"""
