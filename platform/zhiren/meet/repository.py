"""Every query on rooms, seats and events. Callers hold a customer's transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from zhiren.meet.models import Event, Room, Seat


async def now(session: AsyncSession) -> datetime:
    found: datetime = (await session.execute(select(func.clock_timestamp()))).scalar_one()
    return found


async def room(session: AsyncSession, room_id: UUID, *, lock: bool = False) -> Room | None:
    statement = select(Room).where(Room.id == room_id).execution_options(populate_existing=True)
    found: Room | None = await session.scalar(statement.with_for_update() if lock else statement)
    return found


async def rooms_about(session: AsyncSession, about_type: str, about_id: UUID) -> Sequence[Room]:
    """The latest first."""
    statement = select(Room).where(Room.about_type == about_type, Room.about_id == about_id)
    return (await session.scalars(statement.order_by(Room.id.desc()))).all()


async def seats(session: AsyncSession, room_id: UUID) -> Sequence[Seat]:
    statement = select(Seat).where(Seat.room_id == room_id).execution_options(populate_existing=True)
    return (await session.scalars(statement.order_by(Seat.id))).all()


async def remove_seats(session: AsyncSession, seat_ids: Sequence[UUID]) -> None:
    await session.execute(delete(Seat).where(Seat.id.in_(seat_ids)))


async def events(session: AsyncSession, room_id: UUID, kinds: Sequence[str], *, limit: int = 500) -> Sequence[Event]:
    """The last of these kinds, in the order they happened."""
    statement = select(Event).where(Event.room_id == room_id, Event.kind.in_(kinds))
    return list(reversed((await session.scalars(statement.order_by(Event.id.desc()).limit(limit))).all()))
