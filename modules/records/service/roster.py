"""People as pages and the API show them: with their seat on a day, what is sealed masked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from modules.records import models, schemas
from modules.records.clock import today
from modules.records.repository import employees
from modules.records.rules.masks import FIELD_CLASSES, HIDDEN, mask
from modules.records.service.access import scope_of
from modules.records.service.employees import READ, find, reaches
from zhiren.auth.fields import visible_ids
from zhiren.context import Context


def state_on(day: date, *, status: str, hired_on: date, left_on: date | None) -> str:
    """pending before the first day, left after the last, else the status kept."""
    if left_on is not None and left_on < day:
        return "left"
    return "pending" if hired_on > day else status


async def rows_of(
    ctx: Context, found: Sequence[Any], day: date, *, sealed: frozenset[str] = frozenset()
) -> list[schemas.EmployeeRow]:
    """Rows of ``repository.employees.roster`` as structs. Fields in ``sealed`` are opened together, and masked; of
    people whom the caller's grant for the field's class does not reach, they are not opened at all."""
    names = await employees.names(ctx.session, [row[1] for row in found if row[1] is not None], day)
    people = [row[0] for row in found]
    opened: dict[str, list[str | None]] = {}
    for name in sealed:
        opened[name] = await _masked(ctx, name, people)
    rows = []
    for index, (person, seat) in enumerate(found):
        rows.append(
            schemas.EmployeeRow(
                id=person.id,
                version=person.version,
                number=person.number,
                name=person.name,
                state=state_on(day, status=person.status, hired_on=person.hired_on, left_on=person.left_on),
                gender=person.gender,
                hired_on=person.hired_on,
                left_on=person.left_on,
                unit_id=seat.unit_id if seat else None,
                unit_name=names.get(seat.unit_id) if seat else None,
                position_name=names.get(seat.position_id) if seat else None,
                manager_id=seat.manager_id if seat else None,
                manager_name=names.get(seat.manager_id) if seat else None,
                legal_entity_name=names.get(seat.legal_entity_id) if seat else None,
                city=seat.city if seat else None,
                mobile_masked=opened["mobile"][index] if "mobile" in opened else None,
                id_number_masked=opened["id_number"][index] if "id_number" in opened else None,
            )
        )
    return rows


async def _masked(ctx: Context, name: str, people: Sequence[models.Employee]) -> list[str | None]:
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


async def counts(ctx: Context, day: date) -> dict[str, int]:
    """How many people the caller may see: employed, pending, left and all, on a day."""
    return await employees.counts(ctx.session, scope_of(ctx, READ), day)
