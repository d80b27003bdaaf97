"""Invitations and answers between calendars: iTIP (RFC 5546) in iCalendar (RFC 5545), as mail carries it (RFC 6047)."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import icalendar
from icalendar import Alarm, Calendar, Timezone, vCalAddress, vDuration, vText, vUri

from zhiren.calendar.errors import UnreadableReply
from zhiren.calendar.schemas import Event, Interval, Method, Reply
from zhiren.i18n import _

PRODUCT: Final = "-//zhiren//calendar 1//ZH"
MAX_REPLY_BYTES: Final = 256 * 1024
_COMMENT_MAX: Final = 1000
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


def invitation(event: Event, method: Method, *, now: datetime | None = None) -> bytes:
    """The calendar part of an invitation's mail. REQUEST invites, and with a higher ``sequence`` changes; CANCEL calls
    it off. Sent again, it carries a fresh DTSTAMP."""
    calendar = new_calendar(method)
    made = new_event(event.uid, event.starts_at, event.ends_at, event.zone)
    made.add("dtstamp", (now or datetime.now(UTC)).astimezone(UTC))
    made.add("sequence", event.sequence)
    made.add("summary", clean(event.summary))
    for name, value in (("description", event.description), ("location", event.location)):
        if value:
            made.add(name, clean(value))
    if event.url:
        made["url"] = vUri(_line(event.url))
    if event.conference_url:
        link = vUri(_line(event.conference_url))
        link.params["VALUE"] = "URI"
        link.params["FEATURE"] = "VIDEO"
        made.add("conference", link)
    made.add("status", "CANCELLED" if method == "CANCEL" else event.status)
    made.add("transp", "OPAQUE")
    made.add("organizer", _address(*event.organizer))
    for name, mail, role in event.attendees:
        made.add("attendee", _invited(name, mail, role, asked=method == "REQUEST"))
    for minutes in event.alarms_min if method == "REQUEST" else ():
        made.add_component(_alarm(event.summary, minutes))
    calendar.add_component(zone_of(event.zone))
    calendar.add_component(made)
    return bytes(calendar.to_ical())


def new_calendar(method: str = "") -> Calendar:
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    if method:
        calendar.add("method", method)
    return calendar


def new_event(uid: str, starts_at: datetime, ends_at: datetime, zone: str) -> icalendar.Event:
    """An event of this UID at these instants, written in the local time of ``zone``."""
    made, local = icalendar.Event(), ZoneInfo(zone)
    made.add("uid", _line(uid))
    made.add("dtstart", starts_at.astimezone(local))
    made.add("dtend", ends_at.astimezone(local))
    return made


def zone_of(zone: str) -> Timezone:
    """The zone's rules from this decade on: old summer times would only confuse old programs."""
    return Timezone.from_tzid(zone, first_date=date(2020, 1, 1), last_date=date(2040, 1, 1))


def clean(text: str) -> str:
    """Without control characters, which have no place in a calendar; line breaks stay."""
    return _CONTROL.sub("", text.replace("\r\n", "\n"))


def _line(text: str) -> str:
    return clean(text).replace("\n", "")


def _address(name: str, mail: str) -> vCalAddress:
    address = vCalAddress(f"mailto:{_line(mail)}")
    if name:
        address.params["CN"] = vText(_line(name).replace('"', "'"))
    return address


def _invited(name: str, mail: str, role: str, *, asked: bool) -> vCalAddress:
    address = _address(name, mail)
    address.params["CUTYPE"] = vText("INDIVIDUAL")
    address.params["ROLE"] = vText(role)
    if asked:
        address.params["PARTSTAT"] = vText("NEEDS-ACTION")
        address.params["RSVP"] = vText("TRUE")
    return address


def _alarm(summary: str, minutes: int) -> Alarm:
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", clean(summary))
    alarm["trigger"] = vDuration(-timedelta(minutes=minutes))
    return alarm


# ---- answers


def read_reply(data: bytes) -> Reply:
    """What a calendar answered. Raises UnreadableReply: not iCalendar, no answer, or of more than one person."""
    if len(data) > MAX_REPLY_BYTES:
        raise _unreadable()
    try:
        return _read(data)
    except UnreadableReply:
        raise
    except Exception as error:  # the parser raises whatever its parts raise: ValueError, KeyError, IndexError …
        raise _unreadable() from error


def _read(data: bytes) -> Reply:
    calendar = Calendar.from_ical(data)
    method = str(calendar.get("METHOD", "")).upper()
    events = calendar.walk("VEVENT")
    if method not in {"REPLY", "COUNTER"} or len(events) != 1:
        raise _unreadable()
    event = events[0]
    attendees = event.get("ATTENDEE")
    who = attendees if isinstance(attendees, list) else [attendees]
    uid = str(event.get("UID", ""))
    if len(who) != 1 or not isinstance(who[0], vCalAddress) or not uid or len(uid) > 255:
        raise _unreadable()
    return Reply(
        uid=uid,
        attendee_mail=_mail_of(who[0]),
        partstat=str(who[0].params.get("PARTSTAT", "NEEDS-ACTION")).lower(),
        sequence=_sequence(event),
        method="COUNTER" if method == "COUNTER" else "REPLY",
        sent_at=_instant(event, "DTSTAMP"),
        counter=_counter(event) if method == "COUNTER" else None,
        comment=clean(str(event.get("COMMENT", "")))[:_COMMENT_MAX],
    )


def _mail_of(address: vCalAddress) -> str:
    text = str(address).strip()
    mail = text[7:] if text[:7].lower() == "mailto:" else text
    if "@" not in mail or len(mail) > 254:
        raise _unreadable()
    return mail.lower()


def _sequence(event: Any) -> int:
    try:
        return max(0, int(event.get("SEQUENCE", 0)))
    except (TypeError, ValueError):
        return 0


def _instant(event: Any, name: str) -> datetime | None:
    value = getattr(event.get(name), "dt", None)
    if not isinstance(value, datetime):
        return None
    return (value if value.tzinfo else value.replace(tzinfo=UTC)).astimezone(UTC)


def _counter(event: Any) -> Interval | None:
    start, end = _instant(event, "DTSTART"), _instant(event, "DTEND")
    length = getattr(event.get("DURATION"), "dt", None)
    if start is not None and end is None and isinstance(length, timedelta):
        end = start + length
    return Interval(start, end) if start is not None and end is not None and end > start else None


def _unreadable() -> UnreadableReply:
    return UnreadableReply(_("这封邮件不是可读的日历答复。"), hint=_("请在日历里重新答复，或直接联系人事。"))
