"""Every query of payroll."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Row, Select, Uuid, any_, delete, exists, func, literal, or_, select, update
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from modules.payroll.models import FINAL, PayBasis, PayGroup, PayItem, PayOpening, PayProfile, PayRun, Payslip, RunInput
from zhiren.db import copy_in

Rows = Sequence[Row[*tuple[Any, ...]]]


def _in_force(table: type[PayItem] | type[PayProfile], day: date) -> ColumnElement[bool]:
    return (table.valid_from <= day) & or_(table.valid_to.is_(None), table.valid_to >= day)


def _among(column: Any, ids: Collection[UUID]) -> ColumnElement[bool]:
    """One array parameter, however many ids there are."""
    found: ColumnElement[bool] = column == any_(literal(list(ids), ARRAY(Uuid())))
    return found


# ---- groups and items


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


# ---- terms


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
    query = select(PayProfile.id, PayProfile.terms_ct).where(_among(PayProfile.id, profile_ids))
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
    query = select(PayProfile.employee_id).where(_among(PayProfile.employee_id, employee_ids)).distinct()
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
            _among(Payslip.employee_id, employee_ids),
            PayRun.status.in_(FINAL),
            Payslip.document_ct.is_not(None),
        )
        .distinct()
    )
    return set((await session.scalars(query)).all())


async def openings(session: AsyncSession, employee_ids: Collection[UUID], year: int) -> Rows:
    """(employee_id, id, sums_ct)"""
    query = select(PayOpening.employee_id, PayOpening.id, PayOpening.sums_ct).where(
        _among(PayOpening.employee_id, employee_ids), PayOpening.year == year
    )
    return (await session.execute(query)).all()


async def openings_of(session: AsyncSession, employee_id: UUID) -> list[PayOpening]:
    query = select(PayOpening).where(PayOpening.employee_id == employee_id).order_by(PayOpening.year.desc())
    return list((await session.scalars(query)).all())


async def drop_openings(session: AsyncSession, keys: Collection[tuple[UUID, int]]) -> None:
    for year in {year for _employee_id, year in keys}:
        ids = [employee_id for employee_id, of_year in keys if of_year == year]
        await session.execute(delete(PayOpening).where(_among(PayOpening.employee_id, ids), PayOpening.year == year))


async def copy_openings(session: AsyncSession, rows: Iterable[Sequence[object]]) -> int:
    columns = ("id", "employee_id", "year", "sums_ct")
    return await copy_in(session, PayOpening.__table__, columns, rows)  # type: ignore[arg-type]


async def employees_paid_in(session: AsyncSession, employee_ids: Collection[UUID], year: int) -> set[UUID]:
    """Those with a closed payslip paid in a tax year."""
    query = (
        select(Payslip.employee_id)
        .join(PayRun, PayRun.id == Payslip.run_id)
        .where(
            _among(Payslip.employee_id, employee_ids),
            PayRun.status.in_(FINAL),
            func.extract("year", PayRun.pay_on) == year,
            Payslip.document_ct.is_not(None),
        )
        .distinct()
    )
    return set((await session.scalars(query)).all())


# ---- runs


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


# ---- inputs of a run


async def inputs(session: AsyncSession, run_id: UUID, employee_ids: Collection[UUID] | None = None) -> Rows:
    """(employee_id, id, amounts_ct)"""
    query = select(RunInput.employee_id, RunInput.id, RunInput.amounts_ct).where(RunInput.run_id == run_id)
    if employee_ids is not None:
        query = query.where(_among(RunInput.employee_id, employee_ids))
    return (await session.execute(query)).all()


async def input_of(session: AsyncSession, run_id: UUID, employee_id: UUID) -> RunInput | None:
    query = select(RunInput).where(RunInput.run_id == run_id, RunInput.employee_id == employee_id)
    return (await session.scalars(query)).one_or_none()


# ---- payslips

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
    await session.execute(delete(Payslip).where(Payslip.run_id == run_id, _among(Payslip.employee_id, employee_ids)))


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
            _among(Payslip.employee_id, employee_ids),
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
            _among(Payslip.employee_id, employee_ids),
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
        conditions.append(_among(Payslip.employee_id, employee_ids))
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
