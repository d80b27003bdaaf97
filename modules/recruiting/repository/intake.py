"""Résumés that were taken in: batches, their files, and those that are nobody's."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from modules.recruiting.models import Candidate, Job, Resume
from modules.recruiting.repository.core import of_team

#: of one page of what came by mail
MAIL_ROWS = 50


class Line(NamedTuple):
    """One file of a batch with whose it is; both None as long as that is not known."""

    resume: Resume
    candidate: Candidate | None


class Batch(NamedTuple):
    id: UUID
    files: int
    #: neither taken in nor refused yet
    waiting: int
    #: taken in, for a person to say whose it is
    unclear: int
    refused: int
    begun_at: datetime
    job: Job | None


async def lines(session: AsyncSession, batch_id: UUID) -> Sequence[Line]:
    query = (
        select(Resume, Candidate)
        .outerjoin(Candidate, Candidate.id == Resume.candidate_id)
        .where(Resume.batch_id == batch_id)
        .order_by(Resume.created_at, Resume.id)
    )
    return [Line(resume, candidate) for resume, candidate in await session.execute(query)]


async def mailed(session: AsyncSession) -> Sequence[Line]:
    """What came by mail, newest first."""
    query = (
        select(Resume, Candidate)
        .outerjoin(Candidate, Candidate.id == Resume.candidate_id)
        .where(Resume.source == "mail")
        .order_by(Resume.created_at.desc(), Resume.id.desc())
    )
    return [Line(resume, candidate) for resume, candidate in await session.execute(query.limit(MAIL_ROWS))]


async def batches(session: AsyncSession, added_by: UUID | None, limit: int = 10) -> Sequence[Batch]:
    """The newest uploads, of one person or (None) of everybody."""
    what = Resume.outcome["what"].astext
    query = (
        select(
            Resume.batch_id,
            func.count(),
            func.count().filter(Resume.state == "waiting"),
            func.count().filter(what == "unclear", Resume.candidate_id.is_(None)),
            func.count().filter(what == "refused"),
            func.min(Resume.created_at),
            Job,
        )
        .outerjoin(Job, Job.id == Resume.job_id)
        .where(Resume.batch_id.is_not(None), Resume.source == "upload")
        .group_by(Resume.batch_id, Job.id)
        .order_by(func.min(Resume.created_at).desc())
        .limit(limit)
    )
    if added_by is not None:
        query = query.where(Resume.added_by == added_by)
    found = await session.execute(query)
    return [
        Batch(batch, files, waiting, unclear, refused, begun_at, job)
        for batch, files, waiting, unclear, refused, begun_at, job in found
        if batch is not None
    ]


async def waiting(session: AsyncSession, batch_id: UUID) -> Sequence[UUID]:
    query = select(Resume.id).where(Resume.batch_id == batch_id, Resume.state == "waiting")
    return (await session.scalars(query.order_by(Resume.created_at, Resume.id))).all()


async def size(session: AsyncSession, batch_id: UUID) -> int:
    return await session.scalar(select(func.count()).where(Resume.batch_id == batch_id)) or 0


async def owners(session: AsyncSession, batch_id: UUID) -> set[UUID | None]:
    """Who sent files of a batch."""
    return set(await session.scalars(select(Resume.added_by).where(Resume.batch_id == batch_id).distinct()))


async def in_batch(session: AsyncSession, batch_id: UUID, digest: bytes) -> Resume | None:
    query = select(Resume).where(Resume.batch_id == batch_id, Resume.digest_bidx == digest)
    return await session.scalar(query)


async def twin(session: AsyncSession, digest: bytes, job_id: UUID | None, but: UUID) -> Resume | None:
    """The first taking-in of the same file for the same job (or for none) that was not refused, in another batch."""
    query = select(Resume).where(
        Resume.digest_bidx == digest,
        Resume.job_id.is_not_distinct_from(job_id),
        or_(Resume.batch_id != but, Resume.batch_id.is_(None)),
        Resume.state != "failed",
    )
    return await session.scalar(query.order_by(Resume.created_at, Resume.id).limit(1))


async def locked(session: AsyncSession, resume_id: UUID) -> Resume | None:
    query = select(Resume).where(Resume.id == resume_id).with_for_update()
    return await session.scalar(query.execution_options(populate_existing=True))


async def one_by_one(session: AsyncSession) -> None:
    """Who decides whose a résumé is waits for who decides the same: one person twice in two batches is one person."""
    await session.execute(
        select(func.pg_advisory_xact_lock(func.hashtextextended(func.current_schema() + Resume.__tablename__, 0)))
    )


async def resume(session: AsyncSession, resume_id: UUID) -> Resume | None:
    return await session.get(Resume, resume_id)


async def job_by_number(session: AsyncSession, number: str) -> Job | None:
    return await session.scalar(select(Job).where(func.upper(Job.number) == number.upper()))


async def mine(session: AsyncSession, job_id: UUID, member: UUID) -> bool:
    return await session.scalar(select(Job.id).where(Job.id == job_id, of_team(member))) is not None


async def taken(session: AsyncSession, mail_id: str) -> bool:
    """Whether a mail of this Message-ID was taken in before."""
    return await session.scalar(select(Resume.id).where(Resume.mail_id == mail_id).limit(1)) is not None


async def unclaimed(session: AsyncSession, before: datetime) -> Sequence[Resume]:
    """Nobody's since before a moment."""
    query = select(Resume).where(Resume.candidate_id.is_(None), Resume.created_at < before)
    return (await session.scalars(query.order_by(Resume.id).limit(200).with_for_update(skip_locked=True))).all()
