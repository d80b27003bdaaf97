"""Which modules are in use, and what follows from dates and seats."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from licensing import rules
from tests.licensing.test_document import licence
from zhiren.modules import Module

RECORDS = Module(name="records", title="档案", summary="", version="1", package="x")
PAYROLL = Module(name="payroll", title="工资", summary="", version="1", package="x", requires=("records",))
MODULES = (PAYROLL, RECORDS)
TODAY = date(2026, 6, 1)


def used(switches: dict[str, bool], today: date = TODAY, bought: tuple[str, ...] = ("payroll", "records")) -> set[str]:
    states = rules.module_states(MODULES, licence(modules=bought), switches, today)
    return set(rules.in_use(states.values()))


def test_bought_is_on_until_switched_off() -> None:
    assert used({}) == {"payroll", "records"}
    assert used({"payroll": False}) == {"records"}
    assert used({"payroll": True}, bought=("records",)) == {"records"}


def test_nothing_without_a_licence() -> None:
    states = rules.module_states(MODULES, None, {"records": True}, TODAY)
    assert rules.in_use(states.values()) == frozenset()


def test_a_module_waits_for_what_it_requires() -> None:
    assert used({"records": False}) == set()
    assert used({}, bought=("payroll",)) == set()
    states = rules.module_states(MODULES, licence(), {"records": False}, TODAY)
    assert states["payroll"].missing == ("records",)


def test_dependants_are_found() -> None:
    states = rules.module_states(MODULES, licence(), {}, TODAY)
    assert [state.module.name for state in rules.dependants_in_use(states, "records")] == ["payroll"]
    assert rules.dependants_in_use(states, "payroll") == []


def test_a_circle_is_a_fault_of_the_program() -> None:
    a = Module(name="a", title="", summary="", version="1", package="x", requires=("b",))
    b = Module(name="b", title="", summary="", version="1", package="x", requires=("a",))
    with pytest.raises(ValueError, match="circle"):
        rules.module_states((a, b), None, {}, TODAY)


@pytest.mark.parametrize(
    ("day", "standing", "in_use"),
    [
        (date(2025, 12, 31), "future", False),
        (date(2026, 1, 1), "valid", True),
        (date(2026, 12, 1), "valid", True),
        (date(2026, 12, 2), "ending", True),
        (date(2026, 12, 31), "ending", True),
        (date(2027, 1, 1), "grace", True),
        (date(2027, 1, 30), "grace", True),
        (date(2027, 1, 31), "ended", True),
        (date(2036, 1, 1), "ended", True),
    ],
)
def test_the_life_of_a_licence(day: date, standing: str, in_use: bool) -> None:
    """2026-01-01 to 2026-12-31. The end takes nothing away: reading and export go on."""
    assert rules.standing(licence(), day) == standing
    assert bool(used({}, today=day)) is in_use


def test_grace_is_thirty_days() -> None:
    assert timedelta(days=30) == rules.GRACE


@pytest.mark.parametrize(
    ("count", "adding", "said"),
    [(99, 0, "free"), (100, 0, "full"), (110, 0, "full"), (109, 1, "full"), (110, 1, "over"), (111, 0, "over")],
)
def test_seats(count: int, adding: int, said: str) -> None:
    assert rules.fullness(count, 100, adding) == said
