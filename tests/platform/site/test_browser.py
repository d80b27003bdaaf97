"""The public frame and the page that sets it, in Chromium: phone and desk, day and night, in the customer's colours.

Requests of the browser are answered by the application in this process.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import httpx
import pytest
import pytest_asyncio
from litestar import Litestar, get
from playwright.async_api import Browser, Page, Route, async_playwright

from ops.hosted import Hosted
from tenants.owner import Owner
from tests.application import browser, license_all, log_in, make_parts, serving
from tests.browser.axe import AXE
from tests.browser.browsing import CHROMIUM
from tests.browser.window import DESK, FLAGS, PHONE, Theme, window
from zhiren.context import Context, TenantRef
from zhiren.settings import Settings
from zhiren.site import public_page
from zhiren.site.schemas import LookChange
from zhiren.site.service import change
from zhiren.web.assets import Assets
from zhiren.web.pages import Page as Answer

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not Assets().built or not AXE.is_file(), reason="npm ci && npm run build"),
]


@get("/open", permission="public")
async def open_page(ctx: Context) -> Answer:
    return await public_page(ctx, "site_tests/open.html")


@pytest_asyncio.fixture(scope="module")
async def house(settings: Settings, owner: Owner) -> Hosted:
    parts = make_parts(settings)
    packages = (*parts.packages, "tests.platform.site")
    return replace(parts, route_handlers=(*parts.route_handlers, open_page), packages=packages)


@pytest_asyncio.fixture(scope="module")
async def shown(house: Hosted, tenant: TenantRef) -> AsyncIterator[Litestar]:
    async with serving(house) as app:
        await license_all(house, tenant)
        async with house.database.tenant(tenant) as ctx:
            await change(ctx, LookChange("某某智能制造（集团）股份有限公司上海分公司", "#b91c1c"))
        yield app


@pytest_asyncio.fixture(scope="module")
async def chromium() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        found = await playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield found
        await found.close()


async def answer_by(page: Page, client: httpx.AsyncClient) -> None:
    async def answer(route: Route) -> None:
        asked = route.request
        headers = {name: value for name, value in (await asked.all_headers()).items() if not name.startswith(":")}
        client.cookies.clear()
        given = await client.request(asked.method, asked.url, headers=headers, content=asked.post_data_buffer)
        told = {name: ", ".join(given.headers.get_list(name)) for name in given.headers}
        told.pop("content-encoding", None)
        await route.fulfill(status=given.status_code, headers=told, body=given.content)

    await page.route("**/*", answer)


VIEWS: tuple[tuple[tuple[int, int], Theme, str], ...] = (
    (PHONE, "light", "zh_CN"),
    (PHONE, "dark", "en"),
    (DESK, "light", "en"),
    (DESK, "dark", "zh_CN"),
)


@pytest.mark.parametrize("how", VIEWS)
async def test_pages(shown: Litestar, house: Hosted, tenant: TenantRef, chromium: Browser, how: Any) -> None:
    size, theme, language = how
    async with await log_in(house, shown, tenant, "admin") as admin:
        token = admin.cookies[house.authenticator.cookie]
    url = f"http://{tenant.slug}.localhost"
    for path, cookies in (("/open", {}), ("/admin/site", {house.authenticator.cookie: token})):
        async with (
            browser(shown, tenant) as client,
            window(chromium, url, size=size, theme=theme, language=language, cookies=cookies) as seen,
        ):
            await answer_by(seen.page, client)
            await seen.page.goto(path)
            assert await seen.faults() == [], path
            assert await seen.overflow() == [], path
            # the service worker is fetched past the routes above, where nobody answers
            assert [line for line in seen.noise if "fetching the script" not in line] == [], path
            if path == "/open":
                button = seen.page.get_by_role("button", name="保存" if language == "zh_CN" else "Save")
                colour = await button.evaluate("one => getComputedStyle(one).backgroundColor")
                assert colour == "rgb(185, 28, 28)"
                assert await seen.page.locator("nav").count() == 0
