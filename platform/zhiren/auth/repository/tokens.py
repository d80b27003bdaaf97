"""Queries of access tokens."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, bindparam, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from zhiren.auth.models import ApiToken, User
from zhiren.auth.repository.sessions import GRANTS, ROLES

_TOUCH_S: Final = 60
_LIVE: Final = (
    select(
        ApiToken.id,
        ApiToken.name.label("token_name"),
        ApiToken.permissions,
        ApiToken.user_id,
        User.name,
        User.employee_id,
        func.coalesce(ApiToken.last_used_at < func.now() - timedelta(seconds=_TOUCH_S), True).label("stale"),
        GRANTS.label("grants"),
        ROLES.label("roles"),
    )
    .join(User, User.id == ApiToken.user_id)
    .where(ApiToken.token_hash == bindparam("token_hash"), ApiToken.expires_at > func.now(), User.status == "active")
)


async def live_token(session: AsyncSession, token_hash: bytes) -> Row[Any] | None:
    """Token, owner and every grant the owner has now, in one query; None when the token or its owner has ended."""
    found = await session.execute(_LIVE, {"token_hash": token_hash})
    row: Row[Any] | None = found.one_or_none()  # pyright: ignore[reportAssignmentType] - mypy knows no tuple rows
    return row


async def touch_token(session: AsyncSession, token_id: UUID) -> None:
    """Notes that the token is in use; two requests at once do not wait for each other over it."""
    free = select(ApiToken.id).where(ApiToken.id == token_id).with_for_update(skip_locked=True).scalar_subquery()
    await session.execute(
        update(ApiToken)
        .where(ApiToken.id.in_(free))
        .values(last_used_at=func.now())
        .execution_options(synchronize_session=False)
    )


async def tokens_of(session: AsyncSession, user_id: UUID) -> Sequence[ApiToken]:
    """Those in force and those that ended lately, the newest first."""
    query = select(ApiToken).where(ApiToken.user_id == user_id).order_by(ApiToken.created_at.desc(), ApiToken.id)
    return (await session.scalars(query)).all()


async def count_live(session: AsyncSession, user_id: UUID) -> int:
    query = select(func.count()).where(ApiToken.user_id == user_id, ApiToken.expires_at > func.now())
    return await session.scalar(query) or 0


async def delete_token(session: AsyncSession, user_id: UUID, token_id: UUID) -> str | None:
    """Ends a person's token. Returns its name; None when the person has no such token."""
    gone = delete(ApiToken).where(ApiToken.id == token_id, ApiToken.user_id == user_id).returning(ApiToken.name)
    return (await session.scalars(gone)).one_or_none()
