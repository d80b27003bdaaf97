"""Users and roles as lists and as what travels out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from zhiren.auth import repository
from zhiren.auth.models import Role, User
from zhiren.auth.permissions import BUILTIN_ROLES
from zhiren.auth.rules import fold_login
from zhiren.auth.schemas import RoleAssignment, RoleOut, UserOut
from zhiren.context import Context
from zhiren.web.api import keyset


async def page_of_users(
    ctx: Context, *, q: str, role: str, status: str, cursor: str | None, limit: int
) -> tuple[list[UserOut], str | None]:
    """Users in the order of their log-ins; two queries whatever the length."""
    statement = repository.users_matching(fold_login(q), role=role, status=status)
    rows, following = await keyset(
        ctx, statement, order_by=(User.login, User.id), types=(str, UUID), cursor=cursor, limit=limit
    )
    return await users_out(ctx, rows), following


async def users_out(ctx: Context, users: Sequence[User]) -> list[UserOut]:
    held = await repository.assignments_of(ctx.session, [user.id for user in users])
    return [_user_out(user, held.get(user.id, ())) for user in users]


async def user_out(ctx: Context, user: User) -> UserOut:
    return (await users_out(ctx, [user]))[0]


async def page_of_roles(ctx: Context, *, cursor: str | None, limit: int) -> tuple[list[RoleOut], str | None]:
    rows, following = await keyset(
        ctx, repository.all_roles(), order_by=(Role.code, Role.id), types=(str, UUID), cursor=cursor, limit=limit
    )
    return await roles_out(ctx, rows), following


async def every_role(ctx: Context) -> list[RoleOut]:
    """All roles, the built-in ones first and in their order. A customer has a few dozen at most."""
    order = list(BUILTIN_ROLES)
    roles = await repository.list_roles(ctx.session)
    found = await roles_out(ctx, roles)
    return sorted(found, key=lambda role: (order.index(role.code) if role.builtin else len(order), role.code))


async def roles_out(ctx: Context, roles: Sequence[Role]) -> list[RoleOut]:
    ids = [role.id for role in roles]
    grants = await repository.grants_of_roles(ctx.session, ids)
    users = await repository.user_counts(ctx.session, ids)
    return [
        RoleOut(
            id=role.id,
            code=role.code,
            title=role.title,
            description=role.description,
            builtin=role.builtin,
            grants=grants.get(role.id, {}),
            users=users.get(role.id, 0),
            version=role.version,
        )
        for role in roles
    ]


async def role_out(ctx: Context, role: Role) -> RoleOut:
    return (await roles_out(ctx, [role]))[0]


def _user_out(user: User, held: Iterable[tuple[str, Sequence[UUID]]]) -> UserOut:
    return UserOut(
        id=user.id,
        login=user.login,
        name=user.name,
        status=user.status,
        employee_id=user.employee_id,
        roles=tuple(RoleAssignment(code, tuple(units)) for code, units in held),
        second_factor=user.totp_enabled_at is not None,
        must_change_password=user.must_change_password,
        last_login_at=user.last_login_at,
        created_at=user.created_at,
        version=user.version,
    )
