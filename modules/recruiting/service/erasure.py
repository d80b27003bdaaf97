"""A candidate's data taken away for good, with proof (PIPL article 47).

What stays are figures without a person: that somebody applied for a job, the stages and dates. Employees' records
are records' own; the letter and the evidence of an accepted offer stay as long as labour law asks for them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

import msgspec

from modules.recruiting.errors import InvalidRecruiting
from modules.recruiting.models import Candidate, Erasure
from modules.recruiting.repository import erasing as queries
from modules.recruiting.repository import interviews as meetings
from modules.recruiting.repository.interviews import Meeting
from modules.recruiting.service import invitations
from zhiren import approvals, audit, calendar, files, guests, meet, notices
from zhiren.clock import today
from zhiren.context import Context
from zhiren.events import emit
from zhiren.i18n import _

KIND: Final = "candidate"
OFFER: Final = "recruiting.offer"
#: rooms of ``zhiren.files`` that hold what candidates gave
ROOMS = ("recruiting.resume", "recruiting.paper")


def not_confirmed() -> InvalidRecruiting:
    return InvalidRecruiting(_("请输入您的姓名以确认删除。"), fields={"confirm": _("与您的姓名不一致")})


async def erase(ctx: Context, candidate: Candidate, *, cause: str) -> Erasure:
    """Ends what is alive, empties every row about the person, whoever was merged into them included.

    Answers the proof. ``cause``: asked, expired, admin.
    """
    candidate_id, now = candidate.id, datetime.now(UTC)
    everybody = await queries.oneself(ctx.session, candidate_id)
    traces = await queries.traces(ctx.session, everybody)
    coming = [meeting for one in traces.interviews if (meeting := await _coming(ctx, one, now)) is not None]
    counts = await queries.end_live(ctx.session, everybody, now)
    for room, file_id in await queries.file_ids(ctx.session, everybody):
        await files.erase(ctx, file_id, room=room)
        counts["files"] = counts.get("files", 0) + 1
    counts |= await _elsewhere(ctx, everybody, traces)
    counts |= await queries.empty(ctx.session, everybody)
    for meeting in coming:
        await invitations.taken_back(ctx, meeting)
    counts["sessions"] = 0
    for one in everybody:
        counts["sessions"] += await guests.end_sessions(ctx, KIND, one)
    at = datetime.now(UTC)
    statement = {"subject": str(candidate_id), "cause": cause, "counts": counts, "at": at.isoformat()}
    proof = Erasure(
        subject_bidx=ctx.keyring.blind("recruiting.erasure", str(candidate_id)),
        cause=cause,
        counts=counts,
        sha256=hashlib.sha256(msgspec.json.encode(statement, order="sorted")).hexdigest(),
        erased_at=at,
    )
    ctx.session.add(proof)
    await ctx.session.flush()
    audit.record(
        ctx,
        "recruiting.candidate.erase",
        object_type="recruiting.candidate",
        object_id=candidate_id,
        fields=sorted(counts),
        reason=cause,
    )
    await emit(ctx, "recruiting.candidate.erased", {"candidate_id": str(candidate_id)})
    return proof


async def _coming(ctx: Context, interview_id: UUID, now: datetime) -> Meeting | None:
    """An interview that people wait for."""
    meeting = await meetings.meeting(ctx.session, interview_id)
    if meeting is None or meeting.interview.state != "booked":
        return None
    return meeting if meeting.interview.starts_at is not None and meeting.interview.starts_at > now else None


async def _elsewhere(ctx: Context, everybody: Sequence[UUID], traces: queries.Traces) -> dict[str, int]:
    """Calendars, video rooms, approvals and messages know the person by name too. Counts by kind."""
    counts: dict[str, int] = {"calendar_entries": 0, "video_rooms": 0, "approvals": 0, "notices": 0}
    for interview_id in traces.interviews:
        about = (invitations.ABOUT, interview_id)
        counts["calendar_entries"] += await calendar.forget(ctx, about) is not None
        counts["video_rooms"] += await meet.erase_rooms(ctx, about)
    cases: list[UUID] = []
    for offer_id in traces.offers:
        cases += await approvals.forget(ctx, OFFER, offer_id)
    counts["approvals"] = len(cases)
    for about_type, ids in (
        ("recruiting.candidate", everybody),
        ("recruiting.application", traces.applications),
        (invitations.ABOUT, traces.interviews),
        (OFFER, traces.offers),
        ("approvals.case", cases),
    ):
        counts["notices"] += await notices.erase(ctx, about_type, ids)
    counts["notices"] += await notices.forget(ctx, "guest", everybody)
    return counts


async def expire(ctx: Context) -> int:
    """Whose time is over and who has nothing alive here, hourly, some hundred at a time; answers how many."""
    found = await queries.expired(ctx.session, today())
    for candidate in found:
        await erase(ctx, candidate, cause="expired")
    return len(found)
