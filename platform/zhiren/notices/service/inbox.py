"""What a person reads inside the product."""

from __future__ import annotations

from uuid import UUID

from zhiren.context import Actor, Context
from zhiren.errors import NotFound
from zhiren.i18n import _
from zhiren.notices import repository
from zhiren.notices.models import Message
from zhiren.notices.schemas import InboxItem
from zhiren.notices.service.recipients import person_key


def reader_key(actor: Actor) -> str | None:
    """Whose inbox the actor opens: a user's own; nobody else has one here."""
    return person_key("user", actor.user_id) if actor.kind == "user" and actor.user_id is not None else None


async def unread(ctx: Context, key: str | None) -> int:
    return await repository.unread_count(ctx.session, key) if key is not None else 0


async def items(
    ctx: Context, key: str | None, *, unread: bool = False, before: UUID | None = None, limit: int = 50
) -> list[InboxItem]:
    """Newest first; ``before`` is the id of the last one seen."""
    if key is None:
        return []
    rows = await repository.inbox(ctx.session, key, unread=unread, before=before, limit=limit)
    contents = Message.content.open_rows(rows)
    return [
        InboxItem(row.id, said.subject, said.body, said.link, said.action, row.created_at, row.read_at is None)
        for row, said in zip(rows, contents, strict=True)
        if said is not None
    ]


async def open_item(ctx: Context, key: str | None, message_id: UUID) -> str:
    """Marks one as read and returns where it leads. Raises NotFound."""
    row = await repository.message(ctx.session, message_id)
    if row is None or key is None or row.recipient_key != key or row.channel != "inapp":
        raise NotFound(_("没有这条通知，或者它不是给您的。"))
    await repository.mark_read(ctx.session, key, only=message_id)
    return row.content.link or "/notices"


async def read_all(ctx: Context, key: str | None) -> int:
    """Marks everything as read; returns how many there were."""
    return await repository.mark_read(ctx.session, key) if key is not None else 0
