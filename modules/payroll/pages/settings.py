"""Pay items with their formulas, and pay groups."""

from __future__ import annotations

from datetime import date
from typing import Any, Final
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath

from modules.payroll import repository, words
from modules.payroll.errors import SettingNotFound
from modules.payroll.models import PayItem
from modules.payroll.rules.plan import VARIABLES
from modules.payroll.schemas import FormulaCheck, GroupCreate, ItemCreate
from modules.payroll.service import settings
from modules.records import api as records
from zhiren.clock import today
from zhiren.context import Context
from zhiren.errors import ZhirenError
from zhiren.i18n import _
from zhiren.web import Page, page, redirect
from zhiren.web.fields import AnyRequest, Fields, read_form

READ: Final = "payroll.settings.read"
MANAGE: Final = "payroll.settings.manage"
_KINDS: Final = ("earning", "deduction", "figure")


@get("/payroll/items", permission=READ)
async def items_page(ctx: Context) -> Page:
    now = await repository.items(ctx.session, today())
    coming = [item for item in await repository.item_versions(ctx.session) if item.valid_from > today()]
    return page("payroll/items.html", items=now, coming=coming, kinds=words.ITEM_KINDS)


@get("/payroll/items/new", permission=MANAGE)
async def new_item_page(ctx: Context) -> Page:
    return await _item_form(ctx, None, {})


@get("/payroll/items/{code:str}/edit", permission=MANAGE)
async def edit_item_page(ctx: Context, code: FromPath[str]) -> Page:
    versions = await repository.item_versions(ctx.session, code)
    if not versions:
        raise SettingNotFound(_("没有这个薪资项目。"))
    return await _item_form(ctx, versions[0], {})


async def _item_form(
    ctx: Context, item: PayItem | None, typed: dict[str, Any], error: ZhirenError | None = None
) -> Page:
    values: dict[str, Any] = {
        "code": item.code if item else "",
        "name": item.name if item else "",
        "kind": item.kind if item else "earning",
        "taxable": item.taxable if item else True,
        "insurable": item.insurable if item else True,
        "formula": item.formula if item else "",
        "sort": item.sort if item else 100,
        "valid_from": max(item.valid_from, today().replace(day=1)) if item else today().replace(day=1),
    } | typed
    others = [other for other in await repository.items(ctx.session, today()) if other.code != values["code"]]
    return page(
        "payroll/item_form.html",
        item=item,
        values=values,
        versions=await repository.item_versions(ctx.session, item.code) if item else [],
        others=others,
        variables=list(VARIABLES),
        kinds=[(kind, _(words.ITEM_KINDS[kind])) for kind in _KINDS],
        error=error,
        errors=error.fields if error else {},
    )


@post("/payroll/items", permission=MANAGE, status_code=303)
async def save_item(request: AnyRequest, ctx: Context) -> Response[Any]:
    fields = Fields(await read_form(request))
    kind = fields.text("kind")
    typed: dict[str, Any] = {
        "code": fields.text("code"),
        "name": fields.text("name"),
        "kind": kind if kind in _KINDS else "earning",
        "taxable": fields.flag("taxable"),
        "insurable": fields.flag("insurable"),
        "formula": fields.text("formula"),
        "sort": fields.whole("sort", 100),
        "valid_from": fields.needed_day("valid_from"),
    }
    try:
        fields.check()
        async with ctx.session.begin_nested():
            await settings.save_item(ctx, ItemCreate(**typed))
    except ZhirenError as refusal:
        versions = await repository.item_versions(ctx.session, typed["code"]) if fields.flag("existing") else []
        return await _item_form(ctx, versions[0] if versions else None, typed, refusal)
    return redirect("/payroll/items", _("已保存，{day} 起生效", day=typed["valid_from"].isoformat()))


@post("/payroll/items/try", permission=READ, status_code=200)
async def try_formula(request: AnyRequest, ctx: Context) -> Page:
    form = await read_form(request)
    data = FormulaCheck(formula=form["formula"], code=form["code"], values=form.starting("try."))
    finding = await settings.try_formula(ctx, data, today())
    return page("payroll/formula_trial.html", finding=finding, formula=data.formula, tried=data.values)


@post("/payroll/items/{item_id:uuid}/end", permission=MANAGE, status_code=303)
async def end_item(request: AnyRequest, ctx: Context, item_id: FromPath[UUID]) -> Response[Any]:
    fields = Fields(await read_form(request))
    last_day = fields.day("last_day") or date(today().year, today().month, 1)
    fields.check()
    await settings.end_item(ctx, item_id, last_day)
    return redirect("/payroll/items", _("已停用，之前的工资不受影响"))


@get("/payroll/groups", permission=READ)
async def groups_page(ctx: Context) -> Page:
    return await _groups(ctx)


async def _groups(ctx: Context, error: ZhirenError | None = None) -> Page:
    entities = await records.legal_entities(ctx)
    return page(
        "payroll/groups.html",
        groups=await repository.groups(ctx.session),
        entities={entity.id: entity.name for entity in entities},
        error=error,
        errors=error.fields if error else {},
    )


@post("/payroll/groups", permission=MANAGE, status_code=303)
async def save_group(request: AnyRequest, ctx: Context) -> Response[Any]:
    fields = Fields(await read_form(request))
    data = GroupCreate(
        name=fields.text("name"),
        pay_day=fields.whole("pay_day"),
        legal_entity_id=fields.identity("legal_entity_id"),
        pays_next_month=fields.flag("pays_next_month"),
    )
    try:
        fields.check()
        await settings.create_group(ctx, data)
    except ZhirenError as refusal:
        return await _groups(ctx, refusal)
    return redirect("/payroll/groups", _("已保存"))


HANDLERS = (
    items_page,
    new_item_page,
    edit_item_page,
    save_item,
    try_formula,
    end_item,
    groups_page,
    save_group,
)
