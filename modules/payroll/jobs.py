"""Background work of payroll."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from itertools import islice
from typing import Any, Final
from uuid import UUID

from modules.payroll.errors import FormulaInvalid, LawMissing
from modules.payroll.service import calculation, runs, slips
from modules.payroll.service.population import Member
from zhiren.i18n import N_, _
from zhiren.jobs import JobCancelled, JobRun, job
from zhiren.tasks import end

#: people to be calculated from which on starting helper processes is worth it
HELPED_FROM: Final = 5000


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
    if total - done >= HELPED_FROM:
        run.helpers.start(slips.make)
    async with aclosing(_made(run, work)) as made:
        await run.progress(done, total, _("已计算 {done} 人", done=done))
        async for chunk, packed in made:
            async with run.tenant() as ctx:
                if not await calculation.store(ctx, work, chunk, packed):
                    return None
            done += len(chunk)
            await run.progress(done, total, _("已计算 {done} 人", done=done))
    async with run.tenant() as ctx:
        if await calculation.finish(ctx, work):
            await run.finish_within(ctx, {"people": total, "parked": work.parked})
    return None


async def _made(run: JobRun, work: calculation.Calculation) -> AsyncGenerator[tuple[Sequence[Member], bytes]]:
    """Each chunk with its payslips, in order. The next ones are read and made while one is stored."""

    async def make(chunk: Sequence[Member]) -> bytes:
        async with run.tenant() as ctx:
            batch = await calculation.gather(ctx, work, chunk)
        return await run.helpers.run(slips.make, batch)

    begun: deque[tuple[Sequence[Member], asyncio.Task[bytes]]] = deque()
    chunks = work.chunks()
    # each helper finds the next task waiting when it is done with one
    ahead = 2 * run.helpers.processes + 1
    try:
        while True:
            for chunk in islice(chunks, ahead - len(begun)):
                begun.append((chunk, asyncio.create_task(make(chunk))))
            if not begun:
                return
            first, task = begun.popleft()
            yield first, await task
    finally:
        await end(*(task for _chunk, task in begun))


JOBS = (calculate,)
