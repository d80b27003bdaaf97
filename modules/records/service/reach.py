"""What the platform asks about the organisation: whose data a grant reaches today, and which units there are."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from modules.records.clock import today
from modules.records.repository import employees, organisation
from modules.records.rules.trees import unit_paths
from zhiren.context import Context, Scope


class Organisation:
    """``zhiren.auth.fields.Reach``, answered from the records."""

    async def visible_employee_ids(self, ctx: Context, scope: Scope, employee_ids: frozenset[UUID]) -> frozenset[UUID]:
        found = await employees.visible_ids(ctx.session, scope, today(), among=employee_ids)
        return frozenset(found)

    async def units(self, ctx: Context) -> Sequence[tuple[UUID, str]]:
        tree = {row.id: (row.name, row.parent_id) for row in await organisation.unit_names(ctx.session, today())}
        paths = unit_paths(tree)
        below: dict[UUID | None, list[UUID]] = {}
        for unit_id, (_name, parent) in tree.items():
            below.setdefault(parent if parent in tree else None, []).append(unit_id)
        ordered: list[tuple[UUID, str]] = []
        waiting = list(reversed(below.get(None, [])))
        while waiting:
            unit_id = waiting.pop()
            ordered.append((unit_id, paths[unit_id].replace("/", " / ")))
            waiting += reversed(below.get(unit_id, []))
        return ordered
