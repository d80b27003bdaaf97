"""Acts of meeting rooms. Most come over the socket: tests/platform/meet."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

from tests.completeness.stage import Acts, Person, Ready, Stage
from zhiren.context import Context
from zhiren.ids import new_id
from zhiren.meet import Member, open_room, repository
from zhiren.meet.models import Event


async def recorded(stage: Stage) -> tuple[Person, str]:
    """A host, and the address of a recording that begins."""
    person, recording_id = await stage.person("hr"), new_id()
    now = datetime.now(UTC)

    async def make(ctx: Context) -> UUID:
        members = [Member(kind="user", id=person.user_id, name="人事", role="host")]
        times = {"opens_at": now, "closes_at": now + timedelta(hours=1)}
        room_id = await open_room(ctx, about=("test.interview", new_id()), title="一面", members=members, **times)
        seat = (await repository.seats(ctx.session, room_id))[0]
        ctx.session.add(Event(room_id=room_id, seat_id=seat.id, kind="recording", recording_id=recording_id))
        return room_id

    return person, f"/meet/{await stage.in_tenant(make)}/recordings/{recording_id}"


async def add_part(stage: Stage) -> Ready:
    person, path = await recorded(stage)
    headers = {"content-type": "application/octet-stream"}
    return Ready(person.client, f"{path}/parts/0", {"content": b"webm", "headers": headers})


async def erase(stage: Stage) -> Ready:
    person, path = await recorded(stage)
    return Ready(person.client, f"{path}/erase")


ACTS: Acts = {
    "POST /meet/{room_id}/recordings/{recording_id}/parts/{number}": add_part,
    "POST /meet/{room_id}/recordings/{recording_id}/erase": erase,
}
