"""How large the slow proofs are: an everyday size for each change, the whole size with ``ZHIREN_TEST_FULL=1``."""

from __future__ import annotations

import os


def size(name: str, *, everyday: int, whole: int) -> int:
    """``ZHIREN_TEST_<name>`` where it is given, else by ``ZHIREN_TEST_FULL``."""
    given = os.environ.get(f"ZHIREN_TEST_{name}")
    if given:
        return int(given)
    return whole if os.environ.get("ZHIREN_TEST_FULL") == "1" else everyday
