"""Queries of users, their second factors and ways back in."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    delete,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession

from zhiren.auth.models import Recovery, Role, User, UserRole


async def user_by_login(session: AsyncSession, login: str) -> User | None:
    found: User | None = await session.scalar(select(User).where(User.login == login))
    return found


async def user_by_id(session: AsyncSession, user_id: UUID) -> User | None:
    return await session.get(User, user_id)


async def note_login(session: AsyncSession, user_id: UUID) -> None:
    await session.execute(
        update(User)
        .where(User.id == user_id)
        .values(last_login_at=func.now())
        .execution_options(synchronize_session=False)
    )


async def take_totp_step(session: AsyncSession, user_id: UUID, step: int) -> bool:
    """Marks a code as used. False when it, or a later one, was used before."""
    taken = await session.execute(
        update(User)
        .where(User.id == user_id, User.totp_last_step < step)
        .values(totp_last_step=step)
        .returning(User.id)
        .execution_options(synchronize_session=False)
    )
    return taken.first() is not None


async def take_recovery(
    session: AsyncSession, secret_hash: bytes, *, kind: str, user_id: UUID | None = None
) -> UUID | None:
    """Uses up a recovery code or link; returns whose it was. None when it is unknown, used or over."""
    using = (
        update(Recovery)
        .where(
            Recovery.secret_hash == secret_hash,
            Recovery.kind == kind,
            Recovery.used_at.is_(None),
            or_(Recovery.expires_at.is_(None), Recovery.expires_at > func.now()),
        )
        .values(used_at=func.now())
        .returning(Recovery.user_id)
        .execution_options(synchronize_session=False)
    )
    if user_id is not None:
        using = using.where(Recovery.user_id == user_id)
    found: UUID | None = await session.scalar(using)
    return found


async def recovery_owner(session: AsyncSession, secret_hash: bytes) -> User | None:
    """Whose link this is, while it may still be used."""
    found: User | None = await session.scalar(
        select(User)
        .join(Recovery, Recovery.user_id == User.id)
        .where(
            Recovery.secret_hash == secret_hash,
            Recovery.kind == "link",
            Recovery.used_at.is_(None),
            Recovery.expires_at > func.now(),
            User.status == "active",
        )
    )
    return found


async def replace_recovery(session: AsyncSession, user_id: UUID, kind: str, rows: Iterable[Recovery]) -> None:
    await session.execute(delete(Recovery).where(Recovery.user_id == user_id, Recovery.kind == kind))
    session.add_all(rows)
    await session.flush()


async def recovery_codes_left(session: AsyncSession, user_id: UUID) -> int:
    return (
        await session.scalar(
            select(func.count())
            .select_from(Recovery)
            .where(Recovery.user_id == user_id, Recovery.kind == "code", Recovery.used_at.is_(None))
        )
        or 0
    )


def users_matching(q: str, *, role: str = "", status: str = "") -> Select[User]:
    """Users whose log-in or name holds ``q``."""
    statement = select(User)
    if q:
        statement = statement.where(
            or_(User.login.contains(q, autoescape=True), User.name.icontains(q, autoescape=True))
        )
    if status:
        statement = statement.where(User.status == status)
    if role:
        statement = statement.where(holding(role))
    return statement


def holding(role: str) -> ColumnElement[bool]:
    """True of users who have the role of this code."""
    holders = select(UserRole.user_id).join(Role, Role.id == UserRole.role_id).where(Role.code == role)
    return User.id.in_(holders)


async def named(
    session: AsyncSession,
    ids: Collection[UUID] | None,
    *,
    search: str = "",
    employee_ids: Collection[UUID] | None = None,
    limit: int = 500,
) -> Sequence[Row[Any]]:
    """Id, name, employee and whether active: of ``ids``, or of everybody who can log in, by name."""
    active = User.status == "active"
    query = select(User.id, User.name, User.employee_id, active.label("active")).order_by(User.name, User.id)
    query = query.where(User.id.in_(ids)) if ids is not None else query.where(active).limit(limit)
    if search:
        query = query.where(
            or_(User.login.contains(search, autoescape=True), User.name.icontains(search, autoescape=True))
        )
    if employee_ids is not None:
        query = query.where(User.employee_id.in_(employee_ids))
    found: Sequence[Row[Any]] = (await session.execute(query)).all()  # type: ignore[assignment]
    return found
