"""A company of two thousand whose September is to be paid, and what a calculation of it left behind."""

from __future__ import annotations

import secrets
from collections import Counter
from dataclasses import dataclass
from datetime import date
from random import Random
from uuid import UUID

from sqlalchemy import func, select

from modules.payroll import repository
from modules.payroll.models import PayProfile, PayRun, Payslip
from modules.payroll.rules.document import Document, Terms
from modules.payroll.service import runs, setup
from modules.records.models import Assignment, Employee
from ops.hosted import Hosted
from tests.factories.payroll import OFFICER
from tests.factories.people import person_name
from tests.factories.records import company
from zhiren.audit import AuditEvent
from zhiren.audit.verify import Verdict, verify
from zhiren.auth.service import create_user, open_session
from zhiren.context import TenantRef
from zhiren.ids import new_id
from zhiren.jobs.models import Job, Outbox

PEOPLE = 2_000
HIRED = date(2021, 3, 1)


@dataclass(frozen=True)
class Company:
    tenant: TenantRef
    run_id: UUID
    token: str
    names: frozenset[str]


async def found(parts: Hosted, tenant: TenantRef) -> Company:
    """People with seats and wages, an open run, and a payroll officer who is logged in."""
    random = Random(20)
    async with parts.database.tenant(tenant, actor=OFFICER) as ctx:
        made = await company(ctx)
        group = (await setup.begin(ctx))[0]
        unit = made.units["总部"]
        people = [
            Employee(number=f"P{place:05d}", name=person_name(random), hired_on=HIRED) for place in range(1, PEOPLE + 1)
        ]
        ctx.session.add_all(people)
        await ctx.session.flush()
        seats = [
            Assignment(
                employee_id=each.id, unit_id=unit.id, legal_entity_id=made.entity.id, city="上海", valid_from=HIRED
            )
            for each in people
        ]
        ctx.session.add_all(seats)
        rows: list[tuple[object, ...]] = []
        for each in people:
            row_id = new_id()
            terms = Terms(amounts={setup.MONTHLY_WAGE: random.randrange(5_000_00, 60_000_00, 1_00)})
            sealed = PayProfile.terms.seal_value(row_id, terms, ctx.keyring)
            rows.append((row_id, each.id, group.id, None, HIRED, None, sealed))
        await ctx.session.flush()
        await repository.copy_profiles(ctx.session, rows)
        run = await runs.open_run(ctx, group.id, 2026, 9)
        user = await create_user(ctx, login="officer", name="薪酬", password=secrets.token_hex(20), roles=["payroll"])
        await ctx.session.flush()
        token = await open_session(ctx, user)
        return Company(tenant, run.id, token, frozenset(each.name for each in people))


@dataclass(frozen=True)
class State:
    """Everything a calculation may have changed, as the database has it."""

    status: str
    revision: int
    people: int
    parked: int
    #: how many payslips each person has
    payslips: Counter[UUID]
    revisions: frozenset[int]
    documents: dict[UUID, Document]
    jobs: Counter[str]
    outbox: int
    asked: int

    @property
    def net_fen(self) -> int:
        return sum(document.totals.net_fen for document in self.documents.values())


async def state(parts: Hosted, company: Company) -> State:
    async with parts.database.tenant(company.tenant, actor=OFFICER) as ctx:
        run = await ctx.session.get_one(PayRun, company.run_id)
        rows = (
            await ctx.session.execute(
                select(Payslip.id, Payslip.employee_id, Payslip.revision, Payslip.document_ct).where(
                    Payslip.run_id == company.run_id
                )
            )
        ).all()
        opened = Payslip.document.open_values(((row.id, row.document_ct) for row in rows), ctx.keyring)
        jobs = (await ctx.session.execute(select(Job.state).where(Job.name == "payroll.calculate"))).scalars()
        asked = select(func.count()).where(AuditEvent.action == "payroll.run.calculate")
        return State(
            status=run.status,
            revision=run.revision,
            people=run.people,
            parked=run.parked,
            payslips=Counter(row.employee_id for row in rows),
            revisions=frozenset(row.revision for row in rows),
            documents={row.employee_id: each for row, each in zip(rows, opened, strict=True) if each is not None},
            jobs=Counter(jobs),
            outbox=await ctx.session.scalar(select(func.count()).select_from(Outbox)) or 0,
            asked=await ctx.session.scalar(asked) or 0,
        )


async def partway(parts: Hosted, company: Company) -> bool:
    """Whether some people's payslips of the calculation under way are there, and others' are not."""
    async with parts.database.tenant(company.tenant, actor=OFFICER) as ctx:
        made = select(func.count()).where(Payslip.run_id == PayRun.id, Payslip.revision == PayRun.revision)
        query = select(PayRun.status, made.scalar_subquery()).where(PayRun.id == company.run_id)
        status, count = (await ctx.session.execute(query)).one()
        return status == "calculating" and 0 < count < PEOPLE


async def chain(parts: Hosted, company: Company) -> Verdict:
    async with parts.database.tenant(company.tenant, actor=OFFICER) as ctx:
        return await verify(ctx)
