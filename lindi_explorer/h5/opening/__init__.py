"""Opening: what a source is, where it is, and the file over it."""
