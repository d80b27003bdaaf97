"""Counts over applications. Everything begins with the cohort: who applied in the months asked for."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime, time
from typing import Any, Final
from uuid import UUID

import msgspec
from sqlalchemy import CTE, ColumnElement, Double, Subquery, case, cast, extract, func, null, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from modules.recruiting.models import Application, Candidate, Channel, Interview, Job, Onboarding, Panelist
from modules.recruiting.models import TimelineEvent as Event
from modules.recruiting.repository.core import of_team
from modules.recruiting.shapes import STAGE_KINDS
from zhiren.clock import CHINA

_ZONE: Final = "Asia/Shanghai"
#: of one page of people
PEOPLE: Final = 500
HIRED: Final = STAGE_KINDS.index("hired")


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """Who applied from ``since`` until before ``until``. ``member`` limits to the jobs of one's own."""

    since: date
    until: date
    job_id: UUID | None = None
    channel_id: UUID | None = None
    unit_ids: tuple[UUID, ...] = ()
    member: UUID | None = None


class Those(msgspec.Struct, frozen=True, kw_only=True):
    """Which of the cohort stand behind one figure; what is None does not narrow.

    ``left`` is a kind of stage that was left. That, ``hour``, ``weekday`` and ``interviewer`` count stays and
    interviews: somebody stands there once for each. ``employed``: hired, and in records.
    """

    reached: int | None = None
    month: str | None = None
    job_id: UUID | None = None
    channel_id: UUID | None = None
    no_channel: bool | None = None
    employed: bool | None = None
    stage: str | None = None
    reason: str | None = None
    score: int | None = None
    hour: int | None = None
    weekday: int | None = None
    interviewer: UUID | None = None
    left: str | None = None

    @property
    def meetings(self) -> bool:
        return self.hour is not None or self.weekday is not None or self.interviewer is not None


def _step(kind: Any) -> ColumnElement[int]:
    return case({name: index for index, name in enumerate(STAGE_KINDS)}, value=kind, else_=0)


def cohort(choice: Choice) -> CTE:
    """One row for each application. ``reached`` is the furthest kind of stage it ever stood in; hired is who is so
    now, since a move by mistake hires nobody."""
    steps = (
        select(
            Event.application_id, func.max(func.least(_step(Event.data["stage_kind"].astext), HIRED - 1)).label("far")
        )
        .where(Event.kind.in_(("applied", "moved")), Event.application_id.is_not(None))
        .group_by(Event.application_id)
        .subquery()
    )
    hired = or_(Application.state == "hired", (Application.stage_kind == "hired") & (Application.state == "active"))
    now = func.least(_step(Application.stage_kind), HIRED - 1)
    applied = func.timezone(_ZONE, Application.applied_at)
    query = (
        select(
            Application.id,
            Application.candidate_id,
            Application.job_id,
            Application.channel_id,
            Application.state,
            Application.stage_kind,
            Application.reason,
            Application.applied_at,
            func.to_char(applied, "YYYY-MM").label("month"),
            case((hired, HIRED), else_=func.greatest(now, func.coalesce(steps.c.far, 0))).label("reached"),
            case((hired, func.coalesce(Application.ended_at, Application.stage_since))).label("hired_at"),
        )
        .join(Job, Job.id == Application.job_id)
        .outerjoin(steps, steps.c.application_id == Application.id)
        .where(
            Application.applied_at >= datetime.combine(choice.since, time(), CHINA),
            Application.applied_at < datetime.combine(choice.until, time(), CHINA),
        )
    )
    if choice.member is not None:
        query = query.where(of_team(choice.member))
    if choice.job_id is not None:
        query = query.where(Application.job_id == choice.job_id)
    if choice.channel_id is not None:
        query = query.where(Application.channel_id == choice.channel_id)
    if choice.unit_ids:
        query = query.where(Job.unit_id.in_(choice.unit_ids))
    return query.cte("cohort")


async def funnel(session: AsyncSession, people: CTE, by: str | None = None) -> dict[Any, list[int]]:
    """Key of the column ``by`` -> how many reached each kind of stage or one beyond it."""
    counts = [func.count().filter(people.c.reached >= step) for step in range(len(STAGE_KINDS))]
    key: ColumnElement[Any] = people.c[by] if by else null()
    query: Any = select(key, *counts)
    if by:
        query = query.group_by(key).order_by(key)
    return {row[0]: list(row[1:]) for row in await session.execute(query.select_from(people))}


def _quartiles(days: Any) -> list[Any]:
    return [func.percentile_cont(part).within_group(days) for part in (0.25, 0.5, 0.75)]


def _days(later: Any, earlier: Any) -> Any:
    return cast(extract("epoch", later - earlier) / 86400, Double())


def _stays(people: CTE) -> Subquery:
    """One row for each stay that has ended, with its days and when it was left."""
    following = func.lead(Event.at).over(partition_by=Event.application_id, order_by=(Event.at, Event.id))
    steps = (
        select(
            Event.application_id,
            Event.kind,
            Event.data["stage_kind"].astext.label("stage"),
            following.label("until"),
            _days(following, Event.at).label("days"),
        )
        .join(people, people.c.id == Event.application_id)
        .where(Event.kind.in_(("applied", "moved", "rejected", "withdrew", "hired")))
        .subquery()
    )
    return select(steps).where(steps.c.kind.in_(("applied", "moved")), steps.c.days.is_not(None)).subquery()


async def stage_days(session: AsyncSession, people: CTE) -> dict[str, tuple[int, float, float, float]]:
    """Kind of stage -> how many stays ended, and the quartiles of their days; who still stands there is left out."""
    stays = _stays(people)
    query: Any = select(stays.c.stage, func.count(), *_quartiles(stays.c.days)).group_by(stays.c.stage)
    rows: Sequence[Any] = (await session.execute(query)).all()
    return {row[0]: (row[1], row[2], row[3], row[4]) for row in rows}


async def hire_days(session: AsyncSession, people: CTE) -> dict[UUID, tuple[int, float, float, float]]:
    """Job -> hires, and the quartiles of the days from applying."""
    query: Any = (
        select(people.c.job_id, func.count(), *_quartiles(_days(people.c.hired_at, people.c.applied_at)))
        .where(people.c.reached == HIRED)
        .group_by(people.c.job_id)
    )
    rows: Sequence[Any] = (await session.execute(query)).all()
    return {row[0]: (row[1], row[2], row[3], row[4]) for row in rows}


async def hires(session: AsyncSession, people: CTE) -> Sequence[Any]:
    """(application, channel, employee) of who was hired and is in records."""
    query = select(people.c.id, people.c.channel_id, Onboarding.employee_id)
    query = query.join(Onboarding, Onboarding.application_id == people.c.id)
    return (await session.execute(query.where(people.c.reached == HIRED, Onboarding.employee_id.is_not(None)))).all()


def _judged() -> tuple[ColumnElement[bool], ...]:
    """Scorecards of interviews whose scorecards are all in: before that nobody may learn another's verdict, not from
    sums either."""
    other = aliased(Panelist)
    waiting = (
        select(other.id)
        .where(other.interview_id == Interview.id, other.role != "observer", other.submitted_at.is_(None))
        .exists()
    )
    return (Interview.state == "done", Panelist.verdict.is_not(None), Panelist.role != "observer", ~waiting)


async def verdicts(session: AsyncSession, people: CTE) -> Sequence[Any]:
    """(application, interview, user, verdict) of scorecards that may be told of."""
    query = (
        select(Interview.application_id, Panelist.interview_id, Panelist.user_id, Panelist.verdict)
        .join(Interview, Interview.id == Panelist.interview_id)
        .join(people, people.c.id == Interview.application_id)
        .where(*_judged())
    )
    return (await session.execute(query)).all()


def _hour() -> ColumnElement[int]:
    return extract("hour", func.timezone(_ZONE, Interview.starts_at))


def _weekday() -> ColumnElement[int]:
    return extract("isodow", func.timezone(_ZONE, Interview.starts_at))


def _due() -> tuple[ColumnElement[bool], ...]:
    """Interviews whose hour has come, whoever turned up."""
    return (Interview.state.in_(("done", "no_show")), Interview.starts_at.is_not(None))


async def shows(session: AsyncSession, people: CTE, by: str) -> dict[int, tuple[int, int, int]]:
    """Hour of the day or weekday (1 is Monday) -> interviews due, those that took place, and of these whose candidate
    came beyond interviews."""
    unit = _hour() if by == "hour" else _weekday()
    done = Interview.state == "done"
    beyond = people.c.reached > STAGE_KINDS.index("interview")
    query = (
        select(unit, func.count(), func.count().filter(done), func.count().filter(done & beyond))
        .join(people, people.c.id == Interview.application_id)
        .where(*_due())
        .group_by(unit)
        .order_by(unit)
    )
    return {int(row[0]): (row[1], row[2], row[3]) for row in await session.execute(query)}


async def ended(session: AsyncSession, people: CTE) -> Sequence[Any]:
    """(stage kind, reason, how many): rejected and withdrawn."""
    key = (people.c.stage_kind, people.c.reason)
    query = select(*key, func.count()).where(people.c.state.in_(("rejected", "withdrawn"))).group_by(*key)
    return (await session.execute(query.order_by(_step(people.c.stage_kind), func.count().desc()))).all()


async def scores(session: AsyncSession, people: CTE) -> dict[int, int]:
    """Score 1 to 5 that candidates gave -> how many."""
    score = Event.data["score"].as_integer()
    query = select(score, func.count()).join(people, people.c.id == Event.application_id)
    rows = await session.execute(query.where(Event.kind == "survey").group_by(score))
    return {row[0]: row[1] for row in rows if row[0] is not None}


async def job_titles(session: AsyncSession, member: UUID | None) -> dict[UUID, str]:
    query = select(Job.id, Job.title, Job.number).order_by(Job.number.desc())
    rows = await session.execute(query if member is None else query.where(of_team(member)))
    return {row.id: f"{row.title} {row.number}" for row in rows}


async def channels(session: AsyncSession) -> Sequence[Channel]:
    return (await session.scalars(select(Channel).order_by(Channel.name))).all()


async def people(session: AsyncSession, choice: Choice, those: Those, only: Collection[UUID] | None) -> Sequence[Any]:
    """Who stands behind a figure, newest first, at most ``PEOPLE`` and one more. ``at``: of that interview or stay."""
    found = cohort(choice)
    stays = _stays(found) if those.left is not None else None
    at: Any = stays.c.until if stays is not None else Interview.starts_at if those.meetings else null()
    query: Any = (
        select(
            found.c.id, found.c.candidate_id, found.c.stage_kind, found.c.state, found.c.applied_at, found.c.channel_id,
            Candidate.name, Job.title.label("job"), at.label("at"),
        )
        .join(Candidate, Candidate.id == found.c.candidate_id)
        .join(Job, Job.id == found.c.job_id)
    )  # fmt: skip
    if stays is not None:
        query = query.join(stays, stays.c.application_id == found.c.id).where(stays.c.stage == those.left)
    if those.meetings:
        query = _met(query.join(Interview, Interview.application_id == found.c.id), those)
    query = query.where(*_narrowed(found, those))
    if only is not None:
        query = query.where(found.c.id.in_(only))
    order = (found.c.applied_at.desc(), found.c.id, "at")
    return (await session.execute(query.order_by(*order).limit(PEOPLE + 1))).all()


def _met(query: Any, those: Those) -> Any:
    if those.interviewer is not None:
        query = query.join(Panelist, Panelist.interview_id == Interview.id)
        query = query.where(Panelist.user_id == those.interviewer, *_judged())
    else:
        query = query.where(*_due())
    for unit, value in ((_hour(), those.hour), (_weekday(), those.weekday)):
        if value is not None:
            query = query.where(unit == value)
    return query


def _narrowed(found: CTE, those: Those) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if those.reached is not None:
        conditions.append(found.c.reached >= those.reached)
    for name, value in (("month", those.month), ("job_id", those.job_id), ("channel_id", those.channel_id)):
        if value is not None:
            conditions.append(found.c[name] == value)
    if those.no_channel:
        conditions.append(found.c.channel_id.is_(None))
    if those.stage is not None:
        gone = found.c.state.in_(("rejected", "withdrawn"))
        conditions += [gone, found.c.stage_kind == those.stage, found.c.reason == (those.reason or "")]
    if those.score is not None:
        given = select(Event.id).where(Event.application_id == found.c.id, Event.kind == "survey")
        conditions.append(given.where(Event.data["score"].as_integer() == those.score).exists())
    return conditions
