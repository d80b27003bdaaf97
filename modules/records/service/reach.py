"""What the platform asks about the organisation: whose data a grant reaches today, and which units there are."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from modules.records.repository import employees
from modules.records.service import organisation
from zhiren.clock import today
from zhiren.context import Context, Scope


class Organisation:
    """``zhiren.auth.fields.Reach``, answered from the records."""

    async def visible_employee_ids(self, ctx: Context, scope: Scope, employee_ids: frozenset[UUID]) -> frozenset[UUID]:
        found = await employees.visible_ids(ctx.session, scope, today(), among=employee_ids)
        return frozenset(found)

    async def units(self, ctx: Context) -> Sequence[tuple[UUID, str]]:
        chart = await organisation.chart_of(ctx, today())
        return [(UUID(unit_id), path.replace("/", " / ")) for unit_id, path in chart.units]
