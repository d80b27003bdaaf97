"""What the pages of a run show."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from modules.payroll import repository
from modules.payroll.models import PayGroup, PayRun, Payslip
from modules.payroll.rules.plan import Citation
from modules.payroll.schemas import RunSummary
from modules.payroll.service import calculation, runs
from modules.payroll.service.access import sees_all_pay
from zhiren import audit
from zhiren.context import Context
from zhiren.jobs import Job
from zhiren.jobs import repository as jobs


@dataclass(frozen=True, slots=True)
class RunView:
    """A run with its surroundings; ``summary`` is None before it is calculated and for who may not see pay."""

    run: PayRun
    group: PayGroup
    summary: RunSummary | None
    job: Job | None
    doubts: list[tuple[Citation, int]]
    corrections: list[PayRun]
    corrects: PayRun | None
    stale: bool
    #: people whose sums of the tax year are not known
    without_sums: int


async def run_view(ctx: Context, run_id: UUID) -> RunView:
    """Raises RunNotFound. Seeing the sums is recorded."""
    run = await runs.get(ctx, run_id)
    group = await runs.pay_group(ctx, run.group_id)
    summary = run.summary if sees_all_pay(ctx) and run.status not in ("open", "calculating") else None
    job = await jobs.get(ctx.session, run.job_id) if run.job_id and run.status in ("open", "calculating") else None
    doubts: list[tuple[Citation, int]] = []
    if summary is not None:
        if summary.doubts and run.basis_id:
            plan = await calculation.stored_plan(ctx, run.basis_id)
            doubts = [(plan.citations[key], n) for key, n in summary.doubts.items() if key in plan.citations]
        audit.record(
            ctx,
            "payroll.run.read",
            object_type="payroll.run",
            object_id=run.id,
            fields=["totals", "payslips"],
            sensitive=True,
        )
    stale = run.status in ("calculated", "reviewed") and await repository.changed_since(ctx.session, run)
    return RunView(
        run=run,
        group=group,
        summary=summary,
        job=job,
        doubts=doubts,
        corrections=await repository.corrections_of(ctx.session, run.corrects_id or run.id),
        corrects=await runs.get(ctx, run.corrects_id) if run.corrects_id else None,
        stale=stale,
        without_sums=summary.doubts.get("no_sums", 0) if summary else 0,
    )


@dataclass(frozen=True, slots=True)
class PersonView:
    """One person in a run that is not closed: what can be entered for them this month."""

    run: PayRun
    employee_id: UUID
    payslip: Payslip | None
    name: str
    number: str
    #: (code, name, kind, entered fen or None)
    items: list[tuple[str, str, str, int | None]]


async def person_view(ctx: Context, run_id: UUID, employee_id: UUID) -> PersonView:
    run = await runs.get(ctx, run_id)
    payslip = await repository.payslip_of(ctx.session, run_id, employee_id)
    entered = await repository.input_of(ctx.session, run_id, employee_id)
    amounts = entered.amounts if entered and sees_all_pay(ctx) else {}
    items = await repository.items(ctx.session, run.pay_on.replace(year=run.year, month=run.month, day=1))
    return PersonView(
        run,
        employee_id,
        payslip,
        payslip.name if payslip else "",
        payslip.number if payslip else "",
        [(item.code, item.name, item.kind, amounts.get(item.code)) for item in items],
    )
