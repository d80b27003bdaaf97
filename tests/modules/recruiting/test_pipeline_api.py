"""The pipeline by JSON: masked, paged, of one's own jobs, moved once and by who has read it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import httpx

from modules.recruiting.models import Application, Job
from tests.factories.recruiting import make_application, make_candidate, make_job
from zhiren.context import Context, TenantRef
from zhiren.db import Database
from zhiren.ids import new_id

LogIn = Callable[..., Awaitable[httpx.AsyncClient]]
API = "/api/v1/recruiting"


async def committed(database: Database, tenant: TenantRef, make: Callable[[Context], Awaitable[Any]]) -> Any:
    async with database.tenant(tenant) as ctx:
        return await make(ctx)


async def three(ctx: Context) -> tuple[Job, list[Application]]:
    job = await make_job(ctx)
    found = []
    for number in range(3):
        who = await make_candidate(ctx, name=f"欧阳{number}", mobile=f"1370000{new_id().int % 10**4:04d}")
        found.append(await make_application(ctx, job=job, candidate=who, stage="screening" if number else ""))
    return job, found


async def test_who_applied_page_by_page_and_masked(database: Database, tenant: TenantRef, login_as: LogIn) -> None:
    job, _applications = await committed(database, tenant, three)
    hr = await login_as("hr")
    path = f"{API}/jobs/{job.id}/applications"
    first = (await hr.get(path, params={"limit": 2})).json()
    rest = (await hr.get(path, params={"limit": 2, "cursor": first["next_cursor"]})).json()
    rows = first["items"] + rest["items"]
    assert sorted(row["candidate"]["name"] for row in rows) == ["欧阳0", "欧阳1", "欧阳2"]
    assert rest["next_cursor"] is None
    for row in rows:
        assert row["candidate"]["mobile"].startswith("137****")
        assert "*" in row["candidate"]["mail"]
    screened = (await hr.get(path, params={"stage": "screening"})).json()["items"]
    assert sorted(row["candidate"]["name"] for row in screened) == ["欧阳1", "欧阳2"]
    assert (await hr.get(path, params={"show": "ended"})).json()["items"] == []


async def test_anothers_job_is_not_there(database: Database, tenant: TenantRef, login_as: LogIn) -> None:
    job, (application, *_others) = await committed(database, tenant, three)
    manager = await login_as("manager")
    for answer in (
        await manager.get(f"{API}/jobs/{job.id}/applications"),
        await manager.get(f"{API}/applications/{application.id}"),
        await manager.post(
            f"{API}/applications/{application.id}/move", json={"stage": "interview"}, headers={"If-Match": "*"}
        ),
    ):
        assert answer.status_code == 404
        assert answer.headers["content-type"].startswith("application/problem+json")
        assert "欧阳" not in answer.text


async def test_moved_by_who_has_read_it_and_once(database: Database, tenant: TenantRef, login_as: LogIn) -> None:
    _job, (application, *_others) = await committed(database, tenant, three)
    hr = await login_as("hr")
    path = f"{API}/applications/{application.id}"
    read = await hr.get(path)
    assert read.json()["stage"] == "new"
    assert (await hr.post(f"{path}/move", json={"stage": "interview"})).status_code == 428
    headers = {"If-Match": read.headers["etag"], "Idempotency-Key": str(new_id())}
    assert (await hr.post(f"{path}/move", json={"stage": "nowhere"}, headers={"If-Match": "*"})).status_code == 409
    moved = await hr.post(f"{path}/move", json={"stage": "interview"}, headers=headers)
    assert (moved.status_code, moved.json()["stage"], moved.json()["stage_kind"]) == (200, "interview", "interview")
    assert moved.headers["etag"] != read.headers["etag"]
    again = await hr.post(f"{path}/move", json={"stage": "interview"}, headers=headers)
    assert again.json() == moved.json()
    stale = await hr.post(f"{path}/move", json={"stage": "offer"}, headers={"If-Match": read.headers["etag"]})
    assert stale.status_code == 412
    assert (await hr.post(f"{path}/move", json={"stage": ""}, headers={"If-Match": "*"})).status_code == 400
