"""The demonstration's data, made by the services that people use: import, terms of pay, months run and closed.

Each step asks first whether it was done, so that an interrupted start goes on where it ended. The jobs run in the
demonstration's worker, as everybody's do.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from random import Random
from typing import Final
from uuid import UUID

from modules.payroll import legal
from modules.payroll import repository as pay_rows
from modules.payroll.models import FINAL
from modules.payroll.rules.tax import MonthAmounts, YearToDate, withhold
from modules.payroll.schemas import ProfileCreate, TermsIn
from modules.payroll.service import opening, runs, settings, setup
from modules.records import api as records
from modules.records.schemas import LegalEntityCreate
from modules.records.service import organisation
from modules.records.service.imports import checking, committing, staging
from ops.demo import roster
from ops.demo.customers import ACME, SUMMIT, Customer
from ops.hosted import Hosted
from zhiren.auth import repository as auth_rows
from zhiren.auth import service as auth
from zhiren.auth.rules import fold_login
from zhiren.context import Actor, Context, Scope, TenantRef
from zhiren.jobs import repository as jobs
from zhiren.money import share_fen

MONTHS: Final = ((2026, 8), (2026, 9), (2026, 10))
_EVERYONE: Final = Scope(kinds=frozenset({"all"}))
_PATIENCE_S: Final = 300.0


@dataclass(frozen=True, slots=True)
class Builder:
    parts: Hosted
    tenant: TenantRef
    customer: Customer
    password: str

    @asynccontextmanager
    async def work(self) -> AsyncIterator[Context]:
        grants = dict.fromkeys(self.parts.permissions, _EVERYONE)
        actor = Actor(user_id=None, name="zhiren demo", kind="system", grants=grants)
        modules = frozenset(module.name for module in self.parts.modules)
        async with self.parts.database.tenant(self.tenant, actor=actor, modules=modules) as ctx:
            yield ctx

    async def wait(self, job_id: UUID) -> None:
        """Until the job has ended. Raises RuntimeError with its words when it did not succeed."""
        for _each in range(int(_PATIENCE_S / 0.1)):
            async with self.work() as ctx:
                job = await jobs.get(ctx.session, job_id)
            if job is not None and job.state not in ("queued", "running"):
                if job.state != "succeeded":
                    raise RuntimeError(f"{job.name}: {job.state}: {job.error_message}")
                return
            await asyncio.sleep(0.1)
        raise RuntimeError(f"job {job_id} took longer than {_PATIENCE_S:.0f} s")


async def fill(parts: Hosted, tenant: TenantRef, customer: Customer, password: str) -> None:
    """Everything the customer shows. What is there already is left as it is."""
    builder = Builder(parts, tenant, customer, password)
    if customer == ACME:
        staff = roster.manufacturer()
        await _import(builder, "启明精工花名册.xlsx", roster.manufacturer_workbook(staff), len(staff))
        await _terms(builder)
        await _openings(builder, staff)
        for year, month in MONTHS:
            await _month(builder, year, month)
        await log_ins(builder, manager="QM0006", employee="QM0020")
    elif customer == SUMMIT:
        await _import(builder, "oracle-hr.xlsx", roster.oracle_workbook(), 107)
        await log_ins(builder, manager="101", employee="200")


async def _employers(ctx: Context, customer: Customer) -> None:
    if await records.legal_entities(ctx):
        return
    if customer == ACME:
        employers = [
            LegalEntityCreate(name=roster.BEIJING, short_name="北京工厂", city="北京", uscc="91110112MA01XRQ36Q"),
            LegalEntityCreate(name=roster.SHANGHAI, short_name="上海贸易", city="上海", uscc="91310115MA1HXRQ488"),
        ]
    else:
        employers = [LegalEntityCreate(name="Summit Trading (Shanghai) Ltd", short_name="Summit", city="上海")]
    for employer in employers:
        await organisation.create_legal_entity(ctx, employer)


async def _import(builder: Builder, file_name: str, data: bytes, people: int) -> None:
    async with builder.work() as ctx:
        await _employers(ctx, builder.customer)
        if await records.list_employees(ctx, date(*MONTHS[-1], 28)):
            return
        found = await staging.stage(ctx, file_name, data)
        found = await checking.check(ctx, found.id)
        if found.counts.get("ready") != people:
            raise RuntimeError(f"{file_name}: {found.counts} of {people} rows")
        job_id = await committing.start(ctx, found.id)
    await builder.wait(job_id)
    await _wages_taken(builder, people)


async def _wages_taken(builder: Builder, people: int) -> None:
    """The wage column travels from records to payroll as an event, a moment after the import."""
    for _each in range(int(_PATIENCE_S / 0.1)):
        async with builder.work() as ctx:
            everybody = await records.list_employees(ctx, date(*MONTHS[-1], 28))
            if len(await pay_rows.employees_with_terms(ctx.session, [each.id for each in everybody])) == people:
                return
        await asyncio.sleep(0.1)
    raise RuntimeError("wages did not arrive in payroll")


async def _terms(builder: Builder) -> None:
    """Special additional deductions and fund rates for some, so that payslips differ as they do in life."""
    random = Random(roster.SEED)  # noqa: S311 - people who do not exist
    async with builder.work() as ctx:
        groups = {group.legal_entity_id: group.id for group in await setup.begin(ctx)}
        everybody = await records.list_employees(ctx, date(*MONTHS[-1], 28))
        for person in everybody[:200]:
            profiles = await pay_rows.lock_profiles(ctx.session, person.id)
            if len(profiles) != 1 or profiles[0].terms is None or profiles[0].terms.additional:
                continue
            await settings.set_terms(
                ctx,
                ProfileCreate(
                    employee_id=person.id,
                    group_id=groups[person.legal_entity_id],
                    valid_from=profiles[0].valid_from,
                    terms=TermsIn(amounts=profiles[0].terms.amounts, additional=_additional(random)),
                ),
            )


async def _openings(builder: Builder, staff: Sequence[roster.Person]) -> None:
    """What was paid from January until the customer came here (期初累计), as the former system would hand it over."""
    year, first_month = MONTHS[0]
    wages = {person.number: person for person in staff}
    async with builder.work() as ctx:
        everybody = await records.list_employees(ctx, date(*MONTHS[0], 1))
        if await pay_rows.employees_paid_in(ctx.session, [each.id for each in everybody], year):
            return
        rows = [
            (each.id, year, _paid_before(wages[each.number], each.hired_on, year, first_month)) for each in everybody
        ]
        await opening.set_opening(ctx, [row for row in rows if row[2].income_fen])


def _paid_before(person: roster.Person, hired_on: date, year: int, until_month: int) -> YearToDate:
    law = legal.load()
    table = law.annual_table.at(date(year, 1, 1)).value
    basic_fen = law.basic_deduction_fen.at(date(year, 1, 1)).value
    first = hired_on.month if hired_on.year == year else 1
    income_fen = person.monthly_yuan * 100
    # pension 8 %, medical 2 %, unemployment 0.5 %, housing fund 12 % as a round figure
    month = MonthAmounts(income_fen, special_fen=share_fen(income_fen, 225_000))
    sums = YearToDate()
    for passed in range(1, until_month - first + 1):
        sums = withhold(table, sums, month, basic_fen * passed).after
    return sums


def _additional(random: Random) -> dict[str, int]:
    """Amounts of 国发〔2023〕13号, in fen a month."""
    chosen: dict[str, int] = {}
    if random.random() < 0.5:
        chosen["children"] = 200_000
    if random.random() < 0.4:
        chosen["elderly"] = random.choice((150_000, 300_000))
    if random.random() < 0.3:
        chosen["mortgage"] = 100_000
    return chosen or {"rent": 150_000}


async def _month(builder: Builder, year: int, month: int) -> None:
    async with builder.work() as ctx:
        groups = await setup.begin(ctx)
    for group in groups:
        async with builder.work() as ctx:
            run = await pay_rows.regular_run(ctx.session, group.id, year, month)
            if run is not None and run.status in FINAL:
                continue
            run = run or await runs.open_run(ctx, group.id, year, month)
            run_id, job_id = run.id, await runs.calculate(ctx, run.id)
        await builder.wait(job_id)
        async with builder.work() as ctx:
            await runs.review(ctx, run_id)
            await runs.close(ctx, run_id, leave_parked=True)
            await runs.publish(ctx, run_id)


async def log_ins(builder: Builder, *, manager: str, employee: str) -> None:
    """A manager and an employee who log in with their number."""
    async with builder.work() as ctx:
        people = {person.number: person for person in await records.list_employees(ctx, date(*MONTHS[-1], 28))}
        for number, roles in ((manager, ["manager", "employee"]), (employee, ["employee"])):
            if await auth_rows.user_by_login(ctx.session, fold_login(number)) is None:
                person = people[number]
                await auth.create_user(
                    ctx, login=number, name=person.name, password=builder.password, roles=roles, employee_id=person.id
                )


__all__ = ["MONTHS", "Builder", "fill", "log_ins"]
