"""Writing an event: in the transaction of the act itself, so that both stand or neither does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec

from zhiren.audit.models import AuditEvent
from zhiren.context import Context

#: longer texts from outside are cut: an event says where a request came from, it does not store it
MAX_TEXT = 500


def record(
    ctx: Context,
    action: str,
    *,
    object_type: str,
    object_id: UUID | str,
    changes: Mapping[str, tuple[object, object]] | None = None,
    fields: Sequence[str] = (),
    reason: str = "",
    sensitive: bool = False,
) -> None:
    """Adds an event to the transaction of ``ctx``: the actor of ``ctx`` did ``action`` to the object.

    ``changes`` maps a field to (old, new); the values are sealed as one, the names of the fields are not. ``fields``
    names fields that were read, or changed without their values being kept. ``sensitive`` marks acts on data behind a
    field class, reads above all. Actions are named ``<module>.<object>.<verb>``.

    An event is never changed, not even for who may have their data erased (PIPL 47): a guest is known by kind and id
    alone, and ``changes`` hold the ids of candidates, not their names (docs/decisions/0013).

    Raises KeyServiceUnavailable when there are values to seal and no key: an act that cannot be recorded is not done.
    """
    actor = ctx.actor
    event = AuditEvent(
        action=action,
        actor_kind=actor.kind,
        actor_user_id=actor.guest.id if actor.guest else actor.user_id,
        actor_name="" if actor.guest else actor.name,
        actor_roles=[actor.guest.kind] if actor.guest else list(actor.roles),
        session_id=actor.session_id,
        request_id=ctx.request_id,
        ip=ctx.ip,
        user_agent=_storable(ctx.user_agent),
        object_type=object_type,
        object_id=str(object_id),
        fields=sorted({*(changes or ()), *fields}),
        reason=_storable(reason),
        sensitive=sensitive,
        changes_ct=None,
    )
    if changes:
        plain = msgspec.msgpack.encode({name: [old, new] for name, (old, new) in changes.items()}, enc_hook=str)
        event.changes_ct = ctx.keyring.seal("audit_event", "changes_ct", event.id, plain, purpose="audit")
    ctx.session.add(event)


def opened_changes(ctx: Context, event: AuditEvent) -> dict[str, tuple[Any, Any]]:
    """The old and new values of an event, as builtins. Who may see which is for the caller to decide."""
    if event.changes_ct is None:
        return {}
    plain = ctx.keyring.open("audit_event", "changes_ct", event.id, event.changes_ct)
    return {name: (old, new) for name, (old, new) in msgspec.msgpack.decode(plain).items()}


def _storable(value: str) -> str:
    """PostgreSQL's text knows no NUL."""
    return value.replace("\0", "�")[:MAX_TEXT]
