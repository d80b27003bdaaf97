"""Logging in: what is asked, what is given, what is refused and how it is remembered."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Literal

import httpx
import pytest
from argon2 import PasswordHasher
from litestar import Litestar
from sqlalchemy import func, select, update

from tests.platform.auth.conftest import PASSWORD, Browser, NewUser, running
from zhiren.audit import AuditEvent
from zhiren.auth import passwords
from zhiren.auth.models import Attempt, Session, User
from zhiren.auth.policy import Policy
from zhiren.auth.runtime import AuthRuntime
from zhiren.auth.tokens import token_hash
from zhiren.context import TenantRef
from zhiren.db import Database
from zhiren.settings import Settings


async def events_of(database: Database, tenant: TenantRef, user: User) -> list[str]:
    async with database.tenant(tenant) as ctx:
        rows = await ctx.session.scalars(
            select(AuditEvent.action).where(AuditEvent.object_id == str(user.id)).order_by(AuditEvent.id)
        )
        return list(rows)


async def test_a_person_logs_in_and_out(
    browser: Browser, new_user: NewUser, database: Database, tenant: TenantRef
) -> None:
    user = await new_user("employee")
    assert (await browser.get("/account")).headers["location"] == "/login?next=/account"
    answer = await browser.log_in(f"  {user.login.upper()} ")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/"
    page = await browser.get("/account")
    assert page.status_code == 200
    assert user.name in page.text
    token = browser.session
    assert (await browser.post("/logout")).headers["location"] == "/login"
    # the old cookie opens nothing any more, wherever it was kept
    again = await browser.get("/account", headers={"cookie": f"zhiren_session={token}"})
    assert again.status_code == 303
    assert await events_of(database, tenant, user) == [
        "auth.user.create",
        "auth.login.succeed",
        "auth.session.sign_out",
    ]


async def test_the_table_holds_no_token(
    browser: Browser, new_user: NewUser, database: Database, tenant: TenantRef
) -> None:
    user = await new_user("employee")
    await browser.log_in(user.login)
    async with database.tenant(tenant) as ctx:
        [found] = await ctx.session.scalars(select(Session).where(Session.user_id == user.id))
    assert found.token_hash == token_hash(browser.session)
    assert len(browser.session) == 43
    assert browser.session.encode() not in found.token_hash


async def test_cookie_flags_over_http_and_https(
    browser: Browser, new_user: NewUser, settings: Settings, database: Database, tenant: TenantRef
) -> None:
    user = await new_user("employee")
    plain = (await browser.log_in(user.login)).headers.get_list("set-cookie")
    [cookie] = [c for c in plain if c.startswith("zhiren_session=")]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Path=/" in cookie
    assert "Secure" not in cookie
    assert "Max-Age" not in cookie
    import msgspec

    async with running(msgspec.structs.replace(settings, public_scheme="https"), database) as secure_app:
        secure = Browser(secure_app, f"{tenant.slug}.localhost", scheme="https")
        answer = await secure.log_in(user.login)
        [cookie] = [c for c in answer.headers.get_list("set-cookie") if c.startswith("__Host-zhiren_session=")]
        assert "Secure" in cookie
        assert "HttpOnly" in cookie
        assert "Domain" not in cookie
        assert (await secure.get("/account")).status_code == 200
        await secure.http.aclose()


@pytest.mark.parametrize("state", ["unknown", "wrong", "disabled"])
async def test_refusals_look_the_same(
    browser: Browser, new_user: NewUser, database: Database, tenant: TenantRef, state: str
) -> None:
    user = await new_user("employee")
    if state == "disabled":
        async with database.tenant(tenant) as ctx:
            await ctx.session.execute(update(User).where(User.id == user.id).values(status="disabled"))
    login = "nobody" if state == "unknown" else user.login
    answer = await browser.log_in(login, PASSWORD if state == "disabled" else "wrong wrong wrong")
    assert answer.status_code == 401
    assert "登录名或密码不对" in answer.text
    assert not browser.session
    comparable = answer.text.replace(login, "LOGIN")
    assert "停用" not in comparable


async def test_a_stranger_waits_as_long_as_a_wrong_password(
    new_user: NewUser,
    settings: Settings,
    database: Database,
    tenant: TenantRef,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What takes the time is the hash: it is computed once for either, at the same cost."""
    user = await new_user("employee")
    hashed: list[str] = []

    class Counting(PasswordHasher):
        def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:
            hashed.append(str(hash).rpartition("$")[0].rpartition("$")[0])
            return super().verify(hash, password)

    monkeypatch.setattr(passwords, "_HASHER", Counting())
    patient = Policy(lock_after=1000, tries_per_login_minute=1000)
    async with running(settings, database, policy=patient) as calm:
        browser = Browser(calm, f"{tenant.slug}.localhost")
        for login in (user.login, "nobody"):
            assert (await browser.log_in(login, "wrong wrong wrong")).status_code == 401
        await browser.http.aclose()
    known, unknown = hashed
    assert known == unknown


async def test_five_failures_lock_and_the_lock_outlives_the_refusal(
    browsers: Callable[[], Browser], new_user: NewUser, database: Database, tenant: TenantRef
) -> None:
    user = await new_user("employee")
    for _ in range(5):
        assert (await browsers().log_in(user.login, "wrong wrong wrong")).status_code == 401
    locked = await browsers().log_in(user.login)
    assert locked.status_code == 429
    assert 0 < int(locked.headers["retry-after"]) <= 30
    assert (await events_of(database, tenant, user))[1:] == ["auth.login.fail"] * 5 + ["auth.login.lock"]


async def test_an_unknown_login_locks_like_a_known_one(browsers: Callable[[], Browser]) -> None:
    answers = [(await browsers().log_in("ghost", "wrong wrong wrong")).status_code for _ in range(6)]
    assert answers == [401] * 5 + [429]


async def test_the_wait_doubles_and_a_success_clears_it(
    settings: Settings, new_user: NewUser, database: Database, tenant: TenantRef
) -> None:
    user = await new_user("employee")

    async def let_the_lock_pass() -> None:
        async with database.tenant(tenant) as ctx:
            past = func.now() - timedelta(seconds=1)
            await ctx.session.execute(update(Attempt).values(locked_until=past))

    async with running(settings, database, policy=Policy(tries_per_login_minute=1000)) as patient:
        browser = Browser(patient, f"{tenant.slug}.localhost", ip="192.0.2.9")
        for _ in range(5):
            await browser.log_in(user.login, "wrong wrong wrong")
        waits = []
        for _ in range(3):
            await let_the_lock_pass()
            assert (await browser.log_in(user.login, "wrong wrong wrong")).status_code == 401
            waits.append(int((await browser.log_in(user.login)).headers["retry-after"]))
        assert [round(wait_s, -1) for wait_s in waits] == [60, 120, 240]
        await let_the_lock_pass()
        assert (await browser.log_in(user.login)).status_code == 303
        await browser.post("/logout")
        # the count starts over
        assert (await browser.log_in(user.login, "wrong wrong wrong")).status_code == 401
        assert (await browser.log_in(user.login)).status_code == 303
        await browser.http.aclose()


async def test_a_login_is_tried_ten_times_a_minute_at_most(browsers: Callable[[], Browser], auth: AuthRuntime) -> None:
    statuses = [(await browsers().log_in("hammered", "wrong wrong wrong")).status_code for _ in range(12)]
    # locked after five; the rate then answers before the database is asked
    assert statuses[:5] == [401] * 5
    assert set(statuses[5:]) == {429}


async def test_an_address_that_keeps_failing_is_refused_for_every_login(
    settings: Settings, database: Database, tenant: TenantRef, new_user: NewUser
) -> None:
    user = await new_user("employee")
    async with running(settings, database, policy=Policy(failures_per_ip=3)) as strict:
        attacker = Browser(strict, f"{tenant.slug}.localhost", ip="192.0.2.7")
        for number in range(3):
            assert (await attacker.log_in(f"guess{number}", "wrong wrong wrong")).status_code == 401
        assert (await attacker.log_in(user.login)).status_code == 429
        elsewhere = Browser(strict, f"{tenant.slug}.localhost", ip="192.0.2.8")
        assert (await elsewhere.log_in(user.login)).status_code == 303
        await attacker.http.aclose()
        await elsewhere.http.aclose()


async def test_a_session_planted_before_log_in_is_not_kept(browser: Browser, new_user: NewUser) -> None:
    user = await new_user("employee")
    planted = "A" * 43
    browser.http.cookies.set("zhiren_session", planted, domain=f"{browser.http.base_url.host}")
    await browser.log_in(user.login)
    assert browser.session != planted
    first = browser.session
    await browser.get("/login")
    stale = await browser.get("/account", headers={"cookie": f"zhiren_session={planted}"})
    assert stale.status_code == 303
    assert first


async def test_logging_in_again_ends_the_session_of_this_browser(
    browser: Browser, new_user: NewUser, database: Database, tenant: TenantRef
) -> None:
    user = await new_user("employee")
    await browser.log_in(user.login)
    await browser.post("/login", {"login": user.login, "password": PASSWORD})
    async with database.tenant(tenant) as ctx:
        count = await ctx.session.scalar(select(func.count()).where(Session.user_id == user.id))
    assert count == 1


@pytest.mark.parametrize("how", ["idle", "absolute"])
async def test_sessions_end_by_themselves(
    browser: Browser, new_user: NewUser, database: Database, tenant: TenantRef, how: str
) -> None:
    user = await new_user("employee")
    await browser.log_in(user.login)
    assert (await browser.get("/account")).status_code == 200
    aged = (
        {"last_seen_at": func.now() - timedelta(minutes=31)}
        if how == "idle"
        else {"expires_at": func.now() - timedelta(seconds=1)}
    )
    async with database.tenant(tenant) as ctx:
        await ctx.session.execute(update(Session).where(Session.user_id == user.id).values(**aged))
    assert (await browser.get("/account")).status_code == 303


async def test_last_seen_is_written_at_most_once_a_minute(
    browser: Browser, new_user: NewUser, database: Database, tenant: TenantRef
) -> None:
    user = await new_user("employee")
    await browser.log_in(user.login)

    async def seen_at():
        async with database.tenant(tenant) as ctx:
            return await ctx.session.scalar(select(Session.last_seen_at).where(Session.user_id == user.id))

    first = await seen_at()
    await browser.get("/account")
    assert await seen_at() == first
    async with database.tenant(tenant) as ctx:
        await ctx.session.execute(
            update(Session).where(Session.user_id == user.id).values(last_seen_at=func.now() - timedelta(seconds=61))
        )
    await browser.get("/account")
    assert await seen_at() > first


@pytest.mark.parametrize(
    ("asked", "led"),
    [
        ("/account", "/account"),
        ("//evil.example/x", "/"),
        ("https://evil.example", "/"),
        ("/\\evil.example", "/"),
        ("/login?next=/login", "/"),
        ("/logout", "/"),
        ("", "/"),
    ],
)
async def test_after_log_in_nobody_is_led_elsewhere(browser: Browser, new_user: NewUser, asked: str, led: str) -> None:
    user = await new_user("employee")
    await browser.get("/login")
    answer = await browser.post("/login", {"login": user.login, "password": PASSWORD, "next": asked})
    assert answer.headers["location"] == led


async def test_a_log_in_form_from_elsewhere_is_refused(browser: Browser, new_user: NewUser) -> None:
    user = await new_user("employee")
    await browser.get("/login")
    forged = await browser.http.post("/login", data={"login": user.login, "password": PASSWORD, "_csrf": "0" * 64})
    assert forged.status_code == 403
    cross = await browser.post(
        "/login", {"login": user.login, "password": PASSWORD}, headers={"sec-fetch-site": "cross-site"}
    )
    assert cross.status_code == 403
    assert not browser.session


async def test_changes_need_the_proof_of_this_session(browsers: Callable[[], Browser], new_user: NewUser) -> None:
    user = await new_user("employee")
    mine, other = browsers(), browsers()
    await mine.log_in(user.login)
    await other.log_in(user.login)
    stolen = other._csrf
    answer = await mine.http.post("/account/sessions/revoke-others", data={"_csrf": stolen})
    assert answer.status_code == 403
    assert (await other.get("/account")).status_code == 200


async def test_a_session_of_one_customer_is_nobody_at_another(
    app: Litestar, browser: Browser, new_user: NewUser, other_tenant: TenantRef
) -> None:
    user = await new_user("admin")
    await browser.log_in(user.login)
    stranger = Browser(app, f"{other_tenant.slug}.localhost")
    stranger.http.cookies.set("zhiren_session", browser.session)
    assert (await stranger.get("/account")).status_code == 303
    assert (await stranger.log_in(user.login)).status_code == 401
    await stranger.http.aclose()


async def test_a_crowd_at_the_door_does_not_hold_up_one_inside(
    browser: Browser, browsers: Callable[[], Browser], new_user: NewUser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Thirty wait for one hash that does not end: whoever is inside is answered meanwhile."""
    user = await new_user("employee")
    await browser.log_in(user.login)
    door = browsers()
    await door.get("/login")
    begun, answered = threading.Event(), threading.Event()
    late: list[str] = []

    class Slow(PasswordHasher):
        def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:
            begun.set()
            if not answered.wait(30):
                late.append(str(password))
                answered.set()
            return super().verify(hash, password)

    monkeypatch.setattr(passwords, "_HASHER", Slow())
    crowd = [
        asyncio.create_task(door.post("/login", {"login": f"crowd{n}", "password": "wrong wrong wrong"}))
        for n in range(30)
    ]
    await asyncio.to_thread(begun.wait, 60)
    for _ in range(5):
        assert (await browser.get("/account")).status_code == 200
    assert not late, "nobody inside was answered"
    answered.set()
    answers: list[httpx.Response] = await asyncio.gather(*crowd)
    assert 401 in {answer.status_code for answer in answers} <= {401, 429, 503}
