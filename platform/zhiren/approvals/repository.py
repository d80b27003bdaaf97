"""Every query of approvals."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from zhiren.approvals.models import Case, Delegation, Flow, FlowVersion, Task
from zhiren.auth.models import User

MANY = 200


async def one_at_a_time(session: AsyncSession, kind: str, subject_id: UUID) -> None:
    """Until the transaction ends, nobody else starts a case about this."""
    await session.execute(
        select(func.pg_advisory_xact_lock(func.hashtextextended(f"approvals {kind} {subject_id}", 0)))
    )


async def cases_about(session: AsyncSession, kind: str, subject_id: UUID) -> Sequence[Case]:
    """Oldest first."""
    query = select(Case).where(Case.kind == kind, Case.subject_id == subject_id)
    return (await session.scalars(query.order_by(Case.id))).all()


async def latest_case(session: AsyncSession, kind: str, subject_id: UUID) -> Case | None:
    """The running one, else the newest."""
    query = (
        select(Case)
        .where(Case.kind == kind, Case.subject_id == subject_id)
        .order_by((Case.state == "running").desc(), Case.id.desc())
        .limit(1)
    )
    found: Case | None = await session.scalar(query)
    return found


async def case(session: AsyncSession, case_id: UUID) -> Case | None:
    found: Case | None = await session.scalar(select(Case).where(Case.id == case_id))
    return found


async def locked_case(session: AsyncSession, case_id: UUID) -> Case | None:
    """The case as it is now; other signers wait until this transaction ends."""
    query = select(Case).where(Case.id == case_id).with_for_update().execution_options(populate_existing=True)
    found: Case | None = await session.scalar(query)
    return found


async def case_id_of(session: AsyncSession, task_id: UUID) -> UUID | None:
    found: UUID | None = await session.scalar(select(Task.case_id).where(Task.id == task_id))
    return found


async def tasks(session: AsyncSession, case_id: UUID) -> Sequence[Task]:
    """In order, as they are in the database now."""
    await session.flush()
    query = (
        select(Task)
        .where(Task.case_id == case_id)
        .order_by(Task.stage, Task.step, Task.lane, Task.turn, Task.id)
        .execution_options(populate_existing=True)
    )
    return (await session.scalars(query)).all()


def _theirs(user_id: UUID, roles: Collection[str]) -> ColumnElement[bool]:
    """Tasks that this person may sign."""
    by_role = and_(
        Task.role != "",
        Task.role.in_(list(roles)),
        or_(Case.requested_by_id.is_distinct_from(user_id), Case.own_request),
    )
    return or_(Task.signer_id == user_id, Task.principal_id == user_id, by_role)


async def waiting(session: AsyncSession, user_id: UUID, roles: Collection[str]) -> Sequence[Row[*tuple[Any, ...]]]:
    """(task, case) that wait for this person, the oldest first."""
    query = (
        select(Task, Case)
        .join(Case, Case.id == Task.case_id)
        .where(Task.state == "waiting", _theirs(user_id, roles))
        .order_by(Task.waiting_since, Task.id)
        .limit(MANY)
    )
    return (await session.execute(query)).all()


async def waiting_count(session: AsyncSession, user_id: UUID, roles: Collection[str]) -> int:
    query = (
        select(func.count())
        .select_from(Task)
        .join(Case, Case.id == Task.case_id)
        .where(Task.state == "waiting", _theirs(user_id, roles))
    )
    return await session.scalar(query) or 0


async def acted(session: AsyncSession, user_id: UUID) -> Sequence[Row[*tuple[Any, ...]]]:
    query = (
        select(Task, Case)
        .join(Case, Case.id == Task.case_id)
        .where(Task.acted_by_id == user_id)
        .order_by(Task.acted_at.desc(), Task.id)
        .limit(MANY)
    )
    return (await session.execute(query)).all()


async def requested(session: AsyncSession, user_id: UUID) -> Sequence[Case]:
    query = select(Case).where(Case.requested_by_id == user_id).order_by(Case.id.desc()).limit(MANY)
    return (await session.scalars(query)).all()


async def overdue(session: AsyncSession, now: datetime) -> Sequence[Row[*tuple[Any, ...]]]:
    """(task id, case id) whose time to sign is over."""
    query = (
        select(Task.id, Task.case_id)
        .join(Case, Case.id == Task.case_id)
        .where(Task.state == "waiting", Task.escalate_at <= now, Case.state == "running")
        .order_by(Task.escalate_at)
        .limit(MANY)
    )
    return (await session.execute(query)).all()


# ---- flows


async def flow(session: AsyncSession, kind: str) -> Flow | None:
    found: Flow | None = await session.scalar(select(Flow).where(Flow.kind == kind))
    return found


async def flows(session: AsyncSession) -> dict[str, tuple[int, bool]]:
    """By kind: the number in force, 0 for none, and whether a draft is being drawn."""
    newest = func.coalesce(func.max(FlowVersion.number), 0)
    query = (
        select(Flow.kind, newest, Flow.draft.is_not(None))
        .outerjoin(FlowVersion, FlowVersion.flow_id == Flow.id)
        .group_by(Flow.id)
    )
    return {kind: (number, draft) for kind, number, draft in await session.execute(query)}


async def one_flow_at_a_time(session: AsyncSession, kind: str) -> None:
    """Until the transaction ends, nobody else draws or publishes this flow."""
    await session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"approvals flow {kind}", 0))))


async def versions(session: AsyncSession, kind: str) -> Sequence[FlowVersion]:
    """The newest first."""
    query = (
        select(FlowVersion)
        .join(Flow, Flow.id == FlowVersion.flow_id)
        .where(Flow.kind == kind)
        .order_by(FlowVersion.number.desc())
    )
    return (await session.scalars(query)).all()


async def newest_version(session: AsyncSession, kind: str) -> FlowVersion | None:
    query = (
        select(FlowVersion)
        .join(Flow, Flow.id == FlowVersion.flow_id)
        .where(Flow.kind == kind)
        .order_by(FlowVersion.number.desc())
        .limit(1)
    )
    found: FlowVersion | None = await session.scalar(query)
    return found


async def version_number(session: AsyncSession, version_id: UUID | None) -> int:
    if version_id is None:
        return 0
    return await session.scalar(select(FlowVersion.number).where(FlowVersion.id == version_id)) or 0


async def running_by_kind(session: AsyncSession) -> dict[str, int]:
    query = select(Case.kind, func.count()).where(Case.state == "running").group_by(Case.kind)
    return {row[0]: row[1] for row in await session.execute(query)}


# ---- who is away


async def delegation_on(session: AsyncSession, user_id: UUID, day: date) -> Delegation | None:
    query = (
        select(Delegation)
        .where(
            Delegation.user_id == user_id,
            Delegation.starts_on <= day,
            Delegation.ends_on >= day,
            Delegation.revoked_at.is_(None),
        )
        .order_by(Delegation.id.desc())
        .limit(1)
    )
    found: Delegation | None = await session.scalar(query)
    return found


async def delegations(session: AsyncSession, user_id: UUID, since: date) -> Sequence[Delegation]:
    """Own ones that are not over."""
    query = (
        select(Delegation)
        .where(Delegation.user_id == user_id, Delegation.ends_on >= since, Delegation.revoked_at.is_(None))
        .order_by(Delegation.starts_on)
    )
    return (await session.scalars(query)).all()


async def delegation(session: AsyncSession, delegation_id: UUID) -> Delegation | None:
    found: Delegation | None = await session.scalar(select(Delegation).where(Delegation.id == delegation_id))
    return found


async def waiting_of(session: AsyncSession, user_id: UUID) -> Sequence[Row[*tuple[Any, ...]]]:
    """(task id, case id) that wait for this person by name."""
    query = select(Task.id, Task.case_id).where(Task.state == "waiting", Task.signer_id == user_id).order_by(Task.id)
    return (await session.execute(query)).all()


async def absent_signers(session: AsyncSession, day: date) -> Sequence[UUID]:
    """Those for whom something waits and who are away on ``day`` or can log in no more."""
    gone = select(User.id).where(User.status != "active")
    away = select(Delegation.user_id).where(
        Delegation.starts_on <= day, Delegation.ends_on >= day, Delegation.revoked_at.is_(None)
    )
    query = (
        select(Task.signer_id)
        .where(Task.state == "waiting", or_(Task.signer_id.in_(gone), Task.signer_id.in_(away)))
        .distinct()
    )
    return [found for found in await session.scalars(query) if found is not None]
