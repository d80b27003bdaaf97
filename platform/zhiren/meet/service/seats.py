"""Coming in, waiting, being let in, going."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from zhiren.audit import record
from zhiren.context import Context
from zhiren.i18n import _
from zhiren.meet import repository, rules
from zhiren.meet.errors import HostsOnly, NotAdmitted, RoomNotFound, RoomNotOpen, RoomOver
from zhiren.meet.models import Event, Room, Seat
from zhiren.meet.schemas import Person, Presence, State, View
from zhiren.meet.service.rooms import close_room, find


@dataclass(frozen=True, slots=True)
class Look:
    """The room as it stands in the database, for one of its members."""

    room: Room
    own: Seat
    seats: Sequence[Seat]
    now: datetime

    @property
    def state(self) -> State:
        return "waiting" if self.own.role == "guest" and self.own.admitted_at is None else "in"


async def look(ctx: Context, room_id: UUID) -> Look:
    """Raises RoomNotFound, RoomNotOpen or RoomOver."""
    room, own, seats = await find(ctx, room_id)
    return _open(Look(room, own, seats, await repository.now(ctx.session)))


async def join(ctx: Context, room_id: UUID) -> Look:
    """Somebody's page connects. Whoever comes without having agreed to be recorded ends a recording. Raises
    RoomNotFound, RoomNotOpen or RoomOver."""
    room, own, seats = await find(ctx, room_id, lock=True)
    found = _open(Look(room, own, seats, await repository.now(ctx.session)))
    _note(ctx, found, "joined")
    if room.recording_id is not None and found.state == "in" and own.role != "observer" and own.consents is not True:
        end_recording(ctx, room)
    await ctx.session.flush()
    return found


async def leave(ctx: Context, room_id: UUID) -> None:
    """Hung up, or gone for good."""
    try:
        room, own, seats = await find(ctx, room_id, lock=True)
    except RoomNotFound:
        return
    _note(ctx, Look(room, own, seats, await repository.now(ctx.session)), "left")
    if room.recorder_id == own.id:
        end_recording(ctx, room)
    await ctx.session.flush()


async def admit(ctx: Context, room_id: UUID, seat_id: UUID) -> None:
    """A host lets somebody in. Raises HostsOnly, RoomNotFound."""
    found = await _as_host(ctx, room_id)
    seat = next((one for one in found.seats if one.id == seat_id), None)
    if seat is None:
        raise RoomNotFound(_("这个人不在参加的人里。"))
    if seat.admitted_at is not None:
        return
    seat.admitted_at = found.now
    ctx.session.add(_event(ctx, found.room.id, seat.id, "admitted"))
    if found.room.recording_id is not None and seat.consents is not True and seat.role != "observer":
        end_recording(ctx, found.room)
    record(ctx, "meet.member.admit", object_type="meet.room", object_id=room_id)
    await ctx.session.flush()


async def send_out(ctx: Context, room_id: UUID, seat_id: UUID) -> None:
    """A host asks a guest back into the waiting room. Raises HostsOnly."""
    found = await _as_host(ctx, room_id)
    for seat in found.seats:
        if seat.id == seat_id and seat.role == "guest" and seat.admitted_at is not None:
            seat.admitted_at = None
            ctx.session.add(_event(ctx, room_id, seat.id, "left"))
            record(ctx, "meet.member.send_out", object_type="meet.room", object_id=room_id)
    await ctx.session.flush()


async def consent(ctx: Context, room_id: UUID, *, agrees: bool) -> None:
    """What somebody says of being recorded, kept as evidence with the address it came from. A no ends a recording at
    once."""
    found = await as_admitted(ctx, room_id, lock=True)
    if found.own.consents is agrees:
        return
    found.own.consents = agrees
    _note(ctx, found, "consented" if agrees else "declined")
    if not agrees and found.own.role != "observer":
        end_recording(ctx, found.room)
    record(
        ctx,
        "meet.recording.consent" if agrees else "meet.recording.decline",
        object_type="meet.room",
        object_id=room_id,
    )
    await ctx.session.flush()


async def end(ctx: Context, room_id: UUID) -> None:
    """A host ends the meeting for all."""
    await _as_host(ctx, room_id)
    await close_room(ctx, room_id)


def view(found: Look, here: Mapping[UUID, Presence]) -> View:
    """What ``found.own`` may know. A guest outside sees nobody, a guest inside does not see who waits outside."""
    role, state = found.own.role, found.state
    hidden = {seat.id for seat in found.seats if seat.role == "guest" and seat.admitted_at is None}
    hosts_here = any(seat.id in here for seat in found.seats if seat.role == "host")
    people = [
        _person(seat, here[seat.id], "waiting" if seat.id in hidden else "in")
        for seat in found.seats
        if seat.id in here and _shown(seat.id == found.own.id, state, seat.id in hidden, role)
    ]
    room = found.room
    return View(
        you=str(found.own.id),
        state=state,
        people=people,
        recording=room.recording_id is not None and state == "in",
        recorder=str(room.recorder_id or "") if state == "in" else "",
        hosts_here=hosts_here,
    )


def everybody_agrees(found: Look, here: Collection[UUID]) -> bool:
    """Whether all who are in the room now have agreed to be recorded."""
    inside = [seat for seat in found.seats if seat.id in here and (seat.role != "guest" or seat.admitted_at)]
    return rules.may_record((seat.role, seat.consents) for seat in inside)


async def as_admitted(ctx: Context, room_id: UUID, *, lock: bool = False) -> Look:
    """Raises NotAdmitted to those who still wait outside; RoomNotFound, RoomNotOpen, RoomOver."""
    room, own, seats = await find(ctx, room_id, lock=lock)
    found = _open(Look(room, own, seats, await repository.now(ctx.session)))
    if found.state != "in":
        raise NotAdmitted(_("主持人还没有让您进来。"), hint=_("请在等候室稍等。"))
    return found


def end_recording(ctx: Context, room: Room) -> None:
    """Nothing happens when none runs."""
    if room.recording_id is None:
        return
    ctx.session.add(_event(ctx, room.id, room.recorder_id, "stopped", recording_id=room.recording_id))
    record(ctx, "meet.recording.stop", object_type="meet.recording", object_id=room.recording_id)
    room.recording_id = room.recorder_id = None


def _event(ctx: Context, room_id: UUID, seat_id: UUID | None, kind: str, *, recording_id: UUID | None = None) -> Event:
    return Event(
        room_id=room_id,
        seat_id=seat_id,
        kind=kind,
        recording_id=recording_id,
        ip=ctx.ip,
        user_agent=ctx.user_agent[:300],
    )


def _note(ctx: Context, found: Look, kind: str) -> None:
    ctx.session.add(_event(ctx, found.room.id, found.own.id, kind))


async def _as_host(ctx: Context, room_id: UUID) -> Look:
    found = await as_admitted(ctx, room_id, lock=True)
    if found.own.role != "host":
        raise HostsOnly(_("只有主持人可以这样做。"))
    return found


def _shown(own: bool, state: State, outside: bool, role: str) -> bool:
    return own or (state == "in" and (not outside or role == "host"))


def _person(seat: Seat, one: Presence, state: State) -> Person:
    return Person(
        id=str(seat.id),
        name=seat.name,
        role=seat.role,  # type: ignore[arg-type]  # the table allows no other
        state=state,
        sid=one.sid,
        mic=one.mic,
        cam=one.cam,
        screen=one.screen,
        consents=seat.consents,
    )


def _open(found: Look) -> Look:
    when = rules.phase(found.room.opens_at, found.room.closes_at, found.room.ended_at, found.now)
    if when == "early":
        raise RoomNotOpen(_("还没到时间，开始前半小时可以进入。"))
    if when == "over":
        raise RoomOver(_("这次面谈已经结束。"))
    return found
