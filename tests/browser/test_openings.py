"""Pages of openings in a browser: how they look, and rules that say at once whom they screen out."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect
from sqlalchemy import select

from modules.recruiting.models import Headcount, Requisition
from modules.recruiting.service import channels
from modules.recruiting.shapes import Criterion, Question, Round, Rule
from ops.demo.customers import Customer, parts_of
from tests.browser.axe import AXE
from tests.browser.house import House
from tests.browser.tour import logged_in, tour
from tests.browser.toured import unvisited
from tests.browser.window import window
from tests.factories.records import company
from tests.factories.recruiting import make_application, make_candidate, make_job
from zhiren.auth.models import User
from zhiren.clock import today
from zhiren.ids import new_id
from zhiren.web.assets import Assets

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(not Assets().built or not AXE.is_file(), reason="npm ci && npm run build"),
]
HERE = Customer("openings", "招人公司", 10)


@pytest_asyncio.fixture(scope="module")
async def place(house: House) -> Mapping[str, str]:
    """Addresses by name."""
    tenant = await house.move_in(HERE)
    async with parts_of(house.settings) as parts, parts.database.tenant(tenant) as ctx:
        unit = (await company(ctx)).units["总部"].id
        hr = await ctx.session.scalar(select(User).where(User.login == "hr"))
        assert hr is not None
        questions = [Question(code="q1", text="能否倒班？", kind="yes_no", required=True)]
        rounds = [
            Round(code="r1", name="初试", questions=("做过哪些项目？",), criteria=(Criterion(code="c1", name="沟通"),))
        ]
        rules = [Rule(code="k1", name="三年以上经验", field="years", op="at_least", value="3", effect="set_aside")]
        plan = {"questions": questions, "rounds": rounds, "rules": rules}
        job = await make_job(
            ctx,
            title="嵌入式软件工程师",
            unit_id=unit,
            duties="负责控制器软件的设计、编码和测试。",
            requirements="三年以上 C 语言经验。",
            **{name: msgspec.to_builtins(value) for name, value in plan.items()},
        )
        for name, years in (("王小明", 1.0), ("欧阳修远", 8.0), ("李思", None)):
            await make_application(ctx, job=job, candidate=await make_candidate(ctx, name=name, years=years))
        wish = Requisition(
            number="R2026-0001",
            title="嵌入式软件工程师",
            unit_id=unit,
            headcount=20,
            requester_id=new_id(),
            state="pending",
            justification="新产品线要人。",
        )
        wish.salary_min_fen, wish.salary_max_fen = 1_500_000, 2_500_000
        draft = Requisition(
            number="R2026-0002", title="测试工程师", unit_id=unit, headcount=1, requester_id=hr.id, state="draft"
        )
        ctx.session.add_all([wish, draft, Headcount(unit_id=unit, position_id=None, year=today().year, planned=5)])
        channel = await channels.save_channel(ctx, None, name="前程网", kind="board", code="qiancheng")
        agency = await channels.save_agency(ctx, None, name="某某猎头", terms="年薪的两成", ownership_days=180)
        await channels.add_member(ctx, agency.id, name="王顾问", mail="wang@agency.test")
        batch = await channels.save_batch(
            ctx, None, name="2027 届秋招", kind="campus", starts_on=today(), ends_on=today()
        )
        base = f"/recruiting/jobs/{job.id}"
        return {
            "requisitions": "/recruiting/requisitions",
            "wish": f"/recruiting/requisitions/{wish.id}",
            "ask": "/recruiting/requisitions/new",
            "headcount": "/recruiting/headcount",
            "jobs": "/recruiting/jobs",
            "job": base,
            "job-edit": f"{base}/edit",
            "job-settings": f"{base}/settings",
            "rules": f"{base}/rules",
            "channels": "/recruiting/channels",
            "channel": f"/recruiting/channels/{channel.id}",
            "agencies": "/recruiting/agencies",
            "agency": f"/recruiting/agencies/{agency.id}",
            "batches": "/recruiting/batches",
            "batch": f"/recruiting/batches/{batch.id}",
            "job-new": "/recruiting/jobs/new",
            "wish-edit": f"/recruiting/requisitions/{draft.id}/edit",
        }


@pytest_asyncio.fixture(scope="module")
async def cookies(house: House, place: Mapping[str, str]) -> dict[str, str]:
    return await logged_in(house, HERE, "hr")


async def test_every_page(house: House, chromium: Browser, place: Mapping[str, str], cookies: dict[str, str]) -> None:
    assert unvisited("test_openings", place.values()) == []
    faults = await tour(chromium, house.url(HERE), place, cookies)
    assert not faults, "\n".join(faults)


async def test_a_rule_says_at_once_whom_it_screens_out(
    house: House, chromium: Browser, place: Mapping[str, str], cookies: dict[str, str]
) -> None:
    async with window(chromium, house.url(HERE), cookies=cookies) as found:
        page = found.page
        await page.goto(place["rules"])
        trial = page.locator("#trial")
        await expect(trial).to_contain_text("试了 3 份应聘，会把 1 份移到")
        await page.locator("[name='rule.0.value']").fill("9")
        await page.locator("[name='rule.0.value']").press("Tab")
        await expect(trial).to_contain_text("会把 2 份移到")
        await page.locator("[name=reason]").fill("要能独立干活")
        await page.get_by_role("button", name="保存规则").click()
        await expect(page.locator("[name='rule.0.value']")).to_have_value("9")
        assert not found.noise
