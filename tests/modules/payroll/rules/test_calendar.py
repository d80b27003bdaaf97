"""Working days of 2025 and 2026, and what is refused."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modules.payroll.legal import load
from modules.payroll.rules.calendar import OVERTIME_PCT, Calendar, YearNotCovered, days, month_span
from modules.payroll.rules.parameters import WorkingTime
from modules.payroll.rules.working_time import daily_wage_fen, monthly_days

CALENDAR = Calendar(load().calendar)


@pytest.mark.parametrize("year", [2025, 2026])
def test_a_year_has_thirteen_statutory_days_and_248_workdays(year: int) -> None:
    classes = [CALENDAR.day_class(day) for day in days(date(year, 1, 1), date(year, 12, 31))]
    assert classes.count("statutory") == 13
    assert classes.count("workday") == sum(CALENDAR.workdays_by_month(year)) == 248


@pytest.mark.parametrize(
    ("day", "found"),
    [
        ("2025-10-06", "statutory"),
        ("2025-10-04", "rest"),
        ("2025-10-08", "rest_adjusted"),
        ("2025-10-11", "workday"),
        ("2025-10-12", "rest"),
        ("2026-02-16", "statutory"),
        ("2026-06-20", "rest"),
        ("2026-11-20", "workday"),
    ],
)
def test_classes(day: str, found: str) -> None:
    assert CALENDAR.day_class(date.fromisoformat(day)) == found


@given(st.dates(date(2025, 1, 1), date(2026, 12, 31)))
def test_overtime_is_three_hundred_on_statutory_days_only(day: date) -> None:
    found = CALENDAR.day_class(day)
    assert (OVERTIME_PCT[found] == 300) is (found == "statutory")


@given(st.dates(date(2025, 1, 1), date(2026, 12, 30)), st.integers(0, 300))
def test_paid_days_add_up_over_any_cut(first: date, length: int) -> None:
    last = min(first + timedelta(days=length), date(2026, 12, 31))
    middle = first + (last - first) // 2
    whole = CALENDAR.paid_days(first, last)
    assert whole == CALENDAR.paid_days(first, middle) + CALENDAR.paid_days(middle + timedelta(days=1), last)
    assert CALENDAR.workdays(first, last) <= whole


@pytest.mark.parametrize("year", [2024, 2027])
def test_a_year_not_on_file_is_refused(year: int) -> None:
    assert not CALENDAR.covers(year)
    with pytest.raises(YearNotCovered, match=str(year)):
        CALENDAR.day_class(date(year, 5, 1))


def test_month_spans() -> None:
    assert month_span(2026, 12) == (date(2026, 12, 1), date(2026, 12, 31))
    assert month_span(2026, 2) == (date(2026, 2, 1), date(2026, 2, 28))


def test_days_of_a_month_since_2025_and_before() -> None:
    now = monthly_days(WorkingTime(365, 104, 13))
    assert (now.work_days_year, now.work_days_quarter, now.work_days_month) == (248, 62, Decimal("20.67"))
    assert (now.work_hours_month, now.paid_days_month) == (Decimal("165.36"), Decimal("21.75"))
    before = monthly_days(WorkingTime(365, 104, 11))
    assert (before.work_days_quarter, before.work_days_month) == (Decimal("62.5"), Decimal("20.83"))


@pytest.mark.parametrize(("monthly", "deducted"), [(2_175_000, 100_000), (1_000_000, 45_977)])
def test_a_days_wage(monthly: int, deducted: int) -> None:
    assert daily_wage_fen(monthly, WorkingTime(365, 104, 13)) == deducted
