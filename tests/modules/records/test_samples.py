"""The spreadsheets the demonstration shows go in whole, without a template and without a fault."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select

from modules.records import api
from modules.records.models import Employee
from modules.records.service.imports import checking, committing, staging
from ops.demo import roster
from tests.modules.records.conftest import Act, RunJob


async def test_oracles_people_come_with_their_managers(act: Act, run_job: RunJob) -> None:
    async with act() as ctx:
        found = await staging.stage(ctx, "oracle_hr.xlsx", roster.oracle_workbook())
        found = await checking.check(ctx, found.id)
        assert (found.counts["ready"], found.counts.get("fault", 0)) == (107, 0), found.counts
    async with act() as ctx:
        job_id = await committing.start(ctx, found.id)
    await run_job(job_id)
    async with act() as ctx:
        people = {p.number: p for p in await ctx.session.scalars(select(Employee))}
        assert len(people) == 107
        assert people["100"].name == "Steven King"
        refs = await api.employee_refs(ctx, [p.id for p in people.values()], date(2026, 1, 1))
        assert [ref.name for ref in refs.values() if ref.manager_id is None] == ["Steven King"]
        assert refs[people["101"].id].manager_id == people["100"].id
        assert len(await api.imported_pay(ctx, found.id)) == 107


async def test_the_manufacturers_roster_is_without_fault(act: Act) -> None:
    staff = roster.manufacturer()
    async with act() as ctx:
        found = await staging.stage(ctx, "花名册.xlsx", roster.manufacturer_workbook(staff))
        found = await checking.check(ctx, found.id)
        assert (found.counts["ready"], found.counts.get("fault", 0)) == (len(staff), 0), found.counts
        assert found.counts.get("remarked", 0) == 0
