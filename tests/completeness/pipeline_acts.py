"""Acts on applications and candidates."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from modules.recruiting.models import Application
from modules.recruiting.repository import people as queries
from modules.recruiting.repository import settings
from tests.completeness.stage import Act, Acts, Ready, Stage, form
from tests.factories.recruiting import make_application
from zhiren.ids import new_id


async def application(stage: Stage) -> Application:
    found: Application = await stage.in_tenant(make_application)
    return found


def on_application(act: str, **fields: str) -> Act:
    async def ready(stage: Stage) -> Ready:
        found = await application(stage)
        client = (await stage.as_role("hr")).client
        return form(client, f"/recruiting/applications/{found.id}/{act}", version=str(found.version), **fields)

    return ready


def on_candidate(act: str, **fields: str) -> Act:
    async def ready(stage: Stage) -> Ready:
        found = await application(stage)
        client = (await stage.as_role("hr")).client
        return form(client, f"/recruiting/candidates/{found.candidate_id}/{act}", **fields)

    return ready


async def restore(stage: Stage) -> Ready:
    found = await application(stage)
    client = (await stage.as_role("hr")).client
    path = f"/recruiting/applications/{found.id}"
    held = await client.post(f"{path}/hold", data={"version": str(found.version)})
    assert held.status_code == 303
    return form(client, f"{path}/restore", version=str(found.version + 1))


async def bulk(stage: Stage) -> Ready:
    chosen: list[Any] = [await application(stage) for _ in range(2)]
    client = (await stage.as_role("hr")).client
    ids = [f"{one.id}:{one.version}" for one in chosen]
    return form(client, "/recruiting/applications/bulk", id=ids, act="move", stage="interview")


async def apply_again(stage: Stage) -> Ready:
    found, other = await application(stage), await application(stage)
    client = (await stage.as_role("hr")).client
    return form(client, f"/recruiting/candidates/{found.candidate_id}/applications", job=str(other.job_id))


async def merge(stage: Stage) -> Ready:
    kept, other = await application(stage), await application(stage)
    client = (await stage.as_role("hr")).client
    return form(client, f"/recruiting/candidates/{kept.candidate_id}/merge", other=str(other.candidate_id))


async def unmerge(stage: Stage) -> Ready:
    ready = await merge(stage)
    assert (await ready.client.post(ready.path, **ready.options)).status_code == 303
    kept = UUID(ready.path.split("/")[3])
    found = await stage.in_tenant(lambda ctx: queries.merges(ctx.session, kept))
    return form(ready.client, f"/recruiting/merges/{found[0].id}/undo")


async def correct(stage: Stage) -> Ready:
    found = await application(stage)
    client = (await stage.as_role("hr")).client
    return form(client, f"/recruiting/candidates/{found.candidate_id}/edit", version="1", name="改过名")


async def add(stage: Stage) -> Ready:
    client = (await stage.as_role("hr")).client
    return form(client, "/recruiting/candidates", name="新人", mail=f"{new_id().hex}@mail.test")


async def save_reason(stage: Stage) -> Ready:
    client = (await stage.as_role("hr")).client
    return form(client, "/recruiting/settings/reason", name="学历不符", text="谢谢", active="1")


async def save_tasks(stage: Stage) -> Ready:
    client = (await stage.as_role("hr")).client
    line = {"line.0.title": "领取工服", "line.0.doer": "hr", "line.0.days_before": "1"}
    return form(client, "/recruiting/settings/tasks", name="工厂", place=new_id().hex[:8], active="1", **line)


async def save_consent(stage: Stage) -> Ready:
    client = (await stage.as_role("hr")).client
    return form(client, "/recruiting/settings/consent/talent_pool", chinese=f"以后有合适的职位可以联系我 {new_id()}")


async def keep_search(stage: Stage) -> Ready:
    return form((await stage.as_role("hr")).client, "/recruiting/searches", name="会德语的", q="德语")


async def forget_search(stage: Stage) -> Ready:
    ready = await keep_search(stage)
    assert (await ready.client.post(ready.path, **ready.options)).status_code == 303
    entries = await stage.in_tenant(lambda ctx: settings.entries(ctx.session, "search"))
    return form(ready.client, f"/recruiting/searches/{entries[0].id}/delete")


_ONE, _WHO = "/recruiting/applications/{application_id}", "/recruiting/candidates/{candidate_id}"

ACTS: Acts = {
    "POST /recruiting/candidates": add,
    f"POST {_WHO}/applications": apply_again,
    f"POST {_WHO}/edit": correct,
    f"POST {_WHO}/merge": merge,
    "POST /recruiting/merges/{merge_id}/undo": unmerge,
    "POST /recruiting/searches": keep_search,
    "POST /recruiting/searches/{entry_id}/delete": forget_search,
    "POST /recruiting/settings/{kind}": save_reason,
    "POST /recruiting/settings/tasks": save_tasks,
    "POST /recruiting/settings/consent/{purpose}": save_consent,
    f"POST {_ONE}/move": on_application("move", stage="interview"),
    f"POST {_ONE}/reject": on_application("reject", reason="filled"),
    f"POST {_ONE}/hold": on_application("hold"),
    f"POST {_ONE}/restore": restore,
    "POST /recruiting/applications/bulk": bulk,
    f"POST {_WHO}/reveal/{{field}}": on_candidate("reveal/mobile"),
    f"POST {_WHO}/notes": on_candidate("notes", note="很稳"),
    f"POST {_WHO}/tags": on_candidate("tags", tags="重点"),
    f"POST {_WHO}/pool": on_candidate("pool", inside="1"),
    f"POST {_WHO}/message": on_candidate("message", subject="您好", text="请补充资料"),
}
