"""Edits: the journal, its file, and where new data is kept."""
