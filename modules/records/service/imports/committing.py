"""Writing a checked import into the records, chunk by chunk.

A chunk's people, seats, audit events and row states commit together, so that a worker killed at any point leaves a
prefix that is written once, and its successor goes on with the rest.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from modules.records import errors
from modules.records.models import (
    Assignment,
    Employee,
    Import,
    ImportRow,
    LegalEntity,
    Position,
    Unit,
    UnitPeriod,
)
from modules.records.repository import employees, imports, organisation
from modules.records.rules import periods
from modules.records.service.imports.staging import find
from modules.records.service.seats import history_of, store
from zhiren import audit
from zhiren.context import Context
from zhiren.events import emit
from zhiren.i18n import _
from zhiren.jobs import JobRun, enqueue

CHUNK_ROWS = 200
COMMITTED = "records.import.committed"
_DATES = ("birth_date", "hired_on", "left_on")
_IDS = ("unit_id", "position_id", "manager_id", "legal_entity_id")


async def start(ctx: Context, import_id: UUID) -> UUID:
    """Asks for the commit of the rows that are ready; answers with the job. Asking twice asks once."""
    found = await find(ctx, import_id, lock=True)
    if found.state in {"committing", "committed"} and found.job_id is not None:
        return found.job_id
    if found.state != "checked":
        raise errors.ImportState(_("请先检查，再提交。"))
    other = await imports.committed_since(ctx.session, import_id, datetime.fromisoformat(found.plan["checked_at"]))
    if other is not None:
        raise errors.ImportState(
            _("检查之后，另一份表格「{name}」已经导入。", name=other.file_name), hint=_("请重新检查，再提交。")
        )
    if not found.counts.get("ready"):
        raise errors.ImportState(_("没有可以导入的行。"), hint=_("请先更正有问题的行。"))
    job_id = found.job_id = await enqueue(
        ctx,
        "records.import_commit",
        {"import_id": str(import_id)},
        key=f"records.import_commit:{import_id}",
        label=found.file_name,
        url=f"/records/import/{import_id}",
    )
    found.state = "committing"
    await ctx.session.flush()
    audit.record(
        ctx,
        "records.import.commit",
        object_type="records.import",
        object_id=import_id,
        changes={"rows": (None, found.counts.get("ready", 0))},
    )
    return job_id


async def joining(ctx: Context, path: Mapping[str, Any]) -> int:
    """How many people committing ``path``'s import adds to those employed: what it needs of the licence's seats. None
    where there is nothing to commit, which the commit itself then says."""
    found = await imports.get(ctx.session, path["import_id"])
    if found is None or found.state != "checked":
        return 0
    return int(found.counts.get("joining", found.counts.get("ready", 0)))


async def run(job: JobRun, import_id: UUID) -> dict[str, Any]:
    """The body of the job. Idempotent: what is written is written, the rest follows."""
    async with job.tenant() as ctx:
        found = await find(ctx, import_id, lock=True)
        if found.state != "committing":
            return {"added": found.counts.get("added", 0), "updated": found.counts.get("updated", 0)}
        await _make_organisation(ctx, found)
        counts = await imports.counts(ctx.session, import_id)
    total = sum(counts.get(state, 0) for state in ("ready", "added", "updated"))
    done = total - counts.get("ready", 0)
    while True:
        await job.progress(done, total)
        async with job.tenant() as ctx:
            rows = await imports.next_ready(ctx.session, import_id, CHUNK_ROWS)
            if not rows:
                break
            await write_chunk(ctx, import_id, rows)
        done += len(rows)
    async with job.tenant() as ctx:
        found = await find(ctx, import_id, lock=True)
        result = await finish(ctx, found)
        await job.finish_within(ctx, result)
    return result


async def finish(ctx: Context, found: Import) -> dict[str, Any]:
    counts = await imports.counts(ctx.session, found.id)
    found.counts = {**found.counts, **{state: counts.get(state, 0) for state in ("ready", "fault", "added", "updated")}}
    found.state, found.committed_at, found.file_ct = "committed", datetime.now(UTC), None
    await ctx.session.flush()
    await emit(ctx, COMMITTED, {"import_id": str(found.id)})
    return {"added": counts.get("added", 0), "updated": counts.get("updated", 0)}


async def write_chunk(ctx: Context, import_id: UUID, rows: Sequence[ImportRow]) -> None:
    """Writes rows that are ready, all in the caller's transaction. A row whose number was taken since the check is set
    aside with its reason; the others go through."""
    opened: list[Any] = ImportRow.values.open_rows(rows, ctx.keyring)
    loaded = list(zip(rows, opened, strict=True))
    adding = [(row, _typed(values)) for row, values in loaded if values["action"] == "add"]
    updating = [(row, _typed(values)) for row, values in loaded if values["action"] == "update"]
    adding = await _set_aside(ctx, adding)
    people: list[Employee] = []
    for row, values in adding:
        person = Employee(id=row.employee_id, import_id=import_id, **values["person"])
        people.append(person)
        row.state, row.employee_version = "added", 1
        _record(ctx, "records.employee.create", person.id, {k: (None, v) for k, v in values["person"].items() if v})
    ctx.session.add_all(people)
    await ctx.session.flush()
    for row, values in adding:
        person = values["person"]
        ctx.session.add(
            Assignment(
                employee_id=row.employee_id,
                valid_from=person["hired_on"],
                valid_to=person.get("left_on"),
                reason=_("入职"),
                import_id=import_id,
                **values["seat"],
            )
        )
    await ctx.session.flush()
    await _update(ctx, import_id, updating)
    await ctx.session.flush()


async def _update(ctx: Context, import_id: UUID, updating: Sequence[tuple[ImportRow, dict[str, Any]]]) -> None:
    ids = [row.employee_id for row, _values in updating if row.employee_id]
    people = {person.id: person for person in await employees.lock_many(ctx.session, ids)}
    seats = await imports.seats_of(ctx.session, ids)
    for row, values in updating:
        person = people.get(row.employee_id) if row.employee_id else None
        if person is None:
            _put_aside(row, "name", "taken_meanwhile")
            continue
        before = {name: getattr(person, name) for name in values["person"]}
        row.before = {"person": before, "seats": [_seat_row(seat) for seat in seats[person.id]]}
        await _apply(ctx, import_id, person, values, seats[person.id])
        row.state, row.employee_version = "updated", person.version
        changes: dict[str, tuple[object, object]] = {k: (before[k], v) for k, v in values["person"].items()}
        changes.update({name: (None, value) for name, value in values["seat"].items()})
        _record(ctx, "records.employee.update", person.id, changes)


async def _apply(
    ctx: Context, import_id: UUID, person: Employee, values: dict[str, Any], seats: Sequence[Assignment]
) -> None:
    history = history_of(seats)
    sent = values["person"]
    if "hired_on" in sent and history:
        history = periods.move_start(history, sent["hired_on"])
    if values["seat"]:
        day: date = values["day"]
        current = periods.at(history, day) or (history[-1] if history else None)
        if current is not None:
            value = current.value._replace(reason=_("导入"), import_id=import_id, **values["seat"])
            history = periods.change(history, day, value)
    if "left_on" in sent:
        if person.left_on is not None:
            history = periods.reopen(history, person.left_on)
        if sent["left_on"] is not None:
            history = periods.end(history, sent["left_on"])
    for name, value in sent.items():
        setattr(person, name, value)
    person.version += 1
    await ctx.session.flush()
    if history != history_of(seats):
        await store(ctx, person.id, history)


async def _set_aside(
    ctx: Context, adding: Sequence[tuple[ImportRow, dict[str, Any]]]
) -> list[tuple[ImportRow, dict[str, Any]]]:
    """Rows whose number or ID number came into use since the check."""
    blinds = {
        row.id: Employee.id_number.blind_index(values["person"]["id_number"])
        for row, values in adding
        if values["person"].get("id_number")
    }
    numbers = [values["person"]["number"] for _row, values in adding]
    taken_numbers, taken_blinds = await employees.taken(ctx.session, numbers, list(blinds.values()))
    kept: list[tuple[ImportRow, dict[str, Any]]] = []
    for row, values in adding:
        if values["person"]["number"] in taken_numbers or blinds.get(row.id) in taken_blinds:
            _put_aside(row, "number", "taken_meanwhile")
        else:
            kept.append((row, values))
    return await _with_managers(ctx, kept)


async def _with_managers(
    ctx: Context, adding: Sequence[tuple[ImportRow, dict[str, Any]]]
) -> list[tuple[ImportRow, dict[str, Any]]]:
    """Sets aside rows whose manager was set aside before them, chunk or chunks ago."""
    wanted = {m for _row, values in adding if (m := values["seat"].get("manager_id"))}
    present = await employees.existing(ctx.session, wanted) | {row.employee_id for row, _values in adding}
    kept = []
    for row, values in adding:
        manager = values["seat"].get("manager_id")
        if manager is not None and manager not in present:
            _put_aside(row, "manager", "taken_meanwhile")
            present.discard(row.employee_id)
        else:
            kept.append((row, values))
    return kept


def _put_aside(row: ImportRow, field: str, code: str) -> None:
    row.state = "fault"
    row.faults = [*(row.faults or []), {"field": field, "code": code, "params": {}, "column": None, "blocks": True}]


async def _make_organisation(ctx: Context, found: Import) -> None:
    """Units, positions and legal entities that rows name and that are not there: once, however often this runs."""
    new = found.plan.get("new", {})
    present = await organisation.existing_ids(ctx.session)
    for entity in new.get("entities", ()):
        if UUID(entity["id"]) not in present:
            ctx.session.add(LegalEntity(id=UUID(entity["id"]), name=entity["name"], city=entity.get("city", "")))
            _record(ctx, "records.legal_entity.create", UUID(entity["id"]), {"name": (None, entity["name"])})
    for position in new.get("positions", ()):
        if UUID(position["id"]) not in present:
            ctx.session.add(Position(id=UUID(position["id"]), name=position["name"], import_id=found.id))
            _record(ctx, "records.position.create", UUID(position["id"]), {"name": (None, position["name"])})
    made = [unit for unit in new.get("units", ()) if UUID(unit["id"]) not in present]
    ctx.session.add_all([Unit(id=UUID(unit["id"]), import_id=found.id) for unit in made])
    await ctx.session.flush()
    for unit in made:
        ctx.session.add(
            UnitPeriod(
                unit_id=UUID(unit["id"]),
                name=unit["name"],
                parent_id=UUID(unit["parent_id"]) if unit["parent_id"] else None,
                valid_from=date.fromisoformat(new["since"]),
            )
        )
        _record(ctx, "records.unit.create", UUID(unit["id"]), {"name": (None, unit["name"])})
    await ctx.session.flush()


def _typed(values: dict[str, Any]) -> dict[str, Any]:
    """Sealed values come back as builtins: days and ids are made of their texts again."""
    person = dict(values["person"])
    for name in _DATES:
        if isinstance(person.get(name), str):
            person[name] = date.fromisoformat(person[name])
    seat = dict(values["seat"])
    for name in _IDS:
        if isinstance(seat.get(name), str):
            seat[name] = UUID(seat[name])
    typed = {**values, "person": person, "seat": seat}
    if isinstance(values.get("day"), str):
        typed["day"] = date.fromisoformat(values["day"])
    return typed


def _seat_row(seat: Assignment) -> dict[str, Any]:
    return {
        "valid_from": seat.valid_from,
        "valid_to": seat.valid_to,
        "unit_id": seat.unit_id,
        "position_id": seat.position_id,
        "manager_id": seat.manager_id,
        "legal_entity_id": seat.legal_entity_id,
        "city": seat.city,
        "reason": seat.reason,
        "import_id": seat.import_id,
    }


def _record(ctx: Context, action: str, object_id: UUID, changes: dict[str, tuple[object, object]]) -> None:
    audit.record(
        ctx,
        action,
        object_type=".".join(action.split(".")[:2]),
        object_id=object_id,
        changes=changes,
        reason=_("导入"),
    )
