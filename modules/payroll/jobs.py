"""Background work of payroll."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from modules.payroll.errors import FormulaInvalid, LawMissing
from modules.payroll.service import calculation, runs
from zhiren.i18n import N_, _
from zhiren.jobs import JobCancelled, JobRun, job


@job("payroll.calculate", title=N_("计算工资"), max_retries=5, time_limit_s=3600)
async def calculate(run: JobRun, *, run_id: str, revision: int) -> dict[str, Any] | None:
    """Calculate everybody in a run, a few hundred people a transaction. What is done stays done when it begins anew."""
    run_uuid = UUID(run_id)
    try:
        return await _calculate(run, run_uuid, revision)
    except (JobCancelled, LawMissing, FormulaInvalid):
        async with run.tenant() as ctx:
            await runs.calculation_stopped(ctx, run_uuid, revision)
        raise


async def _calculate(run: JobRun, run_id: UUID, revision: int) -> dict[str, Any] | None:
    async with run.tenant() as ctx:
        work = await calculation.prepare(ctx, run_id, revision)
    if work is None:
        return None
    total = len(work.members)
    done = total - sum(len(chunk) for chunk in work.chunks())
    for chunk in work.chunks():
        await run.progress(done, total, _("已计算 {done} 人", done=done))
        async with run.tenant() as ctx:
            if not await calculation.calculate_chunk(ctx, work, chunk):
                return None
        done += len(chunk)
    await run.progress(done, total)
    async with run.tenant() as ctx:
        if await calculation.finish(ctx, work):
            await run.finish_within(ctx, {"people": total, "parked": work.parked})
    return None


JOBS = (calculate,)
