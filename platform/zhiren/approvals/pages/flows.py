"""Drawing flows: the list of kinds, the editor, older versions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from litestar import get, post
from litestar.params import FromPath

from zhiren import people
from zhiren.approvals.kinds import Fact
from zhiren.approvals.pages.forms import AnyRequest, read_form
from zhiren.approvals.rules import conditions, editing
from zhiren.approvals.rules import document as documents
from zhiren.approvals.rules.document import Document
from zhiren.approvals.rules.sketch import sketch
from zhiren.approvals.schemas import StepView
from zhiren.approvals.service import flows
from zhiren.context import Context
from zhiren.errors import InvalidInput, ZhirenError
from zhiren.i18n import _
from zhiren.web import Page, Redirect, page, redirect

PERMISSION: Final = "approvals.flows"


@get("/admin/approvals", permission=PERMISSION)
async def flows_page(ctx: Context) -> Page:
    return page("approvals/flows.html", lines=await flows.every(ctx))


@get("/admin/approvals/{kind:str}", permission=PERMISSION)
async def flow_page(ctx: Context, kind: FromPath[str]) -> Page:
    document, version, _draft = await flows.drawing(ctx, kind)
    return await _editor(ctx, kind, document, version, {})


@post("/admin/approvals/{kind:str}", permission=PERMISSION, status_code=303)
async def draw_page(request: AnyRequest, ctx: Context, kind: FromPath[str]) -> Page | Redirect:
    """One form with many buttons: those that draw only answer with the form again; ``save`` and ``publish`` keep it."""
    flows.known(kind)
    form = await read_form(request)
    act = form.setdefault("do", "refresh")
    document = await flows.named(ctx, editing.changed(editing.read(form), act))
    version = int(form["version"]) if form.get("version", "").isdigit() else 0
    if act not in {"save", "publish"}:
        return await _editor(ctx, kind, document, version, form)
    try:
        if act == "publish":
            row = await flows.publish(ctx, kind, document, version)
            return redirect("/admin/approvals", _("已发布第 {number} 版，新的申请按它审批。", number=row.number))
        await flows.save(ctx, kind, document, version)
    except ZhirenError as refusal:
        return await _editor(ctx, kind, document, version, form, refusal=refusal)
    return redirect(f"/admin/approvals/{kind}", _("草稿已保存。"))


@get("/admin/approvals/{kind:str}/versions/{number:int}", permission=PERMISSION)
async def version_page(ctx: Context, kind: FromPath[str], number: FromPath[int]) -> Page:
    what, row = flows.known(kind), await flows.version(ctx, kind, number)
    document = documents.load(row.document)
    drawn = sketch(document, what.facts, dict(await people.role_list(ctx)))
    return page("approvals/version.html", kind=what, row=row, drawn=drawn, document=document)


@post("/admin/approvals/{kind:str}/versions/{number:int}/take-up", permission=PERMISSION, status_code=303)
async def take_up_page(ctx: Context, kind: FromPath[str], number: FromPath[int]) -> Redirect:
    await flows.take_up(ctx, kind, number)
    return redirect(f"/admin/approvals/{kind}", _("已作为草稿打开，发布后才生效。"))


# ---- within


async def _editor(
    ctx: Context,
    kind: str,
    document: Document,
    version: int,
    form: Mapping[str, str],
    *,
    refusal: ZhirenError | None = None,
) -> Page:
    what = flows.known(kind)
    roles = await people.role_list(ctx)
    act = form.get("do", "")
    wrong = dict(refusal.fields) if refusal else await _wrong(ctx, kind, document, act)
    steps: list[StepView] | None = None
    nobody, trouble = False, refusal
    if act == "try":
        try:
            steps, nobody = await flows.tried(ctx, kind, document, _person(form), _facts(what.facts, form))
        except ZhirenError as failed:
            trouble = failed
    return page(
        "approvals/flow.html",
        status_code=refusal.status if refusal else 200,
        kind=what,
        document=document,
        version=version,
        drawn=sketch(document, what.facts, dict(roles)),
        roles=roles,
        people=await people.find(ctx, ""),
        units=await people.directory().units(ctx) if any(fact.type == "unit" for fact in what.facts) else [],
        versions=await flows.versions(ctx, kind),
        example=conditions.example(what.facts),
        wrong=wrong,
        error=trouble,
        tried=steps,
        nobody=nobody,
        form=form,
    )


async def _wrong(ctx: Context, kind: str, document: Document, act: str) -> dict[str, str]:
    """While drawing, only conditions are complained about: the rest is not finished yet."""
    if not act:
        return {}
    found = await flows.problems(ctx, kind, document)
    return found if act == "try" else {name: words for name, words in found.items() if name.endswith(".when")}


def _person(form: Mapping[str, str]) -> UUID:
    try:
        return UUID(form.get("to", ""))
    except ValueError:
        raise InvalidInput(_("请选择由谁提交。")) from None


def _facts(facts: tuple[Fact, ...], form: Mapping[str, str]) -> dict[str, Any]:
    return {fact.name: _fact(fact, form.get(f"try.{fact.name}", "")) for fact in facts}


def _fact(fact: Fact, text: str) -> Any:
    """As typed; money in yuan. Empty is unknown."""
    if fact.type == "bool":
        return bool(text)
    if not text:
        return None
    if fact.type not in {"int", "fen"}:
        return text[:200]
    if not text.lstrip("-").isdigit() or len(text) > 12:
        raise InvalidInput(_("“{title}”请填整数。", title=_(fact.title)))
    return int(text) * (100 if fact.type == "fen" else 1)


route_handlers = (flows_page, flow_page, draw_page, version_page, take_up_page)
