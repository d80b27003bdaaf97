"""The socket of a room: who is refused, who hears what, and how long it stays open."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from litestar import Litestar
from sqlalchemy import delete, update

from ops.hosted import Hosted
from tenants.owner import Owner
from tenants.registry import CACHE_S
from tenants.service import resume, suspend
from tests.application import license_all, make_parts, serving
from tests.platform.meet.conftest import HOUR, Stage
from tests.platform.meet.sockets import Page, Refused, connect, headers_of
from zhiren.auth.models import Session
from zhiren.context import TenantRef
from zhiren.ids import new_id
from zhiren.meet import change_room, close_room, repository
from zhiren.meet.models import Seat
from zhiren.settings import Settings


async def refused(stage: Stage, headers: dict[str, str], room_id: object, *, sid: str = "aaaaaaaa") -> int:
    """The code a socket is refused with; it must not have been accepted."""
    page = connect(stage.app, headers, room_id, sid=sid)  # type: ignore[arg-type]
    with pytest.raises(Refused) as caught:
        await page.opened()
    assert caught.value.before
    return caught.value.code


async def test_who_is_refused_before_the_socket_opens(stage: Stage, other_tenant: TenantRef) -> None:
    room_id = await stage.room()
    cookie = await stage.cookie("林晓")
    good = headers_of(stage.tenant, cookie)
    assert await refused(stage, headers_of(stage.tenant, ""), room_id) == 4401
    assert await refused(stage, headers_of(stage.tenant, "zhiren_session=made-up"), room_id) == 4401
    assert await refused(stage, headers_of(stage.tenant, await stage.cookie("路人")), room_id) == 4404
    assert await refused(stage, good, new_id()) == 4404
    # a session of this customer's at another's address, where the room is not either
    assert await refused(stage, headers_of(other_tenant, cookie), room_id) == 4401
    nowhere = {"host": "nobody.localhost", "origin": "http://nobody.localhost"}
    assert await refused(stage, {**good, **nowhere}, room_id) == 4404
    assert await refused(stage, good, room_id, sid="<script>") == 4422
    token = {"authorization": "Bearer zr_" + "a" * 43, "cookie": "zhiren_lang=en"}
    assert await refused(stage, {**good, **token}, room_id) == 4401


@pytest.mark.parametrize(
    "origin",
    [
        "",
        "null",
        "https://evil.example",
        "http://evil.localhost",
        "https://{host}",
        "http://{host}:81",
        "http://{host}.evil.example",
        "http://evil@{host}:x",
    ],
)
async def test_another_site_cannot_open_it_with_our_cookies(stage: Stage, origin: str) -> None:
    room_id = await stage.room()
    headers = headers_of(stage.tenant, await stage.cookie("林晓"))
    headers["origin"] = origin.replace("{host}", headers["host"])
    assert await refused(stage, headers, room_id) == 4403


async def test_before_its_time_and_after_it(stage: Stage) -> None:
    early = await stage.room(opens_in=2 * HOUR)
    over = await stage.room(opens_in=-3 * HOUR)
    headers = headers_of(stage.tenant, await stage.cookie("林晓"))
    assert (await refused(stage, headers, early), await refused(stage, headers, over)) == (4409, 4409)
    soon = await stage.room(opens_in=timedelta(minutes=20))
    await stage.page(soon, "林晓")


async def test_a_guest_waits_until_a_host_lets_them_in(stage: Stage) -> None:
    room_id = await stage.room()
    guest = await stage.page(room_id, "王小明")
    assert (await guest.state("王小明"))["state"] == "waiting"
    host, observer = await stage.page(room_id, "林晓"), await stage.page(room_id, "陈静")
    seen = await host.state("林晓", "陈静", "王小明")
    waiting = next(person for person in seen["people"] if person["name"] == "王小明")
    assert waiting["state"] == "waiting"
    await observer.state("林晓", "陈静")  # who waits outside is the host's affair
    assert (await guest.state(hosts_here=True))["people"][0]["name"] == "王小明"
    # from outside nothing is said, heard or signalled
    guest.say("chat", text="有人吗")
    assert (await guest.until("refused"))["code"] == "meet.not_admitted"
    guest.say("admit", to=waiting["id"])
    assert (await guest.until("refused"))["code"] == "meet.not_admitted"
    host.say("chat", text="悄悄话")
    await observer.until("said")
    assert await guest.nothing("said")
    observer.say("admit", to=waiting["id"])
    assert (await observer.until("refused"))["code"] == "meet.hosts_only"
    host.say("admit", to=waiting["id"])
    await guest.state("林晓", "陈静", "王小明", state="in")
    assert [line["text"] for line in (await guest.until("chat"))["lines"]] == ["悄悄话"]
    # a reload comes straight in
    await guest.close()
    await (await stage.page(room_id, "王小明")).state(state="in")
    host.say("out", to=waiting["id"])
    assert (await host.state(state="in"))["t"] == "state"


async def inside(
    stage: Stage, *, apps: tuple[Litestar | None, Litestar | None] = (None, None)
) -> tuple[Page, Page, str, str]:
    """Host and guest in a room, and their ids."""
    room_id = await stage.room()
    host, guest = await stage.page(room_id, "林晓", app=apps[0]), await stage.page(room_id, "王小明", app=apps[1])
    seen = await host.state("林晓", "王小明")
    ids = {person["name"]: person["id"] for person in seen["people"]}
    host.say("admit", to=ids["王小明"])
    await guest.state("林晓", "王小明", state="in")
    return host, guest, ids["林晓"], ids["王小明"]


async def test_signals_reach_the_one_page_they_are_for(stage: Stage) -> None:
    host, guest, host_id, guest_id = await inside(stage)
    seen = guest.seen[-1] if guest.seen[-1]["t"] == "state" else await guest.state("林晓", "王小明")
    sid = next(person["sid"] for person in seen["people"] if person["id"] == guest_id)
    host.say("signal", to=guest_id, sid=sid, data={"description": {"type": "offer", "sdp": "v=0"}})
    got = await guest.until("signal")
    assert (got["from"], got["data"]["description"]["sdp"]) == (host_id, "v=0")
    # one for a page that was reloaded meanwhile is nobody's, and one for oneself comes to nobody else
    host.say("signal", to=guest_id, sid="another-page", data={})
    host.say("signal", to=host_id, sid=sid, data={})
    assert await guest.nothing("signal")


async def test_two_web_processes_are_one_room(stage: Stage, settings: Settings) -> None:
    async with serving(make_parts(settings)) as second:
        host, guest, _host_id, guest_id = await inside(stage, apps=(None, second))
        host.say("chat", text="听得到吗？")
        assert (await guest.until("said"))["line"]["text"] == "听得到吗？"
        guest.say("media", mic=True, cam=True)
        while True:
            people = (await host.state("林晓", "王小明"))["people"]
            if next(person for person in people if person["id"] == guest_id)["cam"]:
                break
        await guest.close()
        await host.state("林晓")
        await host.close()


async def test_one_page_for_each_person(stage: Stage) -> None:
    room_id = await stage.room()
    first = await stage.page(room_id, "林晓")
    await first.state("林晓")
    second = await stage.page(room_id, "林晓")
    await second.state("林晓")
    assert await first.closed() == 4001


async def test_a_session_that_ends_closes_the_socket(stage: Stage, parts: Hosted) -> None:
    room_id = await stage.room()
    page = await stage.page(room_id, "林晓")
    await page.state("林晓")
    async with parts.database.tenant(stage.tenant) as ctx:
        await ctx.session.execute(delete(Session).where(Session.user_id == stage.users["林晓"].id))
    async with asyncio.timeout(5):
        assert await page.closed() == 4401


async def test_who_is_no_member_any_more_is_out(stage: Stage, parts: Hosted) -> None:
    room_id = await stage.room()
    observer = await stage.page(room_id, "陈静")
    await observer.state("陈静")
    async with parts.database.tenant(stage.tenant) as ctx:
        room = await repository.room(ctx.session, room_id)
        assert room is not None
        host = await stage.member("林晓", "host")
        times = {"opens_at": room.opens_at, "closes_at": room.closes_at}
        await change_room(ctx, room_id, title=room.title, members=[host], **times)
    assert await observer.closed() == 4404


async def test_a_meeting_that_is_called_off_ends(stage: Stage, parts: Hosted) -> None:
    room_id = await stage.room()
    page = await stage.page(room_id, "林晓")
    async with parts.database.tenant(stage.tenant) as ctx:
        await close_room(ctx, room_id)
    assert await page.closed() == 4409


async def test_a_suspended_customer_s_sockets_close(stage: Stage, owner: Owner) -> None:
    room_id = await stage.room()
    page = await stage.page(room_id, "林晓")
    await page.state("林晓")
    await suspend(owner, stage.tenant.slug)
    try:
        async with asyncio.timeout(10):
            assert await page.closed() == 4401
        assert await refused(stage, headers_of(stage.tenant, await stage.cookie("林晓")), room_id) == 4403
    finally:
        await resume(owner, stage.tenant.slug)
        await asyncio.sleep(CACHE_S)


async def test_with_its_module_off_there_is_no_room(stage: Stage, parts: Hosted) -> None:
    room_id = await stage.room(about="recruiting.interview")
    page = await stage.page(room_id, "林晓")
    await page.state("林晓")
    await license_all(parts, stage.tenant, ["records"])
    try:
        async with asyncio.timeout(10):
            assert await page.closed() == 4403
        assert await refused(stage, headers_of(stage.tenant, await stage.cookie("林晓")), room_id) == 4403
    finally:
        await license_all(parts, stage.tenant)


async def test_too_much_is_too_much(stage: Stage) -> None:
    room_id = await stage.room()
    large = await stage.page(room_id, "林晓")
    large.say_text('{"t":"chat","text":"' + "字" * 300_000 + '"}')
    assert await large.closed() == 1009
    busy = await stage.page(room_id, "林晓")
    for _each in range(400):
        busy.say("ping")
    assert await busy.closed() == 1008


@pytest.mark.parametrize("text", ["no json", "[]", '{"t": 1}', '{"t":"unknown"}', '{"t":"chat","text":[]}'])
async def test_what_no_page_of_ours_sends_ends_it(stage: Stage, text: str) -> None:
    page = await stage.page(await stage.room(), "林晓")
    page.say_text(text)
    assert await page.closed() == 4400


async def test_seats_cannot_be_taken_by_another_kind(stage: Stage, parts: Hosted) -> None:
    """A candidate whose id is a user's is still not that user."""
    room_id = await stage.room()
    async with parts.database.tenant(stage.tenant) as ctx:
        await ctx.session.execute(update(Seat).where(Seat.room_id == room_id).values(kind="guest"))
    assert await refused(stage, headers_of(stage.tenant, await stage.cookie("林晓")), room_id) == 4404
