"""Ten thousand rows: staged, checked, written and taken back. Slow, so left out of the quick run."""

from __future__ import annotations

import logging
import time

import pytest
from sqlalchemy import func, select

from modules.records.models import Assignment, Employee
from modules.records.service.imports import checking, committing, staging, undoing
from tests.modules.records import sheets
from tests.modules.records.conftest import Act, RunJob

ROWS = 10_000
log = logging.getLogger(__name__)


@pytest.mark.slow
async def test_ten_thousand_people_come_and_go(act: Act, run_job: RunJob) -> None:
    data = sheets.big_xlsx([list(sheets.ROSTER), *sheets.roster(ROWS)])
    started = time.perf_counter()

    def lap(what: str) -> None:
        log.info("%s: %.1f s", what, time.perf_counter() - started)

    async with act() as ctx:
        found = await staging.stage(ctx, "一万人.xlsx", data)
    lap("staged")
    async with act() as ctx:
        found = await checking.check(ctx, found.id)
        assert found.counts["ready"] == ROWS, found.counts
    lap("checked")
    async with act() as ctx:
        job_id = await committing.start(ctx, found.id)
    await run_job(job_id)
    lap("committed")
    async with act() as ctx:
        assert await ctx.session.scalar(select(func.count()).select_from(Employee)) == ROWS
        assert await ctx.session.scalar(select(func.count()).select_from(Assignment)) == ROWS
    async with act() as ctx:
        job_id = await undoing.start(ctx, found.id)
    await run_job(job_id)
    lap("undone")
    async with act() as ctx:
        assert await ctx.session.scalar(select(func.count()).select_from(Employee)) == 0
