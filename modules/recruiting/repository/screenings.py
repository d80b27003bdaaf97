"""What runs of the screening rules left behind."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from modules.recruiting.models import Application, Candidate, Job, TimelineEvent
from modules.recruiting.repository.core import Case

_RUN = TimelineEvent.data["run"].astext


async def decided_by_people(session: AsyncSession, application_ids: Collection[UUID]) -> set[UUID]:
    """Applications that a person brought back, and no run."""
    if not application_ids:
        return set()
    query = select(TimelineEvent.application_id).where(
        TimelineEvent.application_id.in_(application_ids), TimelineEvent.kind == "restored", _RUN.is_(None)
    )
    return {found for found in (await session.scalars(query)).all() if found is not None}


async def last_run(session: AsyncSession, job_id: UUID) -> list[tuple[TimelineEvent, Case]]:
    """What the last run on everybody that still holds said, with the applications; empty when there is none."""
    of_job = (
        select(TimelineEvent)
        .join(Application, Application.id == TimelineEvent.application_id)
        .where(
            Application.job_id == job_id,
            TimelineEvent.kind == "screened",
            _RUN.is_not(None),
            TimelineEvent.data["undone"].astext.is_(None),
        )
    )
    last = await session.scalar(of_job.order_by(TimelineEvent.at.desc()).limit(1))
    if last is None:
        return []
    query = (
        select(TimelineEvent, Application, Candidate, Job)
        .join(Application, Application.id == TimelineEvent.application_id)
        .join(Candidate, Candidate.id == Application.candidate_id)
        .join(Job, Job.id == Application.job_id)
        .where(Application.job_id == job_id, TimelineEvent.kind == "screened", last.data["run"] == _RUN)
        .with_for_update(of=Application)
    )
    return [(row[0], Case(row[1], row[2], row[3])) for row in (await session.execute(query)).all()]
