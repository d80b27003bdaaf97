"""Queries of offers and of onboarding."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from modules.recruiting.models import Application, Candidate, Job, Offer, Onboarding, Task
from modules.recruiting.repository.core import of_team

LIVE = ("draft", "pending", "approved", "sent", "accepted")


class Proposal(NamedTuple):
    """An offer with whom and what it is for."""

    offer: Offer
    application: Application
    candidate: Candidate
    job: Job


class Arrival(NamedTuple):
    """An onboarding with the offer it follows from."""

    onboarding: Onboarding
    offer: Offer
    candidate: Candidate
    job: Job


async def proposal(
    session: AsyncSession, offer_id: UUID, *, member: UUID | None = None, lock: bool = False
) -> Proposal | None:
    query = (
        select(Offer, Application, Candidate, Job)
        .join(Application, Application.id == Offer.application_id)
        .join(Candidate, Candidate.id == Application.candidate_id)
        .join(Job, Job.id == Application.job_id)
        .where(Offer.id == offer_id)
    )
    if member is not None:
        query = query.where(of_team(member))
    if lock:
        query = query.with_for_update(of=Offer)
    row = (await session.execute(query)).one_or_none()
    return None if row is None else Proposal(*row)


async def live_offer(session: AsyncSession, application_id: UUID) -> Offer | None:
    return await session.scalar(select(Offer).where(Offer.application_id == application_id, Offer.state.in_(LIVE)))


async def offers_of(session: AsyncSession, candidate_id: UUID) -> Sequence[Offer]:
    """Newest first, of all the candidate's applications."""
    query = select(Offer).join(Application, Application.id == Offer.application_id)
    query = query.where(Application.candidate_id == candidate_id).order_by(Offer.created_at.desc())
    return (await session.scalars(query)).all()


async def proposals(session: AsyncSession, *, member: UUID | None = None) -> Sequence[Proposal]:
    query = (
        select(Offer, Application, Candidate, Job)
        .join(Application, Application.id == Offer.application_id)
        .join(Candidate, Candidate.id == Application.candidate_id)
        .join(Job, Job.id == Application.job_id)
        .order_by(Offer.created_at.desc())
        .limit(300)
    )
    if member is not None:
        query = query.where(of_team(member))
    return [Proposal(*row) for row in await session.execute(query)]


async def overdue(session: AsyncSession, now: datetime) -> Sequence[Proposal]:
    query = (
        select(Offer, Application, Candidate, Job)
        .join(Application, Application.id == Offer.application_id)
        .join(Candidate, Candidate.id == Application.candidate_id)
        .join(Job, Job.id == Application.job_id)
        .where(Offer.state == "sent", Offer.expires_at <= now)
        .with_for_update(of=Offer, skip_locked=True)
        .limit(500)
    )
    return [Proposal(*row) for row in await session.execute(query)]


# ---- onboarding


def _arrivals() -> Any:
    query: Any = (
        select(Onboarding, Offer, Candidate, Job)
        .join(Offer, Offer.id == Onboarding.offer_id)
        .join(Candidate, Candidate.id == Onboarding.candidate_id)
        .join(Application, Application.id == Onboarding.application_id)
        .join(Job, Job.id == Application.job_id)
    )
    return query


async def arrival(session: AsyncSession, onboarding_id: UUID, *, lock: bool = False) -> Arrival | None:
    query = _arrivals().where(Onboarding.id == onboarding_id)
    if lock:
        query = query.with_for_update(of=Onboarding)
    row = (await session.execute(query)).one_or_none()
    return None if row is None else Arrival(*row)


async def arrivals(session: AsyncSession, *, since: date) -> Sequence[Arrival]:
    """Who is still to come, and who was to come since a day."""
    query = _arrivals().where((Onboarding.state.in_(("preparing", "ready"))) | (Onboarding.start_on >= since))
    return [Arrival(*row) for row in await session.execute(query.order_by(Onboarding.start_on).limit(500))]


async def arrival_of(session: AsyncSession, candidate_id: UUID) -> Arrival | None:
    """The candidate's latest."""
    query = _arrivals().where(Onboarding.candidate_id == candidate_id)
    row = (await session.execute(query.order_by(Onboarding.created_at.desc()).limit(1))).one_or_none()
    return None if row is None else Arrival(*row)


async def tasks(session: AsyncSession, onboarding_id: UUID) -> Sequence[Task]:
    query = select(Task).where(Task.onboarding_id == onboarding_id, Task.state != "dropped")
    return (await session.scalars(query.order_by(Task.sort, Task.id))).all()


async def task(session: AsyncSession, task_id: UUID) -> Task | None:
    return await session.get(Task, task_id, with_for_update=True)


async def open_tasks(session: AsyncSession, onboarding_ids: Sequence[UUID]) -> dict[UUID, int]:
    """How many required tasks are not done, by onboarding."""
    if not onboarding_ids:
        return {}
    query = (
        select(Task.onboarding_id, func.count())
        .where(Task.onboarding_id.in_(onboarding_ids), Task.required, Task.state.not_in(("done", "dropped")))
        .group_by(Task.onboarding_id)
    )
    return {row[0]: row[1] for row in await session.execute(query)}
