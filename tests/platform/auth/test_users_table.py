"""The list of log-ins, as every list."""

from __future__ import annotations

import re
from uuid import uuid4

from sqlalchemy import select

from tests.platform.auth.conftest import Browser, NewUser
from zhiren.audit import AuditEvent
from zhiren.context import TenantRef
from zhiren.db import Database


async def test_log_ins_are_searched_filtered_sorted_and_exported(
    browser: Browser, new_user: NewUser, database: Database, tenant: TenantRef
) -> None:
    await browser.log_in((await new_user("admin")).login)
    users = [await new_user("hr", "manager", login=f"sorted.{n}.{uuid4().hex[:6]}", name=f"排序{n}") for n in "213"]
    names = [user.name for user in users]

    async def listed(query: str, *, language: str = "zh-CN") -> list[str]:
        page = await browser.get(f"/admin/users?{query}", headers={"accept-language": language})
        assert page.status_code == 200, query
        return re.findall(r">(排序\d)<", page.text)

    assert await listed(f"q={users[0].login.upper()}&f.role=hr&f.status=active&f.second_factor=off") == names[:1]
    for none in ("f.role=payroll", "f.status=disabled", "f.second_factor=on", "f.role=nobody"):
        assert await listed(f"q=排序&{none}") == [], none
    assert await listed("q=排序&sort=-name") == sorted(names, reverse=True)
    assert await listed("q=排序&sort=name", language="en") == sorted(names)
    page = await browser.get("/admin/users?q=排序&cols=name,roles,created_at")
    assert "人事、主管" in page.text
    assert users[0].login not in page.text.split("<tbody", 1)[1].split("</tbody", 1)[0]
    file = await browser.get("/admin/users?q=排序&export=csv&cols=login,name,roles,status")
    assert file.status_code == 200
    assert all(user.login in file.text for user in users)
    assert "人事、主管" in file.text
    async with database.tenant(tenant) as ctx:
        events = await ctx.session.scalars(select(AuditEvent).where(AuditEvent.action == "auth.users.export"))
        assert [event.fields for event in events] == [["login", "name", "roles", "rows", "status"]]
