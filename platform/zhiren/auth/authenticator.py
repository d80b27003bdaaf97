"""From a request to the person behind it, read fresh each time so that a change of rights holds at once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final
from uuid import UUID

from litestar.connection import ASGIConnection

from zhiren.auth import repository
from zhiren.auth.tokens import token_hash
from zhiren.context import Actor, Context, Scope, ScopeKind

IDLE_S: Final = 30 * 60
ABSOLUTE_S: Final = 12 * 3600
TOUCH_S: Final = 60


def cookie_name(*, secure: bool) -> str:
    """``__Host-`` binds the cookie to one host and to https; plain http (development) cannot carry that prefix."""
    return "__Host-zhiren_session" if secure else "zhiren_session"


def collect_grants(rows: Iterable[tuple[str, ScopeKind, Iterable[str]]], employee_id: UUID | None) -> dict[str, Scope]:
    """Adds up what several roles grant. A grant ``unit`` without a root reaches nothing."""
    kinds: dict[str, set[ScopeKind]] = {}
    units: dict[str, set[UUID]] = {}
    for permission, scope, unit_ids in rows:
        kinds.setdefault(permission, set())
        units.setdefault(permission, set())
        if scope == "unit":
            roots = {UUID(str(unit)) for unit in unit_ids}
            if not roots:
                continue
            units[permission] |= roots
        kinds[permission].add(scope)
    return {p: Scope(frozenset(kinds[p]), employee_id, frozenset(units[p])) for p in kinds}


class Authenticator:
    """Finds the actor of a request by its session cookie: one query, and at most one write a minute."""

    def __init__(self, *, secure: bool, idle_s: int = IDLE_S) -> None:
        self.cookie = cookie_name(secure=secure)
        self.secure = secure
        self._idle_s = idle_s

    async def authenticate(self, request: ASGIConnection[Any, Any, Any, Any], ctx: Context) -> Actor | None:
        token = request.cookies.get(self.cookie)
        return await self.actor(ctx, token) if token else None

    async def actor(self, ctx: Context, token: str) -> Actor | None:
        """The person whose session this token opens; None when it is unknown, ended, or not fully logged in."""
        row = await repository.live_session(ctx.session, token_hash(token), idle_s=self._idle_s, touch_s=TOUCH_S)
        if row is None:
            return None
        if row.stale:
            await repository.touch_session(ctx.session, row.id)
        return Actor(
            user_id=row.user_id,
            name=row.name,
            employee_id=row.employee_id,
            grants=collect_grants(row.grants, row.employee_id),
            session_id=row.id,
            authenticated_at_s=row.authenticated_at.timestamp(),
        )
