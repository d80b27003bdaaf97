"""The measures measure: with tiny sizes and without looking at the clock."""

from __future__ import annotations

import os

import pytest

from ops.bench import Bench, Result, measures, table
from ops.bench.booking import recruiting_booking
from ops.bench.pages import employee_list
from ops.bench.payroll import payroll
from ops.bench.pipeline import recruiting_board, recruiting_search
from tests.support import ADMIN_URL, TestServices


class Tiny(Bench):
    """A dozen of everything, in a database beside the tests'."""

    def size(self, full: int, quick: int) -> int:
        return min(quick, 60)


@pytest.fixture
def tiny(services: TestServices) -> Tiny:
    if os.environ.get(ADMIN_URL):
        pytest.skip("a bench makes its database in the embedded PostgreSQL")
    return Tiny(services.running, quick=True)


@pytest.mark.slow
async def test_a_month_is_paid_beside_the_bare_copy(tiny: Tiny) -> None:
    (result,) = await payroll(tiny)
    assert result.ratio > 0
    assert "60 people" in result.detail


@pytest.mark.slow
async def test_the_list_is_asked_beside_the_bare_page(tiny: Tiny) -> None:
    through, p95 = await employee_list(tiny)
    # a page that does more than the barest is not faster than it
    assert through.ratio > 1
    assert p95.ratio > 0


def test_every_measure_has_a_name_of_its_own() -> None:
    names = [measure.__name__ for measure in measures()]
    assert len(names) == len(set(names))
    assert {"payroll", "payroll_many", "employee_list", "tenant_created"} <= {*names}


def test_a_table_says_what_was_missed_and_by_how_much() -> None:
    lines = table([Result("快", 1.5, 3.0, "a"), Result("slow", 6.0, 3.0, "b")]).splitlines()
    assert "1.50×" in lines[1]
    assert "✓" in lines[1]
    assert "✗" in lines[2]
    assert "2.0" in lines[2]


@pytest.mark.slow
async def test_the_board_and_the_search_are_asked(tiny: Tiny) -> None:
    beside, board = await recruiting_board(tiny)
    (found,) = await recruiting_search(tiny)
    assert beside.ratio > 1
    assert board.ratio > 0
    assert "60 people: p95" in found.detail


@pytest.mark.slow
async def test_each_time_is_booked_by_one(tiny: Tiny) -> None:
    """The measure looks itself, and says so by an error."""
    (result,) = await recruiting_booking(tiny)
    assert "50 people, 10 times" in result.detail
    assert "10 booked, none twice, 40 told" in result.detail
