"""Acts on approvals: signing, handing over, adding signers, withdrawing, being away, drawing flows."""

from __future__ import annotations

from uuid import UUID

from tests.completeness.stage import Act, Acts, Person, Ready, Stage, api, form
from tests.factories.approvals import FACTS, KIND
from zhiren.approvals import CaseView, start
from zhiren.approvals.service import links
from zhiren.context import Actor
from zhiren.ids import new_id

#: another kind than the one that other acts ask for: its flow is drawn anew
DRAWN = "recruiting.offer"


async def case(stage: Stage, by: Person) -> CaseView:
    """A request that waits for HR."""
    async with stage.ctx() as ctx:
        actor = Actor(user_id=by.user_id, name="某人")
        return await start(ctx, KIND.name, new_id(), facts=FACTS, requested_by=actor)


def waiting(found: CaseView) -> UUID:
    return next(task.id for step in found.steps for task in step.tasks if task.state == "waiting")


def on_task(act: str, **fields: str) -> Act:
    async def do(stage: Stage) -> Ready:
        hr = await stage.as_role("hr")
        found = await case(stage, await stage.as_role("employee"))
        if "to" in fields:
            fields["to"] = str((await stage.as_role("manager")).user_id)
        return form(hr.client, f"/approvals/tasks/{waiting(found)}/{act}", **fields)

    return do


def on_case(act: str) -> Act:
    async def do(stage: Stage) -> Ready:
        await stage.as_role("hr")
        by = await stage.as_role("employee")
        return form(by.client, f"/approvals/{(await case(stage, by)).id}/{act}")

    return do


async def decide_api(stage: Stage) -> Ready:
    hr = await stage.as_role("hr")
    found = await case(stage, await stage.as_role("employee"))
    return api(hr.client, f"/api/v1/approvals/tasks/{waiting(found)}/decide", {"verdict": "approve"})


async def by_link(stage: Stage) -> Ready:
    hr = await stage.as_role("hr")
    found = await case(stage, await stage.as_role("employee"))
    async with stage.ctx() as ctx:
        path = links.path(ctx, waiting(found), hr.user_id)
    return form(await stage.stranger(), path, verdict="approve")


async def go_away(stage: Stage) -> Ready:
    to = str((await stage.as_role("manager")).user_id)
    client = (await stage.person("hr")).client
    return form(client, "/approvals/away", to=to, starts_on="2098-01-01", ends_on="2098-01-03")


async def come_back(stage: Stage) -> Ready:
    ready = await go_away(stage)
    await ready.client.post(ready.path, **ready.options)
    text = (await ready.client.get("/approvals/away", headers={"accept": "text/html"})).text
    found = text.split('action="/approvals/away/')[1].split("/")[0]
    return form(ready.client, f"/approvals/away/{found}/revoke")


def draw(act: str) -> Act:
    async def do(stage: Stage) -> Ready:
        client = (await stage.as_role("hr")).client
        text = (await client.get(f"/admin/approvals/{DRAWN}", headers={"accept": "text/html"})).text
        version = text.split('name="version" value="')[1].split('"')[0]
        return form(client, f"/admin/approvals/{DRAWN}", **{"do": act, "version": version, "s0.p0.g0.by": "managers"})

    return do


async def take_up(stage: Stage) -> Ready:
    ready = await draw("publish")(stage)
    await ready.client.post(ready.path, **ready.options)
    return form(ready.client, f"{ready.path}/versions/1/take-up")


ACTS: Acts = {
    "POST /admin/approvals/{kind}": draw("save"),
    "POST /admin/approvals/{kind}/versions/{number}/take-up": take_up,
    "POST /approvals/tasks/{task_id}/decide": on_task("decide", verdict="reject", comment="预算不够"),
    "POST /approvals/tasks/{task_id}/hand-over": on_task("hand-over", to=""),
    "POST /approvals/tasks/{task_id}/add-signer": on_task("add-signer", to="", place="after"),
    "POST /approvals/{case_id}/remind": on_case("remind"),
    "POST /approvals/{case_id}/withdraw": on_case("withdraw"),
    "POST /api/v1/approvals/tasks/{task_id}/decide": decide_api,
    "POST /a/{token}": by_link,
    "POST /approvals/away": go_away,
    "POST /approvals/away/{delegation_id}/revoke": come_back,
}
