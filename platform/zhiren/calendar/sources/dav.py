"""CalDAV (RFC 4791), as much of it as is needed: find a person's calendars, read what is in them, write one event.

Through ``Door`` and not by a client library: those open connections, follow redirects and resolve names by themselves,
and the addresses come from people.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from urllib.parse import quote, urljoin, urlsplit
from xml.etree import ElementTree

from zhiren.calendar.sources.door import Answer, Door
from zhiren.calendar.sources.errors import SourceFailed

_DAV: Final = "{DAV:}"
_CAL: Final = "{urn:ietf:params:xml:ns:caldav}"
_XML: Final = {"Content-Type": "application/xml; charset=utf-8"}
MAX_CALENDARS: Final = 20

_FIND: Final = b"""<?xml version="1.0" encoding="utf-8"?>
<propfind xmlns="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav"><prop><resourcetype/><current-user-principal/>\
<c:calendar-home-set/><c:supported-calendar-component-set/><c:schedule-calendar-transp/></prop></propfind>"""
_QUERY: Final = """<?xml version="1.0" encoding="utf-8"?>
<c:calendar-query xmlns="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav"><prop><c:calendar-data/></prop><c:filter>\
<c:comp-filter name="VCALENDAR"><c:comp-filter name="VEVENT"><c:time-range start="{start}" end="{end}"/>\
</c:comp-filter></c:comp-filter></c:filter></c:calendar-query>"""


@dataclass(frozen=True, slots=True)
class Found:
    """What a PROPFIND said of one address."""

    href: str
    calendar: bool
    principal: str
    home: str


class CalDav:
    """One person's account on a CalDAV server. Calls block; run them in a thread. Each raises SourceFailed."""

    def __init__(self, door: Door, login: str, password: str) -> None:
        self._door = door
        self._login = (login, password)

    def calendars(self, url: str) -> tuple[str, ...]:
        """Addresses of the calendars behind ``url``: that of a calendar, of a person, or of the server alone."""
        seen = {url}
        for _step in range(4):
            found = self._find(url)
            if calendars := [each.href for each in found if each.calendar]:
                return tuple(calendars[:MAX_CALENDARS])
            following = [each.home for each in found if each.home] + [each.principal for each in found]
            following.append(urljoin(url, "/.well-known/caldav"))
            url = next((each for each in following if each and each not in seen), "")
            if not url:
                break
            seen.add(url)
        raise SourceFailed("missing")

    def read(self, calendar: str, start: datetime, end: datetime) -> list[bytes]:
        """The iCalendar files of what is in the calendar between ``start`` and ``end``; repeated events whole."""
        query = _QUERY.format(start=_stamp(start), end=_stamp(end)).encode()
        answer = self._send("REPORT", calendar, body=query, headers={**_XML, "Depth": "1"})
        return [
            data.text.encode()
            for response in _multistatus(answer).iter(f"{_DAV}response")
            for data in response.iter(f"{_CAL}calendar-data")
            if data.text
        ]

    def write(self, calendar: str, uid: str, data: bytes, *, href: str = "", etag: str = "") -> tuple[str, str]:
        """Puts one event there. A new one never over another that has its address (If-None-Match), a change never
        over one made there in between (If-Match). Returns address and ETag, which is empty where the server changed
        what it was given. Raises SourceFailed("changed")."""
        target = href or address_of(calendar, uid)
        guard = {"If-Match": etag} if href and etag else {} if href else {"If-None-Match": "*"}
        headers = {"Content-Type": "text/calendar; charset=utf-8", **guard}
        answer = self._send("PUT", target, body=data, headers=headers)
        return target, answer.headers.get("etag", "") or self._etag(target)

    def ours(self, calendar: str, uid: str, mark: bytes) -> tuple[str, str]:
        """Address and ETag of the event that stands where ``write`` would put a new one of this UID, if ``mark`` is in
        it: a worker wrote it and did not live to say so. Raises SourceFailed("changed") when it is another's."""
        target = address_of(calendar, uid)
        answer = self._send("GET", target)
        if mark not in answer.body or not answer.headers.get("etag"):
            raise SourceFailed("changed")
        return target, answer.headers["etag"]

    def remove(self, href: str, etag: str = "") -> None:
        """Takes the event away; one that is gone already is well. Raises SourceFailed("changed")."""
        try:
            self._send("DELETE", href, headers={"If-Match": etag} if etag else {})
        except SourceFailed as failure:
            if failure.word != "missing":
                raise

    def _etag(self, href: str) -> str:
        answer = self._send("GET", href)
        return answer.headers.get("etag", "")

    def _find(self, url: str) -> list[Found]:
        answer = self._send("PROPFIND", url, body=_FIND, headers={**_XML, "Depth": "1"})
        return [_found(answer.url, response) for response in _multistatus(answer).iter(f"{_DAV}response")]

    def _send(self, method: str, url: str, *, headers: dict[str, str] | None = None, body: bytes = b"") -> Answer:
        answer = self._door.send(method, url, headers=headers, body=body, login=self._login)
        if answer.status == 409 or (answer.status == 403 and method == "PUT"):
            # most often: an event of this UID is there already, under an address of its own
            raise SourceFailed("changed")
        if answer.status in (401, 403):
            raise SourceFailed("refused")
        if answer.status in (404, 405, 410):
            raise SourceFailed("missing")
        if answer.status == 412:
            raise SourceFailed("changed")
        if not 200 <= answer.status < 300:
            raise SourceFailed("answer")
        return answer


def _multistatus(answer: Answer) -> ElementTree.Element:
    if answer.status != 207 or b"<!DOCTYPE" in answer.body or b"<!ENTITY" in answer.body:
        raise SourceFailed("missing" if answer.status != 207 else "answer")
    try:
        return ElementTree.fromstring(answer.body)  # noqa: S314 - see above
    except (ElementTree.ParseError, ValueError, LookupError) as error:
        raise SourceFailed("answer") from error


def _found(base: str, response: ElementTree.Element) -> Found:
    kind = response.find(f".//{_DAV}resourcetype")
    components = [each.get("name", "").upper() for each in response.iter(f"{_CAL}comp")]
    calendar = kind is not None and kind.find(f"{_CAL}calendar") is not None
    return Found(
        href=_within(base, response.findtext(f"{_DAV}href")),
        # lists of tasks are calendars too; one whose owner does not count it as busy is not asked
        calendar=calendar
        and (not components or "VEVENT" in components)
        and response.find(f".//{_CAL}schedule-calendar-transp/{_CAL}transparent") is None,
        principal=_within(base, response.findtext(f".//{_DAV}current-user-principal/{_DAV}href")),
        home=_within(base, response.findtext(f".//{_CAL}calendar-home-set/{_DAV}href")),
    )


def _within(base: str, href: str | None) -> str:
    """``href`` as an address. Some services send a person on to another host of theirs; never to one without TLS."""
    if not href:
        return ""
    try:
        target = urljoin(base, href.strip())
        return target if urlsplit(target).scheme == urlsplit(base).scheme else ""
    except ValueError:
        return ""


def address_of(calendar: str, uid: str) -> str:
    """Where a new event of this UID goes."""
    return urljoin(_folder(calendar), quote(uid, safe="@.-") + ".ics")


def _folder(url: str) -> str:
    return url if url.endswith("/") else url + "/"


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
