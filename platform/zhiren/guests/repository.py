"""Every query on guests' sessions and codes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from zhiren.guests.models import GuestCode, GuestSession
from zhiren.guests.rules import SESSION_IDLE_S

#: codes that are over stay this long: an address that is locked stays so, and a complaint can be looked into
KEEP_CODES = timedelta(days=1)
_IDLE = timedelta(seconds=SESSION_IDLE_S)


async def newest_code(session: AsyncSession, kind: str, bidx: bytes, *, lock: bool = False) -> GuestCode | None:
    """Of one address. With ``lock`` two tries at the same code wait for each other."""
    query = (
        select(GuestCode)
        .where(GuestCode.kind == kind, GuestCode.address_bidx == bidx)
        .order_by(GuestCode.id.desc())
        .limit(1)
        .execution_options(populate_existing=True)
    )
    found: GuestCode | None = await session.scalar(query.with_for_update() if lock else query)
    return found


async def code_by_id(session: AsyncSession, code_id: UUID) -> GuestCode | None:
    found: GuestCode | None = await session.scalar(select(GuestCode).where(GuestCode.id == code_id).with_for_update())
    return found


async def live_session(session: AsyncSession, kind: str, token_hash: bytes) -> GuestSession | None:
    now = func.now()
    found: GuestSession | None = await session.scalar(
        select(GuestSession).where(
            GuestSession.token_hash == token_hash,
            GuestSession.kind == kind,
            GuestSession.expires_at > now,
            GuestSession.last_seen_at > now - _IDLE,
        )
    )
    return found


async def touch(session: AsyncSession, session_id: UUID, at: datetime) -> None:
    await session.execute(update(GuestSession).where(GuestSession.id == session_id).values(last_seen_at=at))


async def sessions(session: AsyncSession, kind: str, guest_id: UUID) -> Sequence[GuestSession]:
    """Live ones, last used first."""
    now = func.now()
    query = select(GuestSession).where(
        GuestSession.kind == kind,
        GuestSession.guest_id == guest_id,
        GuestSession.expires_at > now,
        GuestSession.last_seen_at > now - _IDLE,
    )
    return (await session.scalars(query.order_by(GuestSession.last_seen_at.desc()))).all()


async def end_session(session: AsyncSession, kind: str, guest_id: UUID, session_id: UUID) -> bool:
    """Whether there was one."""
    mine = (GuestSession.kind == kind, GuestSession.guest_id == guest_id, GuestSession.id == session_id)
    return await session.scalar(delete(GuestSession).where(*mine).returning(GuestSession.id)) is not None


async def end_sessions(session: AsyncSession, kind: str, guest_id: UUID, *, but: UUID | None) -> int:
    statement = delete(GuestSession).where(GuestSession.kind == kind, GuestSession.guest_id == guest_id)
    if but is not None:
        statement = statement.where(GuestSession.id != but)
    return len((await session.scalars(statement.returning(GuestSession.id))).all())


async def forget_codes(session: AsyncSession, kind: str, guest_id: UUID) -> None:
    await session.execute(delete(GuestCode).where(GuestCode.kind == kind, GuestCode.guest_id == guest_id))


async def forget_ended(session: AsyncSession) -> int:
    """Sessions that are over, codes a day after they are. Returns how many rows."""
    now = func.now()
    over = (
        delete(GuestSession).where(or_(GuestSession.expires_at < now, GuestSession.last_seen_at < now - _IDLE)),
        delete(GuestCode).where(GuestCode.expires_at < now - KEEP_CODES),
    )
    return sum([getattr(await session.execute(one), "rowcount", 0) for one in over])
