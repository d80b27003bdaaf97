"""Who is in a run."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from typing import NamedTuple
from uuid import UUID

from modules.payroll import repository
from modules.payroll.models import PayGroup, PayRun
from modules.payroll.rules.calendar import month_span
from modules.payroll.rules.document import Person
from modules.records import api as records
from zhiren.context import Context


class Member(NamedTuple):
    """A person in a run; without ``profile_id`` nobody has said what they are paid."""

    employee_id: UUID
    person: Person
    profile_id: UUID | None
    #: who withholds: the group's employer, else the person's own
    legal_entity_id: UUID | None


async def population(ctx: Context, run: PayRun, group: PayGroup) -> list[Member]:
    """Who belongs in the run, by number.

    Everybody employed on a day of the month whose terms name this group, and the employer's people whom nobody gave
    terms, so that they are seen and not forgotten. In a correction, those it was opened for.
    """
    first, last = month_span(run.year, run.month)
    terms = {row.employee_id: row for row in await repository.profiles_in_force(ctx.session, first, last)}
    chosen: set[UUID] | None = None
    if run.kind == "correction":
        chosen = {row.employee_id for row in await repository.inputs(ctx.session, run.id)}
    alone = sum(other.active for other in await repository.groups(ctx.session)) == 1
    found: list[Member] = []
    for ref in await _employed(ctx, first, last):
        row = terms.get(ref.id)
        if chosen is not None:
            belongs = ref.id in chosen
        elif row is not None:
            belongs = row.group_id == group.id
        else:
            belongs = ref.legal_entity_id == group.legal_entity_id if group.legal_entity_id else alone
        if belongs:
            city = (row.city if row else None) or ref.city or ""
            person = Person(
                ref.number, ref.name, ref.unit_name or "", ref.position or "", city, ref.hired_on, ref.left_on
            )
            entity_id = group.legal_entity_id or ref.legal_entity_id
            found.append(Member(ref.id, person, row.id if row else None, entity_id))
    return found


async def _employed(ctx: Context, first: date, last: date) -> list[records.EmployeeRef]:
    """People employed in the month, who left with the seat of their last day."""
    refs = await records.list_employees(ctx, last, employed_since=first)
    leavers: dict[date, list[UUID]] = defaultdict(list)
    for ref in refs:
        if ref.left_on is not None and ref.left_on < last:
            leavers[ref.left_on].append(ref.id)
    seats: dict[UUID, records.EmployeeRef] = {}
    for day, ids in leavers.items():
        seats.update(await records.employee_refs(ctx, ids, as_of=day))
    return [seats.get(ref.id, ref) for ref in refs]
