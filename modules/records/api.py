"""What other modules may ask of the records. Structs go out, never models."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Literal, Protocol
from uuid import UUID

import msgspec

from modules.records import schemas
from modules.records.repository import employees, imports, organisation
from modules.records.rules import numbers
from modules.records.rules.trees import unit_paths
from modules.records.service import employees as hiring
from zhiren import audit
from zhiren.clock import today
from zhiren.context import Context, Scope

EVERYONE = Scope(kinds=frozenset({"all"}))

SensitiveField = Literal["id_number", "bank_account", "bank_name", "mobile", "email", "home_address"]


class EmployeeRef(msgspec.Struct, frozen=True):
    """A person and their seat on a day. ``left_on`` is the last day employed. ``city`` has no 市: 北京."""

    id: UUID
    number: str
    name: str
    hired_on: date
    left_on: date | None
    unit_id: UUID | None
    unit_name: str | None
    legal_entity_id: UUID | None
    position: str | None
    city: str | None
    manager_id: UUID | None


class LegalEntityRef(msgspec.Struct, frozen=True):
    id: UUID
    name: str
    short_name: str
    uscc: str | None
    city: str
    active: bool


class OrgUnitRef(msgspec.Struct, frozen=True):
    """A unit on a day. ``path`` is the names from the root down, joined with ``/``."""

    id: UUID
    code: str | None
    name: str
    parent_id: UUID | None
    leader_id: UUID | None
    people: int
    path: str


class PositionRef(msgspec.Struct, frozen=True):
    id: UUID
    name: str
    active: bool


class ImportedPay(msgspec.Struct, frozen=True):
    """A monthly wage found in an imported spreadsheet, in fen, valid from the person's first day in that import."""

    employee_id: UUID
    monthly_fen: int
    valid_from: date


async def list_employees(
    ctx: Context,
    as_of: date,
    *,
    scope: Scope | None = None,
    legal_entity_id: UUID | None = None,
    employed_since: date | None = None,
) -> list[EmployeeRef]:
    """People employed on ``as_of``, ordered by number; with ``employed_since`` also those who left on or after it (a
    month's pay asks for its last day and its first). No ``scope`` means everyone: the caller checks its own right."""
    rows = await employees.refs(
        ctx.session,
        as_of,
        scope=EVERYONE if scope is None else scope,
        legal_entity_id=legal_entity_id,
        employed_since=employed_since,
    )
    return [EmployeeRef(*row) for row in rows]


async def headcount(ctx: Context, as_of: date | None = None) -> int:
    """How many people are employed on ``as_of`` (today)."""
    return await employees.headcount(ctx.session, as_of or today(), EVERYONE)


async def employee_refs(ctx: Context, ids: Collection[UUID], as_of: date | None = None) -> dict[UUID, EmployeeRef]:
    """The people with these ids, those who left included, with their seat on ``as_of`` (today)."""
    if not ids:
        return {}
    rows = await employees.refs(ctx.session, as_of or today(), scope=EVERYONE, ids=ids, only_employed=False)
    return {row.id: EmployeeRef(*row) for row in rows}


class Tenure(msgspec.Struct, frozen=True):
    """How long somebody stays. ``passed`` is None while the probation lasts, False for who left during it."""

    hired_on: date
    left_on: date | None
    passed: bool | None


async def tenures(ctx: Context, ids: Collection[UUID]) -> dict[UUID, Tenure]:
    """Of these people, those who left included. The caller has checked its own right."""
    rows = await employees.tenures(ctx.session, ids) if ids else ()
    return {
        row.id: Tenure(
            row.hired_on,
            row.left_on,
            row.status != "probation" or (None if row.left_on is None or row.left_on >= today() else False),
        )
        for row in rows
    }


async def visible_employee_ids(ctx: Context, scope: Scope, as_of: date) -> set[UUID]:
    return await employees.visible_ids(ctx.session, scope, as_of)


async def legal_entities(ctx: Context) -> list[LegalEntityRef]:
    return [
        LegalEntityRef(e.id, e.name, e.short_name, e.uscc, e.city, e.active)
        for e in await organisation.legal_entities(ctx.session)
    ]


async def org_units(ctx: Context, as_of: date) -> list[OrgUnitRef]:
    rows = await organisation.units(ctx.session, as_of)
    paths = unit_paths({row.id: (row.name, row.parent_id) for row in rows})
    return [
        OrgUnitRef(row.id, row.code, row.name, row.parent_id, row.leader_id, row.people, paths[row.id]) for row in rows
    ]


async def positions(ctx: Context) -> list[PositionRef]:
    """Every position, by family and name; those given up included."""
    return [PositionRef(row.id, row.name, row.active) for row in await organisation.positions(ctx.session)]


async def headcount_by_seat(ctx: Context, as_of: date) -> dict[tuple[UUID, UUID | None], int]:
    """(unit, position) -> how many people hold it on ``as_of``; units count their own people, not those below."""
    return await organisation.headcount_by_seat(ctx.session, as_of)


async def sensitive(
    ctx: Context, ids: Collection[UUID], fields: Sequence[SensitiveField], *, reason: str = ""
) -> dict[UUID, dict[str, str | None]]:
    """Opened values of many people at once, for a payment file or a payslip. The reading is audited; the caller has
    checked its own permission. At most one call to the key service."""
    people = await employees.many(ctx.session, ids)
    names = [str(person.id) for person in people]
    audit.record(
        ctx,
        "records.employee.read_sensitive",
        object_type="records.employee",
        object_id=people[0].id if len(people) == 1 else "*",
        changes={"employees": (None, names)} if len(people) > 1 else None,
        fields=list(fields),
        reason=reason,
        sensitive=True,
    )
    return {person.id: {name: getattr(person, name) for name in fields} for person in people}


async def imported_pay(ctx: Context, import_id: UUID) -> list[ImportedPay]:
    """The wage column of a committed import, for the module that keeps pay: records itself keeps none.

    ``records.import.committed`` and ``records.import.undone`` announce ``{"import_id": ...}``.
    """
    return [ImportedPay(*row) for row in await imports.wages(ctx, import_id)]


class DependentsCheck(Protocol):
    """Says of the people it knows why they cannot be taken away: ``{employee id: reason}``, reasons translated."""

    async def __call__(self, ctx: Context, employee_ids: Collection[UUID]) -> Mapping[UUID, str]: ...


_dependents: dict[str, DependentsCheck] = {}


def register_dependents_check(module: str, check: DependentsCheck) -> None:
    """Called once by a module whose rows stand on people (payroll: payslips), when its descriptor is imported.

    Undoing an import asks every check before it takes people away. One check for each module; a second replaces it.
    """
    _dependents[module] = check


async def dependents(ctx: Context, employee_ids: Collection[UUID]) -> dict[UUID, str]:
    found: dict[UUID, str] = {}
    for check in _dependents.values():
        found.update(await check(ctx, employee_ids))
    return found


class NewEmployee(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who begins on ``hired_on``. An empty ``number`` takes the one after the last."""

    name: str
    hired_on: date
    unit_id: UUID
    legal_entity_id: UUID
    number: str = ""
    position_id: UUID | None = None
    #: an employee
    manager_id: UUID | None = None
    city: str = ""
    on_probation: bool = True
    id_number: str | None = None
    mobile: str | None = None
    email: str | None = None
    home_address: str | None = None
    bank_account: str | None = None
    bank_name: str = ""


async def hire(ctx: Context, person: NewEmployee) -> EmployeeRef:
    """Makes the employee with a first seat. Raises InvalidRecord with the fields at fault, NumberTaken, IdNumberTaken.

    The caller's route says ``growth="seat"``, so that the licence has its word.
    """
    made = await hiring.create(
        ctx,
        schemas.EmployeeCreate(
            number=person.number or await next_number(ctx),
            name=person.name,
            hired_on=person.hired_on,
            seat=schemas.SeatCreate(
                unit_id=person.unit_id,
                legal_entity_id=person.legal_entity_id,
                position_id=person.position_id,
                manager_id=person.manager_id,
                city=person.city,
            ),
            status="probation" if person.on_probation else "regular",
            id_number=person.id_number,
            mobile=person.mobile,
            email=person.email,
            home_address=person.home_address,
            bank_account=person.bank_account,
            bank_name=person.bank_name,
        ),
    )
    return (await employee_refs(ctx, [made.id], person.hired_on))[made.id]


async def next_number(ctx: Context) -> str:
    """The employee number after the greatest of the form most people have: ``QM0012`` after ``QM0011``."""
    return numbers.following(await employees.numbers(ctx.session))
