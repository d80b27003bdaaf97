"""What is the same for everybody in one month's run: pay items, and the law as it stands on the days that matter.

A plan is a plain value. It is kept beside the payslips made with it, so that a payslip can be explained years later
with the very figures it was made from.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from typing import Any, Final, Literal

import msgspec

from modules.payroll.rules.calendar import Calendar, month_span
from modules.payroll.rules.parameters import Bounds, Found, Law, NoParameters, Rate, RateBounds, Region, TaxTable
from modules.payroll.rules.working_time import monthly_days

ItemKind = Literal["earning", "deduction", "figure"]
#: how far a figure can be relied on
Standing = Literal["verified", "unverified", "provisional"]

#: variables a formula may read: Chinese name → ASCII name
VARIABLES: Final[dict[str, str]] = {
    "计薪日": "paid_days",
    "在职计薪日": "employed_paid_days",
    "工作日": "workdays",
    "在职工作日": "employed_workdays",
    "月计薪天数": "standard_paid_days",
    "工龄月数": "months_of_service",
}
#: those that need the year's holiday arrangement
CALENDAR_VARIABLES: Final = frozenset(name for pair in list(VARIABLES.items())[:4] for name in pair)


class ItemRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A pay item as it holds in the month. A ``figure`` is read by formulas and not paid itself (月薪, 加班小时)."""

    code: str
    name: str
    kind: ItemKind
    #: an earning is taxed, a deduction lowers what is taxed
    taxable: bool = True
    #: counts into the contribution base of a joiner's first month
    insurable: bool = True
    formula: str = ""


class Citation(msgspec.Struct, frozen=True):
    """A legal figure that was used, and where it comes from."""

    key: str
    source: str
    valid_from: date
    valid_to: date | None
    standing: Standing
    note: str = ""


class InsuranceRule(msgspec.Struct, frozen=True):
    code: str
    rate: Rate
    citation: str


class CityRules(msgspec.Struct, frozen=True):
    code: str
    name: str
    bounds: Bounds
    bounds_citation: str
    lines: tuple[InsuranceRule, ...]
    injury: RateBounds
    injury_citation: str
    fund_bounds: Bounds
    fund_bounds_citation: str
    fund_rate: RateBounds
    fund_rate_citation: str
    supplementary: RateBounds | None
    supplementary_citation: str
    #: keys of the figures above that are unverified or provisional
    doubts: tuple[str, ...]


class Plan(msgspec.Struct, frozen=True):
    """Everything a calculation needs beside the person."""

    year: int
    month: int
    pay_on: date
    items: tuple[ItemRule, ...]
    table: TaxTable
    table_citation: str
    basic_fen: int
    basic_citation: str
    first_wage_citation: str
    sixty_thousand_fen: int | None
    sixty_thousand_citation: str
    cities: dict[str, CityRules]
    #: city → the figure that is missing, where nothing at all is known
    refused: dict[str, str]
    #: per day of the month, whether it is paid and whether it is worked; None without a holiday arrangement
    paid: tuple[bool, ...] | None
    worked: tuple[bool, ...] | None
    standard_paid_days: str
    citations: dict[str, Citation]
    doubts: tuple[str, ...]

    @property
    def first_day(self) -> date:
        return month_span(self.year, self.month)[0]

    @property
    def last_day(self) -> date:
        return month_span(self.year, self.month)[1]


class _Cites:
    """Notes every figure that is taken from the law."""

    def __init__(self) -> None:
        self.citations: dict[str, Citation] = {}

    def take(self, found: Found[Any]) -> str:
        entry, told = found.entry, found.entry.provenance
        standing: Standing = "provisional" if found.provisional else "verified" if told.verified else "unverified"
        self.citations[entry.key] = Citation(
            entry.key, told.source, told.valid_from, told.valid_to, standing, told.note
        )
        return entry.key

    def doubts(self, keys: Iterable[str]) -> tuple[str, ...]:
        return tuple(key for key in keys if self.citations[key].standing != "verified")


def build(law: Law, year: int, month: int, pay_on: date, *, items: Sequence[ItemRule], cities: Collection[str]) -> Plan:
    """The plan for a month of work (``year``, ``month``: insurance, working days) paid on ``pay_on`` (tax).

    Raises NoParameters when the tax table itself is unknown for that day; a city without figures is noted in
    ``refused`` and parks its people.
    """
    cites = _Cites()
    first, last = month_span(year, month)
    table = law.annual_table.at(pay_on)
    basic = law.basic_deduction_fen.at(pay_on)
    tax_keys = [cites.take(table), cites.take(basic)]
    first_wage = _optional(cites, law.first_wage_rule.at, pay_on)
    sixty = _optional(cites, law.sixty_thousand_fen.at, pay_on)
    working_time = law.working_time.at(first)
    cites.take(working_time)
    calendar = Calendar(law.calendar)
    classes = None
    if calendar.covers(year):
        classes = [calendar.day_class(first.replace(day=day)) for day in range(1, last.day + 1)]
        cites.take(Found(law.calendar[year], provisional=False))
    rules: dict[str, CityRules] = {}
    refused: dict[str, str] = {}
    for city in sorted(cities):
        region = law.region(city)
        if region is None or not region.pays:
            refused[city] = "region"
            continue
        try:
            rules[city] = _city(cites, region, first)
        except NoParameters as missing:
            refused[city] = missing.name
    return Plan(
        year=year,
        month=month,
        pay_on=pay_on,
        items=tuple(items),
        table=table.value,
        table_citation=tax_keys[0],
        basic_fen=basic.value,
        basic_citation=tax_keys[1],
        first_wage_citation=first_wage[1],
        sixty_thousand_fen=sixty[0],
        sixty_thousand_citation=sixty[1],
        cities=rules,
        refused=refused,
        paid=tuple(each in ("workday", "statutory") for each in classes) if classes else None,
        worked=tuple(each == "workday" for each in classes) if classes else None,
        standard_paid_days=str(monthly_days(working_time.value).paid_days_month),
        citations=cites.citations,
        doubts=cites.doubts(tax_keys),
    )


def _optional(cites: _Cites, at: Any, day: date) -> tuple[Any, str]:
    """A rule that came with a later announcement: before that day it simply is not there."""
    try:
        found = at(day)
    except NoParameters:
        return None, ""
    return found.value, cites.take(found)


def _city(cites: _Cites, region: Region, day: date) -> CityRules:
    bounds = region.insurance_base.at(day)
    injury = region.injury.at(day)
    fund_bounds, fund_rate = region.fund_base.at(day), region.fund_rate.at(day)
    lines = []
    for code, timeline in region.rates.items():
        found = timeline.at(day)
        lines.append(InsuranceRule(code, found.value, cites.take(found)))
    extra, extra_key = _optional(cites, region.supplementary_rate.at, day)
    keys = [cites.take(found) for found in (bounds, injury, fund_bounds, fund_rate)]
    return CityRules(
        code=region.code,
        name=region.name,
        bounds=bounds.value,
        bounds_citation=keys[0],
        lines=tuple(lines),
        injury=injury.value,
        injury_citation=keys[1],
        fund_bounds=fund_bounds.value,
        fund_bounds_citation=keys[2],
        fund_rate=fund_rate.value,
        fund_rate_citation=keys[3],
        supplementary=extra,
        supplementary_citation=extra_key,
        doubts=cites.doubts([*keys, *(line.citation for line in lines)]),
    )
