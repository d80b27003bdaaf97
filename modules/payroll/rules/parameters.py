"""Figures of the law with the days they hold, and what to do on a day nobody has published figures for."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Generic, TypeVar


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a figure comes from and when it holds, both days included; ``valid_to`` None is open."""

    valid_from: date
    valid_to: date | None
    source: str
    #: an operator may rely on it: seen in the issuer's own text, or in two independent copies that agree
    verified: bool
    note: str = ""


T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Entry(Generic[T]):
    """One version of a figure. ``key`` names it for ever, as in ``beijing.pension@2023-07-01``."""

    key: str
    value: T
    provenance: Provenance


@dataclass(frozen=True, slots=True)
class Found(Generic[T]):
    """What holds on a day. ``provisional``: nothing is published for that day, the last known figure stands in."""

    entry: Entry[T]
    provisional: bool

    @property
    def value(self) -> T:
        return self.entry.value

    @property
    def doubtful(self) -> bool:
        """Provisional or not verified: the payslip has to say so."""
        return self.provisional or not self.entry.provenance.verified


class NoParameters(LookupError):
    """No figure is known for that day, nor any before it. Never taken for zero."""

    def __init__(self, name: str, day: date) -> None:
        super().__init__(f"{name}: nothing known for {day.isoformat()}")
        self.name = name
        self.day = day


class Timeline(Generic[T]):
    """The versions of one figure, oldest first. Raises ValueError when two of them overlap."""

    __slots__ = ("_starts", "entries", "name")

    def __init__(self, name: str, entries: Sequence[Entry[T]]) -> None:
        self.name = name
        self.entries = tuple(sorted(entries, key=lambda entry: entry.provenance.valid_from))
        self._starts = [entry.provenance.valid_from for entry in self.entries]
        for earlier, later in zip(self.entries, self.entries[1:], strict=False):
            end = earlier.provenance.valid_to
            if end is None or end >= later.provenance.valid_from:
                raise ValueError(f"{name}: {earlier.key} and {later.key} overlap")

    def __iter__(self) -> Iterator[Entry[T]]:
        return iter(self.entries)

    def at(self, day: date) -> Found[T]:
        """What holds on ``day``; the last known before it, marked provisional, where nothing does."""
        place = bisect_right(self._starts, day)
        if not place:
            raise NoParameters(self.name, day)
        entry = self.entries[place - 1]
        end = entry.provenance.valid_to
        return Found(entry, provisional=end is not None and day > end)


@dataclass(frozen=True, slots=True)
class TaxTable:
    """Brackets in ascending order. ``uppers_fen`` (inclusive) has one fewer than the other two: the last is open."""

    uppers_fen: tuple[int, ...]
    rates_ppm: tuple[int, ...]
    quick_fen: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Bounds:
    """Floor and cap of a monthly contribution base (缴费基数上下限)."""

    floor_fen: int
    cap_fen: int


@dataclass(frozen=True, slots=True)
class Rate:
    """What each side pays of the base; ``employee_fixed_fen`` on top. ``flexible_ppm``: who insures himself."""

    employer_ppm: int
    employee_ppm: int
    employee_fixed_fen: int = 0
    flexible_ppm: int | None = None


@dataclass(frozen=True, slots=True)
class RateBounds:
    """The rates an employer may have (housing fund ratio, work injury by trade), and what is assumed unless told."""

    low_ppm: int
    high_ppm: int
    default_ppm: int
    #: the housing fund is rounded per side: to the yuan (100) or the fen (1)
    unit_fen: int = 1


@dataclass(frozen=True, slots=True)
class Region:
    """A city's social insurance and housing fund. ``pays`` False: figures serve checks, people are not paid by them."""

    code: str
    name: str
    aliases: tuple[str, ...]
    pays: bool
    insurance_base: Timeline[Bounds]
    #: pension, medical, unemployment, and where the city has them other lines
    rates: Mapping[str, Timeline[Rate]]
    injury: Timeline[RateBounds]
    fund_base: Timeline[Bounds]
    fund_rate: Timeline[RateBounds]
    #: 补充住房公积金, where employers may add one
    supplementary_rate: Timeline[RateBounds]


@dataclass(frozen=True, slots=True)
class CalendarYear:
    """The State Council's arrangement of one year."""

    year: int
    statutory: frozenset[date]
    #: weekdays and weekend days off by arrangement, the statutory ones among them
    off: frozenset[date]
    #: weekend days that are worked
    worked: frozenset[date]
    names: Mapping[date, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class WorkingTime:
    """Days of a standard year, from which daily and hourly wages follow (人社部发〔2025〕2号)."""

    year_days: int
    rest_days: int
    statutory_holidays: int


@dataclass(frozen=True, slots=True)
class Law:
    """Everything ``legal/*.toml`` says."""

    annual_table: Timeline[TaxTable]
    #: what is deducted for each month, in fen
    basic_deduction_fen: Timeline[int]
    first_wage_rule: Timeline[bool]
    #: the year's wages up to which 60,000 yuan are deducted at once; the value in fen
    sixty_thousand_fen: Timeline[int]
    regions: Mapping[str, Region]
    calendar: Mapping[int, Entry[CalendarYear]]
    calendar_years: Timeline[CalendarYear]
    working_time: Timeline[WorkingTime]

    def region(self, name: str) -> Region | None:
        """By code (``beijing``), name (北京) or alias (北京市)."""
        wanted = name.strip().lower()
        for region in self.regions.values():
            if wanted in (region.code, region.name, *region.aliases):
                return region
        return None

    def timelines(self) -> Iterator[tuple[str, Timeline[Any]]]:
        """Every dated figure with the name of the region it belongs to, for the page that shows them."""
        for national in (
            self.annual_table,
            self.basic_deduction_fen,
            self.first_wage_rule,
            self.sixty_thousand_fen,
            self.working_time,
            self.calendar_years,
        ):
            yield "", national
        for region in sorted(self.regions.values(), key=lambda each: (not each.pays, each.code)):
            timelines: tuple[Timeline[Any], ...] = (
                region.insurance_base,
                *region.rates.values(),
                region.injury,
                region.fund_base,
                region.fund_rate,
                region.supplementary_rate,
            )
            for timeline in timelines:
                if timeline.entries:
                    yield region.name, timeline
