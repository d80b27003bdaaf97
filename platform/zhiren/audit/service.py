"""Reading the audit trail. Reading what is sensitive in it is an act of its own, and recorded."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from zhiren.audit import repository
from zhiren.audit.models import AuditEvent
from zhiren.audit.record import opened_changes, record
from zhiren.audit.schemas import CHAIN, ChainView, Change, EventDetail, EventView, Search, event_view
from zhiren.audit.titles import field_title
from zhiren.audit.verify import Verdict, chain_state, verify
from zhiren.context import Actor, Context
from zhiren.crypto import sealed_fields
from zhiren.errors import KeyServiceUnavailable, NotFound
from zhiren.i18n import _

#: of an event marked sensitive, a field that no model seals needs all of these
EVERY_CLASS = ("contact", "identity", "pay")
INTACT = "intact"


async def list_events(
    ctx: Context, search: Search, *, before: tuple[datetime, UUID] | None = None, limit: int
) -> list[EventView]:
    """Newest first, without values."""
    found = await repository.search_events(ctx.session, search, before=before, limit=limit)
    return [event_view(event, sequence) for event, sequence in found]


async def event_detail(ctx: Context, event_id: UUID) -> EventDetail:
    """One event; values behind a field class stay masked. Raises NotFound."""
    event, sequence = await _event(ctx, event_id)
    view = event_view(event, sequence)
    try:
        values = opened_changes(ctx, event)
    except KeyServiceUnavailable:
        hidden = [Change(name, field_title(name), None, masked=True) for name in event.fields]
        return EventDetail(view, hidden, can_reveal=False, values_unavailable=True)
    changes = _changes(event, values, shown=frozenset())
    return EventDetail(view, changes, can_reveal=bool(_revealable(ctx.actor, event, values)))


async def reveal(ctx: Context, event_id: UUID) -> EventDetail:
    """One event with all values its reader's field classes allow, across everyone. Recorded when any is shown."""
    event, sequence = await _event(ctx, event_id)
    values = opened_changes(ctx, event)
    shown = _revealable(ctx.actor, event, values)
    if shown:
        record(
            ctx,
            "audit.event.reveal",
            object_type="audit.event",
            object_id=event.id,
            fields=sorted(shown),
            sensitive=True,
        )
    return EventDetail(event_view(event, sequence), _changes(event, values, shown=shown), can_reveal=False)


async def check_chain(ctx: Context) -> Verdict:
    """Recomputes the chain and records how that ended."""
    verdict = await verify(ctx)
    where = f" {verdict.broken_at}" if verdict.broken_at is not None else ""
    record(
        ctx,
        "audit.chain.verify",
        object_type=CHAIN,
        object_id=str(verdict.checked),
        reason=INTACT if verdict.problem is None else verdict.problem + where,
    )
    return verdict


async def chain_view(ctx: Context) -> ChainView:
    """How far the chain reaches, and what recomputing it found last."""
    sequence, chained_at = await chain_state(ctx.session)
    check = await repository.last_check(ctx.session)
    if check is None:
        return ChainView(sequence, chained_at)
    problem, _space, where = check.reason.partition(" ")
    return ChainView(
        sequence,
        chained_at,
        checked=int(check.object_id),
        checked_at=check.at,
        problem=None if problem == INTACT else problem,
        broken_at=int(where) if where else None,
    )


async def _event(ctx: Context, event_id: UUID) -> tuple[AuditEvent, int | None]:
    found = await repository.event_by_id(ctx.session, event_id)
    if found is None:
        raise NotFound(_("没有这条审计记录。"))
    return found


def _classes(event: AuditEvent, names: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """The field classes a value needs, by field. The same name in several tables needs the classes of all of them."""
    by_name: dict[str, set[str]] = {}
    for sealed in sealed_fields():
        by_name.setdefault(sealed.name, set()).add(sealed.field_class)
    unknown = set(EVERY_CLASS) if event.sensitive else set()
    return {name: tuple(sorted(by_name.get(name, unknown))) for name in names}


def _revealable(actor: Actor, event: AuditEvent, values: Mapping[str, Any]) -> frozenset[str]:
    # an event is about anybody: a right over some people only does not reach it
    return frozenset(
        name
        for name, classes in _classes(event, values).items()
        if classes and all(actor.scope(f"field.{each}.read").everyone for each in classes)
    )


def _changes(event: AuditEvent, values: Mapping[str, tuple[Any, Any]], *, shown: frozenset[str]) -> list[Change]:
    changes = []
    classes = _classes(event, values)
    for name, (old, new) in sorted(values.items()):
        masked = bool(classes[name]) and name not in shown
        kind = ", ".join(classes[name]) or None
        changes.append(Change(name, field_title(name), kind, masked, None if masked else old, None if masked else new))
    return changes
