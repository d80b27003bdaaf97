"""Signed links in messages: one signature of one person, for seven days."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple
from uuid import UUID

from zhiren.approvals import repository
from zhiren.approvals.errors import LinkInvalid
from zhiren.approvals.models import Case, Task
from zhiren.context import Actor, Context
from zhiren.guests import links as guest_links
from zhiren.guests.errors import LinkExpired
from zhiren.guests.errors import LinkInvalid as GuestLinkInvalid
from zhiren.guests.links import sign
from zhiren.i18n import _
from zhiren.people import one

VALID_FOR: Final = timedelta(days=7)
#: characters of the person's id at the end
_PERSON: Final = 22


class Opened(NamedTuple):
    """What a link leads to, and the context of the person it was issued to: a signer, without any grant."""

    ctx: Context
    case: Case
    task: Task


def path(ctx: Context, task_id: UUID, user_id: UUID) -> str:
    """Where the link leads; it holds 72 letters, digits, ``-`` and ``_``."""
    person = urlsafe_b64encode(user_id.bytes).decode().rstrip("=")
    return f"/a/{sign(ctx, _purpose(user_id), task_id, expires_at=datetime.now(UTC) + VALID_FOR)}{person}"


def verify(ctx: Context, token: str) -> tuple[UUID, UUID]:
    """(task, person). Raises LinkInvalid when the link is not ours, not this customer's, or over."""
    try:
        user_id = UUID(bytes=urlsafe_b64decode(token[-_PERSON:] + "=="))
        return guest_links.verify(ctx, _purpose(user_id), token[:-_PERSON]), user_id
    except LinkExpired:
        raise LinkInvalid(_("这个链接已过期。"), hint=_("请登录后在“审批”里处理。")) from None
    except (ValueError, GuestLinkInvalid):
        raise _invalid() from None


def _purpose(user_id: UUID) -> str:
    """The person is part of what is signed."""
    return f"approvals.sign:{user_id}"


async def open_link(ctx: Context, token: str) -> Opened:
    """Raises LinkInvalid, also when somebody else is logged in, or the person can log in no more."""
    task_id, user_id = verify(ctx, token)
    person = await one(ctx, user_id)
    case_id = await repository.case_id_of(ctx.session, task_id)
    case = await repository.case(ctx.session, case_id) if case_id is not None else None
    if person is None or not person.active or case is None:
        raise _invalid()
    if ctx.actor.user_id not in {None, user_id}:
        raise LinkInvalid(_("这个链接是发给 {name} 的。", name=person.name), hint=_("您现在用另一个帐号登录着。"))
    task = next(row for row in await repository.tasks(ctx.session, case.id) if row.id == task_id)
    actor = Actor(user_id=person.id, name=person.name, employee_id=person.employee_id)
    return Opened(ctx.with_actor(actor), case, task)


def _invalid() -> LinkInvalid:
    return LinkInvalid(_("这个链接无效。"), hint=_("请登录后在“审批”里处理。"))
