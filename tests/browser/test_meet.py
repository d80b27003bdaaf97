"""Two people see and hear each other: straight, through a relay, after the network was gone."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from ops.demo import roster
from ops.demo.customers import Customer
from tenants.owner import Owner
from tests.browser.axe import AXE
from tests.browser.caller import Caller, Sample, caller
from tests.browser.house import House, running
from tests.browser.relay import TURNSERVER, Relay, coturn, wire
from tests.browser.window import DESK, PHONE
from zhiren.auth.service import create_user, open_session
from zhiren.context import TenantRef
from zhiren.db import Database
from zhiren.ids import new_id
from zhiren.meet import Member, open_room
from zhiren.settings import Settings
from zhiren.web.assets import Assets

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(not Assets().built or not AXE.is_file(), reason="npm ci && npm run build"),
    pytest.mark.skipif(not TURNSERVER.is_file(), reason="apt-get install coturn"),
]

HOME = Customer("meet", roster.BEIJING, 20)
HOST, SECOND, GUEST, WATCHER = "林晓", "陈静", "王小明", "周宁"


@dataclass
class Meeting:
    """Rooms of one customer, and the cookies of those who may come in."""

    house: House
    relay: Relay
    database: Database
    tenant: TenantRef

    async def room(self, **people: str) -> tuple[str, dict[str, dict[str, str]]]:
        """A room's path, and each person's cookies."""
        cookies: dict[str, dict[str, str]] = {}
        members = []
        async with self.database.tenant(self.tenant) as ctx:
            for name, role in people.items():
                user = await create_user(
                    ctx,
                    login=f"m-{new_id().hex[-10:]}",
                    name=name,
                    password="long enough 42 horses",
                    roles=["employee"],
                )
                await ctx.session.flush()
                cookies[name] = {"zhiren_session": await open_session(ctx, user)}
                members.append(Member(kind="user", id=user.id, name=name, role=role))  # type: ignore[arg-type]
            now = datetime.now(UTC)
            room_id: UUID = await open_room(
                ctx,
                about=("test.interview", new_id()),
                title="后端工程师 · 一面",
                opens_at=now,
                closes_at=now + timedelta(hours=1),
                members=members,
            )
        return f"/meet/{room_id}", cookies

    @property
    def url(self) -> str:
        return self.house.url(HOME)


@asynccontextmanager
async def met(settings: Settings, database: Database, folder: Path, *, only_relayed: bool) -> AsyncIterator[Meeting]:
    with coturn(folder, "a secret of the relay's own") as relay:
        here = msgspec.structs.replace(settings, turn_urls=relay.url, turn_secret=relay.secret, turn_only=only_relayed)
        with running(here) as house:
            yield Meeting(house, relay, database, await house.move_in(HOME))


@pytest_asyncio.fixture(scope="module")
async def straight(
    settings: Settings, owner: Owner, database: Database, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Meeting]:
    async with met(settings, database, tmp_path_factory.mktemp("turn"), only_relayed=False) as found:
        yield found


@pytest_asyncio.fixture(scope="module")
async def relayed(
    settings: Settings, owner: Owner, database: Database, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Meeting]:
    async with met(settings, database, tmp_path_factory.mktemp("turn"), only_relayed=True) as found:
        yield found


async def both_in(host: Caller, guest: Caller) -> None:
    await guest.join()
    await expect(guest.page.locator("#zm-wait")).to_be_visible()
    await host.join()
    await host.let_in(GUEST)
    await expect(guest.page.locator("#zm-call")).to_be_visible()


async def talking(meeting: Meeting, browser: Browser) -> list[Sample]:
    """What reaches host and guest of a room."""
    path, cookies = await meeting.room(**{HOST: "host", GUEST: "guest"})
    async with (
        caller(browser, meeting.url, path, cookies[HOST], size=DESK) as host,
        caller(browser, meeting.url, path, cookies[GUEST], size=PHONE) as guest,
    ):
        await both_in(host, guest)
        samples = list(await asyncio.gather(host.sees_and_hears(), guest.sees_and_hears()))
        assert host.window.noise + guest.window.noise == []
    return samples


async def test_they_see_and_hear_each_other(straight: Meeting, chromium_with_camera: Browser) -> None:
    for sample in await talking(straight, chromium_with_camera):
        assert sample.pairs
        assert all("relay" not in kinds for kinds in sample.pairs), sample.pairs


async def test_through_a_relay(relayed: Meeting, chromium_with_camera: Browser) -> None:
    for sample in await talking(relayed, chromium_with_camera):
        assert sample.pairs
        assert all(kinds == ["relay", "relay"] for kinds in sample.pairs), sample.pairs


async def test_a_network_that_was_gone_for_ten_seconds(relayed: Meeting, chromium_with_camera: Browser) -> None:
    """No packet of picture and sound passes the relay, and the guest's line to the server is cut."""
    path, cookies = await relayed.room(**{HOST: "host", GUEST: "guest"})
    async with wire(relayed.house.port) as line:
        far = relayed.url.replace(str(relayed.house.port), str(line.port))
        async with (
            caller(chromium_with_camera, relayed.url, path, cookies[HOST], size=DESK) as host,
            caller(chromium_with_camera, far, path, cookies[GUEST], size=PHONE) as guest,
        ):
            await both_in(host, guest)
            await asyncio.gather(host.sees_and_hears(), guest.sees_and_hears())
            with relayed.relay.cut(), line.cut():
                await expect(guest.page.locator("#zm-link")).to_be_visible()
                await asyncio.sleep(4)
                before = await asyncio.gather(host.measure(), guest.measure())
                await asyncio.sleep(6)
                after = await asyncio.gather(host.measure(), guest.measure())
            assert [one.frames for one in before] == [one.frames for one in after], "the network was not cut"
            assert [one.pictures for one in before] == [one.pictures for one in after]
            await asyncio.gather(host.sees_and_hears(within_s=90), guest.sees_and_hears(within_s=90))
            await expect(guest.page.locator("#zm-link")).to_be_hidden()
            await expect(host.page.locator('.zm-tile[data-link="lost"]')).to_have_count(0)
            # the way to the server is there again too
            await guest.page.locator('[data-act="side"]').click()
            await guest.page.locator("#zm-tab-chat").click()
            await guest.page.locator("#zm-chat-form textarea").fill("回来了")
            await guest.page.keyboard.press("Enter")
            await host.page.locator("#zm-tab-chat").click()
            await expect(host.page.locator("#zm-lines")).to_contain_text("回来了")


async def test_a_reload_comes_straight_back(straight: Meeting, chromium_with_camera: Browser) -> None:
    path, cookies = await straight.room(**{HOST: "host", GUEST: "guest"})
    async with (
        caller(chromium_with_camera, straight.url, path, cookies[HOST], size=DESK) as host,
        caller(chromium_with_camera, straight.url, path, cookies[GUEST], size=PHONE) as guest,
    ):
        await both_in(host, guest)
        await host.sees_and_hears()
        await guest.page.reload()
        await guest.join()
        await expect(guest.page.locator("#zm-call")).to_be_visible()
        await asyncio.gather(host.sees_and_hears(), guest.sees_and_hears())
        await guest.page.locator('[data-act="hang-up"]').click()
        await expect(guest.page.locator("#zm-end")).to_be_visible()
        await expect(host.page.locator(".zm-tile:not([data-own])")).to_have_count(0)


async def test_four_people_one_of_whom_only_looks_on(straight: Meeting, chromium_with_camera: Browser) -> None:
    path, cookies = await straight.room(**{HOST: "host", SECOND: "host", GUEST: "guest", WATCHER: "observer"})
    async with AsyncExitStack() as stack:
        opened = {
            name: await stack.enter_async_context(
                caller(chromium_with_camera, straight.url, path, cookies[name], size=(800, 600))
            )
            for name in cookies
        }
        await both_in(opened[HOST], opened[GUEST])
        await opened[SECOND].join()
        await opened[WATCHER].join()
        await opened[WATCHER].sees_and_hears(within_s=180, people=3, frames=6)
        await opened[GUEST].sees_and_hears(within_s=180, people=2, frames=6, still=1)
        # the observer is shown to the guest, and sends nothing
        await expect(opened[GUEST].page.locator(".zm-tile", has_text="旁听")).to_have_count(1)
        sent = await opened[WATCHER].page.evaluate(
            "() => window.calls.flatMap((one) => one.getSenders()).filter((one) => one.track).length"
        )
        assert sent == 0


async def test_a_recording_needs_both_and_can_be_watched(straight: Meeting, chromium_with_camera: Browser) -> None:
    path, cookies = await straight.room(**{HOST: "host", GUEST: "guest"})
    async with (
        caller(chromium_with_camera, straight.url, path, cookies[HOST], size=DESK) as host,
        caller(chromium_with_camera, straight.url, path, cookies[GUEST], size=PHONE) as guest,
    ):
        await both_in(host, guest)
        await host.sees_and_hears()
        await host.page.locator('[data-act="record"]').click()
        await expect(guest.page.locator("#zm-consent")).to_be_visible()
        await expect(host.page.locator("#zm-recording")).to_be_hidden()
        await guest.page.locator('[data-act="agree"]').click()
        for one in (host, guest):
            await expect(one.page.locator("#zm-recording")).to_be_visible()
        await asyncio.sleep(12)
        # the guest takes it back, and that ends it
        await guest.page.locator('[data-act="side"]').click()
        await guest.page.locator("#zm-tab-people").click()
        await guest.page.locator("#zm-may-record").uncheck()
        for one in (host, guest):
            await expect(one.page.locator("#zm-recording")).to_be_hidden()
        await asyncio.sleep(3)
        video = await host.page.evaluate(_WATCH, f"{path}/recordings")
        assert video["width"] == 1280
        assert video["seconds"] > 6
        assert len(set(video["pictures"])) > 1, "nothing moves in the recording"


#: opens the newest recording as its link on the page leads to, and plays it
_WATCH = """async (path) => {
  const page = new DOMParser().parseFromString(await (await fetch(path)).text(), 'text/html');
  const link = page.querySelector('a[href$="video.webm"]').getAttribute('href');
  const video = document.createElement('video');
  video.muted = true;
  video.src = URL.createObjectURL(await (await fetch(link)).blob());
  await video.play();
  const pen = document.createElement('canvas').getContext('2d');
  const pictures = [];
  for (let each = 0; each < 8; each += 1) {
    await new Promise((wait) => setTimeout(wait, 400));
    pen.drawImage(video, 0, 0, 60, 40);
    pictures.push([...pen.getImageData(0, 0, 60, 40).data].reduce((sum, value, at) => (sum * 31 + value) % 1000003, 7));
  }
  video.currentTime = 1e6;
  await new Promise((done) => video.addEventListener('seeked', done, {once: true}));
  return {width: video.videoWidth, seconds: video.currentTime, pictures};
}"""


LOOKS = [(PHONE, "zh_CN"), (DESK, "en")]


@pytest.mark.parametrize(("size", "language"), LOOKS)
async def test_the_page_is_readable(
    straight: Meeting, chromium_with_camera: Browser, size: tuple[int, int], language: str
) -> None:
    """Door, waiting room, call and what stands beside it, by day and by night."""
    path, cookies = await straight.room(**{HOST: "host", GUEST: "guest"})
    options: dict[str, Any] = {"size": size, "language": language}
    faults: list[str] = []
    async with (
        caller(chromium_with_camera, straight.url, path, cookies[HOST], **options) as host,
        caller(chromium_with_camera, straight.url, path, cookies[GUEST], **options) as guest,
    ):
        name = f"{size[0]}-{language}"
        faults += await looked_at(guest, f"{name}-door")
        await guest.join()
        await expect(guest.page.locator("#zm-wait")).to_be_visible()
        faults += await looked_at(guest, f"{name}-waiting")
        await host.join()
        await expect(host.page.locator(".zm-knock")).to_be_visible()
        faults += await looked_at(host, f"{name}-knock")
        await host.let_in(GUEST)
        await host.sees_and_hears()
        faults += await looked_at(guest, f"{name}-call")
        if await host.page.locator("#zm-side").is_hidden():
            await host.page.locator('[data-act="side"]').click()
        for tab in await host.page.locator("[data-tab]").all():
            await tab.click()
            faults += await looked_at(host, f"{name}-{await tab.get_attribute('data-tab')}")
        await guest.page.locator('[data-act="hang-up"]').click()
        faults += await looked_at(guest, f"{name}-end")
        await host.page.goto(f"{path}/recordings")
        faults += await looked_at(host, f"{name}-recordings")
        faults += host.window.noise + guest.window.noise
    assert not faults, "\n".join(faults)


async def looked_at(one: Caller, what: str) -> list[str]:
    """What axe finds and what sticks out, by day and by night."""
    found = [f"{what}: wider than the window: {each}" for each in await one.window.overflow()]
    for scheme in ("dark", "light"):
        await one.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        await expect(one.page.locator("html")).to_have_attribute("data-bs-theme", scheme)
        if folder := os.environ.get("ZHIREN_TEST_PICTURES"):
            await one.page.screenshot(path=f"{folder}/{what}-{scheme}.png")
        rules = [] if scheme == "light" else ["color-contrast"]
        found += [f"{what} ({scheme}): {fault}" for fault in await one.window.faults(rules=rules)]
    return found
