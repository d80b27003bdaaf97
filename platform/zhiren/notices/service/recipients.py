"""Whose message it is, and where it goes on which channel."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

from zhiren.context import Context
from zhiren.notices import repository
from zhiren.notices.kinds import Channel, NoticeKind
from zhiren.notices.models import Subscription
from zhiren.notices.schemas import Recipient


def key_of(ctx: Context, to: Recipient) -> str:
    """Kind and id; of a bare address, a blind index of it."""
    if to.kind == "address" or to.id is None:
        address = (to.mail or to.mobile).strip().lower()
        return "address:" + ctx.keyring.blind("notices.recipient", address).hex()
    return person_key(to.kind, to.id)


def person_key(kind: str, person_id: UUID) -> str:
    return f"{kind}:{person_id}"


async def addresses(ctx: Context, kind: NoticeKind, to: Recipient) -> dict[Channel, str | None]:
    """Where ``to`` is reached, by channel, of those the kind goes by; what has no address of its own maps to None."""
    own = await repository.subscriptions(ctx.session, key_of(ctx, to)) if to.id is not None else ()
    if kind.optional and any(one.channel == "off" and one.notice_kind == kind.name for one in own):
        return {}
    found: dict[Channel, str | None] = {}
    for channel in kind.channels:
        address = _address(channel, to, own)
        if address or (address is None and _has_place(channel, to, own)):
            found[channel] = address
    return found


async def mails_of(ctx: Context, user_ids: Collection[UUID]) -> dict[UUID, str]:
    """Where these users' mail goes; who gave no address is left out."""
    keys = {person_key("user", user_id): user_id for user_id in user_ids}
    rows = await repository.subscriptions_of(ctx.session, list(keys), "mail")
    return {keys[row.recipient_key]: row.address for row in rows if row.address}


def _address(channel: Channel, to: Recipient, own: Sequence[Subscription]) -> str | None:
    if channel in ("inapp", "push"):
        return None
    given = {"mail": to.mail, "sms": to.mobile, "im": ""}[channel].strip()
    if given:
        return given
    rows = [one for one in own if one.channel == channel]
    if rows:
        return rows[0].address or ""
    # WeCom and DingTalk know their people's mobiles
    return f"mobile:{to.mobile.strip()}" if channel == "im" and to.kind == "user" and to.mobile.strip() else ""


def _has_place(channel: Channel, to: Recipient, own: Sequence[Subscription]) -> bool:
    if channel == "inapp":
        return to.id is not None
    return any(one.channel == "push" for one in own)
