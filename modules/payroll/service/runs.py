"""A month's run, step by step: open, calculate, review, close, publish; and corrections of what is closed.

A closed run never changes. Every change of state is one conditional UPDATE, so that two people pressing at once, or a
worker that comes late, find the door shut.
"""

from __future__ import annotations

import calendar
from collections.abc import Collection
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import func

from modules.payroll import repository
from modules.payroll.errors import (
    NothingToPay,
    PeopleParked,
    PeriodInvalid,
    RunClosed,
    RunExists,
    RunNotFound,
    RunNotReady,
    RunStale,
    SettingNotFound,
)
from modules.payroll.models import FINAL, PayGroup, PayRun, RunInput
from modules.payroll.service import calculation
from modules.payroll.words import month as month_name
from modules.payroll.words import status as status_name
from modules.records import api as records
from zhiren import audit, events
from zhiren.context import Context
from zhiren.i18n import _
from zhiren.jobs import enqueue
from zhiren.jobs import repository as jobs

FIRST_YEAR, LAST_YEAR = 2019, 2100


async def get(ctx: Context, run_id: UUID) -> PayRun:
    run = await repository.run(ctx.session, run_id)
    if run is None:
        raise RunNotFound(_("没有这次工资核算。"))
    return run


async def locked(ctx: Context, run_id: UUID) -> PayRun:
    run = await repository.lock_run(ctx.session, run_id)
    if run is None:
        raise RunNotFound(_("没有这次工资核算。"))
    return run


async def pay_group(ctx: Context, group_id: UUID) -> PayGroup:
    group = await repository.group(ctx.session, group_id)
    if group is None:
        raise SettingNotFound(_("没有这个薪资组。"))
    return group


def usual_pay_on(group: PayGroup, year: int, month: int) -> date:
    """The group's day of payment for a month of work."""
    if group.pays_next_month:
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    return date(year, month, min(group.pay_day, calendar.monthrange(year, month)[1]))


async def open_run(ctx: Context, group_id: UUID, year: int, month: int, pay_on: date | None = None) -> PayRun:
    """Begin the regular run of a group's month. Raises RunExists, PeriodInvalid."""
    group = await pay_group(ctx, group_id)
    if not (FIRST_YEAR <= year <= LAST_YEAR and 1 <= month <= 12):
        raise PeriodInvalid(_("所属月份无效。"), fields={"month": _("请选择月份")})
    if await repository.regular_run(ctx.session, group_id, year, month):
        name = month_name(year, month)
        raise RunExists(_("“{group}”{month}的工资核算已经存在。", group=group.name, month=name))
    day = pay_on or usual_pay_on(group, year, month)
    if day.year > LAST_YEAR:
        raise PeriodInvalid(_("发薪日超出范围。"), fields={"pay_on": _("日期超出范围")})
    if day < date(year, month, 1):
        raise PeriodInvalid(_("发薪日早于所属月份。"), fields={"pay_on": _("不能早于所属月份的第一天")})
    await _not_before_closed(ctx, group_id, day)
    run = PayRun(group_id=group_id, year=year, month=month, pay_on=day, kind="regular", opened_by=ctx.actor.name)
    ctx.session.add(run)
    await ctx.session.flush()
    audit.record(ctx, "payroll.run.open", object_type="payroll.run", object_id=run.id)
    return run


async def _not_before_closed(ctx: Context, group_id: UUID, day: date) -> None:
    last = await repository.last_pay_on(ctx.session, group_id)
    if last is not None and day < last:
        raise PeriodInvalid(
            _("发薪日早于已关账的 {day}。个税按发放顺序累计，不能插到前面。", day=last.isoformat()),
            fields={"pay_on": _("不能早于 {day}", day=last.isoformat())},
        )


async def open_correction(
    ctx: Context, corrects_id: UUID, employee_ids: Collection[UUID], reason: str, pay_on: date
) -> PayRun:
    """A new run that pays the difference to what a closed run paid, for some of its month's people."""
    closed = await get(ctx, corrects_id)
    if closed.status not in FINAL:
        raise RunNotReady(_("尚未关账，直接修改后重算即可，不需要更正。"))
    if not reason.strip():
        raise PeriodInvalid(_("请写明更正的原因。"), fields={"reason": _("必填")})
    if not employee_ids or set(employee_ids) - (await records.employee_refs(ctx, employee_ids)).keys():
        raise PeriodInvalid(_("请选择要更正的人员。"), fields={"employee_ids": _("请选择在这个月工作过的人员")})
    if pay_on.year > LAST_YEAR:
        raise PeriodInvalid(_("发薪日超出范围。"), fields={"pay_on": _("日期超出范围")})
    origin_id = closed.corrects_id or closed.id
    await _not_before_closed(ctx, closed.group_id, pay_on)
    run = PayRun(
        group_id=closed.group_id,
        year=closed.year,
        month=closed.month,
        pay_on=pay_on,
        kind="correction",
        corrects_id=origin_id,
        reason=reason.strip()[:500],
        opened_by=ctx.actor.name,
    )
    ctx.session.add(run)
    await ctx.session.flush()
    for employee_id in dict.fromkeys(employee_ids):
        origin_input = await repository.input_of(ctx.session, origin_id, employee_id)
        # what was entered for the month stays entered, and can then be changed
        ctx.session.add(
            RunInput(run_id=run.id, employee_id=employee_id, amounts=origin_input.amounts if origin_input else {})
        )
    await ctx.session.flush()
    audit.record(ctx, "payroll.run.correct", object_type="payroll.run", object_id=run.id, reason=run.reason)
    return run


async def calculate(ctx: Context, run_id: UUID) -> UUID:
    """Calculate everybody anew, in the background; returns the job's id. Raises RunClosed, RunNotReady."""
    run = await locked(ctx, run_id)
    if run.status == "calculating":
        job = await jobs.get(ctx.session, run.job_id) if run.job_id else None
        if job is not None and job.state in ("queued", "running"):
            raise RunNotReady(_("正在计算中，请等待完成，或先取消。"))
    changeable(run)
    # what would stop everybody is told now, not by a failed job
    calculation.check(await calculation.plan_for(ctx, run, set()))
    run.status = "calculating"
    run.revision += 1
    run.basis_id = None
    run.calculated_at = func.clock_timestamp()
    run.reviewed_at, run.reviewed_by = None, ""
    job_id = run.job_id = await enqueue(
        ctx,
        "payroll.calculate",
        {"run_id": str(run.id), "revision": run.revision},
        key=f"payroll.calculate:{run.id}:{run.revision}",
        label=month_name(run.year, run.month),
        url=f"/payroll/runs/{run.id}",
    )
    await ctx.session.flush()
    audit.record(ctx, "payroll.run.calculate", object_type="payroll.run", object_id=run.id)
    return job_id


async def review(ctx: Context, run_id: UUID) -> PayRun:
    """Someone has looked at it. Raises RunNotReady, RunStale."""
    run = await locked(ctx, run_id)
    changeable(run)
    _at(run, "calculated")
    await _fresh(ctx, run)
    await _set(ctx, run, ["calculated"], status="reviewed", reviewed_at=func.now(), reviewed_by=ctx.actor.name)
    audit.record(ctx, "payroll.run.review", object_type="payroll.run", object_id=run_id)
    return run


async def close(ctx: Context, run_id: UUID, *, leave_parked: bool = False) -> PayRun:
    """Make the run final. Raises PeopleParked unless ``leave_parked``, RunStale, RunNotReady, NothingToPay."""
    run = await locked(ctx, run_id)
    changeable(run)
    _at(run, "reviewed")
    # one at a time within a group: whoever closes second finds out below
    await repository.lock_group(ctx.session, run.group_id)
    await _fresh(ctx, run)
    if run.people == run.parked:
        raise NothingToPay(_("这次核算里没有可以发放的工资。"))
    if run.parked and not leave_parked:
        raise PeopleParked(
            _("还有 {count} 人的工资没有算出。", count=run.parked),
            hint=_("修正后重算；或确认先关账，之后用更正核算补发。"),
            params={"parked": run.parked},
        )
    await _set(ctx, run, ["reviewed"], status="closed", closed_at=func.clock_timestamp(), closed_by=ctx.actor.name)
    audit.record(ctx, "payroll.run.close", object_type="payroll.run", object_id=run_id)
    await events.emit(ctx, "payroll.run.closed", {"run_id": str(run_id)})
    return run


async def publish(ctx: Context, run_id: UUID) -> PayRun:
    """Let everybody in it read their payslip. Raises RunNotReady."""
    run = await locked(ctx, run_id)
    _at(run, "closed")
    await _set(ctx, run, ["closed"], status="published", published_at=func.now(), published_by=ctx.actor.name)
    audit.record(ctx, "payroll.run.publish", object_type="payroll.run", object_id=run_id)
    await events.emit(ctx, "payroll.run.published", {"run_id": str(run_id)})
    return run


async def discard(ctx: Context, run_id: UUID) -> None:
    """Throw away a run that is not closed, with what was calculated. Raises RunClosed, RunNotReady."""
    run = await locked(ctx, run_id)
    changeable(run)
    if run.status == "calculating":
        raise RunNotReady(_("正在计算中，请先取消计算。"))
    audit.record(ctx, "payroll.run.discard", object_type="payroll.run", object_id=run_id)
    await repository.drop_run(ctx.session, run_id)


async def calculation_stopped(ctx: Context, run_id: UUID, revision: int) -> None:
    """The calculation was cancelled: the run is open again, at the same revision's end."""
    await repository.set_run(ctx.session, run_id, if_status=["calculating"], revision=revision, status="open")


def changeable(run: PayRun) -> None:
    """Raises RunClosed for a run that is final."""
    if run.status in FINAL:
        raise RunClosed(
            _("{month}的工资已经关账，不能再改。", month=month_name(run.year, run.month)),
            hint=_("如需调整，请建更正核算。"),
        )


def _at(run: PayRun, status: str) -> None:
    if run.status != status:
        raise RunNotReady(
            _("这次核算现在是“{now}”，需要先到“{needed}”。", now=status_name(run.status), needed=status_name(status))
        )


async def _fresh(ctx: Context, run: PayRun) -> None:
    if await repository.changed_since(ctx.session, run):
        raise RunStale(_("计算之后，薪资项目或薪资档案有改动。"), hint=_("请重新计算。"))
    if await repository.closed_since(ctx.session, run):
        raise RunStale(_("计算之后，其中有人在另一次核算中关账。"), hint=_("请重新计算，累计数会接上。"))


async def _set(ctx: Context, run: PayRun, if_status: list[str], **values: Any) -> None:
    if not await repository.set_run(ctx.session, run.id, if_status=if_status, **values):
        raise RunNotReady(_("这次核算刚刚被别人改动，请刷新后再试。"))
    await ctx.session.refresh(run)
