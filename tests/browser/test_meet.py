"""Two people see and hear each other: straight, through a relay, after the network was gone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import pytest
import pytest_asyncio
from playwright.async_api import Browser, async_playwright, expect

from ops.demo import roster
from ops.demo.customers import Customer
from tenants.owner import Owner
from tests.browser import window as windows
from tests.browser.axe import AXE
from tests.browser.browsing import CHROMIUM
from tests.browser.caller import FLAGS, Caller, caller
from tests.browser.house import House, running
from tests.browser.relay import TURNSERVER, Relay, coturn
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
HOST, SECOND, GUEST = "林晓", "陈静", "王小明"


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


@pytest_asyncio.fixture(scope="module", params=["straight", "relayed"])
async def meeting(
    request: pytest.FixtureRequest,
    settings: Settings,
    owner: Owner,
    database: Database,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[Meeting]:
    folder: Path = tmp_path_factory.mktemp("turn")
    with coturn(folder, "a secret of the relay's own") as relay:
        here = msgspec.structs.replace(
            settings, turn_urls=relay.url, turn_secret=relay.secret, turn_only=request.param == "relayed"
        )
        with running(here) as house:
            tenant = await house.move_in(HOME)
            yield Meeting(house, relay, database, tenant)


@pytest_asyncio.fixture(scope="module")
async def chromium_with_camera() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=[*windows.FLAGS, *FLAGS])
        yield browser
        await browser.close()


async def both_in(host: Caller, guest: Caller) -> None:
    await guest.join()
    await expect(guest.page.locator("#zm-wait")).to_be_visible()
    await host.join()
    await host.let_in(GUEST)
    await expect(guest.page.locator("#zm-call")).to_be_visible()


async def test_they_see_and_hear_each_other(meeting: Meeting, chromium_with_camera: Browser, request: Any) -> None:
    path, cookies = await meeting.room(**{HOST: "host", GUEST: "guest"})
    async with (
        caller(chromium_with_camera, meeting.url, path, cookies[HOST], size=DESK) as host,
        caller(chromium_with_camera, meeting.url, path, cookies[GUEST], size=PHONE) as guest,
    ):
        await both_in(host, guest)
        samples = await asyncio.gather(host.sees_and_hears(), guest.sees_and_hears())
        relayed = "relayed" in request.node.name
        for sample in samples:
            assert sample.pairs
            assert all((kinds == ["relay", "relay"]) == relayed for kinds in sample.pairs), sample.pairs
        assert host.window.noise + guest.window.noise == []
