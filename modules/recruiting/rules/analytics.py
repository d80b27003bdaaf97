"""Figures of analytics that need no database: proportions with their uncertainty, months, and who judged how."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from math import sqrt
from typing import Final, NamedTuple
from uuid import UUID

#: of the standard normal distribution, two-sided 95 %
Z95: Final = 1.959963984540054
#: fewer than this many cases are marked as few
FEW: Final = 20


class Share(NamedTuple):
    """``part`` of ``whole``, with the Wilson 95 % interval between ``low`` and ``high`` (0 to 1)."""

    part: int
    whole: int
    low: float
    high: float

    @property
    def few(self) -> bool:
        return self.whole < FEW


def wilson(part: int, whole: int) -> Share:
    """Wilson's score interval (E. B. Wilson 1927, JASA 22:209). Nothing of nothing is anything between 0 and 1."""
    if not 0 <= part <= whole:
        raise ValueError(f"{part} of {whole} is no share")
    if whole == 0:
        return Share(0, 0, 0.0, 1.0)
    share, square = part / whole, Z95 * Z95
    middle = (share + square / (2 * whole)) / (1 + square / whole)
    reach = Z95 / (1 + square / whole) * sqrt(share * (1 - share) / whole + square / (4 * whole * whole))
    # exactly 0 and 1 at the ends, which rounding would miss by a hair
    return Share(part, whole, 0.0 if part == 0 else middle - reach, 1.0 if part == whole else middle + reach)


def months_later(day: date, months: int) -> date:
    """The same day of a later month, or its last day: 31 January and one month is 28 or 29 February."""
    years, month = divmod(day.month - 1 + months, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return date(day.year + years, month + 1, min(day.day, last))
        except ValueError:
            continue
    raise AssertionError


def kept(hired_on: date, left_on: date | None, months: int, now: date) -> bool | None:
    """Whether somebody stayed that long; None before it can be known. ``left_on`` is the last day employed."""
    due = months_later(hired_on, months)
    if left_on is not None and left_on < due and left_on < now:
        return False
    return True if due <= now else None


class Card(NamedTuple):
    """One interviewer's verdict of one interview. ``passed`` is the hire's probation, None where not hired or open."""

    interview_id: UUID
    user_id: UUID
    yes: bool
    passed: bool | None


class Judge(NamedTuple):
    """One interviewer beside the others of the same interviews."""

    interviews: int
    yes: Share
    others_yes: Share
    agreed: Share
    lasting: Share


def judges(cards: Iterable[Card]) -> dict[UUID, Judge]:
    """``agreed``: as most of the others said, ties left out. ``lasting``: of the hires one was for, who passed."""
    panels: dict[UUID, list[Card]] = {}
    mine: dict[UUID, list[Card]] = {}
    for card in cards:
        panels.setdefault(card.interview_id, []).append(card)
        mine.setdefault(card.user_id, []).append(card)
    return {user_id: _judge(own, panels) for user_id, own in mine.items()}


def _judge(own: list[Card], panels: dict[UUID, list[Card]]) -> Judge:
    others_yes = others = agreed = compared = 0
    for card in own:
        rest = [one.yes for one in panels[card.interview_id] if one.user_id != card.user_id]
        others, others_yes = others + len(rest), others_yes + sum(rest)
        if 2 * sum(rest) != len(rest):
            compared += 1
            agreed += card.yes == (2 * sum(rest) > len(rest))
    known = [card.passed for card in own if card.yes and card.passed is not None]
    return Judge(
        len(own),
        wilson(sum(card.yes for card in own), len(own)),
        wilson(others_yes, others),
        wilson(agreed, compared),
        wilson(sum(known), len(known)),
    )
