"""Putting one person right within a run: amounts for the month, and calculating them alone."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from modules.payroll import repository
from modules.payroll.errors import PeriodInvalid, RunNotReady, RunStale
from modules.payroll.models import PayBasis, PayRun, Payslip, RunInput
from modules.payroll.rules.calendar import month_span
from modules.payroll.service import calculation, runs, slips
from modules.payroll.service.population import population
from modules.payroll.service.summary import Tally
from modules.records import api as records
from zhiren import audit
from zhiren.context import Context
from zhiren.i18n import _
from zhiren.money import AMOUNT_LIMIT_FEN

CALCULATED = ("calculated", "reviewed")


async def set_input(ctx: Context, run_id: UUID, employee_id: UUID, amounts: Mapping[str, int]) -> None:
    """Amounts of one person for this run alone, in fen by item code; nobody is calculated by it.

    Raises RunClosed, RunNotReady, PeriodInvalid for an item that is not one of the month's.
    """
    run = await runs.locked(ctx, run_id)
    runs.changeable(run)
    if run.status == "calculating":
        raise RunNotReady(_("正在计算中，请等待完成，或先取消。"))
    last = month_span(run.year, run.month)[1]
    known = {item.code: item.name for item in await repository.items(ctx.session, last)}
    faults = {code: _("没有这个薪资项目") for code in amounts if code not in known}
    faults |= {code: _("金额过大") for code, fen in amounts.items() if abs(fen) > AMOUNT_LIMIT_FEN}
    if faults:
        raise PeriodInvalid(_("录入的金额有误。"), fields=faults)
    if employee_id not in await records.employee_refs(ctx, [employee_id]):
        raise PeriodInvalid(_("没有这名员工。"))
    row = await repository.input_of(ctx.session, run_id, employee_id)
    before = row.amounts if row else {}
    if row is None:
        row = RunInput(run_id=run_id, employee_id=employee_id)
        ctx.session.add(row)
    row.amounts = dict(amounts)
    await ctx.session.flush()
    changes = {code: (before.get(code), amounts.get(code)) for code in {*before, *amounts}}
    changed = {code: pair for code, pair in changes.items() if pair[0] != pair[1]}
    audit.record(
        ctx, "payroll.input.update", object_type="payroll.run", object_id=run_id, changes=changed, sensitive=True
    )


async def mend(ctx: Context, run_id: UUID, employee_id: UUID, amounts: Mapping[str, int]) -> Payslip | None:
    """Enter amounts and, where the run is calculated, calculate the person again; None where it is not yet."""
    await set_input(ctx, run_id, employee_id, amounts)
    run = await runs.get(ctx, run_id)
    return await recalculate(ctx, run_id, employee_id) if run.status in CALCULATED else None


async def recalculate(ctx: Context, run_id: UUID, employee_id: UUID) -> Payslip:
    """Calculate one person of a calculated run again; the run then needs its review again.

    Raises RunClosed, RunNotReady, RunStale when pay items have changed since, so that everybody must be calculated.
    """
    run = await runs.locked(ctx, run_id)
    runs.changeable(run)
    if run.status not in CALCULATED or run.basis_id is None:
        raise RunNotReady(_("请先计算全部人员。"))
    group = await runs.pay_group(ctx, run.group_id)
    members = [m for m in await population(ctx, run, group) if m.employee_id == employee_id]
    old = await repository.payslip_of(ctx.session, run_id, employee_id)
    if not members:
        raise RunNotReady(_("此人已不在这次核算的范围内，请重新计算全部人员。"))
    stored = await calculation.stored_plan(ctx, run.basis_id)
    fresh = await calculation.plan_for(ctx, run, {*stored.cities, *stored.refused, members[0].person.city})
    if not calculation.same_basis(stored, fresh):
        raise RunStale(_("计算之后，薪资项目有改动。"), hint=_("请重新计算全部人员。"))
    basis_id = run.basis_id
    if fresh != stored:
        basis = PayBasis()
        basis.plan = fresh
        ctx.session.add(basis)
        await ctx.session.flush()
        basis_id = basis.id
    calculation.check(fresh)
    work = calculation.Calculation(
        run_id,
        run.revision,
        run.kind,
        basis_id,
        fresh,
        members,
        set(),
        True,
        Tally(run.summary),
    )
    await _replace(ctx, run, work, old)
    audit.record(ctx, "payroll.run.recalculate", object_type="payroll.run", object_id=run_id)
    made = await repository.payslip_of(ctx.session, run_id, employee_id)
    assert made is not None
    return made


async def _replace(ctx: Context, run: PayRun, work: calculation.Calculation, old: Payslip | None) -> None:
    parked = run.parked
    if old is not None:
        document = old.document
        if document is not None:
            work.tally.remove(old.employee_id, document)
        else:
            parked -= 1
        ctx.session.expunge(old)
    batch = await calculation.gather(ctx, work, work.members)
    await calculation.put(ctx, work, work.members, slips.make(batch))
    summary = work.tally.summary()
    await repository.set_run(
        ctx.session,
        run.id,
        if_status=CALCULATED,
        status="calculated",
        people=run.people + (old is None),
        parked=parked + work.parked,
        doubts=len(summary.doubts),
        reviewed_at=None,
        reviewed_by="",
        summary_ct=PayRun.summary.seal_value(run.id, summary, ctx.keyring),
    )
    await ctx.session.refresh(run)
