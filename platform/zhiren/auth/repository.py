"""Every query of log-ins, sessions and roles."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Double, Interval, Row, bindparam, case, delete, func, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from zhiren.auth.models import Attempt, Recovery, Role, RoleGrant, Session, User, UserRole
from zhiren.auth.policy import Policy

_FOR_GOOD: Final = timedelta(days=3650)


def _seconds(name: str) -> ColumnElement[timedelta]:
    return func.make_interval(0, 0, 0, 0, 0, 0, bindparam(name, type_=Double()), type_=Interval())


_GRANTS: Final = (
    select(
        func.coalesce(
            func.jsonb_agg(func.jsonb_build_array(RoleGrant.permission, RoleGrant.scope, UserRole.unit_ids)),
            text("'[]'::jsonb"),
        )
    )
    .select_from(UserRole)
    .join(RoleGrant, RoleGrant.role_id == UserRole.role_id)
    .where(UserRole.user_id == User.id)
    .scalar_subquery()
)

_ROLES: Final = (
    select(func.coalesce(func.array_agg(Role.code), text("'{}'::text[]")))
    .select_from(UserRole)
    .join(Role, Role.id == UserRole.role_id)
    .where(UserRole.user_id == User.id)
    .scalar_subquery()
)

_SESSION: Final = (
    select(
        Session.id,
        Session.user_id,
        Session.authenticated_at,
        User.name,
        User.employee_id,
        (Session.last_seen_at < func.now() - _seconds("touch_s")).label("stale"),
        _GRANTS.label("grants"),
        _ROLES.label("roles"),
    )
    .join(User, User.id == Session.user_id)
    .where(
        Session.token_hash == bindparam("token_hash"),
        Session.stage == "full",
        Session.expires_at > func.now(),
        Session.last_seen_at > func.now() - _seconds("idle_s"),
        User.status == "active",
    )
)

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
    """Session, user and every grant in one query; None when any of them has ended."""
    found = await session.execute(_SESSION, {"token_hash": token_hash, "idle_s": idle_s, "touch_s": touch_s})
    return found.one_or_none()


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


# ---- tries


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


# ---- users


async def user_by_login(session: AsyncSession, login: str) -> User | None:
    found: User | None = await session.scalar(select(User).where(User.login == login))
    return found


async def user_by_id(session: AsyncSession, user_id: UUID) -> User | None:
    return await session.get(User, user_id)


async def note_login(session: AsyncSession, user_id: UUID) -> None:
    await session.execute(
        update(User)
        .where(User.id == user_id)
        .values(last_login_at=func.now())
        .execution_options(synchronize_session=False)
    )


async def take_totp_step(session: AsyncSession, user_id: UUID, step: int) -> bool:
    """Marks a code as used. False when it, or a later one, was used before."""
    taken = await session.execute(
        update(User)
        .where(User.id == user_id, User.totp_last_step < step)
        .values(totp_last_step=step)
        .returning(User.id)
        .execution_options(synchronize_session=False)
    )
    return taken.first() is not None


async def take_recovery(
    session: AsyncSession, secret_hash: bytes, *, kind: str, user_id: UUID | None = None
) -> UUID | None:
    """Uses up a recovery code or link; returns whose it was. None when it is unknown, used or over."""
    using = (
        update(Recovery)
        .where(
            Recovery.secret_hash == secret_hash,
            Recovery.kind == kind,
            Recovery.used_at.is_(None),
            or_(Recovery.expires_at.is_(None), Recovery.expires_at > func.now()),
        )
        .values(used_at=func.now())
        .returning(Recovery.user_id)
        .execution_options(synchronize_session=False)
    )
    if user_id is not None:
        using = using.where(Recovery.user_id == user_id)
    found: UUID | None = await session.scalar(using)
    return found


async def recovery_owner(session: AsyncSession, secret_hash: bytes) -> User | None:
    """Whose link this is, while it may still be used."""
    found: User | None = await session.scalar(
        select(User)
        .join(Recovery, Recovery.user_id == User.id)
        .where(
            Recovery.secret_hash == secret_hash,
            Recovery.kind == "link",
            Recovery.used_at.is_(None),
            Recovery.expires_at > func.now(),
            User.status == "active",
        )
    )
    return found


async def replace_recovery(session: AsyncSession, user_id: UUID, kind: str, rows: Iterable[Recovery]) -> None:
    await session.execute(delete(Recovery).where(Recovery.user_id == user_id, Recovery.kind == kind))
    session.add_all(rows)
    await session.flush()


async def recovery_codes_left(session: AsyncSession, user_id: UUID) -> int:
    return (
        await session.scalar(
            select(func.count())
            .select_from(Recovery)
            .where(Recovery.user_id == user_id, Recovery.kind == "code", Recovery.used_at.is_(None))
        )
        or 0
    )


# ---- roles


async def roles_by_code(session: AsyncSession, codes: Iterable[str]) -> dict[str, Role]:
    rows = await session.scalars(select(Role).where(Role.code.in_(list(codes))))
    return {role.code: role for role in rows}


async def grants_of_role(session: AsyncSession, role_id: UUID) -> dict[str, str]:
    rows = await session.execute(select(RoleGrant.permission, RoleGrant.scope).where(RoleGrant.role_id == role_id))
    return {row.permission: row.scope for row in rows}


async def replace_grants(session: AsyncSession, role_id: UUID, grants: dict[str, str]) -> None:
    await session.execute(delete(RoleGrant).where(RoleGrant.role_id == role_id))
    if grants:
        await session.execute(
            insert(RoleGrant), [{"role_id": role_id, "permission": p, "scope": s} for p, s in grants.items()]
        )


async def assignments(session: AsyncSession, user_id: UUID) -> list[tuple[Role, frozenset[UUID]]]:
    """Roles of a person, with the roots of their subtrees."""
    rows = await session.execute(
        select(Role, UserRole.unit_ids).join(UserRole, UserRole.role_id == Role.id).where(UserRole.user_id == user_id)
    )
    return [(role, frozenset(units)) for role, units in rows]


async def replace_assignments(session: AsyncSession, user_id: UUID, rows: Iterable[UserRole]) -> None:
    await session.execute(delete(UserRole).where(UserRole.user_id == user_id))
    session.add_all(rows)
    await session.flush()


async def holds_role(session: AsyncSession, user_id: UUID | None, role_id: UUID) -> bool:
    if user_id is None:
        return False
    found = await session.scalar(
        select(UserRole.user_id).where(UserRole.user_id == user_id, UserRole.role_id == role_id)
    )
    return found is not None


async def users_with_role(session: AsyncSession, role_id: UUID) -> int:
    return await session.scalar(select(func.count()).select_from(UserRole).where(UserRole.role_id == role_id)) or 0


async def lock_roles(session: AsyncSession) -> None:
    """One change of rights at a time: two people cannot each remove the other as the last administrator."""
    await session.execute(select(Role.id).where(Role.code == "admin").with_for_update())


async def administrator_remains(session: AsyncSession, permissions: Sequence[str]) -> bool:
    """Whether an active person holds all of ``permissions`` for everyone."""
    holder = (
        select(User.id)
        .join(UserRole, UserRole.user_id == User.id)
        .join(RoleGrant, RoleGrant.role_id == UserRole.role_id)
        .where(User.status == "active", RoleGrant.scope == "all", RoleGrant.permission.in_(permissions))
        .group_by(User.id)
        .having(func.count(RoleGrant.permission.distinct()) == len(permissions))
        .limit(1)
    )
    return (await session.execute(holder)).first() is not None
