"""No reader of English meets Chinese: every text of the packages below has its translation."""

from __future__ import annotations

import pytest

from tests.catalogue import untranslated

PACKAGES = ("zhiren", "licensing", "modules.records", "modules.payroll", "tenants", "ops")


@pytest.mark.parametrize("package", PACKAGES)
def test_english_is_complete(package: str) -> None:
    missing = untranslated(package)
    assert not missing, f"{len(missing)} texts without English:\n" + "\n".join(missing)
