"""Who has a log-in, by name: for choosing people and for saying who did what."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Row

from zhiren.auth.repository import users
from zhiren.context import Context


class UserRef(msgspec.Struct, frozen=True):
    id: UUID
    name: str
    #: in records, without a promise that the module is on
    employee_id: UUID | None
    active: bool


def _ref(row: Row[Any]) -> UserRef:
    return UserRef(id=row.id, name=row.name, employee_id=row.employee_id, active=row.active)


async def user_refs(ctx: Context, ids: Collection[UUID]) -> dict[UUID, UserRef]:
    """The users of ``ids`` that there are, those who may no longer log in included."""
    return {row.id: _ref(row) for row in await users.named(ctx.session, ids)} if ids else {}


async def active_users(ctx: Context, search: str = "", *, limit: int = 500) -> list[UserRef]:
    """Who can log in, by name; ``search`` is a part of a name or log-in."""
    return [_ref(row) for row in await users.named(ctx.session, None, search=search, limit=limit)]


async def users_of_employees(ctx: Context, employee_ids: Collection[UUID]) -> dict[UUID, UserRef]:
    """Employee id to the log-in of that person, where there is one."""
    if not employee_ids:
        return {}
    rows = await users.named(ctx.session, None, employee_ids=employee_ids)
    return {row.employee_id: _ref(row) for row in rows}
