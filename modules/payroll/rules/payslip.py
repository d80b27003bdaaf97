"""One person's month: pay items, social insurance, housing fund, tax, net pay, and the working of each.

``Calculator`` is made once for a plan and then asked for one person after another; it is pure and keeps nothing.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Final, NamedTuple

import msgspec

from modules.payroll.rules import insurance
from modules.payroll.rules.document import (
    Contributions,
    Document,
    InsuranceLine,
    ItemLine,
    Origin,
    ParkReason,
    Past,
    Person,
    TaxRule,
    TaxWorking,
    Terms,
    Totals,
)
from modules.payroll.rules.formula import Formula, FormulaError, evaluation_order, parse
from modules.payroll.rules.plan import CALENDAR_VARIABLES, VARIABLES, CityRules, ItemRule, Plan
from modules.payroll.rules.tax import MonthAmounts, YearToDate, employed_months, withhold
from zhiren.money import AMOUNT_LIMIT_FEN, to_fen_half_up, yuan

FUND_LINES: Final = frozenset({"fund", "supplementary_fund"})


class Parked(Exception):
    """This person cannot be paid as things stand: ``reason`` for programs, ``detail`` names the item or figure."""

    def __init__(self, reason: ParkReason, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason: ParkReason = reason
        self.detail = detail


class _Step(NamedTuple):
    """One item, in the order of reckoning. ``read_as``: its code and name, where a formula reads them."""

    item: ItemRule
    formula: Formula | None
    read_as: list[str]


class _Known(NamedTuple):
    """Variables as a payslip notes them and as formulas read them."""

    variables: dict[str, str]
    environment: dict[str, Decimal]


class Calculator:
    """Pays people by one plan. Raises FormulaError when the plan's formulas do not stand together."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self._items = {item.code: item for item in plan.items}
        self._formulas: dict[str, Formula] = {item.code: parse(item.formula) for item in plan.items if item.formula}
        by_name = {item.name: item.code for item in plan.items}
        # a formula may name an item by code or by name; the order is reckoned in codes
        renamed = {code: formula.renamed(by_name) for code, formula in self._formulas.items()}
        plain = [code for code in self._items if code not in self._formulas]
        known = [*plain, *VARIABLES, *VARIABLES.values()]
        used = {name for formula in self._formulas.values() for name in formula.names}
        self._steps = [
            _Step(item := self._items[code], self._formulas.get(code), [n for n in {code, item.name} if n in used])
            for code in [*plain, *evaluation_order(renamed, known)]
        ]
        self._uses_calendar = bool(used & CALENDAR_VARIABLES)
        self._known: dict[tuple[int, int, int], _Known] = {}
        self._paid = _running(plan.paid)
        self._worked = _running(plan.worked)
        self._first, self._last = plan.first_day, plan.last_day

    def calculate(
        self,
        person: Person,
        terms: Terms,
        past: Past,
        *,
        this_run: dict[str, int] | None = None,
        paid: dict[str, int] | None = None,
        paid_additional_fen: int = 0,
        previous: Totals | None = None,
    ) -> Document:
        """One person's payslip. ``this_run`` are amounts for this run alone; ``paid``, for a correction, what closed
        runs of the same month have paid by line code, so that this payslip is the difference. ``previous`` is noted.

        Raises Parked.
        """
        before = past.sums
        variables, environment = self._variables(person)
        items = self._item_lines(terms, this_run or {}, environment.copy())
        city = self._city(person, terms)
        sums = _sums(self._items, items)
        contributions = _contributions(city, terms, max(0, sums.insurable))
        additional_fen = sum(terms.additional.values())
        corrected = None
        if paid is not None:
            items, contributions, corrected = _difference(self._items, items, contributions, paid)
            additional_fen -= paid_additional_fen
            sums = _sums(self._items, items)
        special = sum(line.employee_fen for line in contributions.lines)
        amounts = MonthAmounts(sums.taxable, special_fen=special, additional_fen=additional_fen)
        if before.income_fen + sums.taxable < 0:
            raise Parked("income_below_zero")
        working, after = self._tax(person, terms, past, amounts)
        totals = _totals(sums, contributions, working.due_fen)
        if totals.net_fen < 0 and paid is None:
            raise Parked("net_below_zero")
        return Document(
            person=person,
            items=items,
            variables=variables,
            contributions=contributions,
            additional=terms.additional,
            amounts=amounts,
            before=before,
            tax=working,
            after=after,
            totals=totals,
            doubts=[*self.plan.doubts, *(city.doubts if city else ())],
            corrected=corrected,
            previous=previous,
            before_from=past.source,
            warnings=["no_sums"] if self._sums_missing(person, terms, past) else [],
        )

    # ---- parts

    def _variables(self, person: Person) -> _Known:
        """Most people of a month share these, so that each set is made once."""
        first, last = max(self._first, person.hired_on), min(self._last, person.left_on or self._last)
        months = _full_months(person.hired_on, self._last)
        if self._paid is None or self._worked is None:
            if self._uses_calendar:
                raise Parked("calendar", str(self.plan.year))
            return self._known.get((months, 0, 0)) or self._know(months, 0, 0)
        days = _between(self._paid, first, last), _between(self._worked, first, last)
        return self._known.get((months, *days)) or self._know(months, *days)

    def _know(self, months: int, paid_days: int, workdays: int) -> _Known:
        found = {"月计薪天数": self.plan.standard_paid_days, "工龄月数": str(months)}
        if self._paid is not None and self._worked is not None:
            found["计薪日"] = str(self._paid[-1])
            found["在职计薪日"] = str(paid_days)
            found["工作日"] = str(self._worked[-1])
            found["在职工作日"] = str(workdays)
        environment: dict[str, Decimal] = {}
        for name, value in found.items():
            environment[name] = environment[VARIABLES[name]] = Decimal(value)
        known = self._known[months, paid_days, workdays] = _Known(found, environment)
        return known

    def _item_lines(self, terms: Terms, this_run: dict[str, int], environment: dict[str, Decimal]) -> list[ItemLine]:
        """Each item in the plan's order; what formulas read of them goes into ``environment``, in yuan."""
        found: dict[str, ItemLine] = {}
        standing = terms.amounts
        for item, formula, read_as in self._steps:
            code = item.code
            origin: Origin = "standing"
            if code in this_run:
                fen, origin = this_run[code], "this_run"
            elif formula is not None:
                fen, origin = _evaluated(formula, item, environment), "formula"
            else:
                fen = standing.get(code, 0)
            if not -AMOUNT_LIMIT_FEN <= fen <= AMOUNT_LIMIT_FEN:
                raise Parked("amount", item.name)
            found[code] = ItemLine(code, fen, origin)
            for name in read_as:
                environment[name] = yuan(fen)
        return [found[code] for code in self._items]

    def _city(self, person: Person, terms: Terms) -> CityRules | None:
        if not (terms.insured or terms.fund):
            return None
        city = self.plan.cities.get(person.city)
        if city is None:
            missing = self.plan.refused.get(person.city, "region")
            raise Parked("city" if missing == "region" else "law", person.city if missing == "region" else missing)
        return city

    def _tax(self, person: Person, terms: Terms, past: Past, amounts: MonthAmounts) -> tuple[TaxWorking, YearToDate]:
        plan = self.plan
        year, month = plan.pay_on.year, plan.pay_on.month
        hired, left = person.hired_on, person.left_on
        start = min(hired.month, month) if hired.year == year else 1
        if past.start_month is not None:
            start = min(past.start_month, month)
        last = left.month if left and left.year == year and start <= left.month < month else month
        rule: TaxRule = "standard"
        if plan.first_wage_citation and terms.first_wage_year == year:
            rule = "first_wage"
        months = employed_months(last, start, first_wage_of_year=rule == "first_wage")
        basic = plan.basic_fen * months
        limit = plan.sixty_thousand_fen
        wages = terms.previous_year_wages_fen
        if limit is not None and wages is not None and terms.previous_year == year - 1 and wages <= limit:
            rule, basic = "sixty_thousand", limit
        done = withhold(plan.table, past.sums, amounts, basic)
        working = TaxWorking(
            rule, months, basic, done.taxable_fen, done.level, done.cumulative_tax_fen, done.due_fen, start
        )
        return working, done.after

    def _sums_missing(self, person: Person, terms: Terms, past: Past) -> bool:
        """Somebody here before the month of work was paid earlier in the tax year, and nothing is known of it."""
        plan = self.plan
        return (
            past.source == "nothing"
            and past.start_month is None
            and plan.pay_on.month > 1
            and person.hired_on < self._first
            and terms.first_wage_year != plan.pay_on.year
        )


def _evaluated(formula: Formula, item: ItemRule, environment: dict[str, Decimal]) -> int:
    try:
        value = formula.evaluate(environment)
    except FormulaError as error:
        raise Parked("formula", f"{item.name}: {error.fault}") from error
    return to_fen_half_up(value)


def _running(days: tuple[bool, ...] | None) -> list[int] | None:
    if days is None:
        return None
    sums = [0]
    for day in days:
        sums.append(sums[-1] + day)
    return sums


def _between(sums: list[int], first: date, last: date) -> int:
    return sums[last.day] - sums[first.day - 1] if first <= last else 0


def _full_months(hired: date, last_day: date) -> int:
    """Whole months from the day of joining to the end of the month that ``last_day`` ends."""
    months = (last_day.year - hired.year) * 12 + last_day.month + 1 - hired.month
    return max(0, months - (hired.day > 1))


class _Sums(NamedTuple):
    earnings: int
    deductions: int
    taxable: int
    insurable: int


def _sums(rules: dict[str, ItemRule], items: list[ItemLine]) -> _Sums:
    earnings = deductions = taxable = insurable = 0
    for line in items:
        fen = line.amount_fen
        if not fen:
            continue
        item = rules[line.code]
        if item.kind == "figure":
            continue
        sign = 1
        if item.kind == "earning":
            earnings += fen
        else:
            deductions += fen
            sign = -1
        if item.taxable:
            taxable += sign * fen
        if item.insurable:
            insurable += sign * fen
    return _Sums(earnings, deductions, taxable, insurable)


def _contributions(city: CityRules | None, terms: Terms, wage_fen: int) -> Contributions:
    """Every line of social insurance and housing fund. A base nobody has declared is the month's wage."""
    lines: list[InsuranceLine] = []
    base = injury_ppm = fund_base = employer_ppm = employee_ppm = extra_ppm = 0
    if city is not None and terms.insured:
        declared = wage_fen if terms.insurance_base_fen is None else terms.insurance_base_fen
        base = insurance.clamp(declared, city.bounds)
        for rule in city.lines:
            sides = insurance.line(base, rule.rate)
            lines.append(InsuranceLine(rule.code, sides.employer_fen, sides.employee_fen))
        injury_ppm = city.injury.default_ppm if terms.injury_ppm is None else terms.injury_ppm
        if not city.injury.low_ppm <= injury_ppm <= city.injury.high_ppm:
            raise Parked("injury_rate", city.name)
        lines.append(InsuranceLine("injury", insurance.injury(base, injury_ppm), 0))
    if city is not None and terms.fund:
        declared = wage_fen if terms.fund_base_fen is None else terms.fund_base_fen
        fund_base = insurance.clamp(declared, city.fund_bounds)
        limits = city.fund_rate
        employer_ppm = limits.default_ppm if terms.fund_employer_ppm is None else terms.fund_employer_ppm
        employee_ppm = employer_ppm if terms.fund_employee_ppm is None else terms.fund_employee_ppm
        if not all(limits.low_ppm <= rate <= limits.high_ppm for rate in (employer_ppm, employee_ppm)):
            raise Parked("fund_rate", city.name)
        unit = limits.unit_fen
        lines.append(
            InsuranceLine(
                "fund",
                insurance.fund_side(fund_base, employer_ppm, unit),
                insurance.fund_side(fund_base, employee_ppm, unit),
            )
        )
        extra_ppm = terms.supplementary_ppm
        if extra_ppm:
            extra = city.supplementary
            if extra is None or not extra.low_ppm <= extra_ppm <= extra.high_ppm:
                raise Parked("fund_rate", city.name)
            side = insurance.fund_side(fund_base, extra_ppm, extra.unit_fen)
            lines.append(InsuranceLine("supplementary_fund", side, side))
    return Contributions(
        declared_fen=terms.insurance_base_fen,
        base_fen=base,
        injury_ppm=injury_ppm,
        fund_declared_fen=terms.fund_base_fen,
        fund_base_fen=fund_base,
        fund_employer_ppm=employer_ppm,
        fund_employee_ppm=employee_ppm,
        supplementary_ppm=extra_ppm,
        lines=lines,
    )


def line_amounts(document: Document, rules: dict[str, ItemRule]) -> dict[str, int]:
    """What a payslip pays, by line code: items by their own, ``si.pension.ee`` and ``si.pension.er`` for each side."""
    found = {line.code: line.amount_fen for line in document.items if rules[line.code].kind != "figure"}
    for line in document.contributions.lines:
        found[f"si.{line.code}.er"] = line.employer_fen
        found[f"si.{line.code}.ee"] = line.employee_fen
    return found


def _difference(
    rules: dict[str, ItemRule], items: list[ItemLine], contributions: Contributions, paid: dict[str, int]
) -> tuple[list[ItemLine], Contributions, dict[str, tuple[int, int]]]:
    """Lines less what was paid for the same month already; with (right, paid before) of every line that is paid."""
    known: dict[str, tuple[int, int]] = {}

    def left(code: str, right: int) -> int:
        before = paid.get(code, 0)
        if right or before:
            known[code] = (right, before)
        return right - before

    new_items = [
        line
        if rules[line.code].kind == "figure"
        else ItemLine(line.code, left(line.code, line.amount_fen), line.origin)
        for line in items
    ]
    lines = {line.code: line for line in contributions.lines}
    gone = {code.split(".")[1] for code in paid if code.startswith("si.")} - lines.keys()
    new_lines = [
        InsuranceLine(
            code,
            left(f"si.{code}.er", lines[code].employer_fen if code in lines else 0),
            left(f"si.{code}.ee", lines[code].employee_fen if code in lines else 0),
        )
        for code in [*lines, *sorted(gone)]
    ]
    return new_items, msgspec.structs.replace(contributions, lines=new_lines), known


def _totals(sums: _Sums, contributions: Contributions, tax_fen: int) -> Totals:
    insured = funded = employer = 0
    for line in contributions.lines:
        if line.code in FUND_LINES:
            funded += line.employee_fen
        else:
            insured += line.employee_fen
        employer += line.employer_fen
    gross = sums.earnings - sums.deductions
    return Totals(
        gross_fen=gross,
        earnings_fen=sums.earnings,
        deductions_fen=sums.deductions,
        insurance_fen=insured,
        fund_fen=funded,
        tax_fen=tax_fen,
        net_fen=gross - insured - funded - tax_fen,
        employer_fen=employer,
    )
