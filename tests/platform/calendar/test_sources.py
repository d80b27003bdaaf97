"""Calendars elsewhere: read from a real server, guarded against addresses that lead inside."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import httpx
import pytest

from tests.platform.calendar.conftest import LOGIN, PASSWORD, Served, Site
from zhiren.calendar import Interval
from zhiren.calendar.sources.dav import CalDav
from zhiren.calendar.sources.door import GuardedDoor, is_public
from zhiren.calendar.sources.errors import WORDS, SourceFailed
from zhiren.calendar.sources.ics import busy_in

CHINA = ZoneInfo("Asia/Shanghai")
START, END = datetime(2026, 11, 30, tzinfo=CHINA), datetime(2026, 12, 14, tzinfo=CHINA)
INNER = GuardedDoor(private=True, timeout_s=5)


def event(uid: str, *lines: str) -> str:
    return "\r\n".join(("BEGIN:VEVENT", f"UID:{uid}", "DTSTAMP:20261101T000000Z", *lines, "END:VEVENT", ""))


def ics(*events: str, zones: str = "") -> bytes:
    head = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//\r\n"
    return (head + zones + "".join(events) + "END:VCALENDAR\r\n").encode()


def china(day: int, hour: int, minute: int = 0, *, until: tuple[int, int] | None = None) -> Interval:
    start = datetime(2026, 12, day, hour, minute, tzinfo=CHINA)
    return Interval(start, start.replace(hour=until[0], minute=until[1]) if until else start + timedelta(hours=1))


def read(*events: str, zone: str = "Asia/Shanghai", **options: frozenset[str]) -> list[Interval]:
    return busy_in([ics(*events)], START, END, zone=zone, **options)


# ---- what a file says


def test_zones_of_every_spelling_meet_in_one_time() -> None:
    """10:00 in Shanghai on 1 December, written in five ways."""
    for line in (
        "DTSTART:20261201T020000Z",
        "DTSTART;TZID=Asia/Shanghai:20261201T100000",
        "DTSTART;TZID=China Standard Time:20261201T100000",
        "DTSTART;TZID=America/New_York:20261130T210000",
        "DTSTART:20261201T100000",
    ):
        assert read(event("1", line, "DURATION:PT1H")) == [china(1, 10)], line


def test_a_zone_that_the_file_defines_itself() -> None:
    zones = (
        "BEGIN:VTIMEZONE\r\nTZID:Work\r\nBEGIN:STANDARD\r\nDTSTART:19700101T000000\r\nTZOFFSETFROM:+0545\r\n"
        "TZOFFSETTO:+0545\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n"
    )
    data = ics(event("1", "DTSTART;TZID=Work:20261201T074500", "DURATION:PT1H"), zones=zones)
    assert busy_in([data], START, END, zone="Asia/Shanghai") == [china(1, 10)]


def test_repetitions_exceptions_and_moved_ones() -> None:
    weekly = event(
        "w",
        "DTSTART;TZID=Asia/Shanghai:20261102T100000",
        "DURATION:PT1H",
        "RRULE:FREQ=WEEKLY;BYDAY=MO,TU",
        "EXDATE;TZID=Asia/Shanghai:20261201T100000",
    )
    moved = event("w", "RECURRENCE-ID;TZID=Asia/Shanghai:20261207T100000", "DTSTART:20261209T060000Z", "DURATION:PT30M")
    monday = datetime(2026, 11, 30, 10, tzinfo=CHINA)
    assert read(weekly, moved) == [
        Interval(monday, monday + timedelta(hours=1)),
        china(8, 10),
        china(9, 14, until=(14, 30)),
    ]


def test_summer_time_abroad_moves_a_weekly_meeting_here() -> None:
    """09:00 in Berlin is 15:00 in Shanghai in summer and 16:00 in winter."""
    weekly = event("b", "DTSTART;TZID=Europe/Berlin:20261019T090000", "DURATION:PT1H", "RRULE:FREQ=WEEKLY")
    found = busy_in(
        [ics(weekly)], datetime(2026, 10, 19, tzinfo=CHINA), datetime(2026, 11, 3, tzinfo=CHINA), zone="UTC"
    )
    assert [one.start.astimezone(CHINA).hour for one in found] == [15, 16, 16]


def test_whole_days_are_of_the_person_s_own_zone() -> None:
    leave = event("d", "DTSTART;VALUE=DATE:20261203", "DTEND;VALUE=DATE:20261205")
    assert read(leave) == [Interval(datetime(2026, 12, 3, tzinfo=CHINA), datetime(2026, 12, 5, tzinfo=CHINA))]
    (found,) = read(event("d", "DTSTART;VALUE=DATE:20261203"), zone="America/New_York")
    assert found == Interval(datetime(2026, 12, 3, 5, tzinfo=UTC), datetime(2026, 12, 4, 5, tzinfo=UTC))


@pytest.mark.parametrize("line", ["TRANSP:TRANSPARENT", "STATUS:CANCELLED"])
def test_what_takes_no_time_is_left_out(line: str) -> None:
    assert read(event("1", "DTSTART:20261201T020000Z", "DURATION:PT1H", line)) == []


def test_what_was_entered_from_here_does_not_count_twice() -> None:
    ours = event("x@zhiren", "DTSTART:20261201T020000Z", "DURATION:PT1H")
    assert read(ours, own_uids=frozenset({"x@zhiren"})) == []


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=SECONDLY",
        "FREQ=MINUTELY;COUNT=9999999",
        "FREQ=DAILY;BYHOUR=1,2,3,4,5;BYMINUTE=0,5,10,15,20,25,30,35,40,45,50",
    ],
)
def test_repetitions_that_take_for_ever_are_not_begun(rule: str) -> None:
    began_s = time.monotonic()
    good = event("g", "DTSTART:20261201T020000Z", "DURATION:PT1H")
    assert read(event("1", "DTSTART:20200101T000000Z", "DURATION:PT1S", f"RRULE:{rule}"), good) == [china(1, 10)]
    assert time.monotonic() - began_s < 2


def test_one_broken_event_does_not_hide_the_others() -> None:
    broken = event("b", "DTSTART:2026-12-01", "DTEND:nonsense", "RRULE:FREQ=SOMETIMES")
    assert read(broken, event("g", "DTSTART:20261201T020000Z", "DURATION:PT1H")) == [china(1, 10)]


@pytest.mark.parametrize("data", [b"", b"<html>log in</html>", b"BEGIN:VCALENDAR\r\n\xff\xfe"])
def test_what_is_no_calendar(data: bytes) -> None:
    with pytest.raises(SourceFailed, match="no_calendar"):
        busy_in([data], START, END, zone="Asia/Shanghai")


# ---- the way there


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "192.168.1.1", "172.16.0.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "::1",
     "fe80::1", "fd00::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "224.0.0.1",
     "255.255.255.255", "::", "fe80::1%eth0", "nonsense"],
)  # fmt: skip
def test_inner_addresses_are_known_in_every_dress(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "114.114.114.114", "2400:3200::1", "::ffff:8.8.8.8"])
def test_public_ones_too(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    ("url", "word"),
    [
        ("http://example.com/", "address"),
        ("ftp://example.com/", "address"),
        ("file:///etc/passwd", "address"),
        ("https://user:pass@example.com/", "address"),
        ("https://127.0.0.1/", "private"),
        ("https://[::1]/", "private"),
        ("https://localhost/", "private"),
        ("https://2130706433/", "private"),
        ("https://0x7f.1/", "private"),
        ("https://169.254.169.254/latest/meta-data", "private"),
        ("https://[::ffff:10.0.0.1]/", "private"),
        ("https://exa mple.com/", "address"),
        ("https://example.com:99999/", "address"),
        ("https://example.com/a\r\nHost: inner", "address"),
    ],
)
def test_where_nobody_is_led(url: str, word: str) -> None:
    with pytest.raises(SourceFailed) as failed:
        GuardedDoor(timeout_s=2).send("GET", url)
    assert failed.value.word == word
    assert failed.value.word in WORDS


def test_a_redirect_inside_is_not_followed(site: Site) -> None:
    """The first host may be anybody's; where it sends us is checked like where we began."""

    class FirstHop(GuardedDoor):
        """Takes the test's own server for a public one, and nothing else."""

        def _public_address(self, host: str, port: int) -> str:
            return host if f"{host}:{port}" in site.served.url else super()._public_address(host, port)

        def _parts(self, url: str) -> tuple[str, str, int, str]:
            return GuardedDoor(private=True)._parts(url)

    site.status, site.headers = "302 Found", [("Location", "http://127.0.0.2:1/latest")]
    with pytest.raises(SourceFailed, match="private"):
        FirstHop(timeout_s=2).send("GET", site.served.url + "/go")


def test_a_redirect_takes_no_password_to_another_host(site: Site) -> None:
    port = site.served.url.rpartition(":")[2]
    site.paths["/go"] = ("302 Found", [("Location", f"http://localhost:{port}/there")], b"")
    site.paths["/stay"] = ("302 Found", [("Location", "/there")], b"")
    INNER.send("GET", site.served.url + "/stay", login=("lin", "secret"))
    INNER.send("GET", site.served.url + "/go", login=("lin", "secret"))
    assert [(path, "HTTP_AUTHORIZATION" in headers) for _method, path, headers in site.served.seen] == [
        ("/stay", True),
        ("/there", True),
        ("/go", True),
        ("/there", False),
    ]


def test_redirects_in_a_circle_end(site: Site) -> None:
    site.status, site.headers = "302 Found", [("Location", "/again")]
    with pytest.raises(SourceFailed, match="answer"):
        INNER.send("GET", site.served.url + "/")
    assert len(site.served.seen) == 6


def test_an_answer_has_an_end_in_bytes(site: Site) -> None:
    site.body = b"x" * 200_000
    with pytest.raises(SourceFailed, match="too_large"):
        GuardedDoor(private=True, max_bytes=100_000).send("GET", site.served.url + "/")
    assert len(GuardedDoor(private=True, max_bytes=200_000).send("GET", site.served.url + "/").body) == 200_000


@pytest.fixture
def drip() -> Iterator[int]:
    """A server that sends one byte at a time and never ends."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        stop = threading.Event()

        def live() -> None:
            peer, _address = listening.accept()
            with peer:
                peer.recv(4096)
                peer.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
                while not stop.wait(0.1):
                    try:
                        peer.sendall(b"x")
                    except OSError:
                        return

        thread = threading.Thread(target=live, daemon=True)
        thread.start()
        yield listening.getsockname()[1]
        stop.set()
        thread.join()


def test_an_answer_has_an_end_in_seconds(drip: int) -> None:
    began_s = time.monotonic()
    with pytest.raises(SourceFailed, match="slow"):
        GuardedDoor(private=True, timeout_s=1).send("GET", f"http://127.0.0.1:{drip}/")
    assert time.monotonic() - began_s < 3


def test_a_server_without_a_good_certificate_is_not_spoken_to(site: Site) -> None:
    with pytest.raises(SourceFailed) as failed:
        INNER.send("GET", site.served.url.replace("http://", "https://"), login=("lin", "secret"))
    assert failed.value.word in ("certificate", "unreachable")
    assert isinstance(failed.value.__cause__, ssl.SSLError | OSError)
    assert all(not headers for _method, _path, headers in site.served.seen)


# ---- CalDAV, by a real server


def account(radicale: Served, password: str = PASSWORD) -> CalDav:
    return CalDav(INNER, LOGIN, password)


@pytest.mark.parametrize("path", ["/", f"/{LOGIN}/", f"/{LOGIN}/work/"])
def test_calendars_are_found_from_any_address(radicale: Served, path: str) -> None:
    assert account(radicale).calendars(radicale.url + path) == (f"{radicale.url}/{LOGIN}/work/",)


def test_a_wrong_password_is_said_to_be_one(radicale: Served) -> None:
    with pytest.raises(SourceFailed, match="refused"):
        account(radicale, "wrong").calendars(radicale.url + "/")


def test_events_are_read_written_changed_and_removed(radicale: Served) -> None:
    dav, calendar = account(radicale), f"{radicale.url}/{LOGIN}/work/"
    mine = ics(event("mine", "DTSTART;TZID=Asia/Shanghai:20261124T090000", "DURATION:PT1H", "RRULE:FREQ=WEEKLY"))
    old = ics(event("old", "DTSTART:20260101T000000Z", "DURATION:PT1H"))
    with httpx.Client(auth=(LOGIN, PASSWORD), trust_env=False) as client:
        for name, data in (("mine", mine), ("old", old)):
            assert client.put(f"{calendar}{name}.ics", content=data).status_code == 201
    files = dav.read(calendar, START, END)
    assert busy_in(files, START, END, zone="Asia/Shanghai") == [china(1, 9), china(8, 9)]

    written = ics(event("zhiren-1", "DTSTART:20261202T020000Z", "DURATION:PT1H"))
    href, etag = dav.write(calendar, "zhiren-1", written)
    assert radicale.seen[-1][2]["HTTP_IF_NONE_MATCH"] == "*"
    assert etag
    assert china(2, 10) in busy_in(dav.read(calendar, START, END), START, END, zone="Asia/Shanghai")
    # never over another: neither one that is there, nor one that was changed there
    with pytest.raises(SourceFailed, match="changed"):
        dav.write(calendar, "zhiren-1", written)
    again = ics(event("zhiren-1", "DTSTART:20261203T020000Z", "DURATION:PT1H", "SEQUENCE:1"))
    _href, later = dav.write(calendar, "zhiren-1", again, href=href, etag=etag)
    assert later != etag
    with pytest.raises(SourceFailed, match="changed"):
        dav.write(calendar, "zhiren-1", written, href=href, etag=etag)
    with pytest.raises(SourceFailed, match="changed"):
        dav.remove(href, etag)
    dav.remove(href, later)
    dav.remove(href, later)
    assert china(3, 10) not in busy_in(dav.read(calendar, START, END), START, END, zone="Asia/Shanghai")


@pytest.mark.parametrize(
    ("status", "body", "word"),
    [
        ("500 Oops", b"", "answer"),
        ("404 Not Found", b"", "missing"),
        ("200 OK", b"<html/>", "missing"),
        ("207 Multi-Status", b"<not xml", "answer"),
        ("207 Multi-Status", b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "answer"),
        ("207 Multi-Status", b'<multistatus xmlns="DAV:"/>', "missing"),
    ],
)
def test_other_answers_are_told_apart(site: Site, status: str, body: bytes, word: str) -> None:
    site.status, site.body = status, body
    with pytest.raises(SourceFailed) as failed:
        CalDav(INNER, "a", "b").calendars(site.served.url + "/")
    assert failed.value.word == word
