"""Acts on applications and candidates."""

from __future__ import annotations

from typing import Any

from modules.recruiting.models import Application
from tests.completeness.stage import Act, Acts, Ready, Stage, form
from tests.factories.recruiting import make_application


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


_ONE, _WHO = "/recruiting/applications/{application_id}", "/recruiting/candidates/{candidate_id}"

ACTS: Acts = {
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
