"""Queries of roles, grants and who holds them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import (
    Select,
    delete,
    func,
    select,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from zhiren.auth.models import Role, RoleGrant, User, UserRole


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


async def assignments(session: AsyncSession, user_id: UUID) -> list[tuple[Role, frozenset[UUID]]]:
    """Roles of a person, with the roots of their subtrees."""
    rows = await session.execute(
        select(Role, UserRole.unit_ids).join(UserRole, UserRole.role_id == Role.id).where(UserRole.user_id == user_id)
    )
    return [(role, frozenset(units)) for role, units in rows]


async def replace_assignments(session: AsyncSession, user_id: UUID, rows: Iterable[UserRole]) -> None:
    await session.execute(delete(UserRole).where(UserRole.user_id == user_id))
    session.add_all(rows)
    await session.flush()


async def holds_role(session: AsyncSession, user_id: UUID | None, role_id: UUID) -> bool:
    if user_id is None:
        return False
    found = await session.scalar(
        select(UserRole.user_id).where(UserRole.user_id == user_id, UserRole.role_id == role_id)
    )
    return found is not None


async def users_with_role(session: AsyncSession, role_id: UUID) -> int:
    return await session.scalar(select(func.count()).select_from(UserRole).where(UserRole.role_id == role_id)) or 0


async def lock_roles(session: AsyncSession) -> None:
    """One change of rights at a time: two people cannot each remove the other as the last administrator."""
    await session.execute(select(Role.id).where(Role.code == "admin").with_for_update())


async def administrator_remains(session: AsyncSession, permissions: Sequence[str]) -> bool:
    """Whether an active person holds all of ``permissions`` for everyone."""
    holder = (
        select(User.id)
        .join(UserRole, UserRole.user_id == User.id)
        .join(RoleGrant, RoleGrant.role_id == UserRole.role_id)
        .where(User.status == "active", RoleGrant.scope == "all", RoleGrant.permission.in_(permissions))
        .group_by(User.id)
        .having(func.count(RoleGrant.permission.distinct()) == len(permissions))
        .limit(1)
    )
    return (await session.execute(holder)).first() is not None


async def assignments_of(
    session: AsyncSession, user_ids: Sequence[UUID]
) -> dict[UUID, list[tuple[str, Sequence[UUID]]]]:
    """User id -> (role code, roots), in the order of the codes."""
    rows = await session.execute(
        select(UserRole.user_id, Role.code, UserRole.unit_ids)
        .join(Role, Role.id == UserRole.role_id)
        .where(UserRole.user_id.in_(user_ids))
        .order_by(Role.code)
    )
    found: dict[UUID, list[tuple[str, Sequence[UUID]]]] = {}
    for user_id, code, units in rows:
        found.setdefault(user_id, []).append((code, units))
    return found


async def list_roles(session: AsyncSession) -> Sequence[Role]:
    return (await session.scalars(all_roles())).all()


def all_roles() -> Select[Role]:
    return select(Role)


async def grants_of_roles(session: AsyncSession, role_ids: Sequence[UUID]) -> dict[UUID, dict[str, str]]:
    rows = await session.execute(
        select(RoleGrant.role_id, RoleGrant.permission, RoleGrant.scope).where(RoleGrant.role_id.in_(role_ids))
    )
    found: dict[UUID, dict[str, str]] = {}
    for role_id, permission, scope in rows:
        found.setdefault(role_id, {})[permission] = scope
    return found


async def user_counts(session: AsyncSession, role_ids: Sequence[UUID]) -> dict[UUID, int]:
    rows = await session.execute(
        select(UserRole.role_id, func.count()).where(UserRole.role_id.in_(role_ids)).group_by(UserRole.role_id)
    )
    return {role_id: count for role_id, count in rows}  # noqa: C416
