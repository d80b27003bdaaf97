"""Whose data a grant reaches: against the slow and obvious way, on any day."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from random import Random
from uuid import UUID

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from modules.records import api
from modules.records.models import Assignment, Employee, UnitPeriod
from modules.records.repository import employees, organisation
from modules.records.service import organisation as units_service
from tests.factories.records import Company, company
from zhiren.context import Context, Scope, ScopeKind
from zhiren.ids import new_id

DAY0 = date(2020, 1, 1)


async def a_restless_company(ctx: Context, seed: int) -> Company:
    """Twenty people who change managers and units at random, some of whom leave."""
    random = Random(seed)
    firm = await company(ctx)
    for name, parent in (("甲", "总部"), ("乙", "总部"), ("甲一", "甲"), ("甲二", "甲"), ("乙一", "乙")):
        await firm.unit(name, parent)
    people = [await firm.hire(number=f"S{seed}-{n:02d}", hired_on=DAY0) for n in range(20)]
    await ctx.session.execute(text("DELETE FROM records_assignment"))
    rows = []
    for n, person in enumerate(people):
        start = DAY0
        if random.random() < 0.2:
            person.left_on = DAY0 + timedelta(days=random.randrange(30, 90))
        cuts = sorted(random.sample(range(1, 100), random.randrange(0, 4)))
        for cut in [*cuts, None]:
            end = DAY0 + timedelta(days=cut - 1) if cut is not None else person.left_on
            if person.left_on is not None and (end is None or end > person.left_on):
                end = person.left_on
            if end is not None and end < start:
                break
            rows.append(
                {
                    "id": new_id(),
                    "employee_id": person.id,
                    "unit_id": random.choice(list(firm.units.values())).id,
                    "manager_id": people[random.randrange(n)].id if n and random.random() < 0.8 else None,
                    "legal_entity_id": firm.entity.id,
                    "city": "",
                    "valid_from": start,
                    "valid_to": end,
                    "reason": "",
                }
            )
            if end is None or end == person.left_on:
                break
            start = end + timedelta(days=1)
    await ctx.session.flush()
    await ctx.session.execute(insert(Assignment), rows)
    return firm


async def obvious(ctx: Context, kind: ScopeKind, me: UUID, roots: frozenset[UUID], day: date) -> set[UUID]:
    """The same answer by loops over everything."""
    seats = (await ctx.session.scalars(select(Assignment))).all()
    now = {s.employee_id: s for s in seats if s.valid_from <= day and (s.valid_to is None or day <= s.valid_to)}
    people = {p.id: p for p in await ctx.session.scalars(select(Employee))}
    if kind == "all":
        return set(people)
    if kind == "self":
        return {me} & set(people)
    if kind == "direct_reports":
        return {i for i, s in now.items() if s.manager_id == me}
    if kind == "reports":
        below: set[UUID] = set()
        frontier = {me}
        while frontier:
            frontier = {i for i, s in now.items() if s.manager_id in frontier} - below
            below |= frontier
        return below
    inside = set(roots)
    periods = (await ctx.session.scalars(select(UnitPeriod))).all()
    while True:
        more = {p.unit_id for p in periods if p.parent_id in inside} - inside
        if not more:
            break
        inside |= more
    seated = dict(now)
    for seat in seats:
        left = people[seat.employee_id].left_on
        if left is not None and left < day and seat.valid_to == left:
            seated[seat.employee_id] = seat
    return {i for i, s in seated.items() if s.unit_id in inside}


@pytest.mark.parametrize("seed", range(4))
async def test_every_kind_of_scope_reaches_what_it_says(ctx: Context, seed: int) -> None:
    firm = await a_restless_company(ctx, seed)
    random = Random(seed)
    everyone = [p.id for p in await ctx.session.scalars(select(Employee))]
    kinds: Iterable[ScopeKind] = ("none", "self", "direct_reports", "reports", "unit", "all")
    for _n in range(15):
        day = DAY0 + timedelta(days=random.randrange(0, 120))
        me = random.choice(everyone)
        roots = frozenset(u.id for u in random.sample(list(firm.units.values()), 1))
        for kind in kinds:
            scope = Scope(kinds=frozenset({kind}), employee_id=me, unit_ids=roots)
            found = await employees.visible_ids(ctx.session, scope, day)
            wanted = set() if kind == "none" else await obvious(ctx, kind, me, roots, day)
            assert found == wanted, (kind, day)
        both = Scope(kinds=frozenset({"self", "unit"}), employee_id=me, unit_ids=roots)
        assert await employees.visible_ids(ctx.session, both, day) == {me} | await obvious(ctx, "unit", me, roots, day)


@pytest.mark.parametrize("seed", range(2))
async def test_the_roster_has_one_row_for_each_person_on_any_day(ctx: Context, seed: int) -> None:
    await a_restless_company(ctx, seed)
    for n in range(-5, 130, 9):
        day = DAY0 + timedelta(days=n)
        rows = (await ctx.session.execute(employees.roster(day, api.EVERYONE))).all()
        assert len(rows) == len({row[0].id for row in rows}) == 20
        seats = (await ctx.session.scalars(select(Assignment))).all()
        for row in rows:
            now = [
                s for s in seats
                if s.employee_id == row[0].id and s.valid_from <= day and (s.valid_to is None or day <= s.valid_to)
            ]  # fmt: skip
            if now:
                assert row[1].id == now[0].id
            elif row[0].hired_on <= day and row[0].left_on is None:
                assert row[1] is None


async def test_a_scope_without_a_person_reaches_nobody(ctx: Context) -> None:
    firm = await company(ctx)
    await firm.hire()
    kinds: Iterable[ScopeKind] = ("self", "direct_reports", "reports", "unit")
    for kind in kinds:
        assert await employees.visible_ids(ctx.session, Scope(kinds=frozenset({kind})), date(2024, 1, 1)) == set()


async def test_the_table_itself_refuses_two_seats_on_one_day(ctx: Context) -> None:
    firm = await company(ctx)
    person = await firm.hire(hired_on=date(2020, 3, 2))
    unit = next(iter(firm.units.values()))
    seat = {"employee_id": person.id, "unit_id": unit.id, "legal_entity_id": firm.entity.id, "city": "", "reason": ""}
    for first, last in ((date(2024, 1, 1), None), (date(2019, 1, 1), date(2020, 3, 2))):
        with pytest.raises((IntegrityError, DBAPIError), match="conflicting key value"):
            async with ctx.session.begin_nested():
                await ctx.session.execute(
                    insert(Assignment), [{**seat, "id": new_id(), "valid_from": first, "valid_to": last}]
                )
    async with ctx.session.begin_nested():
        await ctx.session.execute(
            insert(Assignment), [{**seat, "id": new_id(), "valid_from": date(2019, 1, 1), "valid_to": date(2020, 3, 1)}]
        )


async def test_what_other_modules_are_told(ctx: Context) -> None:
    firm = await company(ctx)
    await firm.unit("研发", "总部")
    boss = await firm.hire("赵总", number="Q1", hired_on=date(2019, 5, 1))
    one = await firm.hire("孙工", number="Q2", unit="研发", manager=boss, bank_account="6222020000000000018")
    gone = await firm.hire("钱一", number="Q3", hired_on=date(2019, 6, 1))
    gone.left_on = date(2024, 3, 15)
    (seat,) = await employees.assignments(ctx.session, gone.id)
    seat.valid_to = date(2024, 3, 15)
    await ctx.session.flush()
    march = await api.list_employees(ctx, date(2024, 3, 31), employed_since=date(2024, 3, 1))
    assert [ref.number for ref in march] == ["Q1", "Q2", "Q3"]
    april = await api.list_employees(ctx, date(2024, 4, 30), employed_since=date(2024, 4, 1))
    assert [ref.number for ref in april] == ["Q1", "Q2"]
    assert (april[1].unit_name, april[1].manager_id, april[1].city) == ("研发", boss.id, "上海")
    opened = await api.sensitive(ctx, [one.id], ["bank_account"], reason="发薪")
    assert opened == {one.id: {"bank_account": "6222020000000000018"}}
    assert {unit.path for unit in await api.org_units(ctx, date(2024, 1, 1))} == {"总部", "总部/研发"}
    assert [e.id for e in await api.legal_entities(ctx)] == [firm.entity.id]
    assert len(await units_service.tree(ctx, date(2014, 1, 1))) == 0
    assert len(await organisation.units(ctx.session, date(2015, 1, 1))) == 2
