"""Queries about imports and their rows."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, delete, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from modules.records.models import Assignment, Employee, Import, ImportRow, Position, Unit, UnitPeriod
from modules.records.repository import organisation
from modules.records.repository.scopes import placed
from modules.records.rules.imports.directory import Directory, Known
from zhiren.context import Context
from zhiren.db import copy_in


async def get(session: AsyncSession, import_id: UUID, *, lock: bool = False) -> Import | None:
    query = select(Import).where(Import.id == import_id)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    return (await session.scalars(query)).one_or_none()


async def latest(session: AsyncSession, limit: int = 50) -> list[Import]:
    return list((await session.scalars(select(Import).order_by(Import.created_at.desc()).limit(limit))).all())


async def open_before(session: AsyncSession, states: Collection[str], moment: datetime) -> list[Import]:
    """Imports in one of ``states`` that were uploaded before ``moment``, held; those held elsewhere are in use."""
    query = select(Import).where(Import.state.in_(states), Import.created_at < moment)
    return list((await session.scalars(query.with_for_update(skip_locked=True))).all())


async def done_before(session: AsyncSession, moment: datetime) -> list[Import]:
    """Imports committed before ``moment`` whose rows are still kept, held."""
    kept = select(ImportRow.id).where(ImportRow.import_id == Import.id).exists()
    query = select(Import).where(Import.state.in_(("committed", "undone")), Import.committed_at < moment, kept)
    return list((await session.scalars(query.with_for_update(skip_locked=True))).all())


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


_ROW_COLUMNS = (
    "id",
    "import_id",
    "row_number",
    "state",
    "commit_order",
    "employee_id",
    "cells_ct",
    "values_ct",
    "faults_ct",
)


async def write_rows(ctx: Context, import_id: UUID, rows: Iterable[Mapping[str, Any]]) -> None:
    """Replaces all rows of an import, by COPY: ten thousand updates would take ten times as long."""
    await ctx.session.execute(delete(ImportRow).where(ImportRow.import_id == import_id))
    await copy_in(
        ctx.session,
        ImportRow.__table__,  # type: ignore[arg-type]
        _ROW_COLUMNS,
        ([import_id if name == "import_id" else row.get(name) for name in _ROW_COLUMNS] for row in rows),
    )


async def drop_rows(session: AsyncSession, import_id: UUID) -> None:
    await session.execute(delete(ImportRow).where(ImportRow.import_id == import_id))


async def light_rows(session: AsyncSession, import_id: UUID) -> Sequence[Row[*tuple[Any, ...]]]:
    """Id, number and sealed cells of every row, in order."""
    query = (
        select(ImportRow.id, ImportRow.row_number, ImportRow.cells_ct)
        .where(ImportRow.import_id == import_id)
        .order_by(ImportRow.row_number)
    )
    found: Sequence[Row[*tuple[Any, ...]]] = (await session.execute(query)).all()
    return found


async def directory(session: AsyncSession, as_of: date, today: date) -> Directory:
    """What is on file, as rows of a spreadsheet are matched with it."""
    people = await session.execute(
        select(
            Employee.id,
            Employee.number,
            Employee.name,
            Employee.id_number_bidx,
            Employee.left_on,
            Assignment.manager_id,
        ).outerjoin(Assignment, placed(Employee, Assignment, as_of))
    )
    units = await organisation.units(session, as_of)
    entities = await organisation.legal_entities(session)
    names = {entity.short_name: entity.id for entity in entities if entity.short_name}
    names.update({entity.name: entity.id for entity in entities})
    return Directory(
        people=[
            Known(
                row.id,
                row.number,
                row.name,
                row.id_number_bidx,
                bool(row.left_on and row.left_on < today),
                row.manager_id,
            )
            for row in people
        ],
        units={row.id: (row.name, row.parent_id) for row in units},
        positions={row.name: row.id for row in await organisation.positions(session)},
        entities=names,
        cities={entity.id: entity.city for entity in entities},
    )


async def drop_row(session: AsyncSession, row: ImportRow) -> None:
    await session.delete(row)
    await session.flush()


async def seats_of(session: AsyncSession, employee_ids: Collection[UUID]) -> dict[UUID, list[Assignment]]:
    """All assignments of many people, in order."""
    found: dict[UUID, list[Assignment]] = {employee_id: [] for employee_id in employee_ids}
    query = select(Assignment).where(Assignment.employee_id.in_(found)).order_by(Assignment.valid_from)
    for assignment in await session.scalars(query):
        found[assignment.employee_id].append(assignment)
    return found


async def committed_since(session: AsyncSession, import_id: UUID, moment: datetime) -> Import | None:
    """Another import that is being written, or was written after ``moment``."""
    query = (
        select(Import)
        .where(
            Import.id != import_id,
            or_(Import.state.in_(("committing", "undoing")), Import.committed_at > moment),
        )
        .limit(1)
    )
    return (await session.scalars(query)).one_or_none()


async def written_rows(session: AsyncSession, import_id: UUID) -> list[ImportRow]:
    return await rows(session, import_id, states=("added", "updated"))


async def versions(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, tuple[int, str]]:
    """Version and name of people."""
    query = select(Employee.id, Employee.version, Employee.name).where(Employee.id.in_(list(ids)))
    return {row[0]: (row[1], row[2]) for row in (await session.execute(query)).all()}


async def leaning_on(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, str]:
    """Who of these people manages somebody else, or leads a unit: id → the name of the one who leans on them."""
    listed = list(ids)
    below = (
        select(Assignment.manager_id, Employee.name)
        .join(Employee, Employee.id == Assignment.employee_id)
        .where(Assignment.manager_id.in_(listed), Assignment.employee_id.not_in(listed))
    )
    led = select(UnitPeriod.leader_id, UnitPeriod.name).where(UnitPeriod.leader_id.in_(listed))
    rows = (await session.execute(below.union_all(led))).all()
    return {person_id: name for person_id, name in rows if person_id is not None}


async def remove_people(session: AsyncSession, ids: Collection[UUID]) -> None:
    """Takes people and their seats away for good."""
    listed = list(ids)
    await session.execute(delete(Assignment).where(Assignment.employee_id.in_(listed)))
    await session.execute(delete(Employee).where(Employee.id.in_(listed)))


async def remove_unused_organisation(session: AsyncSession, import_id: UUID) -> None:
    """Takes away the units and positions that an import made and nobody uses: leaves first, until nothing changes."""
    for _depth in range(20):
        used = select(Assignment.unit_id).union(select(UnitPeriod.parent_id).where(UnitPeriod.parent_id.is_not(None)))
        unused = select(Unit.id).where(Unit.import_id == import_id, Unit.id.not_in(used))
        ids = (await session.scalars(unused)).all()
        if not ids:
            break
        await session.execute(delete(UnitPeriod).where(UnitPeriod.unit_id.in_(ids)))
        await session.execute(delete(Unit).where(Unit.id.in_(ids)))
    held = select(Assignment.position_id).where(Assignment.position_id.is_not(None))
    await session.execute(delete(Position).where(Position.import_id == import_id, Position.id.not_in(held)))
