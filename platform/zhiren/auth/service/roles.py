"""Roles as data: seeded, copied, edited, handed out."""

from __future__ import annotations

from collections.abc import Iterable

from zhiren.auth import repository
from zhiren.auth.models import Role
from zhiren.auth.permissions import BUILTIN_ROLES, defaults, registry
from zhiren.context import Context
from zhiren.modules import Module


async def seed_roles(ctx: Context, modules: Iterable[Module]) -> None:
    """Makes the built-in roles, and brings their grants to what platform and modules declare. Safe to repeat."""
    wanted = defaults(registry(modules))
    present = await repository.roles_by_code(ctx.session, BUILTIN_ROLES)
    for code, title in BUILTIN_ROLES.items():
        role = present.get(code)
        if role is None:
            role = Role(code=code, title=title, builtin=True)
            ctx.session.add(role)
            await ctx.session.flush()
        if await repository.grants_of_role(ctx.session, role.id) != wanted[code]:
            await repository.replace_grants(ctx.session, role.id, wanted[code])
