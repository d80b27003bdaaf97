"""Use cases of the records module."""
