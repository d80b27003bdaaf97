"""A company that pays people: terms, runs, and the worker that calculates them."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from modules.payroll import repository
from modules.payroll.models import PayRun, Payslip
from modules.payroll.rules.document import Document
from modules.payroll.schemas import ProfileCreate, TermsIn
from modules.payroll.service import runs, settings, setup
from tenants.registry import Registry
from tests.factories.records import Company, company, granted
from zhiren.context import Actor, Context, TenantRef
from zhiren.db import Database
from zhiren.jobs import Job
from zhiren.jobs import repository as jobs
from zhiren.jobs.executor import execute
from zhiren.jobs.relay import Relay
from zhiren.jobs.runtime import Runtime

RECORDS = ("records.employee.read", "records.employee.edit", "records.org.read", "records.org.edit")
OFFICER = granted(
    *RECORDS,
    "payroll.run.read",
    "payroll.run.manage",
    "payroll.run.close",
    "payroll.run.publish",
    "payroll.run.export",
    "payroll.settings.read",
    "payroll.settings.manage",
    "payroll.terms.read",
    "payroll.terms.manage",
    "payroll.payslip.read",
    "field.pay.read",
)


def themselves(employee_id: UUID) -> Actor:
    """Someone who may read their own payslips, as every employee may."""
    return granted("payroll.payslip.read", "field.pay.read", kind="self", employee_id=employee_id)


class _Hints:
    """Stands where Redis stands."""

    def __init__(self) -> None:
        self.job_ids: list[UUID] = []

    def send(self, _tenant_id: str, job_ids: Sequence[UUID]) -> None:
        self.job_ids += job_ids


@dataclass
class Payroll:
    """Each method is a transaction of its own, as in a request."""

    database: Database
    tenant: TenantRef
    company: Company
    group_id: UUID

    def acting(self, actor: Actor = OFFICER) -> AbstractAsyncContextManager[Context]:
        return self.database.tenant(self.tenant, actor=actor)

    async def hire(self, number: str, name: str, **values: Any) -> UUID:
        async with self.acting() as ctx:
            made = await replace(self.company, ctx=ctx).hire(name, number=number, **values)
            return made.id

    async def terms(
        self, employee_id: UUID, monthly: int = 10000, *, since: date = date(2020, 3, 2), **more: Any
    ) -> None:
        values = {"insurance_base_fen": monthly * 100, "fund_base_fen": monthly * 100} | more
        async with self.acting() as ctx:
            data = ProfileCreate(
                employee_id=employee_id,
                group_id=self.group_id,
                valid_from=since,
                terms=TermsIn(amounts={setup.MONTHLY_WAGE: monthly * 100}, **values),
            )
            await settings.set_terms(ctx, data)

    async def open(self, month: int, *, year: int = 2026) -> UUID:
        async with self.acting() as ctx:
            return (await runs.open_run(ctx, self.group_id, year, month)).id

    async def calculate(self, run_id: UUID) -> Job:
        """Press the button and let a worker do it."""
        async with self.acting() as ctx:
            job_id = await runs.calculate(ctx, run_id)
        return await self.work(job_id)

    async def work(self, job_id: UUID) -> Job:
        runtime = Runtime(self.database, Registry(self.database, "localhost"))
        # a worker takes whatever is there, a few at a time, left over from before or not
        for _round in range(20):
            hints = _Hints()
            await Relay(runtime, hints).hand_out(self.tenant)
            for hinted in hints.job_ids:
                await execute(runtime, self.tenant, hinted)
            if job_id in hints.job_ids:
                break
        async with self.acting() as ctx:
            job = await jobs.get(ctx.session, job_id)
        assert job is not None
        return job

    async def review(self, run_id: UUID) -> None:
        async with self.acting() as ctx:
            await runs.review(ctx, run_id)

    async def close(self, run_id: UUID, *, leave_parked: bool = False) -> None:
        async with self.acting() as ctx:
            await runs.close(ctx, run_id, leave_parked=leave_parked)

    async def publish(self, run_id: UUID) -> None:
        async with self.acting() as ctx:
            await runs.publish(ctx, run_id)

    async def month(self, month: int, *, year: int = 2026, leave_parked: bool = False) -> UUID:
        """A whole month, from opening to publishing."""
        run_id = await self.open(month, year=year)
        job = await self.calculate(run_id)
        assert job.state == "succeeded", (job.state, job.error_code, job.error_message)
        await self.review(run_id)
        await self.close(run_id, leave_parked=leave_parked)
        await self.publish(run_id)
        return run_id

    async def run(self, run_id: UUID) -> PayRun:
        async with self.acting() as ctx:
            found = await repository.run(ctx.session, run_id)
        assert found is not None
        return found

    async def slips(self, run_id: UUID) -> dict[str, Payslip]:
        """By number."""
        async with self.acting() as ctx:
            return {slip.number: slip for slip in await repository.payslip_rows(ctx.session, run_id, limit=None)}

    async def document(self, run_id: UUID, number: str) -> Document:
        async with self.acting() as ctx:
            rows = await repository.payslip_rows(ctx.session, run_id, limit=None)
            found = next(slip for slip in rows if slip.number == number).document
        assert found is not None
        return found


async def payroll(database: Database, tenant: TenantRef) -> Payroll:
    """A company with one employer, its pay group and the usual pay items."""
    async with database.tenant(tenant, actor=OFFICER) as ctx:
        made = await company(ctx)
        groups = await setup.begin(ctx)
        group = next(group for group in groups if group.legal_entity_id == made.entity.id)
        return Payroll(database, tenant, made, group.id)
