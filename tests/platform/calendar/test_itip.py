"""Invitations as other programs read them, answers as other programs write them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from recurring_ical_events import of

from zhiren.calendar import Event, Interval, UnreadableReply, invitation, read_reply

TEN = datetime(2026, 12, 1, 2, tzinfo=UTC)
HR = ("人事 林晓", "hr@acme.cn")
WANG = ("王某", "wang@example.com", "REQ-PARTICIPANT")


def event(**options: Any) -> Event:
    told: dict[str, Any] = {"uid": "0199@zhiren", "sequence": 0, "summary": "面试：前端工程师", "organizer": HR}
    told |= {"starts_at": TEN, "ends_at": TEN + timedelta(minutes=45), "attendees": (WANG,)}
    return Event(**(told | options))


def unfolded(data: bytes) -> list[str]:
    """By hand, as RFC 5545 (3.1) says: not by the library that wrote it."""
    return data.replace(b"\r\n ", b"").decode().split("\r\n")


def values(data: bytes, name: str, within: str = "VEVENT") -> list[tuple[dict[str, str], str]]:
    """Parameters and value of each such line of the component."""
    found, inside = [], []
    for line in unfolded(data):
        if line.startswith("BEGIN:"):
            inside.append(line[6:])
        elif line.startswith("END:"):
            inside.pop()
        elif inside and inside[-1] == within:
            match = re.fullmatch(r'([A-Z-]+)((?:;[A-Z-]+=(?:"[^"]*"|[^";:]*))*):(.*)', line, re.S)
            assert match, line
            if match[1] == name:
                pairs = re.findall(r';([A-Z-]+)=("[^"]*"|[^";:]*)', match[2])
                found.append(({key: value.strip('"') for key, value in pairs}, match[3]))
    return found


def one(data: bytes, name: str, within: str = "VEVENT") -> str:
    ((_parameters, value),) = values(data, name, within)
    return value


def test_an_invitation_has_what_the_standard_asks_for() -> None:
    data = invitation(event(location="3 楼 大会议室", alarms_min=(60, 1440)), "REQUEST")
    assert one(data, "METHOD", "VCALENDAR") == "REQUEST"
    assert one(data, "VERSION", "VCALENDAR") == "2.0"
    assert (one(data, "UID"), one(data, "SEQUENCE"), one(data, "STATUS")) == ("0199@zhiren", "0", "CONFIRMED")
    assert values(data, "DTSTART") == [({"TZID": "Asia/Shanghai"}, "20261201T100000")]
    assert values(data, "DTEND") == [({"TZID": "Asia/Shanghai"}, "20261201T104500")]
    assert one(data, "TZID", "VTIMEZONE") == "Asia/Shanghai"
    assert one(data, "TZOFFSETTO", "STANDARD") == "+0800"
    assert values(data, "ORGANIZER") == [({"CN": "人事 林晓"}, "mailto:hr@acme.cn")]
    ((parameters, address),) = values(data, "ATTENDEE")
    assert address == "mailto:wang@example.com"
    assert parameters["CN"] == "王某"
    assert (parameters["ROLE"], parameters["PARTSTAT"], parameters["RSVP"]) == (
        "REQ-PARTICIPANT",
        "NEEDS-ACTION",
        "TRUE",
    )
    assert [value for _p, value in values(data, "TRIGGER", "VALARM")] == ["-PT1H", "-P1D"]
    assert datetime.now(UTC) - datetime.strptime(one(data, "DTSTAMP") + "+0000", "%Y%m%dT%H%M%SZ%z") < timedelta(
        minutes=1
    )


def test_a_change_keeps_the_uid_and_counts_on_with_a_fresh_stamp() -> None:
    first = invitation(event(), "REQUEST", now=TEN - timedelta(days=2))
    later = TEN + timedelta(days=1)
    second = invitation(event(sequence=1, starts_at=later, ends_at=later + timedelta(hours=1)), "REQUEST", now=TEN)
    assert one(first, "UID") == one(second, "UID")
    assert (one(first, "SEQUENCE"), one(second, "SEQUENCE")) == ("0", "1")
    assert (one(first, "DTSTAMP"), one(second, "DTSTAMP")) == ("20261129T020000Z", "20261201T020000Z")


def test_calling_off_asks_for_no_answer_and_rings_no_bell() -> None:
    data = invitation(event(sequence=2, alarms_min=(60,)), "CANCEL")
    assert (one(data, "METHOD", "VCALENDAR"), one(data, "STATUS")) == ("CANCEL", "CANCELLED")
    assert "RSVP" not in values(data, "ATTENDEE")[0][0]
    assert b"VALARM" not in data


def test_a_guest_abroad_gets_their_own_clock_with_its_rules() -> None:
    data = invitation(event(zone="America/New_York"), "REQUEST")
    assert values(data, "DTSTART") == [({"TZID": "America/New_York"}, "20261130T210000")]
    assert one(data, "TZID", "VTIMEZONE") == "America/New_York"
    assert {value for _p, value in values(data, "TZOFFSETTO", "DAYLIGHT")} == {"-0400"}


words = st.text(st.characters(exclude_categories=["Cs"]), max_size=120)


@given(words, words, words, st.sampled_from(["https://acme.example/p?a=1;b=2,3", "https://x.cn/\r\nATTENDEE:mailto:e"]))
def test_no_text_escapes_from_its_line(summary: str, location: str, name: str, url: str) -> None:
    attendees = ((name, "wang@example.com\r\nX-EVIL:1", "REQ-PARTICIPANT"),)
    data = invitation(
        event(summary=summary, location=location, description=summary, url=url, attendees=attendees), "REQUEST"
    )
    assert b"\n" not in data.replace(b"\r\n", b"")
    assert all(len(line) <= 75 for line in data.split(b"\r\n"))
    data.decode()
    assert all(line.decode() is not None for line in data.split(b"\r\n"))  # no fold inside a character
    assert len(values(data, "ATTENDEE")) == 1
    assert values(data, "X-EVIL") == []
    names = [line.split(":")[0].split(";")[0] for line in unfolded(data) if line]
    assert names.count("SUMMARY") == 1
    assert names.count("BEGIN") == names.count("END")


def test_an_independent_reader_agrees() -> None:
    """vobject parses with code of its own and knows nothing of the library that wrote."""
    vobject = pytest.importorskip("vobject")
    data = invitation(event(summary="面试, 一面; 加\\试", location="3 楼", alarms_min=(60,)), "REQUEST")
    read = vobject.readOne(data.decode())
    assert read.method.value == "REQUEST"
    assert read.vevent.summary.value == "面试, 一面; 加\\试"
    assert read.vevent.dtstart.value.astimezone(UTC) == TEN
    assert read.vevent.dtend.value - read.vevent.dtstart.value == timedelta(minutes=45)
    assert read.vevent.attendee.value == "mailto:wang@example.com"
    assert read.vevent.organizer.params["CN"] == ["人事 林晓"]


def test_the_time_is_right_on_every_clock() -> None:
    """As a calendar program shows it on the day, reading the zone's rules from the invitation itself."""
    import icalendar

    for zone in ("Asia/Shanghai", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"):
        for day in (datetime(2026, 1, 15, 3, tzinfo=UTC), datetime(2026, 7, 15, 3, tzinfo=UTC)):
            data = invitation(event(zone=zone, starts_at=day, ends_at=day + timedelta(hours=1)), "REQUEST")
            (found,) = of(icalendar.Calendar.from_ical(data)).between(day - timedelta(days=1), day + timedelta(days=1))
            assert found["DTSTART"].dt.astimezone(UTC) == day
            assert found["DTSTART"].dt.utcoffset() == day.astimezone(ZoneInfo(zone)).utcoffset()


# ---- answers

REPLY = """BEGIN:VCALENDAR\r
PRODID:-//Microsoft Corporation//Outlook 16.0 MIMEDIR//EN\r
VERSION:2.0\r
METHOD:REPLY\r
BEGIN:VEVENT\r
ATTENDEE;PARTSTAT=ACCEPTED;CN="Wang, M.":MAILTO:Wang@Example.com\r
COMMENT:谢谢，\\n准时到\r
UID:0199@zhiren\r
SEQUENCE:3\r
DTSTAMP:20261125T010203Z\r
DTSTART;TZID=China Standard Time:20261201T100000\r
DTEND;TZID=China Standard Time:20261201T104500\r
END:VEVENT\r
END:VCALENDAR\r
"""


def test_an_answer_as_outlook_writes_it() -> None:
    read = read_reply(REPLY.encode())
    assert (read.uid, read.attendee_mail, read.partstat) == ("0199@zhiren", "wang@example.com", "accepted")
    assert (read.sequence, read.method, read.counter) == (3, "REPLY", None)
    assert read.sent_at == datetime(2026, 11, 25, 1, 2, 3, tzinfo=UTC)
    assert read.comment == "谢谢，\n准时到"


def test_a_counter_proposal_says_when() -> None:
    text = REPLY.replace("METHOD:REPLY", "METHOD:COUNTER").replace("PARTSTAT=ACCEPTED", "PARTSTAT=TENTATIVE")
    read = read_reply(text.replace("20261201", "20261202").encode())
    start = datetime(2026, 12, 2, 2, tzinfo=UTC)
    assert read.method == "COUNTER"
    assert read.counter == Interval(start, start + timedelta(minutes=45))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("METHOD:REPLY", "METHOD:REQUEST"),
        ("METHOD:REPLY\r\n", ""),
        ("UID:0199@zhiren\r\n", ""),
        ("ATTENDEE;", "ATTENDEE:mailto:a@b.cn\r\nATTENDEE;"),
        ("MAILTO:Wang@Example.com", "urn:uuid:1"),
        ("END:VEVENT\r\n", "END:VEVENT\r\nBEGIN:VEVENT\r\nUID:2\r\nEND:VEVENT\r\n"),
        (REPLY, "not a calendar"),
        (REPLY, ""),
        ("谢谢", "x" * 300_000),
    ],
)
def test_what_is_no_answer_is_refused(old: str, new: str) -> None:
    with pytest.raises(UnreadableReply):
        read_reply(REPLY.replace(old, new).encode())


@given(st.binary(max_size=400))
def test_no_bytes_break_the_reader(data: bytes) -> None:
    with pytest.raises(UnreadableReply):
        read_reply(data)


@given(st.integers(0, len(REPLY) - 1), st.text(max_size=8), st.integers(0, 60))
def test_no_damage_breaks_the_reader(at: int, inserted: str, removed: int) -> None:
    damaged = REPLY[:at] + inserted + REPLY[at + removed :]
    try:
        read = read_reply(damaged.encode("utf-8", "replace"))
    except UnreadableReply:
        return
    assert "@" in read.attendee_mail
    assert read.sequence >= 0
