"""What stands behind the keys of one hierarchy."""
