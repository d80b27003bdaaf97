"""Users and roles: made, changed, handed out, and what nobody may do."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable
from html import unescape
from typing import Any
from uuid import UUID, uuid4

import pytest
import pytest_asyncio
from sqlalchemy import func, select, update

from ops.hosted import MODULES
from tests.platform.auth.conftest import PASSWORD, Browser, NewUser
from tests.platform.auth.test_login import events_of
from zhiren.auth import repository
from zhiren.auth.errors import LastAdministrator
from zhiren.auth.models import Recovery, Role, RoleGrant, User
from zhiren.auth.permissions import registry
from zhiren.auth.schemas import RoleAssignment, RoleCreate, RoleUpdate, UserUpdate
from zhiren.auth.service import accounts, roles
from zhiren.auth.service.sessions import as_user
from zhiren.context import Actor, Context, Scope, TenantRef
from zhiren.db import Database
from zhiren.errors import Forbidden, ZhirenError

NEW = "九月的风吹过江边的第三棵老柳树"


@pytest_asyncio.fixture
async def admin(browsers: Callable[[], Browser], new_user: NewUser) -> AsyncIterator[Browser]:
    browser = browsers()
    user = await new_user("admin")
    await browser.log_in(user.login)
    yield browser


async def role_id(database: Database, tenant: TenantRef, code: str) -> UUID:
    async with database.tenant(tenant) as ctx:
        found = await ctx.session.scalar(select(Role.id).where(Role.code == code))
        assert found is not None
        return found


async def test_a_new_colleague_sets_their_own_password(
    admin: Browser, browsers: Callable[[], Browser], database: Database, tenant: TenantRef
) -> None:
    login = f"neu.{uuid4().hex[:8]}"
    made = await admin.post("/admin/users", {"login": login, "name": "新同事", "role": ["employee"]})
    assert made.status_code == 200
    assert made.headers["cache-control"] == "no-store"
    link = unescape(re.search(r'id="link" value="([^"]+)"', made.text).group(1))  # type: ignore[union-attr]
    assert link.startswith(f"http://{tenant.slug}.localhost/login/link/")
    path = link.split("localhost", 1)[1]
    # nobody knows a password yet
    assert (await browsers().log_in(login, "!")).status_code == 401

    person = browsers()
    assert "新同事" in (await person.get(path)).text
    short = await person.post(path, {"new_password": "short", "again": "short"})
    assert short.status_code == 422
    assert (await person.post(path, {"new_password": NEW, "again": NEW})).headers["location"] == "/login"
    assert (await person.log_in(login, NEW)).headers["location"] == "/"
    # once only
    assert (await person.get(path)).status_code == 410
    async with database.tenant(tenant) as ctx:
        user = await repository.user_by_login(ctx.session, login)
        assert user is not None
        stored = (await ctx.session.scalars(select(Recovery.secret_hash).where(Recovery.user_id == user.id))).all()
    assert path.rsplit("/", 1)[1].encode() not in stored
    assert {"auth.user.create", "auth.user.roles", "auth.password.reset_link", "auth.password.change"} <= set(
        await events_of(database, tenant, user)
    )


async def test_a_link_ends_by_time_and_by_a_newer_one(
    admin: Browser, browsers: Callable[[], Browser], new_user: NewUser, database: Database, tenant: TenantRef
) -> None:
    user = await new_user("employee")
    paths = []
    for _ in range(2):
        page = await admin.post(f"/admin/users/{user.id}/password-link")
        paths.append(unescape(re.search(r'id="link" value="([^"]+)"', page.text).group(1)).split("localhost", 1)[1])  # type: ignore[union-attr]
    assert (await browsers().get(paths[0])).status_code == 410
    assert (await browsers().get(paths[1])).status_code == 200
    async with database.tenant(tenant) as ctx:
        await ctx.session.execute(update(Recovery).where(Recovery.user_id == user.id).values(expires_at=func.now()))
    assert (await browsers().get(paths[1])).status_code == 410


async def test_a_first_log_in_replaces_the_password_somebody_else_chose(
    browsers: Callable[[], Browser], new_user: NewUser
) -> None:
    user = await new_user("employee", must_change_password=True)
    browser = browsers()
    assert (await browser.log_in(user.login)).headers["location"] == "/login/new-password"
    assert (await browser.get("/account")).status_code == 303
    await browser.get("/login/new-password")
    half = browser.session
    answer = await browser.post("/login/new-password", {"new_password": NEW, "again": NEW})
    assert answer.headers["location"] == "/"
    assert browser.session != half
    assert (await browser.get("/account")).status_code == 200
    assert (await browsers().log_in(user.login)).status_code == 401


async def test_a_reset_lifts_a_lock(admin: Browser, browsers: Callable[[], Browser], new_user: NewUser) -> None:
    user = await new_user("employee")
    for _ in range(5):
        await browsers().log_in(user.login, "wrong wrong wrong")
    assert (await browsers().log_in(user.login)).status_code == 429
    assert "锁定" in (await admin.get(f"/admin/users/{user.id}")).text
    assert (await admin.post(f"/admin/users/{user.id}/unlock")).status_code == 303
    assert (await browsers().log_in(user.login)).status_code == 303


@pytest.mark.parametrize("change", ["role", "grant", "disable", "sign out"])
async def test_a_change_of_rights_holds_from_the_next_request(  # noqa: PLR0917
    admin: Browser,
    browsers: Callable[[], Browser],
    new_user: NewUser,
    database: Database,
    tenant: TenantRef,
    change: str,
) -> None:
    code = f"probe_{uuid4().hex[:8]}"
    made = await admin.api(
        "POST", "/api/v1/roles", json={"code": code, "title": "试用", "grants": {"field.pay.read": "all"}}
    )
    assert made.status_code == 201
    user = await new_user(code)
    person = browsers()
    await person.log_in(user.login)
    assert (await person.get("/probe/pay")).status_code == 200
    role = made.json()["id"]
    match change:
        case "role":
            sent = {"name": user.name, "status": "active", "role": ["employee"]}
            assert (await admin.post(f"/admin/users/{user.id}", sent)).status_code == 303
        case "grant":
            page = await admin.get(f"/admin/roles/{role}")
            assert page.status_code == 200
            sent = {"title": "试用", "grant:field.pay.read": "none"}
            assert (await admin.post(f"/admin/roles/{role}", sent)).status_code == 303
        case "disable":
            sent = {"name": user.name, "status": "disabled", "role": [code]}
            assert (await admin.post(f"/admin/users/{user.id}", sent)).status_code == 303
        case _:
            assert (await admin.post(f"/admin/users/{user.id}/sign-out")).status_code == 303
    # the very next request: nothing is remembered that would have to run out first
    answer = await person.get("/probe/pay")
    if change == "role":
        # an employee still reads their own
        assert answer.json() == {"kinds": ["self"]}
    else:
        assert answer.status_code == (403 if change == "grant" else 303)


async def test_roles_of_one_person_add_up(admin: Browser, browsers: Callable[[], Browser], new_user: NewUser) -> None:
    user = await new_user("employee", "payroll")
    person = browsers()
    await person.log_in(user.login)
    assert (await person.get("/probe/pay")).json() == {"kinds": ["all", "self"]}


# ---- what nobody may do


async def test_nobody_changes_their_own_roles(
    browsers: Callable[[], Browser], new_user: NewUser, database: Database, tenant: TenantRef
) -> None:
    user = await new_user("admin")
    browser = browsers()
    await browser.log_in(user.login)
    read = await browser.api("GET", f"/api/v1/users/{user.id}")
    sent = {"roles": [{"role": "admin"}, {"role": "payroll"}]}
    answer = await browser.api(
        "PATCH", f"/api/v1/users/{user.id}", json=sent, headers={"if-match": read.headers["etag"]}
    )
    assert answer.status_code == 403
    async with database.tenant(tenant) as ctx:
        held = await repository.assignments(ctx.session, user.id)
    assert [role.code for role, _ in held] == ["admin"]


async def test_nobody_disables_themselves(browsers: Callable[[], Browser], new_user: NewUser) -> None:
    user = await new_user("admin")
    browser = browsers()
    await browser.log_in(user.login)
    answer = await browser.post(f"/admin/users/{user.id}", {"name": user.name, "status": "disabled"})
    assert answer.status_code == 403
    assert (await browser.get("/account")).status_code == 200


def acting(ctx: Context, user: User, *permissions: str, **scopes: Any) -> Context:
    """As ``user``, who holds these permissions for everyone, and those of ``scopes`` as said."""
    grants = {p: Scope(frozenset({"all"})) for p in permissions}
    grants |= {p.replace("__", "."): Scope(frozenset({kind})) for p, kind in scopes.items()}
    return ctx.with_actor(Actor(user_id=user.id, name=user.name, grants=grants))


async def test_nobody_hands_out_what_they_do_not_hold(ctx: Context) -> None:
    clerk = await accounts.create_user(ctx, login="clerk", name="文员", password=PASSWORD, roles=[])
    other = await accounts.create_user(ctx, login="other", name="别人", password=PASSWORD, roles=["employee"])
    boss = await accounts.create_user(ctx, login="boss", name="主任", password=PASSWORD, roles=["admin"])
    limited = acting(ctx, clerk, "auth.users.manage", "auth.roles.manage", field__pay__read="self")
    with pytest.raises(ZhirenError) as refusal:
        await accounts.update_user(limited, other.id, UserUpdate(roles=(RoleAssignment("payroll"),)))
    assert refusal.value.code == "auth.grant_exceeded"
    # nor by becoming somebody who does
    with pytest.raises(ZhirenError) as refusal:
        await accounts.reset_link(limited, boss.id)
    assert refusal.value.code == "auth.grant_exceeded"
    with pytest.raises(ZhirenError) as refusal:
        await accounts.reset_second_factor(limited, boss.id)
    assert refusal.value.code == "auth.grant_exceeded"
    # nor by a role of their own making
    permissions = registry(())
    with pytest.raises(ZhirenError) as refusal:
        await roles.create_role(
            limited,
            permissions,
            RoleCreate(code="mine", title="我的", grants={"field.pay.read": "all"}),
        )
    assert refusal.value.code == "auth.grant_exceeded"
    made = await roles.create_role(
        limited,
        permissions,
        RoleCreate(code="mine", title="我的", grants={"field.pay.read": "self"}),  # type: ignore[arg-type]
    )
    assert await repository.grants_of_role(ctx.session, made.id) == {"field.pay.read": "self"}


async def test_an_administrator_appoints_the_payroll_officer_without_reading_pay(ctx: Context) -> None:
    boss = await accounts.create_user(ctx, login="boss", name="主任", password=PASSWORD, roles=["admin"])
    clerk = await accounts.create_user(ctx, login="clerk", name="文员", password=PASSWORD, roles=[])
    as_boss = acting(ctx, boss, "auth.users.manage", "auth.roles.manage", "auth.roles.grant_any")
    await accounts.update_user(as_boss, clerk.id, UserUpdate(roles=(RoleAssignment("payroll"),)))
    assert [role.code for role, _ in await repository.assignments(ctx.session, clerk.id)] == ["payroll"]


async def test_whoever_may_grant_anything_may_not_widen_their_own_role(ctx: Context) -> None:
    boss = await accounts.create_user(ctx, login="boss", name="主任", password=PASSWORD, roles=["admin"])
    as_boss = acting(ctx, boss, "auth.users.manage", "auth.roles.manage", "auth.roles.grant_any")
    own = await roles.create_role(as_boss, registry(()), RoleCreate(code="own", title="自用", grants={}))
    await accounts.update_user(ctx, boss.id, UserUpdate(roles=(RoleAssignment("admin"), RoleAssignment("own"))))
    with pytest.raises(ZhirenError) as refusal:
        await roles.update_role(as_boss, registry(()), own.id, RoleUpdate(grants={"field.pay.read": "all"}))
    assert refusal.value.code == "auth.grant_exceeded"


async def test_the_last_administrator_stays(ctx: Context) -> None:
    # whoever else this customer's tests made is switched off for this transaction
    await ctx.session.execute(update(User).values(status="disabled"))
    last = await accounts.create_user(ctx, login="last", name="末位", password=PASSWORD, roles=["admin"])
    last_id, as_last = last.id, as_user(ctx, last)
    for change in (UserUpdate(roles=(RoleAssignment("hr"),)), UserUpdate(status="disabled")):
        with pytest.raises(LastAdministrator):
            async with ctx.session.begin_nested():
                await accounts.update_user(ctx, last_id, change)
    with pytest.raises(Forbidden):
        await accounts.update_user(as_last, last_id, UserUpdate(status="disabled"))
    await ctx.session.refresh(last)
    second = await accounts.create_user(ctx, login="second", name="次位", password=PASSWORD, roles=["admin"])
    await accounts.update_user(ctx, last_id, UserUpdate(status="disabled"))
    with pytest.raises(LastAdministrator):
        await accounts.update_user(ctx, second.id, UserUpdate(roles=()))


async def test_built_in_roles_are_copied_not_changed(admin: Browser, database: Database, tenant: TenantRef) -> None:
    hr = await role_id(database, tenant, "hr")
    refused = await admin.post(f"/admin/roles/{hr}", {"title": "人事", "grant:audit.read": "all"})
    assert refused.status_code == 409
    code = f"hr_{uuid4().hex[:8]}"
    copied = await admin.post("/admin/roles", {"code": code, "title": "分公司人事", "copy_of": "hr"})
    assert copied.status_code == 303
    async with database.tenant(tenant) as ctx:
        found = await role_id(database, tenant, code)
        assert await repository.grants_of_role(ctx.session, found) == await repository.grants_of_role(ctx.session, hr)
    page = await admin.get(copied.headers["location"])
    assert 'name="grant:field.identity.read"' in page.text
    assert (await admin.post(f"/admin/roles/{found}/delete")).headers["location"] == "/admin/roles"


async def test_a_role_somebody_has_is_not_deleted(
    admin: Browser, new_user: NewUser, database: Database, tenant: TenantRef
) -> None:
    code = f"kept_{uuid4().hex[:8]}"
    await admin.post("/admin/roles", {"code": code, "title": "留用"})
    await new_user(code)
    assert (await admin.post(f"/admin/roles/{await role_id(database, tenant, code)}/delete")).status_code == 409


@pytest.mark.parametrize("grants", [{"no.such": "all"}, {"field.pay.read": "everything"}, {"field.pay.read": "none"}])
async def test_odd_grants_are_refused(admin: Browser, grants: dict[str, str]) -> None:
    answer = await admin.api(
        "POST", "/api/v1/roles", json={"code": f"odd_{uuid4().hex[:8]}", "title": "x", "grants": grants}
    )
    assert answer.status_code in {400, 422}


async def test_what_a_module_that_is_off_grants_is_kept(admin: Browser, database: Database, tenant: TenantRef) -> None:
    hidden = next(permission.name for module in MODULES for permission in module.permissions)
    code = f"kept_{uuid4().hex[:8]}"
    await admin.post("/admin/roles", {"code": code, "title": "留用"})
    found = await role_id(database, tenant, code)
    async with database.tenant(tenant) as ctx:
        for name in (hidden, "nobody.declares.this"):
            ctx.session.add(RoleGrant(role_id=found, permission=name, scope="all"))
    assert hidden not in (await admin.get(f"/admin/roles/{found}")).text
    sent = {"title": "留用", "grant:audit.read": "all", "grant:auth.users.manage": "none"}
    assert (await admin.post(f"/admin/roles/{found}", sent)).status_code == 303
    async with database.tenant(tenant) as ctx:
        assert set(await repository.grants_of_role(ctx.session, found)) == {hidden, "audit.read"}


# ---- the API's conventions


async def test_edits_need_the_version_that_was_read(admin: Browser, new_user: NewUser) -> None:
    user = await new_user("employee")
    path = f"/api/v1/users/{user.id}"
    read = await admin.api("GET", path)
    assert read.json()["roles"] == [{"role": "employee", "unit_ids": []}]
    assert (await admin.api("PATCH", path, json={"name": "甲"})).status_code == 428
    tag = {"if-match": read.headers["etag"]}
    changed = await admin.api("PATCH", path, json={"name": "甲"}, headers=tag)
    assert changed.status_code == 200
    assert changed.json()["name"] == "甲"
    assert (await admin.api("PATCH", path, json={"name": "乙"}, headers=tag)).status_code == 412


async def test_the_list_of_users_has_an_end_and_no_gaps(admin: Browser, new_user: NewUser) -> None:
    for _ in range(3):
        await new_user("employee")
    seen, cursor = [], None
    for _ in range(200):
        page = (
            await admin.api("GET", "/api/v1/users", params={"limit": 2, **({"cursor": cursor} if cursor else {})})
        ).json()
        seen += [user["login"] for user in page["items"]]
        cursor = page["next_cursor"]
        if not cursor:
            break
    assert seen == sorted(seen)
    assert len(seen) == len(set(seen))
    everyone = (await admin.api("GET", "/api/v1/users", params={"limit": 500})).json()["items"]
    assert seen == [user["login"] for user in everyone]


async def test_a_repeated_post_makes_one_user(admin: Browser) -> None:
    login = f"once.{uuid4().hex[:8]}"
    body = {"login": login, "name": "一次", "roles": [{"role": "employee"}]}
    answers = [
        await admin.api("POST", "/api/v1/users", json=body, headers={"idempotency-key": login}) for _ in range(2)
    ]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    assert (await admin.api("POST", "/api/v1/users", json=body)).status_code == 409


async def test_pages_of_administration_open_on_any_device(admin: Browser, new_user: NewUser) -> None:
    user = await new_user("hr", "manager")
    for path in ("/admin/users", f"/admin/users/{user.id}", "/admin/users/new", "/admin/roles", "/account"):
        for language in ("zh-CN", "en"):
            page = await admin.get(path, headers={"accept-language": language})
            assert page.status_code == 200, path
            assert "style=" not in page.text.split("<main", 1)[1].replace("zr-watermark", "")
            assert "onclick" not in page.text
