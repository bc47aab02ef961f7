"""Elements of arrays: which are meant, where they come from, what they become in chunks."""
