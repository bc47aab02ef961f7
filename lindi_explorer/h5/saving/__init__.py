"""Where an open file keeps what is new, and is saved."""
