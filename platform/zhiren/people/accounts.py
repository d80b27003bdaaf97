"""Which people can log in, and who holds a role."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from zhiren.auth.service.directory import UserRef, active_users, user_refs, users_of_employees
from zhiren.context import Context
from zhiren.i18n import _
from zhiren.people import repository

#: a log-in, in use or not
Account = UserRef
accounts = user_refs
#: by employee, of log-ins in use
accounts_of_employees = users_of_employees


async def one(ctx: Context, user_id: UUID | None) -> Account | None:
    return (await user_refs(ctx, [user_id])).get(user_id) if user_id is not None else None


async def in_roles(ctx: Context, codes: Collection[str]) -> dict[str, list[Account]]:
    """Who holds each role and can log in, by name."""
    found: dict[str, list[Account]] = {code: [] for code in codes}
    for code, *row in await repository.holders(ctx.session, codes):
        found[code].append(Account(*row))
    return found


async def roles_of(ctx: Context, user_id: UUID | None) -> frozenset[str]:
    """Codes of the roles a person holds."""
    return frozenset(await repository.role_codes(ctx.session, user_id)) if user_id is not None else frozenset()


async def find(ctx: Context, text: str, *, limit: int = 12) -> list[Account]:
    """People who can log in and whose name or log-in contains ``text``; the first of all without one."""
    return await active_users(ctx, text.strip(), limit=limit)


async def role_list(ctx: Context) -> list[tuple[str, str]]:
    """Every role: code, and title in the reader's language; the built-in ones first."""
    return [(code, _(title)) for code, title in await repository.roles(ctx.session)]
