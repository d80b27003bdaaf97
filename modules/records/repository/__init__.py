"""Every query of the records module."""
