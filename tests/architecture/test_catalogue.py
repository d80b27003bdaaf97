"""No reader of English meets Chinese: every text of the packages below has its translation."""

from __future__ import annotations

import pytest

from tests.catalogue import untranslated
from zhiren.i18n import read_catalogue

PACKAGES = ("zhiren", "licensing", "modules.records", "modules.payroll", "modules.recruiting", "tenants", "ops")


@pytest.mark.parametrize("package", PACKAGES)
def test_english_is_complete(package: str) -> None:
    missing = untranslated(package)
    assert not missing, f"{len(missing)} texts without English:\n" + "\n".join(missing)


def test_a_text_has_one_english() -> None:
    """The catalogues are merged into one: a second translation of the same text would be lost."""
    said: dict[str, dict[str, list[str]]] = {}
    for package in PACKAGES:
        for chinese, english in read_catalogue(package, "en").texts.items():
            said.setdefault(chinese, {}).setdefault(english, []).append(package)
    assert {chinese: english for chinese, english in said.items() if len(english) > 1} == {}
