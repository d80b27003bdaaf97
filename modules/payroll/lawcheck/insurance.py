"""Examples of social insurance, of base bounds, and of the housing fund."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final, TypeVar

from modules.payroll.lawcheck.values import Computed, Inputs, NotCovered, Value, unknown
from modules.payroll.rules import insurance
from modules.payroll.rules.parameters import Bounds, Found, Law, NoParameters, Rate, Region, Timeline
from zhiren.money import FEN_PER_YUAN, PPM, half_up, ppm, share_fen, yuan

T = TypeVar("T")
U = TypeVar("U")
Side = str  # "employer" | "employee" | "flexible"

_SIDES: Final = {
    "employer": "employer",
    "er": "employer",
    "company": "employer",
    "employee": "employee",
    "ee": "employee",
    "flexible": "flexible",
}
_LINES: Final = {
    "pension": "pension",
    "medical": "medical",
    "medical1": "medical",
    "medical_incl_maternity": "medical",
    "unemployment": "unemployment",
    "injury": "injury",
}
#: who insures himself pays both shares (灵活就业、个人身份)
_FLEXIBLE: Final = frozenset({"个人身份", "灵活就业", "灵活就业人员", "flexible"})
_WITH_PERCENT: Final = re.compile(r"([a-z_0-9]+?)_([0-9]+(?:\.[0-9]+)?)pct")
_LINE_AND_SIDE: Final = re.compile(r"([a-z_0-9]+)_(employer|employee|er|ee|company)")
_SIDE_AND_LINE: Final = re.compile(r"(employer|employee|er|ee|company)_([a-z_0-9]+)")
_YUAN_ROUNDING: Final = frozenset({"元,四舍五入", "元四舍五入", "四舍五入到元", "到元四舍五入", "到元,四舍五入", "元"})


_READ: Final[dict[Side, Callable[[Rate], tuple[int | None, int]]]] = {
    "employer": lambda rate: (rate.employer_ppm, 0),
    "employee": lambda rate: (rate.employee_ppm, rate.employee_fixed_fen),
    "flexible": lambda rate: (rate.flexible_ppm, 0),
}


def base_bounds(_law: Law, _topic: str, inputs: Inputs) -> Computed:
    if "rounding" in inputs:
        told = re.sub(r"\s", "", inputs.text("rounding")).replace("\uff0c", ",")
        if told not in _YUAN_ROUNDING:
            raise NotCovered(f"inputs: rounding {told}")
    if "avg_annual_wage" in inputs:
        average, months = inputs.fen("avg_annual_wage"), 12
    else:
        average, months = inputs.fen("avg_monthly_wage"), 1
    shares = {
        "floor": inputs.integer("floor_pct", 1, 1000, default=60) * 10_000,
        "cap": inputs.integer("cap_pct", 1, 1000, default=300) * 10_000,
    }
    bounds = insurance.base_bounds(average, months, shares["floor"], shares["cap"])

    def figure(key: str) -> Value:
        if key == "floor":
            return yuan(bounds.floor_fen)
        if key == "cap":
            return yuan(bounds.cap_fen)
        if key in ("floor_exact", "cap_exact"):
            return yuan(half_up(average * shares[key.removesuffix("_exact")], PPM * months))
        raise unknown(key)

    return figure


def _agree(timeline: Timeline[T], period: tuple[date, date] | None, name: str, of: Callable[[T], U]) -> U:
    """A figure that holds in the whole period; without a period, that has held in every version on file.

    Nothing is guessed: a period without figures of its own, or one in which they change, is not covered.
    """
    if period is None:
        candidates = {of(entry.value) for entry in timeline}
    else:
        candidates = {of(found.value) for found in _over(timeline, period, name)}
    if len(candidates) != 1:
        raise NotCovered(f"{name}: " + ("figures change within the period" if candidates else "no figures"))
    return candidates.pop()


def _over(timeline: Timeline[T], period: tuple[date, date], name: str) -> Iterable[Found[T]]:
    first, last = period
    month = first
    while month <= last:
        try:
            found = timeline.at(month)
        except NoParameters as error:
            raise NotCovered(f"{name}: no figures for {month:%Y-%m}") from error
        if found.provisional:
            raise NotCovered(f"{name}: no figures for {month:%Y-%m}")
        yield found
        month = date(month.year + month.month // 12, month.month % 12 + 1, 1)


def _region(law: Law, topic: str) -> Region:
    region = law.region(topic.split(".", 1)[1])
    if region is None:
        raise NotCovered(f"topic {topic}: no figures for that region")
    return region


@dataclass(frozen=True, slots=True)
class _Case:
    region: Region
    period: tuple[date, date] | None
    #: base of every line, or of the lines named
    bases: dict[str, int]
    injury_ppm: int | None
    flexible: bool

    def base(self, line: str) -> int:
        base = self.bases.get(line, self.bases.get(""))
        if base is None:
            raise NotCovered(f"inputs: base of {line} is not given")
        # a line's own base may have bounds of its own (medical in Shenzhen); only the common one is clamped
        if "" not in self.bases or self.period is None:
            return base
        bounds = _agree(self.region.insurance_base, self.period, "insurance_base", lambda found: found)
        return insurance.clamp(base, bounds)

    def side(self, line: str, side: Side) -> tuple[int | None, int]:
        """Rate and fixed amount of one side; the rate is None where there is none."""
        if line == "injury":
            return (self.injury_rate() if side == "employer" else 0), 0
        timeline = self.region.rates.get(line)
        if timeline is None:
            raise NotCovered(f"{self.region.code}.{line}: no figures")
        read = _READ[side]
        return _agree(timeline, self.period or self._implied(line), f"{self.region.code}.{line}", read)

    def _implied(self, line: str) -> tuple[date, date] | None:
        """A base that is the floor or cap of one period only speaks for that period."""
        base = self.bases.get(line, self.bases.get(""))
        spans = [
            (entry.provenance.valid_from, entry.provenance.valid_to)
            for entry in self.region.insurance_base
            if base in (entry.value.floor_fen, entry.value.cap_fen)
        ]
        first, last = spans[0] if len(spans) == 1 else (None, None)
        return (first, last.replace(day=1)) if first and last else None

    def injury_rate(self) -> int:
        name = f"{self.region.code}.injury"
        low, high, usual = _agree(
            self.region.injury, self.period, name, lambda found: (found.low_ppm, found.high_ppm, found.default_ppm)
        )
        rate = usual if self.injury_ppm is None else self.injury_ppm
        if not low <= rate <= high:
            raise NotCovered("inputs: injury_rate lies outside the region's rates")
        return rate

    def amount(self, line: str, side: Side) -> int:
        base = self.base(line)
        if line == "injury":
            return insurance.injury(base, self.injury_rate()) if side == "employer" else 0
        if side == "flexible":
            raise NotCovered(f"{line} of who insures himself")
        rate, fixed = self.side(line, side)
        sides = insurance.line(base, Rate(rate or 0, rate or 0, fixed))
        return sides.employer_fen if side == "employer" else sides.employee_fen

    def total(self, side: Side) -> int:
        lines = [*self.region.rates, "injury"]
        if not {"pension", "medical", "unemployment"} <= set(lines) or not self.region.injury.entries:
            raise NotCovered(f"total: not all insurances of {self.region.code} are on file")
        return sum(self.amount(line, side) for line in lines)


def social_insurance(law: Law, topic: str, inputs: Inputs) -> Computed:
    """A base (or one per line) in a region and period; who insures himself pays the flexible rates."""
    bases = {
        name: inputs.fen(key)
        for name, key in (
            ("", "base"),
            ("pension", "pension_base"),
            ("medical", "medical_base"),
            ("unemployment", "unemployment_base"),
            ("injury", "injury_base"),
        )
        if key in inputs
    }
    delta = inputs.fen("floor_delta") if "floor_delta" in inputs else None
    if delta is not None and not bases:
        # a step of the base: the pension's rates on the step itself, never clamped
        bases["pension"] = delta
    if not bases:
        raise NotCovered("inputs: base is not given")
    kind = inputs.text("kind") if "kind" in inputs else ""
    if kind and kind not in _FLEXIBLE:
        raise NotCovered(f"inputs: kind {kind}")
    case = _Case(
        region=_region(law, topic),
        period=inputs.period(),
        bases=bases,
        injury_ppm=inputs.rate_ppm("injury_rate") if "injury_rate" in inputs else None,
        flexible=bool(kind),
    )
    return lambda key: _figure(case, key)


def _figure(case: _Case, key: str) -> Value | Computed:
    if key == "total":
        if case.flexible:
            raise NotCovered("expected: total of who insures himself")
        return yuan(case.total("employer") + case.total("employee"))
    if key in _SIDES and key != "flexible":
        return lambda inner: _of_side(case, _SIDES[key], inner)
    if key in _LINES:
        return lambda inner: _of_line(case, _LINES[key], inner)
    if match := _WITH_PERCENT.fullmatch(key):
        return _with_percent(case, key, match[1], ppm(match[2]))
    if match := _LINE_AND_SIDE.fullmatch(key):
        name, side = match[1], _SIDES[match[2]]
    elif match := _SIDE_AND_LINE.fullmatch(key):
        name, side = match[2], _SIDES[match[1]]
    else:
        raise unknown(key)
    return _of_side(case, side, name, whole=key)


def _of_side(case: _Case, side: Side, name: str, *, whole: str = "") -> Value:
    if case.flexible:
        raise NotCovered(f"expected: {whole or name} of who insures himself")
    if name == "total":
        return yuan(case.total(side))
    if name not in _LINES:
        raise unknown(whole or name)
    return yuan(case.amount(_LINES[name], side))


def _of_line(case: _Case, line: str, side: str) -> Value:
    if side == "total":
        return yuan(case.amount(line, "employer") + case.amount(line, "employee"))
    if side not in _SIDES or side == "flexible" or case.flexible:
        raise unknown(side)
    return yuan(case.amount(line, _SIDES[side]))


def _with_percent(case: _Case, key: str, name: str, told_ppm: int) -> Value:
    """``pension_20pct``: a line at the rate the name tells, which must be a rate of the law; ``employee_8pct``: of the
    pension."""
    if name in _LINES:
        line = _LINES[name]
        sides: tuple[Side, ...] = ("flexible",) if case.flexible else ("employer", "employee", "flexible")
    elif name in _SIDES:
        line, sides = "pension", (_SIDES[name],)
    else:
        raise unknown(key)
    if told_ppm not in [case.side(line, side)[0] for side in sides]:
        raise NotCovered(f"expected: {key}: {case.region.code}.{line} has no such rate")
    return yuan(share_fen(case.base(line), told_ppm))


def housing_fund(law: Law, topic: str, inputs: Inputs) -> Computed:
    """A base, or the floor and cap themselves, at a rate; each side rounded by itself and then added."""
    rate = inputs.rate_ppm("rate_each")
    period = inputs.period()
    if topic == "hf.rounding_yuan":
        region, unit = None, FEN_PER_YUAN
    else:
        region = _region(law, topic)
        if not region.fund_rate.entries:
            raise NotCovered(f"topic {topic}: no housing fund figures for that region")
        unit = _agree_unit(region)
    sides: dict[str, int] = {}
    if "base" in inputs:
        base = inputs.fen("base")
        if region is not None and period is not None:
            base = insurance.clamp(
                base, _agree(region.fund_base, period, f"{region.code}.fund_base", lambda found: found)
            )
        sides[""] = insurance.fund_side(base, rate, unit)
        bounds = [entry.value for entry in region.fund_base] if region else []
        sides |= _as_bounds(base, sides[""], bounds)
    for name in ("cap", "floor"):
        if f"{name}_base" in inputs:
            sides[f"_{name}"] = insurance.fund_side(inputs.fen(f"{name}_base"), rate, unit)
    if not sides:
        raise NotCovered("inputs: base is not given")
    figures = {"per_side" + suffix: yuan(side) for suffix, side in sides.items()}
    figures |= {"combined" + suffix: yuan(2 * side) for suffix, side in sides.items()}

    def figure(key: str) -> Value:
        if key not in figures:
            raise unknown(key)
        return figures[key]

    return figure


def _as_bounds(base: int, side: int, bounds: list[Bounds]) -> dict[str, int]:
    """A base that is a published cap or floor of the city answers for that too."""
    found = {}
    if any(base == each.cap_fen for each in bounds):
        found["_cap"] = side
    if any(base == each.floor_fen for each in bounds):
        found["_floor"] = side
    return found


def _agree_unit(region: Region) -> int:
    units = {entry.value.unit_fen for entry in region.fund_rate}
    if len(units) != 1:
        raise NotCovered(f"{region.code}.fund_rate: rounding unit changes")
    return units.pop()
