"""Storing, reading and erasing files, all in the caller's transaction."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from datetime import UTC, date, datetime
from typing import Final
from uuid import UUID

from zhiren.audit import record
from zhiren.clock import today
from zhiren.context import Context
from zhiren.crypto.errors import seal_broken
from zhiren.files import repository, rules
from zhiren.files.errors import FileNotFound, FileTooLarge
from zhiren.files.models import FileChunk, FileObject
from zhiren.files.schemas import MAX_FILE_BYTES, FileRef, Named
from zhiren.i18n import _

_OBJECT: Final = "files.file"
_TABLE: Final = FileChunk.__tablename__
_COLUMN: Final = "data_ct"
_MIB: Final = 1024 * 1024
#: erased in one transaction of the housekeeping
_BATCH: Final = 200

Owner = tuple[str, UUID]


async def put(
    ctx: Context,
    *,
    room: str,
    name: str,
    media_type: str,
    data: bytes,
    owner: Owner | None = None,
    keep_until: date | None = None,
    max_bytes: int = MAX_FILE_BYTES,
) -> FileRef:
    """Stores ``data`` for ``room`` under a safe form of ``name``. Recorded.

    ``owner`` is the thing it belongs to, such as ``("recruiting.candidate", id)``. After the day ``keep_until`` it is
    erased; a draft is put with one and adopted later. ``media_type`` is what the sender says and proves nothing.
    Raises FileTooLarge beyond ``max_bytes``.
    """
    if len(data) > max_bytes:
        raise FileTooLarge(
            _("文件超过 {limit} MB。", limit=max_bytes // _MIB),
            hint=_("请减小后再上传。"),
            params={"max_bytes": max_bytes, "size_bytes": len(data)},
        )
    row = FileObject(
        room=room,
        media_type=rules.safe_media_type(media_type),
        size_bytes=len(data),
        owner_type=owner[0] if owner else None,
        owner_id=owner[1] if owner else None,
        keep_until=keep_until,
        created_at=datetime.now(UTC),
    )
    row.named = Named(rules.safe_name(name), hashlib.sha256(data).hexdigest())
    seal, file_id = ctx.keyring.seal, row.id
    sealed = [
        seal(_TABLE, _COLUMN, rules.chunk_id(file_id, number), bytes(piece))
        for number, piece in enumerate(rules.pieces(data))
    ]
    await repository.add(ctx.session, row, sealed)
    record(ctx, "files.file.create", object_type=_OBJECT, object_id=file_id, fields=_fields(row), reason=room)
    return _ref(row)


async def read(ctx: Context, file_id: UUID, *, room: str, quiet: bool = False) -> tuple[FileRef, bytes]:
    """The file with its bytes. A person's reading is recorded, unless it is ``quiet``: of what everybody may see.

    Raises FileNotFound, also for another room's; SealBroken when the bytes are not those that were put.
    """
    row = await _found(ctx, file_id, room)
    sealed = await repository.chunks(ctx.session, file_id)
    places = [(rules.chunk_id(file_id, number), data) for number, data in enumerate(sealed)]
    data = b"".join(piece or b"" for piece in ctx.keyring.open_many(_TABLE, _COLUMN, places))
    # chunks are bound to their places; that none is missing at the end, size and hash say
    if len(data) != row.size_bytes or hashlib.sha256(data).hexdigest() != row.named.sha256:
        raise seal_broken()
    if not quiet and ctx.actor.kind in {"user", "guest"}:
        record(ctx, "files.file.read", object_type=_OBJECT, object_id=file_id, reason=room, sensitive=True)
    return _ref(row), data


async def ref(ctx: Context, file_id: UUID, *, room: str) -> FileRef:
    """What the file is, without its bytes. Raises FileNotFound."""
    return _ref(await _found(ctx, file_id, room))


async def known(ctx: Context, file_ids: Collection[UUID], *, room: str) -> dict[UUID, FileRef]:
    """Those of these files that are there, without their bytes."""
    return {row.id: _ref(row) for row in await repository.find_all(ctx.session, file_ids, room)}


async def refs(ctx: Context, owner: Owner) -> list[FileRef]:
    """The files of a thing, oldest first."""
    return [_ref(row) for row in await repository.of_owner(ctx.session, *owner)]


async def adopt(ctx: Context, file_id: UUID, *, room: str, owner: Owner, keep_until: date | None = None) -> None:
    """Gives a file to the thing it belongs to, from now on kept until ``keep_until`` (None: until it is erased).

    Raises FileNotFound.
    """
    row = await _found(ctx, file_id, room)
    before = None if row.owner_id is None else f"{row.owner_type}:{row.owner_id}"
    changes: dict[str, tuple[object, object]] = {"owner": (before, f"{owner[0]}:{owner[1]}")}
    if row.keep_until != keep_until:
        changes["keep_until"] = (row.keep_until, keep_until)
    row.owner_type, row.owner_id = owner
    row.keep_until = keep_until
    await ctx.session.flush()
    record(ctx, "files.file.adopt", object_type=_OBJECT, object_id=file_id, changes=changes, reason=room)


async def erase(ctx: Context, file_id: UUID, *, room: str, reason: str = "") -> None:
    """Takes row and bytes away for good; the event keeps the hash, so that it can be shown which file it was.

    Raises FileNotFound.
    """
    await _erase(ctx, await _found(ctx, file_id, room), reason)


async def erase_of(ctx: Context, owner: Owner, *, reason: str = "") -> int:
    """Erases every file of a thing. Returns how many."""
    rows = await repository.of_owner(ctx.session, *owner)
    for row in rows:
        await _erase(ctx, row, reason)
    return len(rows)


async def forget_expired(ctx: Context) -> int:
    """Housekeeping: erases files whose last day is over, some hundred at a time. Returns how many."""
    rows = await repository.over(ctx.session, today(), _BATCH)
    for row in rows:
        await _erase(ctx, row, f"keep_until {row.keep_until}")
    return len(rows)


async def _erase(ctx: Context, row: FileObject, reason: str) -> None:
    changes: dict[str, tuple[object, object]] = {
        "sha256": (row.named.sha256, None),
        "size_bytes": (row.size_bytes, None),
    }
    record(
        ctx, "files.file.erase", object_type=_OBJECT, object_id=row.id, changes=changes, reason=reason, sensitive=True
    )
    await repository.remove(ctx.session, row.id)
    ctx.session.expunge(row)


async def _found(ctx: Context, file_id: UUID, room: str) -> FileObject:
    row = await repository.find(ctx.session, file_id, room)
    if row is None:
        raise FileNotFound(_("没有这个文件。"), hint=_("它可能已被删除。"))
    return row


def _fields(row: FileObject) -> list[str]:
    return ["name", "size_bytes", *(["owner"] if row.owner_id else []), *(["keep_until"] if row.keep_until else [])]


def _ref(row: FileObject) -> FileRef:
    named = row.named
    return FileRef(row.id, named.name, row.media_type, row.size_bytes, named.sha256, row.created_at)
