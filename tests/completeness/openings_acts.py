"""Acts on requisitions, jobs and their plans, headcount, channels, agencies, batches."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec

from modules.recruiting.models import Job
from modules.recruiting.rules.stages import DEFAULT
from modules.recruiting.service import channels, screenings
from tests.completeness.stage import Act, Acts, Ready, Stage, api, form
from tests.factories.records import company, granted
from tests.factories.recruiting import make_application, make_job
from zhiren.clock import today
from zhiren.context import Context
from zhiren.ids import new_id

MANAGER = granted("recruiting.manage")
PAGES, API = "/recruiting", "/api/v1/recruiting"


async def a_unit(ctx: Context) -> UUID:
    return (await company(ctx)).units["总部"].id


async def wish(stage: Stage) -> dict[str, Any]:
    return {"title": "工程师", "unit_id": str(await stage.in_tenant(a_unit)), "headcount": 1}


async def job_fields(stage: Stage) -> dict[str, Any]:
    owner = (await stage.as_role("hr")).user_id
    return {"title": "工程师", "unit_id": str(await stage.in_tenant(a_unit)), "owner_id": str(owner), "headcount": 1}


def on_requisition(path: str, *, json: bool = False, submitted: bool = False) -> Act:
    async def act(stage: Stage) -> Ready:
        person, fields = await stage.as_role("hr"), await wish(stage)
        # somebody else who can sign
        await stage.person("hr", logged_in=False)
        place = (await person.client.post(f"{PAGES}/requisitions", data=fields)).headers["location"]
        if submitted:
            await person.client.post(f"{place}/submit")
        if json:
            return api(person.client, f"/api/v1{place}{path}")
        return form(person.client, f"{place}{path}", **fields)

    return act


def on_job(path: str, *, json: bool = False, fields: dict[str, str] | None = None) -> Act:
    async def act(stage: Stage) -> Ready:
        person = await stage.as_role("hr")
        job = await stage.in_tenant(lambda ctx: make_job(ctx, state="draft", duties="写代码", rules=RULES))
        await stage.in_tenant(lambda ctx: make_application(ctx, job=job))
        place = f"{API if json else PAGES}/jobs/{job.id}{path}"
        if json:
            return api(person.client, place)
        return form(person.client, place, **({"version": str(job.version)} | (fields or {})))

    return act


RULES = [{"code": "k1", "name": "", "field": "years", "op": "at_least", "value": "99", "effect": "set_aside"}]
_STAGES = {
    f"stage.{at}.{name}": str(value)
    for at, stage in enumerate(DEFAULT)
    for name, value in msgspec.to_builtins(stage).items()
}


async def create_requisition(stage: Stage) -> Ready:
    return form((await stage.as_role("hr")).client, f"{PAGES}/requisitions", **await wish(stage))


async def create_requisition_api(stage: Stage) -> Ready:
    return api((await stage.as_role("hr")).client, f"{API}/requisitions", await wish(stage))


async def create_job(stage: Stage) -> Ready:
    return form((await stage.as_role("hr")).client, f"{PAGES}/jobs", **await job_fields(stage))


async def create_job_api(stage: Stage) -> Ready:
    return api((await stage.as_role("hr")).client, f"{API}/jobs", await job_fields(stage))


async def update_job(stage: Stage) -> Ready:
    job = await stage.in_tenant(make_job)
    fields = await job_fields(stage)
    return form((await stage.as_role("hr")).client, f"{PAGES}/jobs/{job.id}/edit", version=str(job.version), **fields)


async def update_job_api(stage: Stage) -> Ready:
    job = await stage.in_tenant(make_job)
    headers = {"If-Match": f'"v{job.version}"'}
    return api((await stage.as_role("hr")).client, f"{API}/jobs/{job.id}", await job_fields(stage), **headers)


async def reveal_job(stage: Stage) -> Ready:
    person = await stage.person("hr", "payroll")
    job = await stage.in_tenant(make_job)
    return form(person.client, f"{PAGES}/jobs/{job.id}/reveal-pay")


async def undo_rules(stage: Stage) -> Ready:
    person = await stage.as_role("hr")
    job: Job = await stage.in_tenant(make_job)

    async def screened(ctx: Context) -> None:
        again = await ctx.session.get_one(Job, job.id)
        await make_application(ctx, job=again)
        again.rules = RULES
        await screenings.run(ctx.with_actor(MANAGER), job.id)

    await stage.in_tenant(screened)
    return form(person.client, f"{PAGES}/jobs/{job.id}/rules/undo")


async def save_headcount(stage: Stage) -> Ready:
    fields = {"unit_id": str(await stage.in_tenant(a_unit)), "planned": "3", "year": str(today().year)}
    return form((await stage.as_role("hr")).client, f"{PAGES}/headcount", **fields)


def _name() -> str:
    return f"名称 {new_id().hex[-8:]}"


def saved(path: str, **fields: str) -> Act:
    async def act(stage: Stage) -> Ready:
        return form((await stage.as_role("hr")).client, f"{PAGES}{path}", name=_name(), **fields)

    return act


async def channel_cost(stage: Stage) -> Ready:
    found = await stage.in_tenant(lambda ctx: channels.save_channel(ctx, None, name=_name(), kind="board"))
    return form((await stage.as_role("hr")).client, f"{PAGES}/channels/{found.id}/cost", month="2026-09", amount="100")


def on_agency(path: str, *, member: bool = False, **fields: str) -> Act:
    async def act(stage: Stage) -> Ready:
        mail = f"{new_id().hex}@agency.test"

        async def make(ctx: Context) -> tuple[UUID, UUID]:
            agency = await channels.save_agency(ctx, None, name=_name(), terms="", ownership_days=90)
            return agency.id, (await channels.add_member(ctx, agency.id, name="顾问", mail=mail)).id

        agency_id, member_id = await stage.in_tenant(make)
        place = f"{PAGES}/agencies/{agency_id}{path}" + (f"/{member_id}" if member else "")
        return form((await stage.as_role("hr")).client, place, **({"mail": f"x{mail}"} | fields))

    return act


ACTS: Acts = {
    f"POST {PAGES}/requisitions": create_requisition,
    f"POST {PAGES}/requisitions/{{requisition_id}}/edit": on_requisition("/edit"),
    f"POST {PAGES}/requisitions/{{requisition_id}}/submit": on_requisition("/submit"),
    f"POST {PAGES}/requisitions/{{requisition_id}}/withdraw": on_requisition("/withdraw", submitted=True),
    f"POST {PAGES}/requisitions/{{requisition_id}}/reveal-pay": on_requisition("/reveal-pay"),
    f"POST {PAGES}/headcount": save_headcount,
    f"POST {PAGES}/jobs": create_job,
    f"POST {PAGES}/jobs/{{job_id}}/edit": update_job,
    f"POST {PAGES}/jobs/{{job_id}}/state/{{verb}}": on_job("/state/open"),
    f"POST {PAGES}/jobs/{{job_id}}/reveal-pay": reveal_job,
    f"POST {PAGES}/jobs/{{job_id}}/stages": on_job("/stages", fields=_STAGES),
    f"POST {PAGES}/jobs/{{job_id}}/questions": on_job("/questions", fields={"question.0.text": "能否倒班？"}),
    f"POST {PAGES}/jobs/{{job_id}}/rounds": on_job(
        "/rounds", fields={"round.0.name": "初试", "round.0.duration_min": "30"}
    ),
    f"POST {PAGES}/jobs/{{job_id}}/rules": on_job(
        "/rules",
        fields={"rule.0.field": "years", "rule.0.op": "at_least", "rule.0.value": "3", "reason": "要能独立干活"},
    ),
    f"POST {PAGES}/jobs/{{job_id}}/rules/run": on_job("/rules/run"),
    f"POST {PAGES}/jobs/{{job_id}}/rules/undo": undo_rules,
    f"POST {PAGES}/channels": saved("/channels", kind="board"),
    f"POST {PAGES}/channels/{{channel_id}}/cost": channel_cost,
    f"POST {PAGES}/agencies": saved("/agencies"),
    f"POST {PAGES}/agencies/{{agency_id}}/members": on_agency("/members", member_name="王顾问"),
    f"POST {PAGES}/agencies/{{agency_id}}/members/{{member_id}}": on_agency("/members", member=True),
    f"POST {PAGES}/agencies/{{agency_id}}/jobs": on_agency("/jobs"),
    f"POST {PAGES}/batches": saved("/batches", kind="campus", starts_on="2026-09-01", ends_on="2026-10-31"),
    f"POST {API}/requisitions": create_requisition_api,
    f"POST {API}/requisitions/{{requisition_id}}/{{act}}": on_requisition("/submit", json=True),
    f"POST {API}/jobs": create_job_api,
    f"PATCH {API}/jobs/{{job_id}}": update_job_api,
    f"POST {API}/jobs/{{job_id}}/{{act}}": on_job("/open", json=True),
}
