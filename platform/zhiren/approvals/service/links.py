"""Signed links in messages: one signature of one person, for seven days."""

from __future__ import annotations

import hmac
import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple
from uuid import UUID

from zhiren.approvals import repository
from zhiren.approvals.errors import LinkInvalid
from zhiren.approvals.models import Case, Task
from zhiren.context import Actor, Context
from zhiren.i18n import _
from zhiren.people import one

VALID_FOR: Final = timedelta(days=7)
_BODY: Final = struct.Struct(">16s16sI")
_MAC_BYTES: Final = 16
_PURPOSE: Final = "approvals.link"


class Opened(NamedTuple):
    """What a link leads to, and the context of the person it was issued to: a signer, without any grant."""

    ctx: Context
    case: Case
    task: Task


def sign(ctx: Context, task_id: UUID, user_id: UUID, expires_at: datetime) -> str:
    """70 letters, digits, ``-`` and ``_``. The key is the customer's own: elsewhere the link means nothing."""
    body = _BODY.pack(task_id.bytes, user_id.bytes, int(expires_at.timestamp()))
    return urlsafe_b64encode(body + _mac(ctx, body)).decode().rstrip("=")


def path(ctx: Context, task_id: UUID, user_id: UUID) -> str:
    return f"/a/{sign(ctx, task_id, user_id, datetime.now(UTC) + VALID_FOR)}"


def verify(ctx: Context, token: str) -> tuple[UUID, UUID]:
    """(task, person). Raises LinkInvalid when the link is not ours, not this customer's, or over."""
    try:
        data = urlsafe_b64decode(token + "=" * (-len(token) % 4))
    except ValueError:
        raise _invalid() from None
    body, mac = data[: _BODY.size], data[_BODY.size :]
    if len(body) != _BODY.size or not hmac.compare_digest(mac, _mac(ctx, body)):
        raise _invalid()
    task_id, user_id, expires_s = _BODY.unpack(body)
    if expires_s < datetime.now(UTC).timestamp():
        raise LinkInvalid(_("这个链接已过期。"), hint=_("请登录后在“审批”里处理。"))
    return UUID(bytes=task_id), UUID(bytes=user_id)


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


def _mac(ctx: Context, body: bytes) -> bytes:
    return ctx.keyring.blind(_PURPOSE, body.hex())[:_MAC_BYTES]


def _invalid() -> LinkInvalid:
    return LinkInvalid(_("这个链接无效。"), hint=_("请登录后在“审批”里处理。"))
