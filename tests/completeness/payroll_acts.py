"""Acts on pay: settings, terms, runs from opening to publishing, corrections."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from tests.completeness.stage import Act, Acts, Ready, Stage, api, form
from tests.factories.payroll import Payroll
from tests.factories.payroll import payroll as make_payroll
from zhiren.ids import new_id

PAGES, API = "/payroll", "/api/v1/payroll"


@dataclass
class Scene:
    """An employer of its own with one person, and a run that has come as far as was asked."""

    payroll: Payroll
    employee_id: UUID
    run_id: UUID | None

    @property
    def group(self) -> str:
        return str(self.payroll.group_id)


async def scene(stage: Stage, *, upto: str = "") -> Scene:
    payroll = await make_payroll(stage.parts.database, stage.tenant)
    employee_id = await payroll.hire(f"P{new_id().hex[-10:]}", "某人")
    await payroll.terms(employee_id)
    found = Scene(payroll, employee_id, None)
    if upto:
        found.run_id = run_id = await payroll.open(3)
        steps: tuple[tuple[str, Callable[[UUID], Awaitable[Any]]], ...] = (
            ("calculated", payroll.calculate),
            ("reviewed", payroll.review),
            ("closed", payroll.close),
        )
        reached = ("open", "calculated", "reviewed", "closed").index(upto)
        for _name, step in steps[:reached]:
            await step(run_id)
    return found


def on_run(path: str, upto: str, *, json: bool, body: Any = None, method_fields: dict[str, str] | None = None) -> Act:
    """An act on a run that has come as far as ``upto``."""

    async def act(stage: Stage) -> Ready:
        client = (await stage.as_role("payroll")).client
        found = await scene(stage, upto=upto)
        names = {"run": found.run_id, "employee": found.employee_id}
        place = (API if json else PAGES) + path.format(**names)
        if json:
            return api(client, place, body)
        return form(client, place, **{k: v.format(**names) for k, v in (method_fields or {}).items()})

    return act


async def begin(stage: Stage) -> Ready:
    async with stage.ctx() as ctx:
        from modules.records.schemas import LegalEntityCreate
        from modules.records.service import organisation
        from tests.factories.payroll import OFFICER

        entity = LegalEntityCreate(name=f"新公司 {new_id().hex[-8:]}", city="北京")
        await organisation.create_legal_entity(ctx.with_actor(OFFICER), entity)
    return form((await stage.as_role("payroll")).client, "/payroll/begin")


async def open_run(stage: Stage) -> Ready:
    found = await scene(stage)
    return form((await stage.as_role("payroll")).client, "/payroll/runs", group_id=found.group, month="2026-03")


async def open_run_api(stage: Stage) -> Ready:
    found = await scene(stage)
    body = {"group_id": found.group, "year": 2026, "month": 3}
    return api((await stage.as_role("payroll")).client, f"{API}/runs", body)


async def correction_api(stage: Stage) -> Ready:
    found = await scene(stage, upto="closed")
    body = {"employee_ids": [str(found.employee_id)], "reason": "漏发", "pay_on": "2026-03-31"}
    return api((await stage.as_role("payroll")).client, f"{API}/runs/{found.run_id}/corrections", body)


def item(kind: str = "earning") -> dict[str, str]:
    code = f"i{new_id().hex[-8:]}"
    return {"code": code, "name": f"项目_{code}", "kind": kind, "valid_from": "2026-01-01"}


async def save_item(stage: Stage) -> Ready:
    return form((await stage.as_role("payroll")).client, "/payroll/items", **item())


async def save_item_api(stage: Stage) -> Ready:
    return api((await stage.as_role("payroll")).client, f"{API}/items", item())


async def new_item(stage: Stage) -> str:
    client = (await stage.as_role("payroll")).client
    return str((await client.post(f"{API}/items", json=item())).json()["id"])


async def end_item(stage: Stage) -> Ready:
    client = (await stage.as_role("payroll")).client
    return form(client, f"/payroll/items/{await new_item(stage)}/end", last_day="2026-12-31")


async def end_item_api(stage: Stage) -> Ready:
    client = (await stage.as_role("payroll")).client
    return api(client, f"{API}/items/{await new_item(stage)}/end", {"last_day": "2026-12-31"})


async def save_group(stage: Stage) -> Ready:
    name = f"组 {new_id().hex[-8:]}"
    return form((await stage.as_role("payroll")).client, "/payroll/groups", name=name, pay_day="8")


async def save_group_api(stage: Stage) -> Ready:
    body = {"name": f"组 {new_id().hex[-8:]}", "pay_day": 8}
    return api((await stage.as_role("payroll")).client, f"{API}/groups", body)


async def save_terms(stage: Stage) -> Ready:
    found = await scene(stage)
    fields = {"group_id": found.group, "valid_from": "2026-01-01", "amounts.monthly_wage": "9000"}
    return form((await stage.as_role("payroll")).client, f"/payroll/terms/{found.employee_id}", **fields)


async def save_terms_api(stage: Stage) -> Ready:
    found = await scene(stage)
    body = {
        "employee_id": str(found.employee_id),
        "group_id": found.group,
        "valid_from": "2026-01-01",
        "terms": {"amounts": {"monthly_wage": 900_000}},
    }
    return api((await stage.as_role("payroll")).client, f"{API}/terms", body)


async def save_opening(stage: Stage) -> Ready:
    found = await scene(stage)
    fields = {"year": "2026", "income_fen": "9000"}
    return form((await stage.as_role("payroll")).client, f"/payroll/terms/{found.employee_id}/opening", **fields)


async def save_opening_api(stage: Stage) -> Ready:
    found = await scene(stage)
    path = f"{API}/employees/{found.employee_id}/opening/2026"
    return api((await stage.as_role("payroll")).client, path, {"income_fen": 900_000})


_CORRECT = {"reason": "漏发", "pay_on": "2026-03-31", "employee_id": "{employee}"}

ACTS: Acts = {
    "POST /payroll/begin": begin,
    "POST /payroll/runs": open_run,
    "POST /payroll/runs/{run_id}/calculate": on_run("/runs/{run}/calculate", "open", json=False),
    "POST /payroll/runs/{run_id}/review": on_run("/runs/{run}/review", "calculated", json=False),
    "POST /payroll/runs/{run_id}/close": on_run("/runs/{run}/close", "reviewed", json=False),
    "POST /payroll/runs/{run_id}/publish": on_run("/runs/{run}/publish", "closed", json=False),
    "POST /payroll/runs/{run_id}/discard": on_run("/runs/{run}/discard", "open", json=False),
    "POST /payroll/runs/{run_id}/people/{employee_id}": on_run(
        "/runs/{run}/people/{employee}", "open", json=False, method_fields={"item.bonus": "100"}
    ),
    "POST /payroll/runs/{run_id}/correct": on_run("/runs/{run}/correct", "closed", json=False, method_fields=_CORRECT),
    "POST /payroll/items": save_item,
    "POST /payroll/items/{item_id}/end": end_item,
    "POST /payroll/groups": save_group,
    "POST /payroll/terms/{employee_id}": save_terms,
    "POST /payroll/terms/{employee_id}/opening": save_opening,
    f"PUT {API}/employees/{{employee_id}}/opening/{{year}}": save_opening_api,
    f"POST {API}/runs": open_run_api,
    f"DELETE {API}/runs/{{run_id}}": on_run("/runs/{run}", "open", json=True),
    f"POST {API}/runs/{{run_id}}/calculate": on_run("/runs/{run}/calculate", "open", json=True),
    f"POST {API}/runs/{{run_id}}/review": on_run("/runs/{run}/review", "calculated", json=True),
    f"POST {API}/runs/{{run_id}}/close": on_run("/runs/{run}/close", "reviewed", json=True, body={}),
    f"POST {API}/runs/{{run_id}}/publish": on_run("/runs/{run}/publish", "closed", json=True),
    f"POST {API}/runs/{{run_id}}/corrections": correction_api,
    f"PUT {API}/runs/{{run_id}}/inputs/{{employee_id}}": on_run(
        "/runs/{run}/inputs/{employee}", "open", json=True, body={"amounts": {"bonus": 100}}
    ),
    f"POST {API}/items": save_item_api,
    f"POST {API}/items/{{item_id}}/end": end_item_api,
    f"POST {API}/groups": save_group_api,
    f"POST {API}/terms": save_terms_api,
}
