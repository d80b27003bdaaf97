"""The records by JSON: the same services as the pages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from litestar import Response, delete, get, patch, post
from litestar.openapi.spec import OpenAPIFormat, OpenAPIMediaType, OpenAPIType, Operation, RequestBody, Schema
from litestar.params import FromPath, FromQuery, JSONBody

from modules.records import schemas
from modules.records.errors import LegalEntityNotFound, PositionNotFound
from modules.records.forms import AnyRequest
from modules.records.models import Employee
from modules.records.pages.imports import MAX_BODY, uploaded
from modules.records.repository import employees as queries
from modules.records.repository import organisation as organisation_queries
from modules.records.service import employees, organisation, roster, seats
from modules.records.service.access import scope_of
from modules.records.service.imports import checking, committing, staging, undoing, viewing
from zhiren.clock import today
from zhiren.context import Context
from zhiren.i18n import _
from zhiren.web.api import Listing, check_if_match, etag, keyset

READ: Final = "records.employee.read"
EDIT: Final = "records.employee.edit"
ORG_READ: Final = "records.org.read"
ORG_EDIT: Final = "records.org.edit"
IMPORT: Final = "records.import"
TAGS: Final = ["records"]
EmployeeId = FromPath[UUID]


@dataclass
class SpreadsheetUpload(Operation):
    """The framework reads bodies off parameters; this one is read from the request, which knows the file's limits."""

    def __post_init__(self) -> None:
        file = Schema(type=OpenAPIType.STRING, format=OpenAPIFormat.BINARY)
        form = Schema(type=OpenAPIType.OBJECT, properties={"file": file}, required=["file"])
        self.request_body = RequestBody(content={"multipart/form-data": OpenAPIMediaType(schema=form)}, required=True)


def _tagged(value: Any, version: int, status_code: int = 200) -> Response[Any]:
    return Response(value, status_code=status_code, headers={"etag": etag(version)})


@get("/api/v1/records/employees", permission=READ, tags=TAGS)
async def list_employees(
    ctx: Context,
    *,
    as_of: FromQuery[date | None] = None,
    show: FromQuery[str] = "employed",
    unit_id: FromQuery[UUID | None] = None,
    number: FromQuery[str | None] = None,
    cursor: FromQuery[str | None] = None,
    limit: FromQuery[int] = 50,
) -> Listing[schemas.EmployeeRow]:
    """People within the caller's scope, by number. ``show``: employed, pending, left or all, on ``as_of``."""
    day = as_of or today()
    query = queries.listed(day, scope_of(ctx, READ), show)
    if unit_id is not None:
        query = query.where(queries.in_units(unit_id, day))
    if number is not None:
        query = query.where(Employee.number == number.replace("\0", ""))
    rows, following = await keyset(
        ctx, query, order_by=[Employee.number, Employee.id], types=[str, UUID], cursor=cursor, limit=limit
    )
    chart = await organisation.chart_of(ctx, day)
    return Listing(await roster.rows_of(ctx, rows, chart.names, day), following)


@post("/api/v1/records/employees", permission=EDIT, growth="seat", tags=TAGS, status_code=201)
async def create_employee(ctx: Context, data: JSONBody[schemas.EmployeeCreate]) -> Response[schemas.Employee]:
    person = await employees.create(ctx, data)
    return await _employee(ctx, person.id, status_code=201)


@get("/api/v1/records/employees/{employee_id:uuid}", permission=READ, tags=TAGS)
async def get_employee(
    ctx: Context, employee_id: EmployeeId, as_of: FromQuery[date | None] = None
) -> Response[schemas.Employee]:
    return await _employee(ctx, employee_id, as_of)


@patch("/api/v1/records/employees/{employee_id:uuid}", permission=EDIT, tags=TAGS)
async def update_employee(
    request: AnyRequest, ctx: Context, employee_id: EmployeeId, data: JSONBody[schemas.EmployeeUpdate]
) -> Response[schemas.Employee]:
    """A correction. ``If-Match`` carries the ETag that was read."""
    version = await _matched(request, ctx, employee_id)
    await employees.update(ctx, employee_id, data, version)
    return await _employee(ctx, employee_id)


@get("/api/v1/records/employees/{employee_id:uuid}/seats", permission=READ, tags=TAGS)
async def list_seats(ctx: Context, employee_id: EmployeeId) -> list[schemas.Seat]:
    """The whole history, oldest first."""
    return (await roster.detail(ctx, employee_id)).history


@post("/api/v1/records/employees/{employee_id:uuid}/seats", permission=EDIT, tags=TAGS, status_code=200)
async def change_seat(
    request: AnyRequest, ctx: Context, employee_id: EmployeeId, data: JSONBody[schemas.SeatChange]
) -> Response[schemas.Employee]:
    version = await _matched(request, ctx, employee_id)
    await seats.change_seat(ctx, employee_id, data, version)
    return await _employee(ctx, employee_id)


@delete(
    "/api/v1/records/employees/{employee_id:uuid}/seats/{valid_from:date}", permission=EDIT, tags=TAGS, status_code=200
)
async def remove_seat(
    request: AnyRequest, ctx: Context, employee_id: EmployeeId, valid_from: FromPath[date]
) -> Response[schemas.Employee]:
    """Takes a change back; the seat before it goes on."""
    version = await _matched(request, ctx, employee_id)
    await seats.remove_change(ctx, employee_id, valid_from, version)
    return await _employee(ctx, employee_id)


@post("/api/v1/records/employees/{employee_id:uuid}/leave", permission=EDIT, tags=TAGS, status_code=200)
async def leave(
    request: AnyRequest, ctx: Context, employee_id: EmployeeId, data: JSONBody[schemas.Leave]
) -> Response[schemas.Employee]:
    version = await _matched(request, ctx, employee_id)
    await seats.leave(ctx, employee_id, data, version)
    return await _employee(ctx, employee_id)


@post("/api/v1/records/employees/{employee_id:uuid}/reveal", permission=READ, tags=TAGS, status_code=200)
async def reveal(ctx: Context, employee_id: EmployeeId, data: JSONBody[schemas.Reveal]) -> dict[str, str | None]:
    """Opened values. Needs ``field.identity.read`` or ``field.contact.read`` for this person; recorded."""
    return await employees.reveal(ctx, employee_id, data.fields, data.reason)


@get("/api/v1/records/units", permission=ORG_READ, tags=TAGS)
async def list_units(ctx: Context, as_of: FromQuery[date | None] = None) -> list[schemas.Unit]:
    """The tree on a day, parents before children."""
    return await organisation.tree(ctx, as_of or today())


@post("/api/v1/records/units", permission=ORG_EDIT, tags=TAGS, status_code=201)
async def create_unit(ctx: Context, data: JSONBody[schemas.UnitCreate]) -> Response[dict[str, Any]]:
    unit = await organisation.create_unit(ctx, data)
    return _tagged({"id": unit.id, "version": unit.version}, unit.version, 201)


@patch("/api/v1/records/units/{unit_id:uuid}", permission=ORG_EDIT, tags=TAGS)
async def change_unit(
    request: AnyRequest, ctx: Context, unit_id: FromPath[UUID], data: JSONBody[schemas.UnitChange]
) -> Response[dict[str, Any]]:
    found = await organisation.find_unit(ctx, unit_id)
    check_if_match(request, found.version)
    unit = await organisation.change_unit(ctx, unit_id, data, found.version)
    return _tagged({"id": unit.id, "version": unit.version}, unit.version)


@post("/api/v1/records/units/{unit_id:uuid}/close", permission=ORG_EDIT, tags=TAGS, status_code=200)
async def close_unit(
    request: AnyRequest, ctx: Context, unit_id: FromPath[UUID], data: JSONBody[schemas.UnitClose]
) -> Response[dict[str, Any]]:
    found = await organisation.find_unit(ctx, unit_id)
    check_if_match(request, found.version)
    unit = await organisation.close_unit(ctx, unit_id, data.last_day, found.version)
    return _tagged({"id": unit.id, "version": unit.version}, unit.version)


@get("/api/v1/records/positions", permission=ORG_READ, tags=TAGS)
async def list_positions(ctx: Context) -> list[schemas.Position]:
    return await organisation.positions(ctx)


@post("/api/v1/records/positions", permission=ORG_EDIT, tags=TAGS, status_code=201)
async def create_position(ctx: Context, data: JSONBody[schemas.PositionCreate]) -> Response[dict[str, Any]]:
    made = await organisation.create_position(ctx, data)
    return _tagged({"id": made.id, "version": made.version}, made.version, 201)


@patch("/api/v1/records/positions/{position_id:uuid}", permission=ORG_EDIT, tags=TAGS)
async def update_position(
    request: AnyRequest, ctx: Context, position_id: FromPath[UUID], data: JSONBody[schemas.PositionUpdate]
) -> Response[dict[str, Any]]:
    found = await organisation_queries.position(ctx.session, position_id)
    if found is None:
        raise PositionNotFound(_("没有这个岗位。"))
    check_if_match(request, found.version)
    made = await organisation.update_position(ctx, position_id, data, found.version)
    return _tagged({"id": made.id, "version": made.version}, made.version)


@get("/api/v1/records/legal-entities", permission=ORG_READ, tags=TAGS)
async def list_legal_entities(ctx: Context) -> list[schemas.LegalEntity]:
    return await organisation.legal_entities(ctx)


@post("/api/v1/records/legal-entities", permission=ORG_EDIT, tags=TAGS, status_code=201)
async def create_legal_entity(ctx: Context, data: JSONBody[schemas.LegalEntityCreate]) -> Response[dict[str, Any]]:
    made = await organisation.create_legal_entity(ctx, data)
    return _tagged({"id": made.id, "version": made.version}, made.version, 201)


@patch("/api/v1/records/legal-entities/{entity_id:uuid}", permission=ORG_EDIT, tags=TAGS)
async def update_legal_entity(
    request: AnyRequest, ctx: Context, entity_id: FromPath[UUID], data: JSONBody[schemas.LegalEntityUpdate]
) -> Response[dict[str, Any]]:
    found = await organisation_queries.legal_entity(ctx.session, entity_id)
    if found is None:
        raise LegalEntityNotFound(_("没有这个用人单位。"))
    check_if_match(request, found.version)
    made = await organisation.update_legal_entity(ctx, entity_id, data, found.version)
    return _tagged({"id": made.id, "version": made.version}, made.version)


@post(
    "/api/v1/records/imports",
    permission=IMPORT,
    tags=TAGS,
    status_code=201,
    request_max_body_size=MAX_BODY,
    operation_class=SpreadsheetUpload,
)
async def create_import(request: AnyRequest, ctx: Context) -> schemas.Import:
    """Uploads a spreadsheet (multipart field ``file``), guesses its columns and makes the dry run."""
    name, data = await uploaded(request)
    found = await staging.stage(ctx, name, data)
    return viewing.struct_of(await checking.check(ctx, found.id))


@get("/api/v1/records/imports/{import_id:uuid}", permission=IMPORT, tags=TAGS)
async def get_import(ctx: Context, import_id: FromPath[UUID]) -> schemas.Import:
    return viewing.struct_of(await staging.find(ctx, import_id))


@get("/api/v1/records/imports/{import_id:uuid}/rows", permission=IMPORT, tags=TAGS)
async def list_import_rows(
    ctx: Context,
    import_id: FromPath[UUID],
    only: FromQuery[str] = "fault",
    page: FromQuery[int] = 1,
) -> list[schemas.ImportRow]:
    """Fifty rows of one state with their faults."""
    found = await staging.find(ctx, import_id)
    rows = await viewing.rows_page(ctx, found, [only.replace("\0", "")], min(max(page, 1), 100_000))
    return [viewing.struct_of_row(row) for row in rows]


@patch("/api/v1/records/imports/{import_id:uuid}", permission=IMPORT, tags=TAGS)
async def plan_import(ctx: Context, import_id: FromPath[UUID], data: JSONBody[schemas.ImportPlan]) -> schemas.Import:
    """Columns and manner; the dry run is made anew."""
    changes = schemas.given(data)
    if "effective_on" in changes:
        changes["effective_on"] = changes["effective_on"].isoformat()
    if changes.get("legal_entity_id"):
        changes["legal_entity_id"] = str(changes["legal_entity_id"])
    await staging.set_plan(ctx, import_id, changes)
    return viewing.struct_of(await checking.check(ctx, import_id))


@patch("/api/v1/records/imports/{import_id:uuid}/cells", permission=IMPORT, tags=TAGS)
async def mend_cells(
    ctx: Context, import_id: FromPath[UUID], data: JSONBody[list[schemas.ImportCell]]
) -> schemas.Import:
    """Other values for cells; the dry run is made anew."""
    for cell in data[:1000]:
        await staging.mend(ctx, import_id, cell.row_number, cell.column, cell.text)
    return viewing.struct_of(await checking.check(ctx, import_id))


@post(
    "/api/v1/records/imports/{import_id:uuid}/commit",
    permission=IMPORT,
    growth="seat",
    joining=committing.joining,
    tags=TAGS,
    status_code=202,
)
async def commit_import(ctx: Context, import_id: FromPath[UUID]) -> dict[str, UUID]:
    """Writes the rows that are ready, in a job. Asking again answers with the same job."""
    return {"job_id": await committing.start(ctx, import_id)}


@post("/api/v1/records/imports/{import_id:uuid}/undo", permission=IMPORT, tags=TAGS, status_code=202)
async def undo_import(ctx: Context, import_id: FromPath[UUID]) -> dict[str, UUID]:
    """Takes the whole import back, in a job; refused with reasons where something stands on it."""
    return {"job_id": await undoing.start(ctx, import_id)}


@delete("/api/v1/records/imports/{import_id:uuid}", permission=IMPORT, tags=TAGS, status_code=204)
async def cancel_import(ctx: Context, import_id: FromPath[UUID]) -> None:
    """Throws away an import that was not committed."""
    await staging.cancel(ctx, import_id)


async def _employee(
    ctx: Context, employee_id: UUID, as_of: date | None = None, status_code: int = 200
) -> Response[schemas.Employee]:
    found = roster.struct_of(await roster.detail(ctx, employee_id, as_of))
    return _tagged(found, found.version, status_code)


async def _matched(request: AnyRequest, ctx: Context, employee_id: UUID) -> int:
    person = await employees.find(ctx, employee_id, permission=EDIT)
    check_if_match(request, person.version)
    return person.version


route_handlers = (
    list_employees,
    create_employee,
    get_employee,
    update_employee,
    list_seats,
    change_seat,
    remove_seat,
    leave,
    reveal,
    list_units,
    create_unit,
    change_unit,
    close_unit,
    list_positions,
    create_position,
    update_position,
    list_legal_entities,
    create_legal_entity,
    update_legal_entity,
    create_import,
    get_import,
    list_import_rows,
    plan_import,
    mend_cells,
    commit_import,
    undo_import,
    cancel_import,
)
