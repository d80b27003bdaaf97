"""How `zhiren test` spreads the tests over two processes in one pytest run.

A test file stays in one process, so that its customers are made once. The heavy suites, which kill services or load the
machine, all stay in one process, one after the other, and come first, since they take the longest.
"""

from __future__ import annotations

from typing import Final

import pytest

HEAVY: Final = ("faults", "isolation", "fuzz", "browser", "slow")


@pytest.hookimpl(tryfirst=True)  # before xdist reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    def heavy(item: pytest.Item) -> bool:
        return any(item.get_closest_marker(name) for name in HEAVY)

    for item in items:
        if item.get_closest_marker("xdist_group") is None:
            group = "heavy" if heavy(item) else item.nodeid.partition("::")[0]
            item.add_marker(pytest.mark.xdist_group(group))
    items.sort(key=lambda item: not heavy(item))
