"""Queries about units, positions and legal entities."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import Row, ScalarSelect, Text, and_, cast, func, select, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from modules.records.models import Assignment, Employee, LegalEntity, Position, Unit, UnitPeriod
from modules.records.repository.scopes import in_force


async def units(session: AsyncSession, as_of: date) -> Sequence[Row[*tuple[Any, ...]]]:
    """Every unit that exists on ``as_of`` with leader and the number of people seated right in it."""
    seated = (
        select(Assignment.unit_id, func.count().label("people"))
        .where(in_force(Assignment, as_of))
        .group_by(Assignment.unit_id)
        .subquery()
    )
    query = (
        select(
            Unit.id,
            Unit.code,
            Unit.version,
            UnitPeriod.name,
            UnitPeriod.parent_id,
            UnitPeriod.leader_id,
            Employee.name.label("leader_name"),
            UnitPeriod.sort,
            func.coalesce(seated.c.people, 0).label("people"),
        )
        .join(UnitPeriod, and_(UnitPeriod.unit_id == Unit.id, in_force(UnitPeriod, as_of)))
        .outerjoin(Employee, Employee.id == UnitPeriod.leader_id)
        .outerjoin(seated, seated.c.unit_id == Unit.id)
        .order_by(UnitPeriod.sort, Unit.code, UnitPeriod.name)
    )
    found: Sequence[Row[*tuple[Any, ...]]] = (await session.execute(query)).all()
    return found


@lru_cache(maxsize=32)
def chart(as_of: date) -> ScalarSelect[str]:
    """The units of a day in the order of ``units``, every position and every legal entity, as one JSON text for
    ``rules.chart.read_chart``: nobody is counted."""
    units = (
        select(
            func.json_agg(func.json_build_array(Unit.id, UnitPeriod.name, UnitPeriod.parent_id)).aggregate_order_by(
                UnitPeriod.sort, Unit.code, UnitPeriod.name
            )
        )
        .select_from(Unit)
        .join(UnitPeriod, and_(UnitPeriod.unit_id == Unit.id, in_force(UnitPeriod, as_of)))
        .scalar_subquery()
    )
    positions = select(
        func.json_agg(func.json_build_array(Position.id, Position.name, Position.active)).aggregate_order_by(
            Position.family, Position.name
        )
    ).scalar_subquery()
    entities = select(
        func.json_agg(
            func.json_build_array(LegalEntity.id, LegalEntity.name, LegalEntity.short_name, LegalEntity.active)
        ).aggregate_order_by(LegalEntity.created_at, LegalEntity.name)
    ).scalar_subquery()
    return select(cast(func.json_build_array(units, positions, entities), Text)).scalar_subquery()


async def chart_text(session: AsyncSession, as_of: date) -> str:
    return str(await session.scalar(select(chart(as_of))))


async def unit(session: AsyncSession, unit_id: UUID, *, lock: bool = False) -> Unit | None:
    query = select(Unit).where(Unit.id == unit_id)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    return (await session.scalars(query)).one_or_none()


async def unit_periods(session: AsyncSession, unit_id: UUID) -> list[UnitPeriod]:
    query = select(UnitPeriod).where(UnitPeriod.unit_id == unit_id).order_by(UnitPeriod.valid_from)
    return list((await session.scalars(query)).all())


async def legal_entities(session: AsyncSession) -> list[LegalEntity]:
    return list((await session.scalars(select(LegalEntity).order_by(LegalEntity.created_at, LegalEntity.name))).all())


async def legal_entity(session: AsyncSession, entity_id: UUID) -> LegalEntity | None:
    return await session.get(LegalEntity, entity_id)


async def positions(session: AsyncSession) -> list[Position]:
    return list((await session.scalars(select(Position).order_by(Position.family, Position.name))).all())


async def position(session: AsyncSession, position_id: UUID) -> Position | None:
    return await session.get(Position, position_id)


async def headcount_by_position(session: AsyncSession, as_of: date) -> dict[UUID, int]:
    query = (
        select(Assignment.position_id, func.count())
        .where(in_force(Assignment, as_of), Assignment.position_id.is_not(None))
        .group_by(Assignment.position_id)
    )
    rows = (await session.execute(query)).all()
    return {position_id: people for position_id, people in rows if position_id is not None}


async def headcount_by_seat(session: AsyncSession, as_of: date) -> dict[tuple[UUID, UUID | None], int]:
    query = (
        select(Assignment.unit_id, Assignment.position_id, func.count())
        .where(in_force(Assignment, as_of))
        .group_by(Assignment.unit_id, Assignment.position_id)
    )
    return {(unit_id, position_id): count for unit_id, position_id, count in (await session.execute(query))}


async def headcount_by_legal_entity(session: AsyncSession, as_of: date) -> dict[UUID, int]:
    query = (
        select(Assignment.legal_entity_id, func.count())
        .where(in_force(Assignment, as_of))
        .group_by(Assignment.legal_entity_id)
    )
    return {row[0]: row[1] for row in (await session.execute(query)).all()}


async def people_in_unit(session: AsyncSession, unit_id: UUID, since: date) -> int:
    """How many seats in the unit last until ``since`` or beyond."""
    query = (
        select(func.count())
        .select_from(Assignment)
        .where(Assignment.unit_id == unit_id, (Assignment.valid_to.is_(None)) | (Assignment.valid_to >= since))
    )
    return int((await session.scalar(query)) or 0)


async def unit_by_code(session: AsyncSession, code: str) -> Unit | None:
    return (await session.scalars(select(Unit).where(Unit.code == code))).one_or_none()


async def existing_ids(session: AsyncSession) -> set[UUID]:
    """Ids of all units, positions and legal entities."""
    query = union_all(select(Unit.id), select(Position.id), select(LegalEntity.id))
    return {row[0] for row in (await session.execute(query)).all()}
