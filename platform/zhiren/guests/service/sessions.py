"""Guests who are logged in: from a token to the person, and what ends it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from zhiren.audit import record
from zhiren.auth.tokens import new_token, token_hash
from zhiren.context import Actor, Context, Guest
from zhiren.errors import NotFound
from zhiren.guests import kinds, repository, rules
from zhiren.guests.models import GuestSession
from zhiren.guests.schemas import GuestSessionView
from zhiren.i18n import _

_SESSION: Final = "guests.session"
_AGENT_MAX: Final = 300


async def open_session(ctx: Context, kind: str, guest_id: UUID, *, name: str = "") -> str:
    """Logs a guest in on this device and returns the token for the cookie (``let_in``). Whoever calls has the proof.

    ``name`` is what audit trail and pages call the guest where the kind's ``known`` does not say.
    """
    what = kinds.get(kind)
    match = await what.known(ctx, guest_id) if what.known is not None else None
    token, now = new_token(), datetime.now(UTC)
    row = GuestSession(
        kind=kind,
        guest_id=guest_id,
        name=match.name if match else name,
        token_hash=token_hash(token),
        ip=ctx.ip,
        user_agent=ctx.user_agent[:_AGENT_MAX].replace("\0", ""),
        created_at=now,
        last_seen_at=now,
        expires_at=now + timedelta(seconds=rules.SESSION_ABSOLUTE_S),
    )
    ctx.session.add(row)
    await ctx.session.flush()
    record(ctx.with_actor(_actor(row, row.name)), "guests.session.open", object_type=_SESSION, object_id=row.id)
    return token


async def actor_of(ctx: Context, kind: str, token: str) -> Actor | None:
    """The guest whose session this token opens; None when it has ended, or the kind knows the guest no more."""
    row = await repository.live_session(ctx.session, kind, token_hash(token))
    if row is None:
        return None
    what, name = kinds.get(kind), row.name
    if what.known is not None:
        match = await what.known(ctx, row.guest_id)
        if match is None:
            return None
        name = match.name
    now = datetime.now(UTC)
    if (now - row.last_seen_at).total_seconds() > rules.TOUCH_S:
        await repository.touch(ctx.session, row.id, now)
    return _actor(row, name)


async def sessions_of(ctx: Context, kind: str, guest_id: UUID) -> list[GuestSessionView]:
    """Where the guest is logged in, last used first."""
    return [
        GuestSessionView(
            row.id, row.ip, row.user_agent, row.created_at, row.last_seen_at, row.id == ctx.actor.session_id
        )
        for row in await repository.sessions(ctx.session, kind, guest_id)
    ]


async def end_session(ctx: Context, kind: str, guest_id: UUID, session_id: UUID) -> None:
    """Logs one device of the guest out, at once. Raises NotFound, also for somebody else's."""
    if not await repository.end_session(ctx.session, kind, guest_id, session_id):
        raise NotFound(_("没有这个登录会话。"))
    record(ctx, "guests.session.end", object_type=_SESSION, object_id=session_id)


async def end_sessions(ctx: Context, kind: str, guest_id: UUID, *, but: UUID | None = None) -> int:
    """Logs every device out, except the session ``but``; codes on their way work no more. Returns how many."""
    count = await repository.end_sessions(ctx.session, kind, guest_id, but=but)
    await repository.forget_codes(ctx.session, kind, guest_id)
    record(ctx, "guests.session.end", object_type="guests.guest", object_id=guest_id, reason=f"{kind} {count}")
    return count


async def forget_ended(ctx: Context) -> int:
    """Housekeeping: sessions and codes that are over. Returns how many rows."""
    return await repository.forget_ended(ctx.session)


def _actor(row: GuestSession, name: str) -> Actor:
    return Actor(
        user_id=None,
        name=name,
        kind="guest",
        session_id=row.id,
        guest=Guest(row.kind, row.guest_id),
        authenticated_at_s=row.created_at.timestamp(),
    )
