"""Months, periods, and how long somebody worked."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable
from typing import Final

import msgspec

from modules.recruiting.resumes.rules.words import listed

_MONTHS: Final = {
    name: number for number, name in enumerate(listed("jan feb mar apr may jun jul aug sep oct nov dec"), 1)
}
_YEAR: Final = r"(?:19[5-9]\d|20[0-4]\d)"
_DAY: Final = r"(?:[.\-/]\d{1,2}(?!\d)|\d{1,2}日)?"
_POINT: Final = (
    rf"(?:{_YEAR}\s?[年./\-]\s?(?:1[0-2]|0?[1-9])(?!\d)\s?月?(?:份)?{_DAY}"
    rf"|{_YEAR}(?:1[0-2]|0[1-9])(?!\d)"
    rf"|(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\.?,?\s?{_YEAR}"
    rf"|{_YEAR}(?!\d)\s?年?)"
)
_NOW: Final = r"(?:至今|现在|今|目前|当前|Present|Now|Current|今天)"
PERIOD: Final = re.compile(
    rf"(?P<since>{_POINT})\s*(?:[-~至到一·]+|to\b|—)\s*(?P<until>{_POINT}|{_NOW})|(?P<since_now>{_POINT}"
    rf")\s*(?P<now>至今)",
    re.IGNORECASE,
)
POINT: Final = re.compile(_POINT, re.IGNORECASE)


class Period(msgspec.Struct, frozen=True):
    """Months counted from year 0. ``now``: it goes on. ``rough``: only years were written."""

    since: int
    until: int
    now: bool = False
    rough: bool = False

    @property
    def since_text(self) -> str:
        return month_text(self.since)

    @property
    def until_text(self) -> str:
        """Empty while it goes on."""
        return "" if self.now else month_text(self.until)


def month_text(month: int) -> str:
    return f"{(month - 1) // 12:04d}-{(month - 1) % 12 + 1:02d}"


def month_of(text: str, *, last: bool = False) -> tuple[int, bool]:
    """(month, whether only the year was written); the first month of such a year, or with ``last`` its last."""
    year = re.search(_YEAR, text)
    if year is None:
        raise ValueError(text)
    number = int(year.group())
    word = re.match(r"[A-Za-z]{3}", text.strip())
    if word:
        return number * 12 + _MONTHS[word.group().lower()], False
    rest = re.match(r"\s?[年./\-]?\s?(\d{1,2})", text[year.end() :])
    if rest is None:
        return number * 12 + (12 if last else 1), True
    return number * 12 + int(rest.group(1)), False


def periods(text: str, today: datetime.date) -> list[tuple[re.Match[str], Period]]:
    """Every period in ``text``, with where. One that ends before it begins, or begins in the future, is none."""
    found = []
    this_month = today.year * 12 + today.month
    for match in PERIOD.finditer(text):
        since, rough = month_of(match["since"] or match["since_now"])
        ending = match["until"] or match["now"]
        now = not re.search(r"\d", ending)
        until = this_month if now else month_of(ending, last=True)[0]
        if since <= until and since <= this_month:
            found.append((match, Period(since, until, now, rough)))
    return found


def worked_months(all_periods: Iterable[Period], today: datetime.date) -> int:
    """Months in which there was work, first and last included, each once. Nothing in the future counts."""
    this_month = today.year * 12 + today.month
    months: set[int] = set()
    for period in all_periods:
        # years only: whoever writes 2018-2020 worked two years, not three
        until = (
            period.until - 12 if period.rough and not period.now and period.until - period.since > 12 else period.until
        )
        months.update(range(period.since, min(until, this_month) + 1))
    return len(months)
