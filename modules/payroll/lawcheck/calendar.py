"""Examples of working days and of the days a month stands for."""

from __future__ import annotations

from modules.payroll.lawcheck.values import Computed, Inputs, NotCovered, Value, unknown
from modules.payroll.rules import working_time
from modules.payroll.rules.calendar import OVERTIME_PCT, Calendar, YearNotCovered, month_span
from modules.payroll.rules.parameters import Law, WorkingTime


def workdays(law: Law, _topic: str, inputs: Inputs) -> Computed:
    year = inputs.integer("year", 1900, 2200)
    calendar = Calendar(law.calendar)
    if not calendar.covers(year):
        raise NotCovered(f"holiday arrangement of {year}")
    if "month" in inputs:
        span = month_span(year, inputs.integer("month", 1, 12))
        return _one("workdays", calendar.workdays(*span))
    by_month = calendar.workdays_by_month(year)

    def figure(key: str) -> Value:
        if key == "workdays_by_month":
            return list(by_month)
        if key == "total":
            return sum(by_month)
        raise unknown(key)

    return figure


def day_class(law: Law, _topic: str, inputs: Inputs) -> Computed:
    try:
        found = Calendar(law.calendar).day_class(inputs.day("date"))
    except YearNotCovered as error:
        raise NotCovered(f"holiday arrangement of {error.year}") from error

    def figure(key: str) -> Value:
        if key == "class":
            return found
        if key == "overtime_pct":
            return OVERTIME_PCT[found]
        raise unknown(key)

    return figure


def monthly_days(_law: Law, _topic: str, inputs: Inputs) -> Computed:
    found = working_time.monthly_days(
        WorkingTime(
            year_days=inputs.integer("year_days", 365, 366),
            rest_days=inputs.integer("rest_days", 0, 200),
            statutory_holidays=inputs.integer("statutory_holidays", 0, 100),
        )
    )

    def figure(key: str) -> Value:
        if key not in working_time.MonthlyDays.__dataclass_fields__:
            raise unknown(key)
        value: Value = getattr(found, key)
        return value

    return figure


def _one(name: str, value: Value) -> Computed:
    def figure(key: str) -> Value:
        if key == name:
            return value
        raise unknown(key)

    return figure
