"""Working days: thirteen statutory holidays, days moved by the State Council's arrangement, weekends.

A year nobody has entered is refused (``YearNotCovered``): the arrangement is published each autumn, not reckoned.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Final, Literal

from modules.payroll.rules.parameters import CalendarYear, Entry

DayClass = Literal["statutory", "rest", "rest_adjusted", "workday"]

#: 劳动法第四十四条: of the hourly wage, for work on such a day (on a workday: past normal hours)
OVERTIME_PCT: Final[dict[DayClass, int]] = {"statutory": 300, "rest": 200, "rest_adjusted": 200, "workday": 150}


class YearNotCovered(LookupError):
    """No arrangement of public holidays is on file for that year."""

    def __init__(self, year: int) -> None:
        super().__init__(f"no holiday arrangement for {year}")
        self.year = year


class Calendar:
    """Every day of the years on file."""

    __slots__ = ("_years",)

    def __init__(self, years: Mapping[int, Entry[CalendarYear]]) -> None:
        self._years = {year: entry.value for year, entry in years.items()}

    def covers(self, year: int) -> bool:
        return year in self._years

    def day_class(self, day: date) -> DayClass:
        """What kind of day it is. A weekend day within a holiday is ``rest``, a weekday off by arrangement
        ``rest_adjusted``; a weekend day that is worked instead is a ``workday``.

        国务院令第795号 (thirteen days), the year's 国办发明电. Raises YearNotCovered.
        """
        year = self._years.get(day.year)
        if year is None:
            raise YearNotCovered(day.year)
        if day in year.statutory:
            return "statutory"
        if day in year.worked:
            return "workday"
        if day.weekday() >= 5:
            return "rest"
        return "rest_adjusted" if day in year.off else "workday"

    def workdays(self, first: date, last: date) -> int:
        """Days of normal work from ``first`` to ``last``, both included."""
        return sum(self.day_class(day) == "workday" for day in days(first, last))

    def paid_days(self, first: date, last: date) -> int:
        """Days a monthly wage pays for (计薪日): workdays and statutory holidays."""
        return sum(self.day_class(day) in ("workday", "statutory") for day in days(first, last))

    def workdays_by_month(self, year: int) -> list[int]:
        return [self.workdays(*month_span(year, month)) for month in range(1, 13)]


def days(first: date, last: date) -> Iterator[date]:
    for offset in range((last - first).days + 1):
        yield first + timedelta(days=offset)


def month_span(year: int, month: int) -> tuple[date, date]:
    """First and last day of a month."""
    following = date(year + month // 12, month % 12 + 1, 1)
    return date(year, month, 1), following - timedelta(days=1)
