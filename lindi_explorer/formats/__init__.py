"""The containers of a LINDI document, and how to tell them apart."""
