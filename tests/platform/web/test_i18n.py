"""English is complete; the reader's language is found; texts with values are translated before the values go in."""

from __future__ import annotations

import importlib.util
from string import Formatter

import pytest

from tests.catalogue import source_texts, untranslated
from zhiren import i18n
from zhiren.i18n import _, ngettext, use_locale

PACKAGES = [
    name
    for name in ("zhiren", "tenants", "licensing", "modules.records", "modules.payroll", "ops")
    if importlib.util.find_spec(name)
]


OURS = ("app.py", "i18n.py", "web/", "templates/kit/", "templates/web/")


def test_english_is_complete() -> None:
    missing = [line for line in untranslated("zhiren") if line.startswith(OURS)]
    assert not missing, "without English:\n" + "\n".join(missing)


@pytest.mark.parametrize("package", PACKAGES)
def test_translations_take_the_same_values(package: str) -> None:
    texts = i18n.read_catalogue(package, "en").texts
    wrong = [text for text, english in texts.items() if _names(text) != _names(english)]
    assert not wrong


def _names(text: str) -> set[str]:
    try:
        return {name for _literal, name, _spec, _conversion in Formatter().parse(text) if name}
    except ValueError:
        return set()


def test_extraction_sees_python_and_templates() -> None:
    found = source_texts("zhiren")
    assert found["请先登录。"].startswith("web/guards.py")
    assert found["跳到正文"].startswith("templates/kit/base.html")


@pytest.mark.parametrize(
    ("chosen", "header", "locale"),
    [
        (None, None, "zh_CN"),
        ("en", "zh-CN", "en"),
        ("fr", "en-US,en;q=0.9,zh;q=0.8", "en"),
        (None, "fr, zh;q=0.5, en;q=0.7", "en"),
        (None, "fr", "zh_CN"),
        (None, "en;q=0, zh;q=0.1", "zh_CN"),
        (None, "en;q=x;;,,\x00", "zh_CN"),
    ],
)
def test_language_is_negotiated(chosen: str | None, header: str | None, locale: str) -> None:
    assert i18n.negotiate(chosen, header) == locale


def test_texts_and_values() -> None:
    i18n.load(["zhiren"])
    assert _("{name} 的服务已暂停。", name="甲公司") == "甲公司 的服务已暂停。"
    with use_locale("en"):
        assert _("{name} 的服务已暂停。", name="甲公司") == "The service of 甲公司 is suspended."
        assert _("从没见过的文字") == "从没见过的文字"
        assert ngettext("{n} row", "{n} rows", 1) == "1 row"
        assert ngettext("{n} row", "{n} rows", 3) == "3 rows"
    assert _("保存") == "保存"
