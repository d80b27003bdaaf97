"""Values the calendar speaks in."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final, Literal
from uuid import UUID

import msgspec

from zhiren.i18n import N_

ZONE: Final = "Asia/Shanghai"
HolderKind = Literal["user", "guest", "room"]
Method = Literal["REQUEST", "CANCEL"]
Partstat = Literal["accepted", "declined", "tentative"]

ANSWERS: Final[dict[str, str]] = {
    "": N_("未答复"),
    "accepted": N_("已接受"),
    "declined": N_("已拒绝"),
    "tentative": N_("待定"),
}


class Interval(msgspec.Struct, frozen=True, order=True):
    """From ``start`` up to and without ``end``: two instants with their zones."""

    start: datetime
    end: datetime


class Hours(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When a person works: on these days of the week (1 is Monday), in minutes of the day there."""

    days: tuple[int, ...] = (1, 2, 3, 4, 5)
    start_min: int = 9 * 60
    end_min: int = 18 * 60
    #: no break when both are equal
    break_start_min: int = 12 * 60
    break_end_min: int = 13 * 60
    zone: str = ZONE


class Attendee(msgspec.Struct, frozen=True):
    """``role`` as RFC 5545 (3.2.16) calls it: REQ-PARTICIPANT, OPT-PARTICIPANT or CHAIR."""

    name: str
    mail: str
    role: str = "REQ-PARTICIPANT"


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """A meeting as an invitation tells it. ``sequence`` grows with every change the invited have to know."""

    uid: str
    sequence: int
    summary: str
    starts_at: datetime
    ends_at: datetime
    #: name and mail
    organizer: tuple[str, str]
    #: name, mail and role each
    attendees: tuple[tuple[str, str, str], ...]
    description: str = ""
    location: str = ""
    url: str = ""
    status: Literal["CONFIRMED", "TENTATIVE", "CANCELLED"] = "CONFIRMED"
    #: minutes before the start at which programs remind
    alarms_min: tuple[int, ...] = ()
    #: RFC 9074 and others: where the video is; shown by most programs beside the place
    conference_url: str = ""
    zone: str = ZONE


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody's calendar answered to an invitation (RFC 5546, 3.2.3 and 3.2.7)."""

    uid: str
    attendee_mail: str
    partstat: str
    sequence: int
    method: Literal["REPLY", "COUNTER"]
    sent_at: datetime | None
    #: the other time that was proposed
    counter: Interval | None
    comment: str


class Applied(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a reply. ``stale``: of an earlier invitation, and not heard."""

    about: tuple[str, UUID]
    holder_kind: HolderKind
    holder_id: UUID
    answer: str
    counter: Interval | None
    comment: str
    stale: bool


class Access(msgspec.Struct, frozen=True):
    """How a source is reached; sealed as one."""

    url: str
    login: str = ""
    password: str = ""
    #: addresses of the calendars that were found, the first being the one written to
    calendars: tuple[str, ...] = ()


class Booking(msgspec.Struct, frozen=True):
    """What ``put_entry`` made: the same ``uid`` as before, and a ``sequence`` that grew if the meeting moved."""

    uid: str
    sequence: int
    moved: bool


class RoomView(msgspec.Struct, frozen=True):
    id: UUID
    name: str
    place: str
    seats: int
    active: bool
    version: int


class PersonDay(msgspec.Struct, frozen=True):
    """One person's day as a bar from 8:00 to 20:00: pairs of start and width in hundredths of it."""

    name: str
    off: tuple[tuple[float, float], ...]
    busy: tuple[tuple[float, float], ...]


class FreeDay(msgspec.Struct, frozen=True):
    """One day of the finder: times that suit everybody, and why the others do not."""

    day: date
    slots: tuple[Interval, ...]
    people: tuple[PersonDay, ...]


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """Something on one day of a person's own calendar. Rows are quarters of an hour of what the grid shows; no row, and
    it is seen in the list alone."""

    kind: Literal["entry", "busy"]
    start: datetime
    end: datetime
    title: str = ""
    place: str = ""
    path: str = ""
    answer: str = ""
    row_from: int = 0
    row_to: int = 0


class Day(msgspec.Struct, frozen=True):
    day: date
    today: bool
    items: tuple[Item, ...]


class Question(msgspec.Struct, frozen=True):
    """An invitation here that waits for the person's answer."""

    id: UUID
    title: str
    start: datetime
    end: datetime
    place: str
    path: str


class SourceView(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    kind: str
    name: str
    host: str
    write_back: bool
    fetched_at: datetime | None
    waiting: bool
    #: what happened, and what now; empty when all is well
    error: str
    hint: str
