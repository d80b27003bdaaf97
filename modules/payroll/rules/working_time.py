"""Days and hours a monthly wage stands for (人社部发〔2025〕2号)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from modules.payroll.rules.parameters import WorkingTime
from zhiren.money import half_up

HOURS_PER_DAY = 8


@dataclass(frozen=True, slots=True)
class MonthlyDays:
    """``work_days_month`` is rounded to two places as published; ``paid_days_month`` is exact (21.75)."""

    work_days_year: int
    work_days_quarter: Decimal
    work_days_month: Decimal
    work_hours_month: Decimal
    paid_days_month: Decimal


def monthly_days(time: WorkingTime) -> MonthlyDays:
    """Work days leave rest days and statutory holidays out; paid days (月计薪天数) leave out rest days only, because
    statutory holidays are paid (劳动法第五十一条)."""
    year = time.year_days - time.rest_days - time.statutory_holidays
    month = (Decimal(year) / 12).quantize(Decimal("0.01"), ROUND_HALF_UP)
    return MonthlyDays(
        work_days_year=year,
        work_days_quarter=Decimal(year) / 4,
        work_days_month=month,
        work_hours_month=month * HOURS_PER_DAY,
        paid_days_month=(Decimal(time.year_days - time.rest_days) / 12).quantize(Decimal("0.01"), ROUND_HALF_UP),
    )


def daily_wage_fen(monthly_fen: int, time: WorkingTime, days: int = 1) -> int:
    """``days`` days of a monthly wage: × days ÷ 21.75, rounded once to the fen."""
    return half_up(monthly_fen * days * 12, time.year_days - time.rest_days)
