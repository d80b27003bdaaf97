"""Cumulative withholding: official figures, and properties that any year of wages has."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modules.payroll.legal import load
from modules.payroll.rules.tax import (
    MonthAmounts,
    YearToDate,
    annual_tax,
    bracket,
    employed_months,
    sixty_thousand_applies,
    withhold,
)

TABLE = load().annual_table.at(date(2026, 1, 1)).value
WAGES = st.lists(st.integers(0, 20_000_000), min_size=12, max_size=12)
BASIC = 500_000


def run_year(wages: list[int], special: int = 0) -> list[int]:
    state, found = YearToDate(), []
    for month, wage in enumerate(wages, 1):
        step = withhold(TABLE, state, MonthAmounts(wage, special_fen=special), BASIC * month)
        state = step.after
        found.append(step.due_fen)
    assert state.withheld_fen == sum(found)
    return found


def test_official_example_two() -> None:
    """56号解读 例2: 30,000 a month, 4,500 and 2,000 deducted."""
    state, found = YearToDate(), []
    for month in (1, 2, 3):
        amounts = MonthAmounts(3_000_000, special_fen=450_000, additional_fen=200_000)
        step = withhold(TABLE, state, amounts, BASIC * month)
        state = step.after
        found.append((step.taxable_fen, step.due_fen))
    assert found == [(1_850_000, 55_500), (3_700_000, 62_500), (5_550_000, 185_000)]


@pytest.mark.parametrize(
    ("taxable", "level"), [(0, 0), (3_600_000, 0), (3_600_001, 1), (96_000_000, 5), (96_000_001, 6)]
)
def test_upper_bounds_are_inclusive(taxable: int, level: int) -> None:
    assert bracket(TABLE, taxable) == level


@given(st.integers(-(10**9), 10**10), st.integers(0, 10**6))
def test_tax_never_falls_when_income_rises(taxable: int, more: int) -> None:
    assert 0 <= annual_tax(TABLE, taxable) <= annual_tax(TABLE, taxable + more)


@given(st.integers(0, 10**10))
def test_tax_is_below_forty_five_percent_of_income(taxable: int) -> None:
    assert annual_tax(TABLE, taxable) * 100 <= taxable * 45 + 50


@given(WAGES, st.integers(0, 1_000_000))
def test_nothing_is_paid_back(wages: list[int], special: int) -> None:
    assert all(due >= 0 for due in run_year(wages, special))


@given(st.lists(st.integers(BASIC, 20_000_000), min_size=12, max_size=12))
def test_the_months_add_up_to_the_year_when_no_month_falls_below(wages: list[int]) -> None:
    assert sum(run_year(wages)) == annual_tax(TABLE, sum(wages) - 12 * BASIC)


@given(WAGES)
def test_never_less_than_the_years_tax(wages: list[int]) -> None:
    assert sum(run_year(wages)) >= annual_tax(TABLE, sum(wages) - 12 * BASIC)


@given(st.integers(0, 10**9), st.integers(0, 10**9), st.integers(1, 12))
def test_two_payments_in_a_month_are_one(first: int, second: int, month: int) -> None:
    """同月多次发放合并累计: paying in two parts withholds as much as paying at once."""
    state = YearToDate()
    one = withhold(TABLE, state, MonthAmounts(first), BASIC * month)
    two = withhold(TABLE, one.after, MonthAmounts(second), BASIC * month)
    whole = withhold(TABLE, state, MonthAmounts(first + second), BASIC * month)
    assert one.due_fen + two.due_fen == whole.due_fen


def test_relief_comes_off_the_tax() -> None:
    step = withhold(TABLE, YearToDate(), MonthAmounts(1_500_000, relief_fen=10_000), BASIC)
    assert step.due_fen == 20_000


@pytest.mark.parametrize(
    ("month", "start", "first_wage", "months"),
    [(7, 7, True, 7), (7, 7, False, 1), (12, 1, False, 12), (9, 7, False, 3)],
)
def test_months_of_basic_deduction(month: int, start: int, first_wage: bool, months: int) -> None:
    assert employed_months(month, start, first_wage_of_year=first_wage) == months


@pytest.mark.parametrize(("month", "start"), [(0, 1), (13, 1), (6, 7), (6, 0)])
def test_months_out_of_order_are_refused(month: int, start: int) -> None:
    with pytest.raises(ValueError, match="out of order"):
        employed_months(month, start)


@pytest.mark.parametrize(
    ("wages", "all_year", "applies"),
    [(6_000_000, True, True), (6_000_001, True, False), (5_000_000, False, False), (0, True, True)],
)
def test_sixty_thousand(wages: int, all_year: bool, applies: bool) -> None:
    assert sixty_thousand_applies(6_000_000, same_employer_all_year=all_year, previous_wages_fen=wages) is applies
