"""People's terms of pay."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath

from modules.payroll import repository, words
from modules.payroll.errors import SettingNotFound
from modules.payroll.rules.document import Terms
from modules.payroll.rules.tax import YearToDate
from modules.payroll.schemas import ProfileCreate, TermsIn
from modules.payroll.service import opening, settings
from modules.payroll.service.access import sees_all_pay
from modules.payroll.tables import TERMS, TermsRow
from modules.records import api as records
from zhiren import audit
from zhiren.clock import today
from zhiren.context import Context
from zhiren.errors import ZhirenError
from zhiren.i18n import _
from zhiren.web import Page, page, redirect
from zhiren.web.fields import AnyRequest, Fields, read_form
from zhiren.web.tables import from_rows

READ: Final = "payroll.terms.read"
MANAGE: Final = "payroll.terms.manage"


@get("/payroll/terms", permission=READ)
async def terms_page(request: AnyRequest, ctx: Context) -> Page | Response[bytes]:
    day = today()
    held = {row.employee_id: row for row in await repository.profiles_in_force(ctx.session, day, day)}
    groups = {group.id: group.name for group in await repository.groups(ctx.session)}
    rows = []
    for ref in await records.list_employees(ctx, day):
        profile = held.get(ref.id)
        rows.append(
            TermsRow(
                ref.id,
                ref.number,
                ref.name,
                ref.unit_name or "",
                groups.get(profile.group_id, "") if profile else "",
                (profile.city if profile else None) or ref.city or "",
                "set" if profile else "missing",
            )
        )
    return await from_rows(TERMS, request, ctx, rows).answer("payroll/terms.html", groups=groups)


@get("/payroll/terms/{employee_id:uuid}", permission=READ)
async def person_terms_page(ctx: Context, employee_id: FromPath[UUID]) -> Page:
    return await _person_terms(ctx, employee_id)


async def _person_terms(
    ctx: Context, employee_id: UUID, typed: dict[str, Any] | None = None, error: ZhirenError | None = None
) -> Page:
    person = (await records.employee_refs(ctx, [employee_id])).get(employee_id)
    if person is None:
        raise SettingNotFound(_("没有这名员工。"))
    profiles = await repository.profiles(ctx.session, employee_id)
    sees = sees_all_pay(ctx)
    now = profiles[0] if profiles else None
    if now is not None and sees:
        audit.record(
            ctx,
            "payroll.terms.read",
            object_type="records.employee",
            object_id=employee_id,
            fields=["terms"],
            sensitive=True,
        )
    items = [i for i in await repository.items(ctx.session, today()) if not i.formula]
    return page(
        "payroll/terms_form.html",
        person=person,
        profiles=profiles,
        now=now,
        terms=now.terms if now is not None and sees else Terms(),
        typed=typed or {},
        items=items,
        groups=[(group.id, group.name) for group in await repository.groups(ctx.session) if group.active],
        cities=[(name, name) for name in settings.paying_cities()],
        additional=[(kind, _(title)) for kind, title in words.ADDITIONAL.items()],
        first_day=today().replace(day=1) if now else person.hired_on.replace(day=1),
        openings=await repository.openings_of(ctx.session, employee_id) if sees else [],
        sums=[(name, _(title)) for name, title in words.SUMS.items()],
        this_year=today().year,
        sees_pay=sees,
        watermark=now is not None and sees,
        error=error,
        errors=error.fields if error else {},
    )


@post("/payroll/terms/{employee_id:uuid}", permission=MANAGE, status_code=303)
async def save_terms(request: AnyRequest, ctx: Context, employee_id: FromPath[UUID]) -> Response[Any]:
    form = await read_form(request)
    fields = Fields(form)
    try:
        data = _read(fields, employee_id)
        fields.check()
        async with ctx.session.begin_nested():
            await settings.set_terms(ctx, data)
    except ZhirenError as refusal:
        return await _person_terms(ctx, employee_id, form.starting(""), refusal)
    return redirect(f"/payroll/terms/{employee_id}", _("已保存，{day} 起生效", day=data.valid_from.isoformat()))


@post("/payroll/terms/{employee_id:uuid}/opening", permission=MANAGE, status_code=303)
async def save_opening(request: AnyRequest, ctx: Context, employee_id: FromPath[UUID]) -> Response[Any]:
    form = await read_form(request)
    fields = Fields(form)
    try:
        sums = YearToDate(*(fields.money(name) or 0 for name in YearToDate.__struct_fields__))
        year = fields.whole("year")
        fields.check()
        await opening.set_opening(ctx, [(employee_id, year, sums)])
    except ZhirenError as refusal:
        return await _person_terms(ctx, employee_id, form.starting(""), refusal)
    return redirect(f"/payroll/terms/{employee_id}", _("期初累计已保存"))


def _read(fields: Fields, employee_id: UUID) -> ProfileCreate:
    amounts = {code: fields.money(f"amounts.{code}") for code in fields.form.starting("amounts.")}
    additional = {kind: fields.money(f"additional.{kind}") for kind in fields.form.starting("additional.")}
    terms = TermsIn(
        amounts={code: fen for code, fen in amounts.items() if fen is not None},
        insured=fields.flag("insured"),
        insurance_base_fen=fields.money("insurance_base_fen"),
        injury_ppm=fields.percent("injury_ppm"),
        fund=fields.flag("fund"),
        fund_base_fen=fields.money("fund_base_fen"),
        fund_employer_ppm=fields.percent("fund_employer_ppm"),
        fund_employee_ppm=fields.percent("fund_employee_ppm"),
        supplementary_ppm=fields.percent("supplementary_ppm") or 0,
        additional={kind: fen for kind, fen in additional.items() if fen},
        first_wage_year=fields.optional_whole("first_wage_year"),
        previous_year=fields.optional_whole("previous_year"),
        previous_year_wages_fen=fields.money("previous_year_wages_fen"),
    )
    return ProfileCreate(
        employee_id=employee_id,
        group_id=fields.needed_identity("group_id"),
        valid_from=fields.needed_day("valid_from"),
        terms=terms,
        city=fields.text("city") or None,
        note=fields.text("note"),
    )


HANDLERS = (terms_page, person_terms_page, save_terms, save_opening)
