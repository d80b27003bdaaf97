"""From a request to the person behind it, read fresh each time so that a change of rights holds at once."""

from __future__ import annotations

from typing import Any

from litestar.connection import ASGIConnection
from sqlalchemy import Row

from zhiren.auth import repository
from zhiren.auth.policy import DEFAULT_POLICY, Policy
from zhiren.auth.rules import read_grants
from zhiren.auth.tokens import token_hash
from zhiren.context import Actor, Context


def cookie_name(*, secure: bool) -> str:
    """``__Host-`` binds the cookie to one host and to https; plain http (development) cannot carry that prefix."""
    return "__Host-zhiren_session" if secure else "zhiren_session"


class Authenticator:
    """Finds the actor of a request by its session cookie: one query, and at most one write a minute."""

    def __init__(self, *, secure: bool, policy: Policy = DEFAULT_POLICY) -> None:
        self.cookie = cookie_name(secure=secure)
        self.secure = secure
        self._policy = policy

    async def authenticate(self, request: ASGIConnection[Any, Any, Any, Any], ctx: Context) -> Actor | None:
        token = request.cookies.get(self.cookie)
        return await self.actor(ctx, token) if token else None

    async def again(self, ctx: Context) -> Actor | None:
        """Who ``ctx``'s actor is by now, with the rights of now; None when the session has ended."""
        if ctx.actor.session_id is None:
            return None
        row = await repository.live_session_by_id(ctx.session, ctx.actor.session_id, idle_s=self._policy.idle_s)
        return None if row is None else _actor_of(row)

    async def actor(self, ctx: Context, token: str) -> Actor | None:
        """The person whose session this token opens; None when it is unknown, ended, or not fully logged in."""
        row = await repository.live_session(
            ctx.session, token_hash(token), idle_s=self._policy.idle_s, touch_s=self._policy.touch_s
        )
        if row is None:
            return None
        if row.stale:
            await repository.touch_session(ctx.session, row.id)
        return _actor_of(row)


def _actor_of(row: Row[Any]) -> Actor:
    return Actor(
        user_id=row.user_id,
        name=row.name,
        employee_id=row.employee_id,
        roles=tuple(sorted(row.roles)),
        grants=read_grants(row.grants, row.employee_id),
        session_id=row.id,
        authenticated_at_s=row.authenticated_at.timestamp(),
    )
