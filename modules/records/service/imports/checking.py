"""The dry run against what is on file: nothing is written but what it found."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from modules.records.models import Assignment, Employee, Import, ImportRow
from modules.records.repository import employees, imports
from modules.records.rules import periods
from modules.records.rules.imports.checker import TEXTS, Checker, Fault, Outcome, Plan, Row
from modules.records.service.imports.staging import open_import
from modules.records.service.seats import history_of
from zhiren import audit
from zhiren.clock import today
from zhiren.context import Context
from zhiren.i18n import _

_SEAT_FIELDS = ("unit_id", "position_id", "manager_id", "legal_entity_id", "city")


async def check(ctx: Context, import_id: UUID) -> Import:
    """Judges every row and keeps the answer with it: ready, fault or skipped. Changes no record. May be made as often
    as wanted. Raises ImportState once the import is committed."""
    found = await open_import(ctx, import_id)
    plan = plan_of(found)
    stored = await imports.light_rows(ctx.session, import_id)
    cells = ImportRow.cells.open_values(((row.id, row.cells_ct) for row in stored), ctx.keyring)
    directory = await imports.directory(ctx.session, plan.effective_on, today())
    checker = Checker(
        plan,
        directory,
        today=today(),
        blind=Employee.id_number.blind_index,
        next_number=await _next_number(ctx) if "number" not in plan.mapping else 1,
    )
    rows = [Row(row.id, row.row_number, values or []) for row, values in zip(stored, cells, strict=True)]
    # pure computing, a second for ten thousand rows: other requests go on meanwhile
    outcomes = await asyncio.to_thread(checker.run, rows)
    await _against_file(ctx, plan, outcomes)
    kept = {row.id: row.cells_ct for row in stored}
    await imports.write_rows(ctx, import_id, [_stored(ctx, outcome, kept[outcome.row_id]) for outcome in outcomes])
    found.plan = {
        **found.plan,
        "new": {
            "units": checker.organiser.new_units,
            "positions": checker.organiser.new_positions,
            "entities": checker.organiser.new_entities,
            "since": _earliest(plan, outcomes),
        },
        "checked_at": datetime.now(UTC).isoformat(),
    }
    found.counts = _figures(outcomes)
    found.state = "checked"
    await ctx.session.flush()
    audit.record(ctx, "records.import.check", object_type="records.import", object_id=found.id)
    return found


def plan_of(found: Import) -> Plan:
    plan = found.plan
    return Plan(
        mapping=plan["mapping"],
        effective_on=date.fromisoformat(plan["effective_on"]),
        mode=plan["mode"],
        legal_entity_id=UUID(plan["legal_entity_id"]) if plan.get("legal_entity_id") else None,
        tolerated=frozenset(plan.get("tolerated", ())),
    )


def fault_text(code: str, params: dict[str, Any]) -> str:
    """What is wrong, in the reader's language."""
    return _(TEXTS[code], **params)


async def _against_file(ctx: Context, plan: Plan, outcomes: Sequence[Outcome]) -> None:
    """Leaves of an update what really differs; a row that changes nothing is skipped."""
    updates = [o for o in outcomes if o.state == "ready" and o.values.get("action") == "update" and o.employee_id]
    if not updates:
        return
    ids = [outcome.employee_id for outcome in updates if outcome.employee_id]
    people = {person.id: person for person in await employees.many(ctx.session, ids)}
    seats = await imports.seats_of(ctx.session, ids)
    for outcome in updates:
        assert outcome.employee_id is not None
        _reduce(outcome, people[outcome.employee_id], seats[outcome.employee_id], plan.effective_on)


def _reduce(outcome: Outcome, person: Employee, seats: list[Assignment], effective_on: date) -> None:
    sent = outcome.values["person"]
    changed = {name: value for name, value in sent.items() if getattr(person, name) != value}
    hired = changed.get("hired_on", person.hired_on)
    left = changed.get("left_on", person.left_on)
    if left is not None and left < hired:
        _hold(outcome, "left_on", "left_before_hired")
        return
    first_end = seats[0].valid_to if seats else None
    if "hired_on" in changed and first_end is not None and first_end < hired:
        _hold(outcome, "hired_on", "hired_on_history")
        return
    day = min(max(effective_on, hired), left or date.max)
    current = periods.at(history_of(seats), day)
    seat = {
        name: outcome.values["seat"][name]
        for name in _SEAT_FIELDS
        if name in outcome.values["seat"]
        and (current is None or getattr(current.value, name) != outcome.values["seat"][name])
    }
    outcome.values.update(person=changed, seat=seat, day=day)
    if not changed and not seat and "monthly_wage_fen" not in outcome.values:
        outcome.state = "skipped"


def _hold(outcome: Outcome, field: str, code: str) -> None:
    outcome.faults.append(Fault(field, code, {}, None, True))
    outcome.state = "fault"


def _stored(ctx: Context, outcome: Outcome, cells_ct: bytes | None) -> dict[str, Any]:
    row_id = outcome.row_id
    faults = [
        {"field": f.field, "code": f.code, "params": f.params, "column": f.column, "blocks": f.blocks}
        for f in outcome.faults
    ]
    return {
        "id": row_id,
        "row_number": outcome.row_number,
        "state": outcome.state,
        "commit_order": outcome.commit_order,
        "employee_id": outcome.employee_id,
        "cells_ct": cells_ct,
        "values_ct": ImportRow.values.seal_value(row_id, outcome.values, ctx.keyring) if outcome.values else None,
        "faults_ct": ImportRow.faults.seal_value(row_id, faults, ctx.keyring) if faults else None,
    }


def _figures(outcomes: Iterable[Outcome]) -> dict[str, Any]:
    """How many of each, and which faults how often. No personal data: this is kept in the clear."""
    states: Counter[str] = Counter()
    faults: Counter[tuple[str, str, bool]] = Counter()
    for outcome in outcomes:
        states[outcome.state] += 1
        if outcome.state == "ready":
            states[outcome.values["action"]] += 1
            states["joining"] += _joins(outcome)
        if outcome.state == "ready" and any(not fault.blocks for fault in outcome.faults):
            states["remarked"] += 1
        for fault in outcome.faults:
            faults[fault.field, fault.code, fault.blocks] += 1
    return {
        **states,
        "faults": [
            {"field": field, "code": code, "blocks": blocks, "n": n}
            for (field, code, blocks), n in faults.most_common(50)
        ],
    }


def _joins(outcome: Outcome) -> bool:
    """Whether the row adds somebody who is employed, or will be: people who left already take no seat."""
    left: date | None = outcome.values["person"].get("left_on")
    return outcome.values["action"] == "add" and (left is None or left >= today())


def _earliest(plan: Plan, outcomes: Iterable[Outcome]) -> str:
    """The units that an import makes are there from the first hiring on."""
    hired: list[date | None] = [
        o.values["person"].get("hired_on") for o in outcomes if o.state == "ready" and o.values["action"] == "add"
    ]
    return min([day for day in hired if day] + [plan.effective_on]).isoformat()


async def _next_number(ctx: Context) -> int:
    highest = await employees.highest_number(ctx.session, "")
    return int(highest) + 1 if highest and highest.isdigit() else 1
