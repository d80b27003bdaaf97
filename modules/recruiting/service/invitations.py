"""Telling candidates and panels about interviews: notices with iTIP invitations, and the video room."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from modules.recruiting.models import Candidate
from modules.recruiting.repository import interviews as queries
from modules.recruiting.repository.interviews import Meeting
from modules.recruiting.service import people
from zhiren import calendar, meet, notices
from zhiren.calendar import Event
from zhiren.clock import CHINA
from zhiren.context import Context
from zhiren.i18n import _, use_locale
from zhiren.notices import kinds
from zhiren.web.filters import moment

ABOUT: Final = "recruiting.interview"
#: a room stays open this long after the time is over
AFTER: Final = timedelta(hours=2)


def portal_path(meeting: Meeting) -> str:
    """Where the candidate sees this interview."""
    return f"/portal/interviews/{meeting.interview.id}"


def office_path(meeting: Meeting) -> str:
    return f"/recruiting/interviews/{meeting.interview.id}"


def place_of(meeting: Meeting) -> str:
    interview = meeting.interview
    if interview.mode == "video":
        return _("视频面试，用手机或电脑的浏览器打开，不用安装")
    if interview.mode == "phone":
        return _("电话面试，我们会打给您")
    return interview.place or meeting.job.address or _("地点另行通知")


def event_of(ctx: Context, meeting: Meeting, name: str, mail: str, *, panel: bool = False) -> Event:
    """The interview as one person's calendar is told of it: the candidate's, or that of one of the ``panel``."""
    interview = meeting.interview
    assert interview.starts_at is not None
    assert interview.ends_at is not None
    return Event(
        uid=interview.uid,
        sequence=interview.sequence,
        summary=_("面试 {name}（{job}）", name=meeting.candidate.name, job=meeting.job.title)
        if panel
        else _("面试：{job}（{company}）", job=meeting.job.title, company=ctx.tenant.name),
        description="" if panel else interview.message,
        location=place_of(meeting),
        starts_at=interview.starts_at,
        ends_at=interview.ends_at,
        organizer=(ctx.tenant.name, f"no-reply@{ctx.tenant.slug}.invalid"),
        attendees=((name, mail, "REQ-PARTICIPANT"),),
        status="CANCELLED" if interview.state == "cancelled" else "CONFIRMED",
        alarms_min=(60,),
    )


def _values(meeting: Meeting) -> dict[str, str]:
    interview, job = meeting.interview, meeting.job
    return {
        "job": job.title,
        "round": interview.name,
        "minutes": str(interview.duration_min),
        "when": when(interview.starts_at) if interview.starts_at else "",
        "place": place_of(meeting),
        "message": interview.message,
        "candidate": meeting.candidate.name,
    }


def when(at: datetime) -> str:
    return moment(at.astimezone(CHINA))


def _only(kind: str, values: dict[str, str]) -> dict[str, str]:
    wanted = kinds.get(kind).values
    return {name: value for name, value in values.items() if name in wanted}


async def _tell_candidate(ctx: Context, meeting: Meeting, kind: str, key: str, **more: str) -> None:
    to = people.recipient(meeting.candidate)
    with use_locale(to.locale):  # type: ignore[arg-type]  # a column that holds one of ours
        values = _values(meeting) | more
        invitation = None
        if meeting.interview.starts_at is not None and to.mail and "choose" not in kind:
            invitation = _invitation(meeting, event_of(ctx, meeting, to.name, to.mail))
    await notices.send(
        ctx,
        kind,
        to=to,
        values=_only(kind, values),
        about=("recruiting.candidate", meeting.candidate.id),
        key=key,
        link=portal_path(meeting),
        invitation=invitation,
    )


def _invitation(meeting: Meeting, event: Event) -> bytes:
    return calendar.invitation(event, "CANCEL" if meeting.interview.state == "cancelled" else "REQUEST")


async def _tell_panel(
    ctx: Context, meeting: Meeting, panel: list[UUID], kind: str, key: str, *, invited: bool = False
) -> None:
    """With ``invited``, the mail is one that calendars take (iTIP)."""
    mails = await notices.mails_of(ctx, panel) if invited else {}
    for to in await people.colleagues(ctx, panel):
        invitation, mail = None, mails.get(to.id) if to.id else None
        with use_locale(to.locale):  # type: ignore[arg-type]
            values = _values(meeting)
            if mail:
                invitation = _invitation(meeting, event_of(ctx, meeting, to.name, mail, panel=True))
        await notices.send(
            ctx,
            kind,
            to=to,
            values=_only(kind, values),
            about=(ABOUT, meeting.interview.id),
            key=key,
            link=office_path(meeting),
            invitation=invitation,
        )


async def ask_to_choose(ctx: Context, meeting: Meeting) -> None:
    until = meeting.interview.choose_by
    assert until is not None
    key = f"{meeting.interview.id}:{until.isoformat()}"
    await _tell_candidate(ctx, meeting, "recruiting.interview.choose", key, until=when(until))


async def booked(ctx: Context, meeting: Meeting, panel: list[UUID]) -> None:
    key = f"{meeting.interview.id}:{meeting.interview.sequence}"
    await _tell_candidate(ctx, meeting, "recruiting.interview.booked", key)
    await _tell_panel(ctx, meeting, panel, "recruiting.interview.panel", key, invited=True)


async def cancelled(ctx: Context, meeting: Meeting, panel: list[UUID], message: str) -> None:
    key = f"{meeting.interview.id}:cancelled"
    await _tell_candidate(ctx, meeting, "recruiting.interview.cancelled", key, message=message)
    await _tell_panel(ctx, meeting, panel, "recruiting.interview.panel_cancelled", key, invited=True)


async def taken_back(ctx: Context, meeting: Meeting) -> None:
    """The candidate took everything back: the panel is told that nobody comes, without a name."""
    interview = meeting.interview
    await ctx.session.refresh(interview)
    interview.sequence += 1  # calendars take a CANCEL only with a greater one
    panel = [one.user_id for one in await queries.panel(ctx.session, [interview.id])]
    nobody = meeting._replace(candidate=Candidate(name=_("一位候选人")))
    await _tell_panel(
        ctx, nobody, panel, "recruiting.interview.panel_cancelled", f"{interview.id}:taken_back", invited=True
    )


async def remind(ctx: Context, meeting: Meeting) -> None:
    interview = meeting.interview
    key = f"{interview.id}:{interview.sequence}"
    await _tell_candidate(ctx, meeting, "recruiting.interview.reminder", key)
    panel = [one.user_id for one in await queries.panel(ctx.session, [interview.id])]
    await _tell_panel(ctx, meeting, panel, "recruiting.interview.reminder", key)


async def declined(ctx: Context, meeting: Meeting, who: str, holder_id: UUID) -> None:
    """Tells who planned it, once for each time that is set; who declined is told nothing about it."""
    interview = meeting.interview
    told = [one for one in (interview.planned_by, meeting.job.owner_id) if one is not None and one != holder_id]
    for to in await people.colleagues(ctx, told[:1]):
        with use_locale(to.locale):  # type: ignore[arg-type]
            values = _values(meeting) | {"who": who}
        kind = "recruiting.interview.declined"
        key = f"{interview.id}:{interview.sequence}:{holder_id}"
        await notices.send(
            ctx,
            kind,
            to=to,
            values=_only(kind, values),
            about=(ABOUT, interview.id),
            key=key,
            link=office_path(meeting),
        )


async def ask_for_scorecards(ctx: Context, meeting: Meeting) -> None:
    rows = await queries.panel(ctx.session, [meeting.interview.id])
    missing = [one.user_id for one in rows if one.submitted_at is None and one.role != "observer"]
    await _tell_panel(ctx, meeting, missing, "recruiting.interview.scorecard", str(meeting.interview.id))


async def open_video(ctx: Context, meeting: Meeting, panel: list[UUID]) -> None:
    """The room of a video interview: made at the first booking, moved with it. Nothing for other forms."""
    interview, candidate = meeting.interview, meeting.candidate
    if interview.mode != "video" or interview.starts_at is None or interview.ends_at is None:
        return
    members = [
        meet.Member(kind="user", id=to.id, name=to.name, role="host")
        for to in await people.colleagues(ctx, panel)
        if to.id
    ]
    if not members:
        return
    members.append(meet.Member(kind="guest", id=candidate.id, name=candidate.name, role="guest"))
    opens_at, closes_at = interview.starts_at, interview.ends_at + AFTER
    title = _("面试 {name}（{job}）", name=candidate.name, job=meeting.job.title)
    room_id = interview.meet_room_id
    if room_id is not None:
        await meet.change_room(ctx, room_id, title=title, opens_at=opens_at, closes_at=closes_at, members=members)
        return
    about = (ABOUT, interview.id)
    interview.meet_room_id = await meet.open_room(
        ctx, about=about, title=title, opens_at=opens_at, closes_at=closes_at, members=members
    )


async def close_video(ctx: Context, meeting: Meeting) -> None:
    """Nobody meets there any more."""
    if meeting.interview.meet_room_id is not None:
        await meet.close_room(ctx, meeting.interview.meet_room_id)
