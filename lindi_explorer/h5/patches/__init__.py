"""Patches of open files: made, applied, shown."""
