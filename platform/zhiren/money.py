"""Exact money: amounts are integer fen (分), rates integer parts per million, and halves round away from zero.

No float ever touches an amount: 21,750.00 × 7% is 1,522.50 exactly, and the yuan it rounds to is 1,523, not 1,522.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Final

FEN_PER_YUAN: Final = 100
PPM: Final = 1_000_000
_ONE: Final = Decimal(1)
#: a thousand million yuan: anything larger on a payslip is a typing error, not a wage
AMOUNT_LIMIT_FEN: Final = 100_000_000_000


def half_up(numerator: int, denominator: int) -> int:
    """``numerator / denominator`` to the nearest integer, halves away from zero (四舍五入). ``denominator`` > 0."""
    if numerator >= 0:
        return (2 * numerator + denominator) // (2 * denominator)
    return -((-2 * numerator + denominator) // (2 * denominator))


def share_fen(amount_fen: int, rate_ppm: int) -> int:
    """A rate of an amount, rounded once, to the fen."""
    return half_up(amount_fen * rate_ppm, PPM)


def share_yuan_fen(amount_fen: int, rate_ppm: int) -> int:
    """A rate of an amount, rounded once, to the yuan; answered in fen."""
    return half_up(amount_fen * rate_ppm, PPM * FEN_PER_YUAN) * FEN_PER_YUAN


def exact_int(value: Decimal, scale: int) -> int:
    """``value × scale`` as an integer. Raises ValueError when it is not one: nothing is rounded in passing."""
    if not value.is_finite() or value.adjusted() > 30 or int(value.as_tuple().exponent) < -30:
        raise ValueError(f"{value} is out of range")
    numerator, denominator = value.as_integer_ratio()
    whole, rest = divmod(numerator * scale, denominator)
    if rest:
        raise ValueError(f"{value} has more places than 1/{scale}")
    return whole


def fen(yuan: Decimal | int | str) -> int:
    """Yuan to fen. Raises ValueError for a part of a fen or what is not a number."""
    try:
        return exact_int(Decimal(yuan), FEN_PER_YUAN)
    except InvalidOperation as error:
        raise ValueError(f"not a number: {yuan!r}") from error


def ppm(percent: Decimal | int | str) -> int:
    """A percentage (``"9.8"``) to parts per million (98000)."""
    try:
        return exact_int(Decimal(percent), PPM // 100)
    except InvalidOperation as error:
        raise ValueError(f"not a number: {percent!r}") from error


def yuan(amount_fen: int) -> Decimal:
    """Fen to yuan, exactly, with two places."""
    return Decimal(amount_fen).scaleb(-2)


def percent(rate_ppm: int) -> Decimal:
    """Parts per million to a percentage without needless zeros: 98000 is ``9.8``."""
    value = Decimal(rate_ppm).scaleb(-4).normalize()
    return value.quantize(Decimal(1)) if value == value.to_integral_value() else value


def to_fen_half_up(amount_yuan: Decimal) -> int:
    """Yuan with any number of places to whole fen, halves away from zero."""
    return int(amount_yuan.scaleb(2).quantize(_ONE, rounding=ROUND_HALF_UP))
