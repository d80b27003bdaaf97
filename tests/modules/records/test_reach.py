"""Fields of a class are open of the people whom the grant reaches, and of nobody else: row by row."""

from __future__ import annotations

import re
from uuid import UUID

import pytest_asyncio

from ops.hosted import Hosted
from tests.conftest import LogIn
from tests.factories.records import company, granted
from zhiren.auth import fields
from zhiren.auth.schemas import RoleCreate
from zhiren.auth.service.roles import create_role
from zhiren.context import TenantRef
from zhiren.db import Database


@pytest_asyncio.fixture(scope="module")
async def firm(parts: Hosted, tenant: TenantRef) -> dict[str, UUID]:
    """A boss, a middle manager in 研发 with a report and a report's report, and somebody elsewhere."""
    async with parts.database.tenant(tenant) as ctx:
        made = await company(ctx)
        await made.unit("研发", "总部")
        await made.unit("一组", "研发")
        await made.unit("财务", "总部")
        boss = await made.hire("赵总", mobile="13911112222")
        middle = await made.hire("钱经理", unit="研发", manager=boss)
        one = await made.hire("孙工", unit="研发", manager=middle, mobile="13800138000")
        two = await made.hire("李工", unit="一组", manager=one, mobile="13700137000")
        other = await made.hire("周会计", unit="财务", manager=boss)
        # reads everybody's record, but contact details of the own people only
        grants = {"records.employee.read": "all", "field.contact.read": "reports"}
        await create_role(ctx, parts.permissions, RoleCreate(code="lead", title="组长", grants=grants))
        await create_role(
            ctx, parts.permissions, RoleCreate(code="unit", title="部门", grants={"field.contact.read": "unit"})
        )
        return {
            "boss": boss.id, "middle": middle.id, "one": one.id, "two": two.id, "other": other.id,
            "unit": made.units["研发"].id,
        }  # fmt: skip


async def test_the_list_shows_what_is_granted_of_each_row(firm: dict[str, UUID], login_as: LogIn) -> None:
    lead = await login_as("lead", employee_id=firm["middle"])
    listed = (await lead.get("/records/employees", params={"cols": "name,mobile_masked"})).text
    shown = dict(re.findall(r">\s*(孙工|李工|赵总)\s*<.*?(1[39]\d\*{4}\d{4}|\*{6})", listed, re.DOTALL))
    assert shown == {"孙工": "138****8000", "李工": "137****7000", "赵总": "******"}
    assert "139****2222" not in listed


async def test_searching_a_phone_betrays_nobody(firm: dict[str, UUID], login_as: LogIn) -> None:
    lead = await login_as("lead", employee_id=firm["middle"])
    for mobile, who, found in (("13800138000", "one", True), ("13911112222", "boss", False)):
        answer = await lead.get("/records/employees", params={"q": mobile})
        assert (f"/records/employees/{firm[who]}" in answer.text) is found, who


async def test_a_phone_is_opened_of_those_below_only(firm: dict[str, UUID], login_as: LogIn) -> None:
    lead = await login_as("lead", employee_id=firm["middle"])
    for who, mobile, opens in (("one", "13800138000", True), ("two", "13700137000", True), ("boss", "139", False)):
        path = f"/records/employees/{firm[who]}"
        page = await lead.get(path)
        assert page.status_code == 200
        assert (f"{path}/reveal/mobile" in page.text) is opens, who
        opened = await lead.post(f"{path}/reveal/mobile")
        assert (opened.status_code, mobile in opened.text) == (200 if opens else 403, opens), who
        by_api = await lead.post(f"/api/v1{path}/reveal", json={"fields": ["mobile"], "reason": "核对"})
        assert by_api.status_code == (200 if opens else 403)


async def test_the_platform_asks_the_records(firm: dict[str, UUID], database: Database, tenant: TenantRef) -> None:
    actor = granted("field.contact.read", kind="unit", unit_ids=frozenset({firm["unit"]}))
    everyone = {firm[name] for name in ("boss", "middle", "one", "two", "other")}
    below = {firm[name] for name in ("middle", "one", "two")}
    async with database.tenant(tenant, actor=actor) as ctx:
        assert await fields.visible_ids(ctx, "contact", everyone) == below
        assert not await fields.can_see(ctx, "contact", firm["other"])
        assert await fields.visible_ids(ctx, "identity", everyone) == frozenset()
        names = [name for _id, name in await fields.units(ctx)]
    assert [name for name in names if "财务" not in name] == ["总部", "总部 / 研发", "总部 / 研发 / 一组"]


async def test_the_administrator_chooses_units_for_a_role(firm: dict[str, UUID], login_as: LogIn) -> None:
    page = await (await login_as("admin")).get("/admin/users/new")
    assert f'<option value="{firm["unit"]}">总部 / 研发</option>' in page.text
