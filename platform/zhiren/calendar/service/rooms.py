"""Meeting rooms."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from zhiren.audit import record
from zhiren.calendar import repository
from zhiren.calendar.errors import RoomNameTaken
from zhiren.calendar.models import Room
from zhiren.calendar.schemas import RoomView
from zhiren.context import Context
from zhiren.errors import InvalidInput, NotFound
from zhiren.i18n import _


async def rooms(ctx: Context, *, active: bool = True) -> list[RoomView]:
    """Those in use, by name; with ``active=False`` the others too."""
    return [_view(room) for room in await repository.rooms(ctx.session, active=active)]


async def save_room(
    ctx: Context, room_id: UUID | None, *, name: str, place: str, seats: str, active: bool = True
) -> RoomView:
    """A new room, or a change of one. Raises InvalidInput, RoomNameTaken, NotFound."""
    name, place = " ".join(name.split()), " ".join(place.split())
    count = _checked(name, place, seats)
    holder = await repository.room_named(ctx.session, name)
    if holder is not None and holder != room_id:
        message = _("已有叫“{name}”的会议室。", name=name)
        raise RoomNameTaken(message, fields={"name": message})
    values: dict[str, object] = {"name": name, "place": place, "seats": count, "active": active}
    room = await repository.room(ctx.session, room_id) if room_id else None
    if room_id and room is None:
        raise NotFound(_("没有这间会议室。"))
    if room is None:
        room = Room(**values)
        ctx.session.add(room)
        changes = {field: (None, value) for field, value in values.items()}
    else:
        changes = {key: (getattr(room, key), value) for key, value in values.items() if getattr(room, key) != value}
        for key, value in values.items():
            setattr(room, key, value)
    await ctx.session.flush()
    verb = "update" if room_id else "create"
    record(ctx, f"calendar.room.{verb}", object_type="calendar.room", object_id=room.id, changes=_named(changes))
    return _view(room)


def _checked(name: str, place: str, seats: str) -> int:
    wrong: dict[str, str] = {}
    if not 1 <= len(name) <= 60:
        wrong["name"] = _("请填写 1 到 {count} 个字的名称", count=60)
    if len(place) > 120:
        wrong["place"] = _("位置最多 {count} 个字", count=120)
    if not (seats.isdecimal() and len(seats) <= 5 and 1 <= int(seats) <= 10_000):
        wrong["seats"] = _("请填写 1 到 10000 的人数")
    if wrong:
        raise InvalidInput(next(iter(wrong.values())), fields=wrong)
    return int(seats)


def _named(changes: Mapping[str, tuple[object, object]]) -> dict[str, tuple[object, object]]:
    """``name`` is what the audit trail calls a person's."""
    return {"room_name" if key == "name" else key: value for key, value in changes.items()}


def _view(room: Room) -> RoomView:
    return RoomView(room.id, room.name, room.place, room.seats, room.active, room.version)
