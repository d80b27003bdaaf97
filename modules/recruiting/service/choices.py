"""What forms of openings let people choose from."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import msgspec

from modules.records import api as records
from zhiren.auth.service import directory
from zhiren.clock import today
from zhiren.context import Context


class Choices(msgspec.Struct, frozen=True):
    """Ids with names: units by path, positions in use, legal entities in use, people who can log in."""

    units: dict[UUID, str]
    positions: dict[UUID, str]
    entities: dict[UUID, str]
    users: dict[UUID, str]

    def unit(self, unit_id: UUID | None) -> str:
        return self.units.get(unit_id, "") if unit_id else ""

    def position(self, position_id: UUID | None) -> str:
        return self.positions.get(position_id, "") if position_id else ""


async def choices(ctx: Context, day: date | None = None) -> Choices:
    units = await records.org_units(ctx, day or today())
    return Choices(
        units={unit.id: unit.path for unit in sorted(units, key=lambda unit: unit.path)},
        positions={position.id: position.name for position in await records.positions(ctx) if position.active},
        entities={entity.id: entity.name for entity in await records.legal_entities(ctx) if entity.active},
        users={user.id: user.name for user in await directory.active_users(ctx)},
    )


async def seat_names(ctx: Context) -> Choices:
    """Without people: for lists."""
    units = await records.org_units(ctx, today())
    return Choices(
        units={unit.id: unit.path for unit in units},
        positions={position.id: position.name for position in await records.positions(ctx)},
        entities={},
        users={},
    )
