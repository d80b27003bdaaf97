"""One's own account: password, devices, and confirming oneself before a sensitive act."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape

import pyotp
import pytest
from sqlalchemy import func, update

from tests.platform.auth.conftest import PASSWORD, Browser, NewUser
from tests.platform.auth.test_login import events_of
from tests.platform.auth.test_second_factor import set_up
from zhiren.auth.models import Session, User
from zhiren.context import TenantRef
from zhiren.db import Database

NEW = "九月的风吹过江边的第三棵老柳树"


async def grow_old(database: Database, tenant: TenantRef, user: User) -> None:
    """The password was given eleven minutes ago."""
    async with database.tenant(tenant) as ctx:
        past = func.now() - timedelta(minutes=11)
        await ctx.session.execute(update(Session).where(Session.user_id == user.id).values(authenticated_at=past))


async def test_a_new_password_holds_and_ends_the_other_devices(
    browsers: Callable[[], Browser], new_user: NewUser, database: Database, tenant: TenantRef
) -> None:
    user = await new_user("employee")
    here, there = browsers(), browsers()
    await here.log_in(user.login)
    await there.log_in(user.login)
    before = here.session
    form = {"current_password": PASSWORD, "new_password": NEW, "again": NEW}
    assert (await here.post("/account/password", form)).status_code == 303
    assert here.session != before
    assert (await here.get("/account")).status_code == 200
    assert (await there.get("/account")).status_code == 303
    assert (await browsers().log_in(user.login)).status_code == 401
    assert (await browsers().log_in(user.login, NEW)).status_code == 303
    assert "auth.password.change" in await events_of(database, tenant, user)


@pytest.mark.parametrize(
    ("form", "status", "said"),
    [
        ({"current_password": "wrong wrong wrong", "new_password": NEW, "again": NEW}, 401, "密码不对"),
        ({"current_password": PASSWORD, "new_password": NEW, "again": NEW + "x"}, 422, "不一样"),
        ({"current_password": PASSWORD, "new_password": "short", "again": "short"}, 422, "至少"),
        ({"current_password": PASSWORD, "new_password": "123456789012345", "again": "123456789012345"}, 422, "常见"),
    ],
)
async def test_a_password_that_will_not_do_changes_nothing(
    browsers: Callable[[], Browser], new_user: NewUser, form: dict[str, str], status: int, said: str
) -> None:
    user = await new_user("employee")
    browser = browsers()
    await browser.log_in(user.login)
    answer = await browser.post("/account/password", form)
    assert answer.status_code == status
    assert said in answer.text
    assert NEW not in answer.text
    assert (await browsers().log_in(user.login)).status_code == 303


async def test_a_device_is_signed_out_at_once(
    browsers: Callable[[], Browser], new_user: NewUser, database: Database, tenant: TenantRef
) -> None:
    user = await new_user("employee")
    here, there = browsers(), browsers()
    await here.log_in(user.login)
    await there.log_in(user.login)
    page = (await here.get("/account")).text
    [path] = re.findall(r'action="(/account/sessions/[0-9a-f-]{36}/revoke)"', page)
    assert (await here.post(path)).status_code == 303
    assert (await there.get("/account")).status_code == 303
    assert (await here.post(path)).status_code == 404
    assert "auth.session.revoke" in await events_of(database, tenant, user)


async def test_nobody_signs_out_somebody_else(browsers: Callable[[], Browser], new_user: NewUser) -> None:
    mine, theirs = await new_user("employee"), await new_user("employee")
    me, they, they_too = browsers(), browsers(), browsers()
    await me.log_in(mine.login)
    await they.log_in(theirs.login)
    await they_too.log_in(theirs.login)
    [path] = re.findall(r'action="(/account/sessions/[0-9a-f-]{36}/revoke)"', (await they.get("/account")).text)
    assert (await me.post(path)).status_code == 404
    assert (await they_too.get("/account")).status_code == 200


async def test_all_other_devices_at_once(browsers: Callable[[], Browser], new_user: NewUser) -> None:
    user = await new_user("employee")
    here, *others = [browsers() for _ in range(3)]
    for browser in (here, *others):
        await browser.log_in(user.login)
    await here.get("/account")
    assert (await here.post("/account/sessions/revoke-others")).status_code == 303
    assert [(await browser.get("/account")).status_code for browser in (here, *others)] == [200, 303, 303]


async def test_a_sensitive_act_asks_again_and_then_goes_on_with_the_same_form(
    browser: Browser, new_user: NewUser, database: Database, tenant: TenantRef
) -> None:
    user = await new_user("employee")
    await browser.log_in(user.login)
    done = await browser.post("/probe/sensitive", {"note": "现在"})
    assert done.status_code == 200
    await grow_old(database, tenant, user)
    asked = await browser.post("/probe/sensitive?x=1", {"note": "<b>“年终”</b>", "unit": ["甲", "乙"]})
    assert asked.status_code == 403
    draft = unescape(re.search(r'name="draft" value="([^"]*)"', asked.text).group(1))  # type: ignore[union-attr]
    assert json.loads(draft)[1] == "/probe/sensitive?x=1"

    wrong = await browser.post("/reauth", {"draft": draft, "password": "wrong wrong wrong"})
    assert wrong.status_code == 401
    assert re.search(r'name="draft" value="([^"]*)"', wrong.text)
    before = browser.session
    resumed = await browser.post("/reauth", {"draft": draft, "password": PASSWORD})
    assert resumed.status_code == 200
    assert browser.session != before
    assert 'action="/probe/sensitive?x=1"' in resumed.text
    fields: dict[str, list[str]] = {}
    kept = resumed.text.split("data-autosubmit")[1].split("</form>")[0]
    for name, value in re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', kept):
        if not name.startswith("_"):
            fields.setdefault(name, []).append(unescape(value))
    assert fields == {"note": ["<b>“年终”</b>"], "unit": ["甲", "乙"]}
    assert (await browser.post("/probe/sensitive?x=1", fields)).json()["fields"] == fields
    seen = await events_of(database, tenant, user)
    assert "auth.session.reauthenticate" in seen
    assert "auth.login.fail" in seen


async def test_a_sensitive_page_is_shown_after_asking(
    browser: Browser, new_user: NewUser, database: Database, tenant: TenantRef
) -> None:
    user = await new_user("employee")
    await browser.log_in(user.login)
    await grow_old(database, tenant, user)
    asked = await browser.get("/probe/sensitive?a=b")
    assert asked.status_code == 403
    draft = unescape(re.search(r'name="draft" value="([^"]*)"', asked.text).group(1))  # type: ignore[union-attr]
    answer = await browser.post("/reauth", {"draft": draft, "password": PASSWORD})
    assert answer.headers["location"] == "/probe/sensitive?a=b"
    assert (await browser.get("/probe/sensitive?a=b")).status_code == 200


async def test_asking_again_asks_for_the_code_too(
    browser: Browser, new_user: NewUser, database: Database, tenant: TenantRef
) -> None:
    user = await new_user("employee")
    await browser.log_in(user.login)
    phone, _ = await set_up(browser)
    assert isinstance(phone, pyotp.TOTP)
    await grow_old(database, tenant, user)
    asked = await browser.get("/probe/sensitive")
    assert 'name="code"' in asked.text
    draft = unescape(re.search(r'name="draft" value="([^"]*)"', asked.text).group(1))  # type: ignore[union-attr]
    assert (await browser.post("/reauth", {"draft": draft, "password": PASSWORD})).status_code == 401
    answer = await browser.post("/reauth", {"draft": draft, "password": PASSWORD, "code": phone.now()})
    assert answer.status_code == 303


@pytest.mark.parametrize(
    "draft", ["", "x", "[]", '["POST","https://evil.example/",[]]', '["POST","//evil",[["a","b"]]]']
)
async def test_a_bent_draft_leads_home(
    browser: Browser, new_user: NewUser, database: Database, tenant: TenantRef, draft: str
) -> None:
    user = await new_user("employee")
    await browser.log_in(user.login)
    answer = await browser.post("/reauth", {"draft": draft, "password": PASSWORD})
    assert answer.headers["location"] == "/account"


async def test_programs_are_told_and_give_the_password_by_api(
    browser: Browser, new_user: NewUser, database: Database, tenant: TenantRef
) -> None:
    user = await new_user("admin")
    await browser.log_in(user.login)
    await grow_old(database, tenant, user)
    body = {"code": "clerk", "title": "文员"}
    refused = await browser.api("POST", "/api/v1/roles", json=body)
    assert refused.status_code == 403
    assert refused.json()["code"] == "auth.reauthentication_required"
    given = await browser.api("POST", "/api/v1/session/reauthenticate", json={"password": PASSWORD})
    assert given.status_code == 204
    await browser.get("/account")
    assert (await browser.api("POST", "/api/v1/roles", json=body)).status_code == 201


async def test_htmx_gets_the_question_in_place_of_the_content(
    browser: Browser, new_user: NewUser, database: Database, tenant: TenantRef
) -> None:
    user = await new_user("employee")
    await browser.log_in(user.login)
    await grow_old(database, tenant, user)
    asked = await browser.post("/probe/sensitive", {"note": "x"}, headers={"hx-request": "true"})
    assert asked.status_code == 200
    assert asked.headers["hx-retarget"] == "#content"
    assert 'name="draft"' in asked.text
    assert "<html" not in asked.text
