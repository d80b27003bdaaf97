"""Sessions: opened, listed, ended."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Literal
from uuid import UUID

from zhiren.audit import record
from zhiren.auth import repository
from zhiren.auth.models import Session, User
from zhiren.auth.policy import DEFAULT_POLICY, Policy
from zhiren.auth.tokens import new_token, token_hash
from zhiren.context import Actor, Context
from zhiren.errors import NotFound
from zhiren.i18n import _

Stage = Literal["second_factor", "new_password", "full"]


async def open_session(ctx: Context, user: User, *, stage: Stage = "full", policy: Policy = DEFAULT_POLICY) -> str:
    """Makes a session for the device of ``ctx`` and returns its token, which is never stored."""
    token = new_token()
    now = datetime.now(UTC)
    life_s = policy.absolute_s if stage == "full" else policy.unfinished_s
    await repository.forget_ended_sessions(ctx.session, user.id)
    ctx.session.add(
        Session(
            user_id=user.id,
            token_hash=token_hash(token),
            stage=stage,
            ip=ctx.ip,
            user_agent=ctx.user_agent,
            last_seen_at=now,
            expires_at=now + timedelta(seconds=life_s),
            authenticated_at=now,
        )
    )
    await ctx.session.flush()
    return token


async def forget_ended(ctx: Context, policy: Policy = DEFAULT_POLICY) -> int:
    """Sessions, codes, links, tries and tokens that are over. Returns how many rows."""
    return await repository.forget_ended(ctx.session, idle_s=policy.idle_s)


async def list_sessions(ctx: Context, user_id: UUID, policy: Policy = DEFAULT_POLICY) -> Sequence[Session]:
    return await repository.sessions_of(ctx.session, user_id, idle_s=policy.idle_s)


async def revoke_session(ctx: Context, user_id: UUID, session_id: UUID) -> None:
    """Ends one session of a person, from its next request on. Raises NotFound."""
    if not await repository.end_sessions(ctx.session, user_id, only=session_id):
        raise NotFound(_("这台设备已经不在登录中"))
    record(ctx, "auth.session.revoke", object_type="auth.user", object_id=user_id, fields=[str(session_id)])


async def revoke_sessions(ctx: Context, user_id: UUID, *, keep: UUID | None = None, reason: str = "") -> int:
    """Ends every session of a person, but for ``keep``. Returns how many."""
    ended = await repository.end_sessions(ctx.session, user_id, keep=keep)
    if ended:
        record(ctx, "auth.session.revoke_all", object_type="auth.user", object_id=user_id, reason=reason)
    return len(ended)


async def sign_out(ctx: Context, token: str) -> None:
    """Ends the session of ``token``, whatever its stage."""
    await repository.end_session_by_token(ctx.session, token_hash(token))
    if ctx.actor.user_id is not None:
        record(ctx, "auth.session.sign_out", object_type="auth.user", object_id=ctx.actor.user_id)


def as_user(ctx: Context, user: User) -> Context:
    """The context of a person in the act of logging in: no rights yet, but a name for the audit trail."""
    return ctx.with_actor(Actor(user_id=user.id, name=user.name, employee_id=user.employee_id))
