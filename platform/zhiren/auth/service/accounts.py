"""Accounts: made, changed, switched off, given roles."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

from zhiren.auth import repository
from zhiren.auth.errors import LoginTaken
from zhiren.auth.models import User, UserRole
from zhiren.auth.passwords import workers
from zhiren.auth.schemas import RoleAssignment
from zhiren.context import Context
from zhiren.errors import InvalidInput


def fold_login(login: str) -> str:
    """One spelling of a log-in: NFKC, lower case, no space around it."""
    return unicodedata.normalize("NFKC", login).strip().casefold()


async def create_user(
    ctx: Context,
    *,
    login: str,
    name: str,
    password: str,
    roles: Sequence[str | RoleAssignment],
    employee_id: UUID | None = None,
    must_change_password: bool = False,
) -> User:
    """Makes a log-in with roles. Raises LoginTaken, InvalidInput (unknown role)."""
    folded = fold_login(login)
    if await repository.user_by_login(ctx.session, folded) is not None:
        raise LoginTaken(f"登录名 {folded} 已被使用", fields={"login": "已被使用"})
    assignments = [RoleAssignment(role) if isinstance(role, str) else role for role in roles]
    known = await repository.roles_by_code(ctx.session, [a.role for a in assignments])
    for assignment in assignments:
        if assignment.role not in known:
            raise InvalidInput(f"没有角色 {assignment.role}", fields={"roles": "没有这个角色"})
    user = User(
        login=folded,
        name=name,
        employee_id=employee_id,
        password_hash=await workers.hash(password),
        password_changed_at=datetime.now(UTC),
        must_change_password=must_change_password,
    )
    ctx.session.add(user)
    await ctx.session.flush()
    for assignment in assignments:
        ctx.session.add(
            UserRole(user_id=user.id, role_id=known[assignment.role].id, unit_ids=list(assignment.unit_ids))
        )
    await ctx.session.flush()
    return user
