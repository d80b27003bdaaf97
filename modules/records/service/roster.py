"""People as pages and the API show them: with their seat on a day, what is sealed masked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from modules.records import models, schemas
from modules.records.repository import employees
from modules.records.rules.chart import Chart, read_chart
from modules.records.rules.masks import FIELD_CLASSES, HIDDEN, mask
from modules.records.service.access import scope_of
from modules.records.service.employees import READ, find, reaches
from zhiren.auth.fields import visible_ids
from zhiren.clock import today
from zhiren.context import Context


def state_on(day: date, *, status: str, hired_on: date, left_on: date | None) -> str:
    """pending before the first day, left after the last, else the status kept."""
    if left_on is not None and left_on < day:
        return "left"
    return "pending" if hired_on > day else status


async def rows_of(
    ctx: Context, found: Sequence[Any], names: Mapping[UUID, str], day: date, *, sealed: frozenset[str] = frozenset()
) -> list[schemas.EmployeeRow]:
    """Rows of ``repository.employees.listed`` as structs; ``names`` are the chart's. Fields in ``sealed``, whose
    columns the rows carry besides, are opened together, and masked; of people whom the caller's grant for the field's
    class does not reach, they are not opened at all."""
    rows = []
    for one in found:
        # in the order of the columns listed; what is sealed comes behind them
        (person_id, version, number, name, gender, hired_on, left_on, status) = one[:8]
        (unit_id, position_id, manager_id, manager_name, legal_entity_id, city) = one[8:14]
        rows.append(
            schemas.EmployeeRow(
                id=person_id,
                version=version,
                number=number,
                name=name,
                state=state_on(day, status=status, hired_on=hired_on, left_on=left_on),
                gender=gender,
                hired_on=hired_on,
                left_on=left_on,
                unit_id=unit_id,
                unit_name=names.get(unit_id),
                position_name=names.get(position_id),
                manager_id=manager_id,
                manager_name=manager_name,
                legal_entity_name=names.get(legal_entity_id),
                city=city,
            )
        )
    for field_name in sealed:
        for row, value in zip(rows, await _masked(ctx, field_name, found), strict=True):
            setattr(row, f"{field_name}_masked", value)
    return rows


async def _masked(ctx: Context, name: str, people: Sequence[Any]) -> list[str | None]:
    reached = await visible_ids(ctx, FIELD_CLASSES[name], [person.id for person in people])
    field: Any = getattr(models.Employee, name)
    mine = [person for person in people if person.id in reached]
    values = dict(zip([person.id for person in mine], field.open_rows(mine), strict=True))
    return [mask(name, values[person.id]) if person.id in reached else HIDDEN for person in people]


@dataclass(slots=True)
class Detail:
    """A person with the whole history. ``current`` is the seat on ``day``, if there is one."""

    person: models.Employee
    day: date
    state: str
    masked: dict[str, str | None]
    history: list[schemas.Seat]
    current: schemas.Seat | None
    revealable: frozenset[str]


async def detail(ctx: Context, employee_id: UUID, day: date | None = None) -> Detail:
    """Raises EmployeeNotFound outside the caller's scope."""
    day = day or today()
    person = await find(ctx, employee_id)
    history = [seat_of(row) for row in await employees.history(ctx.session, employee_id)]
    current = next(
        (s for s in history if s.valid_from <= day and (s.valid_to is None or day <= s.valid_to)),
        None,
    )
    sealed = ("id_number", "bank_account", "mobile", "email", "home_address")
    return Detail(
        person=person,
        day=day,
        state=state_on(day, status=person.status, hired_on=person.hired_on, left_on=person.left_on),
        masked={name: mask(name, getattr(person, name)) for name in sealed},
        history=history,
        current=current,
        revealable=await _revealable(ctx, employee_id),
    )


def struct_of(found: Detail) -> schemas.Employee:
    person = found.person
    return schemas.Employee(
        id=person.id,
        version=person.version,
        number=person.number,
        name=person.name,
        state=found.state,
        gender=person.gender,  # type: ignore[arg-type]  # CHECK holds it
        birth_date=person.birth_date,
        hired_on=person.hired_on,
        left_on=person.left_on,
        id_kind=person.id_kind,  # type: ignore[arg-type]
        id_number_masked=found.masked["id_number"],
        mobile_masked=found.masked["mobile"],
        email_masked=found.masked["email"],
        home_address_masked=found.masked["home_address"],
        bank_account_masked=found.masked["bank_account"],
        bank_name=person.bank_name,
        seat=found.current,
    )


def seat_of(row: Any) -> schemas.Seat:
    seat: models.Assignment = row[0]
    return schemas.Seat(
        valid_from=seat.valid_from,
        valid_to=seat.valid_to,
        unit_id=seat.unit_id,
        unit_name=row.unit_name or "",
        position_id=seat.position_id,
        position_name=row.position_name,
        manager_id=seat.manager_id,
        manager_name=row.manager_name,
        legal_entity_id=seat.legal_entity_id,
        legal_entity_name=row.legal_entity_name,
        city=seat.city,
        reason=seat.reason,
    )


async def _revealable(ctx: Context, employee_id: UUID) -> frozenset[str]:
    """Field classes that the caller may open for this person: one query at most for each narrow grant."""
    classes = ("identity", "contact")
    return frozenset([name for name in classes if await reaches(ctx, f"field.{name}.read", employee_id)])


async def overview(ctx: Context, day: date) -> tuple[dict[str, int], Chart]:
    """How many people the caller may see (employed, pending, left, all) on a day, and the organisation of that day."""
    counts, text = await employees.figures(ctx.session, scope_of(ctx, READ), day)
    return counts, read_chart(text)
