"""Queries about people and their assignments."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Row, ScalarSelect, Select, and_, func, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from modules.records.models import Assignment, Employee, LegalEntity, Position, UnitPeriod
from modules.records.repository.organisation import chart
from modules.records.repository.scopes import employed, in_force, placed, reports_of, subtree, visible
from zhiren.context import Scope

Manager = aliased(Employee, name="manager")
#: statements made once for a day and a scope: making one takes longer than sending it
_KEPT: Final = 128


# For sorting by a name: evaluated for every row, and so only asked for by those who sort.
POSITION_NAME = (
    select(Position.name).where(Position.id == Assignment.position_id).correlate(Assignment).scalar_subquery()
)
MANAGER_NAME = select(Manager.name).where(Manager.id == Assignment.manager_id).correlate(Assignment).scalar_subquery()
ENTITY_NAME = (
    select(LegalEntity.name).where(LegalEntity.id == Assignment.legal_entity_id).correlate(Assignment).scalar_subquery()
)


def unit_name(as_of: date) -> ScalarSelect[str]:
    """What the seat's unit is called on ``as_of``."""
    return (
        select(UnitPeriod.name)
        .where(UnitPeriod.unit_id == Assignment.unit_id, in_force(UnitPeriod, as_of))
        .correlate(Assignment)
        .scalar_subquery()
    )


def roster(as_of: date, scope: Scope) -> Select[*tuple[Any, ...]]:
    """People visible through ``scope`` with their seat on ``as_of``: a row each of ``Employee`` and ``Assignment``."""
    return (
        select(Employee, Assignment)
        .outerjoin(Assignment, placed(Employee, Assignment, as_of))
        .where(visible(scope, as_of))
    )


_LISTED = (
    Employee.id,
    Employee.version,
    Employee.number,
    Employee.name,
    Employee.gender,
    Employee.hired_on,
    Employee.left_on,
    Employee.status,
    Assignment.unit_id,
    Assignment.position_id,
    Assignment.manager_id,
    Manager.name.label("manager_name"),
    Assignment.legal_entity_id,
    Assignment.city,
)


@lru_cache(maxsize=_KEPT)
def listed(as_of: date, scope: Scope, show: str) -> Select[*tuple[Any, ...]]:
    """Of ``roster``, as far as ``in_show``, what a list shows. What units, positions and legal entities are called is
    not joined here: few names for many rows (``organisation.chart`` has them)."""
    return (
        roster(as_of, scope)
        .outerjoin(Manager, Manager.id == Assignment.manager_id)
        .where(in_show(show, as_of))
        .with_only_columns(*_LISTED)
    )


def with_sealed(statement: Select[*tuple[Any, ...]], fields: Collection[str]) -> Select[*tuple[Any, ...]]:
    """``statement`` with the columns of these sealed fields of ``Employee`` behind the others."""
    return statement.add_columns(*(getattr(Employee, f"{name}_ct") for name in fields)) if fields else statement


@lru_cache(maxsize=_KEPT)
def counted(as_of: date, scope: Scope, show: str) -> Select[UUID]:
    """As many rows as ``listed`` has, for counting where no condition is about seats."""
    return select(Employee.id).where(visible(scope, as_of), in_show(show, as_of))


#: in the order of ``api.EmployeeRef``
_REF = (
    Employee.id,
    Employee.number,
    Employee.name,
    Employee.hired_on,
    Employee.left_on,
    Assignment.unit_id,
    UnitPeriod.name.label("unit_name"),
    Assignment.legal_entity_id,
    Position.name.label("position"),
    Assignment.city,
    Assignment.manager_id,
)


async def refs(
    session: AsyncSession,
    as_of: date,
    *,
    scope: Scope,
    ids: Collection[UUID] | None = None,
    legal_entity_id: UUID | None = None,
    employed_since: date | None = None,
    only_employed: bool = True,
) -> Sequence[Row[*tuple[Any, ...]]]:
    """Short rows for other modules, ordered by number. With ``employed_since`` also those who left on or after it."""
    query = (
        select(*_REF)
        .outerjoin(Assignment, placed(Employee, Assignment, as_of))
        .outerjoin(UnitPeriod, and_(UnitPeriod.unit_id == Assignment.unit_id, in_force(UnitPeriod, as_of)))
        .outerjoin(Position, Position.id == Assignment.position_id)
        .where(visible(scope, as_of))
        .order_by(Employee.number)
    )
    if ids is not None:
        query = query.where(Employee.id.in_(ids))
    if legal_entity_id is not None:
        query = query.where(Assignment.legal_entity_id == legal_entity_id)
    if only_employed:
        since = employed_since or as_of
        query = query.where(Employee.hired_on <= as_of, or_(Employee.left_on.is_(None), Employee.left_on >= since))
    return (await session.execute(query)).all()


async def visible_ids(
    session: AsyncSession, scope: Scope, as_of: date, *, among: Collection[UUID] | None = None
) -> set[UUID]:
    """Those whom ``scope`` reaches, of ``among`` or of everybody."""
    query = select(Employee.id).where(visible(scope, as_of))
    if among is not None:
        query = query.where(Employee.id.in_(among))
    return set((await session.scalars(query)).all())


async def get(session: AsyncSession, employee_id: UUID, *, scope: Scope, as_of: date) -> Employee | None:
    return (
        await session.scalars(select(Employee).where(Employee.id == employee_id, visible(scope, as_of)))
    ).one_or_none()


async def lock(session: AsyncSession, employee_id: UUID) -> Employee | None:
    """The person's row, held until the transaction ends: whoever changes assignments holds it first."""
    return (
        await session.scalars(
            select(Employee)
            .where(Employee.id == employee_id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
    ).one_or_none()


async def many(session: AsyncSession, ids: Iterable[UUID]) -> list[Employee]:
    return list((await session.scalars(select(Employee).where(Employee.id.in_(list(ids))))).all())


async def assignments(session: AsyncSession, employee_id: UUID) -> list[Assignment]:
    return list(
        (
            await session.scalars(
                select(Assignment).where(Assignment.employee_id == employee_id).order_by(Assignment.valid_from)
            )
        ).all()
    )


async def by_number(session: AsyncSession, number: str) -> Employee | None:
    return (await session.scalars(select(Employee).where(Employee.number == number))).one_or_none()


async def by_id_number(session: AsyncSession, blind: bytes) -> Employee | None:
    return (await session.scalars(select(Employee).where(Employee.id_number_bidx == blind))).one_or_none()


async def highest_number(session: AsyncSession, prefix: str) -> str | None:
    """The largest number in use that begins with ``prefix``, comparing by length first."""
    return (
        await session.scalars(
            select(Employee.number)
            .where(Employee.number.startswith(prefix, autoescape=True))
            .order_by(func.length(Employee.number).desc(), Employee.number.desc())
            .limit(1)
        )
    ).one_or_none()


async def headcount(session: AsyncSession, as_of: date, scope: Scope) -> int:
    query = select(func.count()).select_from(Employee).where(employed(Employee, as_of), visible(scope, as_of))
    return int((await session.scalar(query)) or 0)


async def below(session: AsyncSession, manager_id: UUID, as_of: date) -> set[UUID]:
    """Everyone who reports to a manager, at any depth."""
    return set((await session.scalars(select(reports_of(manager_id, as_of).c.employee_id))).all())


async def lock_many(session: AsyncSession, ids: Collection[UUID]) -> list[Employee]:
    """Held in the order of their ids, so that two who lock several never wait for each other."""
    query = (
        select(Employee)
        .where(Employee.id.in_(list(ids)))
        .order_by(Employee.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return list((await session.scalars(query)).all())


async def existing(session: AsyncSession, ids: Collection[UUID]) -> set[UUID]:
    if not ids:
        return set()
    return set((await session.scalars(select(Employee.id).where(Employee.id.in_(list(ids))))).all())


async def taken(
    session: AsyncSession, numbers: Collection[str], blinds: Collection[bytes]
) -> tuple[set[str], set[bytes]]:
    """Which of these numbers and blind indexes are in use."""
    query = select(Employee.number, Employee.id_number_bidx).where(
        or_(Employee.number.in_(list(numbers)), Employee.id_number_bidx.in_(list(blinds)))
    )
    rows = (await session.execute(query)).all()
    return {row[0] for row in rows}, {blind for _number, blind in rows if blind is not None}


async def history(session: AsyncSession, employee_id: UUID) -> Sequence[Row[*tuple[Any, ...]]]:
    """Every seat of a person, in order, with the names that held when it began (or first held later)."""
    unit_name = (
        select(UnitPeriod.name)
        .where(
            UnitPeriod.unit_id == Assignment.unit_id,
            or_(UnitPeriod.valid_to.is_(None), UnitPeriod.valid_to >= Assignment.valid_from),
        )
        .order_by(UnitPeriod.valid_from)
        .limit(1)
        .scalar_subquery()
    )
    query = (
        select(
            Assignment,
            unit_name.label("unit_name"),
            Position.name.label("position_name"),
            Manager.name.label("manager_name"),
            LegalEntity.name.label("legal_entity_name"),
        )
        .outerjoin(Position, Position.id == Assignment.position_id)
        .outerjoin(Manager, Manager.id == Assignment.manager_id)
        .join(LegalEntity, LegalEntity.id == Assignment.legal_entity_id)
        .where(Assignment.employee_id == employee_id)
        .order_by(Assignment.valid_from)
    )
    found: Sequence[Row[*tuple[Any, ...]]] = (await session.execute(query)).all()
    return found


@lru_cache(maxsize=_KEPT)
def _figures(scope: Scope, as_of: date) -> Select[*tuple[Any, ...]]:
    left, pending = Employee.left_on < as_of, Employee.hired_on > as_of
    return select(
        func.count().label("all"),
        func.count().filter(left).label("left"),
        func.count().filter(pending).label("pending"),
        chart(as_of).label("chart"),
    ).where(visible(scope, as_of))


async def figures(session: AsyncSession, scope: Scope, as_of: date) -> tuple[dict[str, int], str]:
    """How many people ``scope`` reaches: employed, pending, left, all; and the text of ``organisation.chart``."""
    row = (await session.execute(_figures(scope, as_of))).one()
    everyone, left, pending, text = row
    return {"all": everyone, "left": left, "pending": pending, "employed": everyone - left - pending}, text


async def named(
    session: AsyncSession, text: str, scope: Scope, as_of: date, limit: int = 20
) -> Sequence[Row[*tuple[Any, ...]]]:
    """Id, number and name of people whose name or number holds ``text``, for choosing one."""
    pattern = "%" + text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    query = (
        select(Employee.id, Employee.number, Employee.name)
        .where(
            or_(Employee.name.ilike(pattern, escape="\\"), Employee.number.ilike(pattern, escape="\\")),
            employed(Employee, as_of),
            visible(scope, as_of),
        )
        .order_by(Employee.number)
        .limit(limit)
    )
    found: Sequence[Row[*tuple[Any, ...]]] = (await session.execute(query)).all()
    return found


def in_show(show: str, as_of: date) -> ColumnElement[bool]:
    """employed, pending, left or all."""
    if show == "left":
        return Employee.left_on < as_of
    if show == "pending":
        return Employee.hired_on > as_of
    return employed(Employee, as_of) if show == "employed" else true()


def in_units(unit_id: UUID, as_of: date) -> ColumnElement[bool]:
    """Seated in a unit or below it; ``Assignment`` is joined by the caller."""
    return Assignment.unit_id.in_(select(subtree({unit_id}, as_of).c.unit_id))


async def numbers(session: AsyncSession) -> Sequence[str]:
    """Every employee number ever given."""
    return (await session.scalars(select(Employee.number))).all()


async def tenures(session: AsyncSession, ids: Collection[UUID]) -> Sequence[Any]:
    query = select(Employee.id, Employee.hired_on, Employee.left_on, Employee.status).where(Employee.id.in_(ids))
    return (await session.execute(query)).all()
