"""A candidate whose day is not the best: the network goes, the phone is slow, nothing can be seen."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect
from sqlalchemy import func, select

from modules.recruiting.models import Application, Candidate, Job
from modules.recruiting.resumes.corpus import Sample, corpus
from ops.demo.customers import Customer, parts_of
from tests.browser.axe import AXE
from tests.browser.hiring import fill, press, reads
from tests.browser.house import House
from tests.browser.window import PHONE, TIMEOUT_MS, window
from tests.factories.records import company
from tests.factories.recruiting import make_job
from zhiren.web.assets import Assets

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(not Assets().built or not AXE.is_file(), reason="npm ci && npm run build"),
]
HERE = Customer("candidate", "晴雨公司", 10)
TITLE = "嵌入式软件工程师"
#: everything a phone loads from the job to "received", but the résumé it sends
BUDGET_KB = 450
_DESCRIBED = """(one) => one.getAttribute('aria-describedby').split(' ')
  .map((id) => document.getElementById(id).textContent)"""
#: an edge network: 400 kbit/s, 400 ms there and back
SLOW = {"offline": False, "latency": 400, "downloadThroughput": 50_000, "uploadThroughput": 50_000}


@pytest_asyncio.fixture(scope="module")
async def job(house: House) -> Job:
    tenant = await house.move_in(HERE)
    async with parts_of(house.settings) as parts, parts.database.tenant(tenant) as ctx:
        firm = await company(ctx)
        return await make_job(
            ctx, title=TITLE, legal_entity_id=firm.entity.id, duties="写固件。", requirements="C 语言。"
        )


async def applications(house: House, name: str) -> int:
    tenant = await house.move_in(HERE)
    async with parts_of(house.settings) as parts, parts.database.tenant(tenant) as ctx:
        found = select(func.count()).select_from(Application).join(Candidate, Candidate.id == Application.candidate_id)
        return (await ctx.session.scalar(found.where(Candidate.name == name))) or 0


async def read_resume(page: Page, job: Job, resume: Sample, folder: Path) -> None:
    file = folder / resume.name
    file.write_bytes(resume.data)
    await page.goto(f"/careers/{job.slug}/apply")
    await page.locator('[name="resume"]').set_input_files(file)
    await page.get_by_role("button", name="读取简历").tap()
    await expect(page.locator('[name="name"]')).to_have_value(resume.truth.name)


async def test_a_lost_network_loses_nothing(house: House, chromium: Browser, job: Job, tmp_path: Path) -> None:
    """Sent into nothing, then opened anew, then sent: everything is still there, and it arrives once."""
    (resume,) = corpus(("labelled",), each=1)
    async with window(chromium, house.url(HERE), size=PHONE) as phone:
        page = phone.page
        await read_resume(page, job, resume, tmp_path)
        await fill(page, city="上海", salary_wish="18000")
        await page.locator('[name="consent"]').check()
        await page.context.set_offline(True)
        await page.get_by_role("button", name="提交应聘").tap()
        await expect(page.locator("#toasts")).to_contain_text("没有连上服务器")
        await expect(page.locator('[name="city"]')).to_have_value("上海")
        await expect(page.locator('[name="salary_wish"]')).to_have_value("18000")
        await page.context.set_offline(False)
        # as a phone does that closed the page meanwhile
        await page.reload()
        await expect(page.locator("#toasts")).to_contain_text("已恢复")
        for name in ("name", "mobile", "mail", "school", "employer"):
            await expect(page.locator(f'[name="{name}"]')).to_have_value(getattr(resume.truth, name))
        await expect(page.locator('[name="consent"]')).to_be_checked()
        # what is sealed everywhere else is not left lying in a browser
        await expect(page.locator('[name="salary_wish"]')).to_have_value("")
        await expect(page.get_by_text("简历已读取").filter(visible=True)).to_be_visible()
        await press(page, "提交应聘")
        await reads(page, "已收到您的应聘")
        await page.goto(f"/careers/{job.slug}/apply")
        await expect(page.locator('[name="mobile"]')).to_have_value("")
        noise = [line for line in phone.noise if not re.match("htmx:|.*ERR_INTERNET", line)]
    assert noise == []
    assert await applications(house, resume.truth.name) == 1


async def test_two_taps_are_one(house: House, chromium: Browser, job: Job) -> None:
    async with window(chromium, house.url(HERE), size=PHONE) as phone:
        page = phone.page
        await page.goto(f"/careers/{job.slug}/apply")
        await fill(page, name="申屠急", mobile="13900001234")
        await page.locator('[name="consent"]').check()
        button = page.get_by_role("button", name="提交应聘")
        async with page.expect_navigation():
            await button.evaluate("(one) => { one.click(); one.click(); one.click(); }")
        await reads(page, "已收到您的应聘")
        assert phone.noise == []
    assert await applications(house, "申屠急") == 1


async def test_a_slow_network_carries_little(house: House, chromium: Browser, job: Job) -> None:
    """Bytes are counted and not seconds; the pages have to work while it is slow."""
    loaded: list[float] = []
    async with window(chromium, house.url(HERE), size=PHONE) as phone:
        page = phone.page
        wire = await page.context.new_cdp_session(page)
        await wire.send("Network.enable")
        await wire.send("Network.emulateNetworkConditions", SLOW)
        wire.on("Network.loadingFinished", lambda event: loaded.append(event["encodedDataLength"]))
        await page.goto(f"/careers/{job.slug}")
        await page.get_by_role("link", name="应聘这个职位").tap()
        await fill(page, name="钟离慢", mobile="13900005678")
        await page.locator('[name="consent"]').check()
        await press(page, "提交应聘")
        await reads(page, "已收到您的应聘")
        await page.wait_for_load_state("networkidle", timeout=TIMEOUT_MS)
    kb = sum(loaded) / 1000
    assert 0 < kb < BUDGET_KB


async def test_applying_without_seeing(house: House, chromium: Browser, job: Job) -> None:
    """By names and keys alone, as a screen reader offers them; what is refused is said, and where."""
    async with window(chromium, house.url(HERE), size=PHONE) as phone:
        page = phone.page
        await page.goto(f"/careers/{job.slug}/apply")
        assert await page.title() == f"应聘：{TITLE} · {HERE.name}"
        await page.keyboard.press("Tab")
        await expect(page.get_by_role("link", name="跳到正文")).to_be_focused()
        await page.keyboard.press("Enter")
        for label, value in (("姓名", "公冶听"), ("手机号", "139")):
            field = page.get_by_role("textbox", name=label, exact=True)
            await field.focus()
            await page.keyboard.type(value)
        await page.keyboard.press("Enter")
        # the answer is a page of its own in the reader's ears: read from its beginning, the refusal before all else
        await expect(page.locator("main")).to_be_focused()
        spoken = await page.locator("main").aria_snapshot()
        assert re.search(r"alert:[^\n]*", spoken), spoken
        assert spoken.index("alert") < spoken.index("textbox")
        wrong = page.get_by_role("textbox", name="手机号", exact=True)
        await expect(wrong).to_have_attribute("aria-invalid", "true")
        said: Any = await wrong.evaluate(_DESCRIBED)
        assert any("手机号" in one for one in said), said
        await wrong.fill("13900009012")
        await page.get_by_role("checkbox", name=re.compile("同意")).first.press("Space")
        await page.get_by_role("button", name="提交应聘").press("Enter")
        await reads(page, "已收到您的应聘")
        assert [line for line in phone.noise if "422" not in line] == []


async def test_reading_without_a_file_says_so(house: House, chromium: Browser, job: Job) -> None:
    async with window(chromium, house.url(HERE), size=PHONE) as phone:
        page = phone.page
        await page.goto(f"/careers/{job.slug}/apply")
        await page.get_by_role("button", name="读取简历").tap()
        await reads(page, "还没有选择简历文件", "请先选择文件")
        assert await phone.faults() == []
