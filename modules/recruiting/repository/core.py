"""Jobs, candidates and applications, one at a time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, exists, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from modules.recruiting.models import Application, Candidate, Job, Offer, Requisition
from zhiren.clock import today

LIVE = ("active", "set_aside", "on_hold")


class Case(NamedTuple):
    """One application with what it is about."""

    application: Application
    candidate: Candidate
    job: Job


def of_team(user_id: UUID) -> ColumnElement[bool]:
    """Jobs a person owns, hires for or recruits for."""
    return or_(Job.owner_id == user_id, Job.manager_id == user_id, Job.recruiter_ids.contains([user_id]))


async def job(session: AsyncSession, job_id: UUID, *, member: UUID | None = None) -> Job | None:
    query = select(Job).where(Job.id == job_id)
    if member is not None:
        query = query.where(of_team(member))
    return await session.scalar(query)


async def job_by_slug(session: AsyncSession, slug: str) -> Job | None:
    return await session.scalar(select(Job).where(Job.slug == slug))


async def candidate(session: AsyncSession, candidate_id: UUID, *, member: UUID | None = None) -> Candidate | None:
    query = select(Candidate).where(Candidate.id == candidate_id)
    if member is not None:
        theirs = exists().where(Application.candidate_id == Candidate.id, Application.job_id == Job.id, of_team(member))
        query = query.where(theirs)
    return await session.scalar(query)


async def case(
    session: AsyncSession, application_id: UUID, *, member: UUID | None = None, lock: bool = False
) -> Case | None:
    query = (
        select(Application, Candidate, Job)
        .join(Candidate, Candidate.id == Application.candidate_id)
        .join(Job, Job.id == Application.job_id)
        .where(Application.id == application_id)
    )
    if member is not None:
        query = query.where(of_team(member))
    if lock:
        query = query.with_for_update(of=Application)
    row = (await session.execute(query)).one_or_none()
    return None if row is None else Case(*row)


async def live_application(session: AsyncSession, candidate_id: UUID, job_id: UUID) -> Application | None:
    return await session.scalar(
        select(Application).where(
            Application.candidate_id == candidate_id, Application.job_id == job_id, Application.state.in_(LIVE)
        )
    )


async def same_people(
    session: AsyncSession, *, mobile: str = "", mail: str = "", name: str = "", school: str = ""
) -> Sequence[Candidate]:
    """Who may be the same person: by mobile, by mail, or by name with school; surest first, at most 20."""
    sure: list[ColumnElement[bool]] = []
    if mobile:
        sure.append(Candidate.mobile.matches(mobile))
    if mail:
        sure.append(Candidate.mail.matches(mail))
    likely = [(Candidate.name == name) & (Candidate.school == school)] if name and school else []
    if not sure and not likely:
        return []
    query = select(Candidate).where(or_(*sure, *likely), Candidate.merged_into_id.is_(None))
    if sure:
        query = query.order_by(or_(*sure).desc(), Candidate.created_at)
    return (await session.scalars(query.limit(20))).all()


async def set_search(session: AsyncSession, candidate_id: UUID, terms: Sequence[str]) -> None:
    await session.execute(
        update(Candidate)
        .where(Candidate.id == candidate_id)
        .values(search=func.array_to_tsvector(list(terms)))
        .execution_options(synchronize_session=False)
    )


async def next_number(session: AsyncSession, prefix: str, model: type[Job] | type[Requisition] | type[Offer]) -> str:
    """``R2026-0001`` and so on. Two who ask at once wait for each other until the first commits."""
    await session.execute(
        select(func.pg_advisory_xact_lock(func.hashtextextended(func.current_schema() + model.__tablename__, 0)))
    )
    start = f"{prefix}{today().year}-"
    last = await session.scalar(select(func.max(model.number)).where(model.number.startswith(start)))
    return f"{start}{int(last.rsplit('-', 1)[1]) + 1 if last else 1:04d}"
