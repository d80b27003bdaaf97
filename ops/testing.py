"""How `zhiren test` spreads the tests over two processes in one pytest run.

A test file stays in one process, so that its customers are made once. What kills services, loads the machine or takes
guards of the whole database server away stays in one process, one after the other, and comes first, since it takes the
longest.
"""

from __future__ import annotations

from typing import Any, Final

import pytest
from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]

HEAVY: Final = (
    "tests/faults/",
    "tests/isolation/",
    "tests/fuzz/",
    "tests/browser/",
    "tests/platform/jobs/test_faults.py",
    "tests/tenants/test_preflight.py",
)


class ByFile(LoadScopeScheduling):  # type: ignore[misc]
    """The unit of work is a file, or all of ``HEAVY``."""

    def _split_scope(self, nodeid: str) -> str:
        return "heavy" if nodeid.startswith(HEAVY) else nodeid.partition("::")[0]


@pytest.hookimpl(tryfirst=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByFile:
    return ByFile(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: not item.nodeid.startswith(HEAVY))
