"""The main job by mouse and finger, in both languages: from a spreadsheet to a payslip on a phone."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import pytest
from playwright.async_api import Browser, Page, expect

from ops.demo import roster
from ops.demo.customers import Customer
from tests.browser.house import PASSWORD, House
from tests.browser.spreadsheet import CITY_HEADING, FAULTY, faulty_csv
from tests.browser.window import DESK, PHONE, Window, window
from zhiren.context import TenantRef
from zhiren.web.assets import Assets

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(not Assets().built, reason="npm ci && npm run build"),
]

STAFF: Final = roster.manufacturer()[:320]
MANAGER, EMPLOYEE = "QM0006", "QM0020"
#: jobs take their time on a busy machine
PATIENCE_MS: Final = 120_000

WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "zh_CN": {
        "log in": "登录",
        "upload": "上传并检查",
        "check again": "重新检查",
        "mend": "保存并重新检查",
        "import": "导入 320 人",
        "imported": "已新增 320 人",
        "new month": "新的月份",
        "open": "建立",
        "calculate": "开始计算",
        "review": "复核通过",
        "close": "关账",
        "publish": "发布工资条",
        "changes": "变化最大",
        "published": "已发布",
        "my payslips": "我的工资条",
        "pension": "养老保险",
        "base": "缴费基数",
        "download": "下载 PDF",
    },
    "en": {
        "log in": "Sign in",
        "upload": "Upload and check",
        "check again": "Check again",
        "mend": "Save and check again",
        "import": "Import 320 people",
        "imported": "320 added",
        "new month": "New month",
        "open": "Open",
        "calculate": "Calculate",
        "review": "Review done",
        "close": "Close the run",
        "publish": "Publish payslips",
        "changes": "Largest changes",
        "published": "Published",
        "my payslips": "My payslips",
        "pension": "Pension",
        "base": "base",
        "download": "Download PDF",
    },
}


class Job:
    """One customer's month, done by its people in their language."""

    def __init__(self, house: House, browser: Browser, customer: Customer, tenant: TenantRef, language: str) -> None:
        self.house, self.browser, self.customer, self.tenant, self.language = house, browser, customer, tenant, language
        self.words = WORDS[language]

    def window(self, size: tuple[int, int] = DESK):  # type: ignore[no-untyped-def]
        return window(self.browser, self.house.url(self.customer), size=size, language=self.language)

    async def log_in(self, page: Page, login: str) -> None:
        await page.goto("/")
        await page.locator("input[name=login]").fill(login)
        await page.locator("input[name=password]").fill(PASSWORD)
        await self.press(page, "log in")
        await expect(page.locator("#sidebar")).to_be_attached()

    async def press(self, page: Page, word: str) -> None:
        await page.get_by_role("button", name=self.words[word], exact=True).locator("visible=true").click()


async def quiet_and_narrow(found: Window) -> None:
    assert await found.overflow() == []
    assert found.noise == []


async def import_roster(job: Job, folder: Path) -> None:
    file = folder / "花名册.csv"
    file.write_bytes(faulty_csv(STAFF))
    async with job.window() as found:
        page = found.page
        await job.log_in(page, "hr")
        await page.goto("/records/import")
        await page.locator("input[type=file]").set_input_files(file)
        await job.press(page, "upload")
        # a column nobody can guess is mapped by hand, then the dry run is made again
        row = page.get_by_role("row").filter(has_text=CITY_HEADING)
        await row.locator("select").select_option("city")
        await job.press(page, "check again")
        await expect(page.get_by_role("row").filter(has_text=CITY_HEADING).locator("select")).to_have_value("city")
        await quiet_and_narrow(found)
        # the one faulty cell is mended where it is shown
        person = next(each for each in STAFF if each.number == FAULTY)
        cell = page.locator("#mend input.form-control")
        await expect(cell).to_have_count(1)
        assert await cell.input_value() != person.id_number
        await cell.fill(person.id_number)
        await job.press(page, "mend")
        await expect(page.locator("#mend")).to_have_count(0)
        # the import goes on by itself while the page is loaded again
        await job.press(page, "import")
        await expect(page.locator("[data-progress] progress")).to_be_visible()
        await page.reload()
        await expect(page.get_by_text(job.words["imported"])).to_be_visible(timeout=PATIENCE_MS)
        await page.goto("/records/employees")
        await expect(page.get_by_text(STAFF[0].name).first).to_be_visible()
        await quiet_and_narrow(found)


async def pay_the_month_before(job: Job) -> None:
    def pay() -> None:
        group_id = job.house.pay_groups(job.customer)[0]
        job.house.pay(job.customer, group_id, 2026, 9, ("calculate", "review", "close", "publish"))

    await asyncio.to_thread(pay)


async def pay_a_month(job: Job) -> None:
    async with job.window() as found:
        page = found.page
        await job.log_in(page, "payroll")
        await page.goto("/payroll")
        await job.press(page, "new month")
        await page.locator("#open-run input[name=month]").fill("2026-10")
        await page.locator("#open-run").get_by_role("button", name=job.words["open"], exact=True).click()
        await job.press(page, "calculate")
        review = page.get_by_role("button", name=job.words["review"], exact=True)
        await expect(review).to_be_visible(timeout=PATIENCE_MS)
        await expect(page.locator(".zr-table tbody tr").first).to_be_visible()
        await page.get_by_role("link", name=job.words["changes"]).click()
        await expect(page.locator(".zr-table tbody tr").first).to_be_visible()
        await quiet_and_narrow(found)
        await review.click()
        await job.press(page, "close")
        dialog = page.locator("#close-run")
        await dialog.get_by_role("button", name=job.words["close"], exact=True).click()
        await job.press(page, "publish")
        await page.locator("dialog[open]").get_by_role("button", name=job.words["publish"], exact=True).click()
        await expect(page.locator(".zr-page-head").get_by_text(job.words["published"])).to_be_visible()
        await quiet_and_narrow(found)


async def read_the_payslip(job: Job, folder: Path) -> None:
    await job.house.employees_log_in(job.customer, job.tenant, manager=MANAGER, employee=EMPLOYEE)
    async with job.window(PHONE) as found:
        page = found.page
        await job.log_in(page, EMPLOYEE)
        await quiet_and_narrow(found)
        await page.locator(".zr-bottombar").get_by_role("link", name=job.words["my payslips"]).tap()
        await expect(page.locator("a[href^='/me/payslips/']").first).to_be_visible()
        await quiet_and_narrow(found)
        await page.locator("a[href^='/me/payslips/']").first.tap()
        line = page.locator("details.zr-trace").filter(has_text=job.words["pension"])
        await line.locator("summary").tap()
        await expect(line.locator(".zr-trace-body")).to_be_visible()
        await expect(line.get_by_text(job.words["base"]).first).to_be_visible()
        await quiet_and_narrow(found)
        async with page.expect_download() as downloading:
            await page.get_by_role("link", name=job.words["download"]).tap()
        download = await downloading.value
        file = folder / "payslip.pdf"
        await download.save_as(file)
        assert file.read_bytes().startswith(b"%PDF")
        assert found.noise == []


async def switch_the_module(job: Job) -> None:
    async with job.window() as admin, job.window() as officer:
        await job.log_in(admin.page, "admin")
        await job.log_in(officer.page, "payroll")
        await admin.page.goto("/admin/modules")
        await admin.page.locator("form[action='/admin/modules/payroll/off'] button").click()
        on = admin.page.locator("form[action='/admin/modules/payroll/on'] button")
        await expect(on).to_be_visible()
        assert officer.noise == []
        answer = await officer.page.goto("/payroll")
        assert answer is not None
        assert answer.status == 403
        # it is gone from the navigation, and the refusal itself is what the console tells
        await expect(officer.page.locator(".zr-nav a[href='/payroll']")).to_have_count(0)
        officer.noise.clear()
        await on.click()
        await expect(admin.page.locator("form[action='/admin/modules/payroll/off']")).to_be_visible()
        await officer.page.goto("/payroll")
        await expect(officer.page.locator("a[href^='/payroll/runs/']").first).to_be_visible()
        await quiet_and_narrow(admin)
        await quiet_and_narrow(officer)


@pytest.mark.parametrize("language", ["zh_CN", "en"])
async def test_from_a_spreadsheet_to_payslips(house: House, chromium: Browser, tmp_path: Path, language: str) -> None:
    customer = Customer(f"job-{language[:2]}", roster.BEIJING, 500)
    tenant = await house.move_in(customer)
    job = Job(house, chromium, customer, tenant, language)
    await import_roster(job, tmp_path)
    await pay_the_month_before(job)
    await pay_a_month(job)
    await read_the_payslip(job, tmp_path)
    await switch_the_module(job)
