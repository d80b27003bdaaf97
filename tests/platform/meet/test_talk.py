"""Chat, notes, recordings, guests from outside, what stands beside the picture."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import msgspec
import pytest
from markupsafe import Markup
from sqlalchemy import delete, select

from ops.hosted import Hosted
from tests.application import browser, make_parts, serving
from tests.platform.meet.conftest import Stage
from tests.platform.meet.sockets import Page, Refused, connect, headers_of
from zhiren import files, guests
from zhiren.audit import AuditEvent
from zhiren.context import Context
from zhiren.files.models import FileObject
from zhiren.guests.models import GuestSession
from zhiren.ids import new_id
from zhiren.meet import Member, open_room, register_panel, rules
from zhiren.meet.models import Event, Room
from zhiren.settings import Settings
from zhiren.web.csrf import token_for


async def let_in(stage: Stage) -> tuple[UUID, Page, Page, Page]:
    """A room with host, observer and a guest who has been let in."""
    room_id = await stage.room()
    host, observer = await stage.page(room_id, "林晓"), await stage.page(room_id, "陈静")
    guest = await stage.page(room_id, "王小明")
    seen = await host.state("林晓", "陈静", "王小明")
    host.say("admit", to=next(one["id"] for one in seen["people"] if one["role"] == "guest"))
    await guest.state("林晓", "陈静", "王小明", state="in")
    return room_id, host, observer, guest


async def test_notes_are_the_interviewers(stage: Stage, parts: Hosted) -> None:
    room_id, host, observer, guest = await let_in(stage)
    host.say("notes", version=0, base="", text="第一行")
    assert (await host.until("notes"))["version"] == 1
    await observer.until("noted")
    observer.say("read")
    assert (await observer.until("notes"))["text"] == "第一行"
    # both write on from the same version: nothing is lost
    host.say("notes", version=1, base="第一行", text="第一行\n主持人写的")
    await host.until("notes", version=2)
    observer.say("notes", version=1, base="第一行", text="零\n第一行")
    assert (await observer.until("notes", version=3))["text"] == "零\n第一行\n主持人写的"
    for attempt in ({"version": 3, "base": "", "text": "偷看"}, None):
        guest.say("read") if attempt is None else guest.say("notes", **attempt)
        assert (await guest.until("refused"))["code"] == "meet.hosts_only"
    assert not [message for message in guest.seen if message["t"] in {"notes", "noted"}]
    async with parts.database.tenant(stage.tenant) as ctx:
        sealed = (await ctx.session.execute(select(Room.notes_ct).where(Room.id == room_id))).scalar_one()
    assert sealed
    assert "第一行".encode() not in sealed


async def test_what_is_said_is_kept_sealed_and_bounded(stage: Stage, parts: Hosted) -> None:
    room_id, host, _observer, guest = await let_in(stage)
    host.say("chat", text="您好 <b>")
    line = (await guest.until("said"))["line"]
    assert (line["name"], line["text"]) == ("林晓", "您好 <b>")
    for text in ("", "   ", "字" * 2001, "a\0b"):
        host.say("chat", text=text)
        assert (await host.until("refused"))["code"] == "meet.bad_message"
    async with parts.database.tenant(stage.tenant) as ctx:
        said = select(Event.text_ct).where(Event.room_id == room_id, Event.kind == "said")
        rows = (await ctx.session.scalars(said)).all()
    assert len(rows) == 1
    assert "您好".encode() not in (rows[0] or b"")


async def test_a_recording_from_both_consents_to_its_erasure(stage: Stage, parts: Hosted) -> None:
    room_id, host, observer, guest = await let_in(stage)
    host.say("record", on=True)
    assert (await host.until("refused"))["code"] == "meet.no_consent"
    host.say("consent", on=True)
    host.say("record", on=True)
    assert (await host.until("refused"))["code"] == "meet.no_consent"
    guest.say("consent", on=True)
    while not all(one["consents"] for one in (await host.until("state"))["people"] if one["role"] != "observer"):
        pass
    guest.say("record", on=True)
    assert (await guest.until("refused"))["code"] == "meet.hosts_only"
    host.say("record", on=True)
    recording = (await host.until("record"))["recording"]
    for one in (host, observer, guest):
        await one.until("state", recording=True)
    path = f"/meet/{room_id}/recordings/{recording}"
    async with await client(stage, "林晓") as at_host, await client(stage, "王小明") as at_guest:
        for number, data in enumerate((b"first ", b"second", b"second")):
            answer = await at_host.post(f"{path}/parts/{min(number, 1)}", content=data)
            assert answer.status_code == 204, answer.text
        assert (await at_guest.post(f"{path}/parts/2", content=b"x")).status_code == 404
        # the guest takes the consent back: at once nothing is recorded any more
        guest.say("consent", on=False)
        for one in (host, observer, guest):
            await one.until("state", recording=False)
        assert (await at_host.post(f"{path}/parts/2", content=b" late")).status_code == 204
        assert (await at_guest.get(f"/meet/{room_id}/recordings")).status_code == 403
        assert (await at_guest.get(f"{path}/video.webm")).status_code == 403
        watched = await at_host.get(f"{path}/video.webm")
        assert (watched.content, watched.headers["content-type"]) == (b"first second late", "video/webm")
        async with parts.database.tenant(stage.tenant) as ctx:
            until = (await ctx.session.scalars(select(FileObject.keep_until).where(FileObject.room == "meet"))).all()
            acts = (await ctx.session.scalars(select(AuditEvent.action).where(AuditEvent.sensitive))).all()
        assert len(until) == 3
        assert all(day is not None and day > datetime.now(UTC).date() + timedelta(days=80) for day in until)
        assert "meet.recording.read" in acts
        assert (await at_guest.post(f"{path}/erase")).status_code == 403
        assert (await at_host.post(f"{path}/erase")).status_code == 303
        assert (await at_host.get(f"{path}/video.webm")).status_code == 404
        assert (await at_host.post(f"{path}/parts/3", content=b"x")).status_code == 404
    async with parts.database.tenant(stage.tenant) as ctx:
        assert await files.refs(ctx, ("meet.recording", UUID(recording))) == []
        rows = await ctx.session.execute(
            select(Event.kind, Event.ip).where(Event.room_id == room_id, Event.kind.in_(("consented", "declined")))
        )
        # the evidence says who agreed, when, from where
        assert [tuple(row) for row in rows] == [("consented", "127.0.0.1")] * 2 + [("declined", "127.0.0.1")]


async def test_whoever_comes_without_consent_ends_a_recording(stage: Stage) -> None:
    room_id = await stage.room(林晓="host", 王小明="guest", 陈静="host")
    host, guest = await stage.page(room_id, "林晓"), await stage.page(room_id, "王小明")
    seen = await host.state("林晓", "王小明")
    host.say("admit", to=next(one["id"] for one in seen["people"] if one["role"] == "guest"))
    await guest.state(state="in")
    host.say("consent", on=True)
    guest.say("consent", on=True)
    while not all(one["consents"] for one in (await host.until("state"))["people"]):
        pass
    host.say("record", on=True)
    await guest.until("state", recording=True)
    await stage.page(room_id, "陈静")
    await guest.until("state", recording=False)


async def client(stage: Stage, name: str) -> httpx.AsyncClient:
    cookie = await stage.cookie(name)
    token = cookie.partition("=")[2]
    headers = {"x-csrf-token": token_for(token), "cookie": cookie, "content-type": "application/octet-stream"}
    return browser(stage.app, stage.tenant, headers=headers)


# -- people from outside

CANDIDATE = new_id()


async def _find(_ctx: Context, _address: str) -> list[guests.Match]:
    return []


@pytest.fixture(scope="module", autouse=True)
def kind() -> None:
    guests.register(guests.GuestKind(name="meet_test", title="候选人", login_path="/portal/login", find=_find))


async def test_a_candidate_is_a_guest_of_their_own_room_alone(stage: Stage, parts: Hosted) -> None:
    now = datetime.now(UTC)
    async with parts.database.tenant(stage.tenant) as ctx:
        token = await guests.open_session(ctx, "meet_test", CANDIDATE, name="王小明")
        members = [await stage.member("林晓", "host"), Member(kind="guest", id=CANDIDATE, name="王小明", role="guest")]
        times = {"opens_at": now, "closes_at": now + timedelta(hours=1)}
        room_id = await open_room(ctx, about=("test.interview", new_id()), title="一面", members=members, **times)
    other = await stage.room()
    headers = headers_of(stage.tenant, f"zhiren_guest_meet_test={token}")
    page = await connect(stage.app, headers, room_id).opened()
    assert (await page.until("state"))["state"] == "waiting"
    with pytest.raises(Refused) as caught:
        await connect(stage.app, headers, other).opened()
    assert (caught.value.code, caught.value.before) == (4404, True)
    async with browser(stage.app, stage.tenant, headers={"cookie": headers["cookie"], "accept": "text/html"}) as client:
        assert (await client.get(f"/meet/{room_id}")).status_code == 200
        assert (await client.get(f"/meet/{other}")).status_code == 404
    # logged out everywhere: the socket closes by itself
    async with parts.database.tenant(stage.tenant) as ctx:
        await ctx.session.execute(delete(GuestSession).where(GuestSession.guest_id == CANDIDATE))
    assert await page.closed() == 4401
    async with browser(stage.app, stage.tenant, headers={"cookie": headers["cookie"], "accept": "text/html"}) as client:
        answer = await client.get(f"/meet/{room_id}")
    assert answer.headers["location"].startswith("/portal/login?next=/meet/")


# -- the page


async def _panel(ctx: Context, about_id: UUID, member: Member) -> Markup:
    return Markup("<p>{}</p>").format(f"{member.name} 看 {about_id} 的简历")


async def test_the_panel_is_for_interviewers(stage: Stage) -> None:
    register_panel("test.with_panel", _panel)
    with pytest.raises(ValueError, match="already"):
        register_panel("test.with_panel", _other_panel)
    room_id = await stage.room(about="test.with_panel")
    seen = {}
    for name in ("林晓", "陈静", "王小明"):
        async with await client(stage, name) as at:
            answer = await at.get(f"/meet/{room_id}", headers={"accept": "text/html"})
        seen[name] = "的简历" in answer.text
        assert "camera=(self)" in answer.headers["permissions-policy"]
        assert f"ws://{stage.tenant.slug}.localhost" in answer.headers["content-security-policy"]
    assert seen == {"林晓": True, "陈静": True, "王小明": False}


async def _other_panel(ctx: Context, about_id: UUID, member: Member) -> Markup:
    return Markup("")


@pytest.mark.parametrize(("change", "text"), [({"opens": 3}, "提前半小时"), ({"opens": -3}, "已经结束")])
async def test_before_and_after_there_is_a_page_that_says_so(stage: Stage, change: dict[str, Any], text: str) -> None:
    room_id = await stage.room(opens_in=timedelta(hours=change["opens"]))
    async with await client(stage, "林晓") as at:
        answer = await at.get(f"/meet/{room_id}", headers={"accept": "text/html"})
        assert text in answer.text
        assert (await at.get(f"/meet/{room_id}/phase")).json()["phase"] in {"early", "over"}


async def test_a_host_ends_it_for_all(stage: Stage) -> None:
    _room_id, host, observer, guest = await let_in(stage)
    guest.say("end")
    assert (await guest.until("refused"))["code"] == "meet.hosts_only"
    host.say("end")
    assert [await one.closed() for one in (host, observer, guest)] == [4409] * 3


async def test_credentials_of_the_relay_end_with_the_meeting(stage: Stage, settings: Settings) -> None:
    relay = {"turn_urls": "turn:t.example:3478", "turn_secret": "s", "turn_only": True}
    async with serving(make_parts(msgspec.structs.replace(settings, **relay))) as app:
        page = await stage.page(await stage.room(lasts=timedelta(hours=2)), "林晓", app=app)
        ice = (await page.until("welcome"))["ice"]
        await page.close()
    assert ice["iceTransportPolicy"] == "relay"
    (server,) = ice["iceServers"]
    ends_at_s, _colon, who = server["username"].partition(":")
    # an hour of the meeting is left, and one of leeway
    assert 7100 < int(ends_at_s) - datetime.now(UTC).timestamp() < 7300
    assert server["credential"] == rules.turn_credentials("s", who, int(ends_at_s))[1]
