"""What a person's pay is made of, and what comes out: plain values that are stored sealed, as one document a payslip.

Structs are stored as msgpack arrays: fields are only ever added at the end, with a default. Those that hold nothing but
figures and names are out of the garbage collector's sight (``gc=False``): a run makes millions of them.
"""

from __future__ import annotations

from datetime import date
from typing import Literal

import msgspec

from modules.payroll.rules.tax import MonthAmounts, YearToDate

#: where the amount of an item comes from
Origin = Literal["standing", "this_run", "formula"]
TaxRule = Literal["standard", "first_wage", "sixty_thousand"]
#: earlier payslips of this tax year at this withholding agent, an opening balance, or nothing at all
SumsFrom = Literal["payslip", "opening", "nothing"]
#: ``no_sums``: employed and surely paid earlier this year, yet no sums of it are known, so that tax may be too low
Warning_ = Literal["no_sums"]
ParkReason = Literal[
    "no_terms",
    "city",
    "law",
    "formula",
    "calendar",
    "fund_rate",
    "injury_rate",
    "income_below_zero",
    "net_below_zero",
    "amount",
    "paid_later",
]


class Terms(msgspec.Struct, frozen=True, array_like=True, kw_only=True):
    """A person's standing terms of pay. Amounts in fen; a base of None is the month's wage (a joiner's first)."""

    #: item code → amount
    amounts: dict[str, int] = {}
    insured: bool = True
    insurance_base_fen: int | None = None
    injury_ppm: int | None = None
    fund: bool = True
    fund_base_fen: int | None = None
    fund_employer_ppm: int | None = None
    fund_employee_ppm: int | None = None
    supplementary_ppm: int = 0
    #: special additional deductions a month: kind → amount (专项附加扣除)
    additional: dict[str, int] = {}
    #: the first wage of the tax year, wherever (公告2020年第13号); the year it is true for
    first_wage_year: int | None = None
    #: last year's wages when all twelve months came from this employer (公告2020年第19号); the year they were paid in
    previous_year: int | None = None
    previous_year_wages_fen: int | None = None


class Person(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Who is paid, as of the month."""

    number: str
    name: str
    unit: str
    position: str
    city: str
    hired_on: date
    left_on: date | None = None


class ItemLine(msgspec.Struct, frozen=True, array_like=True, gc=False):
    code: str
    amount_fen: int
    origin: Origin


class InsuranceLine(msgspec.Struct, frozen=True, array_like=True, gc=False):
    code: str
    employer_fen: int
    employee_fen: int


class Contributions(msgspec.Struct, frozen=True, array_like=True):
    """Bases and rates as used, and each line. A base of zero: not insured, or no fund."""

    declared_fen: int | None
    base_fen: int
    injury_ppm: int
    fund_declared_fen: int | None
    fund_base_fen: int
    fund_employer_ppm: int
    fund_employee_ppm: int
    supplementary_ppm: int
    lines: list[InsuranceLine]


class TaxWorking(msgspec.Struct, frozen=True, array_like=True, gc=False):
    rule: TaxRule
    months: int
    basic_fen: int
    taxable_fen: int
    level: int
    cumulative_tax_fen: int
    due_fen: int
    #: the month of the tax year from which the basic deduction counts at this withholding agent
    start_month: int = 1


class Totals(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """``gross`` is earnings less deductions from work (应发), ``net`` what is paid out (实发)."""

    gross_fen: int = 0
    earnings_fen: int = 0
    deductions_fen: int = 0
    insurance_fen: int = 0
    fund_fen: int = 0
    tax_fen: int = 0
    net_fen: int = 0
    employer_fen: int = 0


class Document(msgspec.Struct, frozen=True, array_like=True):
    """A payslip: what is paid and everything it was made from. The plan it was made with is kept beside it."""

    person: Person
    items: list[ItemLine]
    #: variable → value, as formulas read them
    variables: dict[str, str]
    contributions: Contributions
    additional: dict[str, int]
    amounts: MonthAmounts
    before: YearToDate
    tax: TaxWorking
    after: YearToDate
    totals: Totals
    #: keys of legal figures that are unverified or provisional
    doubts: list[str]
    #: of a correction: line code → (what is right, what was paid before); lines above hold the difference
    corrected: dict[str, tuple[int, int]] | None = None
    #: the last closed payslip's totals, where there is one
    previous: Totals | None = None
    #: where the sums before come from
    before_from: SumsFrom = "payslip"
    warnings: list[Warning_] = []


class Carried(msgspec.Struct, frozen=True, array_like=True):
    """What the next month needs of a ``Document``; the rest of it is passed over unread."""

    person: msgspec.Raw
    items: msgspec.Raw
    variables: msgspec.Raw
    contributions: msgspec.Raw
    additional: msgspec.Raw
    amounts: msgspec.Raw
    before: msgspec.Raw
    tax: TaxWorking
    after: YearToDate
    totals: Totals


class Past(msgspec.Struct, frozen=True):
    """What the tax year brings along at this withholding agent.

    ``start_month``: where the basic deduction begins when it is not the month of joining, because the person came from
    another withholding agent of the same customer (公告2018年第61号: sums are kept by each agent alone).
    """

    sums: YearToDate = YearToDate()
    source: SumsFrom = "nothing"
    start_month: int | None = None
