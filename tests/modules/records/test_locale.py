"""English is complete."""

from __future__ import annotations

from tests.catalogue import untranslated


def test_no_text_is_left_in_chinese() -> None:
    assert untranslated("modules.records") == []
