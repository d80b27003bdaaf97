"""Examples of cumulative withholding and of the annual table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from modules.payroll.lawcheck.values import Computed, Inputs, NotCovered, Value, unknown
from modules.payroll.rules.parameters import Law
from modules.payroll.rules.tax import (
    MonthAmounts,
    Withholding,
    YearToDate,
    annual_tax,
    employed_months,
    sixty_thousand_applies,
    withhold,
)
from zhiren.money import yuan

#: the examples name no year; the rules they show have held without change since the latest of them began
_DAY: Final = date(2021, 1, 1)


@dataclass(frozen=True, slots=True)
class _Case:
    income_fen: list[int]
    special_fen: list[int]
    additional_fen: list[int]
    start_month: int
    first_wage: bool
    sixty_thousand: bool


def annual_table(law: Law, _topic: str, inputs: Inputs) -> Computed:
    table = law.annual_table.at(_DAY).value
    taxable = inputs.fen("taxable")

    def figure(key: str) -> Value:
        if key == "tax":
            return yuan(annual_tax(table, taxable))
        raise unknown(key)

    return figure


def cumulative(law: Law, _topic: str, inputs: Inputs) -> Computed:
    """``monthly_income`` (one month or a list) with its deductions, or only ``pay_month`` for the basic deduction."""
    if "pay_month" in inputs and "monthly_income" not in inputs:
        return _basic_deduction_only(law, inputs)
    case = _read(law, inputs)
    new = _run(law, case, sixty_thousand=case.sixty_thousand)
    old = _run(law, case, sixty_thousand=False)
    table = law.annual_table.at(_DAY).value
    figures: dict[str, Callable[[], Value]] = {
        "monthly_withholding": lambda: _yuan([month.due_fen for month in new]),
        "method_2020_19": lambda: _yuan([month.due_fen for month in new]),
        "method_old": lambda: _yuan([month.due_fen for month in old]),
        "basic_deduction_cumulative": lambda: _yuan([month.basic_fen for month in new]),
        "cumulative_taxable": lambda: _yuan([month.taxable_fen for month in new]),
        "cumulative_tax": lambda: _yuan([month.cumulative_tax_fen for month in new]),
        "cumulative_withheld": lambda: _yuan([month.after.withheld_fen for month in new]),
        "year_taxable": lambda: yuan(max(0, new[-1].taxable_fen)),
        "year_tax": lambda: yuan(annual_tax(table, new[-1].taxable_fen)),
        "annual_refund_under_old_method": lambda: _refund(law, case, old[-1]),
    }

    def figure(key: str) -> Value:
        if key not in figures:
            raise unknown(key)
        return figures[key]()

    return figure


def _read(law: Law, inputs: Inputs) -> _Case:
    if isinstance(inputs.raw("monthly_income"), list):
        income = inputs.fen_list("monthly_income")
    else:
        income = inputs.fen_each("monthly_income", inputs.integer("months", 1, 12, default=1))
    starts = {inputs.integer(key, 1, 12) for key in ("start_month", "employer_start_month") if key in inputs}
    if len(starts) > 1:
        raise NotCovered("inputs: start_month and employer_start_month differ")
    start = starts.pop() if starts else 1
    if start + len(income) > 13:
        raise NotCovered(f"inputs: {len(income)} months from month {start} go beyond the tax year")
    if "pay_month" in inputs and inputs.integer("pay_month", 1, 12) != start + len(income) - 1:
        raise NotCovered("inputs: pay_month is not the last month of monthly_income")
    applies = False
    if "prev_year_wage_income" in inputs or "prev_year_same_employer_12_months" in inputs:
        applies = sixty_thousand_applies(
            law.sixty_thousand_fen.at(_DAY).value,
            same_employer_all_year=inputs.flag("prev_year_same_employer_12_months"),
            previous_wages_fen=inputs.fen("prev_year_wage_income"),
        )
    return _Case(
        income_fen=income,
        special_fen=inputs.fen_each("special_deduction_per_month", len(income)),
        additional_fen=inputs.fen_each("additional_per_month", len(income)),
        start_month=start,
        first_wage=inputs.flag("first_wage_income_this_year"),
        sixty_thousand=applies,
    )


def _run(law: Law, case: _Case, *, sixty_thousand: bool) -> list[Withholding]:
    table = law.annual_table.at(_DAY).value
    monthly = law.basic_deduction_fen.at(_DAY).value
    state = YearToDate()
    found: list[Withholding] = []
    for offset, income in enumerate(case.income_fen):
        month = case.start_month + offset
        months = employed_months(month, case.start_month, first_wage_of_year=case.first_wage)
        basic = law.sixty_thousand_fen.at(_DAY).value if sixty_thousand else monthly * months
        amounts = MonthAmounts(income, special_fen=case.special_fen[offset], additional_fen=case.additional_fen[offset])
        found.append(withhold(table, state, amounts, basic))
        state = found[-1].after
    return found


def _refund(law: Law, case: _Case, last: Withholding) -> Decimal:
    """What the annual settlement pays back: withheld, less tax on the year with twelve months' basic deduction."""
    if case.start_month != 1 or len(case.income_fen) != 12:
        raise NotCovered("inputs: monthly_income of the whole year is needed for a refund")
    after = last.after
    year_basic = law.basic_deduction_fen.at(_DAY).value * 12
    taxable = after.income_fen - year_basic - after.special_fen - after.additional_fen
    return yuan(after.withheld_fen - annual_tax(law.annual_table.at(_DAY).value, taxable))


def _basic_deduction_only(law: Law, inputs: Inputs) -> Computed:
    month = inputs.integer("pay_month", 1, 12)
    starts = [inputs.integer(key, 1, month) for key in ("start_month", "employer_start_month") if key in inputs]
    first_wage = inputs.flag("first_wage_income_this_year")
    if not first_wage and not starts:
        raise NotCovered("inputs: start_month is not given")
    months = employed_months(month, starts[0] if starts else month, first_wage_of_year=first_wage)

    def figure(key: str) -> Value:
        if key == "basic_deduction_cumulative":
            return yuan(law.basic_deduction_fen.at(_DAY).value * months)
        raise unknown(key)

    return figure


def _yuan(amounts_fen: list[int]) -> list[Decimal]:
    return [yuan(amount) for amount in amounts_fen]
