"""Queries about runs and what is entered for one."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from modules.payroll.models import FINAL, PayBasis, PayRun, RunInput
from modules.payroll.repository.arrays import Rows, among


async def runs(session: AsyncSession, *, limit: int = 60) -> list[PayRun]:
    query = select(PayRun).order_by(PayRun.year.desc(), PayRun.month.desc(), PayRun.opened_at.desc()).limit(limit)
    return list((await session.scalars(query)).all())


async def run(session: AsyncSession, run_id: UUID) -> PayRun | None:
    return await session.get(PayRun, run_id)


async def lock_run(session: AsyncSession, run_id: UUID) -> PayRun | None:
    """The run's row, held until the transaction ends."""
    query = select(PayRun).where(PayRun.id == run_id).with_for_update().execution_options(populate_existing=True)
    return (await session.scalars(query)).one_or_none()


async def regular_run(session: AsyncSession, group_id: UUID, year: int, month: int) -> PayRun | None:
    query = select(PayRun).where(
        PayRun.group_id == group_id, PayRun.year == year, PayRun.month == month, PayRun.kind == "regular"
    )
    return (await session.scalars(query)).one_or_none()


async def corrections_of(session: AsyncSession, run_id: UUID) -> list[PayRun]:
    query = select(PayRun).where(PayRun.corrects_id == run_id).order_by(PayRun.opened_at)
    return list((await session.scalars(query)).all())


async def set_run(
    session: AsyncSession, run_id: UUID, *, if_status: Collection[str], revision: int | None = None, **values: Any
) -> bool:
    """Changes a run that is in one of ``if_status`` and nothing else: a closed run matches no such condition that
    leads back. False when it was not."""
    if set(if_status) & set(FINAL) and values.get("status") != "published":
        raise ValueError("a closed run can only be published")
    query = (
        update(PayRun)
        .where(PayRun.id == run_id, PayRun.status.in_(if_status))
        .values(**values, version=PayRun.version + 1)
        .execution_options(synchronize_session=False)
    )
    if revision is not None:
        query = query.where(PayRun.revision == revision)
    result = await session.execute(query)
    return bool(result.rowcount)  # type: ignore[attr-defined]


async def hold_calculation(session: AsyncSession, run_id: UUID, revision: int) -> bool:
    """Keeps a run in calculation from changing until the transaction ends. False when it is no longer that one."""
    query = (
        select(PayRun.id)
        .where(PayRun.id == run_id, PayRun.status == "calculating", PayRun.revision == revision)
        .with_for_update()
    )
    return (await session.scalar(query)) is not None


async def drop_run(session: AsyncSession, run_id: UUID) -> bool:
    result = await session.execute(delete(PayRun).where(PayRun.id == run_id, PayRun.status.not_in(FINAL)))
    return bool(result.rowcount)  # type: ignore[attr-defined]


async def basis(session: AsyncSession, basis_id: UUID) -> PayBasis | None:
    return await session.get(PayBasis, basis_id)


async def inputs(session: AsyncSession, run_id: UUID, employee_ids: Collection[UUID] | None = None) -> Rows:
    """(employee_id, id, amounts_ct)"""
    query = select(RunInput.employee_id, RunInput.id, RunInput.amounts_ct).where(RunInput.run_id == run_id)
    if employee_ids is not None:
        query = query.where(among(RunInput.employee_id, employee_ids))
    return (await session.execute(query)).all()


async def input_of(session: AsyncSession, run_id: UUID, employee_id: UUID) -> RunInput | None:
    query = select(RunInput).where(RunInput.run_id == run_id, RunInput.employee_id == employee_id)
    return (await session.scalars(query)).one_or_none()
