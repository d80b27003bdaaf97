"""Recomputes a tenant's chain and says where it first fails to hold."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from zhiren.audit.chain import HASHED, first_hash, link_hash
from zhiren.audit.models import AuditEvent, AuditHead, AuditLink
from zhiren.context import Context

#: ``missing_link``: a link's number is not there. ``missing_event``: the link is, its event is not. ``changed``: an
#: event or a link is not what was chained. ``cut``: the chain ends before, or beyond, where its head says.
#: ``unchained``: an event stands in the table that the sequencer never saw. ``anchor``: the chain holds in itself, and
#: is not the one that was noted.
Problem = Literal["missing_link", "missing_event", "changed", "cut", "unchained", "anchor"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """``checked`` links were recomputed and hold. ``pending`` events are written and not chained yet."""

    checked: int
    pending: int
    hash: bytes
    chained_at: datetime | None
    problem: Problem | None = None
    #: number of the first link that does not hold
    broken_at: int | None = None

    @property
    def intact(self) -> bool:
        return self.problem is None


async def verify(ctx: Context, *, anchor: tuple[int, bytes] | None = None) -> Verdict:
    """Recomputes the chain of the tenant of ``ctx`` from its first link, in constant memory.

    ``anchor`` is a link's number and hash noted outside the database: with it a chain that was rewritten as a whole, or
    replaced by an older one, is found out too; nothing inside the database can tell that by itself.
    """
    return await _Walk(ctx.session, ctx.tenant.id, anchor).verdict()


async def chain_state(session: AsyncSession) -> tuple[int, datetime | None]:
    """How far the chain reaches, without recomputing it: number of the last link, and when it was made."""
    row = (await session.execute(select(AuditHead.sequence, AuditHead.chained_at))).one_or_none()
    return (0, None) if row is None else (row.sequence, row.chained_at)


class _Walk:
    def __init__(self, session: AsyncSession, tenant_id: str, anchor: tuple[int, bytes] | None) -> None:
        self._session = session
        self._anchor = anchor
        self._hash = first_hash(tenant_id)
        self._checked = 0
        self._anchored = anchor is None

    async def verdict(self) -> Verdict:
        # one statement, one snapshot: the sequencer may move on meanwhile
        last = select(func.max(AuditLink.sequence)).scalar_subquery()
        statement = select(AuditHead.sequence, AuditHead.hash, AuditHead.cursor_xid, AuditHead.chained_at, last)
        head: Any = (await self._session.execute(statement)).one_or_none()
        if head is None:
            links = await self._session.scalar(select(func.count()).select_from(AuditLink))
            problem: Problem | None = "cut" if links else None if self._anchor is None else "anchor"
            return Verdict(0, await self._pending(), self._hash, None, problem, 1 if links else None)
        problem, broken_at = await self._links(head.sequence)
        if problem is None and (head[4] or 0) > head.sequence:
            problem, broken_at = "cut", head.sequence + 1
        if problem is None and head.hash != self._hash:
            problem, broken_at = "cut", head.sequence
        if problem is None and await self._unchained(head.cursor_xid):
            problem = "unchained"
        if problem is None and not self._anchored:
            problem, broken_at = "anchor", self._anchor[0] if self._anchor else None
        return Verdict(self._checked, await self._pending(), self._hash, head.chained_at, problem, broken_at)

    async def _links(self, end: int) -> tuple[Problem | None, int | None]:
        columns = [AuditEvent.__table__.c[name] for name in HASHED]
        statement = (
            select(AuditLink.sequence, AuditLink.hash, *columns)
            .outerjoin(AuditEvent, AuditEvent.id == AuditLink.event_id)
            .where(AuditLink.sequence <= end)
            .order_by(AuditLink.sequence)
            .execution_options(yield_per=2000)
        )
        async for batch in (await self._session.stream(statement)).partitions():
            for row in batch:
                sequence, stored, *event = tuple[Any, ...](row)
                expected = self._checked + 1
                if sequence != expected:
                    return "missing_link", expected
                if event[0] is None:
                    return "missing_event", expected
                computed = link_hash(sequence, self._hash, event)
                if computed != stored:
                    return "changed", expected
                self._hash, self._checked = computed, sequence
                if self._anchor == (sequence, computed):
                    self._anchored = True
        return (None, None) if self._checked == end else ("cut", self._checked + 1)

    async def _unchained(self, cursor_xid: int) -> bool:
        linked = select(AuditLink.event_id).where(AuditLink.event_id == AuditEvent.id).exists()
        statement = select(AuditEvent.id).where(AuditEvent.xid < cursor_xid, ~linked).limit(1)
        return await self._session.scalar(statement) is not None

    async def _pending(self) -> int:
        linked = select(AuditLink.event_id).where(AuditLink.event_id == AuditEvent.id).exists()
        return await self._session.scalar(select(func.count()).select_from(AuditEvent).where(~linked)) or 0
