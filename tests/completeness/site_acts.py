"""Acts on the look of a customer's public pages."""

from __future__ import annotations

from tests.completeness.stage import Acts, Ready, Stage, form


async def change_look(stage: Stage) -> Ready:
    return form((await stage.as_role("admin")).client, "/admin/site", name="某某集团", accent="#1d4ed8")


ACTS: Acts = {"POST /admin/site": change_look}
