"""What happened to a candidate, written beside the act itself."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from modules.recruiting.models import TimelineEvent
from zhiren.context import Context


def add(
    ctx: Context,
    kind: str,
    *,
    candidate_id: UUID,
    application_id: UUID | None = None,
    data: dict[str, Any] | None = None,
    note: str | None = None,
) -> TimelineEvent:
    """One event in ctx's transaction. ``data`` holds codes and figures; what is said about the person is ``note``,
    which is sealed."""
    event = TimelineEvent(
        candidate_id=candidate_id,
        application_id=application_id,
        kind=kind,
        data=data or {},
        note=note or None,
        actor_kind=ctx.actor.kind,
        actor_id=ctx.actor.user_id,
        actor_name=ctx.actor.name,
    )
    ctx.session.add(event)
    return event
