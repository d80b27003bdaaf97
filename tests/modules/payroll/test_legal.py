"""The legal files: what is delivered is whole, and what is not whole stops the start."""

from __future__ import annotations

from datetime import date
from importlib import resources

import pytest

from modules.payroll import legal
from modules.payroll.rules.parameters import Entry, NoParameters, Provenance, Timeline

LAW = legal.load()


def files() -> dict[str, str]:
    folder = resources.files("modules.payroll.legal")
    found = [entry for entry in folder.iterdir() if entry.name.endswith(".toml")]
    return {entry.name.removesuffix(".toml"): entry.read_text(encoding="utf-8") for entry in found}


def test_every_figure_names_its_source() -> None:
    timelines = list(LAW.timelines())
    assert len(timelines) > 30
    keys = [entry.key for _region, timeline in timelines for entry in timeline]
    assert len(keys) == len(set(keys))
    assert all(entry.provenance.source for _region, timeline in timelines for entry in timeline)


def test_paying_regions_are_complete() -> None:
    paying = [region for region in LAW.regions.values() if region.pays]
    assert {region.name for region in paying} == {"北京", "上海"}
    for region in paying:
        for timeline in (
            *region.rates.values(),
            region.insurance_base,
            region.injury,
            region.fund_base,
            region.fund_rate,
        ):
            assert not timeline.at(date(2026, 10, 1)).provisional, timeline.name


@pytest.mark.parametrize("name", ["北京", "北京市", "beijing", "Beijing ", "110000"])
def test_a_region_is_found_by_any_of_its_names(name: str) -> None:
    region = LAW.region(name)
    assert region is not None
    assert region.code == "beijing"
    assert LAW.region("月球") is None


@pytest.mark.parametrize(
    ("day", "floor", "provisional"),
    [
        ("2024-06-30", 632_600, False),
        ("2024-07-01", 682_100, False),
        ("2025-06-30", 682_100, False),
        ("2025-07-01", 716_200, False),
        ("2027-06-30", 727_000, False),
        ("2027-07-01", 727_000, True),
    ],
)
def test_the_last_known_figure_stands_in_and_says_so(day: str, floor: int, provisional: bool) -> None:
    found = LAW.regions["beijing"].insurance_base.at(date.fromisoformat(day))
    assert (found.value.floor_fen, found.provisional) == (floor, provisional)


def test_before_the_first_figure_there_is_none() -> None:
    with pytest.raises(NoParameters, match="insurance_base"):
        LAW.regions["beijing"].insurance_base.at(date(2023, 6, 30))


def test_unemployment_after_2025_is_told_as_not_verified() -> None:
    timeline = LAW.regions["shanghai"].rates["unemployment"]
    assert not timeline.at(date(2025, 12, 31)).doubtful
    assert timeline.at(date(2026, 1, 1)).doubtful


def test_overlapping_versions_are_refused() -> None:
    first = Entry("a", 1, Provenance(date(2025, 1, 1), None, "s", True))
    second = Entry("b", 2, Provenance(date(2026, 1, 1), None, "s", True))
    with pytest.raises(ValueError, match="overlap"):
        Timeline("line", [second, first])


@pytest.mark.parametrize(
    ("stem", "old", "new", "told"),
    [
        ("iit", 'source = "个人所得税法第六条', 'sauce = "个人所得税法第六条', "source"),
        ("iit", "verified = true\nmonthly_yuan", "monthly_yuan", "verified"),
        ("iit", "monthly_yuan = 5000", "monthly_yuan = 5000.5", "monthly_yuan"),
        ("iit", "monthly_yuan = 5000", "monthly_yuan = -5000", "below zero"),
        ("iit", "quick_yuan = 2520", "quick_yuan = 2250", "do not meet"),
        ("iit", "[[basic_deduction]]", "[[basic_deductoin]]", "unknown tables"),
        ("iit", 'kind = "national"', 'kind = "galactic"', "kind"),
        ("iit", "[[basic_deduction]]", "[[basic_deduction]", "iit.toml"),
        ("beijing", "valid_to = 2024-06-30", "valid_to = 2024-07-01", "overlap"),
        ("beijing", "valid_to = 2024-06-30", "valid_to = 2023-06-30", "before valid_from"),
        ("beijing", "valid_to = 2024-06-30", 'valid_to = "soon"', "valid_to"),
        ("beijing", "floor_yuan = 6326", "floor_yuan = 63260", "below the cap"),
        ("beijing", 'default_pct = "12"', 'default_pct = "13"', "outside"),
        ("beijing", 'unit = "yuan"', 'unit = "jiao"', "unit"),
        ("beijing", "floor_yuan = 6326", "floor_yuan = 6326\nfloor_fen = 1", "unknown fields"),
        ("calendar", "2026-10-02, 2026-10-03,", "2026-10-02,", "thirteen"),
        ("calendar", "worked = [2026-01-04,", "worked = [2026-01-05,", "weekend"),
        ("calendar", "worked = [2026-01-04,", "worked = [2027-01-03,", "outside"),
    ],
)
def test_a_fault_stops_the_start_and_says_where(stem: str, old: str, new: str, told: str) -> None:
    documents = files()
    assert old in documents[stem]
    documents[stem] = documents[stem].replace(old, new, 1)
    with pytest.raises(legal.LegalDataError, match=told):
        legal.read(documents)
