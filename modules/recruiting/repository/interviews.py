"""Queries of interviews, times to choose from, panels and scorecards."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from modules.recruiting.models import Application, Candidate, Interview, Job, Panelist, Slot
from modules.recruiting.repository.core import of_team


class Meeting(NamedTuple):
    """An interview with whom and what it is about."""

    interview: Interview
    application: Application
    candidate: Candidate
    job: Job


async def meeting(session: AsyncSession, interview_id: UUID, *, lock: bool = False) -> Meeting | None:
    query = (
        select(Interview, Application, Candidate, Job)
        .join(Application, Application.id == Interview.application_id)
        .join(Candidate, Candidate.id == Application.candidate_id)
        .join(Job, Job.id == Application.job_id)
        .where(Interview.id == interview_id)
    )
    if lock:
        query = query.with_for_update(of=Interview)
    row = (await session.execute(query)).one_or_none()
    return None if row is None else Meeting(*row)


async def interviews_of(session: AsyncSession, application_id: UUID) -> Sequence[Interview]:
    """In the order they were planned."""
    return (
        await session.scalars(
            select(Interview).where(Interview.application_id == application_id).order_by(Interview.created_at)
        )
    ).all()


async def interviews_by(session: AsyncSession, application_ids: Collection[UUID]) -> dict[UUID, list[Interview]]:
    """By application, each in the order they were planned."""
    found: dict[UUID, list[Interview]] = {application_id: [] for application_id in application_ids}
    query = select(Interview).where(Interview.application_id.in_(application_ids)).order_by(Interview.created_at)
    for interview in await session.scalars(query):
        found[interview.application_id].append(interview)
    return found


async def panel(session: AsyncSession, interview_ids: Collection[UUID]) -> Sequence[Panelist]:
    if not interview_ids:
        return []
    query = select(Panelist).where(Panelist.interview_id.in_(interview_ids))
    return (await session.scalars(query.order_by(Panelist.interview_id, Panelist.role.desc(), Panelist.id))).all()


async def panelist(session: AsyncSession, interview_id: UUID, user_id: UUID) -> Panelist | None:
    return await session.scalar(
        select(Panelist).where(Panelist.interview_id == interview_id, Panelist.user_id == user_id)
    )


async def mine(session: AsyncSession, user_id: UUID, since: datetime) -> Sequence[Meeting]:
    """What a person is on the panel of: everything from ``since`` on, and what still wants a scorecard."""
    query = (
        select(Interview, Application, Candidate, Job)
        .join(Panelist, Panelist.interview_id == Interview.id)
        .join(Application, Application.id == Interview.application_id)
        .join(Candidate, Candidate.id == Application.candidate_id)
        .join(Job, Job.id == Application.job_id)
        .where(
            Panelist.user_id == user_id,
            Interview.state.in_(("booked", "done")),
            or_(Interview.starts_at >= since, Panelist.submitted_at.is_(None)),
        )
        .order_by(Interview.starts_at)
        .limit(200)
    )
    return [Meeting(*row) for row in await session.execute(query)]


async def between(
    session: AsyncSession, start: datetime, end: datetime, *, member: UUID | None = None
) -> Sequence[Meeting]:
    """Booked interviews that begin within the time, of the jobs somebody hires for."""
    query = (
        select(Interview, Application, Candidate, Job)
        .join(Application, Application.id == Interview.application_id)
        .join(Candidate, Candidate.id == Application.candidate_id)
        .join(Job, Job.id == Application.job_id)
        .where(
            Interview.starts_at >= start, Interview.starts_at < end, Interview.state.in_(("booked", "done", "no_show"))
        )
        .order_by(Interview.starts_at)
        .limit(1000)
    )
    if member is not None:
        query = query.where(of_team(member))
    return [Meeting(*row) for row in await session.execute(query)]


# ---- times to choose from


async def choices(session: AsyncSession, interview: Interview, job_id: UUID, now: datetime) -> Sequence[Slot]:
    """Times that this interview may still take: proposed to it alone, or open to its round."""
    query = select(Slot).where(
        Slot.job_id == job_id,
        Slot.round == interview.round,
        or_(Slot.proposed_to_id == interview.id, Slot.proposed_to_id.is_(None)),
        Slot.interview_id.is_(None),
        ~Slot.withdrawn,
        Slot.starts_at > now,
    )
    return (await session.scalars(query.order_by(Slot.starts_at, Slot.id).limit(400))).all()


async def take_slot(session: AsyncSession, slot_id: UUID, interview: Interview, now: datetime) -> Slot | None:
    """The slot, taken for ``interview``; None when somebody else has it, or it may not be taken (any more).

    Whoever comes second waits for the first to commit and then finds it taken.
    """
    own = select(Application.job_id).where(Application.id == interview.application_id).scalar_subquery()
    query = (
        update(Slot)
        .where(
            Slot.id == slot_id,
            # the times of another job are not theirs, whatever the round is called there
            Slot.job_id == own,
            Slot.round == interview.round,
            or_(Slot.proposed_to_id == interview.id, Slot.proposed_to_id.is_(None)),
            Slot.interview_id.is_(None),
            ~Slot.withdrawn,
            Slot.starts_at > now,
        )
        .values(interview_id=interview.id, taken_at=now)
        .returning(Slot)
        .execution_options(populate_existing=True)
    )
    return await session.scalar(query)


async def same_time(session: AsyncSession, slot_id: UUID, interview: Interview) -> UUID | None:
    """Another place at the very time of ``slot_id``, open to the same round, that nobody has or is about to take."""
    wanted = select(Slot.job_id, Slot.starts_at).where(Slot.id == slot_id).subquery()
    query = (
        select(Slot.id)
        .where(Slot.job_id == wanted.c.job_id, Slot.starts_at == wanted.c.starts_at, Slot.round == interview.round)
        .where(Slot.proposed_to_id.is_(None), Slot.interview_id.is_(None), ~Slot.withdrawn)
        .limit(1)
        .with_for_update(of=Slot, skip_locked=True)
    )
    return await session.scalar(query)


async def release_slots(session: AsyncSession, interview_id: UUID, *, for_good: bool = False) -> None:
    """Gives back what an interview holds; ``for_good`` also takes back the times proposed to it alone."""
    await session.execute(
        update(Slot).where(Slot.interview_id == interview_id).values(interview_id=None, taken_at=None)
    )
    if for_good:
        await session.execute(update(Slot).where(Slot.proposed_to_id == interview_id).values(withdrawn=True))


async def open_slots(session: AsyncSession, job_id: UUID, now: datetime) -> Sequence[Slot]:
    """Times open to all of a round, taken ones included, from now on."""
    query = select(Slot).where(
        Slot.job_id == job_id, Slot.proposed_to_id.is_(None), ~Slot.withdrawn, Slot.starts_at > now
    )
    return (await session.scalars(query.order_by(Slot.starts_at, Slot.id).limit(1000))).all()


# ---- reminders and the queue of a hiring day


async def unreminded(session: AsyncSession, start: datetime, end: datetime) -> Sequence[UUID]:
    query = select(Interview.id).where(
        Interview.state == "booked",
        Interview.starts_at >= start,
        Interview.starts_at < end,
        Interview.reminded_at.is_(None),
    )
    return (await session.scalars(query.limit(500))).all()


async def next_queue_number(session: AsyncSession, day: date) -> int:
    """Locks the day's queue until the transaction ends."""
    lock = func.hashtextextended(func.current_schema() + f"recruiting queue {day}", 0)
    await session.execute(select(func.pg_advisory_xact_lock(lock)))
    last = await session.scalar(select(func.max(Interview.queue_number)).where(Interview.queue_day == day))
    return (last or 0) + 1


async def queue(session: AsyncSession, day: date, *, member: UUID | None = None) -> Sequence[Meeting]:
    """Everybody with a number of the day, of the jobs somebody hires for."""
    query = (
        select(Interview, Application, Candidate, Job)
        .join(Application, Application.id == Interview.application_id)
        .join(Candidate, Candidate.id == Application.candidate_id)
        .join(Job, Job.id == Application.job_id)
        .where(Interview.queue_day == day)
        .order_by(Interview.queue_number)
    )
    if member is not None:
        query = query.where(of_team(member))
    return [Meeting(*row) for row in await session.execute(query)]


async def next_waiting(session: AsyncSession, day: date, *, member: UUID | None = None) -> Interview | None:
    """Who is to be called next; two desks that call at once get two people."""
    query = (
        select(Interview)
        .join(Application, Application.id == Interview.application_id)
        .join(Job, Job.id == Application.job_id)
        .where(Interview.queue_day == day, Interview.queue_state == "waiting")
        .order_by(Interview.queue_number)
        .limit(1)
        .with_for_update(of=Interview, skip_locked=True)
    )
    if member is not None:
        query = query.where(of_team(member))
    return await session.scalar(query)


async def waiting_before(session: AsyncSession, day: date, number: int) -> int:
    """How many are called before this number."""
    query = select(func.count()).where(
        Interview.queue_day == day, Interview.queue_state == "waiting", Interview.queue_number < number
    )
    return await session.scalar(query) or 0
