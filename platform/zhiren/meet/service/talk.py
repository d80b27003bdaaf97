"""Chat and shared notes."""

from __future__ import annotations

from uuid import UUID

from zhiren.audit import record
from zhiren.context import Context
from zhiren.i18n import _
from zhiren.meet import repository, rules
from zhiren.meet.errors import BadMessage, HostsOnly
from zhiren.meet.models import Event
from zhiren.meet.schemas import Line
from zhiren.meet.service.seats import as_admitted

MAX_LINE = 2000
MAX_NOTES = 20_000
_KEPT_LINES = 300


async def say(ctx: Context, room_id: UUID, text: str) -> Line:
    """A line of the chat. Raises BadMessage, NotAdmitted."""
    text = text.strip()
    if not text or len(text) > MAX_LINE or "\0" in text:
        raise BadMessage(_("一条消息最多 2000 字。"))
    found = await as_admitted(ctx, room_id)
    event = Event(room_id=room_id, seat_id=found.own.id, kind="said", ip=ctx.ip, created_at=found.now)
    event.text = text
    ctx.session.add(event)
    await ctx.session.flush()
    return Line(id=str(event.id), by=str(found.own.id), name=found.own.name, text=text, at=found.now)


async def said(ctx: Context, room_id: UUID) -> list[Line]:
    """The chat so far."""
    found = await as_admitted(ctx, room_id)
    names = {seat.id: seat.name for seat in found.seats}
    return [
        Line(
            id=str(one.id),
            by=str(one.seat_id or ""),
            name=names.get(one.seat_id, "") if one.seat_id else "",
            text=one.text or "",
            at=one.created_at,
        )
        for one in await repository.events(ctx.session, room_id, ["said"], limit=_KEPT_LINES)
    ]


async def notes(ctx: Context, room_id: UUID) -> tuple[int, str]:
    """Version and text of the notes that hosts and observers share. Raises HostsOnly to guests: the notes are about
    them."""
    found = await as_admitted(ctx, room_id)
    _refuse_guests(found.own.role)
    return found.room.notes_version, found.room.notes or ""


async def write_notes(ctx: Context, room_id: UUID, *, version: int, base: str, text: str) -> tuple[int, str]:
    """Saves what somebody made of ``base``, which was the text at ``version``; what others wrote meanwhile is merged.
    Returns the new version and text. Raises BadMessage, HostsOnly."""
    if len(text) > MAX_NOTES or len(base) > MAX_NOTES or "\0" in text + base:
        raise BadMessage(_("笔记最多 20000 字。"))
    found = await as_admitted(ctx, room_id, lock=True)
    _refuse_guests(found.own.role)
    room = found.room
    now_there = room.notes or ""
    merged = text if version == room.notes_version else rules.merge(base, text, now_there)
    merged = merged[:MAX_NOTES]
    if merged != now_there:
        if room.notes_version == 0:
            record(ctx, "meet.notes.create", object_type="meet.room", object_id=room_id)
        room.notes = merged
        room.notes_version += 1
        await ctx.session.flush()
    return room.notes_version, merged


def _refuse_guests(role: str) -> None:
    if role == "guest":
        raise HostsOnly(_("笔记只有面试官能看。"))
