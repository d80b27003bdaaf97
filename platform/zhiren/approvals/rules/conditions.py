"""Conditions in CEL, the Common Expression Language: checked before they are kept, never trusted to end a request."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

import cel

from zhiren.approvals.kinds import Fact, FactType
from zhiren.i18n import _

MAX_LENGTH: Final = 300
#: what evaluating can end in
_TROUBLE: Final = (ValueError, TypeError, RuntimeError, ArithmeticError, LookupError)
#: enough to compare and combine; nothing that loops over what it makes itself
_LOOPS: Final = re.compile(r"\.\s*(map|filter|all|exists|exists_one|matches)\s*\(")
_WORD: Final = re.compile(r"\"[^\"]*\"|'[^']*'|[A-Za-z_][A-Za-z0-9_]*")
_SAMPLES: Final[Mapping[FactType, Sequence[Any]]] = {
    "int": (0, 1, 1000),
    "fen": (0, 100, 10_000_000),
    "text": ("", "甲", "b"),
    "bool": (False, True, False),
    "date": ("2000-01-01", "2026-06-30", "2099-12-31"),
    "unit": ("", "00000000-0000-0000-0000-000000000001", "00000000-0000-0000-0000-000000000002"),
}


def problem(source: str, facts: Sequence[Fact]) -> str:
    """What is wrong with a condition, in the reader's language; empty when it may be kept."""
    text = source.strip()
    if not text:
        return ""
    if len(text) > MAX_LENGTH:
        return _("条件太长，最多 {count} 个字符。", count=MAX_LENGTH)
    if _LOOPS.search(text):
        return _("条件里只能比较和组合，不能用循环和正则。")
    return _unknown(text, facts) or _tried(text, facts)


def _unknown(text: str, facts: Sequence[Fact]) -> str:
    try:
        program = cel.compile(text)
    except ValueError:
        return _("条件写得不完整，例如：{example}", example=example(facts))
    unknown = sorted(set(program.variables()) - {fact.name for fact in facts})
    return _("条件里没有这个字段：{names}", names="、".join(unknown)) if unknown else ""


def _tried(text: str, facts: Sequence[Fact]) -> str:
    """On values of the kinds that the facts have: what fails on one of them fails on a request."""
    for index in range(3):
        sample = {fact.name: _SAMPLES[fact.type][index] for fact in facts}
        try:
            answer = cel.evaluate(text, sample)
        except _TROUBLE:
            return _("条件算不出结果，请检查比较的两边是不是同一种值。")
        if not isinstance(answer, bool):
            return _("条件的结果应当是“是”或“否”，例如：{example}", example=example(facts))
    return ""


def holds(source: str, facts: Mapping[str, Any]) -> bool | None:
    """Whether the condition is met; None when it cannot be worked out (a fact is unknown, a division by zero)."""
    text = source.strip()
    if not text:
        return True
    try:
        answer = cel.evaluate(text, dict(facts))
    except _TROUBLE:
        return None
    return answer if isinstance(answer, bool) else None


def example(facts: Sequence[Fact]) -> str:
    """A condition that could be written about these facts."""
    shown = {"int": "{} > 3", "fen": "{} > 3000000", "text": '{} == "北京"', "bool": "{}", "date": '{} < "2027-01-01"'}
    for fact in facts:
        if fact.type in shown:
            return shown[fact.type].format(fact.name)
    return ""


def readable(source: str, facts: Sequence[Fact]) -> str:
    """The condition with its facts called by their titles: ``招聘人数 > 3 且 紧急``."""
    titles = {fact.name: _(fact.title) for fact in facts}
    text = _WORD.sub(lambda found: titles.get(found[0], found[0]), source.strip())
    for sign, word in (("&&", _("且")), ("||", _("或")), ("==", "="), ("!=", "≠"), (">=", "≥"), ("<=", "≤")):
        text = text.replace(sign, word)
    return text
