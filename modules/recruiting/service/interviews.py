"""Interviews: planned, chosen by the candidate or set by HR, moved, called off.

What people are told leaves in the same transaction as the booking: an invitation without a booking cannot be.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

import msgspec

from modules.recruiting.errors import InterviewNotFound, InvalidRecruiting, NotReady, SlotTaken
from modules.recruiting.models import Interview, Job, Panelist, Slot
from modules.recruiting.repository import Case
from modules.recruiting.repository import interviews as queries
from modules.recruiting.repository.interviews import Meeting
from modules.recruiting.service import access, applications, invitations, timeline
from modules.recruiting.shapes import Round
from zhiren import audit, calendar, notices
from zhiren.calendar.errors import Taken
from zhiren.context import Context
from zhiren.i18n import _
from zhiren.ids import new_id

ABOUT: Final = "recruiting.interview"
#: a candidate may move an interview this often, and not later than this before it begins
MOVES: Final = 2
MOVE_BEFORE: Final = timedelta(hours=2)
MAX_TIMES: Final = 30


def rounds_of(job: Job) -> list[Round]:
    return msgspec.convert(job.rounds, list[Round])


def round_of(job: Job, code: str) -> Round:
    """The round of the job's plan, or one of its own when the plan has changed since."""
    return next((one for one in rounds_of(job) if one.code == code), Round(code=code, name=_("面试")))


async def meeting_of(ctx: Context, interview_id: UUID, *, lock: bool = False) -> Meeting:
    """For who hires for the job, and for the panel. Raises InterviewNotFound."""
    found = await queries.meeting(ctx.session, interview_id, lock=lock)
    if found is not None and access.hires_for(ctx, found.job):
        return found
    me = ctx.actor.user_id
    if found is None or me is None or await queries.panelist(ctx.session, interview_id, me) is None:
        raise InterviewNotFound(_("没有这场面试，或者您不是面试官。"))
    return found


async def of_candidate(ctx: Context, interview_id: UUID, candidate_id: UUID, *, lock: bool = False) -> Meeting:
    """For the candidate. Raises InterviewNotFound."""
    found = await queries.meeting(ctx.session, interview_id, lock=lock)
    if found is None or found.candidate.id != candidate_id:
        raise InterviewNotFound(_("没有这场面试。"))
    return found


async def plan(
    ctx: Context, case: Case, round_: Round, panel: Sequence[UUID], *, message: str = "", place: str = ""
) -> Interview:
    """A round of an application, without a time yet. Moves the application to its job's interview stage."""
    if not panel:
        raise InvalidRecruiting(_("请至少选一位面试官。"), fields={"panel": _("请至少选一位面试官")})
    application, candidate, job = case
    interview = Interview(
        application_id=application.id,
        round=round_.code,
        name=round_.name,
        mode=round_.mode,
        duration_min=round_.duration_min,
        message=message,
        place=place,
        uid=f"{new_id()}@{ctx.tenant.slug}.zhiren",
        planned_by=ctx.actor.user_id,
        state="proposed",
    )
    ctx.session.add(interview)
    for position, user_id in enumerate(dict.fromkeys(panel)):
        role = "lead" if position == 0 else "interviewer"
        ctx.session.add(Panelist(interview_id=interview.id, user_id=user_id, role=role))
    await ctx.session.flush()
    _note(ctx, Meeting(interview, application, candidate, job), "planned")
    stage = applications.first_of(job, "interview")
    if stage is not None and application.stage_kind in ("new", "screening"):
        await applications.move(ctx, case, stage.code)
    return interview


async def propose(
    ctx: Context, meeting: Meeting, times: Sequence[datetime], *, choose_by: datetime | None = None
) -> None:
    """Times for this candidate alone to choose from. Raises InvalidRecruiting for none, too many or past ones."""
    times = _checked(times)
    interview, _application, _candidate, job = meeting
    _open(interview)
    panel = [one.user_id for one in await queries.panel(ctx.session, [interview.id])]
    for starts_at in times:
        ctx.session.add(
            Slot(
                job_id=job.id,
                round=interview.round,
                proposed_to_id=interview.id,
                starts_at=starts_at,
                ends_at=starts_at + timedelta(minutes=interview.duration_min),
                panel_ids=panel,
                room_id=interview.room_id,
            )
        )
    await ask_to_choose(ctx, meeting, choose_by=choose_by or min(times))


async def ask_to_choose(ctx: Context, meeting: Meeting, *, choose_by: datetime) -> None:
    """Asks the candidate to choose, from times of their own or from those open to the round."""
    meeting.interview.choose_by = choose_by
    await ctx.session.flush()
    _note(ctx, meeting, "asked")
    await invitations.ask_to_choose(ctx, meeting)


async def choose(ctx: Context, meeting: Meeting, slot_id: UUID) -> None:
    """The candidate takes a time; whoever is first has it. Raises SlotTaken; what was booked before stays then."""
    interview = meeting.interview
    _open(interview)
    now = datetime.now(UTC)
    if interview.state == "booked":
        _may_move(interview, now)
    async with ctx.session.begin_nested():
        await queries.release_slots(ctx.session, interview.id)
        slot = await queries.take_slot(ctx.session, slot_id, interview, now)
        if slot is None and (other := await queries.same_time(ctx.session, slot_id, interview)) is not None:
            slot = await queries.take_slot(ctx.session, other, interview, now)
        if slot is None:
            raise SlotTaken(_("这个时间刚刚被别人选走了。"), hint=_("请选另一个时间。"))
        if slot.panel_ids:
            await _panel_becomes(ctx, interview, slot.panel_ids)
        interview.room_id = slot.room_id or interview.room_id
        moved = interview.state == "booked"
        await book(ctx, meeting, slot.starts_at, slot.ends_at)
    if moved:
        interview.moves_by_candidate += 1
    interview.answer = "accepted"


async def book(ctx: Context, meeting: Meeting, starts_at: datetime, ends_at: datetime) -> None:
    """Sets the time, books panel and room, opens the video room, and tells everybody. Raises SlotTaken when somebody of
    the panel, the candidate or the room is booked then."""
    interview, _application, candidate, job = meeting
    _open(interview)
    panel = [one.user_id for one in await queries.panel(ctx.session, [interview.id])]
    before = interview.starts_at
    mails = await notices.mails_of(ctx, panel) | ({candidate.id: candidate.mail} if candidate.mail else {})
    try:
        booking = await calendar.put_entry(
            ctx,
            user_ids=panel,
            guest_ids=[candidate.id],
            mails=mails,
            about=(ABOUT, interview.id),
            starts_at=starts_at,
            ends_at=ends_at,
            title=_("面试 {name}（{job}）", name=candidate.name, job=job.title),
            uid=interview.uid,
            room_id=interview.room_id,
            place=interview.place,
            path=f"/recruiting/interviews/{interview.id}",
        )
    except Taken as taken:
        raise SlotTaken(_("这个时间刚刚被占用了。"), hint=taken.message) from taken
    interview.state, interview.starts_at, interview.ends_at = "booked", starts_at, ends_at
    interview.sequence, interview.reminded_at, interview.answer = booking.sequence, None, ""
    await invitations.open_video(ctx, meeting, panel)
    await ctx.session.flush()
    _note(ctx, meeting, "booked", at=starts_at, before=before)
    await invitations.booked(ctx, meeting, panel)


async def set_time(ctx: Context, meeting: Meeting, starts_at: datetime, *, room_id: UUID | None = None) -> None:
    """HR sets the time. Raises InvalidRecruiting for a past one, SlotTaken."""
    (starts_at,) = _checked([starts_at])
    interview = meeting.interview
    if room_id is not None:
        interview.room_id = room_id
    async with ctx.session.begin_nested():
        await queries.release_slots(ctx.session, interview.id)
        await book(ctx, meeting, starts_at, starts_at + timedelta(minutes=interview.duration_min))


async def cancel(ctx: Context, meeting: Meeting, *, message: str = "") -> None:
    """Calls it off and tells everybody."""
    interview = meeting.interview
    if interview.state == "cancelled":
        return
    _open(interview)
    panel = [one.user_id for one in await queries.panel(ctx.session, [interview.id])]
    was_booked = interview.state == "booked"
    await queries.release_slots(ctx.session, interview.id, for_good=True)
    interview.state = "cancelled"
    booking = await calendar.cancel_entry(ctx, (ABOUT, interview.id))
    if booking is not None:
        interview.sequence = booking.sequence
    await invitations.close_video(ctx, meeting)
    await ctx.session.flush()
    _note(ctx, meeting, "cancelled", note=message)
    if was_booked:
        await invitations.cancelled(ctx, meeting, panel, message)


async def close(ctx: Context, meeting: Meeting, state: str) -> None:
    """Says what became of it: "done" or "no_show"; may be said again while it is not cancelled."""
    interview = meeting.interview
    if interview.state not in ("booked", "done", "no_show") or state not in ("done", "no_show"):
        raise NotReady(_("还没有约定时间的面试，不能标记结果。"))
    interview.state = state
    await ctx.session.flush()
    _note(ctx, meeting, state)
    if state == "done":
        await invitations.ask_for_scorecards(ctx, meeting)


def may_move(interview: Interview, now: datetime) -> bool:
    """Whether the candidate may still choose another time."""
    early = interview.starts_at is None or interview.starts_at - now >= MOVE_BEFORE
    return interview.state in ("proposed", "booked") and early and interview.moves_by_candidate < MOVES


def _may_move(interview: Interview, now: datetime) -> None:
    if not may_move(interview, now):
        raise NotReady(_("现在不能自己改时间了。"), hint=_("请回复邮件或打电话联系招聘负责人。"))


def _open(interview: Interview) -> None:
    if interview.state not in ("proposed", "booked"):
        raise NotReady(_("这场面试已结束或取消。"), hint=_("请新安排一场。"))


def _checked(times: Sequence[datetime]) -> list[datetime]:
    now = datetime.now(UTC)
    found = sorted(set(times))
    if not found or len(found) > MAX_TIMES:
        raise InvalidRecruiting(_("请给出 1 到 {most} 个时间。", most=MAX_TIMES), fields={"times": _("请选时间")})
    if found[0] <= now:
        raise InvalidRecruiting(_("面试时间已经过去。"), fields={"times": _("请选以后的时间")})
    return found


async def _panel_becomes(ctx: Context, interview: Interview, user_ids: Sequence[UUID]) -> None:
    """The panel of an open time takes the place of who was planned, before anybody wrote a scorecard."""
    rows = {one.user_id: one for one in await queries.panel(ctx.session, [interview.id])}
    if set(rows) == set(user_ids) or any(one.submitted_at for one in rows.values()):
        return
    for user_id in rows.keys() - set(user_ids):
        await ctx.session.delete(rows[user_id])
    for user_id in user_ids:
        if user_id not in rows:
            ctx.session.add(Panelist(interview_id=interview.id, user_id=user_id, role="interviewer"))
    await ctx.session.flush()


def _note(
    ctx: Context,
    meeting: Meeting,
    act: str,
    *,
    at: datetime | None = None,
    before: datetime | None = None,
    note: str = "",
) -> None:
    interview, application, candidate, _job = meeting
    data = {"act": act, "interview_id": str(interview.id), "round": interview.name, "mode": interview.mode}
    if at is not None:
        data["at"] = at.isoformat()
    timeline.add(ctx, "interview", candidate_id=candidate.id, application_id=application.id, data=data, note=note)
    audit.record(
        ctx,
        f"recruiting.interview.{act}",
        object_type="recruiting.interview",
        object_id=interview.id,
        changes={"starts_at": (before and before.isoformat(), at.isoformat())} if at else None,
    )
