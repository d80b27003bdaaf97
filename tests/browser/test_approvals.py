"""Approvals in a browser: two taps on a phone, the link in a message, a flow drawn without typing code."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect
from sqlalchemy import select

from modules.recruiting.models import Requisition
from modules.recruiting.service import approving
from ops.demo.customers import Customer, parts_of
from tests.browser.axe import AXE
from tests.browser.house import House
from tests.browser.window import DESK, PHONE, Theme, Window, window
from tests.factories.records import company
from zhiren.approvals import CaseView
from zhiren.approvals.service import links
from zhiren.auth.models import User
from zhiren.context import Actor
from zhiren.web.assets import Assets

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(not Assets().built or not AXE.is_file(), reason="npm ci && npm run build"),
]
HERE = Customer("signs", "签字公司", 10)
EDITOR = "/admin/approvals/recruiting.requisition"
LOOKS: tuple[tuple[tuple[int, int], Theme, str], ...] = (
    (DESK, "light", "zh_CN"),
    (PHONE, "dark", "zh_CN"),
    (PHONE, "light", "en"),
)


@pytest_asyncio.fixture(scope="module")
async def place(house: House) -> Mapping[str, str]:
    """Three requests that wait for HR, by what they are for: addresses of cases and of a link."""
    tenant = await house.move_in(HERE)
    async with parts_of(house.settings) as parts, parts.database.tenant(tenant) as ctx:
        unit = (await company(ctx)).units["总部"]
        users = {user.login: user for user in await ctx.session.scalars(select(User))}
        admin = Actor(user_id=users["admin"].id, name=users["admin"].name)
        found: dict[str, str] = {}
        for number, what in enumerate(("look", "tap", "link"), 1):
            row = Requisition(
                number=f"R2026-{number:04d}",
                title=f"嵌入式软件工程师 {number}",
                unit_id=unit.id,
                headcount=2,
                city="上海",
                justification="新产线十月投产，现有两人排满到年底。",
                requester_id=users["admin"].id,
            )
            ctx.session.add(row)
            await ctx.session.flush()
            case: CaseView = await approving.start(ctx.with_actor(admin), row)
            found[what] = f"/approvals/{case.id}"
            if what == "link":
                found[what] = links.path(ctx, case.steps[0].tasks[0].id, users["hr"].id)
        return found


@pytest_asyncio.fixture(scope="module")
async def cookies(house: House, place: Mapping[str, str]) -> Mapping[str, dict[str, str]]:
    def log_in(login: str) -> dict[str, str]:
        with house.visitor(HERE, login) as visitor:
            return {cookie.name: cookie.value or "" for cookie in visitor.cookies.jar}

    assert place
    return {login: await asyncio.to_thread(log_in, login) for login in ("hr", "admin")}


@pytest.mark.parametrize(("size", "theme", "language"), LOOKS)
async def test_pages_are_readable(
    house: House,
    chromium: Browser,
    place: Mapping[str, str],
    cookies: Mapping[str, dict[str, str]],
    *,
    size: tuple[int, int],
    theme: Theme,
    language: str,
) -> None:
    faults: list[str] = []
    options = {"size": size, "theme": theme, "language": language}
    inside = ("/approvals", "/approvals?tab=asked", "/approvals/away", place["look"], "/admin/approvals", EDITOR)
    async with window(chromium, house.url(HERE), cookies=cookies["hr"], **options) as found:  # type: ignore[arg-type]
        for path in inside:
            faults += await _look(found, path, options)
    async with window(chromium, house.url(HERE), **options) as found:  # type: ignore[arg-type]
        faults += await _look(found, place["link"], options)
    assert not faults, "\n".join(faults)


async def test_two_taps_on_a_phone(
    house: House, chromium: Browser, place: Mapping[str, str], cookies: Mapping[str, dict[str, str]]
) -> None:
    async with window(chromium, house.url(HERE), size=PHONE, cookies=cookies["hr"]) as found:
        await found.page.goto("/approvals")
        await found.page.get_by_text("嵌入式软件工程师 2").tap()
        await found.page.get_by_role("button", name="同意").tap()
        await expect(found.page.get_by_text("已同意。")).to_be_visible()
        await expect(found.page).to_have_url(f"{house.url(HERE)}{place['tap']}")
        await expect(found.page.locator(".zr-approval")).to_contain_text("已通过")
        assert found.noise == []


async def test_a_link_asks_once_more_and_signs(house: House, chromium: Browser, place: Mapping[str, str]) -> None:
    async with window(chromium, house.url(HERE), size=PHONE) as found:
        await found.page.goto(place["link"])
        await expect(found.page.get_by_text("新产线十月投产")).to_be_visible()
        await found.page.get_by_role("button", name="拒绝").tap()
        await found.page.get_by_role("dialog").get_by_role("button", name="拒绝").tap()
        await expect(found.page.get_by_text("已审批：拒绝")).to_be_visible()
        assert await found.page.get_by_role("button", name="同意").count() == 0
        assert found.noise == []


async def test_a_flow_is_drawn_tried_and_published(
    house: House, chromium: Browser, place: Mapping[str, str], cookies: Mapping[str, dict[str, str]]
) -> None:
    assert place
    async with window(chromium, house.url(HERE), size=DESK, cookies=cookies["admin"]) as found:
        page = found.page
        await page.goto(EDITOR)
        await page.get_by_role("button", name="加一步").click()
        second = page.locator(".zr-flow-edit").nth(1)
        await second.get_by_label("名称").fill("人事复核")
        await second.get_by_label("由谁审批").select_option("role")
        await second.get_by_label("角色").select_option("hr")
        await second.get_by_label("条件").fill("headcount > 1")
        await second.get_by_role("button", name="并行再加一组").click()
        await second.get_by_label("由谁审批").nth(1).select_option("person")
        await second.get_by_label("指定的人").select_option(index=1)
        await expect(page.locator(".zr-flow-stage").nth(1).locator(".zr-flow-box")).to_have_count(2)
        await expect(page.locator(".zr-flow")).to_contain_text("当 人数 > 1")
        await page.get_by_label("人数 headcount").fill("3")
        await page.get_by_role("button", name="试一试").click()
        await expect(page.locator("#try [role=status]")).to_contain_text("人事复核")
        await _picture(found, "drawn", DESK)
        await page.get_by_role("button", name="发布").click()
        await expect(page.get_by_text("已发布第 1 版")).to_be_visible()
        await page.goto(f"{EDITOR}/versions/1")
        await expect(page.locator(".zr-flow")).to_contain_text("人事复核")
        assert found.noise == []


async def _look(found: Window, path: str, options: Mapping[str, object]) -> list[str]:
    answer = await found.page.goto(path)
    assert answer is not None
    faults = [] if answer.ok else [f"{path}: {answer.status}"]
    faults += [f"{path}: wider than the window: {one}" for one in await found.overflow()]
    faults += [f"{path}: {one}" for one in await found.faults()]
    await _picture(found, f"{path[:24]}_{options['theme']}_{options['language']}", options["size"])
    return faults + found.noise


async def _picture(found: Window, name: str, size: object) -> None:
    """Where ZHIREN_TEST_PICTURES names a folder, pages are kept there to be looked at."""
    folder = os.environ.get("ZHIREN_TEST_PICTURES")
    if folder:
        width = "desk" if size == DESK else "phone"
        await found.page.screenshot(path=f"{folder}/{name.strip('/').replace('/', '_')}_{width}.png", full_page=True)
