"""The explorer's brain: requests and answers about one file. No Jupyter, no HTTP, no HDF5 library."""
