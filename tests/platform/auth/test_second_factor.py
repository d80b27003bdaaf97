"""TOTP: set up by the person, asked at log-in, each code once, recovery codes for a lost phone."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from html import unescape

import pyotp
import pytest
from sqlalchemy import select

from tests.platform.auth.conftest import PASSWORD, Browser, NewUser
from tests.platform.auth.test_login import events_of
from zhiren.auth.models import Recovery, User
from zhiren.context import TenantRef
from zhiren.db import Database

_CODE = re.compile(r"<li class=\"col\"><code[^>]*>([a-z0-9-]+)</code>")


def secret_in(page: str) -> str:
    found = re.search(r"<code[^>]*>([A-Z2-7]{32})</code>", page)
    assert found, unescape(page)
    return found.group(1)


async def set_up(browser: Browser) -> tuple[pyotp.TOTP, list[str]]:
    """Turns TOTP on as a person does; returns the app on the phone and the recovery codes."""
    assert (await browser.post("/account/second-factor")).headers["location"] == "/account/second-factor"
    phone = pyotp.TOTP(secret_in((await browser.get("/account/second-factor")).text))
    # the code before this one, so that this one is still good for the next log-in
    earlier = phone.at(int(time.time()) - 30)
    page = await browser.post("/account/second-factor/confirm", {"code": earlier})
    assert page.status_code == 200
    assert page.headers["cache-control"] == "no-store"
    codes = _CODE.findall(page.text)
    assert len(set(codes)) == 10
    return phone, codes


async def test_set_up_then_log_in_with_a_code_once(
    browsers: Callable[[], Browser], new_user: NewUser, database: Database, tenant: TenantRef
) -> None:
    user = await new_user("employee")
    browser = browsers()
    await browser.log_in(user.login)
    phone, _ = await set_up(browser)

    first = browsers()
    answer = await first.log_in(user.login)
    assert answer.headers["location"] == "/login/code"
    # the password alone opens nothing
    assert (await first.get("/account")).headers["location"] == "/login?next=/account"
    await first.get("/login/code")
    half = first.session
    code = phone.now()
    assert (await first.post("/login/code", {"code": code})).headers["location"] == "/"
    assert first.session != half
    assert (await first.get("/account")).status_code == 200

    second = browsers()
    await second.log_in(user.login)
    await second.get("/login/code")
    replay = await second.post("/login/code", {"code": code})
    assert replay.status_code == 401
    assert "已用过" in replay.text
    later = phone.at(int(time.time()) + 30)
    assert (await second.post("/login/code", {"code": later})).status_code == 303
    seen = await events_of(database, tenant, user)
    assert seen.count("auth.totp.enable") == 1
    assert seen.count("auth.totp.fail") == 1
    assert seen.count("auth.login.succeed") == 3


async def test_the_secret_is_sealed_and_the_picture_is_an_image(
    browser: Browser, new_user: NewUser, database: Database, tenant: TenantRef
) -> None:
    user = await new_user("employee")
    await browser.log_in(user.login)
    await browser.post("/account/second-factor")
    secret = secret_in((await browser.get("/account/second-factor")).text)
    async with database.tenant(tenant) as ctx:
        sealed = await ctx.session.scalar(select(User.totp_secret_ct).where(User.id == user.id))
    assert sealed is not None
    assert secret.encode() not in sealed
    picture = await browser.get("/account/second-factor/qr.svg")
    assert picture.headers["content-type"].startswith("image/svg+xml")
    assert picture.headers["cache-control"] == "no-store"
    assert "<script" not in picture.text
    assert "style=" not in picture.text


async def test_recovery_codes_work_once_and_are_kept_as_hashes(
    browsers: Callable[[], Browser], new_user: NewUser, database: Database, tenant: TenantRef
) -> None:
    user = await new_user("employee")
    browser = browsers()
    await browser.log_in(user.login)
    _, codes = await set_up(browser)
    statuses = []
    for _ in range(2):
        again = browsers()
        await again.log_in(user.login)
        await again.get("/login/code")
        statuses.append((await again.post("/login/code", {"code": f" {codes[0].upper()} "})).status_code)
    assert statuses == [303, 401]
    async with database.tenant(tenant) as ctx:
        rows = list(await ctx.session.scalars(select(Recovery).where(Recovery.user_id == user.id)))
    assert len(rows) == 10
    assert all(len(row.secret_hash) == 32 for row in rows)
    assert "还剩 9 个" in (await browser.get("/account")).text


async def test_new_recovery_codes_void_the_old(browsers: Callable[[], Browser], new_user: NewUser) -> None:
    user = await new_user("employee")
    browser = browsers()
    await browser.log_in(user.login)
    _, old = await set_up(browser)
    fresh = _CODE.findall((await browser.post("/account/second-factor/recovery-codes")).text)
    assert len(fresh) == 10
    again = browsers()
    await again.log_in(user.login)
    await again.get("/login/code")
    assert (await again.post("/login/code", {"code": old[3]})).status_code == 401
    assert (await again.post("/login/code", {"code": fresh[3]})).status_code == 303


async def test_guessing_codes_locks(browsers: Callable[[], Browser], new_user: NewUser) -> None:
    user = await new_user("employee")
    browser = browsers()
    await browser.log_in(user.login)
    phone, _ = await set_up(browser)
    guesser = browsers()
    await guesser.log_in(user.login)
    await guesser.get("/login/code")
    wrong = str((int(phone.now()) + 1) % 1_000_000).zfill(6)
    for _ in range(5):
        assert (await guesser.post("/login/code", {"code": wrong})).status_code == 401
    assert (await guesser.post("/login/code", {"code": phone.now()})).status_code == 429


async def test_knowing_the_password_again_does_not_clear_the_count_of_codes(
    browsers: Callable[[], Browser], new_user: NewUser
) -> None:
    user = await new_user("employee")
    browser = browsers()
    await browser.log_in(user.login)
    await set_up(browser)
    statuses = []
    for _ in range(6):
        guesser = browsers()
        await guesser.log_in(user.login)
        await guesser.get("/login/code")
        statuses.append((await guesser.post("/login/code", {"code": "000000"})).status_code)
    assert statuses == [401] * 5 + [429]


async def test_turning_it_off_asks_for_both_and_for_a_long_password(
    browsers: Callable[[], Browser], new_user: NewUser
) -> None:
    user = await new_user("employee", password="a8Fk2!xz")
    browser = browsers()
    await browser.log_in(user.login, "a8Fk2!xz")
    phone, codes = await set_up(browser)
    await browser.get("/account")
    short = await browser.post("/account/second-factor/disable", {"password": "a8Fk2!xz", "code": phone.now()})
    assert short.status_code == 422
    assert "15" in short.text
    changed = await browser.post(
        "/account/password",
        {
            "current_password": "a8Fk2!xz",
            "new_password": "九月的风吹过江边的第三棵老柳树",
            "again": "九月的风吹过江边的第三棵老柳树",
        },
    )
    assert changed.status_code == 303
    await browser.get("/account")
    wrong = await browser.post(
        "/account/second-factor/disable", {"password": "九月的风吹过江边的第三棵老柳树", "code": "000000"}
    )
    assert wrong.status_code == 401
    off = await browser.post(
        "/account/second-factor/disable", {"password": "九月的风吹过江边的第三棵老柳树", "code": codes[0]}
    )
    assert off.status_code == 303
    assert "未打开" in (await browser.get("/account")).text


async def test_a_code_counts_for_nothing_before_it_is_confirmed(
    browsers: Callable[[], Browser], new_user: NewUser
) -> None:
    user = await new_user("employee")
    browser = browsers()
    await browser.log_in(user.login)
    await browser.post("/account/second-factor")
    await browser.get("/account/second-factor")
    assert (await browser.post("/account/second-factor/confirm", {"code": "123456"})).status_code == 401
    assert (await browsers().log_in(user.login)).headers["location"] == "/"


@pytest.mark.parametrize("code", ["", "abc", "１２３４５６", "1" * 40, "123 456", "'; --"])
async def test_odd_codes_are_refused_plainly(browsers: Callable[[], Browser], new_user: NewUser, code: str) -> None:
    user = await new_user("employee")
    browser = browsers()
    await browser.log_in(user.login)
    await set_up(browser)
    other = browsers()
    await other.log_in(user.login)
    await other.get("/login/code")
    assert (await other.post("/login/code", {"code": code})).status_code == 401


async def test_the_api_takes_password_and_code_together(browsers: Callable[[], Browser], new_user: NewUser) -> None:
    user = await new_user("employee")
    browser = browsers()
    await browser.log_in(user.login)
    phone, _ = await set_up(browser)
    program = browsers()
    await program.get("/login")
    bare = await program.api("POST", "/api/v1/session", json={"login": user.login, "password": PASSWORD})
    assert bare.status_code == 401
    assert bare.json()["code"] == "auth.second_factor_refused"
    both = {"login": user.login, "password": PASSWORD, "code": phone.now()}
    assert (await program.api("POST", "/api/v1/session", json=both)).status_code == 204
    who = await program.api("GET", "/api/v1/session")
    assert who.json()["user_id"] == str(user.id)
