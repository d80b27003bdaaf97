"""Résumés taken in, in a browser: how the pages look, many files dragged at once, the original beside what was read."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
import pytest_asyncio
from playwright.async_api import Browser, FilePayload, expect

from modules.recruiting.resumes.corpus import corpus
from modules.recruiting.resumes.parse import parse
from modules.recruiting.service import intake
from ops.demo.customers import Customer, parts_of
from tests.browser.axe import AXE
from tests.browser.house import House
from tests.browser.tour import logged_in, tour
from tests.browser.toured import unvisited
from tests.browser.window import PHONE, window
from tests.factories.recruiting import make_job
from tests.modules.recruiting.resumes.hostile import GOOD
from zhiren.ids import new_id
from zhiren.web.assets import Assets

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(not Assets().built or not AXE.is_file(), reason="npm ci && npm run build"),
    # WeasyPrint and ReportLab, which make the résumés, warn of what other libraries will change
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]
HERE = Customer("intake", "简历公司", 10)


@pytest_asyncio.fixture(scope="module")
async def place(house: House) -> Mapping[str, str]:
    """Addresses by name: a batch with every outcome, and résumés that a browser shows and that it does not."""
    tenant = await house.move_in(HERE)
    samples = corpus(("labelled", "table", "photo"), each=1)
    given = [(one.name, one.data) for one in samples]
    given += [("没有联系方式.txt", "姓名：孙无\n2012.09-2016.06 江城大学 会计学 本科\n".encode())]
    batch_id = new_id()
    async with parts_of(house.settings) as parts, parts.database.tenant(tenant) as ctx:
        job = await make_job(ctx, title="会计主管")
        found = {}
        for name, data in given:
            kept = await intake.keep(ctx, batch_id, name=name, data=data, job_id=job.id)
            await intake.settle(ctx, kept.resume.id, await parse(data, name))
            found[name] = f"/recruiting/resumes/{kept.resume.id}"
        bad = await intake.keep(ctx, batch_id, name="设了密码的简历.pdf", data=b"%PDF-1.7 no", job_id=job.id)
        await intake.settle(ctx, bad.resume.id, "password")
        await intake.keep(ctx, batch_id, name="还没读.txt", data=GOOD.encode(), job_id=job.id)
        again = await intake.keep(ctx, new_id(), name="同一份.pdf", data=samples[0].data, job_id=job.id)
        return {
            "intake": "/recruiting/intake",
            "intake-job": f"/recruiting/intake?job={job.id}",
            "mailbox": "/recruiting/mailbox",
            "paste": "/recruiting/intake/paste",
            "batch": f"/recruiting/intake/{batch_id}",
            "batch-again": f"/recruiting/intake/{again.resume.batch_id}",
            "pdf": found[samples[0].name],
            "word": found[samples[1].name],
            "photo": found[samples[2].name],
            "unclear": found["没有联系方式.txt"],
            "refused": f"/recruiting/resumes/{bad.resume.id}",
        }


@pytest_asyncio.fixture(scope="module")
async def cookies(house: House, place: Mapping[str, str]) -> dict[str, str]:
    return await logged_in(house, HERE, "hr")


async def test_every_page(house: House, chromium: Browser, place: Mapping[str, str], cookies: dict[str, str]) -> None:
    assert unvisited("test_intake", place.values()) == []
    faults = await tour(chromium, house.url(HERE), place, cookies)
    assert not faults, "\n".join(faults)


async def test_many_files_are_sent_one_by_one(
    house: House, chromium: Browser, place: Mapping[str, str], cookies: dict[str, str]
) -> None:
    chosen: list[FilePayload] = [
        {"name": f"{n}.txt", "mimeType": "text/plain", "buffer": f"{GOOD}编号 {new_id()}".encode()} for n in range(12)
    ]
    chosen.append({"name": "空的.pdf", "mimeType": "application/pdf", "buffer": b""})
    async with window(chromium, house.url(HERE), cookies=cookies) as found:
        page, posts = found.page, []
        page.on("request", lambda one: posts.append(one.url) if one.method == "POST" else None)
        await page.goto(place["intake-job"])
        await page.get_by_label("选择简历，或拖到这里").set_input_files(chosen)
        await expect(page.locator("[data-intake-said]")).to_have_text("已选 13 份")
        await page.get_by_role("button", name="上传并读取").click()
        # the one that is refused is told by name; the rest goes on when asked
        await expect(page.locator("[data-intake-said]")).to_contain_text("有 1 份没有传上去")
        await expect(page.locator("[data-intake-list]")).to_contain_text("空的.pdf")
        assert len([one for one in posts if one.endswith("/recruiting/intake/files")]) == 13
        await page.get_by_role("button", name="上传并读取").click()
        await page.wait_for_url("**/recruiting/intake/*-*")
        await expect(page.get_by_text("12 份").first).to_be_visible()
        await expect(page.locator(".zr-list > li")).to_have_count(12)


async def test_the_original_stands_beside(
    house: House, chromium: Browser, place: Mapping[str, str], cookies: dict[str, str]
) -> None:
    for size in ((1440, 900), PHONE):
        async with window(chromium, house.url(HERE), size=size, cookies=cookies) as found:
            page = found.page
            await page.goto(place["photo"])
            picture = page.get_by_role("img", name="简历原件的图片")
            assert await picture.evaluate("async image => { await image.decode(); return image.naturalWidth > 100; }")
            form, original = await page.locator("#resume").bounding_box(), await picture.bounding_box()
            assert form is not None
            assert original is not None
            if size == PHONE:
                assert original["y"] >= form["y"] + form["height"]
            else:
                assert original["x"] >= form["x"] + form["width"]
            await page.goto(place["pdf"])
            frame = page.locator("iframe")
            assert await frame.get_attribute("src") == f"{place['pdf']}/file#navpanes=0&view=FitH"
            kind = "async path => (await fetch(path)).headers.get('content-type')"
            assert await page.evaluate(kind, f"{place['pdf']}/file") == "application/pdf"
            await page.goto(place["unclear"])
            await expect(page.get_by_text("没有读到，请看原件").first).to_be_visible()
