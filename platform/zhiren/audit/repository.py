"""Queries over a tenant's audit trail."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from zhiren.audit.models import AuditEvent, AuditLink
from zhiren.audit.schemas import CHAIN, Search
from zhiren.audit.titles import patterns

CHINA: Final = ZoneInfo("Asia/Shanghai")


async def search_events(
    session: AsyncSession, search: Search, *, before: tuple[datetime, UUID] | None, limit: int
) -> list[tuple[AuditEvent, int | None]]:
    """Events with their number in the chain, newest first."""
    statement = _with_sequence().where(*_conditions(search))
    if before is not None:
        statement = statement.where(tuple_(AuditEvent.at, AuditEvent.id) < tuple_(*before))
    rows = await session.execute(statement.order_by(AuditEvent.at.desc(), AuditEvent.id.desc()).limit(limit))
    return [(row[0], row[1]) for row in rows]


async def event_by_id(session: AsyncSession, event_id: UUID) -> tuple[AuditEvent, int | None] | None:
    row = (await session.execute(_with_sequence().where(AuditEvent.id == event_id))).one_or_none()
    return None if row is None else (row[0], row[1])


async def last_check(session: AsyncSession) -> AuditEvent | None:
    """The event of the last time the chain was recomputed."""
    statement = select(AuditEvent).where(AuditEvent.object_type == CHAIN).order_by(AuditEvent.at.desc()).limit(1)
    found: AuditEvent | None = await session.scalar(statement)
    return found


def _with_sequence() -> Select[AuditEvent, int]:
    return select(AuditEvent, AuditLink.sequence).outerjoin(AuditLink, AuditLink.event_id == AuditEvent.id)


def _conditions(search: Search) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if search.who:
        found.append(_who(search.who.strip()))
    if search.what:
        words = search.what.strip()
        likes = [AuditEvent.action.like(pattern, escape="\\") for pattern in patterns(words)]
        found.append(or_(AuditEvent.action.icontains(words, autoescape=True), *likes))
    if search.object_type:
        found.append(AuditEvent.object_type == search.object_type)
    if search.object_id:
        found.append(AuditEvent.object_id == search.object_id.strip())
    if search.since:
        found.append(AuditEvent.at >= _midnight(search.since))
    if search.until:
        found.append(AuditEvent.at < _midnight(search.until + timedelta(days=1)))
    if search.sensitive:
        found.append(AuditEvent.sensitive.is_(True))
    return found


def _who(text: str) -> ColumnElement[bool]:
    try:
        return AuditEvent.actor_user_id == UUID(text)
    except ValueError:
        return or_(AuditEvent.actor_name.icontains(text, autoescape=True), AuditEvent.ip == text)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), CHINA)
