"""Candidates with what belongs to them, and the pool they are found in."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, cast, exists, func, literal, or_, select, update
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.ext.asyncio import AsyncSession

from modules.recruiting.models import (
    Application,
    Candidate,
    Channel,
    Consent,
    Job,
    Merge,
    Onboarding,
    Resume,
    TimelineEvent,
)
from modules.recruiting.repository.core import of_team
from modules.recruiting.rules import search

#: choices of cities and tags are taken from these newest people: asking all of them would cost more than the search
_RECENT: Final = 5000
MAX_EVENTS: Final = 500
LINE: Final = (
    Candidate.id,
    Candidate.name,
    Candidate.degree,
    Candidate.school,
    Candidate.major,
    Candidate.employer,
    Candidate.title,
    Candidate.years,
    Candidate.city,
    Candidate.tags,
    Candidate.pooled_at,
    Candidate.created_at,
    Channel.name.label("channel"),
)


def _theirs(member: UUID) -> ColumnElement[bool]:
    return exists().where(Application.candidate_id == Candidate.id, Application.job_id == Job.id, of_team(member))


def listed(member: UUID | None, *columns: Any) -> Select[Any]:
    """Everybody the reader may see; ``columns`` instead of a line's."""
    query: Any = select(*(columns or LINE)).select_from(Candidate).where(Candidate.merged_into_id.is_(None))
    if not columns:
        query = query.outerjoin(Channel, Channel.id == Candidate.channel_id)
    found: Select[Any] = query if member is None else query.where(_theirs(member))
    return found


def matching(text: str) -> ColumnElement[bool]:
    """True of people in whom everything of ``text`` is found; of nobody when there is nothing to look for."""
    terms = search.query_terms(text)
    return _holds(terms) if terms else Candidate.id.is_(None)


def _holds(terms: Sequence[str]) -> ColumnElement[bool]:
    """True of people whose lexemes have all of ``terms``."""
    quoted = ["'" + term.replace("\\", "\\\\").replace("'", "''") + "'" for term in terms]
    return Candidate.search.op("@@")(cast(literal(" & ".join(quoted)), TSQUERY))


#: from, to (years of work); the upper end belongs to the next
YEARS: Final[dict[str, tuple[float, float]]] = {"0": (0, 1), "1": (1, 3), "3": (3, 5), "5": (5, 10), "10": (10, 100)}


def years_between(key: str) -> ColumnElement[bool]:
    low, high = YEARS.get(key, (0, 100))
    return and_(Candidate.years >= low, Candidate.years < high)


def _of_channel(value: str) -> ColumnElement[bool]:
    """An id from an address that is none matches nobody."""
    try:
        return Candidate.channel_id == UUID(value)
    except ValueError:
        return Candidate.id.is_(None)


#: what the list of everybody, and a search that was saved, may be narrowed by
CONDITIONS: Final[dict[str, Callable[[str], ColumnElement[bool]]]] = {
    "degree": lambda value: and_(_holds(search.facets(degree=value)), Candidate.degree == value),
    "years": years_between,
    "city": lambda value: and_(_holds(search.facets(city=value)), Candidate.city == value),
    "tag": lambda value: Candidate.tags.contains([value]),
    "pool": lambda value: Candidate.pooled_at.is_not(None) if value == "in" else Candidate.pooled_at.is_(None),
    "channel": _of_channel,
}


async def count_since(
    session: AsyncSession, member: UUID | None, text: str, filters: Mapping[str, str], since: datetime
) -> int:
    """How many who match were added, or put into the pool, after ``since``."""
    query = listed(member, Candidate.id).where(or_(Candidate.created_at > since, Candidate.pooled_at > since))
    if text:
        query = query.where(matching(text))
    for key, value in filters.items():
        if key in CONDITIONS:
            query = query.where(CONDITIONS[key](value))
    return await session.scalar(select(func.count()).select_from(query.subquery())) or 0


async def applications(session: AsyncSession, candidate_id: UUID, member: UUID | None) -> list[tuple[Application, Job]]:
    """Newest first; of the reader's jobs alone unless the reader sees all."""
    query = (
        select(Application, Job)
        .join(Job, Job.id == Application.job_id)
        .where(Application.candidate_id == candidate_id)
        .order_by(Application.applied_at.desc(), Application.id)
    )
    rows = await session.execute(query if member is None else query.where(of_team(member)))
    return [(application, job) for application, job in rows]


async def events(
    session: AsyncSession, candidate_id: UUID, applications: Collection[UUID] | None
) -> Sequence[TimelineEvent]:
    """Newest first: what concerns the person, and what concerns these applications (None: all)."""
    query = select(TimelineEvent).where(TimelineEvent.candidate_id == candidate_id)
    if applications is not None:
        query = query.where(or_(TimelineEvent.application_id.is_(None), TimelineEvent.application_id.in_(applications)))
    return (
        await session.scalars(query.order_by(TimelineEvent.at.desc(), TimelineEvent.id.desc()).limit(MAX_EVENTS))
    ).all()


async def resumes(session: AsyncSession, candidate_id: UUID) -> Sequence[Resume]:
    query = select(Resume).where(Resume.candidate_id == candidate_id).order_by(Resume.created_at.desc())
    return (await session.scalars(query)).all()


async def by_ids(session: AsyncSession, ids: Collection[UUID], member: UUID | None) -> Sequence[Candidate]:
    query = select(Candidate).where(Candidate.id.in_(ids), Candidate.merged_into_id.is_(None)).order_by(Candidate.id)
    return (await session.scalars(query if member is None else query.where(_theirs(member)))).all()


async def merges(session: AsyncSession, candidate_id: UUID) -> Sequence[Merge]:
    """What was merged into this one and has not been parted again, newest first."""
    query = select(Merge).where(Merge.kept_id == candidate_id, Merge.undone_at.is_(None))
    return (await session.scalars(query.order_by(Merge.merged_at.desc()))).all()


async def cities(session: AsyncSession) -> Sequence[str]:
    recent = select(Candidate.city).order_by(Candidate.created_at.desc()).limit(_RECENT).subquery()
    query = select(recent.c.city).where(recent.c.city != "").group_by(recent.c.city)
    return (await session.scalars(query.order_by(func.count().desc(), recent.c.city).limit(60))).all()


async def tags(session: AsyncSession) -> Sequence[str]:
    """Those in use, most used first."""
    recent = select(Candidate.tags).order_by(Candidate.created_at.desc()).limit(_RECENT).subquery()
    used = select(func.unnest(recent.c.tags).label("tag")).subquery()
    query = select(used.c.tag).group_by(used.c.tag).order_by(func.count().desc(), used.c.tag).limit(100)
    return (await session.scalars(query)).all()


async def open_jobs(session: AsyncSession, member: UUID | None) -> Sequence[Job]:
    query = select(Job).where(Job.state.in_(("open", "paused"))).order_by(Job.title, Job.number)
    return (await session.scalars(query if member is None else query.where(of_team(member)))).all()


#: what belongs to a person and goes along when two are made one
BELONGINGS: Final = (Application, Resume, TimelineEvent, Consent, Onboarding)


async def locked(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, Candidate]:
    """Always in the same order: two who merge the same people wait for each other."""
    query = select(Candidate).where(Candidate.id.in_(ids)).order_by(Candidate.id).with_for_update()
    found = await session.scalars(query.execution_options(populate_existing=True))
    return {candidate.id: candidate for candidate in found}


async def hand_over(session: AsyncSession, giver: UUID, taker: UUID) -> dict[str, list[UUID]]:
    """All that belongs to ``giver`` becomes ``taker``'s: table -> ids of what moved."""
    moved: dict[str, list[UUID]] = {}
    for model in BELONGINGS:
        statement = update(model).where(model.candidate_id == giver).values(candidate_id=taker).returning(model.id)
        ids = (await session.scalars(statement.execution_options(synchronize_session=False))).all()
        moved[model.__tablename__] = list(ids)
    return moved


async def hand_back(session: AsyncSession, holder: UUID, owner: UUID, moved: Mapping[str, Collection[UUID]]) -> None:
    """What was moved and still is ``holder``'s becomes ``owner``'s again."""
    for model in BELONGINGS:
        if ids := moved.get(model.__tablename__):
            statement = update(model).where(model.candidate_id == holder, model.id.in_(ids)).values(candidate_id=owner)
            await session.execute(statement.execution_options(synchronize_session=False))


async def live_applications(session: AsyncSession, candidate_id: UUID) -> Sequence[Application]:
    query = select(Application).where(
        Application.candidate_id == candidate_id, Application.state.in_(("active", "set_aside", "on_hold"))
    )
    return (await session.scalars(query)).all()


async def applications_by_ids(session: AsyncSession, ids: Collection[UUID]) -> Sequence[Application]:
    query = select(Application).where(Application.id.in_(ids)).execution_options(populate_existing=True)
    return (await session.scalars(query)).all()


async def merge_of(session: AsyncSession, merge_id: UUID) -> Merge | None:
    return await session.get(Merge, merge_id, with_for_update=True)


async def channel(session: AsyncSession, channel_id: UUID) -> Channel | None:
    return await session.get(Channel, channel_id)
