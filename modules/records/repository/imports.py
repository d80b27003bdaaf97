"""Queries about imports and their rows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from modules.records.models import Import, ImportRow
from zhiren.context import Context


async def get(session: AsyncSession, import_id: UUID, *, lock: bool = False) -> Import | None:
    query = select(Import).where(Import.id == import_id)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    return (await session.scalars(query)).one_or_none()


async def latest(session: AsyncSession, limit: int = 50) -> list[Import]:
    return list((await session.scalars(select(Import).order_by(Import.created_at.desc()).limit(limit))).all())


async def rows(
    session: AsyncSession,
    import_id: UUID,
    *,
    states: Sequence[str] = (),
    offset: int = 0,
    limit: int | None = None,
) -> list[ImportRow]:
    query = select(ImportRow).where(ImportRow.import_id == import_id).order_by(ImportRow.row_number)
    if states:
        query = query.where(ImportRow.state.in_(states))
    return list((await session.scalars(query.offset(offset).limit(limit))).all())


async def row(session: AsyncSession, import_id: UUID, row_number: int) -> ImportRow | None:
    query = select(ImportRow).where(ImportRow.import_id == import_id, ImportRow.row_number == row_number)
    return (await session.scalars(query)).one_or_none()


async def next_ready(session: AsyncSession, import_id: UUID, limit: int) -> list[ImportRow]:
    """The rows to be written next, managers first, locked: a second worker waits, and then finds them written."""
    query = (
        select(ImportRow)
        .where(ImportRow.import_id == import_id, ImportRow.state == "ready")
        .order_by(ImportRow.commit_order, ImportRow.row_number)
        .limit(limit)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return list((await session.scalars(query)).all())


async def counts(session: AsyncSession, import_id: UUID) -> dict[str, int]:
    query = select(ImportRow.state, func.count()).where(ImportRow.import_id == import_id).group_by(ImportRow.state)
    return {row[0]: row[1] for row in (await session.execute(query)).all()}


async def wages(ctx: Context, import_id: UUID) -> list[tuple[UUID, int, date]]:
    """Employee, monthly wage in fen and first day, for the rows that were written and had a wage."""
    found: list[tuple[UUID, int, date]] = []
    written = await rows(ctx.session, import_id, states=("added", "updated"))
    values: list[Any] = ImportRow.values.open_rows(written, ctx.keyring)
    for row, value in zip(written, values, strict=True):
        if row.employee_id is not None and value and value.get("monthly_wage_fen") is not None:
            found.append((row.employee_id, value["monthly_wage_fen"], date.fromisoformat(value["wage_from"])))
    return found
