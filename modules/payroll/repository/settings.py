"""Queries about pay groups, pay items, terms of pay and opening balances."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, delete, func, or_, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession

from modules.payroll.models import FINAL, PayGroup, PayItem, PayOpening, PayProfile, PayRun, Payslip
from modules.payroll.repository.arrays import Rows, among
from zhiren.db import copy_in


def _in_force(table: type[PayItem] | type[PayProfile], day: date) -> ColumnElement[bool]:
    return (table.valid_from <= day) & or_(table.valid_to.is_(None), table.valid_to >= day)


async def groups(session: AsyncSession) -> list[PayGroup]:
    return list((await session.scalars(select(PayGroup).order_by(PayGroup.name))).all())


async def group(session: AsyncSession, group_id: UUID) -> PayGroup | None:
    return await session.get(PayGroup, group_id)


async def items(session: AsyncSession, day: date) -> list[PayItem]:
    """The versions in force on ``day``, in the order they are shown."""
    query = select(PayItem).where(_in_force(PayItem, day)).order_by(PayItem.sort, PayItem.code)
    return list((await session.scalars(query)).all())


async def item_versions(session: AsyncSession, code: str | None = None) -> list[PayItem]:
    query = select(PayItem).order_by(PayItem.sort, PayItem.code, PayItem.valid_from.desc())
    if code is not None:
        query = query.where(PayItem.code == code)
    return list((await session.scalars(query)).all())


async def item(session: AsyncSession, item_id: UUID) -> PayItem | None:
    return await session.get(PayItem, item_id)


async def profiles_in_force(session: AsyncSession, first: date, last: date) -> Rows:
    """(employee_id, id, group_id, city) of the latest terms in force on a day from ``first`` to ``last``."""
    query = (
        select(PayProfile.employee_id, PayProfile.id, PayProfile.group_id, PayProfile.city)
        .where(PayProfile.valid_from <= last, or_(PayProfile.valid_to.is_(None), PayProfile.valid_to >= first))
        .ext(distinct_on(PayProfile.employee_id))
        .order_by(PayProfile.employee_id, PayProfile.valid_from.desc())
    )
    return (await session.execute(query)).all()


async def sealed_terms(session: AsyncSession, profile_ids: Collection[UUID]) -> Rows:
    """(id, terms_ct)"""
    query = select(PayProfile.id, PayProfile.terms_ct).where(among(PayProfile.id, profile_ids))
    return (await session.execute(query)).all()


async def profiles(session: AsyncSession, employee_id: UUID) -> list[PayProfile]:
    """A person's terms, newest first."""
    query = select(PayProfile).where(PayProfile.employee_id == employee_id).order_by(PayProfile.valid_from.desc())
    return list((await session.scalars(query)).all())


async def lock_profiles(session: AsyncSession, employee_id: UUID) -> list[PayProfile]:
    query = (
        select(PayProfile)
        .where(PayProfile.employee_id == employee_id)
        .order_by(PayProfile.valid_from.desc())
        .with_for_update()
    )
    return list((await session.scalars(query)).all())


async def employees_with_terms(session: AsyncSession, employee_ids: Collection[UUID]) -> set[UUID]:
    query = select(PayProfile.employee_id).where(among(PayProfile.employee_id, employee_ids)).distinct()
    return set((await session.scalars(query)).all())


async def copy_profiles(session: AsyncSession, rows: Iterable[Sequence[object]]) -> int:
    columns = ("id", "employee_id", "group_id", "city", "valid_from", "import_id", "terms_ct")
    return await copy_in(session, PayProfile.__table__, columns, rows)  # type: ignore[arg-type]


async def drop_imported_profiles(session: AsyncSession, import_id: UUID) -> int:
    result = await session.execute(delete(PayProfile).where(PayProfile.import_id == import_id))
    return result.rowcount  # type: ignore[attr-defined,no-any-return]


async def employees_paid(session: AsyncSession, employee_ids: Collection[UUID]) -> set[UUID]:
    """Those with a payslip in a closed run."""
    query = (
        select(Payslip.employee_id)
        .join(PayRun, PayRun.id == Payslip.run_id)
        .where(
            among(Payslip.employee_id, employee_ids),
            PayRun.status.in_(FINAL),
            Payslip.document_ct.is_not(None),
        )
        .distinct()
    )
    return set((await session.scalars(query)).all())


async def openings(session: AsyncSession, employee_ids: Collection[UUID], year: int) -> Rows:
    """(employee_id, id, sums_ct)"""
    query = select(PayOpening.employee_id, PayOpening.id, PayOpening.sums_ct).where(
        among(PayOpening.employee_id, employee_ids), PayOpening.year == year
    )
    return (await session.execute(query)).all()


async def openings_of(session: AsyncSession, employee_id: UUID) -> list[PayOpening]:
    query = select(PayOpening).where(PayOpening.employee_id == employee_id).order_by(PayOpening.year.desc())
    return list((await session.scalars(query)).all())


async def drop_openings(session: AsyncSession, keys: Collection[tuple[UUID, int]]) -> None:
    for year in {year for _employee_id, year in keys}:
        ids = [employee_id for employee_id, of_year in keys if of_year == year]
        await session.execute(delete(PayOpening).where(among(PayOpening.employee_id, ids), PayOpening.year == year))


async def copy_openings(session: AsyncSession, rows: Iterable[Sequence[object]]) -> int:
    columns = ("id", "employee_id", "year", "sums_ct")
    return await copy_in(session, PayOpening.__table__, columns, rows)  # type: ignore[arg-type]


async def employees_paid_in(session: AsyncSession, employee_ids: Collection[UUID], year: int) -> set[UUID]:
    """Those with a closed payslip paid in a tax year."""
    query = (
        select(Payslip.employee_id)
        .join(PayRun, PayRun.id == Payslip.run_id)
        .where(
            among(Payslip.employee_id, employee_ids),
            PayRun.status.in_(FINAL),
            func.extract("year", PayRun.pay_on) == year,
            Payslip.document_ct.is_not(None),
        )
        .distinct()
    )
    return set((await session.scalars(query)).all())
