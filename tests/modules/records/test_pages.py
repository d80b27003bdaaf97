"""The pages and the API as people of each role meet them."""

from __future__ import annotations

import io
import re
from datetime import date
from typing import Any
from uuid import UUID

import httpx
import openpyxl
import pytest
import pytest_asyncio
from sqlalchemy import Engine, event, select

from modules.records import schemas
from modules.records.models import Employee
from modules.records.service import organisation
from modules.records.service.imports.sample import sample_xlsx
from tests.conftest import LogIn
from tests.factories.records import Company, company
from tests.modules.records import sheets
from zhiren.audit import AuditEvent
from zhiren.context import TenantRef
from zhiren.db import Database

ID_NUMBER = "110101199003071233"


@pytest_asyncio.fixture(scope="module")
async def firm(database: Database, tenant: TenantRef) -> dict[str, UUID]:
    """A boss, a middle manager in 研发 with two reports, and somebody elsewhere."""
    async with database.tenant(tenant) as ctx:
        made: Company = await company(ctx, name="某某制造有限公司")
        await made.unit("研发", "总部")
        await made.unit("财务", "总部")
        boss = await made.hire("赵总", number="P1")
        middle = await made.hire("钱经理", number="P2", unit="研发", manager=boss)
        one = await made.hire(
            "孙工", number="P3", unit="研发", manager=middle, mobile="13800138000", home_address="某市某路 1 号"
        )
        two = await made.hire("李工", number="P4", unit="研发", manager=one)
        other = await made.hire("周会计", number="P5", unit="财务", manager=boss, hired_on=date(2021, 1, 4))
        await organisation.create_position(ctx, schemas.PositionCreate(name="工程师"))
        return {
            "boss": boss.id, "middle": middle.id, "one": one.id, "two": two.id, "other": other.id,
            "unit": made.units["研发"].id, "finance": made.units["财务"].id, "entity": made.entity.id,
        }  # fmt: skip


def version_in(html: str) -> str:
    found = re.search(r'name="version" value="(\d+)"', html)
    assert found
    return found[1]


async def form(client: httpx.AsyncClient, path: str, data: dict[str, Any], **more: Any) -> httpx.Response:
    return await client.post(path, data=data, **more)


async def test_hr_finds_people_by_name_number_and_whole_mobile(firm: dict[str, UUID], login_as: LogIn) -> None:
    hr = await login_as("hr")
    page = await hr.get("/records/employees")
    assert page.status_code == 200
    for name in ("赵总", "钱经理", "孙工", "李工", "周会计"):
        assert name in page.text
    assert "13800138000" not in page.text
    for search, there, missing in (("孙工", "P3", "P2"), ("P5", "周会计", "孙工"), ("138 0013 8000", "孙工", "周会计")):
        found = await hr.get("/records/employees", params={"q": search})
        assert there in found.text
        assert missing not in found.text, search
    part = await hr.get("/records/employees", params={"q": "1380013"})
    assert "孙工" not in part.text


async def test_filters_columns_and_export(firm: dict[str, UUID], login_as: LogIn) -> None:
    hr = await login_as("hr")
    rd = await hr.get("/records/employees", params={"f.unit": str(firm["unit"])})
    assert "李工" in rd.text
    assert "周会计" not in rd.text
    whole = await hr.get("/records/employees", params={"f.unit": "not-an-id"})
    assert "李工" not in whole.text
    masked = await hr.get("/records/employees", params={"cols": "name,mobile_masked"})
    assert "138****8000" in masked.text
    file = await hr.get("/records/employees", params={"export": "xlsx", "cols": "number,name,mobile_masked"})
    sheet = openpyxl.load_workbook(io.BytesIO(file.content)).active
    rows = list(sheet.iter_rows(values_only=True))  # type: ignore[union-attr]
    assert "孙工" in str(rows)
    assert "138****8000" in str(rows)
    assert "13800138000" not in str(rows)


async def test_a_manager_sees_the_people_below_and_nobody_else(firm: dict[str, UUID], login_as: LogIn) -> None:
    manager = await login_as("manager", employee_id=firm["middle"])
    page = await manager.get("/records/employees")
    assert "孙工" in page.text
    assert "李工" in page.text
    assert "周会计" not in page.text
    assert (await manager.get(f"/records/employees/{firm['one']}")).status_code == 200
    assert (await manager.get(f"/records/employees/{firm['other']}")).status_code == 404
    assert (await manager.get(f"/api/v1/records/employees/{firm['other']}")).status_code == 404
    listed = (await manager.get("/api/v1/records/employees")).json()
    assert {row["name"] for row in listed["items"]} == {"孙工", "李工"}


async def test_an_employee_sees_the_own_record_and_opens_the_own_fields(
    firm: dict[str, UUID], login_as: LogIn, database: Database, tenant: TenantRef
) -> None:
    employee = await login_as("employee", employee_id=firm["one"])
    page = await employee.get("/me")
    assert page.status_code == 200
    assert "孙工" in page.text
    assert "138****8000" in page.text
    assert "13800138000" not in page.text
    opened = await form(employee, f"/records/employees/{firm['one']}/reveal/mobile", {})
    assert opened.status_code == 200, opened.text
    assert "13800138000" in opened.text
    assert (await form(employee, f"/records/employees/{firm['boss']}/reveal/mobile", {})).status_code == 404
    assert (await employee.get(f"/records/employees/{firm['one']}/edit")).status_code == 403
    async with database.tenant(tenant) as ctx:
        events = await ctx.session.scalars(select(AuditEvent).where(AuditEvent.action == "records.employee.reveal"))
        assert [(e.fields, e.object_id, e.sensitive) for e in events] == [(["mobile"], str(firm["one"]), True)]


async def test_hr_adds_corrects_moves_and_parts_with_somebody(firm: dict[str, UUID], login_as: LogIn) -> None:
    hr = await login_as("hr")
    new = {
        "number": "N1", "name": "吴新", "hired_on": "2024-03-01", "status": "probation", "id_kind": "resident",
        "unit_id": str(firm["unit"]), "legal_entity_id": str(firm["entity"]), "manager": "钱经理 P2", "city": "上海",
        "id_number": "110101199003071239", "mobile": "", "gender": "", "birth_date": "", "position_id": "",
    }  # fmt: skip
    wrong = await form(hr, "/records/employees", new)
    assert wrong.status_code == 422
    assert "校验位" in wrong.text
    assert 'value="吴新"' in wrong.text
    made = await form(hr, "/records/employees", {**new, "id_number": ID_NUMBER})
    assert made.status_code == 303, made.text
    path = made.headers["location"]
    detail = await hr.get(path)
    assert "吴新" in detail.text
    assert ID_NUMBER not in detail.text
    assert "1990-03-07" in detail.text
    edit = await hr.get(f"{path}/edit")
    assert ID_NUMBER not in edit.text
    version = version_in(edit.text)
    sent = {
        "version": version, "number": "N1", "name": "吴欣", "hired_on": "2024-03-01", "status": "regular",
        "id_kind": "resident", "gender": "male", "birth_date": "1990-03-07", "mobile": "13900139000", "bank_name": "",
    }  # fmt: skip
    assert (await form(hr, f"{path}/edit", sent)).status_code == 303
    stale = await form(hr, f"{path}/edit", {**sent, "name": "吴昕"})
    assert stale.status_code == 412
    assert "已被别人修改" in stale.text
    detail = await hr.get(path)
    assert "吴欣" in detail.text
    assert "139****9000" in detail.text
    seat = await hr.get(f"{path}/seat")
    moved = await form(
        hr,
        f"{path}/seat",
        {
            "version": version_in(seat.text), "kind": "change", "effective_on": "2025-01-01", "reason": "轮岗",
            "unit_id": str(firm["finance"]), "legal_entity_id": str(firm["entity"]), "manager": "P5", "city": "上海",
            "position_id": "",
        },
    )  # fmt: skip
    assert moved.status_code == 303, moved.text
    history = (await hr.get(f"/api/v1{path}/seats")).json()
    assert [(s["valid_from"], s["valid_to"], s["unit_name"]) for s in history] == [
        ("2024-03-01", "2024-12-31", "研发"),
        ("2025-01-01", None, "财务"),
    ]
    before = await hr.get(path, params={"as_of": "2024-12-31"})
    assert "钱经理" in before.text
    left = await form(hr, f"{path}/leave", {"version": version_in((await hr.get(path)).text), "last_day": "2025-06-30"})
    assert left.status_code == 303, left.text
    assert "吴欣" not in (await hr.get("/records/employees", params={"q": "N1"})).text
    assert "吴欣" in (await hr.get("/records/employees", params={"q": "N1", "show": "left"})).text


async def test_the_api_wants_the_version_that_was_read(firm: dict[str, UUID], login_as: LogIn) -> None:
    hr = await login_as("hr")
    path = f"/api/v1/records/employees/{firm['two']}"
    read = await hr.get(path)
    assert read.json()["name"] == "李工"
    assert (await hr.patch(path, json={"name": "李一"})).status_code == 428
    done = await hr.patch(path, json={"name": "李一"}, headers={"if-match": read.headers["etag"]})
    assert (done.status_code, done.json()["name"]) == (200, "李一")
    old = await hr.patch(path, json={"name": "李工"}, headers={"if-match": read.headers["etag"]})
    assert (old.status_code, old.json()["code"]) == (412, "zhiren.precondition_failed")
    again = await hr.patch(path, json={"name": "李工"}, headers={"if-match": done.headers["etag"]})
    assert again.status_code == 200
    unknown = await hr.patch(path, json={"salary": 1}, headers={"if-match": again.headers["etag"]})
    assert unknown.status_code in {400, 422}


async def test_the_organisation_on_its_pages(firm: dict[str, UUID], login_as: LogIn) -> None:
    hr = await login_as("hr")
    page = await hr.get("/records/org")
    assert "研发" in page.text
    assert "5 人" in page.text or "6 人" in page.text
    made = await form(
        hr, "/records/org/units", {"name": "测试组", "valid_from": "2020-01-01", "parent_id": str(firm["unit"])}
    )
    assert made.status_code == 303, made.text
    unit = made.headers["location"].split("unit-")[1]
    edit = await hr.get(f"/records/org/units/{unit}")
    version = version_in(edit.text)
    renamed = await form(
        hr,
        f"/records/org/units/{unit}",
        {
            "version": version,
            "kind": "change",
            "effective_on": "2024-01-01",
            "name": "质量组",
            "parent_id": str(firm["unit"]),
        },
    )
    assert renamed.status_code == 303, renamed.text
    assert "测试组" in (await hr.get("/records/org", params={"as_of": "2023-12-31"})).text
    assert "质量组" in (await hr.get("/records/org")).text
    loop = await form(
        hr,
        f"/records/org/units/{firm['unit']}",
        {
            "version": version_in((await hr.get(f"/records/org/units/{firm['unit']}")).text),
            "kind": "change", "effective_on": "2024-01-01", "name": "研发", "parent_id": unit,
        },
    )  # fmt: skip
    assert loop.status_code == 409
    closed = await form(hr, f"/records/org/units/{firm['unit']}/close", {"version": "1", "last_day": "2026-01-01"})
    assert closed.status_code == 409
    for path in (
        "/records/positions",
        "/records/positions/new",
        "/records/legal-entities",
        "/records/legal-entities/new",
    ):
        assert (await hr.get(path)).status_code == 200, path
    bad = await form(hr, "/records/legal-entities", {"name": "新公司", "uscc": "91310000000000000X"})
    assert bad.status_code == 422
    good = await form(hr, "/records/legal-entities", {"name": "新公司", "uscc": "91310000MA1FL0Q58J", "city": "上海"})
    assert good.status_code in {303, 422}


async def test_the_list_asks_the_database_little(firm: dict[str, UUID], login_as: LogIn, database: Database) -> None:
    hr = await login_as("hr")
    await hr.get("/records/employees")
    statements: list[str] = []

    def count(_conn: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        statements.append(statement)

    event.listen(Engine, "before_cursor_execute", count)
    try:
        assert (await hr.get("/records/employees", params={"q": "工"})).status_code == 200
    finally:
        event.remove(Engine, "before_cursor_execute", count)
    # who asks 1, modules 1, list 1, tabs 1, choices 3, and what licensing and the transaction add
    assert len(statements) <= 10, statements
    assert len([s for s in statements if "records_employee" in s]) <= 4, statements


async def test_the_import_studio_by_hand(firm: dict[str, UUID], login_as: LogIn) -> None:
    hr = await login_as("hr")
    empty = await hr.get("/records/import")
    assert "sample.xlsx" in empty.text
    sample = await hr.get("/records/import/sample.xlsx")
    assert sample.content[:2] == b"PK"
    rows = sheets.roster(4, start=900)
    rows[1][8] = "不知道"
    data = sheets.csv_text([list(sheets.ROSTER), *rows]).encode("gbk")
    up = await hr.post("/records/import", files={"file": ("名册.csv", data, "text/csv")})
    assert up.status_code == 303, up.text
    path = up.headers["location"]
    page = await hr.get(path)
    assert page.status_code == 200
    for text in ("GBK", "第 3 行", "不知道", "列与字段", "问题汇总"):
        assert text in page.text, text
    assert rows[0][4] not in page.text
    column = re.search(r'name="was-3-(\d+)" value="不知道"', page.text)
    assert column
    mended = await form(
        hr, f"{path}/cells", {f"was-3-{column[1]}": "不知道", f"cell-3-{column[1]}": "2020-05-06", "was-2-0": "1"}
    )
    assert mended.status_code == 303
    page = await hr.get(path)
    assert "导入 4 人" in page.text
    started = await form(hr, f"{path}/commit", {})
    assert started.status_code == 303, started.text
    assert "data-progress" in (await hr.get(path)).text
    refused = await hr.post("/records/import", files={"file": ("a.xlsx", b"<html>", "text/html")})
    assert refused.status_code == 422
    assert "网页" in refused.text


async def test_the_sample_is_itself_without_fault(login_as: LogIn, firm: dict[str, UUID]) -> None:
    hr = await login_as("hr")
    made = await hr.post("/api/v1/records/imports", files={"file": ("示例.xlsx", sample_xlsx(), "x/y")})
    assert made.status_code == 201, made.text
    assert made.json()["counts"]["ready"] == 3
    assert made.json()["counts"].get("remarked", 0) == 0


@pytest.mark.parametrize("role", ["admin", "payroll", "manager", "employee"])
async def test_only_hr_may_import(login_as: LogIn, firm: dict[str, UUID], role: str) -> None:
    person = await login_as(role, employee_id=firm["other"])
    assert (await person.get("/records/import")).status_code == 403
    up = await person.post("/api/v1/records/imports", files={"file": ("a.csv", b"x", "text/csv")})
    assert up.status_code == 403


async def test_nobody_of_another_customer_finds_these_people(
    firm: dict[str, UUID], login_as: LogIn, other_tenant: TenantRef
) -> None:
    hr = await login_as("hr", at=other_tenant)
    assert "还没有员工" in (await hr.get("/records/employees")).text
    assert (await hr.get(f"/records/employees/{firm['one']}")).status_code == 404


async def test_people_are_listed_page_by_page(
    firm: dict[str, UUID], login_as: LogIn, database: Database, tenant: TenantRef
) -> None:
    hr = await login_as("hr")
    names: list[str] = []
    cursor = None
    while True:
        params = {"limit": 2, "show": "all", **({"cursor": cursor} if cursor else {})}
        listed = (await hr.get("/api/v1/records/employees", params=params)).json()
        names += [row["number"] for row in listed["items"]]
        if (cursor := listed["next_cursor"]) is None:
            break
    async with database.tenant(tenant) as ctx:
        everyone = list((await ctx.session.scalars(select(Employee.number).order_by(Employee.number))).all())
    assert names == everyone


async def test_with_several_legal_entities_it_asks_once_whose_people_these_are(
    firm: dict[str, UUID], login_as: LogIn, database: Database, tenant: TenantRef
) -> None:
    async with database.tenant(tenant) as ctx:
        await organisation.create_legal_entity(ctx, schemas.LegalEntityCreate(name="另一家有限公司"))
    hr = await login_as("hr")
    data = sheets.csv_text([list(sheets.ROSTER), *sheets.roster(3, start=800, seed=8)]).encode()
    path = (await hr.post("/records/import", files={"file": ("名册.csv", data, "text/csv")})).headers["location"]
    page = await hr.get(path)
    assert page.status_code == 200
    assert "这些人属于哪家用人单位" in page.text
    assert "导入 3 人" not in page.text
    assert (await form(hr, f"{path}/plan", {"legal_entity_id": str(firm["entity"])})).status_code == 303
    page = await hr.get(path)
    assert "这些人属于哪家用人单位" not in page.text
    assert "导入 3 人" in page.text
