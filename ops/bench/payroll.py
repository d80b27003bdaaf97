"""A month's pay: calculated, sealed and stored by the job, against COPY of the same bytes and reading them back."""

from __future__ import annotations

import os
import time
from datetime import date
from multiprocessing import active_children
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import psycopg
from psycopg import sql

from modules.payroll import repository
from modules.payroll.service import runs
from ops.bench.company import Crowd, crowd
from ops.bench.measure import Bench, Result, compare
from zhiren.jobs import repository as jobs
from zhiren.jobs.executor import execute

PEOPLE: Final = 10_000
QUICK_PEOPLE: Final = 1_000
MANY_PEOPLE: Final = 100_000
QUICK_MANY_PEOPLE: Final = 5_000
MANY_WITHIN_S: Final = 90.0
MANY_WITHIN_BYTES: Final = 1 << 30
YEAR: Final = 2026


async def payroll(bench: Bench) -> list[Result]:
    """The second month of a year, so that each person's last payslip is opened and carried on."""
    people = bench.size(PEOPLE, QUICK_PEOPLE)
    async with crowd(bench, people) as company:
        await _close(company, await _paid(company, 1))
        last: list[UUID] = []

        async def ours() -> None:
            last.append(await _paid(company, 2))

        await ours()
        await company.runtime.helpers.standing()
        with psycopg.connect(company.settings.database_owner_url, autocommit=True) as connection:
            table = sql.Identifier(company.tenant.id, "payroll_payslip")
            copied = sql.Identifier(company.tenant.id, "bench_payslip")
            connection.execute(sql.SQL("CREATE TABLE {} (LIKE {} INCLUDING ALL)").format(copied, table))
            columns, types = _shape(connection, table)
            rows = (
                connection.cursor(binary=True)
                .execute(sql.SQL("SELECT * FROM {} WHERE run_id = {}").format(table, last[-1]))
                .fetchall()
            )

            async def bare() -> None:
                """In the same chunks of people and transactions is slower; this is one COPY and one SELECT."""
                _copy_and_read(connection, copied, columns, types, rows)

            async def forget() -> None:
                connection.execute(sql.SQL("TRUNCATE {}").format(copied))
                async with company.work() as ctx:
                    await repository.drop_run(ctx.session, last.pop())

            await forget()
            ratio, ours_s, bare_s = await compare(ours, bare, rounds=bench.size(5, 3), between=forget)
    size = sum(len(bytes(row[-1] or b"")) for row in rows)
    detail = f"{people:,} people, {size / 1e6:.1f} MB sealed: {ours_s:.2f} s, COPY and reading {bare_s:.2f} s"
    return [Result("payroll calculated, sealed, stored, against COPY and reading back", ratio, 3.0, detail)]


async def payroll_many(bench: Bench) -> list[Result]:
    """The first and second month of a very large customer in one worker and its helpers."""
    people = bench.size(MANY_PEOPLE, QUICK_MANY_PEOPLE)
    async with crowd(bench, people) as company:
        began_s = time.perf_counter()
        run_id = await _paid(company, 1)
        first_s = time.perf_counter() - began_s
        await _close(company, run_id)
        began_s, cpu_s = time.perf_counter(), time.process_time()
        await _paid(company, 2)
        took_s, cpu_s = time.perf_counter() - began_s, time.process_time() - cpu_s
        peaks_bytes = [_peak_bytes(pid) for pid in (os.getpid(), *(each.pid for each in active_children()))]
    detail = f"{people:,} people: {took_s:.1f} s ({cpu_s:.1f} s of processor here), the first month {first_s:.1f} s"
    within_s = MANY_WITHIN_S * people / MANY_PEOPLE
    return [
        Result("payroll of very many, within the time", took_s / within_s, 1.0, detail),
        Result(
            "payroll of very many, peak memory of 1 GB",
            sum(peaks_bytes) / MANY_WITHIN_BYTES,
            1.0,
            " + ".join(f"{peak / 1e6:.0f}" for peak in peaks_bytes) + " MB, worker and helpers",
        ),
    ]


def _peak_bytes(pid: int | None) -> int:
    """The most memory a process that still runs has had. What helpers share is counted for each."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024


async def _paid(company: Crowd, month: int) -> UUID:
    """Opened and calculated by the job, as a worker does it. Raises RuntimeError when somebody was not paid."""
    async with company.work() as ctx:
        run = await runs.open_run(ctx, company.group_id, YEAR, month, date(YEAR, month, 28))
        job_id = await runs.calculate(ctx, run.id)
    handed: UUID | None = None
    while handed != job_id:
        async with company.work() as ctx:
            handed = await jobs.hand_over_next(ctx.session, limit=1, resend_after_s=company.runtime.resend_s)
        if handed is None:
            break
        await execute(company.runtime, company.tenant, handed)
    async with company.work() as ctx:
        job = await jobs.get(ctx.session, job_id)
        found = await repository.run(ctx.session, run.id)
    if job is None or found is None or job.state != "succeeded" or found.parked:
        raise RuntimeError(f"payroll ended as {job and job.state}, {found and found.parked} parked")
    return run.id


async def _close(company: Crowd, run_id: UUID) -> None:
    async with company.work() as ctx:
        await runs.review(ctx, run_id)
        await runs.close(ctx, run_id)


def _shape(connection: psycopg.Connection[Any], table: sql.Identifier) -> tuple[list[str], list[int]]:
    empty = connection.execute(sql.SQL("SELECT * FROM {} LIMIT 0").format(table))
    described = empty.description or []
    return [column.name for column in described], [column.type_code for column in described]


def _copy_and_read(
    connection: psycopg.Connection[Any], table: sql.Identifier, columns: list[str], types: list[int], rows: list[Any]
) -> None:
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    with connection.cursor(binary=True) as cursor:
        with cursor.copy(sql.SQL("COPY {} ({}) FROM STDIN (FORMAT BINARY)").format(table, names)) as copy:
            copy.set_types(types)
            for row in rows:
                copy.write_row(row)
        cursor.execute(sql.SQL("SELECT * FROM {}").format(table)).fetchall()


MEASURES = (payroll, payroll_many)
