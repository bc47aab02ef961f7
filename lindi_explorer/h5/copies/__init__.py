"""Copies of a file: LINDI files that hold their chunks, HDF5 files, Zarr stores; downloads."""
