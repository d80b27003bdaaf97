"""叫号: the queue of a hiring day. People check in and get a number; desks call the next one."""

from __future__ import annotations

from uuid import UUID

from modules.recruiting.errors import InterviewNotFound, InvalidRecruiting, NotReady
from modules.recruiting.models import Interview
from modules.recruiting.repository import interviews as queries
from modules.recruiting.repository.interviews import Meeting
from modules.recruiting.service import access, timeline
from zhiren import audit
from zhiren.clock import today
from zhiren.context import Context
from zhiren.i18n import _

#: what a called person can become
ENDS = ("seen", "missed", "waiting")


async def check_in(ctx: Context, meeting: Meeting) -> int:
    """Today's number of the person; the same one when they check in again."""
    interview, application, candidate, _job = meeting
    day = today()
    if interview.queue_day == day and interview.queue_number is not None:
        if interview.queue_state == "missed":
            interview.queue_state = "waiting"
        return interview.queue_number
    if interview.state not in ("proposed", "booked"):
        raise NotReady(_("这场面试已结束或取消。"))
    interview.queue_day = day
    interview.queue_number = number = await queries.next_queue_number(ctx.session, day)
    interview.queue_state = "waiting"
    timeline.add(
        ctx,
        "checked_in",
        candidate_id=candidate.id,
        application_id=application.id,
        data={"number": number},
    )
    _record(ctx, "check_in", interview)
    return number


async def call_next(ctx: Context, desk: str) -> Interview | None:
    """Calls the next person to ``desk``, of the jobs the caller hires for; None when nobody waits."""
    desk = _desk(desk)
    interview = await queries.next_waiting(ctx.session, today(), member=access.member(ctx))
    if interview is None:
        return None
    interview.queue_state, interview.queue_desk = "called", desk
    _record(ctx, "call", interview)
    return interview


async def call_again(ctx: Context, meeting: Meeting, desk: str) -> None:
    """Calls one person once more, or back after being missed."""
    interview = meeting.interview
    if interview.queue_day != today() or interview.queue_state in ("", "seen"):
        raise NotReady(_("这个号不在等待中。"))
    interview.queue_state, interview.queue_desk = "called", _desk(desk) if desk.strip() else interview.queue_desk
    _record(ctx, "call", interview)


async def to_manage(ctx: Context, interview_id: UUID) -> Meeting:
    """Locked, for who hires for the job. Raises InterviewNotFound."""
    meeting = await queries.meeting(ctx.session, interview_id, lock=True)
    if meeting is None or not access.hires_for(ctx, meeting.job):
        raise InterviewNotFound(_("没有这场面试，或者您不参与这个职位的招聘。"))
    return meeting


async def place_of(ctx: Context, interview: Interview) -> int | None:
    """How many are called before; None for who is not waiting today."""
    if interview.queue_day != today() or interview.queue_state != "waiting" or interview.queue_number is None:
        return None
    return await queries.waiting_before(ctx.session, today(), interview.queue_number)


def _desk(desk: str) -> str:
    desk = desk.strip()
    if not 1 <= len(desk) <= 20:
        raise InvalidRecruiting(_("请填写桌号，最多 20 字。"), fields={"desk": _("请填写桌号，最多 20 字。")})
    return desk


async def settle(ctx: Context, interview_id: UUID, state: str) -> None:
    """What became of who was called: "seen", "missed", or "waiting" to call again later."""
    meeting = await queries.meeting(ctx.session, interview_id, lock=True)
    if meeting is None or meeting.interview.queue_state in ("", "seen") or state not in ENDS:
        raise NotReady(_("这个号不在等待中。"))
    meeting.interview.queue_state = state
    if state == "seen" and meeting.interview.state in ("proposed", "booked") and meeting.interview.starts_at:
        meeting.interview.state = "done"
    _record(ctx, "settle", meeting.interview)


def _record(ctx: Context, act: str, interview: Interview) -> None:
    audit.record(
        ctx,
        f"recruiting.queue.{act}",
        object_type="recruiting.interview",
        object_id=interview.id,
        changes={"queue_state": (None, interview.queue_state)},
    )
