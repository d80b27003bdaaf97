"""Every query on messages, wording, channels and subscriptions. Callers hold a customer's transaction."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from zhiren.notices.models import ChannelSetting, Message, Subscription, Template

# -- messages ----------------------------------------------------------------------------------------------------------


async def add_message(session: AsyncSession, message: Message) -> bool:
    """False when the same occasion, channel and recipient has its message already (waiting for a transaction that is
    about to write it)."""
    columns = {column.key: getattr(message, column.key) for column in Message.__table__.columns}
    values = {name: value for name, value in columns.items() if value is not None}
    added = await session.execute(insert(Message).values(values).on_conflict_do_nothing().returning(Message.id))
    return added.scalar_one_or_none() is not None


async def message_ids(session: AsyncSession, kind: str, key: str, recipient_key: str) -> dict[str, UUID]:
    """By channel: what was written for one occasion and recipient."""
    rows = await session.execute(
        select(Message.channel, Message.id).where(
            Message.kind == kind, Message.key == key, Message.recipient_key == recipient_key
        )
    )
    return {row.channel: row.id for row in rows}


async def message(session: AsyncSession, message_id: UUID, *, lock: bool = False) -> Message | None:
    statement = select(Message).where(Message.id == message_id).execution_options(populate_existing=True)
    return (await session.execute(statement.with_for_update() if lock else statement)).scalar_one_or_none()


async def about(session: AsyncSession, about_type: str, about_id: UUID) -> Sequence[Message]:
    statement = select(Message).where(Message.about_type == about_type, Message.about_id == about_id)
    return (await session.scalars(statement.order_by(Message.id.desc()))).all()


async def sent_otherwise(session: AsyncSession, one: Message) -> bool:
    """Whether the occasion that ``one`` is of reaches its recipient on another channel as well."""
    statement = select(func.count()).where(
        Message.kind == one.kind,
        Message.key == one.key,
        Message.recipient_key == one.recipient_key,
        Message.id != one.id,
        Message.state.not_in(("failed", "bounced", "skipped")),
    )
    return bool(await session.scalar(statement))


async def waiting(session: AsyncSession, channel: str, *, limit: int) -> Sequence[Message]:
    """Messages that wait for a provider, oldest first, locked; those another transaction works on are left out."""
    statement = select(Message).where(Message.channel == channel, Message.state == "waiting")
    return (await session.scalars(statement.order_by(Message.id).limit(limit).with_for_update(skip_locked=True))).all()


async def waiting_channels(session: AsyncSession) -> dict[str, int]:
    """How many messages wait for a provider, by channel."""
    statement = (
        select(Message.channel, func.count().label("waiting"))
        .where(Message.state == "waiting")
        .group_by(Message.channel)
    )
    return {row.channel: row.waiting for row in await session.execute(statement)}


# -- inbox -------------------------------------------------------------------------------------------------------------


async def unread_count(session: AsyncSession, recipient_key: str) -> int:
    statement = select(func.count()).where(
        Message.recipient_key == recipient_key, Message.channel == "inapp", Message.read_at.is_(None)
    )
    return await session.scalar(statement) or 0


async def inbox(
    session: AsyncSession, recipient_key: str, *, unread: bool, before: UUID | None, limit: int
) -> Sequence[Message]:
    """Newest first: ids are UUIDv7 and sort by time."""
    statement = select(Message).where(Message.recipient_key == recipient_key, Message.channel == "inapp")
    if unread:
        statement = statement.where(Message.read_at.is_(None))
    if before is not None:
        statement = statement.where(Message.id < before)
    return (await session.scalars(statement.order_by(Message.id.desc()).limit(limit))).all()


async def mark_read(session: AsyncSession, recipient_key: str, *, only: UUID | None = None) -> int:
    statement = update(Message).where(
        Message.recipient_key == recipient_key, Message.channel == "inapp", Message.read_at.is_(None)
    )
    if only is not None:
        statement = statement.where(Message.id == only)
    done = await session.execute(
        statement.values(read_at=func.now()).returning(Message.id).execution_options(synchronize_session=False)
    )
    return len(done.all())


def outbox(channels: Sequence[str]) -> Select[Any]:
    """What left the house or is about to, for the administrator's table."""
    return select(Message).where(Message.channel.in_(channels))


# -- wording -----------------------------------------------------------------------------------------------------------


async def template(session: AsyncSession, kind: str, locale: str) -> Template | None:
    return (
        await session.execute(select(Template).where(Template.kind == kind, Template.locale == locale))
    ).scalar_one_or_none()


async def templates(session: AsyncSession) -> Sequence[Template]:
    return (await session.scalars(select(Template))).all()


async def delete_template(session: AsyncSession, kind: str, locale: str) -> bool:
    gone = await session.execute(
        delete(Template).where(Template.kind == kind, Template.locale == locale).returning(Template.id)
    )
    return gone.first() is not None


# -- channels ----------------------------------------------------------------------------------------------------------


async def channel(session: AsyncSession, name: str) -> ChannelSetting | None:
    statement = select(ChannelSetting).where(ChannelSetting.channel == name)
    return (await session.execute(statement)).scalar_one_or_none()


async def channels(session: AsyncSession) -> dict[str, ChannelSetting]:
    return {row.channel: row for row in await session.scalars(select(ChannelSetting))}


async def add_channel(session: AsyncSession, row: ChannelSetting) -> ChannelSetting:
    """``row``, or the one that somebody else wrote meanwhile."""
    columns = {column.key: getattr(row, column.key) for column in ChannelSetting.__table__.columns}
    values = {name: value for name, value in columns.items() if value is not None}
    await session.execute(insert(ChannelSetting).values(values).on_conflict_do_nothing())
    statement = select(ChannelSetting).where(ChannelSetting.channel == row.channel)
    return (await session.execute(statement)).scalar_one()


# -- where people are reached ------------------------------------------------------------------------------------------


async def delete_about(session: AsyncSession, about_type: str, about_ids: Collection[UUID]) -> int:
    gone = await session.execute(
        delete(Message).where(Message.about_type == about_type, Message.about_id.in_(about_ids)).returning(Message.id)
    )
    return len(gone.all())


async def forget(session: AsyncSession, recipient_keys: Collection[str]) -> int:
    """Messages to these people, and where they are reached; how many messages."""
    gone = await session.execute(delete(Message).where(Message.recipient_key.in_(recipient_keys)).returning(Message.id))
    await session.execute(delete(Subscription).where(Subscription.recipient_key.in_(recipient_keys)))
    return len(gone.all())


async def subscriptions(session: AsyncSession, recipient_key: str, channel: str = "") -> Sequence[Subscription]:
    statement = select(Subscription).where(Subscription.recipient_key == recipient_key)
    if channel:
        statement = statement.where(Subscription.channel == channel)
    return (await session.scalars(statement.order_by(Subscription.id))).all()


async def subscriptions_of(
    session: AsyncSession, recipient_keys: Collection[str], channel: str
) -> Sequence[Subscription]:
    statement = select(Subscription).where(
        Subscription.recipient_key.in_(recipient_keys), Subscription.channel == channel
    )
    return (await session.scalars(statement.order_by(Subscription.id))).all()


async def delete_subscriptions(session: AsyncSession, ids: Sequence[UUID]) -> int:
    gone = await session.execute(delete(Subscription).where(Subscription.id.in_(ids)).returning(Subscription.id))
    return len(gone.all())
