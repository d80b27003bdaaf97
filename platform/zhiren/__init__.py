"""zhiren's ground floor: what any product of this kind needs."""

__version__ = "0.1.0"
