"""Calendars that people keep elsewhere: entered, read every so often, written to where the person lets us."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import urlsplit, urlunsplit
from uuid import UUID

from psycopg.types.multirange import Multirange
from psycopg.types.range import Range

from zhiren.audit import record
from zhiren.calendar import repository
from zhiren.calendar.errors import SourceRefused
from zhiren.calendar.itip import PRODUCT
from zhiren.calendar.models import Entry, Source
from zhiren.calendar.schemas import ZONE, Access, Interval, SourceView
from zhiren.calendar.service.people import hours_of, own_id, render
from zhiren.calendar.sources.dav import CalDav
from zhiren.calendar.sources.door import Door
from zhiren.calendar.sources.errors import SourceFailed, said
from zhiren.calendar.sources.ics import busy_in
from zhiren.context import Context
from zhiren.errors import NotFound
from zhiren.i18n import _
from zhiren.jobs import enqueue

FETCH: Final = "calendar.fetch"
EVERY: Final = timedelta(minutes=15)
#: for those that failed eight times in a row
REST: Final = timedelta(hours=6)
MOST: Final = 5
BEHIND: Final = timedelta(days=7)
AHEAD: Final = timedelta(days=180)


async def sources(ctx: Context) -> list[SourceView]:
    """The person's own, as their page shows them: the address is told by its host alone."""
    return [_view(each) for each in await repository.sources_of(ctx.session, own_id(ctx))]


def _view(source: Source) -> SourceView:
    error, hint = said(source.error) if source.error else ("", "")
    return SourceView(
        id=source.id,
        kind=source.kind,
        name=source.name,
        host=urlsplit(source.access.url).hostname or "",
        write_back=source.write_back,
        fetched_at=source.fetched_at,
        waiting=source.tried_at is None,
        error=error,
        hint=hint,
    )


async def add_source(
    ctx: Context, *, kind: str, name: str, url: str, login: str = "", password: str = "", write_back: bool = False
) -> UUID:
    """A calendar of the person's own; it is read right after the commit. Raises SourceRefused."""
    user_id, wrong = own_id(ctx), {}
    address = normal_url(url)
    if not address:
        wrong["url"] = _("请填写以 https:// 开头的网址")
    if kind not in ("caldav", "ics"):
        wrong["kind"] = _("请选择种类")
    if kind == "caldav" and not (login and password):
        wrong["password"] = _("请填写登录名和密码")
    if len(await repository.sources_of(ctx.session, user_id)) >= MOST:
        wrong["url"] = _("最多 {count} 个日历，请先移除不用的", count=MOST)
    if wrong:
        raise SourceRefused(next(iter(wrong.values())), fields=wrong)
    source = Source(
        user_id=user_id,
        kind=kind,
        name=" ".join(name.split())[:60] or (urlsplit(address).hostname or ""),
        access=Access(address, login, password) if kind == "caldav" else Access(address),
        write_back=write_back and kind == "caldav",
    )
    ctx.session.add(source)
    await ctx.session.flush()
    record(
        ctx,
        "calendar.source.create",
        object_type="calendar.source",
        object_id=source.id,
        changes={"kind": (None, kind), "write_back": (None, source.write_back)},
        fields=["url"],
    )
    await enqueue(ctx, FETCH, {"source_id": str(source.id)})
    return source.id


def normal_url(text: str) -> str:
    """The address as it is asked for: ``webcal://`` is https. Empty when it is none."""
    text = text.strip()
    try:
        parts = urlsplit(text)
        scheme = {"webcal": "https", "webcals": "https"}.get(parts.scheme.lower(), parts.scheme.lower())
        if scheme not in ("https", "http") or not parts.hostname or parts.username is not None or len(text) > 1500:
            return ""
        # a host's name may be Chinese; the rest of an address is not
        host = parts.hostname.encode("idna").decode() + (f":{parts.port}" if parts.port else "")
    except ValueError:
        return ""
    found = urlunsplit((scheme, host, parts.path, parts.query, ""))
    return found if found.isascii() and found.isprintable() and " " not in found else ""


async def remove_source(ctx: Context, source_id: UUID) -> str:
    """Its busy times are forgotten with it. Returns its name. Raises NotFound."""
    source = await _own(ctx, source_id)
    record(ctx, "calendar.source.delete", object_type="calendar.source", object_id=source.id)
    name = source.name
    await repository.delete_source(ctx.session, source.id)
    return name


async def set_write_back(ctx: Context, source_id: UUID, write_back: bool) -> None:
    """Whether accepted interviews are entered there. Raises NotFound."""
    source = await _own(ctx, source_id)
    changes = {"write_back": (source.write_back, write_back and source.kind == "caldav")}
    source.write_back = write_back and source.kind == "caldav"
    record(ctx, "calendar.source.update", object_type="calendar.source", object_id=source.id, changes=changes)


async def ask_to_read(ctx: Context, source_id: UUID) -> UUID:
    """Reads it now. Returns the job's id. Raises NotFound."""
    source = await _own(ctx, source_id)
    record(ctx, "calendar.source.fetch", object_type="calendar.source", object_id=source.id)
    return await enqueue(ctx, FETCH, {"source_id": str(source.id)})


async def _own(ctx: Context, source_id: UUID) -> Source:
    found = await repository.own_source(ctx.session, source_id, own_id(ctx))
    if found is None:
        raise NotFound(_("没有这个日历，可能已经移除。"))
    return found


# ---- reading, in three steps: the second has no transaction


@dataclass(frozen=True, slots=True)
class Reading:
    """What has to be read, and for whom."""

    kind: str
    access: Access
    zone: str
    own_uids: frozenset[str]
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Read:
    """What reading brought: busy times and calendars found, or the word for why not."""

    busy: tuple[Interval, ...] = ()
    calendars: tuple[str, ...] = ()
    error: str = ""


async def prepare(ctx: Context, source_id: UUID) -> Reading | None:
    """None when the source was removed meanwhile."""
    source = await repository.source(ctx.session, source_id)
    if source is None:
        return None
    hours = (await hours_of(ctx, [source.user_id]))[source.user_id]
    own_uids = frozenset(await repository.uids_of(ctx.session, source.user_id))
    now = datetime.now(UTC)
    return Reading(source.kind, source.access, hours.zone, own_uids, now - BEHIND, now + AHEAD)


def read(door: Door, task: Reading) -> Read:
    """Reads the calendar. Blocks; raises nothing."""
    calendars: tuple[str, ...] = ()
    try:
        if task.kind == "caldav":
            account = CalDav(door, task.access.login, task.access.password)
            calendars = account.calendars(task.access.url)
            files: Sequence[bytes] = [data for each in calendars for data in account.read(each, task.start, task.end)]
        else:
            answer = door.send("GET", task.access.url, headers={"Accept": "text/calendar, */*;q=0.5"})
            _check(answer.status)
            files = [answer.body]
        busy = busy_in(files, task.start, task.end, zone=task.zone, own_uids=task.own_uids)
    except SourceFailed as failure:
        return Read(error=failure.word)
    return Read(tuple(busy), calendars)


def _check(status: int) -> None:
    if status in (401, 403):
        raise SourceFailed("refused")
    if status in (404, 410):
        raise SourceFailed("missing")
    if status != 200:
        raise SourceFailed("answer")


async def conclude(ctx: Context, source_id: UUID, outcome: Read) -> None:
    """Keeps the busy times; after a failure those of before stay, and the page says why."""
    source = await repository.source(ctx.session, source_id)
    if source is None:
        return
    now = datetime.now(UTC)
    source.tried_at, source.error = now, outcome.error
    if outcome.error:
        source.failures += 1
        return
    source.failures, source.fetched_at = 0, now
    source.busy = Multirange([Range(one.start, one.end, "[)") for one in outcome.busy])
    if outcome.calendars and outcome.calendars != source.access.calendars:
        access = source.access
        source.access = Access(access.url, access.login, access.password, outcome.calendars)


async def ask_due(ctx: Context) -> int:
    """Asks for every source that is due; several schedulers ask once. Returns how many."""
    due = await repository.due_sources(ctx.session, EVERY, REST)
    turn = int(datetime.now(UTC).timestamp() // EVERY.total_seconds())
    for source_id in due:
        await enqueue(ctx, FETCH, {"source_id": str(source_id)}, key=f"{FETCH}:{source_id}:{turn}")
    return len(due)


# ---- writing, in three steps likewise


@dataclass(frozen=True, slots=True)
class Writing:
    """What has to stand in a person's calendar; no ``data``: nothing more."""

    source_id: UUID
    access: Access
    uid: str
    sequence: int
    href: str
    etag: str
    data: bytes | None


@dataclass(frozen=True, slots=True)
class Written:
    href: str = ""
    etag: str = ""
    error: str = ""


async def prepare_write(ctx: Context, entry_id: UUID, site_url: str) -> Writing | None:
    """None when nothing is to do: not accepted, nobody lets us, or it stands there already."""
    entry = await repository.entry(ctx.session, entry_id)
    if entry is None:
        return None
    wanted = entry.state == "booked" and entry.answer == "accepted"
    source = await _where(ctx, entry)
    if source is None or not (wanted or entry.written_href):
        return None
    if wanted and entry.written_href and entry.written_sequence == entry.sequence:
        return None
    data = render([entry], ZONE, site_url) if wanted else None
    return Writing(source.id, source.access, entry.uid, entry.sequence, entry.written_href, entry.written_etag, data)


async def _where(ctx: Context, entry: Entry) -> Source | None:
    if entry.written_source_id is not None:
        return await repository.source(ctx.session, entry.written_source_id)
    return await repository.writable_source(ctx.session, entry.holder_id)


def write(door: Door, task: Writing) -> Written:
    """Writes or takes away. Blocks. Raises SourceFailed where trying again may help."""
    account = CalDav(door, task.access.login, task.access.password)
    try:
        if task.data is None:
            account.remove(task.href, task.etag)
            return Written()
        calendar = (task.access.calendars or account.calendars(task.access.url))[0]
        href, etag = _put(account, calendar, task, task.data)
        return Written(href, etag)
    except SourceFailed as failure:
        if failure.word in ("unreachable", "slow", "answer"):
            raise
        return Written(task.href, task.etag, failure.word)


def _put(account: CalDav, calendar: str, task: Writing, data: bytes) -> tuple[str, str]:
    try:
        return account.write(calendar, task.uid, data, href=task.href, etag=task.etag)
    except SourceFailed as failure:
        if failure.word != "changed" or task.href:
            raise
    href, etag = account.ours(calendar, task.uid, PRODUCT.encode())
    return account.write(calendar, task.uid, data, href=href, etag=etag)


async def conclude_write(ctx: Context, entry_id: UUID, task: Writing, outcome: Written) -> None:
    """Remembers where it stands there, so that a change finds it."""
    entry = await repository.entry(ctx.session, entry_id)
    source = await repository.source(ctx.session, task.source_id)
    if entry is None or source is None:
        return
    if outcome.error:
        source.error = outcome.error
        return
    entry.written_source_id = source.id if outcome.href else None
    entry.written_href, entry.written_etag = outcome.href, outcome.etag
    entry.written_sequence = task.sequence if outcome.href else None
    verb = "write" if outcome.href else "erase"
    record(ctx, f"calendar.entry.{verb}", object_type="calendar.source", object_id=source.id)
