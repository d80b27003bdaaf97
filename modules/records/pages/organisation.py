"""Pages of the organisation: the tree, a unit, positions, legal entities."""

from __future__ import annotations

from collections import defaultdict
from typing import Any, Final
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery

from modules.records import schemas
from modules.records.errors import LegalEntityNotFound, PositionNotFound, UnitNotFound
from modules.records.forms import AnyRequest, convert, filled, read_form, version_of
from modules.records.pages.choices import TITLES
from modules.records.pages.employees import day_of
from modules.records.service import employees, organisation
from zhiren.clock import today
from zhiren.context import Context
from zhiren.errors import ZhirenError
from zhiren.i18n import N_, _
from zhiren.web import Page, Redirect, page, redirect
from zhiren.web.tables import Column, TableSpec, from_rows

READ: Final = "records.org.read"
EDIT: Final = "records.org.edit"

POSITIONS: Final = TableSpec(
    name="records.positions",
    title=N_("岗位"),
    columns=(
        Column("name", N_("岗位"), main=True, search=True, href=lambda row: f"/records/positions/{row.id}"),
        Column("code", N_("代码"), search=True),
        Column("family", N_("序列"), search=True),
        Column("people", N_("在职人数"), kind="number"),
        Column("active", N_("状态"), badges={True: ("success", N_("使用中")), False: ("", N_("已停用"))}),
    ),
    row_href=lambda row: f"/records/positions/{row.id}",
)
ENTITIES: Final = TableSpec(
    name="records.legal_entities",
    title=N_("用人单位"),
    columns=(
        Column("name", N_("名称"), main=True, search=True, href=lambda row: f"/records/legal-entities/{row.id}"),
        Column("short_name", N_("简称"), search=True),
        Column("uscc", N_("统一社会信用代码"), search=True),
        Column("city", N_("城市")),
        Column("people", N_("在职人数"), kind="number"),
        Column("active", N_("状态"), badges={True: ("success", N_("使用中")), False: ("", N_("已停用"))}),
    ),
    row_href=lambda row: f"/records/legal-entities/{row.id}",
)


@get("/records/org", permission=READ)
async def org_page(ctx: Context, as_of: FromQuery[str] = "") -> Page:
    day = day_of(as_of)
    units = await organisation.tree(ctx, day)
    children: dict[UUID | None, list[schemas.Unit]] = defaultdict(list)
    known = {unit.id for unit in units}
    for unit in units:
        children[unit.parent_id if unit.parent_id in known else None].append(unit)
    roots = children[None]
    biggest = (children[roots[0].id] if len(roots) == 1 else roots)[:12]
    chart = {
        "kind": "bar",
        "horizontal": True,
        "categories": [unit.name for unit in biggest],
        "series": [{"name": _("在职人数"), "values": [unit.people_below for unit in biggest]}],
    }
    return page(
        "records/org.html", roots=roots, children=children, day=day, chosen=bool(as_of), chart=chart, today=today()
    )


@get("/records/org/units/new", permission=EDIT)
async def new_unit_page(ctx: Context, parent: FromQuery[str] = "") -> Page:
    return await _unit_form(ctx, None, {"parent_id": parent}, None)


@post("/records/org/units", permission=EDIT, status_code=303)
async def create_unit_page(request: AnyRequest, ctx: Context) -> Page | Redirect:
    form = await read_form(request)
    try:
        values = {**filled(form, schemas.UnitCreate, empty=...), **await _leader(ctx, form)}
        data = convert(values, schemas.UnitCreate, TITLES)
        async with ctx.session.begin_nested():
            unit = await organisation.create_unit(ctx, data)
    except ZhirenError as refusal:
        return await _unit_form(ctx, None, form, refusal)
    return redirect(f"/records/org#unit-{unit.id}", _("已新增部门。"))


@get("/records/org/units/{unit_id:uuid}", permission=EDIT)
async def unit_page(ctx: Context, unit_id: FromPath[UUID]) -> Page:
    return await _unit_form(ctx, unit_id, {}, None)


@post("/records/org/units/{unit_id:uuid}", permission=EDIT, status_code=303)
async def change_unit_page(request: AnyRequest, ctx: Context, unit_id: FromPath[UUID]) -> Page | Redirect:
    form = await read_form(request)
    try:
        values = {**filled(form, schemas.UnitChange, empty=None), **await _leader(ctx, form)}
        values["sort"] = values.get("sort") or 0
        data = convert(values, schemas.UnitChange, TITLES)
        async with ctx.session.begin_nested():
            await organisation.change_unit(ctx, unit_id, data, version_of(form))
    except UnitNotFound:
        raise
    except ZhirenError as refusal:
        return await _unit_form(ctx, unit_id, form, refusal)
    return redirect(f"/records/org#unit-{unit_id}", _("已保存。"))


@post("/records/org/units/{unit_id:uuid}/close", permission=EDIT, status_code=303)
async def close_unit_page(request: AnyRequest, ctx: Context, unit_id: FromPath[UUID]) -> Redirect:
    form = await read_form(request)
    data = convert(filled(form, schemas.UnitClose), schemas.UnitClose, TITLES)
    await organisation.close_unit(ctx, unit_id, data.last_day, version_of(form))
    return redirect("/records/org", _("部门已撤销。"))


@get("/records/positions", permission=READ)
async def positions_page(request: AnyRequest, ctx: Context) -> Page | Response[bytes]:
    table = from_rows(POSITIONS, request, ctx, await organisation.positions(ctx))
    return await table.answer("records/positions.html")


@get("/records/positions/new", permission=EDIT)
async def new_position_page(ctx: Context) -> Page:
    return await _position_form(ctx, None, {}, None)


@post("/records/positions", permission=EDIT, status_code=303)
async def create_position_page(request: AnyRequest, ctx: Context) -> Page | Redirect:
    form = await read_form(request)
    try:
        data = convert(filled(form, schemas.PositionCreate, empty=...), schemas.PositionCreate, TITLES)
        async with ctx.session.begin_nested():
            await organisation.create_position(ctx, data)
    except ZhirenError as refusal:
        return await _position_form(ctx, None, form, refusal)
    return redirect("/records/positions", _("已新增岗位。"))


@get("/records/positions/{position_id:uuid}", permission=EDIT)
async def position_page(ctx: Context, position_id: FromPath[UUID]) -> Page:
    return await _position_form(ctx, position_id, {}, None)


@post("/records/positions/{position_id:uuid}", permission=EDIT, status_code=303)
async def update_position_page(request: AnyRequest, ctx: Context, position_id: FromPath[UUID]) -> Page | Redirect:
    form = await read_form(request)
    try:
        values = filled(form, schemas.PositionUpdate, empty=None)
        values.update(active=bool(form.get("active")), family=values.get("family") or "")
        data = convert(values, schemas.PositionUpdate, TITLES)
        async with ctx.session.begin_nested():
            await organisation.update_position(ctx, position_id, data, version_of(form))
    except PositionNotFound:
        raise
    except ZhirenError as refusal:
        return await _position_form(ctx, position_id, form, refusal)
    return redirect("/records/positions", _("已保存。"))


@get("/records/legal-entities", permission=READ)
async def entities_page(request: AnyRequest, ctx: Context) -> Page | Response[bytes]:
    table = from_rows(ENTITIES, request, ctx, await organisation.legal_entities(ctx))
    return await table.answer("records/legal_entities.html")


@get("/records/legal-entities/new", permission=EDIT)
async def new_entity_page(ctx: Context) -> Page:
    return await _entity_form(ctx, None, {}, None)


@post("/records/legal-entities", permission=EDIT, status_code=303)
async def create_entity_page(request: AnyRequest, ctx: Context) -> Page | Redirect:
    form = await read_form(request)
    try:
        data = convert(filled(form, schemas.LegalEntityCreate, empty=...), schemas.LegalEntityCreate, TITLES)
        async with ctx.session.begin_nested():
            await organisation.create_legal_entity(ctx, data)
    except ZhirenError as refusal:
        return await _entity_form(ctx, None, form, refusal)
    return redirect("/records/legal-entities", _("已新增用人单位。"))


@get("/records/legal-entities/{entity_id:uuid}", permission=EDIT)
async def entity_page(ctx: Context, entity_id: FromPath[UUID]) -> Page:
    return await _entity_form(ctx, entity_id, {}, None)


@post("/records/legal-entities/{entity_id:uuid}", permission=EDIT, status_code=303)
async def update_entity_page(request: AnyRequest, ctx: Context, entity_id: FromPath[UUID]) -> Page | Redirect:
    form = await read_form(request)
    try:
        values = filled(form, schemas.LegalEntityUpdate, empty=None)
        for name in ("short_name", "city", "address"):
            values[name] = values.get(name) or ""
        values["active"] = bool(form.get("active"))
        data = convert(values, schemas.LegalEntityUpdate, TITLES)
        async with ctx.session.begin_nested():
            await organisation.update_legal_entity(ctx, entity_id, data, version_of(form))
    except LegalEntityNotFound:
        raise
    except ZhirenError as refusal:
        return await _entity_form(ctx, entity_id, form, refusal)
    return redirect("/records/legal-entities", _("已保存。"))


# ---- within


async def _leader(ctx: Context, form: dict[str, str]) -> dict[str, Any]:
    found = await employees.by_text(ctx, form.get("manager", ""))
    return {"leader_id": str(found) if found else None}


async def _unit_form(ctx: Context, unit_id: UUID | None, values: dict[str, str], refusal: ZhirenError | None) -> Page:
    units = await organisation.tree(ctx, today())
    unit = next((unit for unit in units if unit.id == unit_id), None)
    if unit_id is not None and unit is None:
        raise UnitNotFound(_("没有这个部门，或者它今天不存在。"))
    return _render("records/unit.html", values, refusal, unit=unit, units=units, today=today())


async def _position_form(
    ctx: Context, found_id: UUID | None, values: dict[str, str], refusal: ZhirenError | None
) -> Page:
    found = next((row for row in await organisation.positions(ctx) if row.id == found_id), None)
    if found_id is not None and found is None:
        raise PositionNotFound(_("没有这个岗位。"))
    return _render("records/position.html", values, refusal, found=found)


async def _entity_form(
    ctx: Context, found_id: UUID | None, values: dict[str, str], refusal: ZhirenError | None
) -> Page:
    found = next((row for row in await organisation.legal_entities(ctx) if row.id == found_id), None)
    if found_id is not None and found is None:
        raise LegalEntityNotFound(_("没有这个用人单位。"))
    return _render("records/legal_entity.html", values, refusal, found=found)


def _render(template: str, values: dict[str, str], refusal: ZhirenError | None, **context: Any) -> Page:
    return page(
        template,
        status_code=refusal.status if refusal else 200,
        values=defaultdict(str, values),
        errors=defaultdict(str, refusal.fields if refusal else {}),
        error=refusal,
        **context,
    )


route_handlers = (
    org_page,
    new_unit_page,
    create_unit_page,
    unit_page,
    change_unit_page,
    close_unit_page,
    positions_page,
    new_position_page,
    create_position_page,
    position_page,
    update_position_page,
    entities_page,
    new_entity_page,
    create_entity_page,
    entity_page,
    update_entity_page,
)
