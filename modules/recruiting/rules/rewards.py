"""What a colleague gets for a person they recommended, and when. The rule of the day of recommending holds."""

from __future__ import annotations

from datetime import date
from typing import Final, Literal

import msgspec

from zhiren.i18n import N_, _

Milestone = Literal["interviewed", "joined", "passed"]
MILESTONES: Final[tuple[Milestone, ...]] = ("interviewed", "joined", "passed")
_TITLES: Final[dict[Milestone, str]] = {
    "interviewed": N_("完成面试"),
    "joined": N_("入职"),
    "passed": N_("入职满 {n} 个月"),
}


class RewardRule(msgspec.Struct, frozen=True, kw_only=True):
    """Fen at each milestone, 0 for none; ``passed`` is for who is still here ``months`` after the first day."""

    interviewed: int = 0
    joined: int = 0
    passed: int = 0
    months: int = 3

    def amount(self, milestone: Milestone) -> int:
        amounts: dict[Milestone, int] = {
            "interviewed": self.interviewed,
            "joined": self.joined,
            "passed": self.passed,
        }
        return amounts[milestone]


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What happened to the person who was recommended."""

    interviewed_on: date | None = None
    joined_on: date | None = None
    left_on: date | None = None


class Reward(msgspec.Struct, frozen=True, kw_only=True):
    milestone: Milestone
    amount_fen: int
    #: "open", "due", "paid", or "lost": it can no longer be reached
    state: Literal["open", "due", "paid", "lost"]
    #: the day it fell due
    day: date | None = None


def title(milestone: Milestone, months: int) -> str:
    return _(_TITLES[milestone], n=months) if milestone == "passed" else _(_TITLES[milestone])


def rewards(rule: RewardRule, facts: Facts, paid: dict[str, int], *, ended: bool, today: date) -> list[Reward]:
    """Every milestone with a reward. ``paid``: milestone to fen; ``ended``: the application ended without a hire."""
    found = []
    for milestone in MILESTONES:
        amount = rule.amount(milestone)
        day = _reached(milestone, rule, facts, today)
        if milestone in paid:
            found.append(Reward(milestone=milestone, amount_fen=paid[milestone], state="paid", day=day))
        elif amount and day is not None:
            found.append(Reward(milestone=milestone, amount_fen=amount, state="due", day=day))
        elif amount:
            gone = ended or (milestone == "passed" and facts.left_on is not None and facts.left_on < today)
            found.append(Reward(milestone=milestone, amount_fen=amount, state="lost" if gone else "open"))
    return found


def _reached(milestone: Milestone, rule: RewardRule, facts: Facts, today: date) -> date | None:
    if milestone == "interviewed":
        return facts.interviewed_on
    if facts.joined_on is None or facts.joined_on > today:
        return None
    if milestone == "joined":
        return facts.joined_on
    full = months_later(facts.joined_on, rule.months)
    stayed = facts.left_on is None or facts.left_on >= full
    return full if stayed and full <= today else None


def months_later(day: date, months: int) -> date:
    """The same day of the month, or the last there is."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month + 1, last)
        except ValueError:
            continue
    raise AssertionError
