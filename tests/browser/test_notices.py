"""Notices in a browser: the bell, the administrator's pages, and a push message that the service worker shows."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Mapping
from uuid import UUID

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect
from sqlalchemy import select

from ops.demo.customers import Customer, parts_of
from tests.browser.axe import AXE
from tests.browser.house import House
from tests.browser.window import DESK, PHONE, Window, window
from zhiren.auth.models import User
from zhiren.ids import new_id
from zhiren.notices import NoticeKind, Recipient, register, send
from zhiren.web.assets import Assets

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(not Assets().built or not AXE.is_file(), reason="npm ci && npm run build"),
]
HERE = Customer("bells", "铃声公司", 10)
KIND = NoticeKind(
    name="test.browser.told",
    title="面试邀请",
    subject="{name}，请参加面试",
    body="时间：明天 14:00\n\n地点：三楼会议室",
    channels=("inapp", "mail"),
    optional=True,
)
register(KIND)


@pytest_asyncio.fixture(scope="module")
async def told(house: House) -> Mapping[str, str]:
    """An administrator with two notices; their mails wait for a server. Paths by name."""
    tenant = await house.move_in(HERE)
    async with parts_of(house.settings) as parts, parts.database.tenant(tenant) as ctx:
        admin: UUID = (await ctx.session.scalars(select(User.id).where(User.login == "admin"))).one()
        to = Recipient(kind="user", id=admin, name="管理员", mail="admin@example.com")
        ids: list[UUID] = []
        for _each in range(2):
            ids += await send(
                ctx, KIND.name, to=to, values={}, about=("test", new_id()), key=str(new_id()), link="/jobs"
            )
        return {"message": f"/admin/notices/outbox/{ids[1]}"}


@pytest_asyncio.fixture(scope="module")
async def cookies(house: House, told: Mapping[str, str]) -> dict[str, str]:
    def log_in() -> dict[str, str]:
        with house.visitor(HERE, "admin") as visitor:
            return {cookie.name: cookie.value or "" for cookie in visitor.cookies.jar}

    return await asyncio.to_thread(log_in)


PAGES = (
    "/notices",
    "/notices/reach",
    "/admin/notices",
    "/admin/notices/channels/mail",
    "/admin/notices/channels/sms",
    "/admin/notices/channels/im?provider=dingtalk",
    "/admin/notices/texts",
    "/admin/notices/outbox",
)


@pytest.mark.parametrize(("size", "language"), [(PHONE, "zh_CN"), (DESK, "en")])
async def test_pages_are_readable(
    house: House,
    chromium: Browser,
    told: Mapping[str, str],
    cookies: dict[str, str],
    *,
    size: tuple[int, int],
    language: str,
) -> None:
    faults: list[str] = []
    async with window(chromium, house.url(HERE), size=size, language=language, cookies=cookies) as found:
        for path in (*PAGES, told["message"]):
            answer = await found.page.goto(path)
            assert answer is not None
            faults += [] if answer.ok else [f"{path}: {answer.status}"]
            faults += [f"{path}: wider than the window: {one}" for one in await found.overflow()]
            faults += [f"{path}: {one}" for one in await found.faults()]
            await _picture(found, path, size)
        faults += found.noise
    assert not faults, "\n".join(faults)


async def test_the_bell_counts_what_is_new(house: House, chromium: Browser, cookies: dict[str, str]) -> None:
    async with window(chromium, house.url(HERE), size=PHONE, cookies=cookies) as found:
        await found.page.goto("/")
        badge = found.page.locator(".zr-topbar [data-bell-count]")
        await expect(badge).to_have_text("2")
        await found.page.locator(".zr-topbar [data-bell]").click()
        await found.page.get_by_role("button", name="查看").first.click()
        await expect(found.page).to_have_url(f"{house.url(HERE)}/jobs")
        await expect(badge).to_have_text("1")


async def test_a_push_message_is_shown(house: House, chromium: Browser, cookies: dict[str, str]) -> None:
    """The service worker, woken with what ``zhiren.notices`` puts into a push message."""
    async with window(chromium, house.url(HERE), cookies=cookies) as found:
        await found.page.context.grant_permissions(["notifications"], origin=house.url(HERE))
        await found.page.goto("/notices/reach")
        await found.page.evaluate("navigator.serviceWorker.ready.then(() => true)")
        devtools = await found.page.context.new_cdp_session(found.page)
        versions: asyncio.Queue[str] = asyncio.Queue()
        devtools.on(
            "ServiceWorker.workerRegistrationUpdated",
            lambda event: [versions.put_nowait(one["registrationId"]) for one in event["registrations"]],
        )
        await devtools.send("ServiceWorker.enable")
        registration = await asyncio.wait_for(versions.get(), 20)
        said = {"id": "1", "title": "面试邀请", "body": "明天 14:00", "url": "/notices"}
        await devtools.send(
            "ServiceWorker.deliverPushMessage",
            {"origin": house.url(HERE), "registrationId": registration, "data": json.dumps(said)},
        )
        # asked again in the page: ``wait_for_function`` takes the promise itself for an answer
        shown = """async () => {
          const worker = await navigator.serviceWorker.ready;
          for (let left = 200; left > 0; left -= 1) {
            const all = await worker.getNotifications();
            if (all.length) return all.map((one) => [one.title, one.body, one.tag, one.data.url]);
            await new Promise((done) => setTimeout(done, 100));
          }
          return [];
        }"""
        assert await found.page.evaluate(shown) == [["面试邀请", "明天 14:00", "1", "/notices"]]


async def _picture(found: Window, path: str, size: tuple[int, int]) -> None:
    """Where ZHIREN_TEST_PICTURES names a folder, pages are kept there to be looked at."""
    folder = os.environ.get("ZHIREN_TEST_PICTURES")
    if folder:
        name = path.split("?", maxsplit=1)[0].strip("/").replace("/", "_")[:40]
        await found.page.screenshot(path=f"{folder}/{name}_{size[0]}.png", full_page=True)
