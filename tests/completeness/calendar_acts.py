"""Acts on calendars and meeting rooms."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import select

from tests.completeness.stage import Act, Acts, Person, Ready, Stage, form
from zhiren import calendar
from zhiren.calendar.models import Entry, Room, Source
from zhiren.ids import new_id

SOURCE = {"kind": "caldav", "url": "https://dav.example.invalid/", "login": "lin", "password": "secret"}
HOURS = {"day": ["1", "2", "3"], "start": "10:00", "end": "17:00", "zone": "Asia/Shanghai"}


async def save_hours(stage: Stage) -> Ready:
    return form((await stage.person("employee")).client, "/account/calendar/hours", **HOURS)


async def make_link(stage: Stage) -> Ready:
    return form((await stage.person("employee")).client, "/account/calendar/link")


async def drop_link(stage: Stage) -> Ready:
    person = await stage.person("employee")
    assert (await person.client.post("/account/calendar/link")).status_code == 200
    return form(person.client, "/account/calendar/link/off")


async def add_source(stage: Stage) -> Ready:
    return form((await stage.person("employee")).client, "/account/calendar/sources", **SOURCE)


async def a_source(stage: Stage) -> tuple[Person, UUID]:
    person = await stage.person("employee")
    assert (await person.client.post("/account/calendar/sources", data=SOURCE)).status_code == 303
    found = select(Source.id).where(Source.user_id == person.user_id)
    return person, await stage.in_tenant(lambda ctx: ctx.session.scalar(found))


def on_source(what: str, **fields: str) -> Act:
    async def act(stage: Stage) -> Ready:
        person, source_id = await a_source(stage)
        return form(person.client, f"/account/calendar/sources/{source_id}/{what}", **fields)

    return act


async def answer(stage: Stage) -> Ready:
    person, about = await stage.person("employee"), ("test.meeting", new_id())
    start = datetime.now(UTC) + timedelta(days=1)
    await stage.in_tenant(
        lambda ctx: calendar.put_entry(
            ctx,
            user_ids=[person.user_id],
            about=about,
            starts_at=start,
            ends_at=start + timedelta(hours=1),
            title="面试",
            uid=str(about[1]),
        )
    )
    found = select(Entry.id).where(Entry.about_id == about[1])
    entry_id = await stage.in_tenant(lambda ctx: ctx.session.scalar(found))
    return form(person.client, f"/calendar/entries/{entry_id}/accept")


def room() -> dict[str, str]:
    return {"name": f"会议室 {new_id().hex[-8:]}", "place": "3 楼", "seats": "8"}


async def create_room(stage: Stage) -> Ready:
    return form((await stage.as_role("hr")).client, "/admin/rooms", **room())


async def update_room(stage: Stage) -> Ready:
    client, fields = (await stage.as_role("hr")).client, room()
    assert (await client.post("/admin/rooms", data=fields)).status_code == 303
    found = select(Room.id).where(Room.name == fields["name"])
    room_id = await stage.in_tenant(lambda ctx: ctx.session.scalar(found))
    return form(client, f"/admin/rooms/{room_id}", **(fields | {"seats": "10", "active": "1"}))


ACTS: Acts = {
    "POST /account/calendar/hours": save_hours,
    "POST /account/calendar/link": make_link,
    "POST /account/calendar/link/off": drop_link,
    "POST /account/calendar/sources": add_source,
    "POST /account/calendar/sources/{source_id}/read": on_source("read"),
    "POST /account/calendar/sources/{source_id}/write-back": on_source("write-back", on="1"),
    "POST /account/calendar/sources/{source_id}/remove": on_source("remove"),
    "POST /calendar/entries/{entry_id}/{said}": answer,
    "POST /admin/rooms": create_room,
    "POST /admin/rooms/{room_id}": update_room,
}
