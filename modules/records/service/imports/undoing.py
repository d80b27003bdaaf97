"""Taking a whole import back: all of it or none, and none of it when later changes stand on it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from modules.records import api, errors
from modules.records.models import Employee, Import, ImportRow
from modules.records.repository import employees, imports
from modules.records.rules.periods import Period
from modules.records.service.imports.staging import KEEP_DONE, find
from modules.records.service.seats import SeatValue, store
from zhiren import audit
from zhiren.context import Context
from zhiren.events import emit
from zhiren.i18n import _
from zhiren.jobs import JobRun, enqueue

UNDONE = "records.import.undone"
_SHOWN = 5
_DATES = ("birth_date", "hired_on", "left_on")


async def obstacles(ctx: Context, import_id: UUID) -> list[str]:
    """Why the import cannot be taken back, one sentence for each reason; empty when it can."""
    rows = await imports.written_rows(ctx.session, import_id)
    if not rows:
        return [_("没有可以撤销的内容（完成满 {days} 天后，撤销所需的数据就删除了）", days=KEEP_DONE.days)]
    written = {row.employee_id: row.employee_version for row in rows if row.employee_id}
    added = [row.employee_id for row in rows if row.state == "added" and row.employee_id]
    now = await imports.versions(ctx.session, list(written))
    reasons: list[str] = []
    changed = [now[i][1] for i, version in written.items() if i in now and now[i][0] != version]
    gone = [i for i in written if i not in now]
    if changed:
        reasons.append(_("导入之后又修改过：{names}", names=_named(changed)))
    if gone:
        reasons.append(_("有 {n} 人已不在档案里", n=len(gone)))
    leaning = await imports.leaning_on(ctx.session, added)
    if leaning:
        names = [now[i][1] for i in leaning if i in now]
        reasons.append(_("已是其他人的上级或部门负责人：{names}", names=_named(names)))
    for person_id, why in (await api.dependents(ctx, added)).items():
        if len(reasons) >= _SHOWN:
            break
        reasons.append(_("{name}：{why}", name=now[person_id][1] if person_id in now else "", why=why))
    return reasons


async def start(ctx: Context, import_id: UUID) -> UUID:
    """Asks for the undoing; answers with the job. Raises UndoRefused with the reasons, ImportState."""
    found = await find(ctx, import_id, lock=True)
    if found.state != "committed":
        raise errors.ImportState(_("只有已完成的导入可以撤销。"))
    _refuse(await obstacles(ctx, import_id))
    found.state = "undoing"
    job_id = found.job_id = await enqueue(
        ctx,
        "records.import_undo",
        {"import_id": str(import_id)},
        key=f"records.import_undo:{import_id}:{found.version}",
        label=found.file_name,
        url=f"/records/import/{import_id}",
    )
    await ctx.session.flush()
    audit.record(ctx, "records.import.undo", object_type="records.import", object_id=import_id)
    return job_id


async def run(job: JobRun, import_id: UUID) -> dict[str, Any]:
    """The body of the job. One transaction: a kill in the middle undoes nothing, and the next attempt all of it."""
    await job.progress(0, 1)
    async with job.tenant() as ctx:
        found = await find(ctx, import_id, lock=True)
        if found.state != "undoing":
            return {"undone": found.counts.get("undone", 0)}
        reasons = await obstacles(ctx, import_id)
        if reasons:
            # somebody was faster; the records stay as they are, and the page says why
            found.state, found.plan = "committed", {**found.plan, "undo_refused": reasons}
            result: dict[str, Any] = {"undone": 0, "refused": reasons}
        else:
            result = {"undone": await undo(ctx, found)}
        await job.finish_within(ctx, result)
    return result


async def undo(ctx: Context, found: Import) -> int:
    """Restores what was before, in the caller's transaction; the caller has looked for obstacles."""
    rows = await imports.written_rows(ctx.session, found.id)
    updated = [row for row in rows if row.state == "updated"]
    added = [row.employee_id for row in rows if row.state == "added" and row.employee_id]
    await _restore(ctx, updated)
    for person_id in added:
        audit.record(
            ctx, "records.employee.remove", object_type="records.employee", object_id=person_id, reason=_("撤销导入")
        )
    await ctx.session.flush()
    await imports.remove_people(ctx.session, added)
    await imports.remove_unused_organisation(ctx.session, found.id)
    for row in rows:
        row.state, row.before_ct = "undone", None
    found.state = "undone"
    found.counts = {**found.counts, "undone": len(rows)}
    await ctx.session.flush()
    await emit(ctx, UNDONE, {"import_id": str(found.id)})
    return len(rows)


async def _restore(ctx: Context, rows: Sequence[ImportRow]) -> None:
    people = {p.id: p for p in await employees.lock_many(ctx.session, [r.employee_id for r in rows if r.employee_id])}
    before: list[Any] = ImportRow.before.open_rows(rows, ctx.keyring)
    for row, values in zip(rows, before, strict=True):
        if row.employee_id is None or not values:
            continue
        person: Employee = people[row.employee_id]
        await store(ctx, person.id, [_period(seat) for seat in values["seats"]])
        changes: dict[str, tuple[object, object]] = {}
        for name, value in values["person"].items():
            old = date.fromisoformat(value) if name in _DATES and isinstance(value, str) else value
            changes[name] = (getattr(person, name), old)
            setattr(person, name, old)
        person.version += 1
        await ctx.session.flush()
        audit.record(
            ctx,
            "records.employee.update",
            object_type="records.employee",
            object_id=person.id,
            changes=changes,
            reason=_("撤销导入"),
        )


def _period(seat: dict[str, Any]) -> Period[SeatValue]:
    def uuid(name: str) -> UUID | None:
        return UUID(seat[name]) if seat[name] else None

    return Period(
        date.fromisoformat(seat["valid_from"]),
        date.fromisoformat(seat["valid_to"]) if seat["valid_to"] else None,
        SeatValue(
            unit_id=UUID(seat["unit_id"]),
            position_id=uuid("position_id"),
            manager_id=uuid("manager_id"),
            legal_entity_id=UUID(seat["legal_entity_id"]),
            city=seat["city"],
            reason=seat["reason"],
            import_id=uuid("import_id"),
        ),
    )


def _named(names: Sequence[str]) -> str:
    shown = "、".join(names[:_SHOWN])
    return _("{names} 等 {n} 人", names=shown, n=len(names)) if len(names) > _SHOWN else shown


def _refuse(reasons: Sequence[str]) -> None:
    if reasons:
        raise errors.UndoRefused(_("这次导入不能撤销。"), hint="；".join(reasons), params={"reasons": list(reasons)})
