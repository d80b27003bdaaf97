"""Queries about payslips."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, Select, delete, exists, func, or_, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from modules.payroll.models import FINAL, PayGroup, PayItem, PayOpening, PayProfile, PayRun, Payslip
from modules.payroll.repository.arrays import Rows, among
from zhiren.db import copy_in

_PAYSLIP_COLUMNS = (
    "id",
    "run_id",
    "employee_id",
    "revision",
    "basis_id",
    "legal_entity_id",
    "number",
    "name",
    "unit_name",
    "parked_reason",
    "parked_detail",
    "doubtful",
    "document_ct",
)


async def copy_payslips(session: AsyncSession, rows: Iterable[Sequence[object]]) -> int:
    """Rows in the order of the columns above."""
    return await copy_in(session, Payslip.__table__, _PAYSLIP_COLUMNS, rows)  # type: ignore[arg-type]


async def drop_payslips(session: AsyncSession, run_id: UUID, employee_ids: Collection[UUID]) -> None:
    await session.execute(delete(Payslip).where(Payslip.run_id == run_id, among(Payslip.employee_id, employee_ids)))


async def drop_old_payslips(session: AsyncSession, run_id: UUID, revision: int) -> None:
    """Those of earlier calculations, once the new one is whole."""
    await session.execute(delete(Payslip).where(Payslip.run_id == run_id, Payslip.revision != revision))


async def calculated_employees(session: AsyncSession, run_id: UUID, revision: int) -> set[UUID]:
    query = select(Payslip.employee_id).where(Payslip.run_id == run_id, Payslip.revision == revision)
    return set((await session.scalars(query)).all())


async def has_payslips(session: AsyncSession, run_id: UUID) -> bool:
    return bool(await session.scalar(select(exists().where(Payslip.run_id == run_id))))


async def last_closed(session: AsyncSession, employee_ids: Collection[UUID]) -> Rows:
    """(employee_id, id, document_ct, legal_entity_id, pay_on) of each person's payslip that was closed last at each
    withholding agent, the latest of all first."""
    query = (
        select(Payslip.employee_id, Payslip.id, Payslip.document_ct, Payslip.legal_entity_id, PayRun.pay_on)
        .join(PayRun, PayRun.id == Payslip.run_id)
        .where(
            among(Payslip.employee_id, employee_ids),
            PayRun.status.in_(FINAL),
            Payslip.document_ct.is_not(None),
        )
        .ext(distinct_on(Payslip.employee_id, Payslip.legal_entity_id))
        .order_by(Payslip.employee_id, Payslip.legal_entity_id, PayRun.pay_on.desc(), PayRun.closed_at.desc())
    )
    return sorted((await session.execute(query)).all(), key=lambda row: row.pay_on, reverse=True)


async def closed_of_month(session: AsyncSession, employee_ids: Collection[UUID], year: int, month: int) -> Rows:
    """(employee_id, id, document_ct, basis_id) of everything that closed runs paid for a month of work."""
    query = (
        select(Payslip.employee_id, Payslip.id, Payslip.document_ct, Payslip.basis_id)
        .join(PayRun, PayRun.id == Payslip.run_id)
        .where(
            among(Payslip.employee_id, employee_ids),
            PayRun.status.in_(FINAL),
            PayRun.year == year,
            PayRun.month == month,
            Payslip.document_ct.is_not(None),
        )
        .order_by(PayRun.closed_at)
    )
    return (await session.execute(query)).all()


async def changed_since(session: AsyncSession, run_: PayRun) -> bool:
    """Whether pay items, or this run's people's terms or opening sums, have changed since it was calculated."""
    items_changed = exists().where(PayItem.changed_at > run_.calculated_at)
    sums_changed = exists().where(
        PayOpening.changed_at > run_.calculated_at,
        PayOpening.year == run_.pay_on.year,
        PayOpening.employee_id == Payslip.employee_id,
        Payslip.run_id == run_.id,
    )
    terms_changed = exists().where(
        PayProfile.changed_at > run_.calculated_at,
        PayProfile.employee_id == Payslip.employee_id,
        Payslip.run_id == run_.id,
    )
    return bool(await session.scalar(select(or_(items_changed, terms_changed, sums_changed))))


async def lock_group(session: AsyncSession, group_id: UUID) -> None:
    await session.execute(select(PayGroup.id).where(PayGroup.id == group_id).with_for_update())


async def last_pay_on(session: AsyncSession, group_id: UUID) -> date | None:
    """The latest day of payment among the group's closed runs."""
    query = select(func.max(PayRun.pay_on)).where(PayRun.group_id == group_id, PayRun.status.in_(FINAL))
    return await session.scalar(query)


async def closed_since(session: AsyncSession, run_: PayRun) -> bool:
    """Whether another run has closed with any of this run's people since this run was calculated."""
    mine, other, other_run = aliased(Payslip), aliased(Payslip), aliased(PayRun)
    query = select(
        exists()
        .where(mine.run_id == run_.id, other.employee_id == mine.employee_id, other.run_id == other_run.id)
        .where(other_run.id != run_.id, other_run.closed_at > run_.calculated_at)
    )
    return bool(await session.scalar(query))


def review_statement(run_id: UUID) -> Select[Payslip]:
    """Everybody in a run, for a table that narrows and pages it."""
    return select(Payslip).where(Payslip.run_id == run_id)


async def payslip_rows(
    session: AsyncSession,
    run_id: UUID,
    *,
    search: str = "",
    parked: bool | None = None,
    employee_ids: Collection[UUID] | None = None,
    offset: int = 0,
    limit: int | None = 50,
) -> list[Payslip]:
    query = select(Payslip).where(*_matching(run_id, search, parked, employee_ids)).order_by(Payslip.number)
    return list((await session.scalars(query.offset(offset).limit(limit))).all())


async def count_payslips(
    session: AsyncSession,
    run_id: UUID,
    *,
    search: str = "",
    parked: bool | None = None,
    employee_ids: Collection[UUID] | None = None,
) -> int:
    query = select(func.count()).where(*_matching(run_id, search, parked, employee_ids))
    return (await session.scalar(query)) or 0


def _matching(
    run_id: UUID, search: str, parked: bool | None, employee_ids: Collection[UUID] | None
) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [Payslip.run_id == run_id]
    if search:
        conditions.append(
            or_(
                Payslip.number.icontains(search, autoescape=True),
                Payslip.name.icontains(search, autoescape=True),
                Payslip.unit_name.icontains(search, autoescape=True),
            )
        )
    if parked is not None:
        conditions.append(Payslip.parked_reason.is_not(None) if parked else Payslip.parked_reason.is_(None))
    if employee_ids is not None:
        conditions.append(among(Payslip.employee_id, employee_ids))
    return conditions


async def documents(session: AsyncSession, run_id: UUID, after: UUID | None, limit: int) -> Rows:
    """(id, employee_id, number, name, document_ct) of everybody who is paid, in pages by id."""
    query = (
        select(Payslip.id, Payslip.employee_id, Payslip.number, Payslip.name, Payslip.document_ct)
        .where(Payslip.run_id == run_id, Payslip.document_ct.is_not(None))
        .order_by(Payslip.id)
        .limit(limit)
    )
    if after is not None:
        query = query.where(Payslip.id > after)
    return (await session.execute(query)).all()


async def payslip(session: AsyncSession, payslip_id: UUID) -> tuple[Payslip, PayRun] | None:
    query = select(Payslip, PayRun).join(PayRun, PayRun.id == Payslip.run_id).where(Payslip.id == payslip_id)
    found = (await session.execute(query)).one_or_none()
    return (found[0], found[1]) if found else None


async def payslip_of(session: AsyncSession, run_id: UUID, employee_id: UUID) -> Payslip | None:
    query = select(Payslip).where(Payslip.run_id == run_id, Payslip.employee_id == employee_id)
    return (await session.scalars(query)).one_or_none()


async def published_of(session: AsyncSession, employee_id: UUID, *, limit: int = 36) -> list[tuple[Payslip, PayRun]]:
    """A person's own payslips, newest first."""
    query = (
        select(Payslip, PayRun)
        .join(PayRun, PayRun.id == Payslip.run_id)
        .where(Payslip.employee_id == employee_id, PayRun.status == "published", Payslip.document_ct.is_not(None))
        .order_by(PayRun.year.desc(), PayRun.month.desc(), PayRun.published_at.desc())
        .limit(limit)
    )
    return [(row[0], row[1]) for row in await session.execute(query)]


async def closed_before(session: AsyncSession, employee_id: UUID, run_: PayRun) -> Payslip | None:
    """A person's payslip of the closed run before ``run_``."""
    query = (
        select(Payslip)
        .join(PayRun, PayRun.id == Payslip.run_id)
        .where(
            Payslip.employee_id == employee_id,
            PayRun.status.in_(FINAL),
            PayRun.id != run_.id,
            PayRun.pay_on <= run_.pay_on,
            Payslip.document_ct.is_not(None),
        )
        .order_by(PayRun.pay_on.desc(), PayRun.closed_at.desc())
        .limit(1)
    )
    if run_.closed_at is not None:
        query = query.where(PayRun.closed_at < run_.closed_at)
    return (await session.scalars(query)).one_or_none()
