"""Social insurance (五险) and housing fund (住房公积金): base, lines, rounding."""

from __future__ import annotations

from typing import NamedTuple

from modules.payroll.rules.parameters import Bounds, Rate
from zhiren.money import FEN_PER_YUAN, PPM, half_up, share_fen


class Sides(NamedTuple):
    """What each side pays, in fen."""

    employer_fen: int
    employee_fen: int

    @property
    def total_fen(self) -> int:
        return self.employer_fen + self.employee_fen


def clamp(base_fen: int, bounds: Bounds) -> int:
    """The contribution base: last year's monthly average, no less than the floor, no more than the cap.

    社会保险法 with the city's yearly notice; the bounds are the notice's figures.
    """
    return min(max(base_fen, bounds.floor_fen), bounds.cap_fen)


def base_bounds(average_fen: int, months: int, floor_ppm: int, cap_ppm: int) -> Bounds:
    """Bounds from an average wage over ``months`` months (1 or 12): 60% and 300% of the monthly average as a rule.

    Each bound is rounded once, to the yuan, halves up: 4,245.60 is published as 4,246. The monthly average itself is
    not rounded on the way.
    """
    divisor = PPM * months * FEN_PER_YUAN
    return Bounds(
        floor_fen=half_up(average_fen * floor_ppm, divisor) * FEN_PER_YUAN,
        cap_fen=half_up(average_fen * cap_ppm, divisor) * FEN_PER_YUAN,
    )


def line(base_fen: int, rate: Rate) -> Sides:
    """One insurance: each side rounded by itself to the fen, halves up; the totals are sums of rounded lines.

    Proven by Beijing's published sums (7,162.00: 1,897.93 and 755.01, of which medical 143.24 + 3.00).
    """
    return Sides(
        employer_fen=share_fen(base_fen, rate.employer_ppm),
        employee_fen=share_fen(base_fen, rate.employee_ppm) + rate.employee_fixed_fen,
    )


def injury(base_fen: int, rate_ppm: int) -> int:
    """Work injury insurance (工伤保险): the employer alone pays, at the rate of its trade."""
    return share_fen(base_fen, rate_ppm)


def fund_side(base_fen: int, rate_ppm: int, unit_fen: int) -> int:
    """One side's housing fund deposit, rounded by itself to the city's unit (the yuan as a rule), halves up.

    Rounded per side and then added: 36,921 × 7% is 2,584 a side and 5,168 together.
    """
    return half_up(base_fen * rate_ppm, PPM * unit_fen) * unit_fen
