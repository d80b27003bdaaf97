"""Pages of people: the list, one person, adding, correcting, moving, parting, looking."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from typing import Any, Final, get_args
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery

from modules.records import schemas
from modules.records.errors import EmployeeNotFound
from modules.records.forms import AnyRequest, convert, filled, read_form, version_of
from modules.records.pages.choices import TITLES, seat_choices
from modules.records.repository import employees as queries
from modules.records.rules.masks import FIELD_CLASSES, mask
from modules.records.service import employees, roster, seats
from modules.records.service.access import scope_of
from modules.records.service.roster import Detail
from modules.records.table import STATES, employees_table
from zhiren.clock import today
from zhiren.context import Context
from zhiren.errors import ZhirenError
from zhiren.i18n import _
from zhiren.web import Page, Redirect, page, redirect
from zhiren.web.tables import load

READ: Final = employees.READ
EDIT: Final = employees.EDIT
_SHOWS: Final = ("employed", "pending", "left", "all")
_SEALED: Final = tuple(get_args(schemas.SealedField))


@get("/records/employees", permission=READ)
async def list_page(
    request: AnyRequest, ctx: Context, show: FromQuery[str] = "employed", as_of: FromQuery[str] = ""
) -> Page | Response[bytes]:
    day = day_of(as_of)
    show = show if show in _SHOWS else "employed"
    scope = scope_of(ctx, READ)
    wanted = request.query_params.get("cols", "")
    about_seats = any(request.query_params.get(f"f.{name}") for name in ("unit", "position", "entity"))
    sealed = frozenset(
        name for name in ("mobile", "id_number") if f"{name}_masked" in wanted and _may(ctx, FIELD_CLASSES[name])
    )
    counts, chart = await roster.overview(ctx, day)

    async def prepare(_ctx: Context, found: list[Any]) -> list[schemas.EmployeeRow]:
        return await roster.rows_of(ctx, found, chart.names, day, sealed=sealed)

    table = await load(
        employees_table(day, exportable=ctx.actor.can("records.employee.export")),
        request,
        ctx,
        queries.with_sealed(queries.listed(day, scope, show), sealed),
        prepare=prepare,
        count=None if about_seats else queries.counted(day, scope, show),
        choices={"unit": chart.units, "position": chart.positions, "entity": chart.entities},
        total=counts[show],
    )
    return await table.answer(
        "records/employees.html",
        show=show,
        as_of=as_of and day,
        counts=counts,
        today=today(),
    )


@get("/records/employees/new", permission=EDIT)
async def new_page(ctx: Context) -> Page:
    return await _form(ctx, {}, None)


@post("/records/employees", permission=EDIT, growth="seat", status_code=303)
async def create_page(request: AnyRequest, ctx: Context) -> Page | Redirect:
    form = await read_form(request)
    try:
        chosen = {**filled(form, schemas.SeatCreate, empty=...), **await _manager(ctx, form)}
        seat = convert(chosen, schemas.SeatCreate, TITLES)
        values = filled(form, schemas.EmployeeCreate, empty=...)
        data = convert({**values, "seat": seat}, schemas.EmployeeCreate, TITLES)
        async with ctx.session.begin_nested():
            person = await employees.create(ctx, data)
    except ZhirenError as refusal:
        return await _form(ctx, form, refusal)
    return redirect(f"/records/employees/{person.id}", _("已新增 {name}。", name=person.name))


@get("/records/employees/{employee_id:uuid}", permission=READ)
async def detail_page(ctx: Context, employee_id: FromPath[UUID], as_of: FromQuery[str] = "") -> Page:
    return page("records/employee.html", **await detail_context(ctx, employee_id, day_of(as_of), bool(as_of)))


@post("/records/employees/{employee_id:uuid}/reveal/{field:str}", permission=READ, status_code=200)
async def reveal_page(request: AnyRequest, ctx: Context, employee_id: FromPath[UUID], field: FromPath[str]) -> Page:
    if field not in _SEALED:
        raise EmployeeNotFound(_("没有这个字段。"))
    form = await read_form(request)
    opened = await employees.reveal(ctx, employee_id, [field], form.get("reason", "")[:200])
    return page("records/revealed.html", value=opened[field] or "", masked_text=mask(field, opened[field]) or "")


@get("/records/employees/{employee_id:uuid}/edit", permission=EDIT)
async def edit_page(ctx: Context, employee_id: FromPath[UUID]) -> Page:
    return await _edit(ctx, employee_id, {}, None)


@post("/records/employees/{employee_id:uuid}/edit", permission=EDIT, status_code=303)
async def update_page(request: AnyRequest, ctx: Context, employee_id: FromPath[UUID]) -> Page | Redirect:
    form = await read_form(request)
    try:
        values = filled(form, schemas.EmployeeUpdate, empty=None)
        for name in _SEALED:
            # what is sealed is not put into the page: left empty it stays, and a tick empties it
            if values.get(name) is None:
                values.pop(name, None)
            if form.get(f"clear_{name}"):
                values[name] = None
        values["bank_name"] = values.get("bank_name") or ""
        data = convert(values, schemas.EmployeeUpdate, TITLES)
        async with ctx.session.begin_nested():
            await employees.update(ctx, employee_id, data, version_of(form))
    except EmployeeNotFound:
        raise
    except ZhirenError as refusal:
        return await _edit(ctx, employee_id, form, refusal)
    return redirect(f"/records/employees/{employee_id}", _("已保存。"))


@get("/records/employees/{employee_id:uuid}/seat", permission=EDIT)
async def seat_page(ctx: Context, employee_id: FromPath[UUID]) -> Page:
    return await _seat(ctx, employee_id, {}, None)


@post("/records/employees/{employee_id:uuid}/seat", permission=EDIT, status_code=303)
async def change_seat_page(request: AnyRequest, ctx: Context, employee_id: FromPath[UUID]) -> Page | Redirect:
    form = await read_form(request)
    try:
        values = {**filled(form, schemas.SeatChange, empty=None), **await _manager(ctx, form)}
        for name in ("city", "reason"):
            values[name] = values.get(name) or ""
        data = convert(values, schemas.SeatChange, TITLES)
        async with ctx.session.begin_nested():
            await seats.change_seat(ctx, employee_id, data, version_of(form))
    except EmployeeNotFound:
        raise
    except ZhirenError as refusal:
        return await _seat(ctx, employee_id, form, refusal)
    return redirect(f"/records/employees/{employee_id}", _("任职变动已保存。"))


@post("/records/employees/{employee_id:uuid}/seat/remove", permission=EDIT, status_code=303)
async def remove_seat_page(request: AnyRequest, ctx: Context, employee_id: FromPath[UUID]) -> Redirect:
    form = await read_form(request)
    await seats.remove_change(ctx, employee_id, day_of(form.get("valid_from", "")), version_of(form))
    return redirect(f"/records/employees/{employee_id}", _("已撤销这次变动。"))


@post("/records/employees/{employee_id:uuid}/leave", permission=EDIT, status_code=303)
async def leave_page(request: AnyRequest, ctx: Context, employee_id: FromPath[UUID]) -> Redirect:
    form = await read_form(request)
    data = convert(filled(form, schemas.Leave, empty=None) | {"reason": form.get("reason", "")}, schemas.Leave, TITLES)
    await seats.leave(ctx, employee_id, data, version_of(form))
    return redirect(f"/records/employees/{employee_id}", _("离职已登记。") if data.last_day else _("已恢复在职。"))


@get("/records/employees/choose", permission=READ)
async def choose_page(ctx: Context, manager: FromQuery[str] = "") -> Page:
    """Suggestions for a field that takes a person, as options of a list."""
    found = await employees.suggest(ctx, manager)
    return page("records/choose.html", people=found)


# ---- within


async def _manager(ctx: Context, form: dict[str, str]) -> dict[str, Any]:
    """The person written into the manager's field, by number or name."""
    if "manager" not in form:
        return {}
    found = await employees.by_text(ctx, form["manager"])
    return {"manager_id": str(found) if found else None}


def day_of(text: str) -> date:
    """A day from an address; today where it is none."""
    try:
        return date.fromisoformat(text) if text else today()
    except ValueError:
        return today()


async def detail_context(ctx: Context, employee_id: UUID, day: date, chosen: bool) -> dict[str, Any]:
    found: Detail = await roster.detail(ctx, employee_id, day)
    editable = await employees.reaches(ctx, EDIT, employee_id)
    return {
        "found": found,
        "person": found.person,
        "states": STATES,
        "editable": editable,
        "chosen": chosen,
        "today": today(),
    }


def _may(ctx: Context, field_class: str) -> bool:
    return ctx.actor.can(f"field.{field_class}.read")


async def _form(ctx: Context, values: dict[str, str], refusal: ZhirenError | None) -> Page:
    return page(
        "records/employee_new.html",
        status_code=refusal.status if refusal else 200,
        values=defaultdict(str, values),
        error=refusal,
        errors=defaultdict(str, refusal.fields if refusal else {}),
        choices=await seat_choices(ctx, today()),
    )


async def _edit(ctx: Context, employee_id: UUID, values: dict[str, str], refusal: ZhirenError | None) -> Page:
    person = await employees.find(ctx, employee_id, permission=EDIT)
    await ctx.session.refresh(person)
    return page(
        "records/employee_edit.html",
        status_code=refusal.status if refusal else 200,
        person=person,
        masked={name: mask(name, getattr(person, name)) for name in _SEALED},
        values=defaultdict(str, values),
        version=values.get("version") or person.version,
        error=refusal,
        errors=defaultdict(str, refusal.fields if refusal else {}),
    )


async def _seat(ctx: Context, employee_id: UUID, values: dict[str, str], refusal: ZhirenError | None) -> Page:
    found = await roster.detail(ctx, employee_id)
    await employees.find(ctx, employee_id, permission=EDIT)
    return page(
        "records/employee_seat.html",
        status_code=refusal.status if refusal else 200,
        found=found,
        person=found.person,
        values=defaultdict(str, values),
        version=values.get("version") or found.person.version,
        error=refusal,
        errors=defaultdict(str, refusal.fields if refusal else {}),
        choices=await seat_choices(ctx, today()),
        today=today(),
    )


route_handlers = (
    list_page,
    choose_page,
    new_page,
    create_page,
    detail_page,
    reveal_page,
    edit_page,
    update_page,
    seat_page,
    change_seat_page,
    remove_seat_page,
    leave_page,
)
