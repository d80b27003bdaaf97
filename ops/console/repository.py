"""Every query on operators, their sessions and their acts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import Row, delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from ops.console.models import Operator, OperatorEvent, OperatorSession


async def by_login(session: AsyncSession, login: str) -> Operator | None:
    return (await session.scalars(select(Operator).where(Operator.login == login))).one_or_none()


async def all_operators(session: AsyncSession) -> Sequence[Operator]:
    return (await session.scalars(select(Operator).order_by(Operator.login))).all()


async def set_status(session: AsyncSession, operator_id: UUID, status: str) -> None:
    await session.execute(update(Operator).where(Operator.id == operator_id).values(status=status))


async def live_session(
    session: AsyncSession, token_hash: bytes, *, idle_s: int, touch_s: int
) -> Row[UUID, UUID, str, str, bool] | None:
    """(session id, operator id, log-in, name, whether "last seen" is due); None when it has ended."""
    now, seen = func.now(), OperatorSession.last_seen_at
    query = (
        select(OperatorSession.id, Operator.id, Operator.login, Operator.name, seen < now - timedelta(seconds=touch_s))
        .join(Operator, Operator.id == OperatorSession.operator_id)
        .where(OperatorSession.token_hash == token_hash, Operator.status == "active")
        .where(OperatorSession.expires_at > now, seen > now - timedelta(seconds=idle_s))
    )
    return (await session.execute(query)).one_or_none()


async def touch(session: AsyncSession, session_id: UUID) -> None:
    await session.execute(
        update(OperatorSession).where(OperatorSession.id == session_id).values(last_seen_at=func.now())
    )


async def end_session(session: AsyncSession, token_hash: bytes) -> None:
    await session.execute(delete(OperatorSession).where(OperatorSession.token_hash == token_hash))


async def end_sessions_of(session: AsyncSession, operator_id: UUID) -> None:
    await session.execute(delete(OperatorSession).where(OperatorSession.operator_id == operator_id))


async def clear_ended(session: AsyncSession, operator_id: UUID) -> None:
    """Forgets this operator's sessions that are past their absolute end."""
    await session.execute(
        delete(OperatorSession).where(
            OperatorSession.operator_id == operator_id, OperatorSession.expires_at <= func.now()
        )
    )


async def forget_ended(session: AsyncSession, *, idle_s: int) -> None:
    """Forgets everybody's sessions that have ended."""
    idle = OperatorSession.last_seen_at < func.now() - timedelta(seconds=idle_s)
    await session.execute(delete(OperatorSession).where(or_(OperatorSession.expires_at <= func.now(), idle)))


async def events(
    session: AsyncSession, *, tenant_id: str = "", before: UUID | None = None, limit: int
) -> Sequence[OperatorEvent]:
    """Newest first; ids grow with time."""
    query = select(OperatorEvent).order_by(OperatorEvent.id.desc()).limit(limit)
    if tenant_id:
        query = query.where(OperatorEvent.tenant_id == tenant_id)
    if before is not None:
        query = query.where(OperatorEvent.id < before)
    return (await session.scalars(query)).all()
