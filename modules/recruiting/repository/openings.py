"""Requisitions, jobs in lists, and what stands behind a job."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final, NamedTuple
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from modules.recruiting.models import Application, Candidate, Headcount, Job, Requisition
from modules.recruiting.repository.core import Case, of_team

JOB_SHOWS: Final = ("open", "draft", "paused", "closed", "all")


class Wanted(NamedTuple):
    """What running and approved requisitions of a unit and position ask for, and how many of those were hired."""

    unit_id: UUID
    position_id: UUID | None
    asked: int
    hired: int


def requisitions(requester: UUID | None) -> Select[Requisition]:
    """All of them, or those one person asked for."""
    query = select(Requisition)
    return query if requester is None else query.where(Requisition.requester_id == requester)


async def requisition(
    session: AsyncSession, requisition_id: UUID, *, requester: UUID | None = None, lock: bool = False
) -> Requisition | None:
    query = requisitions(requester).where(Requisition.id == requisition_id)
    return await session.scalar(query.with_for_update() if lock else query)


async def jobs_of_requisition(session: AsyncSession, requisition_id: UUID) -> Sequence[Job]:
    return (await session.scalars(select(Job).where(Job.requisition_id == requisition_id).order_by(Job.number))).all()


def jobs(member: UUID | None, show: str = "all") -> Select[Job]:
    """Jobs in a state, all of them or those a person takes part in."""
    query = select(Job)
    if member is not None:
        query = query.where(of_team(member))
    return query if show == "all" else query.where(Job.state == show)


async def jobs_by_state(session: AsyncSession, member: UUID | None) -> dict[str, int]:
    """How many there are for each of ``JOB_SHOWS``."""
    query = select(Job.state, func.count()).group_by(Job.state)
    if member is not None:
        query = query.where(of_team(member))
    found = dict((await session.execute(query)).all())
    return {show: found.get(show, 0) for show in JOB_SHOWS[:-1]} | {"all": sum(found.values())}


async def people_by_kind(session: AsyncSession, job_ids: Collection[UUID]) -> dict[UUID, dict[str, int]]:
    """Job -> kind of stage -> people in it now; who was hired counts as "hired" wherever they stood."""
    if not job_ids:
        return {}
    rows = await session.execute(
        select(Application.job_id, Application.stage_kind, Application.state, func.count())
        .where(Application.job_id.in_(job_ids), Application.state.in_(("active", "on_hold", "hired")))
        .group_by(Application.job_id, Application.stage_kind, Application.state)
    )
    found: dict[UUID, dict[str, int]] = {}
    for job_id, kind, state, count in rows:
        kinds = found.setdefault(job_id, {})
        shown = "hired" if state == "hired" else kind
        kinds[shown] = kinds.get(shown, 0) + count
    return found


async def applications_by_state(session: AsyncSession, job_id: UUID) -> dict[str, int]:
    query = select(Application.state, func.count()).where(Application.job_id == job_id).group_by(Application.state)
    return dict((await session.execute(query)).all())


async def people_by_stage(session: AsyncSession, job_id: UUID) -> dict[str, int]:
    """Stage code -> applications that stand there, those that ended included: they may be restored."""
    query = select(Application.stage, func.count()).where(Application.job_id == job_id).group_by(Application.stage)
    return dict((await session.execute(query)).all())


async def people_by_stage_now(session: AsyncSession, job_id: UUID) -> dict[str, int]:
    """Stage code -> people in it who are being considered."""
    query = (
        select(Application.stage, func.count())
        .where(Application.job_id == job_id, Application.state.in_(("active", "on_hold")))
        .group_by(Application.stage)
    )
    return dict((await session.execute(query)).all())


async def cases(
    session: AsyncSession, job: Job, *, states: Collection[str] = (), kinds: Collection[str] = (), limit: int | None
) -> list[Case]:
    """Applications of a job with their people, newest first."""
    query = (
        select(Application, Candidate)
        .join(Candidate, Candidate.id == Application.candidate_id)
        .where(Application.job_id == job.id)
        .order_by(Application.applied_at.desc(), Application.id)
        .limit(limit)
    )
    if states:
        query = query.where(Application.state.in_(states))
    if kinds:
        query = query.where(Application.stage_kind.in_(kinds))
    return [Case(application, candidate, job) for application, candidate in (await session.execute(query))]


# ---- headcount


async def plans(session: AsyncSession, year: int) -> Sequence[Headcount]:
    return (await session.scalars(select(Headcount).where(Headcount.year == year))).all()


async def plan(session: AsyncSession, unit_id: UUID, position_id: UUID | None, year: int) -> Headcount | None:
    at = Headcount.position_id.is_(None) if position_id is None else Headcount.position_id == position_id
    return await session.scalar(select(Headcount).where(Headcount.unit_id == unit_id, Headcount.year == year, at))


async def wanted(session: AsyncSession) -> list[Wanted]:
    hired = (
        select(Job.requisition_id, func.count().label("count"))
        .join(Application, Application.job_id == Job.id)
        .where(Application.state == "hired")
        .group_by(Job.requisition_id)
        .subquery()
    )
    query = (
        select(
            Requisition.unit_id,
            Requisition.position_id,
            func.sum(Requisition.headcount),
            func.sum(func.least(func.coalesce(hired.c.count, 0), Requisition.headcount)),
        )
        .outerjoin(hired, hired.c.requisition_id == Requisition.id)
        .where(Requisition.state.in_(("pending", "approved")))
        .group_by(Requisition.unit_id, Requisition.position_id)
    )
    return [Wanted(*row) for row in (await session.execute(query))]
