"""Social insurance and housing fund: published sums, and what clamping and rounding promise."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modules.payroll.legal import load
from modules.payroll.rules import insurance
from modules.payroll.rules.parameters import Bounds, Rate
from zhiren.money import fen, ppm

BEIJING = load().regions["beijing"]
BASES = st.integers(0, 10**8)
RATES = st.integers(0, 10**6)


def test_beijings_published_floor() -> None:
    """2025-07: 1,897.93 and 755.01 of 7,162.00; only rounding each line gives these sums."""
    day = date(2025, 7, 1)
    sides = [insurance.line(fen(7162), BEIJING.rates[name].at(day).value) for name in BEIJING.rates]
    injury = insurance.injury(fen(7162), ppm("0.2"))
    assert sum(side.employer_fen for side in sides) + injury == fen("1897.93")
    assert sum(side.employee_fen for side in sides) == fen("755.01")
    assert sides[1].employee_fen == fen("146.24")


@given(BASES)
def test_a_clamped_base_lies_within_its_bounds_and_stays(base: int) -> None:
    bounds = BEIJING.insurance_base.at(date(2026, 1, 1)).value
    clamped = insurance.clamp(base, bounds)
    assert bounds.floor_fen <= clamped <= bounds.cap_fen
    assert insurance.clamp(clamped, bounds) == clamped
    assert clamped == base or base < bounds.floor_fen or base > bounds.cap_fen


@given(BASES, BASES, RATES)
def test_a_higher_base_never_pays_less(low: int, high: int, rate: int) -> None:
    low, high = sorted((low, high))
    both = Rate(rate, rate)
    assert insurance.line(low, both).total_fen <= insurance.line(high, both).total_fen
    assert insurance.fund_side(low, rate, 100) <= insurance.fund_side(high, rate, 100)


@given(BASES, RATES, st.sampled_from([1, 10, 100]))
def test_a_fund_side_is_whole_units_nearest_to_the_share(base: int, rate: int, unit: int) -> None:
    side = insurance.fund_side(base, rate, unit)
    assert side % unit == 0
    assert abs(side * 10**6 - base * rate) * 2 <= unit * 10**6


@pytest.mark.parametrize(("base", "pct", "side"), [(36921, "7", 2584), (21750, "7", 1523), (36405, "12", 4369)])
def test_published_fund_deposits(base: int, pct: str, side: int) -> None:
    assert insurance.fund_side(fen(base), ppm(pct), 100) == fen(side)


def test_bounds_of_an_annual_average_are_rounded_once() -> None:
    bounds = insurance.base_bounds(fen(84912), 12, ppm(60), ppm(300))
    assert bounds == Bounds(fen(4246), fen(21228))
    assert insurance.base_bounds(fen(90220), 12, ppm(60), ppm(300)) == Bounds(fen(4511), fen(22555))


def test_the_fixed_part_is_the_employees() -> None:
    assert insurance.line(fen(10000), Rate(ppm("9.8"), ppm(2), 300)) == insurance.Sides(fen(980), fen(203))
