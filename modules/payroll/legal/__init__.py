"""The law as dated data: the TOML files of this folder, read and judged once.

Every entry names ``valid_from``, ``valid_to`` (a date or ``"open"``), ``source`` and ``verified``; anything missing,
unknown, overlapping or out of range stops the start with the file and the entry's place.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from functools import lru_cache
from importlib import resources
from typing import Any, Final, TypeVar

from modules.payroll.rules.parameters import (
    Bounds,
    CalendarYear,
    Entry,
    Law,
    Provenance,
    Rate,
    RateBounds,
    Region,
    TaxTable,
    Timeline,
    WorkingTime,
)
from zhiren.money import fen, ppm

T = TypeVar("T")
_PROVENANCE: Final = ("valid_from", "valid_to", "source", "verified", "note")
_LINES: Final = ("pension", "medical", "unemployment")
_UNITS: Final = {"yuan": 100, "fen": 1}


class LegalDataError(ValueError):
    """A legal figure's file is wrong; the message says where."""


class _Fields:
    """One TOML table, read strictly: what is asked for must be there, what is not asked for must not."""

    def __init__(self, place: str, values: Mapping[str, Any]) -> None:
        self.place = place
        self._values = dict(values)

    def take(self, name: str, kind: type[T], default: T | None = None) -> T:
        value = self._values.pop(name, default)
        # bool is an int to isinstance, and a datetime a date: types are compared exactly
        if type(value) is not kind:
            raise LegalDataError(f"{self.place}: {name} must be {kind.__name__}, not {value!r}")
        return value

    def until(self, name: str) -> date | None:
        value = self._values.pop(name, None)
        if value == "open":
            return None
        if type(value) is not date:
            raise LegalDataError(f'{self.place}: {name} must be a date or "open", not {value!r}')
        return value

    def money(self, name: str, default: str | None = None) -> int:
        return self._exact(name, fen, default)

    def rate(self, name: str) -> int:
        return self._exact(name, ppm, None)

    def optional_rate(self, name: str) -> int | None:
        return self.rate(name) if name in self._values else None

    def _exact(self, name: str, convert: Callable[[str], int], default: str | None) -> int:
        value = self._values.pop(name, default)
        if isinstance(value, bool) or not isinstance(value, int | str):
            raise LegalDataError(f"{self.place}: {name} must be a whole number or a decimal in quotes, not {value!r}")
        try:
            found = convert(str(value))
        except ValueError as error:
            raise LegalDataError(f"{self.place}: {name}: {error}") from error
        if found < 0:
            raise LegalDataError(f"{self.place}: {name} is below zero")
        return found

    def close(self) -> None:
        if self._values:
            raise LegalDataError(f"{self.place}: unknown fields {', '.join(sorted(self._values))}")


def _provenance(fields: _Fields) -> Provenance:
    first, last = fields.take("valid_from", date), fields.until("valid_to")
    if last is not None and last < first:
        raise LegalDataError(f"{fields.place}: valid_to lies before valid_from")
    source = fields.take("source", str)
    if not source.strip():
        raise LegalDataError(f"{fields.place}: source is empty")
    return Provenance(first, last, source, fields.take("verified", bool), fields.take("note", str, ""))


def _timeline(stem: str, name: str, document: Mapping[str, Any], read: Callable[[_Fields], T]) -> Timeline[T]:
    entries: list[Entry[T]] = []
    for index, values in enumerate(document.get(name, ())):
        fields = _Fields(f"{stem}.toml [[{name}]] #{index + 1}", values)
        provenance = _provenance(fields)
        entries.append(Entry(f"{stem}.{name}@{provenance.valid_from.isoformat()}", read(fields), provenance))
        fields.close()
    try:
        return Timeline(f"{stem}.{name}", entries)
    except ValueError as error:
        raise LegalDataError(str(error)) from error


def _bounds(fields: _Fields) -> Bounds:
    found = Bounds(fields.money("floor_yuan"), fields.money("cap_yuan"))
    if not 0 < found.floor_fen < found.cap_fen:
        raise LegalDataError(f"{fields.place}: the floor must be above zero and below the cap")
    return found


def _rate(fields: _Fields) -> Rate:
    return Rate(
        employer_ppm=fields.rate("employer_pct"),
        employee_ppm=fields.rate("employee_pct"),
        employee_fixed_fen=fields.money("employee_fixed_yuan", "0"),
        flexible_ppm=fields.optional_rate("flexible_pct"),
    )


def _rate_bounds(fields: _Fields) -> RateBounds:
    unit = fields.take("unit", str, "fen")
    if unit not in _UNITS:
        raise LegalDataError(f"{fields.place}: unit must be yuan or fen")
    found = RateBounds(fields.rate("low_pct"), fields.rate("high_pct"), fields.rate("default_pct"), _UNITS[unit])
    if not found.low_ppm <= found.default_ppm <= found.high_ppm:
        raise LegalDataError(f"{fields.place}: default_pct lies outside low_pct and high_pct")
    return found


def _tax_table(fields: _Fields) -> TaxTable:
    rows = [_Fields(f"{fields.place} bracket {n + 1}", row) for n, row in enumerate(fields.take("brackets", list))]
    uppers: list[int] = []
    rates: list[int] = []
    quicks: list[int] = []
    for row in rows[:-1]:
        uppers.append(row.money("upto_yuan"))
    if not rows or rows[-1].take("upto_yuan", str) != "open":
        raise LegalDataError(f'{fields.place}: the last bracket must be "open"')
    for row in rows:
        rates.append(row.rate("rate_pct"))
        quicks.append(row.money("quick_yuan"))
        row.close()
    for level in range(1, len(rows)):
        # the quick deduction makes the tax continuous at every bound; a mistyped one shows here
        upper = uppers[level - 1]
        below, above = (
            upper * rates[level - 1] - quicks[level - 1] * 10**6,
            upper * rates[level] - quicks[level] * 10**6,
        )
        if below != above or uppers != sorted(set(uppers)):
            raise LegalDataError(f"{fields.place}: brackets {level} and {level + 1} do not meet")
    return TaxTable(tuple(uppers), tuple(rates), tuple(quicks))


def _calendar_year(fields: _Fields) -> CalendarYear:
    year = fields.take("year", int)
    statutory = frozenset(fields.take("statutory", list))
    worked = frozenset(fields.take("worked", list))
    names: dict[date, str] = {}
    for row in fields.take("off", list):
        first, last = row["from"], row["to"]
        names.update({first + timedelta(days=n): row["name"] for n in range((last - first).days + 1)})
    off = frozenset(names)
    if any(day.year != year for day in off | worked | statutory):
        raise LegalDataError(f"{fields.place}: a day lies outside {year}")
    if len(statutory) != 13 or not statutory <= off:
        raise LegalDataError(f"{fields.place}: thirteen statutory days are needed, all of them days off")
    if worked & off or any(day.weekday() < 5 for day in worked):
        raise LegalDataError(f"{fields.place}: a day worked instead must be a weekend day that is not off")
    return CalendarYear(year, statutory, off, worked, names)


def _region(stem: str, document: Mapping[str, Any]) -> Region:
    lines = {name: _timeline(stem, name, document, _rate) for name in _LINES}
    return Region(
        code=document["code"],
        name=document["name"],
        aliases=tuple(document["aliases"]),
        pays=document["pays"],
        insurance_base=_timeline(stem, "insurance_base", document, _bounds),
        rates={name: timeline for name, timeline in lines.items() if timeline.entries},
        injury=_timeline(stem, "injury", document, _rate_bounds),
        fund_base=_timeline(stem, "fund_base", document, _bounds),
        fund_rate=_timeline(stem, "fund_rate", document, _rate_bounds),
        supplementary_rate=_timeline(stem, "supplementary_fund_rate", document, _rate_bounds),
    )


_KNOWN: Final[dict[str, frozenset[str]]] = {
    "national": frozenset(
        ["kind", "annual_table", "basic_deduction", "first_wage_rule", "sixty_thousand_rule", "working_time"]
    ),
    "calendar": frozenset(["kind", "year"]),
    "region": frozenset(
        {"kind", "code", "name", "aliases", "pays", "insurance_base", "injury", "fund_base", "fund_rate", *_LINES}
        | {"supplementary_fund_rate"}
    ),
}


def read(documents: Mapping[str, str]) -> Law:
    """Read legal files given as stem → text. Raises LegalDataError for anything that is not wholly understood."""
    parsed: dict[str, dict[str, Any]] = {}
    for stem, text in documents.items():
        try:
            parsed[stem] = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise LegalDataError(f"{stem}.toml: {error}") from error
        kind = parsed[stem].get("kind")
        if kind not in _KNOWN:
            raise LegalDataError(f"{stem}.toml: kind must be one of {', '.join(_KNOWN)}")
        if unknown := parsed[stem].keys() - _KNOWN[kind]:
            raise LegalDataError(f"{stem}.toml: unknown tables {', '.join(sorted(unknown))}")
    tax = parsed["iit"]
    years = _timeline("calendar", "year", parsed["calendar"], _calendar_year)
    regions = {stem: _region(stem, document) for stem, document in parsed.items() if document["kind"] == "region"}
    return Law(
        annual_table=_timeline("iit", "annual_table", tax, _tax_table),
        basic_deduction_fen=_timeline("iit", "basic_deduction", tax, lambda fields: fields.money("monthly_yuan")),
        first_wage_rule=_timeline("iit", "first_wage_rule", tax, lambda _fields: True),
        sixty_thousand_fen=_timeline("iit", "sixty_thousand_rule", tax, lambda fields: fields.money("threshold_yuan")),
        regions=regions,
        calendar={entry.value.year: entry for entry in years},
        calendar_years=years,
        working_time=_timeline(
            "iit",
            "working_time",
            tax,
            lambda fields: WorkingTime(
                *(fields.take(n, int) for n in ("year_days", "rest_days", "statutory_holidays"))
            ),
        ),
    )


@lru_cache(maxsize=1)
def load() -> Law:
    """The law this version of the program was delivered with."""
    folder = resources.files(__name__)
    files = [entry for entry in folder.iterdir() if entry.name.endswith(".toml")]
    return read({entry.name.removesuffix(".toml"): entry.read_text(encoding="utf-8") for entry in files})
