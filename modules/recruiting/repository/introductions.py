"""Who was brought by whom: agencies and colleagues."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from modules.recruiting.models import (
    Agency,
    AgencyMember,
    Application,
    Candidate,
    Channel,
    Interview,
    Job,
    Onboarding,
    TimelineEvent,
)
from modules.recruiting.repository.core import Case


async def one_at_a_time(session: AsyncSession) -> None:
    """Who brings people waits for the others to commit: the same person is not new twice."""
    lock = func.hashtextextended(func.current_schema() + "recruiting introductions", 0)
    await session.execute(select(func.pg_advisory_xact_lock(lock)))


async def member(session: AsyncSession, member_id: UUID) -> tuple[AgencyMember, Agency] | None:
    """A person of an agency with the agency, as long as both may come in."""
    query = select(AgencyMember, Agency).join(Agency, Agency.id == AgencyMember.agency_id)
    row = (await session.execute(query.where(AgencyMember.id == member_id, _welcome()))).one_or_none()
    return None if row is None else (row[0], row[1])


async def members_by_mail(session: AsyncSession, mail: str) -> Sequence[AgencyMember]:
    query = select(AgencyMember).join(Agency, Agency.id == AgencyMember.agency_id)
    return (await session.scalars(query.where(AgencyMember.mail.matches(mail), _welcome()))).all()


def _welcome() -> ColumnElement[bool]:
    return AgencyMember.active & Agency.active


def _takes(day: date) -> ColumnElement[bool]:
    return (Job.state == "open") & or_(Job.closes_on.is_(None), Job.closes_on >= day)


async def jobs_of_agency(session: AsyncSession, agency_id: UUID, day: date) -> Sequence[Job]:
    """Those that take people now and were opened to the agency."""
    query = select(Job).where(_takes(day), Job.agency_ids.contains([agency_id]))
    return (await session.scalars(query.order_by(Job.opened_on.desc(), Job.number.desc()).limit(500))).all()


async def brought_by_agency(session: AsyncSession, agency_id: UUID) -> Sequence[Case]:
    """Newest first, at most 1,000."""
    return await _cases(session, Application.agency_id == agency_id)


async def channel_of(session: AsyncSession, kind: str) -> Channel | None:
    """The oldest channel of a kind that is in use."""
    query = select(Channel).where(Channel.kind == kind, Channel.active).order_by(Channel.id).limit(1)
    return await session.scalar(query)


async def _cases(session: AsyncSession, *conditions: ColumnElement[bool]) -> Sequence[Case]:
    query = (
        select(Application, Candidate, Job)
        .join(Candidate, Candidate.id == Application.candidate_id)
        .join(Job, Job.id == Application.job_id)
        .where(*conditions)
        .order_by(Application.applied_at.desc(), Application.id)
        .limit(1000)
    )
    return [Case(*row) for row in await session.execute(query)]


# ---- colleagues who recommend


async def recommended(session: AsyncSession, referrer_id: UUID | None = None) -> Sequence[Case]:
    """By one colleague, or by all who are promised something."""
    if referrer_id is not None:
        return await _cases(session, Application.referrer_id == referrer_id)
    return await _cases(session, Application.referrer_id.is_not(None), Application.reward_state == "promised")


async def referral_events(session: AsyncSession, application_ids: Collection[UUID]) -> Sequence[TimelineEvent]:
    """What was promised and paid, in order."""
    query = select(TimelineEvent).where(
        TimelineEvent.application_id.in_(application_ids), TimelineEvent.kind == "referral"
    )
    return (await session.scalars(query.order_by(TimelineEvent.at, TimelineEvent.id))).all()


async def interviewed_at(session: AsyncSession, application_ids: Collection[UUID]) -> dict[UUID, datetime]:
    """When the first interview that took place was."""
    query = (
        select(Interview.application_id, func.min(func.coalesce(Interview.starts_at, Interview.created_at)))
        .where(Interview.application_id.in_(application_ids), Interview.state == "done")
        .group_by(Interview.application_id)
    )
    return {row[0]: row[1] for row in await session.execute(query)}


async def arrivals(session: AsyncSession, application_ids: Collection[UUID]) -> dict[UUID, Onboarding]:
    """Those who came on the first day."""
    query = select(Onboarding).where(Onboarding.application_id.in_(application_ids), Onboarding.state == "joined")
    return {row.application_id: row for row in await session.scalars(query)}
