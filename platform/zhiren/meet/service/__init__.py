"""Use cases of meeting rooms."""
