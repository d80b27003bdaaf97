"""The page behind a signed link in a message: what it is about, and two buttons. Nobody logs in."""

from __future__ import annotations

from litestar import get, post
from litestar.params import FromPath

from zhiren.approvals import kinds
from zhiren.approvals.pages.forms import AnyRequest, read_form, verdict_of
from zhiren.approvals.service import deciding, links, views
from zhiren.context import Context
from zhiren.i18n import _
from zhiren.web import Page, Redirect, page, redirect


@get("/a/{token:str}", permission="public")
async def link_page(ctx: Context, token: FromPath[str]) -> Page:
    opened = await links.open_link(ctx, token)
    kind = kinds.find(opened.case.kind)
    case = await views.view_of(opened.ctx, opened.case)
    answer = page(
        "approvals/link.html",
        case=case,
        mine=next(
            (task for step in case.steps for task in step.tasks if task.id == opened.task.id and task.mine), None
        ),
        own=next(task for step in case.steps for task in step.tasks if task.id == opened.task.id),
        card=await kind.describe(opened.ctx, opened.case.subject_id) if kind is not None else None,
        signer=opened.ctx.actor.name,
        token=token,
    )
    # the address is a key: it goes to no other site and into no cache
    answer.headers.update({"referrer-policy": "no-referrer", "cache-control": "no-store", "x-robots-tag": "noindex"})
    return answer


@post("/a/{token:str}", permission="public", status_code=303)
async def link_decide_page(request: AnyRequest, ctx: Context, token: FromPath[str]) -> Redirect:
    form = await read_form(request)
    opened = await links.open_link(ctx, token)
    verdict = verdict_of(form)
    await deciding.decide(opened.ctx, opened.task.id, verdict, form.get("comment", ""), by_link=True)
    return redirect(f"/a/{token}", _("已同意。") if verdict == "approve" else _("已拒绝。"))


route_handlers = (link_page, link_decide_page)
