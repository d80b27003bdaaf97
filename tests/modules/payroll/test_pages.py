"""Payroll's pages, asked as people ask them: the officer through a month, the employee for the payslip."""

from __future__ import annotations

import io
import re
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import httpx
import openpyxl
import pypdf
import pytest

from tests.factories.payroll import Payroll

LogIn = Callable[..., Awaitable[httpx.AsyncClient]]


@pytest.fixture
async def officer(login_as: LogIn, payroll: Payroll) -> httpx.AsyncClient:
    return await login_as("payroll")


async def page(client: httpx.AsyncClient, path: str) -> str:
    answer = await client.get(path)
    assert answer.status_code == 200, (path, answer.status_code, answer.text[:2000])
    return answer.text


async def send(client: httpx.AsyncClient, path: str, **data: Any) -> httpx.Response:
    answer = await client.post(path, data=data)
    assert answer.status_code in (200, 303), (path, answer.status_code, answer.text[:2000])
    return answer


async def refused_form(client: httpx.AsyncClient, path: str, **data: Any) -> str:
    """The form once more, with what is wrong."""
    answer = await client.post(path, data=data)
    assert answer.status_code == 422, (path, answer.status_code, answer.text[:2000])
    return answer.text


async def test_an_officer_goes_through_a_month(officer: httpx.AsyncClient, payroll: Payroll) -> None:
    zhang = await payroll.hire("A1", "张三")
    await payroll.terms(zhang)
    await payroll.hire("A2", "没档案")
    opened = await send(officer, "/payroll/runs", group_id=str(payroll.group_id), month="2026-03", pay_on="")
    run = opened.headers["location"]
    assert "开始计算" in await page(officer, run)
    await send(officer, f"{run}/calculate")
    assert "data-progress" in await page(officer, run)
    found = await payroll.run(UUID(run.rsplit("/", 1)[1]))
    assert found.job_id is not None
    await payroll.work(found.job_id)
    text = await page(officer, run)
    assert "1 人没有算出" in text
    assert "10,000.00" in text
    assert "没有薪资档案" in await page(officer, f"{run}?f.state=parked&cols=name,state,why")
    await send(officer, f"{run}/review")
    refused = await officer.post(f"{run}/close", data={})
    assert refused.status_code == 409
    await send(officer, f"{run}/close", leave_parked="1")
    await send(officer, f"{run}/publish")
    assert (await payroll.run(found.id)).status == "published"
    assert "更正" in await page(officer, run)


async def test_every_figure_of_a_payslip_opens(officer: httpx.AsyncClient, payroll: Payroll) -> None:
    await payroll.terms(await payroll.hire("B1", "李四"), 30000, additional={"rent": 150_000})
    await payroll.month(1)
    run_id = await payroll.month(2)
    slip = (await payroll.slips(run_id))["B1"]
    text = await page(officer, f"/payroll/payslips/{slip.id}")
    for told in (
        "基本工资 = ROUND(月薪*在职计薪日/计薪日, 2)",
        "国办发明电",
        "沪医保规〔2025〕2号",
        "未见2026年延续文件",
        "待核对",
        "国家税务总局公告2018年第61号",
        "累计应纳税所得额",
        "5,000.00 × 2 = 10,000.00",
        "本月住房租金",
    ):
        assert told in text, told
    assert text.count('<details class="zr-trace"') >= 8


async def test_mending_through_the_page(officer: httpx.AsyncClient, payroll: Payroll) -> None:
    who = await payroll.hire("C1", "王五")
    await payroll.terms(who)
    run_id = await payroll.open(3)
    await payroll.calculate(run_id)
    path = f"/payroll/runs/{run_id}/people/{who}"
    assert "绩效奖金" in await page(officer, path)
    assert "请填金额" in await refused_form(officer, path, **{"item.bonus": "many"})
    answer = await send(officer, path, **{"item.bonus": "1,234.50", "item.overtime": ""})
    assert answer.headers["location"].startswith("/payroll/payslips/")
    assert (await payroll.document(run_id, "C1")).totals.gross_fen == 1_123_450


async def test_the_employee_reads_and_downloads_and_nobody_else(
    login_as: LogIn, officer: httpx.AsyncClient, payroll: Payroll
) -> None:
    mine, other = await payroll.hire("D1", "赵六"), await payroll.hire("D2", "钱七")
    await payroll.terms(mine)
    await payroll.terms(other, 20000)
    run_id = await payroll.month(3)
    slips = await payroll.slips(run_id)
    me = await login_as("employee", employee_id=mine)
    listed = await page(me, "/me/payslips")
    assert str(slips["D1"].id) in listed
    assert str(slips["D2"].id) not in listed
    text = await page(me, f"/me/payslips/{slips['D1'].id}")
    assert "2026年3月工资条" in text
    assert "zr-watermark" in text
    answer = await me.get(f"/me/payslips/{slips['D1'].id}/pdf")
    assert answer.headers["cache-control"] == "no-store"
    pdf = pypdf.PdfReader(io.BytesIO(answer.content))
    assert len(pdf.pages) == 1
    words = pdf.pages[0].extract_text()
    assert "赵六" in words
    assert "实发" in words
    for path in (f"/me/payslips/{slips['D2'].id}", f"/me/payslips/{slips['D2'].id}/pdf"):
        assert (await me.get(path)).status_code == 404
    assert (await me.get(f"/payroll/payslips/{slips['D1'].id}")).status_code == 403
    assert (await officer.get(f"/me/payslips/{slips['D1'].id}/pdf")).status_code == 404
    hr = await login_as("hr")
    for path in ("/payroll", f"/payroll/runs/{run_id}", f"/payroll/payslips/{slips['D1'].id}", "/payroll/terms"):
        assert (await hr.get(path)).status_code == 403


async def test_a_payslip_is_not_shown_before_it_is_published(login_as: LogIn, payroll: Payroll) -> None:
    mine = await payroll.hire("E1", "孙八")
    await payroll.terms(mine)
    run_id = await payroll.open(3)
    await payroll.calculate(run_id)
    await payroll.review(run_id)
    await payroll.close(run_id)
    slip = (await payroll.slips(run_id))["E1"]
    me = await login_as("employee", employee_id=mine)
    assert str(slip.id) not in await page(me, "/me/payslips")
    assert (await me.get(f"/me/payslips/{slip.id}")).status_code == 404


async def test_the_sheet_is_exported(officer: httpx.AsyncClient, payroll: Payroll) -> None:
    await payroll.terms(await payroll.hire("F1", "何三"))
    run_id = await payroll.month(3)
    answer = await officer.get(f"/payroll/runs/{run_id}/export.xlsx")
    assert answer.status_code == 200
    rows = list(openpyxl.load_workbook(io.BytesIO(answer.content)).active.iter_rows(values_only=True))
    sheet = dict(zip(rows[0], rows[1], strict=True))
    document = await payroll.document(run_id, "F1")
    assert sheet["实发"] == document.totals.net_fen / 100
    assert sheet["姓名"] == "何三"
    assert sheet["单位养老保险"] == 1600


async def test_a_new_item_is_checked_tried_and_saved(officer: httpx.AsyncClient, payroll: Payroll) -> None:
    await page(officer, "/payroll/items")
    await page(officer, "/payroll/items/new")
    tried = await send(officer, "/payroll/items/try", formula="月薪*10%", **{"try.月薪": "8000"})
    assert "800.00" in tried.text
    assert "没有叫“月新”的" in (await send(officer, "/payroll/items/try", formula="月新*10%")).text
    form = {
        "code": "city_allowance",
        "name": "城市津贴",
        "kind": "earning",
        "formula": "IF(月薪>5000, 300, 月薪/0)",
        "valid_from": "2026-01-01",
        "taxable": "1",
        "insurable": "1",
    }
    assert "绕成了圈" in await refused_form(officer, "/payroll/items", **form | {"formula": "城市津贴+1"})
    await send(officer, "/payroll/items", **form)
    assert "城市津贴" in await page(officer, "/payroll/items")
    await page(officer, "/payroll/items/city_allowance/edit")
    await payroll.terms(await payroll.hire("G1", "周九"))
    run_id = await payroll.month(3)
    lines = {line.code: line.amount_fen for line in (await payroll.document(run_id, "G1")).items}
    assert lines["city_allowance"] == 30_000


async def test_terms_are_kept_through_the_page(officer: httpx.AsyncClient, payroll: Payroll) -> None:
    who = await payroll.hire("H1", "吴十")
    assert "没有薪资档案" in await page(officer, "/payroll/terms?q=H1")
    path = f"/payroll/terms/{who}"
    await page(officer, path)
    form = {
        "group_id": str(payroll.group_id),
        "valid_from": "2026-01-01",
        "amounts.monthly_wage": "12,345.67",
        "insured": "1",
        "fund": "1",
        "fund_employer_ppm": "7",
        "additional.rent": "1500",
    }
    refused = await refused_form(officer, path, **form | {"insurance_base_fen": "x"})
    assert "请填金额" in refused
    assert "12,345.67" in refused
    await send(officer, path, **form)
    assert "12345.67" in await page(officer, path)


async def test_corrections_through_the_page(officer: httpx.AsyncClient, payroll: Payroll) -> None:
    who = await payroll.hire("I1", "郑一")
    await payroll.terms(who)
    run_id = await payroll.month(3)
    path = f"/payroll/runs/{run_id}/correct"
    assert "郑一" in await page(officer, path)
    assert "必填" in await refused_form(officer, path, reason="", pay_on="2026-03-31", employee_id=str(who))
    answer = await send(officer, path, reason="漏发", pay_on="2026-03-31", employee_id=str(who))
    assert "这是一次更正" in await page(officer, answer.headers["location"])


async def test_the_law_is_shown_with_sources(officer: httpx.AsyncClient) -> None:
    text = await page(officer, "/payroll/law")
    for told in ("京人社发〔2025〕11号", "待核对", "7,162.00 至 35,811.00 元", "国办发明电〔2025〕7号", "单边取整到元"):
        assert told in text, told


async def test_groups_are_kept(officer: httpx.AsyncClient) -> None:
    assert "请填 1 到 31" in await refused_form(officer, "/payroll/groups", name="外派", pay_day="40")
    await send(officer, "/payroll/groups", name="外派二组", pay_day="8", pays_next_month="1")
    assert "次月 8 日发薪" in await page(officer, "/payroll/groups")


async def test_who_has_no_right_to_pay_sees_no_amount(login_as: LogIn, payroll: Payroll) -> None:
    """The administrator is refused; a page never holds a figure that its reader may not see."""
    await payroll.terms(await payroll.hire("J1", "冯二"), 54321)
    run_id = await payroll.month(3)
    admin = await login_as("admin")
    answer = await admin.get(f"/payroll/runs/{run_id}")
    assert answer.status_code == 403
    assert not re.search(r"54,?321", answer.text)
