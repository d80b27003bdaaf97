"""Acts on the pipeline by JSON."""

from __future__ import annotations

from tests.completeness.pipeline_acts import application
from tests.completeness.stage import Acts, Ready, Stage, api


async def move(stage: Stage) -> Ready:
    found = await application(stage)
    client = (await stage.as_role("hr")).client
    path = f"/api/v1/recruiting/applications/{found.id}/move"
    return api(client, path, {"stage": "interview"}, **{"If-Match": f'"v{found.version}"'})


ACTS: Acts = {"POST /api/v1/recruiting/applications/{application_id}/move": move}
