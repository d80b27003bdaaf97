"""A program with a token: its owner's rights, fewer if it was said so, for as long as both last."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from litestar import Litestar
from sqlalchemy import select, update

from tests.platform.auth.conftest import Browser, NewUser, running
from zhiren.audit import AuditEvent
from zhiren.auth.models import ApiToken, User
from zhiren.auth.policy import Policy
from zhiren.auth.service.api_tokens import LIVE_MAX
from zhiren.auth.tokens import token_hash
from zhiren.context import TenantRef
from zhiren.db import Database
from zhiren.settings import Settings

USERS = "/api/v1/users"
_SECRET = re.compile(r'value="(zr_[\w-]+)"')


async def made(browser: Browser, *permissions: str, name: str = "考勤系统", days: str = "30") -> httpx.Response:
    await browser.get("/account/tokens")
    return await browser.post("/account/tokens", {"name": name, "days": days, "permission": list(permissions)})


async def token_of(browser: Browser, *permissions: str, **fields: str) -> str:
    page = await made(browser, *permissions, **fields)
    found = _SECRET.search(page.text)
    assert found, page.text
    return found[1]


async def call(browser: Browser, token: str, method: str = "GET", path: str = USERS, **options: Any) -> httpx.Response:
    """As a program does: no cookies, no proof of origin."""
    headers = {"authorization": f"Bearer {token}", "accept": "application/json"}
    browser.http.cookies.clear()
    return await browser.http.request(method, path, headers=headers, **options)


@pytest.fixture
async def admin(browser: Browser, new_user: NewUser) -> tuple[Browser, User]:
    user = await new_user("admin")
    assert (await browser.log_in(user.login)).status_code == 303
    return browser, user


async def test_a_token_is_shown_once_and_kept_as_a_hash(
    admin: tuple[Browser, User], database: Database, tenant: TenantRef
) -> None:
    browser, user = admin
    page = await made(browser, "auth.users.manage")
    assert page.status_code == 200
    assert page.headers["cache-control"] == "no-store"
    secret = _SECRET.findall(page.text)[0]
    listed = await browser.get("/account/tokens")
    assert "考勤系统" in listed.text
    assert "还没有用过" in listed.text
    assert secret not in listed.text
    async with database.tenant(tenant) as ctx:
        row = (await ctx.session.scalars(select(ApiToken).where(ApiToken.user_id == user.id))).one()
        assert row.token_hash == token_hash(secret)
        assert timedelta(days=29) < row.expires_at - datetime.now(UTC) <= timedelta(days=30)
        events = await ctx.session.scalars(select(AuditEvent).where(AuditEvent.action == "auth.token.create"))
        assert str(row.id) in {event.object_id for event in events}
    answer = await call(browser, secret)
    assert answer.status_code == 200
    async with database.tenant(tenant) as ctx:
        row = (await ctx.session.scalars(select(ApiToken).where(ApiToken.user_id == user.id))).one()
        assert row.last_used_at is not None


async def test_only_the_rights_it_names_and_only_at_the_api(admin: tuple[Browser, User]) -> None:
    browser, _user = admin
    token = await token_of(browser, "auth.users.manage")
    assert (await call(browser, token)).status_code == 200
    assert (await call(browser, token, path="/api/v1/roles")).status_code == 403
    page = await call(browser, token, path="/admin/users")
    assert page.status_code in {303, 401}, "pages know cookies alone"
    assert (await call(browser, token, path="/account/tokens")).status_code in {303, 401}


async def test_sensitive_acts_are_not_for_programs(admin: tuple[Browser, User]) -> None:
    browser, _user = admin
    token = await token_of(browser, "auth.users.manage")
    refused = await call(browser, token, "POST", json={"login": "robot-made", "name": "x", "roles": []})
    assert (refused.status_code, refused.json()["code"]) == (403, "auth.not_by_token")


async def test_no_proof_of_origin_is_asked_and_the_trail_names_the_token(
    admin: tuple[Browser, User], new_user: NewUser, database: Database, tenant: TenantRef
) -> None:
    browser, user = admin
    other = await new_user("hr")
    token = await token_of(browser, "auth.users.manage", name="清退脚本")
    session = browser.session
    path = f"{USERS}/{other.id}/sessions"
    async with database.tenant(tenant) as ctx:
        from zhiren.auth.service import open_session

        await open_session(ctx, await ctx.session.get_one(User, other.id))
    assert (await call(browser, token, "DELETE", path)).status_code == 204
    async with database.tenant(tenant) as ctx:
        query = select(AuditEvent).where(
            AuditEvent.action == "auth.session.revoke_all", AuditEvent.object_id == str(other.id)
        )
        event = (await ctx.session.scalars(query)).one()
        assert event.actor_user_id == user.id
        assert event.actor_name == f"{user.name} [token: 清退脚本]"
        assert event.session_id is None
    # with the cookie beside it, it is the token that counts
    browser.http.cookies.set("zhiren_session", session)
    both = await browser.http.get("/api/v1/roles", headers={"authorization": f"Bearer {token}"})
    assert both.status_code == 403


async def test_rights_follow_the_owner_at_once(
    admin: tuple[Browser, User], database: Database, tenant: TenantRef
) -> None:
    browser, user = admin
    token = await token_of(browser, "auth.users.manage")
    async with database.tenant(tenant) as ctx:
        from zhiren.auth import repository

        await repository.replace_assignments(ctx.session, user.id, [])
    assert (await call(browser, token)).status_code == 403


@pytest.mark.parametrize("how", ["suspended", "over", "revoked", "revoked by admin", "changed", "another's"])
async def test_when_it_ends(  # noqa: PLR0917
    admin: tuple[Browser, User],
    browsers: Callable[[], Browser],
    new_user: NewUser,
    database: Database,
    tenant: TenantRef,
    how: str,
) -> None:
    browser, user = admin
    token = await token_of(browser, "auth.users.manage")
    async with database.tenant(tenant) as ctx:
        token_id = (await ctx.session.scalars(select(ApiToken.id).where(ApiToken.user_id == user.id))).one()
        if how == "suspended":
            await ctx.session.execute(update(User).where(User.id == user.id).values(status="disabled"))
        if how == "over":
            await ctx.session.execute(update(ApiToken).values(expires_at=datetime.now(UTC) - timedelta(seconds=1)))
    if how == "revoked":
        await browser.get("/account/tokens")
        assert (await browser.post(f"/account/tokens/{token_id}/revoke")).status_code == 303
    if how == "revoked by admin":
        chief = browsers()
        await chief.log_in((await new_user("admin")).login)
        page = await chief.get(f"/admin/users/{user.id}")
        assert "考勤系统" in page.text
        assert (await chief.post(f"/admin/users/{user.id}/tokens/{token_id}/revoke")).status_code == 303
    if how == "another's":
        stranger = browsers()
        await stranger.log_in((await new_user("employee")).login)
        assert (await stranger.post(f"/account/tokens/{token_id}/revoke")).status_code == 404
        assert (await stranger.post(f"/admin/users/{user.id}/tokens/{token_id}/revoke")).status_code == 403
        assert (await call(browser, token)).status_code == 200
        return
    answer = await call(browser, token[:-1] + ("A" if token[-1] != "A" else "B") if how == "changed" else token)
    assert (answer.status_code, answer.json()["code"]) == (401, "auth.token_refused")


async def test_a_token_of_another_customer_opens_nothing(
    admin: tuple[Browser, User], app: Litestar, other_tenant: TenantRef
) -> None:
    browser, _user = admin
    token = await token_of(browser, "auth.users.manage")
    elsewhere = Browser(app, f"{other_tenant.slug}.localhost")
    assert (await call(elsewhere, token)).status_code == 401
    await elsewhere.http.aclose()


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"name": " "}, "请填写 1 到 60 个字的名称"),
        ({"days": "9999"}, "请选择有效期"),
        ({"permission": []}, "请至少选择一项您自己有的权限"),
        ({"permission": ["payroll.run.manage"]}, "请至少选择一项您自己有的权限"),
    ],
)
async def test_what_is_refused(browser: Browser, new_user: NewUser, fields: dict[str, Any], wrong: str) -> None:
    await browser.log_in((await new_user("hr")).login)
    await browser.get("/account/tokens")
    sent = {"name": "报表", "days": "30", "permission": ["records.employee.read"], **fields}
    refused = await browser.post("/account/tokens", sent)
    assert refused.status_code == 422
    assert wrong in refused.text


async def test_not_without_number(admin: tuple[Browser, User], database: Database, tenant: TenantRef) -> None:
    browser, user = admin
    async with database.tenant(tenant) as ctx:
        ends = datetime.now(UTC) + timedelta(days=1)
        for n in range(LIVE_MAX):
            digest = token_hash(f"{user.id}{n}")
            ctx.session.add(ApiToken(user_id=user.id, name=str(n), token_hash=digest, permissions=[], expires_at=ends))
    assert (await made(browser, "auth.users.manage")).status_code == 422


async def test_calls_are_limited(settings: Settings, database: Database, tenant: TenantRef, new_user: NewUser) -> None:
    policy = Policy(token_calls_per_minute=3, failures_per_ip=4)
    async with running(settings, database, policy=policy) as app:
        browser = Browser(app, f"{tenant.slug}.localhost", ip="10.99.0.1")
        await browser.log_in((await new_user("admin")).login)
        token = await token_of(browser, "auth.users.manage")
        codes = [(await call(browser, token)).status_code for _ in range(5)]
        assert codes.count(429) >= 1
        assert codes[:3] == [200, 200, 200] or 200 in codes
        guesses = [(await call(browser, f"zr_{UUID(int=n)}")).status_code for n in range(6)]
        assert set(guesses) == {401, 429}
        await browser.http.aclose()
