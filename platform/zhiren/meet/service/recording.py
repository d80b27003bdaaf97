"""Recordings: only while everybody who is seen or heard agrees; made in a host's browser, brought here in parts."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from typing import Final
from uuid import UUID

from zhiren import files
from zhiren.audit import record
from zhiren.clock import today
from zhiren.context import Context
from zhiren.i18n import _
from zhiren.ids import new_id
from zhiren.meet import repository
from zhiren.meet.errors import BadMessage, HostsOnly, NoConsent, RecordingNotFound, RecordingOver
from zhiren.meet.models import Event, Seat
from zhiren.meet.schemas import Recording
from zhiren.meet.service.rooms import find
from zhiren.meet.service.seats import as_admitted, end_recording, everybody_agrees

ROOM: Final = "meet"
OWNER: Final = "meet.recording"
MEDIA_TYPE: Final = "video/webm"
MAX_PART_BYTES: Final = 8 * 1024 * 1024
MAX_PARTS: Final = 5000
#: what was recorded before the end may still be under way
LATE: Final = timedelta(minutes=5)


async def start(ctx: Context, room_id: UUID, here: Collection[UUID]) -> UUID:
    """A host's browser begins. ``here`` are the seats of those who are in the room. Raises NoConsent, HostsOnly,
    RecordingOver when one runs already."""
    found = await as_admitted(ctx, room_id, lock=True)
    if found.own.role != "host":
        raise HostsOnly(_("只有主持人可以录像。"))
    if found.room.recording_id is not None:
        raise RecordingOver(_("已经在录了。"))
    if not everybody_agrees(found, here):
        raise NoConsent(_("要在场的双方都同意，才能录像。"))
    recording_id = new_id()
    found.room.recording_id, found.room.recorder_id = recording_id, found.own.id
    ctx.session.add(
        Event(
            room_id=room_id,
            seat_id=found.own.id,
            kind="recording",
            recording_id=recording_id,
            ip=ctx.ip,
            user_agent=ctx.user_agent[:300],
        )
    )
    record(ctx, "meet.recording.start", object_type="meet.recording", object_id=recording_id)
    await ctx.session.flush()
    return recording_id


async def stop(ctx: Context, room_id: UUID) -> None:
    """Anybody in the room may."""
    found = await as_admitted(ctx, room_id, lock=True)
    end_recording(ctx, found.room)
    await ctx.session.flush()


async def add_part(ctx: Context, room_id: UUID, recording_id: UUID, *, number: int, data: bytes) -> None:
    """The next seconds, from the browser that records. The same part again is the same part. Raises RecordingNotFound
    to others, RecordingOver."""
    if not data or len(data) > MAX_PART_BYTES or not 0 <= number < MAX_PARTS:
        raise BadMessage(_("录像的这一段不合要求。"))
    room, own, _seats = await find(ctx, room_id)
    events = [
        one
        for one in await repository.events(ctx.session, room_id, ["recording", "stopped", "erased"])
        if one.recording_id == recording_id
    ]
    started = next((one for one in events if one.kind == "recording" and one.seat_id == own.id), None)
    if started is None or any(one.kind == "erased" for one in events):
        raise _unknown()
    stopped = next((one.created_at for one in events if one.kind == "stopped"), None)
    if stopped is not None and await repository.now(ctx.session) > stopped + LATE:
        raise RecordingOver(_("录像已经停止。"))
    name = f"{number:05}.webm"
    owner = (OWNER, recording_id)
    if name not in {one.name for one in await files.refs(ctx, owner)}:
        until = today() + timedelta(days=room.keep_days)
        await files.put(ctx, room=ROOM, name=name, media_type=MEDIA_TYPE, data=data, owner=owner, keep_until=until)


async def recordings(ctx: Context, room_id: UUID) -> list[Recording]:
    """What was recorded. Raises HostsOnly."""
    _room, own, seats = await find(ctx, room_id)
    _refuse_others(own)
    names = {seat.id: seat.name for seat in seats}
    events = await repository.events(ctx.session, room_id, ["recording", "stopped", "erased"])
    stopped = {one.recording_id: one.created_at for one in events if one.kind == "stopped"}
    erased = {one.recording_id for one in events if one.kind == "erased"}
    return [
        Recording(
            id=one.recording_id,
            by=names.get(one.seat_id, "") if one.seat_id else "",
            started_at=one.created_at,
            stopped_at=stopped.get(one.recording_id),
            erased=one.recording_id in erased,
        )
        for one in events
        if one.kind == "recording" and one.recording_id is not None
    ]


async def open_recording(ctx: Context, room_id: UUID, recording_id: UUID) -> list[UUID]:
    """The files of its parts in order, for a host who looks at it; recorded. Raises RecordingNotFound."""
    await _known(ctx, room_id, recording_id)
    parts = sorted(await files.refs(ctx, (OWNER, recording_id)), key=lambda one: one.name)
    if not parts:
        raise _unknown()
    record(ctx, "meet.recording.read", object_type="meet.recording", object_id=recording_id, sensitive=True)
    return [one.id for one in parts]


async def read_part(ctx: Context, file_id: UUID) -> bytes:
    """One of what ``open_recording`` named. Raises FileNotFound."""
    return (await files.read(ctx, file_id, room=ROOM, quiet=True))[1]


async def erase(ctx: Context, room_id: UUID, recording_id: UUID) -> None:
    """For good. Raises RecordingNotFound, HostsOnly."""
    one = await _known(ctx, room_id, recording_id)
    if one.erased:
        return
    await files.erase_of(ctx, (OWNER, recording_id))
    ctx.session.add(Event(room_id=room_id, kind="erased", recording_id=recording_id, ip=ctx.ip))
    record(ctx, "meet.recording.delete", object_type="meet.recording", object_id=recording_id)
    await ctx.session.flush()


async def erase_rooms(ctx: Context, about: tuple[str, UUID]) -> int:
    """The rooms of a thing for good, with what was said, noted and recorded in them. Returns how many."""
    rooms = await repository.rooms_about(ctx.session, *about)
    for room in rooms:
        for event in await repository.events(ctx.session, room.id, ["recording"]):
            if event.recording_id is not None:
                await files.erase_of(ctx, (OWNER, event.recording_id))
        record(ctx, "meet.room.erase", object_type="meet.room", object_id=room.id)
        await ctx.session.delete(room)
    await ctx.session.flush()
    return len(rooms)


async def _known(ctx: Context, room_id: UUID, recording_id: UUID) -> Recording:
    for one in await recordings(ctx, room_id):
        if one.id == recording_id:
            return one
    raise _unknown()


def _refuse_others(own: Seat) -> None:
    if own.role != "host":
        raise HostsOnly(_("录像只有主持人能看。"))


def _unknown() -> RecordingNotFound:
    return RecordingNotFound(_("没有这段录像，或者已经删除。"))
