"""Queries of who holds which role, for rooms that are not the log-in's own."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, literal, select
from sqlalchemy.ext.asyncio import AsyncSession

from zhiren.auth.models import Role, User, UserRole


async def holders(session: AsyncSession, codes: Collection[str]) -> Sequence[Row[*tuple[Any, ...]]]:
    """Role, then id, name, employee and True: they can log in."""
    query = (
        select(Role.code, User.id, User.name, User.employee_id, literal(True))
        .join(UserRole, UserRole.role_id == Role.id)
        .join(User, User.id == UserRole.user_id)
        .where(Role.code.in_(list(codes)), User.status == "active")
        .order_by(User.name, User.id)
    )
    return (await session.execute(query)).all()


async def role_codes(session: AsyncSession, user_id: UUID) -> Sequence[str]:
    query = select(Role.code).join(UserRole, UserRole.role_id == Role.id).where(UserRole.user_id == user_id)
    return (await session.scalars(query)).all()


async def roles(session: AsyncSession) -> Sequence[Row[*tuple[Any, ...]]]:
    """Code and title, the built-in ones first."""
    return (await session.execute(select(Role.code, Role.title).order_by(Role.builtin.desc(), Role.id))).all()
