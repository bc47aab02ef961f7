"""Virtual datasets: put together from parts of others, of this file and of other files, when they are read.

What a document says of one is the member ``virtual`` of its side-car, see
`lindi_explorer.references.annotations`. HDF5's rules hold: what no source gives is fill value, and so is what
would come from a source that is not there.
"""
