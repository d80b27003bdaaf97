"""Use cases of guests."""
