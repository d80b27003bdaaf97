"""Pages of the import studio: upload, columns, faults, commit, undo."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from litestar import Response, get, post
from litestar.datastructures import UploadFile
from litestar.params import FromPath, FromQuery

from modules.records.errors import ImportRefused, ImportState
from modules.records.forms import AnyRequest, read_form
from modules.records.models import Import
from modules.records.repository import imports as queries
from modules.records.service import organisation
from modules.records.service.imports import checking, committing, staging, undoing, viewing
from modules.records.service.imports.reader import MAX_FILE_BYTES, refusal
from modules.records.service.imports.sample import sample_xlsx
from zhiren.clock import today
from zhiren.context import Context
from zhiren.errors import ZhirenError
from zhiren.i18n import _
from zhiren.web import Page, Redirect, page, redirect

PERMISSION: Final = "records.import"
#: the file and what a form wraps around it
MAX_BODY: Final = MAX_FILE_BYTES + (1 << 20)
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@get("/records/import", permission=PERMISSION)
async def list_page(ctx: Context) -> Page:
    return await _list(ctx, None)


@get("/records/import/sample.xlsx", permission=PERMISSION)
async def sample_file(ctx: Context) -> Response[bytes]:  # noqa: ARG001 - who asks is known, and that is all
    headers = {"content-disposition": "attachment; filename=\"sample.xlsx\"; filename*=UTF-8''" + _SAMPLE_NAME}
    return Response(sample_xlsx(), media_type=XLSX, headers=headers)


_SAMPLE_NAME: Final = "%E8%8A%B1%E5%90%8D%E5%86%8C%E7%A4%BA%E4%BE%8B.xlsx"


@post("/records/import", permission=PERMISSION, status_code=303, request_max_body_size=MAX_BODY)
async def upload_page(request: AnyRequest, ctx: Context) -> Page | Redirect:
    try:
        name, data = await uploaded(request)
        found = await staging.stage(ctx, name, data)
        await checking.check(ctx, found.id)
    except ImportRefused as error:
        return await _list(ctx, error)
    return redirect(f"/records/import/{found.id}")


@get("/records/import/{import_id:uuid}", permission=PERMISSION)
async def import_page(ctx: Context, import_id: FromPath[UUID], page_number: FromQuery[int] = 1) -> Page:
    return await _import(ctx, await staging.find(ctx, import_id), page_number)


@post("/records/import/{import_id:uuid}/plan", permission=PERMISSION, status_code=303)
async def plan_page(request: AnyRequest, ctx: Context, import_id: FromPath[UUID]) -> Page | Redirect:
    form = await read_form(request)
    changes: dict[str, Any] = {name: form[name] for name in ("mode", "effective_on") if form.get(name)}
    for name in ("legal_entity_id", "default_legal_entity_id"):
        if name in form:
            changes["legal_entity_id"] = form[name] or None
    mapping = {key.removeprefix("column_"): code for key, code in form.items() if key.startswith("column_")}
    if mapping:
        changes["mapping"] = mapping
    try:
        async with ctx.session.begin_nested():
            await staging.set_plan(ctx, import_id, changes)
            await checking.check(ctx, import_id)
    except ImportState:
        raise
    except ZhirenError as error:
        found = await staging.find(ctx, import_id)
        await ctx.session.refresh(found)
        return await _import(ctx, found, 1, error)
    return redirect(f"/records/import/{import_id}#check", _("已重新检查。"))


@post("/records/import/{import_id:uuid}/sheet", permission=PERMISSION, status_code=303)
async def sheet_page(request: AnyRequest, ctx: Context, import_id: FromPath[UUID]) -> Redirect:
    form = await read_form(request)
    await staging.choose_sheet(ctx, import_id, form.get("sheet", ""))
    await checking.check(ctx, import_id)
    return redirect(f"/records/import/{import_id}")


@post("/records/import/{import_id:uuid}/cells", permission=PERMISSION, status_code=303)
async def cells_page(request: AnyRequest, ctx: Context, import_id: FromPath[UUID]) -> Redirect:
    """Mended cells, named ``cell-ROW-COLUMN``, and rows to be left out, named ``skip-ROW``; then everything is checked
    anew, since rows are judged together."""
    form = await read_form(request)
    changed = 0
    for key, text in form.items():
        kind, _dash, place = key.partition("-")
        if kind == "cell" and form.get(f"was-{place}") != text:
            row, _dash, column = place.partition("-")
            if row.isdigit() and column.isdigit():
                await staging.mend(ctx, import_id, int(row), int(column), text)
                changed += 1
        elif kind == "skip" and place.isdigit():
            await staging.skip_row(ctx, import_id, int(place))
            changed += 1
    await checking.check(ctx, import_id)
    return redirect(f"/records/import/{import_id}#check", _("改了 {n} 处，已重新检查。", n=changed))


@post("/records/import/{import_id:uuid}/leave-out", permission=PERMISSION, status_code=303)
async def leave_out_page(request: AnyRequest, ctx: Context, import_id: FromPath[UUID]) -> Redirect:
    """The cells of one optional field that cannot be read are left out; the rows go in."""
    form = await read_form(request)
    found = await staging.find(ctx, import_id)
    tolerated = sorted({*found.plan.get("tolerated", ()), form.get("field", "")} - {""})
    await staging.set_plan(ctx, import_id, {"tolerated": tolerated})
    await checking.check(ctx, import_id)
    return redirect(f"/records/import/{import_id}#check")


@post(
    "/records/import/{import_id:uuid}/commit",
    permission=PERMISSION,
    growth="seat",
    joining=committing.joining,
    status_code=303,
)
async def commit_page(ctx: Context, import_id: FromPath[UUID]) -> Redirect:
    await committing.start(ctx, import_id)
    return redirect(f"/records/import/{import_id}")


@post("/records/import/{import_id:uuid}/undo", permission=PERMISSION, status_code=303)
async def undo_page(ctx: Context, import_id: FromPath[UUID]) -> Redirect:
    await undoing.start(ctx, import_id)
    return redirect(f"/records/import/{import_id}")


@post("/records/import/{import_id:uuid}/cancel", permission=PERMISSION, status_code=303)
async def cancel_page(ctx: Context, import_id: FromPath[UUID]) -> Redirect:
    await staging.cancel(ctx, import_id)
    return redirect("/records/import", _("已放弃这次导入，上传的内容已删除。"))


# ---- within


async def uploaded(request: AnyRequest) -> tuple[str, bytes]:
    """Name and bytes of the field ``file``. Raises ImportRefused without one."""
    form = await request.form()
    file = form.get("file")
    if not isinstance(file, UploadFile):
        raise refusal("empty")
    data = await file.read(MAX_FILE_BYTES + 1)
    return file.filename or "", data


async def _list(ctx: Context, error: ZhirenError | None) -> Page:
    return page(
        "records/imports.html",
        status_code=error.status if error else 200,
        imports=await queries.latest(ctx.session),
        error=error,
    )


async def _import(ctx: Context, found: Import, number: int, error: ZhirenError | None = None) -> Page:
    is_open = found.state in staging.OPEN
    held = found.counts.get("fault", 0)
    needs_entity = any(fault["code"] == "legal_entity_missing" for fault in found.counts.get("faults", ()))
    pages = max(1, -(-held // viewing.PAGE_ROWS))
    number = min(max(number, 1), pages)
    obstacles = await undoing.obstacles(ctx, found.id) if found.state == "committed" else []
    return page(
        "records/import.html",
        status_code=error.status if error else 200,
        found=found,
        notices=viewing.notices(found),
        columns=await viewing.columns(ctx, found) if is_open else [],
        fields=viewing.field_choices(),
        groups=viewing.fault_groups(found),
        rows=await viewing.fault_rows(ctx, found, number) if held else [],
        pages=pages,
        number=number,
        entities=(await organisation.chart_of(ctx, today())).entities,
        obstacles=obstacles,
        needs_entity=needs_entity and is_open,
        is_open=is_open,
        error=error,
        errors=error.fields if error else {},
    )


route_handlers = (
    list_page,
    sample_file,
    upload_page,
    import_page,
    plan_page,
    sheet_page,
    cells_page,
    leave_out_page,
    commit_page,
    undo_page,
    cancel_page,
)
