"""The customer's own screening rules, judged one by one. No sum, no score: each rule says what it saw.

What is not known is *unknown*, never failed: a person is set aside only for what they said or wrote.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, Literal

from modules.recruiting.shapes import DEGREES, Finding, Rule

Outcome = Literal["passed", "failed", "unknown"]
#: what a rule may ask of besides ``answer:<code>``; never age, gender or where somebody was born
FIELDS: Final = ("years", "degree", "city", "licence", "school", "skill")
_LISTS: Final = ("licence", "skill")


def judge(rules: Sequence[Rule], facts: Mapping[str, object]) -> list[Finding]:
    """``facts`` maps a rule's ``field`` to a number, a text or a list of texts; a missing one is unknown."""
    return [_judged(rule, facts.get(rule.field)) for rule in rules]


def set_aside(findings: Sequence[Finding]) -> bool:
    """Whether a rule that sets aside has failed."""
    return any(finding.outcome == "failed" and finding.effect == "set_aside" for finding in findings)


def _judged(rule: Rule, seen: object) -> Finding:
    return Finding(
        rule=rule.code,
        name=rule.name,
        outcome=_outcome(rule, seen),
        seen=_shown(seen),
        wanted=rule.value,
        effect=rule.effect,
    )


def _shown(seen: object) -> str:
    if isinstance(seen, (list, tuple)):
        return "、".join(str(one) for one in seen)
    if isinstance(seen, float):
        return f"{seen:g}"
    return "" if seen is None else str(seen)


def _outcome(rule: Rule, seen: object) -> Outcome:
    if seen is None or seen == "" or (isinstance(seen, (list, tuple)) and not seen and rule.field not in _LISTS):
        return "unknown"
    if rule.op in ("at_least", "at_most"):
        return _ordered(rule, seen)
    wanted = [part.strip().lower() for part in rule.value.replace("，", ",").replace("、", ",").split(",")]
    had = [str(one).strip().lower() for one in (seen if isinstance(seen, (list, tuple)) else [seen])]
    if rule.op == "contains":
        met = any(part in one for part in wanted if part for one in had)
    elif rule.op == "is":
        met = wanted == had or wanted[0] in had
    else:
        met = bool(set(wanted) & set(had))
    return "passed" if met else "failed"


def _ordered(rule: Rule, seen: object) -> Outcome:
    if rule.field == "degree":
        if seen not in DEGREES or rule.value not in DEGREES:
            return "unknown"
        had, wanted = float(DEGREES.index(seen)), float(DEGREES.index(rule.value))
    else:
        try:
            had, wanted = float(str(seen)), float(rule.value)
        except ValueError:
            return "unknown"
    met = had >= wanted if rule.op == "at_least" else had <= wanted
    return "passed" if met else "failed"
