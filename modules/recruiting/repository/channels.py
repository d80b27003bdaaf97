"""Channels, agencies with their people, and batches."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from modules.recruiting.models import Agency, AgencyMember, Application, Batch, Channel, Job


async def channels(session: AsyncSession) -> Sequence[Channel]:
    return (await session.scalars(select(Channel).order_by(Channel.active.desc(), Channel.kind, Channel.name))).all()


async def channel(session: AsyncSession, channel_id: UUID) -> Channel | None:
    return await session.get(Channel, channel_id)


async def applications_by_channel(session: AsyncSession) -> dict[UUID, int]:
    query = select(Application.channel_id, func.count()).group_by(Application.channel_id)
    rows = await session.execute(query.where(Application.channel_id.is_not(None)))
    return {channel_id: count for channel_id, count in rows if channel_id is not None}


async def agencies(session: AsyncSession) -> Sequence[Agency]:
    return (await session.scalars(select(Agency).order_by(Agency.active.desc(), Agency.name))).all()


async def agency(session: AsyncSession, agency_id: UUID) -> Agency | None:
    return await session.get(Agency, agency_id)


async def members(session: AsyncSession, agency_id: UUID | None = None) -> Sequence[AgencyMember]:
    query = select(AgencyMember).order_by(AgencyMember.active.desc(), AgencyMember.created_at)
    return (
        await session.scalars(query if agency_id is None else query.where(AgencyMember.agency_id == agency_id))
    ).all()


async def member_by_mail(session: AsyncSession, mail: str) -> AgencyMember | None:
    return await session.scalar(select(AgencyMember).where(AgencyMember.mail.matches(mail)))


async def member(session: AsyncSession, member_id: UUID) -> AgencyMember | None:
    return await session.get(AgencyMember, member_id)


async def jobs_of_agency(session: AsyncSession, agency_id: UUID) -> Sequence[Job]:
    """Those it may propose people for and that are not over."""
    query = select(Job).where(Job.agency_ids.contains([agency_id]), Job.state != "closed").order_by(Job.number)
    return (await session.scalars(query)).all()


async def living_jobs(session: AsyncSession) -> Sequence[Job]:
    return (await session.scalars(select(Job).where(Job.state != "closed").order_by(Job.number))).all()


async def applications_by_agency(session: AsyncSession) -> dict[UUID, int]:
    query = select(Application.agency_id, func.count()).group_by(Application.agency_id)
    rows = await session.execute(query.where(Application.agency_id.is_not(None)))
    return {agency_id: count for agency_id, count in rows if agency_id is not None}


async def batches(session: AsyncSession) -> Sequence[Batch]:
    return (await session.scalars(select(Batch).order_by(Batch.active.desc(), Batch.starts_on.desc()))).all()


async def batch(session: AsyncSession, batch_id: UUID) -> Batch | None:
    return await session.get(Batch, batch_id)


async def people_by_batch(session: AsyncSession) -> dict[UUID, int]:
    query = select(Application.batch_id, func.count()).group_by(Application.batch_id)
    rows = await session.execute(query.where(Application.batch_id.is_not(None)))
    return {batch_id: count for batch_id, count in rows if batch_id is not None}
