"""What the audit trail shows of itself."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

import msgspec

from zhiren.audit.models import AuditEvent
from zhiren.audit.titles import action_title, chain_title, kind_title, object_title

#: object type of the event that says how recomputing the chain ended
CHAIN: Final = "audit.chain"


class Search(msgspec.Struct, frozen=True):
    """What is looked for; empty means any. Days are China's, both included."""

    who: str = ""
    what: str = ""
    object_type: str = ""
    object_id: str = ""
    since: date | None = None
    until: date | None = None
    sensitive: bool = False


class EventView(msgspec.Struct):
    """One event, without values. ``sequence`` is its number in the chain, None until it is chained."""

    id: UUID
    at: datetime
    action: str
    title: str
    actor_kind: str
    actor_kind_title: str
    actor_user_id: UUID | None
    actor_name: str
    actor_roles: list[str]
    ip: str
    user_agent: str
    request_id: str
    object_type: str
    object_title: str
    object_id: str
    fields: list[str]
    reason: str
    sensitive: bool
    sequence: int | None


class Change(msgspec.Struct):
    """A field's value before and after. ``masked``: there is a value, and it was not asked for or may not be seen.

    ``field_class`` names the permission ``field.<class>.read`` that shows it; None where none is needed.
    """

    field: str
    title: str
    field_class: str | None
    masked: bool
    old: Any = None
    new: Any = None


class EventDetail(msgspec.Struct):
    """``can_reveal``: some values are masked that the reader may ask for. ``values_unavailable``: no key just now."""

    event: EventView
    changes: list[Change]
    can_reveal: bool
    values_unavailable: bool = False


class ChainView(msgspec.Struct):
    """The state of the chain. ``checked_*`` tell of the last time it was recomputed, ``problem`` what was found."""

    sequence: int
    chained_at: datetime | None
    checked: int | None = None
    checked_at: datetime | None = None
    problem: str | None = None
    broken_at: int | None = None


def event_view(event: AuditEvent, sequence: int | None) -> EventView:
    return EventView(
        id=event.id,
        at=event.at,
        action=event.action,
        title=action_title(event.action),
        actor_kind=event.actor_kind,
        actor_kind_title=kind_title(event.actor_kind),
        actor_user_id=event.actor_user_id,
        actor_name=event.actor_name,
        actor_roles=event.actor_roles,
        ip=event.ip,
        user_agent=event.user_agent,
        request_id=event.request_id,
        object_type=event.object_type,
        object_title=object_title(event.object_type),
        object_id=event.object_id,
        fields=event.fields,
        reason=_reason(event),
        sensitive=event.sensitive,
        sequence=sequence,
    )


def _reason(event: AuditEvent) -> str:
    """As it was given; of a check of the chain, how it ended, in words."""
    if event.object_type != CHAIN:
        return event.reason
    outcome, space, where = event.reason.partition(" ")
    return chain_title(outcome) + space + where
