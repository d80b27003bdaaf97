"""Every query of log-ins, sessions and roles."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Double, Interval, Row, bindparam, delete, func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from zhiren.auth.models import Role, RoleGrant, Session, User, UserRole


def _seconds(name: str) -> ColumnElement[timedelta]:
    return func.make_interval(0, 0, 0, 0, 0, 0, bindparam(name, type_=Double()), type_=Interval())


_GRANTS: Final = (
    select(
        func.coalesce(
            func.jsonb_agg(func.jsonb_build_array(RoleGrant.permission, RoleGrant.scope, UserRole.unit_ids)),
            text("'[]'::jsonb"),
        )
    )
    .select_from(UserRole)
    .join(RoleGrant, RoleGrant.role_id == UserRole.role_id)
    .where(UserRole.user_id == User.id)
    .scalar_subquery()
)

_SESSION: Final = (
    select(
        Session.id,
        Session.user_id,
        Session.authenticated_at,
        User.name,
        User.employee_id,
        User.locale,
        (Session.last_seen_at < func.now() - _seconds("touch_s")).label("stale"),
        _GRANTS.label("grants"),
    )
    .join(User, User.id == Session.user_id)
    .where(
        Session.token_hash == bindparam("token_hash"),
        Session.stage == "full",
        Session.expires_at > func.now(),
        Session.last_seen_at > func.now() - _seconds("idle_s"),
        User.status == "active",
    )
)

_TOUCH: Final = (
    update(Session)
    .where(
        Session.id.in_(
            # two requests of one page must not wait for each other over a time stamp
            select(Session.id)
            .where(Session.id == bindparam("session_id"))
            .with_for_update(skip_locked=True, key_share=True)
            .scalar_subquery()
        )
    )
    .values(last_seen_at=func.now())
    .execution_options(synchronize_session=False)
)


async def live_session(session: AsyncSession, token_hash: bytes, *, idle_s: int, touch_s: int) -> Row[Any] | None:
    """Session, user and every grant in one query; None when any of them has ended."""
    found = await session.execute(_SESSION, {"token_hash": token_hash, "idle_s": idle_s, "touch_s": touch_s})
    return found.one_or_none()


async def touch_session(session: AsyncSession, session_id: UUID) -> None:
    await session.execute(_TOUCH, {"session_id": session_id})


async def user_by_login(session: AsyncSession, login: str) -> User | None:
    found: User | None = await session.scalar(select(User).where(User.login == login))
    return found


async def user_by_id(session: AsyncSession, user_id: UUID) -> User | None:
    return await session.get(User, user_id)


async def roles_by_code(session: AsyncSession, codes: Iterable[str]) -> dict[str, Role]:
    rows = await session.scalars(select(Role).where(Role.code.in_(list(codes))))
    return {role.code: role for role in rows}


async def grants_of_role(session: AsyncSession, role_id: UUID) -> dict[str, str]:
    rows = await session.execute(select(RoleGrant.permission, RoleGrant.scope).where(RoleGrant.role_id == role_id))
    return {row.permission: row.scope for row in rows}


async def replace_grants(session: AsyncSession, role_id: UUID, grants: dict[str, str]) -> None:
    await session.execute(delete(RoleGrant).where(RoleGrant.role_id == role_id))
    if grants:
        await session.execute(
            insert(RoleGrant), [{"role_id": role_id, "permission": p, "scope": s} for p, s in grants.items()]
        )
