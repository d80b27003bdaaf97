"""Emptying every row about a candidate."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy import CursorResult, case, delete, exists, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from modules.recruiting.models import (
    Application,
    Candidate,
    Interview,
    Merge,
    Offer,
    Onboarding,
    Panelist,
    Resume,
    Slot,
    Task,
    TimelineEvent,
)
from modules.recruiting.repository.core import LIVE

#: events whose particulars may say who somebody is: the name merged, tags, what rules saw, what a résumé was called
_PERSONAL: Final = ("merged", "tagged", "screened", "resume", "corrected")


async def oneself(session: AsyncSession, candidate_id: UUID) -> list[UUID]:
    """The candidate, and every record that was merged into it, directly or not: all of them are the person."""
    chain = select(Candidate.id).where(Candidate.id == candidate_id).cte("oneself", recursive=True)
    chain = chain.union(select(Candidate.id).join(chain, Candidate.merged_into_id == chain.c.id))
    return list(await session.scalars(select(chain.c.id)))


async def end_live(session: AsyncSession, candidate_ids: Collection[UUID], now: datetime) -> dict[str, int]:
    """Applications that are alive end, booked interviews are called off, times go back, open offers are withdrawn."""
    own = select(Application.id).where(Application.candidate_id.in_(candidate_ids))
    meetings = select(Interview.id).where(Interview.application_id.in_(own))
    await session.execute(update(Slot).where(Slot.interview_id.in_(meetings)).values(interview_id=None, taken_at=None))
    booked = Interview.application_id.in_(own) & Interview.state.in_(("proposed", "booked"))
    called_off = await _done(session, update(Interview).where(booked).values(state="cancelled"))
    live = Application.candidate_id.in_(candidate_ids) & Application.state.in_(LIVE)
    ended = await _done(session, update(Application).where(live).values(state="withdrawn", ended_at=now))
    open_ = Offer.application_id.in_(own) & Offer.state.in_(("draft", "pending", "approved", "sent"))
    withdrawn = await _done(session, update(Offer).where(open_).values(state="withdrawn"))
    return {"applications_ended": ended, "interviews_cancelled": called_off, "offers_withdrawn": withdrawn}


async def file_ids(session: AsyncSession, candidate_ids: Collection[UUID]) -> list[tuple[str, UUID]]:
    """Room and id of every file the person gave; the letter of an accepted offer stays."""
    resumes = select(Resume.file_id).where(Resume.candidate_id.in_(candidate_ids), Resume.file_id.is_not(None))
    papers = (
        select(Task.file_id)
        .join(Onboarding, Onboarding.id == Task.onboarding_id)
        .where(Onboarding.candidate_id.in_(candidate_ids), Task.file_id.is_not(None))
    )
    letters = (
        select(Offer.file_id)
        .join(Application, Application.id == Offer.application_id)
        .where(Application.candidate_id.in_(candidate_ids), Offer.file_id.is_not(None), Offer.state != "accepted")
    )
    found = [("recruiting.resume", one) for one in await session.scalars(resumes)]
    found += [("recruiting.paper", one) for one in await session.scalars(papers)]
    found += [("recruiting.offer", one) for one in await session.scalars(letters)]
    return [(room, one) for room, one in found if one is not None]


class Traces(NamedTuple):
    """What other rooms keep about the person stands under these ids."""

    applications: list[UUID]
    interviews: list[UUID]
    offers: list[UUID]


async def traces(session: AsyncSession, candidate_ids: Collection[UUID]) -> Traces:
    own = list(await session.scalars(select(Application.id).where(Application.candidate_id.in_(candidate_ids))))
    meetings = await session.scalars(select(Interview.id).where(Interview.application_id.in_(own)))
    offers = await session.scalars(select(Offer.id).where(Offer.application_id.in_(own)))
    return Traces(own, list(meetings), list(offers))


async def empty(session: AsyncSession, candidate_ids: Collection[UUID]) -> dict[str, int]:
    """What is left has no person in it. Counts of rows by table."""
    own = select(Application.id).where(Application.candidate_id.in_(candidate_ids))
    meetings = select(Interview.id).where(Interview.application_id.in_(own))
    arrivals = select(Onboarding.id).where(Onboarding.candidate_id.in_(candidate_ids))
    merged = Merge.kept_id.in_(candidate_ids) | Merge.merged_id.in_(candidate_ids)
    unanswered = Offer.application_id.in_(own) & (Offer.state != "accepted")
    nobody: dict[str, Any] = {
        **dict.fromkeys(("name", "gender", "city", "degree", "school", "major", "employer", "title"), ""),
        **dict.fromkeys(("mobile_ct", "mobile_bidx", "mail_ct", "mail_bidx", "id_number_ct", "id_number_bidx")),
        **dict.fromkeys(("salary_wish_fen_ct", "born_on", "years", "pooled_at", "agency_id", "owned_until")),
        "profile": {},
        "tags": [],
        "search": text("''::tsvector"),
        "version": Candidate.version + 1,
    }
    statements = {
        "merges": update(Merge).where(merged).values(before_ct=None),
        "events": update(TimelineEvent)
        .where(TimelineEvent.candidate_id.in_(candidate_ids))
        .values(
            note_ct=None,
            data=case((TimelineEvent.kind.in_(_PERSONAL), text("'{}'::jsonb")), else_=TimelineEvent.data),
            actor_name=case((TimelineEvent.actor_kind == "guest", ""), else_=TimelineEvent.actor_name),
        ),
        "scorecards": update(Panelist).where(Panelist.interview_id.in_(meetings)).values(notes_ct=None, scores_ct=None),
        "interviews": update(Interview)
        .where(Interview.id.in_(meetings))
        .values(message="", place="", meet_room_id=None),
        "offers": update(Offer).where(unanswered).values(package_ct=None, reason="", file_id=None),
        "tasks": update(Task).where(Task.onboarding_id.in_(arrivals)).values(file_id=None, remark=""),
        "onboardings": update(Onboarding).where(Onboarding.id.in_(arrivals)).values(form_ct=None),
        "applications": update(Application)
        .where(Application.candidate_id.in_(candidate_ids))
        .values(answers={}, findings=[], feedback="", resume_id=None),
        "resumes": delete(Resume).where(Resume.candidate_id.in_(candidate_ids)),
        "candidate": update(Candidate).where(Candidate.id.in_(candidate_ids)).values(**nobody),
    }
    return {name: await _done(session, statement) for name, statement in statements.items()}


async def expired(session: AsyncSession, day: date) -> Sequence[Candidate]:
    live = exists().where(Application.candidate_id == Candidate.id, Application.state.in_(LIVE))
    coming = exists().where(Onboarding.candidate_id == Candidate.id, Onboarding.state.in_(("preparing", "ready")))
    query = select(Candidate).where(Candidate.keep_until < day, Candidate.name != "", ~live, ~coming)
    return (await session.scalars(query.limit(200).with_for_update(skip_locked=True))).all()


async def _done(session: AsyncSession, statement: Any) -> int:
    result = await session.execute(statement.execution_options(synchronize_session=False))
    assert isinstance(result, CursorResult)
    return result.rowcount
