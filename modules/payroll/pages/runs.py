"""Pages of the month's run: home, the steps, the review, one person's mending, corrections."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath, FromQuery

from modules.payroll import repository, words
from modules.payroll.legal_words import citation_title
from modules.payroll.pages.files import XLSX, download
from modules.payroll.service import export, mending, review, runs, setup
from modules.payroll.service.access import sees_all_pay
from modules.payroll.tables import REVIEW, open_rows, run_title
from modules.records import api as records
from zhiren.clock import today
from zhiren.context import Context
from zhiren.errors import ZhirenError
from zhiren.i18n import _
from zhiren.web import Page, page, redirect
from zhiren.web.fields import AnyRequest, Fields, read_form
from zhiren.web.tables import load

READ: Final = "payroll.run.read"
MANAGE: Final = "payroll.run.manage"


@get("/payroll", permission=READ)
async def home_page(ctx: Context) -> Page:
    return await _home(ctx)


async def _home(ctx: Context, error: ZhirenError | None = None) -> Page:
    groups = await repository.groups(ctx.session)
    listed = await repository.runs(ctx.session)
    names = {group.id: group.name for group in groups}
    return page(
        "payroll/home.html",
        groups=[group for group in groups if group.active],
        runs=[(run, run_title(run, names[run.group_id]), words.status(run.status)) for run in listed],
        suggested=f"{today():%Y-%m}",
        error=error,
    )


@post("/payroll/begin", permission="payroll.settings.manage", status_code=303)
async def begin(ctx: Context) -> Response[Any]:
    await setup.begin(ctx)
    return redirect("/payroll", _("已建立常用薪资项目和薪资组"))


@post("/payroll/runs", permission=MANAGE, growth="run", status_code=303)
async def open_run(request: AnyRequest, ctx: Context) -> Response[Any]:
    fields = Fields(await read_form(request))
    try:
        month, group_id = fields.needed_day("month"), fields.needed_identity("group_id")
        pay_on = fields.day("pay_on")
        fields.check()
        run = await runs.open_run(ctx, group_id, month.year, month.month, pay_on)
    except ZhirenError as refusal:
        return await _home(ctx, refusal)
    return redirect(f"/payroll/runs/{run.id}")


@get("/payroll/runs/{run_id:uuid}", permission=READ)
async def run_page(
    request: AnyRequest, ctx: Context, run_id: FromPath[UUID], view: FromQuery[str] = ""
) -> Page | Response[bytes]:
    found = await review.run_view(ctx, run_id)
    title = run_title(found.run, found.group.name)
    context: dict[str, Any] = {
        "found": found,
        "run": found.run,
        "run_name": title,
        "status": words.status(found.run.status),
        "sees_pay": sees_all_pay(ctx),
        "watermark": found.summary is not None,
        "tab": "changes" if view == "changes" and found.summary else "people",
        "standings": words.STANDINGS,
        "citation_title": citation_title,
    }
    if found.run.status in ("open", "calculating"):
        return page("payroll/run.html", table=None, **context)
    table = await load(REVIEW, request, ctx, repository.review_statement(run_id), prepare=open_rows)
    return await table.answer("payroll/run.html", **context)


@post("/payroll/runs/{run_id:uuid}/calculate", permission=MANAGE, status_code=303)
async def calculate(ctx: Context, run_id: FromPath[UUID]) -> Response[Any]:
    await runs.calculate(ctx, run_id)
    return redirect(f"/payroll/runs/{run_id}")


@post("/payroll/runs/{run_id:uuid}/review", permission=MANAGE, status_code=303)
async def mark_reviewed(ctx: Context, run_id: FromPath[UUID]) -> Response[Any]:
    await runs.review(ctx, run_id)
    return redirect(f"/payroll/runs/{run_id}", _("已复核"))


@post("/payroll/runs/{run_id:uuid}/close", permission="payroll.run.close", reauth=True, status_code=303)
async def close(request: AnyRequest, ctx: Context, run_id: FromPath[UUID]) -> Response[Any]:
    form = await read_form(request)
    await runs.close(ctx, run_id, leave_parked=bool(form["leave_parked"]))
    return redirect(f"/payroll/runs/{run_id}", _("已关账，数字不会再变"))


@post("/payroll/runs/{run_id:uuid}/publish", permission="payroll.run.publish", status_code=303)
async def publish(ctx: Context, run_id: FromPath[UUID]) -> Response[Any]:
    await runs.publish(ctx, run_id)
    return redirect(f"/payroll/runs/{run_id}", _("已发布，员工现在可以查看工资条"))


@post("/payroll/runs/{run_id:uuid}/discard", permission=MANAGE, status_code=303)
async def discard(ctx: Context, run_id: FromPath[UUID]) -> Response[Any]:
    await runs.discard(ctx, run_id)
    return redirect("/payroll", _("已作废"))


@get("/payroll/runs/{run_id:uuid}/people/{employee_id:uuid}", permission=MANAGE)
async def person_page(ctx: Context, run_id: FromPath[UUID], employee_id: FromPath[UUID]) -> Page:
    return await _person(ctx, run_id, employee_id)


async def _person(ctx: Context, run_id: UUID, employee_id: UUID, error: ZhirenError | None = None) -> Page:
    found = await review.person_view(ctx, run_id, employee_id)
    parked = found.payslip.parked_reason if found.payslip else None
    refs = await records.employee_refs(ctx, [employee_id])
    return page(
        "payroll/person.html",
        found=found,
        person=refs.get(employee_id),
        why=words.parked(parked, found.payslip.parked_detail) if found.payslip and parked else None,
        error=error,
        errors=error.fields if error else {},
        sees_pay=sees_all_pay(ctx),
        kinds=words.ITEM_KINDS,
    )


@post("/payroll/runs/{run_id:uuid}/people/{employee_id:uuid}", permission=MANAGE, status_code=303)
async def mend_person(
    request: AnyRequest, ctx: Context, run_id: FromPath[UUID], employee_id: FromPath[UUID]
) -> Response[Any]:
    fields = Fields(await read_form(request))
    try:
        typed = {name: fields.money(f"item.{name}") for name in fields.form.starting("item.")}
        fields.faults = {name.removeprefix("item."): fault for name, fault in fields.faults.items()}
        fields.check()
        async with ctx.session.begin_nested():
            amounts = {code: fen for code, fen in typed.items() if fen is not None}
            calculated = await mending.mend(ctx, run_id, employee_id, amounts)
    except ZhirenError as refusal:
        return await _person(ctx, run_id, employee_id, refusal)
    if calculated is None:
        return redirect(f"/payroll/runs/{run_id}", _("已保存，计算时生效"))
    if calculated.parked_reason is not None:
        return redirect(f"/payroll/runs/{run_id}/people/{employee_id}", _("已重算，但仍未算出"), kind="warning")
    return redirect(f"/payroll/payslips/{calculated.id}", _("已重算"))


@get("/payroll/runs/{run_id:uuid}/correct", permission=MANAGE)
async def correct_page(ctx: Context, run_id: FromPath[UUID], q: FromQuery[str] = "") -> Page:
    return await _correct(ctx, run_id, q=q)


async def _correct(ctx: Context, run_id: UUID, *, q: str = "", error: ZhirenError | None = None) -> Page:
    run = await runs.get(ctx, run_id)
    group = await runs.pay_group(ctx, run.group_id)
    people = await repository.payslip_rows(ctx.session, run_id, search=q[:100], limit=200)
    return page(
        "payroll/correct.html",
        run=run,
        run_name=run_title(run, group.name),
        people=people,
        q=q,
        suggested=max(today(), run.pay_on),
        error=error,
        errors=error.fields if error else {},
    )


@post("/payroll/runs/{run_id:uuid}/correct", permission=MANAGE, status_code=303)
async def open_correction(request: AnyRequest, ctx: Context, run_id: FromPath[UUID]) -> Response[Any]:
    fields = Fields(await read_form(request))
    try:
        pay_on, reason = fields.needed_day("pay_on"), fields.text("reason")
        chosen = [UUID(value) for value in fields.form.all("employee_id") if len(value) == 36]
        fields.check()
        run = await runs.open_correction(ctx, run_id, chosen, reason, pay_on)
    except (ZhirenError, ValueError) as refusal:
        return await _correct(ctx, run_id, error=refusal if isinstance(refusal, ZhirenError) else None)
    return redirect(f"/payroll/runs/{run.id}", _("已建立更正核算，请修改后计算"))


@get("/payroll/runs/{run_id:uuid}/export.xlsx", permission="payroll.run.export")
async def export_file(ctx: Context, run_id: FromPath[UUID]) -> Response[bytes]:
    name, content = await export.payroll_sheet(ctx, run_id)
    return download(name, content, XLSX)


HANDLERS = (
    home_page,
    begin,
    open_run,
    run_page,
    calculate,
    mark_reviewed,
    close,
    publish,
    discard,
    person_page,
    mend_person,
    correct_page,
    open_correction,
    export_file,
)
