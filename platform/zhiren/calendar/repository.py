"""Queries of the calendar."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, String, and_, cast, delete, exists, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from zhiren.auth.models import User
from zhiren.calendar.models import Entry, Feed, Room, Source
from zhiren.calendar.schemas import Interval

# ---- bookings


async def lock_holders(session: AsyncSession, holder_ids: Iterable[UUID]) -> None:
    """Whoever books one of them next waits for the end of this transaction.

    Locks are taken in one order. Without them two bookings of one time would wait for each other inside the exclusion
    constraint, and one would end as a deadlock after a second instead of as a refusal.
    """
    for holder_id in sorted(set(holder_ids)):
        await session.execute(select(func.pg_advisory_xact_lock(func.uuid_hash_extended(holder_id, 0))))


async def entries_about(session: AsyncSession, about: tuple[str, UUID]) -> list[Entry]:
    query = select(Entry).where(Entry.about_type == about[0], Entry.about_id == about[1]).order_by(Entry.id)
    return list((await session.scalars(query.with_for_update())).all())


async def clashing(
    session: AsyncSession, holder_ids: Sequence[UUID], starts_at: datetime, ends_at: datetime, about: tuple[str, UUID]
) -> list[UUID]:
    """Which of the holders are booked then, for something else."""
    query = (
        select(Entry.holder_id)
        .where(
            Entry.holder_id.in_(holder_ids),
            Entry.state == "booked",
            Entry.starts_at < ends_at,
            Entry.ends_at > starts_at,
            or_(Entry.about_type != about[0], Entry.about_id != about[1]),
        )
        .distinct()
    )
    return list((await session.scalars(query)).all())


async def booked(
    session: AsyncSession,
    holder_ids: Sequence[UUID],
    start: datetime,
    end: datetime,
    *,
    besides: tuple[str, UUID] | None = None,
) -> list[tuple[UUID, Interval]]:
    """Who is booked, and has not declined, between ``start`` and ``end``, and when."""
    query = select(Entry.holder_id, Entry.starts_at, Entry.ends_at).where(
        Entry.holder_id.in_(holder_ids),
        Entry.state == "booked",
        Entry.answer != "declined",
        Entry.starts_at < end,
        Entry.ends_at > start,
    )
    if besides is not None:
        query = query.where(or_(Entry.about_type != besides[0], Entry.about_id != besides[1]))
    return [(row[0], Interval(row[1], row[2])) for row in (await session.execute(query)).all()]


async def entries_of(session: AsyncSession, holder_id: UUID, start: datetime, end: datetime) -> list[Entry]:
    """What the holder is booked for between ``start`` and ``end``, in order."""
    query = (
        select(Entry)
        .where(Entry.holder_id == holder_id, Entry.state == "booked", Entry.starts_at < end, Entry.ends_at > start)
        .order_by(Entry.starts_at, Entry.id)
    )
    return list((await session.scalars(query)).all())


async def entries_by_uid(session: AsyncSession, uid: str) -> list[Entry]:
    return list((await session.scalars(select(Entry).where(Entry.uid == uid).with_for_update())).all())


async def own_entry(session: AsyncSession, entry_id: UUID, user_id: UUID) -> Entry | None:
    query = select(Entry).where(Entry.id == entry_id, Entry.holder_id == user_id, Entry.state == "booked")
    return (await session.scalars(query.with_for_update())).one_or_none()


async def entry(session: AsyncSession, entry_id: UUID) -> Entry | None:
    return await session.get(Entry, entry_id)


async def entries_to_write(session: AsyncSession, about: tuple[str, UUID]) -> Sequence[UUID]:
    """Of people who let accepted meetings be entered in their own calendar, or in whose calendar it stands."""
    lets = exists().where(Source.user_id == Entry.holder_id, Source.write_back)
    query = select(Entry.id).where(
        Entry.about_type == about[0],
        Entry.about_id == about[1],
        Entry.holder_kind == "user",
        or_(Entry.written_href != "", and_(lets, Entry.answer == "accepted")),
    )
    return (await session.scalars(query)).all()


async def uids_of(session: AsyncSession, user_id: UUID) -> set[str]:
    """Of everything the person was ever booked for here: what comes back from their own calendar is not new."""
    return set((await session.scalars(select(Entry.uid).where(Entry.holder_id == user_id).distinct())).all())


async def titles_of_holders(session: AsyncSession, ids: Sequence[UUID]) -> dict[UUID, str]:
    """Names of users and rooms among ``ids``."""
    users = select(User.id, User.name).where(User.id.in_(ids))
    found = (await session.execute(users.union_all(select(Room.id, Room.name).where(Room.id.in_(ids))))).all()
    return {row[0]: row[1] for row in found}


# ---- rooms


def listed_rooms() -> Select[Any]:
    return select(Room).order_by(Room.active.desc(), cast(Room.name, String), Room.id)


async def rooms(session: AsyncSession, *, active: bool) -> Sequence[Room]:
    query = listed_rooms()
    return (await session.scalars(query.where(Room.active) if active else query)).all()


async def room(session: AsyncSession, room_id: UUID) -> Room | None:
    return await session.get(Room, room_id)


async def room_named(session: AsyncSession, name: str) -> UUID | None:
    return await session.scalar(select(Room.id).where(Room.name == name))


# ---- people


async def feed_of(session: AsyncSession, user_id: UUID) -> Feed | None:
    return (await session.scalars(select(Feed).where(Feed.user_id == user_id))).one_or_none()


async def hours_of(session: AsyncSession, user_ids: Sequence[UUID]) -> dict[UUID, dict[str, Any]]:
    found = await session.execute(select(Feed.user_id, Feed.hours).where(Feed.user_id.in_(user_ids)))
    return {row[0]: row[1] for row in found.all() if row[1]}


async def feed_by_hash(session: AsyncSession, token_hash: bytes) -> tuple[UUID, UUID, str] | None:
    """The feed, its person and that person's name, if they may still log in."""
    query = (
        select(Feed.id, Feed.user_id, User.name)
        .join(User, User.id == Feed.user_id)
        .where(Feed.token_hash == token_hash, User.status == "active")
    )
    row = (await session.execute(query)).one_or_none()
    return None if row is None else (row[0], row[1], row[2])


async def touch_feed(session: AsyncSession, feed_id: UUID, every: timedelta) -> None:
    """Notes that the link is read, at most once in ``every``."""
    stale = or_(Feed.read_at.is_(None), Feed.read_at < func.now() - every)
    await session.execute(update(Feed).where(Feed.id == feed_id, stale).values(read_at=func.now()))


# ---- sources


async def sources_of(session: AsyncSession, user_id: UUID) -> Sequence[Source]:
    query = select(Source).where(Source.user_id == user_id).order_by(Source.created_at, Source.id)
    return (await session.scalars(query)).all()


async def source(session: AsyncSession, source_id: UUID) -> Source | None:
    return await session.get(Source, source_id)


async def own_source(session: AsyncSession, source_id: UUID, user_id: UUID) -> Source | None:
    query = select(Source).where(Source.id == source_id, Source.user_id == user_id)
    return (await session.scalars(query)).one_or_none()


async def writable_source(session: AsyncSession, user_id: UUID) -> Source | None:
    """Where the person lets accepted interviews be entered: the oldest such source."""
    query = select(Source).where(Source.user_id == user_id, Source.write_back)
    return (await session.scalars(query.order_by(Source.created_at, Source.id).limit(1))).one_or_none()


async def busy_elsewhere(session: AsyncSession, user_ids: Sequence[UUID]) -> list[tuple[UUID, list[Interval]]]:
    """What the calendars of these people elsewhere said when they were last read."""
    query = select(Source.user_id, Source.busy).where(Source.user_id.in_(user_ids), Source.busy.is_not(None))
    found = (await session.execute(query)).all()
    return [(row[0], [Interval(part.lower, part.upper) for part in row[1] or ()]) for row in found]


async def due_sources(session: AsyncSession, every: timedelta, rest: timedelta) -> Sequence[UUID]:
    """Sources not tried for ``every``; those that keep failing rest for ``rest``, those of people who may no longer log
    in are not read."""
    waited = func.now() - func.coalesce(Source.tried_at, Source.created_at - timedelta(days=1))
    query = (
        select(Source.id)
        .join(User, User.id == Source.user_id)
        .where(
            User.status == "active",
            or_(and_(Source.failures < 8, waited >= every), waited >= rest),
        )
    )
    return (await session.scalars(query)).all()


async def delete_source(session: AsyncSession, source_id: UUID) -> None:
    """What was written into it stays there, and is no longer followed."""
    forgotten = {"written_source_id": None, "written_href": "", "written_etag": "", "written_sequence": None}
    await session.execute(update(Entry).where(Entry.written_source_id == source_id).values(forgotten))
    await session.execute(delete(Source).where(Source.id == source_id))
