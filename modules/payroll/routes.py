"""Payroll by JSON: the same use cases as the pages."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

import msgspec
from litestar import Response, delete, get, post, put
from litestar.params import FromPath, FromQuery, JSONBody

from modules.payroll import legal, repository, schemas, shapes
from modules.payroll.legal_words import describe, figure_name
from modules.payroll.models import Payslip
from modules.payroll.rules.tax import YearToDate
from modules.payroll.service import mending, opening, payslips, runs, settings
from modules.payroll.service.access import READ_PAYSLIP, sees_all_pay
from zhiren import audit
from zhiren.clock import today
from zhiren.context import Context
from zhiren.web.api import Listing, etag, keyset

READ: Final = "payroll.run.read"
MANAGE: Final = "payroll.run.manage"
SETTINGS: Final = "payroll.settings.read"
SET: Final = "payroll.settings.manage"
TAGS: Final = ["payroll"]
API: Final = "/api/v1/payroll"
RunId = FromPath[UUID]
EmployeeId = FromPath[UUID]


async def _run(ctx: Context, run_id: UUID, status_code: int = 200) -> Response[schemas.Run]:
    found = await runs.get(ctx, run_id)
    answer = shapes.run(found, sees_pay=sees_all_pay(ctx))
    if answer.totals is not None:
        audit.record(
            ctx, "payroll.run.read", object_type="payroll.run", object_id=run_id, fields=["totals"], sensitive=True
        )
    return Response(answer, status_code=status_code, headers={"etag": etag(found.version)})


# ---- runs


@get(f"{API}/runs", permission=READ, tags=TAGS)
async def list_runs(ctx: Context) -> list[schemas.Run]:
    """The latest 60 runs, newest month first, without sums."""
    return [shapes.run(found, sees_pay=False) for found in await repository.runs(ctx.session)]


@post(f"{API}/runs", permission=MANAGE, growth="run", tags=TAGS, status_code=201)
async def open_run(ctx: Context, data: JSONBody[schemas.RunCreate]) -> Response[schemas.Run]:
    """Opens the regular run of a group's month; ``pay_on`` is the group's usual day unless given."""
    found = await runs.open_run(ctx, data.group_id, data.year, data.month, data.pay_on)
    return await _run(ctx, found.id, 201)


@get(f"{API}/runs/{{run_id:uuid}}", permission=READ, tags=TAGS)
async def get_run(ctx: Context, run_id: RunId) -> Response[schemas.Run]:
    return await _run(ctx, run_id)


@delete(f"{API}/runs/{{run_id:uuid}}", permission=MANAGE, tags=TAGS)
async def discard_run(ctx: Context, run_id: RunId) -> None:
    """Throws a run away that is not closed."""
    await runs.discard(ctx, run_id)


@post(f"{API}/runs/{{run_id:uuid}}/calculate", permission=MANAGE, tags=TAGS, status_code=202)
async def calculate(ctx: Context, run_id: RunId) -> schemas.JobStarted:
    """Calculates everybody in the background; follow ``/api/v1/jobs/{job_id}``."""
    return schemas.JobStarted(await runs.calculate(ctx, run_id))


@post(f"{API}/runs/{{run_id:uuid}}/review", permission=MANAGE, tags=TAGS, status_code=200)
async def review(ctx: Context, run_id: RunId) -> Response[schemas.Run]:
    await runs.review(ctx, run_id)
    return await _run(ctx, run_id)


@post(f"{API}/runs/{{run_id:uuid}}/close", permission="payroll.run.close", reauth=True, tags=TAGS, status_code=200)
async def close(ctx: Context, run_id: RunId, data: JSONBody[schemas.CloseRequest]) -> Response[schemas.Run]:
    """Makes a reviewed run final."""
    await runs.close(ctx, run_id, leave_parked=data.leave_parked)
    return await _run(ctx, run_id)


@post(f"{API}/runs/{{run_id:uuid}}/publish", permission="payroll.run.publish", tags=TAGS, status_code=200)
async def publish(ctx: Context, run_id: RunId) -> Response[schemas.Run]:
    """Lets everybody in a closed run read their payslip."""
    await runs.publish(ctx, run_id)
    return await _run(ctx, run_id)


@post(f"{API}/runs/{{run_id:uuid}}/corrections", permission=MANAGE, tags=TAGS, status_code=201)
async def open_correction(
    ctx: Context, run_id: RunId, data: JSONBody[schemas.CorrectionCreate]
) -> Response[schemas.Run]:
    """Opens a run that pays the difference to what a closed run paid."""
    found = await runs.open_correction(ctx, run_id, data.employee_ids, data.reason, data.pay_on)
    return await _run(ctx, found.id, 201)


@get(f"{API}/runs/{{run_id:uuid}}/payslips", permission=READ, tags=TAGS)
async def list_payslips(
    ctx: Context,
    run_id: RunId,
    *,
    cursor: FromQuery[str | None] = None,
    limit: FromQuery[int] = 50,
) -> Listing[schemas.PayslipRow]:
    """Everybody in a run by number, parked people with what to do about them."""
    await runs.get(ctx, run_id)
    rows, following = await keyset(
        ctx,
        repository.review_statement(run_id),
        order_by=[Payslip.number, Payslip.id],
        types=[str, UUID],
        cursor=cursor,
        limit=limit,
    )
    if not sees_all_pay(ctx):
        return Listing([shapes.payslip_row(row, None) for row in rows], following)
    audit.record(
        ctx, "payroll.run.read", object_type="payroll.run", object_id=run_id, fields=["payslips"], sensitive=True
    )
    documents = Payslip.document.open_rows(rows, ctx.keyring)
    return Listing([shapes.payslip_row(row, doc) for row, doc in zip(rows, documents, strict=True)], following)


@put(f"{API}/runs/{{run_id:uuid}}/inputs/{{employee_id:uuid}}", permission=MANAGE, tags=TAGS, status_code=204)
async def put_input(ctx: Context, run_id: RunId, employee_id: EmployeeId, data: JSONBody[schemas.InputUpdate]) -> None:
    """Amounts of one person for this run alone. In a calculated run the person is calculated again at once."""
    await mending.mend(ctx, run_id, employee_id, data.amounts)


# ---- payslips


@get(f"{API}/payslips/{{payslip_id:uuid}}", permission=READ_PAYSLIP, tags=TAGS)
async def get_payslip(ctx: Context, payslip_id: FromPath[UUID]) -> schemas.PayslipOut:
    """A payslip with the working of every line: one's own once published, or anybody's for who does the payroll."""
    opened = await payslips.open_payslip(ctx, payslip_id)
    return shapes.payslip(opened, await payslips.previous_of(ctx, opened))


@get("/api/v1/me/payslips", permission=READ_PAYSLIP, tags=TAGS)
async def own_payslips(ctx: Context) -> list[schemas.OwnPayslip]:
    """One's own published payslips, newest first."""
    return [
        schemas.OwnPayslip(payslip.id, run.year, run.month, run.pay_on, run.kind, document.totals.net_fen)
        for payslip, run, document in await payslips.own_list(ctx)
    ]


# ---- settings


@get(f"{API}/groups", permission=SETTINGS, tags=TAGS)
async def list_groups(ctx: Context) -> list[schemas.Group]:
    return [shapes.group(found) for found in await repository.groups(ctx.session)]


@post(f"{API}/groups", permission=SET, tags=TAGS, status_code=201)
async def create_group(ctx: Context, data: JSONBody[schemas.GroupCreate]) -> schemas.Group:
    return shapes.group(await settings.create_group(ctx, data))


@get(f"{API}/items", permission=SETTINGS, tags=TAGS)
async def list_items(ctx: Context) -> list[schemas.Item]:
    """Every version of every pay item, the newest of each first."""
    return [shapes.item(found) for found in await repository.item_versions(ctx.session)]


@post(f"{API}/items", permission=SET, tags=TAGS, status_code=201)
async def save_item(ctx: Context, data: JSONBody[schemas.ItemCreate]) -> schemas.Item:
    """A new item, or the next version of the one with this code."""
    return shapes.item(await settings.save_item(ctx, data))


@post(f"{API}/items/{{item_id:uuid}}/end", permission=SET, tags=TAGS, status_code=200)
async def end_item(ctx: Context, item_id: FromPath[UUID], data: JSONBody[schemas.ItemEnd]) -> schemas.Item:
    return shapes.item(await settings.end_item(ctx, item_id, data.last_day))


@post(f"{API}/formulas/check", permission=SETTINGS, tags=TAGS, status_code=200, idempotency=False)
async def check_formula(ctx: Context, data: JSONBody[schemas.FormulaCheck]) -> schemas.FormulaFinding:
    """Tries a formula on sample values; nothing is saved."""
    return await settings.try_formula(ctx, data, today())


@get(f"{API}/employees/{{employee_id:uuid}}/terms", permission="payroll.terms.read", tags=TAGS)
async def list_terms(ctx: Context, employee_id: EmployeeId) -> list[schemas.Profile]:
    """A person's terms of pay, the newest first."""
    sees_pay = sees_all_pay(ctx)
    found = await repository.profiles(ctx.session, employee_id)
    if found and sees_pay:
        audit.record(
            ctx,
            "payroll.terms.read",
            object_type="records.employee",
            object_id=employee_id,
            fields=["terms"],
            sensitive=True,
        )
    return [shapes.profile(each, sees_pay=sees_pay) for each in found]


@post(f"{API}/terms", permission="payroll.terms.manage", tags=TAGS, status_code=201)
async def set_terms(ctx: Context, data: JSONBody[schemas.ProfileCreate]) -> schemas.Profile:
    """A person's terms of pay from a day on."""
    return shapes.profile(await settings.set_terms(ctx, data), sees_pay=sees_all_pay(ctx))


@put(
    f"{API}/employees/{{employee_id:uuid}}/opening/{{year:int}}",
    permission="payroll.terms.manage",
    tags=TAGS,
    status_code=204,
)
async def put_opening(
    ctx: Context, employee_id: EmployeeId, year: FromPath[int], data: JSONBody[schemas.OpeningIn]
) -> None:
    """A person's sums of a tax year before their first payslip here; refused once one of that year has closed."""
    await opening.set_opening(ctx, [(employee_id, year, YearToDate(**msgspec.structs.asdict(data)))])


@get(f"{API}/law", permission=SETTINGS, tags=TAGS)
async def list_law(ctx: Context) -> list[schemas.LegalFigure]:  # noqa: ARG001
    """The figures of the law this program pays by."""
    found: list[schemas.LegalFigure] = []
    for region, timeline in legal.load().timelines():
        for entry in timeline:
            told: Any = entry.provenance
            found.append(
                schemas.LegalFigure(
                    region,
                    figure_name(timeline.name),
                    entry.key,
                    describe(entry.value),
                    told.valid_from,
                    told.valid_to,
                    told.source,
                    told.verified,
                    told.note,
                )
            )
    return found


HANDLERS = (
    list_runs,
    open_run,
    get_run,
    discard_run,
    calculate,
    review,
    close,
    publish,
    open_correction,
    list_payslips,
    put_input,
    get_payslip,
    own_payslips,
    list_groups,
    create_group,
    list_items,
    save_item,
    end_item,
    check_formula,
    list_terms,
    set_terms,
    put_opening,
    list_law,
)
