"""A small company to tell stories about."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from itertools import count
from random import Random
from uuid import UUID

from modules.records import schemas
from modules.records.models import Employee, LegalEntity, Position, Unit
from modules.records.service import employees, organisation
from tests.factories import people
from zhiren.context import Actor, Context, Scope, ScopeKind

FOUNDED = date(2015, 1, 1)
_numbers = count(1)


def granted(*permissions: str, kind: ScopeKind = "all", employee_id: UUID | None = None, **more: object) -> Actor:
    """A person who holds these permissions with one scope."""
    scope = Scope(kinds=frozenset({kind}), employee_id=employee_id, **more)  # type: ignore[arg-type]
    return Actor(
        user_id=UUID(int=next(_numbers)),
        name="测试",
        employee_id=employee_id,
        grants=dict.fromkeys(permissions, scope),
    )


@dataclass
class Company:
    """``entity`` employs; units by name; ``hire`` adds somebody."""

    ctx: Context
    entity: LegalEntity
    units: dict[str, Unit] = field(default_factory=dict)
    positions: dict[str, Position] = field(default_factory=dict)
    random: Random = field(default_factory=lambda: Random(7))

    async def unit(self, name: str, parent: str | None = None, since: date = FOUNDED) -> Unit:
        self.units[name] = await organisation.create_unit(
            self.ctx,
            schemas.UnitCreate(name=name, valid_from=since, parent_id=self.units[parent].id if parent else None),
        )
        return self.units[name]

    async def hire(
        self,
        name: str = "",
        *,
        unit: str | None = None,
        manager: Employee | None = None,
        hired_on: date = date(2020, 3, 2),
        **values: object,
    ) -> Employee:
        number = str(values.pop("number", "")) or f"E{next(_numbers):05d}"
        data = schemas.EmployeeCreate(
            number=number,
            name=name or people.person_name(self.random),
            hired_on=hired_on,
            seat=schemas.SeatCreate(
                unit_id=(self.units[unit] if unit else next(iter(self.units.values()))).id,
                legal_entity_id=self.entity.id,
                manager_id=manager.id if manager else None,
                city="上海",
            ),
            **values,  # type: ignore[arg-type]
        )
        return await employees.create(self.ctx, data)


async def company(ctx: Context, *, name: str = "") -> Company:
    """One legal entity with one unit 总部."""
    entity = await organisation.create_legal_entity(
        ctx, schemas.LegalEntityCreate(name=name or f"测试制造有限公司 {next(_numbers)}", city="上海")
    )
    made = Company(ctx, entity)
    await made.unit("总部")
    return made
