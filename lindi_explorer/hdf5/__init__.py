"""HDF5 files as references: the mapping from HDF5 to Zarr."""
