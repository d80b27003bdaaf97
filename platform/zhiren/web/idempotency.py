"""``Idempotency-Key`` on POST: the same request sent twice acts once, and is answered alike.

The key is written first, in the request's own transaction, so that a second copy waits for the first. The answer is
stored in that transaction too: it is there exactly when the effect is. A refused request (status 400 and above) leaves
nothing and may be sent again. Kept for 24 hours.
"""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

import msgspec
from litestar import Request
from litestar.types import Message, Send
from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert

from zhiren.context import Context
from zhiren.errors import InvalidInput
from zhiren.i18n import _
from zhiren.ids import new_id
from zhiren.web.errors import IdempotencyMismatch
from zhiren.web.models import IdempotentAnswer
from zhiren.web.visit import header

MAX_KEY_LENGTH: Final = 200
KEPT: Final = timedelta(hours=24)
_TABLE: Final = IdempotentAnswer.__tablename__
_COLUMN: Final = "answer_ct"


class StoredAnswer(msgspec.Struct, array_like=True):
    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes


_STORED: Final = msgspec.msgpack.Decoder(StoredAnswer)


class Replay:
    """The answer to an earlier copy of this request."""

    def __init__(self, answer: StoredAnswer) -> None:
        self.answer = answer

    async def send(self, send: Send) -> None:
        headers = [*self.answer.headers, (b"idempotency-replayed", b"true")]
        await send({"type": "http.response.start", "status": self.answer.status, "headers": headers})
        await send({"type": "http.response.body", "body": self.answer.body, "more_body": False})


class Claim:
    """This request is the first with its key: its answer will be stored before it is sent."""

    def __init__(self, ctx: Context, row_id: UUID) -> None:
        self._ctx = ctx
        self._row_id = row_id

    def storing(self, send: Send) -> Send:
        """Holds the answer back until it is whole, stores it, then sends it on (and so commits)."""
        start: Message | None = None
        body = bytearray()

        async def storing_send(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start":
                start = message
                return
            if message["type"] != "http.response.body" or start is None:
                await send(message)
                return
            body.extend(message.get("body", b""))
            if message.get("more_body"):
                return
            if start["type"] == "http.response.start" and start["status"] < 400:
                await self._store(StoredAnswer(start["status"], _kept_headers(start), bytes(body)))
            await send(start)
            await send({"type": "http.response.body", "body": bytes(body), "more_body": False})

        return storing_send

    async def _store(self, answer: StoredAnswer) -> None:
        sealed = self._ctx.keyring.seal(_TABLE, _COLUMN, self._row_id, msgspec.msgpack.encode(answer))
        await self._ctx.session.execute(
            update(IdempotentAnswer).where(IdempotentAnswer.id == self._row_id).values(answer_ct=sealed)
        )


def _kept_headers(start: Any) -> list[tuple[bytes, bytes]]:
    return [(name, value) for name, value in start["headers"] if name.lower() != b"set-cookie"]


async def begin_idempotent(request: Request[Any, Any, Any], ctx: Context) -> Replay | Claim | None:
    """None without a key. Raises IdempotencyMismatch when the key was used for another request."""
    if request.method != "POST" or not request.scope["path"].startswith("/api/"):
        return None
    key = header(request.scope, b"idempotency-key")
    if not key:
        return None
    if len(key) > MAX_KEY_LENGTH or not key.isascii() or not key.isprintable():
        raise InvalidInput(_("Idempotency-Key 须为 1 至 200 个可见的 ASCII 字符。"))
    body = await request.body()
    asked = hashlib.sha256(b"\0".join([request.scope["path"].encode(), request.scope["query_string"], body])).digest()
    guest = ctx.actor.guest
    actor = f"{guest.kind}:{guest.id}" if guest else str(ctx.actor.user_id or "")
    await _forget_old(ctx)
    row_id = new_id()
    claimed = await ctx.session.scalar(
        insert(IdempotentAnswer)
        .values(id=row_id, actor=actor, key=key, request_hash=asked)
        .on_conflict_do_nothing(index_elements=["actor", "key"])
        .returning(IdempotentAnswer.id)
    )
    if claimed is not None:
        return Claim(ctx, row_id)
    row = (
        await ctx.session.execute(
            select(IdempotentAnswer.id, IdempotentAnswer.request_hash, IdempotentAnswer.answer_ct).where(
                IdempotentAnswer.actor == actor, IdempotentAnswer.key == key
            )
        )
    ).one()
    if row.request_hash != asked or row.answer_ct is None:
        raise IdempotencyMismatch(
            _("这个 Idempotency-Key 已用于另一个请求。"), hint=_("每个不同的请求请使用新的 Idempotency-Key。")
        )
    answer = ctx.keyring.open(_TABLE, _COLUMN, row.id, row.answer_ct)
    return Replay(_STORED.decode(answer))


async def forget_expired(ctx: Context) -> int:
    """Every answer older than a day. Returns how many."""
    gone = await ctx.session.execute(delete(IdempotentAnswer).where(IdempotentAnswer.created_at < func.now() - KEPT))
    return int(getattr(gone, "rowcount", 0))


async def _forget_old(ctx: Context) -> None:
    """Bounded housekeeping beside each new key; rows another request is deleting are left to it."""
    old = (
        select(IdempotentAnswer.id)
        .where(IdempotentAnswer.created_at < func.now() - KEPT)
        .limit(20)
        .with_for_update(skip_locked=True)
    )
    await ctx.session.execute(delete(IdempotentAnswer).where(IdempotentAnswer.id.in_(old)))
