"""Individual income tax on wages (工资薪金个人所得税): the annual table and cumulative withholding (累计预扣法)."""

from __future__ import annotations

from bisect import bisect_left
from typing import NamedTuple

import msgspec

from modules.payroll.rules.parameters import TaxTable
from zhiren.money import share_fen


def bracket(table: TaxTable, taxable_fen: int) -> int:
    """Which bracket (0 the lowest) an amount falls in; upper bounds are inclusive (不超过)."""
    return bisect_left(table.uppers_fen, taxable_fen)


def annual_tax(table: TaxTable, taxable_fen: int) -> int:
    """Tax in fen on a year's taxable income: ``taxable × rate − quick deduction``, halves up; none below zero.

    个人所得税法附表一; 国家税务总局公告2018年第61号附表一.
    """
    if taxable_fen <= 0:
        return 0
    level = bracket(table, taxable_fen)
    return share_fen(taxable_fen, table.rates_ppm[level]) - table.quick_fen[level]


class YearToDate(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One person's sums at one employer in one tax year, all in fen. The year is that of the day of payment."""

    income_fen: int = 0
    exempt_fen: int = 0
    special_fen: int = 0
    additional_fen: int = 0
    other_fen: int = 0
    relief_fen: int = 0
    withheld_fen: int = 0


class MonthAmounts(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What one payment adds to the sums, all in fen.

    ``special_fen`` is the employee's own social insurance and housing fund (专项扣除), ``additional_fen`` the special
    additional deductions (专项附加扣除), ``relief_fen`` tax relieved (减免税额).
    """

    income_fen: int
    exempt_fen: int = 0
    special_fen: int = 0
    additional_fen: int = 0
    other_fen: int = 0
    relief_fen: int = 0


class Withholding(NamedTuple):
    """The working of one withholding, for the trace."""

    after: YearToDate
    #: 累计减除费用
    basic_fen: int
    #: 累计应纳税所得额; may be below zero
    taxable_fen: int
    level: int
    #: 累计应纳税额
    cumulative_tax_fen: int
    #: 本期应预扣预缴税额
    due_fen: int


def employed_months(month: int, start_month: int = 1, *, first_wage_of_year: bool = False) -> int:
    """How many months' basic deduction has accrued by ``month`` of the tax year.

    Months at this employer from ``start_month`` (公告2018年第61号第六条); from January when this is the person's first
    wage of the year, wherever (公告2020年第13号第一条). Raises ValueError unless 1 ≤ start_month ≤ month ≤ 12.
    """
    if not 1 <= start_month <= month <= 12:
        raise ValueError(f"months out of order: start {start_month}, now {month}")
    return month if first_wage_of_year else month - start_month + 1


def sixty_thousand_applies(threshold_fen: int, *, same_employer_all_year: bool, previous_wages_fen: int) -> bool:
    """Whether 60,000 yuan are deducted from January (公告2020年第19号第一条).

    Last year's wages came from this one employer in each of twelve months, were declared, and with the annual bonus and
    before any deduction were not above the threshold.
    """
    return same_employer_all_year and 0 <= previous_wages_fen <= threshold_fen


def withhold(table: TaxTable, before: YearToDate, month: MonthAmounts, basic_fen: int) -> Withholding:
    """Withhold from one payment by the cumulative method; ``basic_fen`` is the deduction accrued so far (累计减除费用).

    国家税务总局公告2018年第56号、第61号第六条. What was withheld too much is not paid back: the balance below zero is
    taken as zero, and the sum withheld stays for later months or the annual settlement.
    """
    income = before.income_fen + month.income_fen
    exempt = before.exempt_fen + month.exempt_fen
    special = before.special_fen + month.special_fen
    additional = before.additional_fen + month.additional_fen
    other = before.other_fen + month.other_fen
    relief = before.relief_fen + month.relief_fen
    taxable = income - exempt - basic_fen - special - additional - other
    if taxable > 0:
        level = bisect_left(table.uppers_fen, taxable)
        tax = share_fen(taxable, table.rates_ppm[level]) - table.quick_fen[level]
    else:
        level = tax = 0
    due = max(0, tax - relief - before.withheld_fen)
    after = YearToDate(income, exempt, special, additional, other, relief, before.withheld_fen + due)
    return Withholding(after, basic_fen, taxable, level, tax, due)
