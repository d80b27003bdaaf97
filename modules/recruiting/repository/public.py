"""Queries of the career site and of the candidates' portal."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from modules.recruiting.models import Application, Candidate, Channel, Consent, Interview, Job, TimelineEvent


def _open(day: date) -> ColumnElement[bool]:
    return (Job.state == "open") & or_(Job.closes_on.is_(None), Job.closes_on >= day)


async def open_jobs(
    session: AsyncSession, day: date, *, text: str = "", city: str = "", mode: str = ""
) -> Sequence[Job]:
    """Listed jobs that take applications, newest first, at most 500."""
    query = select(Job).where(_open(day), Job.listed)
    if text:
        like = f"%{text.replace('%', '').replace('_', '')}%"
        query = query.where(or_(Job.title.ilike(like), Job.duties.ilike(like), Job.requirements.ilike(like)))
    if city:
        query = query.where(Job.city == city)
    if mode:
        query = query.where(Job.hire_mode == mode)
    return (await session.scalars(query.order_by(Job.opened_on.desc(), Job.number.desc()).limit(500))).all()


async def cities(session: AsyncSession, day: date) -> Sequence[str]:
    query = select(Job.city).where(_open(day), Job.listed, Job.city != "").distinct().order_by(Job.city)
    return (await session.scalars(query)).all()


async def channel_by_code(session: AsyncSession, code: str) -> Channel | None:
    return await session.scalar(select(Channel).where(Channel.code == code, Channel.active))


async def count_visit(session: AsyncSession, channel_id: UUID) -> None:
    await session.execute(
        update(Channel)
        .where(Channel.id == channel_id)
        .values(visits=Channel.visits + 1)
        .execution_options(synchronize_session=False)
    )


async def by_address(session: AsyncSession, address: str) -> Sequence[Candidate]:
    """Candidates reached at a mobile number or mail address, who acted last first."""
    reached = Candidate.mail.matches(address) if "@" in address else Candidate.mobile.matches(address)
    query = select(Candidate).where(reached, Candidate.merged_into_id.is_(None))
    return (await session.scalars(query.order_by(Candidate.keep_until.desc(), Candidate.created_at.desc()))).all()


async def applications_of(session: AsyncSession, candidate_id: UUID) -> Sequence[tuple[Application, Job]]:
    query = select(Application, Job).join(Job, Job.id == Application.job_id)
    query = query.where(Application.candidate_id == candidate_id).order_by(Application.applied_at.desc())
    return [(row[0], row[1]) for row in await session.execute(query)]


async def interviews_of(session: AsyncSession, candidate_id: UUID) -> Sequence[Interview]:
    query = select(Interview).join(Application, Application.id == Interview.application_id)
    query = query.where(Application.candidate_id == candidate_id).order_by(Interview.created_at)
    return (await session.scalars(query)).all()


async def consents(session: AsyncSession, candidate_id: UUID) -> Sequence[Consent]:
    query = select(Consent).where(Consent.candidate_id == candidate_id).order_by(Consent.given_at)
    return (await session.scalars(query)).all()


async def events(session: AsyncSession, candidate_id: UUID) -> Sequence[TimelineEvent]:
    query = select(TimelineEvent).where(TimelineEvent.candidate_id == candidate_id).order_by(TimelineEvent.at)
    return (await session.scalars(query)).all()


async def surveyed(session: AsyncSession, candidate_id: UUID) -> set[UUID]:
    """The candidate's applications that were judged by themselves already."""
    query = select(TimelineEvent.application_id)
    query = query.where(TimelineEvent.candidate_id == candidate_id, TimelineEvent.kind == "survey")
    return {one for one in await session.scalars(query) if one is not None}
