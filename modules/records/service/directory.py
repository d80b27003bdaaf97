"""``zhiren.people.Directory``, answered from the records."""

from __future__ import annotations

from uuid import UUID

from modules.records.repository import employees, organisation
from modules.records.rules.trees import unit_paths
from zhiren.clock import today
from zhiren.context import Context, Scope
from zhiren.people import Colleague

_EVERYONE = Scope(kinds=frozenset({"all"}))


class _Chart:
    """The units of today: parent, leader, depth."""

    def __init__(self, rows: list[tuple[UUID, UUID | None, UUID | None]]) -> None:
        self.parent = {unit_id: parent for unit_id, parent, _leader in rows}
        self.leader = {unit_id: leader for unit_id, _parent, leader in rows}

    def way_up(self, unit_id: UUID | None) -> list[UUID]:
        """The unit and those above it."""
        way: list[UUID] = []
        while unit_id is not None and unit_id in self.parent and unit_id not in way:
            way.append(unit_id)
            unit_id = self.parent[unit_id]
        return way

    def level(self, unit_id: UUID | None) -> int | None:
        return len(self.way_up(unit_id)) or None


class OrganisationDirectory:
    async def manager_chain(self, ctx: Context, employee_id: UUID, levels: int) -> list[Colleague]:
        chart = await self._chart(ctx)
        seen, chain, here = {employee_id}, list[Colleague](), employee_id
        while len(chain) < levels:
            above = await self._above(ctx, chart, here, seen)
            if above is None:
                break
            seen.add(above)
            here = above
            found = await self._colleague(ctx, chart, above)
            if found is not None:
                chain.append(found)
        return chain

    async def unit_of(self, ctx: Context, employee_id: UUID) -> UUID | None:
        found = await employees.refs(ctx.session, today(), scope=_EVERYONE, ids=[employee_id], only_employed=True)
        return found[0].unit_id if found else None

    async def unit_leader(self, ctx: Context, unit_id: UUID, level: int) -> Colleague | None:
        chart = await self._chart(ctx)
        way = chart.way_up(unit_id)[::-1]
        leader = chart.leader.get(way[level - 1]) if 0 < level <= len(way) else None
        return await self._colleague(ctx, chart, leader) if leader is not None else None

    async def units(self, ctx: Context) -> list[tuple[UUID, str]]:
        rows = await organisation.units(ctx.session, today())
        paths = unit_paths({row.id: (row.name, row.parent_id) for row in rows})
        return [(row.id, paths[row.id].replace("/", " / ")) for row in rows]

    async def _chart(self, ctx: Context) -> _Chart:
        rows = await organisation.units(ctx.session, today())
        return _Chart([(row.id, row.parent_id, row.leader_id) for row in rows])

    async def _above(self, ctx: Context, chart: _Chart, employee_id: UUID, seen: set[UUID]) -> UUID | None:
        found = await employees.refs(ctx.session, today(), scope=_EVERYONE, ids=[employee_id], only_employed=False)
        if not found:
            return None
        if found[0].manager_id is not None:
            manager: UUID = found[0].manager_id
            return None if manager in seen else manager
        leaders = (chart.leader.get(unit) for unit in chart.way_up(found[0].unit_id))
        return next((leader for leader in leaders if leader is not None and leader not in seen), None)

    async def _colleague(self, ctx: Context, chart: _Chart, employee_id: UUID) -> Colleague | None:
        found = await employees.refs(ctx.session, today(), scope=_EVERYONE, ids=[employee_id], only_employed=True)
        return Colleague(employee_id, found[0].name, chart.level(found[0].unit_id)) if found else None
