"""Every query on files."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from zhiren.files.models import FileChunk, FileObject


async def add(session: AsyncSession, row: FileObject, chunks: Sequence[bytes]) -> None:
    """The row, then its chunks in order."""
    session.add(row)
    await session.flush()
    for number, data in enumerate(chunks):
        # one statement for each: a batch would hold the whole file in memory once more
        await session.execute(insert(FileChunk).values(file_id=row.id, number=number, data_ct=data))


async def find(session: AsyncSession, file_id: UUID, room: str) -> FileObject | None:
    found: FileObject | None = await session.scalar(
        select(FileObject).where(FileObject.id == file_id, FileObject.room == room)
    )
    return found


async def find_all(session: AsyncSession, file_ids: Collection[UUID], room: str) -> Sequence[FileObject]:
    query = select(FileObject).where(FileObject.id.in_(file_ids), FileObject.room == room)
    return (await session.scalars(query)).all()


async def chunks(session: AsyncSession, file_id: UUID) -> Sequence[bytes]:
    """Sealed, in order."""
    query = select(FileChunk.data_ct).where(FileChunk.file_id == file_id).order_by(FileChunk.number)
    return (await session.scalars(query)).all()


async def of_owner(session: AsyncSession, owner_type: str, owner_id: UUID) -> Sequence[FileObject]:
    """Oldest first."""
    mine = (FileObject.owner_type == owner_type, FileObject.owner_id == owner_id)
    return (await session.scalars(select(FileObject).where(*mine).order_by(FileObject.id))).all()


async def over(session: AsyncSession, today: date, limit: int) -> Sequence[FileObject]:
    """Files whose last day is before ``today``; those that somebody else holds are left to them."""
    query = select(FileObject).where(FileObject.keep_until < today).order_by(FileObject.keep_until).limit(limit)
    return (await session.scalars(query.with_for_update(skip_locked=True))).all()


async def remove(session: AsyncSession, file_id: UUID) -> None:
    """The row and, by the foreign key, its chunks."""
    await session.execute(delete(FileObject).where(FileObject.id == file_id))
