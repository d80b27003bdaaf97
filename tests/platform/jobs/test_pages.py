"""People watch, stop and retry their jobs."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from uuid import UUID

import httpx
import pytest
from sqlalchemy import delete, select, update

from ops.hosted import Hosted
from tests.platform.jobs.conftest import Mailbox
from tests.platform.jobs.test_jobs import chunks, fault, note
from zhiren.auth.models import Session, User
from zhiren.context import Actor, Context, TenantRef
from zhiren.ids import new_id
from zhiren.jobs import Job, JobDefinition, enqueue, stream
from zhiren.jobs.executor import execute
from zhiren.jobs.relay import Relay
from zhiren.jobs.runtime import runtime_of

LogIn = Callable[..., Awaitable[httpx.AsyncClient]]


async def ask(parts: Hosted, tenant: TenantRef, login: str, job: JobDefinition[...], **args: object) -> UUID:
    async with parts.database.tenant(tenant) as ctx:
        user = (await ctx.session.execute(select(User).where(User.login == login))).scalar_one()
        actor = Actor(user_id=user.id, name=user.name)
        return await enqueue(ctx.with_actor(actor), job, args, label="2026年5月", url="/payroll/runs/1")


async def run_all(parts: Hosted, tenant: TenantRef) -> None:
    runtime, mailbox = runtime_of(parts), Mailbox()
    await Relay(runtime, mailbox).hand_out(tenant)
    for job_id in mailbox.take():
        await execute(runtime, tenant, job_id)


async def test_list_and_detail(login_as: LogIn, parts: Hosted, tenant: TenantRef) -> None:
    hr = await login_as("hr", login="jobs-hr")
    colleague = await login_as("payroll")
    admin = await login_as("admin")
    job_id = await ask(parts, tenant, "jobs-hr", note, key="page")
    listed = await hr.get("/jobs")
    assert listed.status_code == 200
    assert "记一笔" in listed.text
    assert "2026年5月" in listed.text
    waiting = await hr.get(f"/jobs/{job_id}")
    assert f"/jobs/{job_id}/events" in waiting.text, "it is watched live"
    assert (await colleague.get(f"/jobs/{job_id}")).status_code == 404
    assert "记一笔" not in (await colleague.get("/jobs")).text
    assert (await admin.get(f"/jobs/{job_id}")).status_code == 200
    await run_all(parts, tenant)
    done = await hr.get(f"/jobs/{job_id}")
    assert "已完成" in done.text
    assert "/payroll/runs/1" in done.text


async def test_api(login_as: LogIn, parts: Hosted, tenant: TenantRef) -> None:
    hr = await login_as("hr", login="jobs-api")
    colleague = await login_as("hr")
    ids = [await ask(parts, tenant, "jobs-api", note, key=f"api{index}") for index in range(3)]
    first = (await hr.get("/api/v1/jobs", params={"limit": 2})).json()
    assert [row["id"] for row in first["items"]] == [str(ids[2]), str(ids[1])]
    second = (await hr.get("/api/v1/jobs", params={"limit": 2, "cursor": first["next_cursor"]})).json()
    assert [row["id"] for row in second["items"]] == [str(ids[0])]
    assert second["next_cursor"] is None
    assert (await hr.get("/api/v1/jobs", params={"cursor": "junk"})).status_code == 422
    assert (await hr.get("/api/v1/jobs", params={"limit": 0})).status_code == 422
    assert (await colleague.post(f"/api/v1/jobs/{ids[0]}/cancel")).status_code == 404
    cancelled = await hr.post(f"/api/v1/jobs/{ids[0]}/cancel")
    assert (cancelled.status_code, cancelled.json()["state"]) == (200, "cancelled")
    again = await hr.post(f"/api/v1/jobs/{ids[0]}/cancel")
    assert (again.status_code, again.json()["code"]) == (409, "jobs.not_cancellable")
    retried = await hr.post(f"/api/v1/jobs/{ids[0]}/retry")
    assert (retried.status_code, retried.json()["state"]) == (200, "queued")
    assert (await hr.get("/api/v1/jobs", params={"status": "queued"})).json()["items"]


async def test_failed_job_shows_words_and_a_way_on(login_as: LogIn, parts: Hosted, tenant: TenantRef) -> None:
    hr = await login_as("hr", login="jobs-fault")
    job_id = await ask(parts, tenant, "jobs-fault", chunks, key="page-cancel")
    assert (await hr.post(f"/jobs/{job_id}/cancel")).status_code == 303
    page = await hr.get(f"/jobs/{job_id}")
    assert "已停止" in page.text
    assert f"/jobs/{job_id}/retry" in page.text
    assert (await hr.post(f"/jobs/{job_id}/retry", headers={"hx-request": "true"})).status_code == 204
    assert fault.name


async def events_of(
    client: httpx.AsyncClient, path: str, **headers: str
) -> AsyncIterator[tuple[str, dict[str, object]]]:
    async with client.stream("GET", path, headers={"accept": "text/event-stream", **headers}) as answer:
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        event_id = ""
        async for line in answer.aiter_lines():
            if line.startswith("id:"):
                event_id = line.removeprefix("id:").strip()
            elif line.startswith("data:"):
                yield event_id, json.loads(line.removeprefix("data:"))


async def test_stream_ends_with_the_job(
    login_as: LogIn, parts: Hosted, tenant: TenantRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    hr = await login_as("hr", login="jobs-sse")
    job_id = await ask(parts, tenant, "jobs-sse", note, key="sse")
    await run_all(parts, tenant)
    seen = [event async for event in events_of(hr, f"/jobs/{job_id}/events")]
    assert [data["state"] for _, data in seen] == ["succeeded"]
    assert seen[0][1]["percent"] == 100
    # connected again after the end: told the end again, so that no page waits for ever
    again = [event async for event in events_of(hr, f"/jobs/{job_id}/events", **{"last-event-id": seen[0][0]})]
    assert [data["state"] for _, data in again] == ["succeeded"]


async def test_stream_tells_changes_only(parts: Hosted, tenant: TenantRef) -> None:
    async with parts.database.tenant(tenant) as ctx:
        actor = Actor(user_id=tenant_user(), name="林晓")
        job_id = await enqueue(ctx.with_actor(actor), note, {"key": "sse2"})
    told = []
    watching = stream.progress_events(parts.database, ctx.with_actor(actor), job_id, again=still_there)
    first = await anext(watching)
    told.append(json.loads(str(first.data))["state"])
    await run_all(parts, tenant)
    told += [json.loads(str(message.data))["state"] async for message in watching]
    assert told == ["queued", "succeeded"]
    resumed = stream.progress_events(
        parts.database, ctx.with_actor(actor), job_id, again=still_there, seen=str(first.id)
    )
    assert [json.loads(str(message.data))["state"] async for message in resumed] == ["succeeded"]


async def still_there(ctx: Context) -> Actor | None:
    return ctx.actor


@pytest.mark.parametrize("how", ["revoked", "disabled", "another's by now"])
async def test_a_stream_ends_with_the_session(login_as: LogIn, parts: Hosted, tenant: TenantRef, how: str) -> None:
    login = f"jobs-{new_id().hex[-8:]}"
    await login_as("hr", login=login)
    job_id = await ask(parts, tenant, login, note, key=login)
    async with parts.database.tenant(tenant) as ctx:
        session = (await ctx.session.scalars(select(Session).join(User).where(User.login == login))).one()
        user = await ctx.session.get_one(User, session.user_id)
        watcher = ctx.with_actor(Actor(user_id=user.id, name=user.name, session_id=session.id))
    watching = stream.progress_events(parts.database, watcher, job_id, again=parts.authenticator.again)
    assert json.loads(str((await anext(watching)).data))["state"] == "queued"
    async with parts.database.tenant(tenant) as ctx:
        if how == "revoked":
            await ctx.session.execute(delete(Session).where(Session.id == session.id))
        elif how == "disabled":
            await ctx.session.execute(update(User).where(User.id == user.id).values(status="disabled"))
        else:
            await ctx.session.execute(update(Job).where(Job.id == job_id).values(requested_by_id=new_id()))
    rest = [message async for message in watching]
    assert not [message for message in rest if message.data], "nothing is told after that"


def tenant_user() -> UUID:
    return UUID("01900000-0000-7000-8000-0000000000aa")


async def test_strangers_and_others_see_no_stream(
    client: httpx.AsyncClient, login_as: LogIn, parts: Hosted, tenant: TenantRef
) -> None:
    colleague = await login_as("hr")
    await login_as("hr", login="jobs-owner")
    job_id = await ask(parts, tenant, "jobs-owner", note, key="own")
    assert (await colleague.get(f"/jobs/{job_id}/events")).status_code == 404
    assert (await client.get(f"/jobs/{job_id}/events")).status_code in {303, 401}
