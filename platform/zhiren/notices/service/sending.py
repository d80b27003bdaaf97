"""Asking for a notice: rows and jobs in the caller's transaction, so that both stand or neither does."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

import msgspec

from zhiren.context import Context
from zhiren.i18n import _, use_locale
from zhiren.jobs import enqueue
from zhiren.notices import kinds, repository, rules
from zhiren.notices.kinds import Channel, NoticeKind
from zhiren.notices.models import Message
from zhiren.notices.schemas import (
    CHANNEL_TITLES,
    STATES,
    Attachment,
    Content,
    Enclosure,
    MessageLine,
    Recipient,
)
from zhiren.notices.service import problems, wording
from zhiren.notices.service.recipients import addresses, key_of, person_key

DELIVER: Final = "notices.deliver"
#: of all attachments of one message; mail servers take little more
MAX_ENCLOSURE_BYTES: Final = 15 * 1024 * 1024


async def send(
    ctx: Context,
    kind: str,
    *,
    to: Recipient,
    values: Mapping[str, str],
    about: tuple[str, UUID],
    key: str,
    link: str = "",
    attachments: Sequence[Attachment] = (),
    invitation: bytes | None = None,
) -> list[UUID]:
    """Tell ``to`` something on every channel of the kind on which there is an address for it.

    Writes a row for each channel and asks for delivery, all in ``ctx``'s transaction. ``key`` names the occasion:
    the same kind, key, channel and recipient is sent once however often it is asked for, and the ids of the first
    time are returned. ``link`` is a path of this site. ``attachments`` and ``invitation``, an iTIP object that goes
    out with its METHOD, travel by mail alone. Raises LookupError for an unknown kind, ValueError for a value that the
    kind's texts lack or for attachments beyond 15 MiB.
    """
    what = kinds.get(kind)
    _check(what, values, attachments)
    given = {**wording.common_values(ctx, to), **dict(values)}
    said = wording.fill(await wording.words(ctx, what, to.locale), given)
    recipient_key = key_of(ctx, to)
    for channel, address in (await addresses(ctx, what, to)).items():
        message = _message(what, channel, to, recipient_key=recipient_key, about=about, key=key)
        message.address = address
        enclosed = tuple(attachments) if channel == "mail" else ()
        content = _content(what, channel, said, link=link, locale=to.locale, attachments=enclosed)
        if channel == "sms":
            content = msgspec.structs.replace(content, values={n: v for n, v in given.items() if n in what.places})
        message.content = content
        if channel == "mail" and (attachments or invitation):
            message.enclosure = Enclosure(tuple(attachments), invitation)
        if await repository.add_message(ctx.session, message) and channel != "inapp":
            await ask_for_delivery(ctx, message)
    written = await repository.message_ids(ctx.session, kind, key, recipient_key)
    return [written[channel] for channel in what.channels if channel in written]


async def ask_for_delivery(ctx: Context, message: Message) -> None:
    """One job for each attempt: two workers never hold the same message."""
    args = {"message_id": str(message.id), "attempt": message.attempt}
    await enqueue(ctx, DELIVER, args, key=f"{DELIVER}:{message.id}:{message.attempt}", not_before=message.due_at)


async def erase(ctx: Context, about_type: str, about_ids: Collection[UUID]) -> int:
    """Every message about these, for good; what has left cannot be called back. Returns how many."""
    return await repository.delete_about(ctx.session, about_type, about_ids)


async def forget(ctx: Context, kind: str, ids: Collection[UUID]) -> int:
    """Every message to these people (codes to log in too), and where they are reached. Returns how many messages."""
    return await repository.forget(ctx.session, [person_key(kind, one) for one in ids])


async def history(ctx: Context, about: tuple[str, UUID]) -> list[MessageLine]:
    """Every message about a thing, newest first, as a timeline shows it: that it was sent, not what it says."""
    return [line(message) for message in await repository.about(ctx.session, *about)]


def line(message: Message) -> MessageLine:
    kind = kinds.find(message.kind)
    return MessageLine(
        id=message.id,
        kind=message.kind,
        title=_(kind.title) if kind is not None else message.kind,
        channel=message.channel,  # type: ignore[arg-type]  # the table's CHECK says which there are
        channel_title=_(CHANNEL_TITLES[message.channel]),
        recipient=message.recipient_name,
        state=message.state,  # type: ignore[arg-type]
        state_title=state_title(message),
        created_at=message.created_at,
        sent_at=message.sent_at,
        read_at=message.read_at,
        problem=problems.title(message.problem),
    )


def state_title(message: Message) -> str:
    if message.state == "waiting" and message.channel == "mail":
        return _("没有设置邮件服务器")
    return _(STATES[message.state][1])


def _check(kind: NoticeKind, values: Mapping[str, str], attachments: Sequence[Attachment]) -> None:
    missing = [name for name in kind.values if name not in values]
    if missing:
        raise ValueError(f"{kind.name}: no value for {', '.join(missing)}")
    if sum(len(one.data) for one in attachments) > MAX_ENCLOSURE_BYTES:
        raise ValueError(f"{kind.name}: attachments beyond {MAX_ENCLOSURE_BYTES} bytes")


def _message(
    kind: NoticeKind, channel: Channel, to: Recipient, *, recipient_key: str, about: tuple[str, UUID], key: str
) -> Message:
    now = datetime.now(UTC)
    return Message(
        kind=kind.name,
        key=key,
        channel=channel,
        about_type=about[0],
        about_id=about[1],
        recipient_kind=to.kind,
        recipient_id=to.id,
        recipient_key=recipient_key,
        recipient_name=to.name,
        locale=to.locale,
        urgent=kind.urgent,
        state="sent" if channel == "inapp" else "queued",
        sent_at=now if channel == "inapp" else None,
        attempt=0,
        expires_at=None if kind.valid_s is None else now + timedelta(seconds=kind.valid_s),
    )


def _content(
    kind: NoticeKind,
    channel: Channel,
    said: wording.Words,
    *,
    link: str,
    locale: str,
    attachments: Sequence[Attachment],
) -> Content:
    with use_locale("en" if locale == "en" else "zh_CN"):
        action = _(kind.action) if link else ""
    body = said.body if channel in ("inapp", "mail") else said.short
    return Content(said.subject, body, link, action, tuple(rules.one_line(one.name) for one in attachments))
