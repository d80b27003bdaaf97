"""The board of a job: columns, counts and order."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, Select, func, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from modules.recruiting.models import Application, Candidate, Channel, Job, TimelineEvent
from modules.recruiting.repository.core import Case, of_team

#: order of a column: where people put it, then who has waited longest
ORDER: Final = (Application.rank, Application.stage_since, Application.id)
_CARD: Final = (
    Application.id,
    Application.version,
    Application.candidate_id,
    Application.stage,
    Application.stage_since,
    Application.applied_at,
    Application.state,
    Application.reason,
    Application.ended_at,
    Application.findings,
    Candidate.name,
    Candidate.degree,
    Candidate.school,
    Candidate.employer,
    Candidate.title,
    Candidate.years,
    Candidate.city,
    Candidate.tags,
    Channel.name.label("channel"),
)


def cards() -> Select[Any]:
    """What a card or a line of the list shows; nothing that is sealed."""
    query: Any = (
        select(*_CARD)
        .select_from(Application)
        .join(Candidate, Candidate.id == Application.candidate_id)
        .outerjoin(Channel, Channel.id == Application.channel_id)
    )
    found: Select[Any] = query
    return found


def listed(job_id: UUID, states: Collection[str]) -> Select[Any]:
    return cards().where(Application.job_id == job_id, Application.state.in_(states))


def applicants(job_id: UUID, states: Collection[str], stage: str = "") -> Select[Any]:
    """Applications with their candidates; of one stage where it is named."""
    query: Any = select(Application, Candidate).join(Candidate, Candidate.id == Application.candidate_id)
    query = query.where(Application.job_id == job_id, Application.state.in_(states))
    found: Select[Any] = query.where(Application.stage == stage) if stage else query
    return found


async def counts(session: AsyncSession, job_id: UUID) -> tuple[dict[str, int], dict[str, int]]:
    """How many are active in each stage, and how many applications there are in each state."""
    rows = await session.execute(
        select(Application.state, Application.stage, func.count())
        .where(Application.job_id == job_id)
        .group_by(Application.state, Application.stage)
    )
    stages: dict[str, int] = {}
    states: dict[str, int] = {}
    for state, stage, number in rows:
        states[state] = states.get(state, 0) + number
        if state == "active":
            stages[stage] = stages.get(stage, 0) + number
    return stages, states


async def first_of_columns(session: AsyncSession, job_id: UUID, limit: int) -> Sequence[Row[Any]]:
    """The first ``limit`` active cards of every stage, in order."""
    place = func.row_number().over(partition_by=Application.stage, order_by=ORDER).label("place")
    active = select(Application.id, place).where(Application.job_id == job_id, Application.state == "active").subquery()
    chosen = select(active.c.id).where(active.c.place <= limit)
    return await _rows(session, cards().where(Application.id.in_(chosen)).order_by(*ORDER))


async def following(session: AsyncSession, job_id: UUID, stage: str, after: UUID, limit: int) -> Sequence[Row[Any]]:
    """The cards of a column that come after one of it; where that one left meanwhile, after where it stands."""
    place = select(*ORDER).where(Application.id == after, Application.job_id == job_id).subquery()
    query = (
        cards()
        .where(Application.job_id == job_id, Application.state == "active", Application.stage == stage)
        .where(tuple_(*ORDER) > select(place.c.rank, place.c.stage_since, place.c.id).scalar_subquery())
    )
    return await _rows(session, query.order_by(*ORDER).limit(limit))


async def _rows(session: AsyncSession, query: Select[Any]) -> list[Row[Any]]:
    return list(await session.execute(query))


async def card(session: AsyncSession, application_id: UUID) -> Row[Any]:
    row: Row[Any] = (await session.execute(cards().where(Application.id == application_id))).one()
    return row


async def hold_board(session: AsyncSession, job_id: UUID) -> None:
    """Until the transaction ends nobody else changes this board: those who push each other's cards would deadlock."""
    key = func.hashtextextended(func.concat(func.current_schema(), "board", str(job_id)), 0)
    await session.execute(select(func.pg_advisory_xact_lock(key)))


async def make_room(session: AsyncSession, job_id: UUID, stage: str, before: UUID) -> int | None:
    """Moves what stands ahead of the card ``before`` up, and answers the rank of the gap; None when it is not there.

    Versions stay: nobody's card was changed, only what stands above it."""
    place = (
        await session.execute(
            select(*ORDER).where(
                Application.id == before,
                Application.job_id == job_id,
                Application.stage == stage,
                Application.state == "active",
            )
        )
    ).one_or_none()
    if place is None:
        return None
    await session.execute(
        update(Application)
        .where(Application.job_id == job_id, Application.stage == stage, Application.state == "active")
        .where(tuple_(*ORDER) < tuple_(*place))
        .values(rank=Application.rank - 2)
        .execution_options(synchronize_session=False)
    )
    rank: int = place.rank
    return rank - 1


async def last_rank(session: AsyncSession, job_id: UUID, stage: str) -> int:
    query = select(func.max(Application.rank)).where(Application.job_id == job_id, Application.state == "active")
    return await session.scalar(query.where(Application.stage == stage)) or 0


async def cases(session: AsyncSession, ids: Collection[UUID], *, member: UUID | None) -> Sequence[Case]:
    """Those of ``ids`` that ``member`` may act upon, locked, in an order that is always the same."""
    query = (
        select(Application, Candidate, Job)
        .join(Candidate, Candidate.id == Application.candidate_id)
        .join(Job, Job.id == Application.job_id)
        .where(Application.id.in_(ids))
        .order_by(Application.id)
        .with_for_update(of=Application)
        .execution_options(populate_existing=True)
    )
    if member is not None:
        query = query.where(of_team(member))
    return [Case(*row) for row in await session.execute(query)]


async def jobs_of(session: AsyncSession, ids: Collection[UUID]) -> Sequence[UUID]:
    """The jobs these applications are for, in an order that is always the same."""
    query = select(Application.job_id).where(Application.id.in_(ids)).distinct().order_by(Application.job_id)
    return (await session.scalars(query)).all()


async def last_touch(session: AsyncSession, application_id: UUID) -> str:
    """Who did something with an application last; empty when nobody is known."""
    query = select(TimelineEvent.actor_name).where(TimelineEvent.application_id == application_id)
    return await session.scalar(query.order_by(TimelineEvent.at.desc(), TimelineEvent.id.desc()).limit(1)) or ""


async def channels(session: AsyncSession) -> Sequence[Channel]:
    return (await session.scalars(select(Channel).order_by(Channel.name))).all()
