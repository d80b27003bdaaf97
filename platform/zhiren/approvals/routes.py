"""The API of approvals."""

from __future__ import annotations

from uuid import UUID

from litestar import get, post
from litestar.params import FromPath, JSONBody

from zhiren.approvals.schemas import CaseView, Decision, Line
from zhiren.approvals.service import deciding, views
from zhiren.context import Context


@get("/api/v1/approvals", permission="authenticated", tags=["approvals"])
async def list_waiting(ctx: Context) -> list[Line]:
    """What waits for the caller, the oldest first; at most 200."""
    return await views.waiting(ctx)


@get("/api/v1/approvals/{case_id:uuid}", permission="authenticated", tags=["approvals"])
async def get_case(ctx: Context, case_id: FromPath[UUID]) -> CaseView:
    """One request and how far it is."""
    return await views.view_of(ctx, await views.visible_case(ctx, case_id))


@post("/api/v1/approvals/tasks/{task_id:uuid}/decide", permission="authenticated", status_code=200, tags=["approvals"])
async def decide(ctx: Context, task_id: FromPath[UUID], data: JSONBody[Decision]) -> CaseView:
    """Sign. Saying the same again changes nothing."""
    return await deciding.decide(ctx, task_id, data.verdict, data.comment)


route_handlers = (list_waiting, get_case, decide)
