"""The board of a job in a browser: by mouse, by keyboard, by the list on a phone; and how its pages look."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from modules.recruiting.shapes import Rule
from ops.demo.customers import Customer, parts_of
from tests.browser.axe import AXE
from tests.browser.house import House
from tests.browser.tour import logged_in, tour
from tests.browser.toured import unvisited
from tests.browser.window import PHONE, window
from tests.factories.recruiting import make_application, make_candidate, make_job
from zhiren.web.assets import Assets

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(not Assets().built or not AXE.is_file(), reason="npm ci && npm run build"),
]
HERE = Customer("boards", "看板公司", 10)
RULES = (Rule(code="years", name="三年以上经验", field="years", op="at_least", value="3"),)


@pytest_asyncio.fixture(scope="module")
async def place(house: House) -> Mapping[str, str]:
    """Addresses by name: a board with people in three columns, one of them, and the lists."""
    tenant = await house.move_in(HERE)
    async with parts_of(house.settings) as parts, parts.database.tenant(tenant) as ctx:
        rules = [{name: getattr(rule, name) for name in rule.__struct_fields__} for rule in RULES]
        job = await make_job(ctx, title="嵌入式软件工程师", rules=rules)
        for name in ("王小明", "欧阳修远", "李思"):
            found = await make_application(ctx, job=job, candidate=await make_candidate(ctx, name=name, tags=["重点"]))
        for _each in range(60):
            await make_application(ctx, job=job, stage="screening")
        await make_application(ctx, job=job, stage="interview", candidate=await make_candidate(ctx, name="赵面"))
        base = f"/recruiting/jobs/{job.id}"
        return {
            "board": f"{base}/board",
            "list": f"{base}/applications",
            "person": f"/recruiting/candidates/{found.candidate_id}",
            "edit": f"/recruiting/candidates/{found.candidate_id}/edit",
            "new": f"/recruiting/candidates/new?job={job.id}",
            "pool": "/recruiting/candidates",
            "settings": "/recruiting/settings",
            "reason": "/recruiting/settings/reason?code=filled",
            "letter": "/recruiting/settings/letter?code=usual",
            "tasks": "/recruiting/settings/tasks",
            "consent": "/recruiting/settings/consent/recruiting",
        }


@pytest_asyncio.fixture(scope="module")
async def cookies(house: House, place: Mapping[str, str]) -> dict[str, str]:
    return await logged_in(house, HERE, "hr")


async def card(page: Page, name: str) -> str:
    """Which column it stands in."""
    found = page.locator("[data-card]", has_text=name)
    return str(await found.evaluate("card => card.closest('[data-column]').dataset.column"))


async def test_every_page(house: House, chromium: Browser, place: Mapping[str, str], cookies: dict[str, str]) -> None:
    assert unvisited("test_board", place.values()) == []
    faults = await tour(chromium, house.url(HERE), place, cookies)
    assert not faults, "\n".join(faults)


async def test_cards_move(house: House, chromium: Browser, place: Mapping[str, str], cookies: dict[str, str]) -> None:
    async with window(chromium, house.url(HERE), cookies=cookies) as found:
        page = found.page
        await page.goto(place["board"])
        await expect(page.locator("[data-board] [data-card][tabindex='0']")).to_have_count(1)
        # by keyboard: picked up, moved right, put down; announced all along
        one = page.locator("[data-card]", has_text="王小明")
        await one.focus()
        await page.keyboard.press("Space")
        await expect(page.locator("[data-announce]")).to_contain_text("拿起了 王小明")
        await page.keyboard.press("ArrowRight")
        await page.keyboard.press("ArrowRight")
        await expect(page.locator("[data-announce]")).to_contain_text("面试")
        await page.keyboard.press("Space")
        await expect(page.locator("[data-announce]")).to_contain_text("王小明 已放到 面试")
        # given up: back where it was
        await page.locator("[data-card]", has_text="李思").focus()
        for key in ("Space", "ArrowRight", "Escape"):
            await page.keyboard.press(key)
        assert await card(page, "李思") == "new"
        # by mouse
        offers = page.locator("[data-column='offer']")
        await page.locator("[data-card]", has_text="欧阳修远").drag_to(offers.locator("[data-cards]"))
        await expect(offers.locator("[data-count]")).to_have_text("1")
        # what is beyond the first fifty comes when asked for
        column = page.locator("[data-column='screening']")
        await expect(column.locator("[data-card]")).to_have_count(50)
        await column.get_by_role("button", name="更多").click()
        await expect(column.locator("[data-card]")).to_have_count(60)
        await page.reload()
        places = [await card(page, name) for name in ("王小明", "李思", "欧阳修远")]
        assert places == ["interview", "new", "offer"]
        assert found.noise == []


async def test_the_second_is_told(
    house: House, chromium: Browser, place: Mapping[str, str], cookies: dict[str, str]
) -> None:
    """Two people have the board open: who comes too late sees why, and where the card stands now."""
    async with (
        window(chromium, house.url(HERE), size=PHONE, cookies=cookies) as first,
        window(chromium, house.url(HERE), cookies=cookies) as second,
    ):
        for one in (first, second):
            await one.page.goto(place["board"])
        # on a phone by the list of stages
        select = first.page.locator("[data-card]", has_text="赵面").locator("[data-stage-select]")
        await select.select_option("offer")
        await expect(first.page.locator("[data-announce]")).to_contain_text("赵面 已放到 录用")
        await second.page.locator("[data-card]", has_text="赵面").focus()
        for key in ("Space", "ArrowLeft", "Space"):
            await second.page.keyboard.press(key)
        await expect(second.page.locator("#toasts")).to_contain_text("您的操作没有执行")
        await expect(second.page.locator("[data-column='offer']")).to_contain_text("赵面")


async def test_many_at_once(house: House, chromium: Browser, place: Mapping[str, str], cookies: dict[str, str]) -> None:
    async with window(chromium, house.url(HERE), cookies=cookies) as found:
        page = found.page
        await page.goto(place["board"])
        await expect(page.locator("[data-card][tabindex='0']")).to_have_count(1)
        for at in (0, 1):
            await page.locator("[data-column='screening'] [data-select]").nth(at).check()
        await expect(page.locator("[data-selection-count]")).to_have_text("2")
        await page.get_by_role("button", name="淘汰…").click()
        dialog = page.get_by_role("dialog", name="淘汰候选人")
        await dialog.get_by_label("原因").select_option("filled")
        await expect(dialog.get_by_label("给候选人的反馈")).to_have_value(
            "感谢您的应聘。这个职位已经招满，我们会保留您的资料，有合适的机会再联系您。"
        )
        await dialog.get_by_role("button", name="淘汰", exact=True).click()
        await expect(page.locator("#toasts")).to_contain_text("已淘汰 2 人")
        await page.get_by_role("link", name="已结束").click()
        await expect(page.locator("tbody tr")).to_have_count(2)
