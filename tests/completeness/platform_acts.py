"""Acts on log-ins, roles, sessions, jobs, modules and the audit trail itself."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pyotp
from sqlalchemy import select, update

from licensing.development import PRIVATE_KEY
from licensing.document import Licence, sign
from tests.application import PASSWORD
from tests.completeness.stage import Act, Acts, Person, Ready, Stage, api, form
from zhiren.audit import AuditEvent, record
from zhiren.auth.models import ApiToken, Session, User
from zhiren.auth.service import accounts, second_factor
from zhiren.context import Context
from zhiren.ids import new_id
from zhiren.jobs.models import Job

NEW_PASSWORD = "another staple, another horse 7"


async def version_of(client: Any, path: str) -> str:
    return str((await client.get(path)).headers["etag"])


# ---- logging in and out


async def log_in_form(stage: Stage) -> Ready:
    person, client = await stage.person("employee", logged_in=False), await stage.stranger()
    return form(client, "/login", login=person.login, password=PASSWORD)


async def log_in_api(stage: Stage) -> Ready:
    person, client = await stage.person("employee", logged_in=False), await stage.stranger()
    return api(client, "/api/v1/session", {"login": person.login, "password": PASSWORD})


async def with_second_factor(stage: Stage, *, confirmed: bool = True) -> Person:
    person = await stage.person("admin")

    async def begin(ctx: Context) -> str:
        user = (await ctx.session.scalars(select(User).where(User.id == person.user_id))).one()
        await second_factor.begin(ctx, user)
        return user.totp_secret or ""

    person.secret = await stage.in_tenant(begin)
    if confirmed:
        await stage.in_tenant(
            lambda ctx: ctx.session.execute(
                update(User).where(User.id == person.user_id).values(totp_enabled_at=datetime.now(UTC))
            )
        )
    return person


def code(person: Person) -> str:
    return pyotp.TOTP(person.secret).now()


async def log_in_code(stage: Stage) -> Ready:
    person, client = await with_second_factor(stage), await stage.stranger()
    await client.post("/login", data={"login": person.login, "password": PASSWORD})
    stage.renew(client)
    return form(client, "/login/code", code=code(person))


async def log_in_new_password(stage: Stage) -> Ready:
    person, client = await stage.person("employee", logged_in=False), await stage.stranger()
    await stage.in_tenant(
        lambda ctx: ctx.session.execute(update(User).where(User.id == person.user_id).values(must_change_password=True))
    )
    await client.post("/login", data={"login": person.login, "password": PASSWORD})
    stage.renew(client)
    return form(client, "/login/new-password", new_password=NEW_PASSWORD, again=NEW_PASSWORD)


async def log_in_link(stage: Stage) -> Ready:
    person, client = await stage.person("employee", logged_in=False), await stage.stranger()
    secret = await stage.in_tenant(lambda ctx: accounts.reset_link(ctx, person.user_id))
    return form(client, f"/login/link/{secret}", new_password=NEW_PASSWORD, again=NEW_PASSWORD)


async def log_out(stage: Stage) -> Ready:
    return form((await stage.person("employee")).client, "/logout")


async def log_out_api(stage: Stage) -> Ready:
    return api((await stage.person("employee")).client, "/api/v1/session")


async def confirm_form(stage: Stage) -> Ready:
    return form((await stage.person("employee")).client, "/reauth", password=PASSWORD, draft="")


async def confirm_api(stage: Stage) -> Ready:
    client = (await stage.person("employee")).client
    return api(client, "/api/v1/session/reauthenticate", {"password": PASSWORD})


# ---- one's own account


async def change_password(stage: Stage) -> Ready:
    client = (await stage.person("employee")).client
    fields = {"current_password": PASSWORD, "new_password": NEW_PASSWORD, "again": NEW_PASSWORD}
    return form(client, "/account/password", **fields)


async def confirm_second_factor(stage: Stage) -> Ready:
    person = await with_second_factor(stage, confirmed=False)
    return form(person.client, "/account/second-factor/confirm", code=code(person))


async def disable_second_factor(stage: Stage) -> Ready:
    person = await with_second_factor(stage)
    return form(person.client, "/account/second-factor/disable", password=PASSWORD, code=code(person))


async def recovery_codes(stage: Stage) -> Ready:
    return form((await with_second_factor(stage)).client, "/account/second-factor/recovery-codes")


async def revoke_others(stage: Stage) -> Ready:
    person = await stage.person("employee")
    await open_another(stage, person)
    return form(person.client, "/account/sessions/revoke-others")


async def revoke_one(stage: Stage) -> Ready:
    person = await stage.person("employee")
    return form(person.client, f"/account/sessions/{await open_another(stage, person)}/revoke")


async def open_another(stage: Stage, person: Person) -> UUID:
    client = await stage.stranger()
    await client.post("/login", data={"login": person.login, "password": PASSWORD})

    async def newest(ctx: Context) -> Any:
        of_person = select(Session.id).where(Session.user_id == person.user_id)
        return await ctx.session.scalar(of_person.order_by(Session.created_at.desc()).limit(1))

    found: UUID = await stage.in_tenant(newest)
    return found


# ---- other people's accounts, roles


async def create_user(stage: Stage) -> Ready:
    client = (await stage.as_role("admin")).client
    return form(client, "/admin/users", login=f"n-{new_id().hex[-12:]}", name="新人", role="employee")


async def create_user_api(stage: Stage) -> Ready:
    client = (await stage.as_role("admin")).client
    body = {"login": f"n-{new_id().hex[-12:]}", "name": "新人", "roles": [{"role": "employee"}]}
    return api(client, "/api/v1/users", body)


async def update_user(stage: Stage) -> Ready:
    other = await stage.person("employee")
    fields = {"name": "改名", "status": "active", "role": "employee"}
    return form((await stage.as_role("admin")).client, f"/admin/users/{other.user_id}", **fields)


TOKEN = {"name": "报表", "days": "30", "permission": ["auth.users.manage"]}


async def create_token(stage: Stage) -> Ready:
    return form((await stage.as_role("admin")).client, "/account/tokens", **TOKEN)


async def a_token(stage: Stage) -> tuple[Person, UUID]:
    person = await stage.person("admin")
    assert (await person.client.post("/account/tokens", data=TOKEN)).status_code == 200
    found = select(ApiToken.id).where(ApiToken.user_id == person.user_id)
    return person, await stage.in_tenant(lambda ctx: ctx.session.scalar(found))


async def revoke_token(stage: Stage) -> Ready:
    person, token_id = await a_token(stage)
    return form(person.client, f"/account/tokens/{token_id}/revoke")


async def revoke_token_of(stage: Stage) -> Ready:
    person, token_id = await a_token(stage)
    path = f"/admin/users/{person.user_id}/tokens/{token_id}/revoke"
    return form((await stage.as_role("admin")).client, path)


async def update_user_api(stage: Stage) -> Ready:
    client, path = (await stage.as_role("admin")).client, f"/api/v1/users/{(await stage.person('employee')).user_id}"
    return api(client, path, {"name": "改名"}, **{"if-match": await version_of(client, path)})


def on_user(pattern: str, prepare: Callable[[Stage], Any] | None = None) -> Act:
    """An administrator's act on somebody else that needs nothing but the address."""

    async def act(stage: Stage) -> Ready:
        other = await (prepare(stage) if prepare else stage.person("employee"))
        return Ready((await stage.as_role("admin")).client, pattern.format(id=other.user_id))

    return act


async def locked_out(stage: Stage) -> Person:
    person, client = await stage.person("employee"), await stage.stranger()
    for _ in range(12):
        answer = await client.post("/login", data={"login": person.login, "password": "wrong"})
        if answer.status_code == 429:
            break
    return person


async def new_role(stage: Stage) -> Any:
    body = {"code": f"r{new_id().hex[-8:]}", "title": "自定角色"}
    return (await (await stage.as_role("admin")).client.post("/api/v1/roles", json=body)).json()


async def create_role(stage: Stage) -> Ready:
    return form((await stage.as_role("admin")).client, "/admin/roles", code=f"r{new_id().hex[-8:]}", title="自定角色")


async def create_role_api(stage: Stage) -> Ready:
    body = {"code": f"r{new_id().hex[-8:]}", "title": "自定角色"}
    return api((await stage.as_role("admin")).client, "/api/v1/roles", body)


async def update_role(stage: Stage) -> Ready:
    path = f"/admin/roles/{(await new_role(stage))['id']}"
    return form((await stage.as_role("admin")).client, path, title="改名", description="")


async def update_role_api(stage: Stage) -> Ready:
    client, path = (await stage.as_role("admin")).client, f"/api/v1/roles/{(await new_role(stage))['id']}"
    return api(client, path, {"title": "改名"}, **{"if-match": await version_of(client, path)})


async def delete_role(stage: Stage) -> Ready:
    return form((await stage.as_role("admin")).client, f"/admin/roles/{(await new_role(stage))['id']}/delete")


async def delete_role_api(stage: Stage) -> Ready:
    return api((await stage.as_role("admin")).client, f"/api/v1/roles/{(await new_role(stage))['id']}")


# ---- jobs, licence and modules, the trail itself


def on_job(pattern: str, state: str) -> Act:
    async def act(stage: Stage) -> Ready:
        job_id = new_id()

        async def make(ctx: Context) -> None:
            ctx.session.add(Job(id=job_id, name="records.import.commit", args={}, state=state))

        await stage.in_tenant(make)
        return Ready((await stage.as_role("admin")).client, pattern.format(id=job_id))

    return act


def licence_text(stage: Stage) -> str:
    modules = tuple(sorted(module.name for module in stage.parts.modules))
    licence = Licence(
        id=new_id(),
        customer=stage.tenant.name,
        tenant=stage.tenant.id,
        modules=modules,
        seats=1_000_000,
        valid_from=date(2020, 1, 1),
        valid_until=date(2099, 12, 31),
        issued_at=datetime.now(UTC),
    )
    return sign(licence, PRIVATE_KEY)


async def install_licence(stage: Stage) -> Ready:
    return form((await stage.as_role("admin")).client, "/admin/licence", text=licence_text(stage))


async def install_licence_api(stage: Stage) -> Ready:
    return api((await stage.as_role("admin")).client, "/api/v1/licence", {"text": licence_text(stage)})


def last_module(stage: Stage) -> str:
    """One that no other needs."""
    needed = {name for module in stage.parts.modules for name in module.requires}
    return next(module.name for module in stage.parts.modules if module.name not in needed)


async def module_off(stage: Stage) -> Ready:
    return form((await stage.as_role("admin")).client, f"/admin/modules/{last_module(stage)}/off")


async def module_on(stage: Stage) -> Ready:
    client = (await stage.as_role("admin")).client
    await client.post(f"/admin/modules/{last_module(stage)}/off")
    return form(client, f"/admin/modules/{last_module(stage)}/on")


async def module_switch(stage: Stage) -> Ready:
    client, path = (await stage.as_role("admin")).client, f"/api/v1/modules/{last_module(stage)}"
    await client.put(path, json={"enabled": False})
    return api(client, path, {"enabled": True})


async def verify_chain(stage: Stage) -> Ready:
    return form((await stage.as_role("admin")).client, "/audit/verify")


async def verify_chain_api(stage: Stage) -> Ready:
    return api((await stage.as_role("admin")).client, "/api/v1/audit/chain/verify")


def reveal(pattern: str) -> Act:
    async def act(stage: Stage) -> Ready:
        async def make(ctx: Context) -> UUID:
            record(ctx, "a.b.update", object_type="a.b", object_id="1", changes={"id_number": ("1", "2")})
            newest = select(AuditEvent.id).order_by(AuditEvent.position.desc()).limit(1)
            await ctx.session.flush()
            return (await ctx.session.scalars(newest)).one()

        event_id = await stage.in_tenant(make)
        # the trail is the administrator's, the field class the personnel officer's: here somebody holds both
        return Ready((await stage.person("admin", "hr")).client, pattern.format(id=event_id))

    return act


ACTS: Acts = {
    "POST /login": log_in_form,
    "POST /login/code": log_in_code,
    "POST /login/new-password": log_in_new_password,
    "POST /login/link/{secret}": log_in_link,
    "POST /logout": log_out,
    "POST /api/v1/session": log_in_api,
    "DELETE /api/v1/session": log_out_api,
    "POST /reauth": confirm_form,
    "POST /api/v1/session/reauthenticate": confirm_api,
    "POST /account/password": change_password,
    "POST /account/second-factor/confirm": confirm_second_factor,
    "POST /account/second-factor/disable": disable_second_factor,
    "POST /account/second-factor/recovery-codes": recovery_codes,
    "POST /account/sessions/revoke-others": revoke_others,
    "POST /account/sessions/{session_id}/revoke": revoke_one,
    "POST /account/tokens": create_token,
    "POST /account/tokens/{token_id}/revoke": revoke_token,
    "POST /admin/users/{user_id}/tokens/{token_id}/revoke": revoke_token_of,
    "POST /admin/users": create_user,
    "POST /api/v1/users": create_user_api,
    "POST /admin/users/{user_id}": update_user,
    "PATCH /api/v1/users/{user_id}": update_user_api,
    "POST /admin/users/{user_id}/password-link": on_user("/admin/users/{id}/password-link"),
    "POST /api/v1/users/{user_id}/password-link": on_user("/api/v1/users/{id}/password-link"),
    "POST /admin/users/{user_id}/reset-second-factor": on_user(
        "/admin/users/{id}/reset-second-factor", with_second_factor
    ),
    "POST /api/v1/users/{user_id}/reset-second-factor": on_user(
        "/api/v1/users/{id}/reset-second-factor", with_second_factor
    ),
    "POST /admin/users/{user_id}/unlock": on_user("/admin/users/{id}/unlock", locked_out),
    "POST /admin/users/{user_id}/sign-out": on_user("/admin/users/{id}/sign-out"),
    "DELETE /api/v1/users/{user_id}/sessions": on_user("/api/v1/users/{id}/sessions"),
    "POST /admin/roles": create_role,
    "POST /api/v1/roles": create_role_api,
    "POST /admin/roles/{role_id}": update_role,
    "PATCH /api/v1/roles/{role_id}": update_role_api,
    "POST /admin/roles/{role_id}/delete": delete_role,
    "DELETE /api/v1/roles/{role_id}": delete_role_api,
    "POST /jobs/{job_id}/cancel": on_job("/jobs/{id}/cancel", "queued"),
    "POST /api/v1/jobs/{job_id}/cancel": on_job("/api/v1/jobs/{id}/cancel", "queued"),
    "POST /jobs/{job_id}/retry": on_job("/jobs/{id}/retry", "failed"),
    "POST /api/v1/jobs/{job_id}/retry": on_job("/api/v1/jobs/{id}/retry", "failed"),
    "POST /admin/licence": install_licence,
    "POST /api/v1/licence": install_licence_api,
    "POST /admin/modules/{name}/off": module_off,
    "POST /admin/modules/{name}/on": module_on,
    "PUT /api/v1/modules/{name}": module_switch,
    "POST /audit/verify": verify_chain,
    "POST /api/v1/audit/chain/verify": verify_chain_api,
    "POST /audit/{event_id}/reveal": reveal("/audit/{id}/reveal"),
    "POST /api/v1/audit/{event_id}/reveal": reveal("/api/v1/audit/{id}/reveal"),
}
