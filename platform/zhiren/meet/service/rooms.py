"""Rooms: opened and changed by the rooms above, found by those who may come in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from zhiren.audit import record
from zhiren.context import Actor, Context
from zhiren.i18n import _
from zhiren.ids import new_id
from zhiren.meet import repository, rules
from zhiren.meet.errors import RoomNotFound
from zhiren.meet.models import Event, Room, Seat
from zhiren.meet.schemas import Member, RoomView


async def open_room(
    ctx: Context,
    *,
    about: tuple[str, UUID],
    title: str,
    opens_at: datetime,
    closes_at: datetime,
    members: Sequence[Member],
    keep_days: int = 90,
) -> UUID:
    """A room for ``members``, from ``opens_at`` (the page lets people in half an hour earlier) to ``closes_at``.

    Recordings made in it are kept ``keep_days`` days. Raises ValueError without a host.
    """
    if not any(member.role == "host" for member in members):
        raise ValueError("a meeting room needs a host, who lets the others in")
    room = Room(
        about_type=about[0],
        about_id=about[1],
        title=title,
        opens_at=opens_at,
        closes_at=closes_at,
        keep_days=keep_days,
    )
    ctx.session.add(room)
    await ctx.session.flush()
    ctx.session.add_all(_seat(room.id, member) for member in members)
    await ctx.session.flush()
    record(ctx, "meet.room.create", object_type="meet.room", object_id=room.id)
    return room.id


async def change_room(
    ctx: Context,
    room_id: UUID,
    *,
    title: str,
    opens_at: datetime,
    closes_at: datetime,
    members: Sequence[Member],
) -> None:
    """Another time or other people. Who is no longer a member is out within seconds. Raises RoomNotFound."""
    room = await _found(ctx, room_id, lock=True)
    room.title, room.opens_at, room.closes_at = title, opens_at, closes_at
    wanted = {(member.kind, member.id): member for member in members}
    present = {(seat.kind, seat.person_id): seat for seat in await repository.seats(ctx.session, room_id)}
    await repository.remove_seats(ctx.session, [seat.id for key, seat in present.items() if key not in wanted])
    for key, member in wanted.items():
        if key in present:
            present[key].name, present[key].role = member.name, member.role
        else:
            ctx.session.add(_seat(room_id, member))
    record(ctx, "meet.room.update", object_type="meet.room", object_id=room_id)
    await ctx.session.flush()


async def close_room(ctx: Context, room_id: UUID) -> None:
    """For good: called off, or over. Pages that are open end within seconds. Raises RoomNotFound."""
    room = await _found(ctx, room_id, lock=True)
    if room.ended_at is not None:
        return
    if room.recording_id is not None:
        ctx.session.add(Event(room_id=room_id, kind="stopped", recording_id=room.recording_id))
    room.ended_at = await repository.now(ctx.session)
    room.recording_id = room.recorder_id = None
    ctx.session.add(Event(room_id=room_id, kind="ended"))
    record(ctx, "meet.room.close", object_type="meet.room", object_id=room_id)
    await ctx.session.flush()


async def rooms_about(ctx: Context, about: tuple[str, UUID]) -> list[RoomView]:
    """The latest first."""
    now = await repository.now(ctx.session)
    return [view_of(room, now) for room in await repository.rooms_about(ctx.session, *about)]


def person_of(actor: Actor) -> tuple[str, UUID] | None:
    """Kind and id, as a member is named by them; None for jobs, operators and strangers."""
    if actor.guest is not None:
        return "guest", actor.guest.id
    return ("user", actor.user_id) if actor.user_id is not None and actor.token_id is None else None


async def find(ctx: Context, room_id: UUID, *, lock: bool = False) -> tuple[Room, Seat, Sequence[Seat]]:
    """The room, the actor's seat in it, and all seats. Raises RoomNotFound, also to those who are no members."""
    person = person_of(ctx.actor)
    room = await repository.room(ctx.session, room_id, lock=lock)
    seats = await repository.seats(ctx.session, room_id) if room is not None else ()
    own = next((seat for seat in seats if (seat.kind, seat.person_id) == person), None)
    if room is None or own is None:
        raise _unknown()
    return room, own, seats


async def look(ctx: Context, room_id: UUID) -> tuple[RoomView, Seat]:
    """Raises RoomNotFound."""
    room, seat, _seats = await find(ctx, room_id)
    return view_of(room, await repository.now(ctx.session)), seat


def view_of(room: Room, now: datetime) -> RoomView:
    return RoomView(
        id=room.id,
        about=(room.about_type, room.about_id),
        title=room.title,
        opens_at=room.opens_at,
        closes_at=room.closes_at,
        keep_days=room.keep_days,
        phase=rules.phase(room.opens_at, room.closes_at, room.ended_at, now),
    )


async def _found(ctx: Context, room_id: UUID, *, lock: bool) -> Room:
    room = await repository.room(ctx.session, room_id, lock=lock)
    if room is None:
        raise _unknown()
    return room


def _unknown() -> RoomNotFound:
    return RoomNotFound(
        _("没有这个面谈，或者您不在参加的人里。"), hint=_("请核对邀请里的链接和登录的帐号；有疑问请联系邀请您的人。")
    )


def _seat(room_id: UUID, member: Member) -> Seat:
    return Seat(id=new_id(), room_id=room_id, kind=member.kind, person_id=member.id, name=member.name, role=member.role)
