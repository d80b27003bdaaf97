"""An invitation's answer on its way: out of the invited person's mail program, into the mailbox, onto the interview."""

from __future__ import annotations

import mailbox
import re
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import icalendar
import msgspec
import pytest
from sqlalchemy import select

from modules.recruiting.jobs import answers
from modules.recruiting.repository import interviews as queries
from modules.recruiting.service import interviews
from tenants.registry import Registry
from tests.modules.recruiting.test_interviews import planned, soon
from zhiren import calendar, notices
from zhiren.context import Context, TenantRef
from zhiren.db import Database
from zhiren.ids import new_id
from zhiren.jobs import Outbox
from zhiren.jobs.runtime import Runtime
from zhiren.notices import periodic, replies
from zhiren.notices import repository as messages
from zhiren.notices.models import Subscription
from zhiren.notices.providers.base import Parcel
from zhiren.notices.providers.letter import letter
from zhiren.notices.schemas import Content, Enclosure
from zhiren.settings import Settings


def answer(
    uid: str,
    mail: str,
    *,
    partstat: str = "DECLINED",
    sequence: int = 0,
    method: str = "REPLY",
    at: datetime | None = None,
) -> bytes:
    """As Outlook and others send it: text, and the object beside it in base64."""
    made = icalendar.Calendar()
    made.add("prodid", "-//Somebody//Mail 1//EN")
    made.add("version", "2.0")
    made.add("method", method)
    event = icalendar.Event()
    event.add("uid", uid)
    event.add("dtstart", at or soon())
    event.add("dtend", (at or soon()) + timedelta(minutes=45))
    event.add("sequence", sequence)
    event.add("attendee", icalendar.vCalAddress(f"mailto:{mail}", params={"PARTSTAT": partstat}))
    made.add_component(event)
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = mail, "hr@zhiren.example", "Declined: interview"
    message.set_content("I cannot come.")
    message.add_alternative(made.to_ical().decode(), subtype="calendar", params={"method": method}, cte="base64")
    return message.as_bytes()


async def told(ctx: Context) -> Sequence[dict[str, Any]]:
    query = select(Outbox.payload).where(Outbox.event == calendar.ANSWERED).order_by(Outbox.id)
    return (await ctx.session.scalars(query)).all()


def heard_in(data: bytes) -> bytes:
    found = replies.find(data)
    assert found is not None
    return found.data


async def test_a_candidate_declines_by_mail_and_who_planned_is_told_once(ctx: Context) -> None:
    meeting, _panel = await planned(ctx)
    await interviews.set_time(ctx, meeting, soon())
    assert meeting.candidate.mail
    sent = heard_in(answer(meeting.interview.uid, meeting.candidate.mail, sequence=meeting.interview.sequence))
    assert await calendar.hear(ctx, sent)
    payload = [one for one in await told(ctx) if one["about_id"] == str(meeting.interview.id)][-1]
    for _twice in range(2):
        await answers.heard(ctx, payload)
    assert meeting.interview.answer == "declined"
    lines = await notices.history(ctx, ("recruiting.interview", meeting.interview.id))
    refusals = [one for one in lines if one.kind == "recruiting.interview.declined" and one.channel == "inapp"]
    assert [one.recipient for one in refusals] == ["招聘负责人"]


async def test_a_panelist_accepts_and_nobody_is_disturbed(ctx: Context) -> None:
    meeting, (one,) = await planned(ctx)
    await interviews.set_time(ctx, meeting, soon())
    await calendar.answer_about(ctx, ("recruiting.interview", meeting.interview.id), one, "accepted")
    payload = [each for each in await told(ctx) if each["holder_id"] == str(one)][-1]
    await answers.heard(ctx, payload)
    panelist = await queries.panelist(ctx.session, meeting.interview.id, one)
    assert panelist is not None
    assert panelist.answer == "accepted"
    lines = await notices.history(ctx, ("recruiting.interview", meeting.interview.id))
    assert not [line for line in lines if line.kind == "recruiting.interview.declined"]


async def reached_by_mail(ctx: Context, user_id: UUID, mail: str) -> None:
    """The person has named an address for notices."""
    ctx.session.add(Subscription(channel="mail", recipient_key=f"user:{user_id}", address=mail))
    await ctx.session.flush()


async def mailed(ctx: Context, interview_id: UUID) -> list[Any]:
    """The calendar objects of mails about the interview, oldest first."""
    rows = await messages.about(ctx.session, "recruiting.interview", interview_id)
    enclosed = [row.enclosure for row in reversed(rows) if row.channel == "mail"]
    return [icalendar.Calendar.from_ical(one.invitation) for one in enclosed if one and one.invitation]


async def test_the_panel_is_invited_as_calendars_understand_it_and_their_answer_is_heard(ctx: Context) -> None:
    meeting, (one, _other) = await planned(ctx, panel=2)
    await reached_by_mail(ctx, one, "mian@example.com")
    await interviews.set_time(ctx, meeting, soon())
    (asked,) = await mailed(ctx, meeting.interview.id)
    (event,) = asked.walk("VEVENT")
    assert (str(asked["METHOD"]), str(event["UID"])) == ("REQUEST", meeting.interview.uid)
    assert str(event["ATTENDEE"]) == "mailto:mian@example.com"
    assert meeting.candidate.name in str(event["SUMMARY"])
    said = answer(meeting.interview.uid, "mian@example.com", partstat="ACCEPTED", sequence=meeting.interview.sequence)
    assert await calendar.hear(ctx, heard_in(said))
    payload = [each for each in await told(ctx) if each["holder_id"] == str(one)][-1]
    await answers.heard(ctx, payload)
    panelist = await queries.panelist(ctx.session, meeting.interview.id, one)
    assert panelist is not None
    assert panelist.answer == "accepted"
    await interviews.cancel(ctx, meeting)
    *_before, off = await mailed(ctx, meeting.interview.id)
    assert str(off["METHOD"]) == "CANCEL"
    assert int(off.walk("VEVENT")[0]["SEQUENCE"]) > int(event["SEQUENCE"])


async def test_another_time_that_a_calendar_proposes_is_known_until_it_is_taken(ctx: Context) -> None:
    meeting, _panel = await planned(ctx)
    await interviews.set_time(ctx, meeting, soon())
    assert meeting.candidate.mail
    about = ("recruiting.interview", meeting.interview.id)
    other = answer(
        meeting.interview.uid,
        meeting.candidate.mail,
        partstat="TENTATIVE",
        sequence=meeting.interview.sequence,
        method="COUNTER",
        at=soon(72),
    )
    assert await calendar.hear(ctx, heard_in(other))
    proposed = await calendar.proposals(ctx, about)
    assert proposed[meeting.candidate.id].start == soon(72)
    await interviews.set_time(ctx, meeting, soon(72))
    assert await calendar.proposals(ctx, about) == {}, "what was taken is no proposal any more"


async def test_who_hires_takes_a_proposed_time_with_one_click(
    database: Database, tenant: TenantRef, login_as: Callable[..., Awaitable[httpx.AsyncClient]]
) -> None:
    hr = await login_as("hr")
    async with database.tenant(tenant) as ctx:
        meeting, _panel = await planned(ctx)
        await interviews.set_time(ctx, meeting, soon())
        uid, mail = meeting.interview.uid, meeting.candidate.mail or ""
        path = f"/recruiting/interviews/{meeting.interview.id}"
    async with database.tenant(tenant) as ctx:
        assert await calendar.hear(ctx, heard_in(answer(uid, mail, method="COUNTER", at=soon(96))))
    shown = await hr.get(path)
    assert "提议改到" in shown.text
    (time,) = re.findall(r'type="hidden" name="time" value="([^"]+)"', shown.text)
    assert datetime.fromisoformat(time) == soon(96)
    taken = await hr.post(f"{path}/time", data={"time": time})
    assert taken.status_code == 303, taken.text[-800:]
    assert "提议改到" not in (await hr.get(path)).text


async def test_an_answer_to_an_earlier_time_is_over(ctx: Context) -> None:
    meeting, (one,) = await planned(ctx)
    await interviews.set_time(ctx, meeting, soon())
    await calendar.answer_about(ctx, ("recruiting.interview", meeting.interview.id), one, "declined")
    payload = [each for each in await told(ctx) if each["holder_id"] == str(one)][-1]
    await interviews.set_time(ctx, meeting, soon(72))
    await answers.heard(ctx, payload)
    panelist = await queries.panelist(ctx.session, meeting.interview.id, one)
    assert panelist is not None
    assert panelist.answer == ""
    await answers.heard(ctx, {**payload, "about_type": "something.else"})


async def test_somebody_else_answers_for_nobody(ctx: Context) -> None:
    meeting, _panel = await planned(ctx)
    await interviews.set_time(ctx, meeting, soon())
    assert not await calendar.hear(ctx, heard_in(answer(meeting.interview.uid, "somebody@example.org")))
    assert not await calendar.hear(ctx, b"BEGIN:VCALENDAR junk")


async def test_the_mailbox_hands_answers_on(
    database: Database, settings: Settings, tenant: TenantRef, tmp_path: Path
) -> None:
    async with database.tenant(tenant) as ctx:
        uid = f"{new_id()}@{tenant.slug}.zhiren"
        about = ("test.meeting", new_id())
        guest = new_id()
        await calendar.put_entry(
            ctx,
            user_ids=[],
            guest_ids=[guest],
            about=about,
            starts_at=soon(),
            ends_at=soon(49),
            title="面试",
            uid=uid,
            mails={guest: "guest@example.com"},
        )
    box = mailbox.Maildir(str(tmp_path / "box"))
    box.add(answer(uid, "guest@example.com", partstat="ACCEPTED"))
    box.add(answer(f"{new_id()}@{tenant.slug}.zhiren", "guest@example.com"))
    box.add(answer(f"{new_id()}@nobody-here.zhiren", "guest@example.com"))
    asked = msgspec.structs.replace(settings, bounces_url=f"maildir://{tmp_path}/box")
    runtime = Runtime(database, Registry(database, "localhost"), settings=asked)
    assert await periodic.read_bounces(runtime, asked) == 1
    assert await periodic.read_bounces(runtime, asked) == 0
    async with database.tenant(tenant) as ctx:
        (payload,) = [one for one in await told(ctx) if one["holder_id"] == str(guest)]
        assert (payload["answer"], payload["about_id"]) == ("accepted", str(about[1]))
        await calendar.cancel_entry(ctx, about)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\xfe junk",
        b"Content-Type: text/calendar\n\nBEGIN:VCALENDAR\nMETHOD:REPLY\n",
        answer("x@acme.example", "a@example.com"),
        answer("x@acme.zhiren", "a@example.com", method="REQUEST"),
        b"x" * (replies.MAX_BYTES + 1),
    ],
)
def test_what_is_no_answer_to_us_is_passed_over(data: bytes) -> None:
    assert replies.find(data) is None


def test_calendars_answer_to_the_mailbox_that_sent() -> None:
    event = calendar.Event(
        uid="1@acme.zhiren",
        sequence=0,
        summary="面试",
        starts_at=soon(),
        ends_at=soon(49),
        organizer=("某公司", "no-reply@acme.invalid"),
        attendees=(("王小明", "wang@example.com", "REQ-PARTICIPANT"),),
    )
    parcel = Parcel(
        id=UUID(int=1),
        kind="test",
        customer="acme",
        company="某公司",
        domain="zhiren.example",
        recipient="王小明",
        address="wang@example.com",
        locale="zh_CN",
        content=Content(subject="面试", body="面试"),
        enclosure=Enclosure(invitation=calendar.invitation(event, "REQUEST")),
    )
    mail = letter(parcel, "人事 <hr@zhiren.example>")
    part = next(one for one in mail.walk() if one.get_content_type() == "text/calendar")
    found = icalendar.Calendar.from_ical(part.get_content()).walk("VEVENT")[0]
    assert str(found["ORGANIZER"]) == "mailto:hr@zhiren.example"
    assert found["ORGANIZER"].params["CN"] == "某公司"
    assert str(found["ATTENDEE"]) == "mailto:wang@example.com"
