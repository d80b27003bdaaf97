"""The customer's public frame in Chromium: phone and desk, day and night, in the customer's name and colour."""

from __future__ import annotations

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from ops.demo.customers import Customer, parts_of
from tests.browser.axe import AXE
from tests.browser.house import House
from tests.browser.window import DESK, PHONE, Theme, window
from zhiren.site.schemas import LookChange
from zhiren.site.service import change
from zhiren.web.assets import Assets

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(not Assets().built or not AXE.is_file(), reason="npm ci && npm run build"),
]
HERE = Customer("looks", "门面公司", 10)
NAME = "某某智能制造（集团）股份有限公司上海分公司"


@pytest_asyncio.fixture(scope="module")
async def url(house: House) -> str:
    tenant = await house.move_in(HERE)
    async with parts_of(house.settings) as parts, parts.database.tenant(tenant) as ctx:
        await change(ctx, LookChange(NAME, "#b91c1c"))
    return house.url(HERE)


@pytest.mark.parametrize(
    ("size", "theme", "language"),
    [
        (PHONE, "light", "zh_CN"),
        (PHONE, "dark", "en"),
        (DESK, "light", "en"),
        (DESK, "dark", "zh_CN"),
    ],
)
async def test_the_frame_is_the_customers(
    url: str, chromium: Browser, size: tuple[int, int], theme: Theme, language: str
) -> None:
    async with window(chromium, url, size=size, theme=theme, language=language) as seen:
        await seen.page.goto("/portal/login")
        assert await seen.faults() == []
        assert await seen.overflow() == []
        assert seen.noise == []
        assert NAME in await seen.page.locator("header").inner_text()
        button = seen.page.get_by_role("button", name="发送验证码" if language == "zh_CN" else "Send a code")
        colour = await button.evaluate("one => getComputedStyle(one).backgroundColor")
        assert colour == "rgb(185, 28, 28)"
        assert await seen.page.locator("nav").count() == 0
