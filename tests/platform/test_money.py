"""Exact money: rounding agrees with decimal arithmetic, and nothing is rounded in passing."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhiren.money import (
    exact_int,
    fen,
    half_up,
    percent,
    ppm,
    share_fen,
    share_yuan_fen,
    to_fen_half_up,
    yuan,
)

AMOUNTS = st.integers(-(10**12), 10**12)


@given(AMOUNTS, st.integers(1, 10**8))
def test_half_up_is_what_decimal_does(numerator: int, denominator: int) -> None:
    quotient = Decimal(numerator) / Decimal(denominator)
    assert half_up(numerator, denominator) == quotient.quantize(Decimal(1), ROUND_HALF_UP)


@given(AMOUNTS, st.integers(1, 10**8))
def test_half_up_is_never_further_than_a_half(numerator: int, denominator: int) -> None:
    assert abs(2 * (half_up(numerator, denominator) * denominator - numerator)) <= denominator


def test_halves_go_up_where_float_would_not() -> None:
    assert share_yuan_fen(fen(21750), ppm(7)) == fen(1523)
    assert share_fen(fen("716.50"), ppm("0.1")) == 72
    assert half_up(-5, 10) == -1


@given(st.integers(0, 10**10), st.integers(0, 10**6))
def test_a_share_to_the_yuan_is_within_fifty_fen(amount: int, rate: int) -> None:
    whole = share_yuan_fen(amount, rate)
    assert whole % 100 == 0
    assert abs(whole - Decimal(amount) * rate / 10**6) <= 50


@given(AMOUNTS)
def test_yuan_and_back(amount: int) -> None:
    assert fen(yuan(amount)) == amount


@pytest.mark.parametrize("text", ["1.005", "abc", "NaN", "1e99", "0.001"])
def test_what_is_not_fen_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"places|not a number|range"):
        fen(text)


def test_a_trace_of_a_fen_is_not_overlooked() -> None:
    with pytest.raises(ValueError, match="places"):
        exact_int(Decimal("100." + "0" * 25 + "1"), 100)


@pytest.mark.parametrize(
    ("text", "shown"), [("9.8", "9.8"), ("16", "16"), ("0.2", "0.2"), ("10", "10"), ("100", "100")]
)
def test_percentages_read_and_shown(text: str, shown: str) -> None:
    assert str(percent(ppm(text))) == shown


def test_decimals_of_formulas_become_fen() -> None:
    assert to_fen_half_up(Decimal("459.775")) == 45978
    assert to_fen_half_up(Decimal("-0.005")) == -1
