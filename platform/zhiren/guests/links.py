"""Links in messages that prove by themselves whom they were sent to, for one purpose and until a moment."""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from zhiren.context import Context
from zhiren.guests.errors import LinkExpired, LinkInvalid
from zhiren.i18n import _

#: subject (16), seconds since 1970 (5), HMAC-SHA-256 with the customer's key, cut to 128 bits
_SUBJECT, _EXPIRY, _MAC = 16, 5, 16
_BYTES: Final = _SUBJECT + _EXPIRY + _MAC
_LENGTH: Final = -(-_BYTES * 4 // 3)


def sign(ctx: Context, purpose: str, subject: UUID, *, expires_at: datetime) -> str:
    """A token of 50 characters, safe in a path, that ``verify`` turns into ``subject`` until ``expires_at``.

    ``purpose`` names what it is good for, such as "recruiting.interview.choose": a token for one is none for another.
    It is not used up: what it leads to must bear being opened twice. Raises KeyServiceUnavailable.
    """
    body = subject.bytes + int(expires_at.timestamp()).to_bytes(_EXPIRY, "big")
    return urlsafe_b64encode(body + _mac(ctx, purpose, body)).decode().rstrip("=")


def verify(ctx: Context, purpose: str, token: str) -> UUID:
    """Raises LinkInvalid for what was not signed for this customer and purpose, LinkExpired when its time is over."""
    data = _decoded(token)
    body, mac = data[:-_MAC], data[-_MAC:]
    if len(data) != _BYTES or not hmac.compare_digest(mac, _mac(ctx, purpose, body)):
        raise LinkInvalid(_("这个链接无效。"), hint=_("请从收到的消息里完整复制链接，或请对方重新发送。"))
    if int.from_bytes(body[_SUBJECT:], "big") <= datetime.now(UTC).timestamp():
        raise LinkExpired(_("这个链接已过期。"), hint=_("请联系发给您链接的人，请他重新发送。"))
    return UUID(bytes=body[:_SUBJECT])


def _decoded(token: str) -> bytes:
    if len(token) != _LENGTH or not token.isascii():
        return b""
    try:
        data = urlsafe_b64decode(token + "=" * (-len(token) % 4))
    except (NotBase64, ValueError):
        return b""
    # one spelling for one link
    return data if urlsafe_b64encode(data).decode().rstrip("=") == token else b""


def _mac(ctx: Context, purpose: str, body: bytes) -> bytes:
    return ctx.keyring.blind(f"guests.link:{purpose}", body.hex())[:_MAC]
