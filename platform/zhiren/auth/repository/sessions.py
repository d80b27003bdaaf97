"""Queries of sessions, and of tries that failed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    Interval,
    Row,
    Text,
    bindparam,
    case,
    cast,
    delete,
    func,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from zhiren.auth.models import ApiToken, Attempt, Recovery, Role, RoleGrant, Session, User, UserRole
from zhiren.auth.policy import Policy

#: an old link says that it is over, not that it never was
KEEP_USED: Final = timedelta(days=30)
KEEP_ATTEMPTS: Final = timedelta(days=90)
#: a token that has ended stays in its owner's list for so long
KEEP_TOKENS: Final = timedelta(days=90)
_FOR_GOOD: Final = timedelta(days=3650)


#: a JSON text, for ``rules.read_grants``
GRANTS: Final = (
    select(
        cast(
            func.coalesce(
                func.jsonb_agg(func.jsonb_build_array(RoleGrant.permission, RoleGrant.scope, UserRole.unit_ids)),
                text("'[]'::jsonb"),
            ),
            Text,
        )
    )
    .select_from(UserRole)
    .join(RoleGrant, RoleGrant.role_id == UserRole.role_id)
    .where(UserRole.user_id == User.id)
    .scalar_subquery()
)

ROLES: Final = (
    select(func.coalesce(func.array_agg(Role.code), text("'{}'::text[]")))
    .select_from(UserRole)
    .join(Role, Role.id == UserRole.role_id)
    .where(UserRole.user_id == User.id)
    .scalar_subquery()
)

_LIVE: Final = (
    select(
        Session.id,
        Session.user_id,
        Session.authenticated_at,
        User.name,
        User.employee_id,
        (Session.last_seen_at < func.now() - bindparam("touch_after", type_=Interval())).label("stale"),
        GRANTS.label("grants"),
        ROLES.label("roles"),
    )
    .join(User, User.id == Session.user_id)
    .where(
        Session.stage == "full",
        Session.expires_at > func.now(),
        Session.last_seen_at > func.now() - bindparam("idle_for", type_=Interval()),
        User.status == "active",
    )
)

_SESSION: Final = _LIVE.where(Session.token_hash == bindparam("token_hash"))
_SESSION_AGAIN: Final = _LIVE.where(Session.id == bindparam("session_id"))

_TOUCH: Final = (
    update(Session)
    .where(
        Session.id.in_(
            # two requests of one page must not wait for each other over a time stamp
            select(Session.id)
            .where(Session.id == bindparam("session_id"))
            .with_for_update(skip_locked=True, key_share=True)
            .scalar_subquery()
        )
    )
    .values(last_seen_at=func.now())
    .execution_options(synchronize_session=False)
)


async def live_session(session: AsyncSession, token_hash: bytes, *, idle_s: int, touch_s: int) -> Row[Any] | None:
    """Session, user and every grant (a JSON text, for ``rules.read_grants``) in one query; None when any has ended."""
    times = {"idle_for": timedelta(seconds=idle_s), "touch_after": timedelta(seconds=touch_s)}
    found = await session.execute(_SESSION, {"token_hash": token_hash, **times})
    row: Row[Any] | None = found.one_or_none()  # pyright: ignore[reportAssignmentType] - mypy knows no tuple rows
    return row


async def live_session_by_id(session: AsyncSession, session_id: UUID, *, idle_s: int) -> Row[Any] | None:
    """As ``live_session``, of a session that was found before. Looking does not count as use."""
    times = dict.fromkeys(("idle_for", "touch_after"), timedelta(seconds=idle_s))
    found = await session.execute(_SESSION_AGAIN, {"session_id": session_id, **times})
    row: Row[Any] | None = found.one_or_none()  # pyright: ignore[reportAssignmentType] - mypy knows no tuple rows
    return row


async def touch_session(session: AsyncSession, session_id: UUID) -> None:
    await session.execute(_TOUCH, {"session_id": session_id})


async def session_by_token(session: AsyncSession, token_hash: bytes, *, idle_s: int) -> Session | None:
    """A session in whatever stage that has not ended."""
    found: Session | None = await session.scalar(
        select(Session)
        .join(User, User.id == Session.user_id)
        .where(
            Session.token_hash == token_hash,
            Session.expires_at > func.now(),
            Session.last_seen_at > func.now() - timedelta(seconds=idle_s),
            User.status == "active",
        )
    )
    return found


async def sessions_of(session: AsyncSession, user_id: UUID, *, idle_s: int) -> Sequence[Session]:
    """Where a person is logged in now, the latest used first."""
    return (
        await session.scalars(
            select(Session)
            .where(
                Session.user_id == user_id,
                Session.stage == "full",
                Session.expires_at > func.now(),
                Session.last_seen_at > func.now() - timedelta(seconds=idle_s),
            )
            .order_by(Session.last_seen_at.desc(), Session.id)
        )
    ).all()


async def end_sessions(
    session: AsyncSession, user_id: UUID, *, only: UUID | None = None, keep: UUID | None = None
) -> list[UUID]:
    """Ends all sessions of a person, or ``only`` one, or all but the one to ``keep``. Returns what it ended."""
    ending = delete(Session).where(Session.user_id == user_id)
    if only is not None:
        ending = ending.where(Session.id == only)
    if keep is not None:
        ending = ending.where(Session.id != keep)
    return list(await session.scalars(ending.returning(Session.id)))


async def end_session_by_token(session: AsyncSession, token_hash: bytes) -> None:
    await session.execute(delete(Session).where(Session.token_hash == token_hash))


async def forget_ended_sessions(session: AsyncSession, user_id: UUID) -> None:
    await session.execute(delete(Session).where(Session.user_id == user_id, Session.expires_at < func.now()))


async def forget_ended(session: AsyncSession, *, idle_s: int) -> int:
    """What can open nothing any more: sessions, used codes and links, tries so old that nobody waits for them, tokens a
    while after their end. Returns how many rows."""
    now = func.now()
    ended = (
        delete(Session).where(or_(Session.expires_at < now, Session.last_seen_at < now - timedelta(seconds=idle_s))),
        delete(Recovery).where(or_(Recovery.used_at < now - KEEP_USED, Recovery.expires_at < now - KEEP_USED)),
        delete(Attempt).where(
            Attempt.failed_at < now - KEEP_ATTEMPTS, or_(Attempt.locked_until.is_(None), Attempt.locked_until < now)
        ),
        delete(ApiToken).where(ApiToken.expires_at < now - KEEP_TOKENS),
    )
    return sum([getattr(await session.execute(one), "rowcount", 0) for one in ended])


async def attempt(session: AsyncSession, subject: bytes) -> Attempt | None:
    found: Attempt | None = await session.scalar(
        select(Attempt).where(Attempt.subject == subject).execution_options(populate_existing=True)
    )
    return found


async def count_failure(session: AsyncSession, subject: bytes, policy: Policy) -> tuple[int, bool]:
    """Counts a failure at once for all processes. Returns how many in a row, and whether this one locked."""
    wait_s = func.least(
        policy.lock_longest_s, policy.lock_first_s * func.power(2, Attempt.failed_count + 1 - policy.lock_after)
    )
    locked = case(
        (Attempt.failed_count + 1 >= policy.lock_for_good_after, func.now() + _FOR_GOOD),
        (
            Attempt.failed_count + 1 >= policy.lock_after,
            func.now() + func.make_interval(0, 0, 0, 0, 0, 0, wait_s, type_=Interval()),
        ),
        else_=None,
    )
    row = (
        await session.execute(
            insert(Attempt)
            .values(subject=subject, failed_count=1, failed_at=func.now())
            .on_conflict_do_update(
                index_elements=[Attempt.subject],
                set_={"failed_count": Attempt.failed_count + 1, "failed_at": func.now(), "locked_until": locked},
            )
            .returning(Attempt.failed_count, Attempt.locked_until)
        )
    ).one()
    return row.failed_count, row.locked_until is not None


async def clear_failures(session: AsyncSession, subjects: Iterable[bytes]) -> None:
    await session.execute(delete(Attempt).where(Attempt.subject.in_(list(subjects))))
