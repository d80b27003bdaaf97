"""The board, candidates' pages, merging, the pool and its search."""

from __future__ import annotations

from modules.recruiting import repository as queries
from tests.factories.recruiting import make_application, make_job
from zhiren.context import Context


async def test_somebody_made_up_stands_where_they_were_put(ctx: Context) -> None:
    job = await make_job(ctx)
    application = await make_application(ctx, job=job, stage="interview")
    found = await queries.case(ctx.session, application.id)
    assert found is not None
    assert (found.application.stage, found.application.stage_kind, found.job.id) == ("interview", "interview", job.id)
