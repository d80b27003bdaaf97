"""Times open to all of a round, and who may be asked to choose from them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import CursorResult, exists, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from modules.recruiting.models import Application, Candidate, Interview, Job, Slot
from modules.recruiting.repository.core import Case


async def of_round(session: AsyncSession, job_id: UUID, code: str, now: datetime) -> Sequence[tuple[Slot, str]]:
    """Those to come, with the name of who took each."""
    query = (
        select(Slot, Candidate.name)
        .outerjoin(Interview, Interview.id == Slot.interview_id)
        .outerjoin(Application, Application.id == Interview.application_id)
        .outerjoin(Candidate, Candidate.id == Application.candidate_id)
        .where(Slot.job_id == job_id, Slot.round == code, Slot.proposed_to_id.is_(None), ~Slot.withdrawn)
        .where(Slot.starts_at > now)
        .order_by(Slot.starts_at, Slot.id)
        .limit(1000)
    )
    return [(row[0], row[1] or "") for row in await session.execute(query)]


async def overlapping(
    session: AsyncSession, start: datetime, end: datetime, panel: Collection[UUID], room_id: UUID | None
) -> Sequence[Slot]:
    """Open times of any job that the same people, or the same room, are promised to."""
    same = Slot.panel_ids.overlap(list(panel))
    query = select(Slot).where(
        Slot.proposed_to_id.is_(None),
        ~Slot.withdrawn,
        Slot.starts_at < end,
        Slot.ends_at > start,
        or_(same, Slot.room_id == room_id) if room_id else same,
    )
    return (await session.scalars(query)).all()


async def withdraw(session: AsyncSession, job_id: UUID, slot_ids: Collection[UUID]) -> int:
    """Takes back those of the job that nobody has taken; answers how many."""
    result = await session.execute(
        update(Slot)
        .where(Slot.id.in_(slot_ids), Slot.job_id == job_id, Slot.proposed_to_id.is_(None))
        .where(Slot.interview_id.is_(None), ~Slot.withdrawn)
        .values(withdrawn=True)
        .execution_options(synchronize_session=False)
    )
    assert isinstance(result, CursorResult)
    return result.rowcount


async def to_invite(session: AsyncSession, job_id: UUID, code: str) -> Sequence[Case]:
    """Who is in the running and has no interview of the round yet, in the order of applying."""
    met = exists().where(
        Interview.application_id == Application.id,
        Interview.round == code,
        Interview.state.in_(("proposed", "booked", "done")),
    )
    query = (
        select(Application, Candidate, Job)
        .join(Candidate, Candidate.id == Application.candidate_id)
        .join(Job, Job.id == Application.job_id)
        .where(Application.job_id == job_id, Application.state == "active", ~met)
        .where(Application.stage_kind.in_(("new", "screening", "interview")))
        .order_by(Application.applied_at, Application.id)
        .limit(500)
    )
    return [Case(*row) for row in await session.execute(query)]
