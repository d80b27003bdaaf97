"""Stored sealed, read back whole, kept apart, erased for good."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, text, update

from zhiren import files
from zhiren.audit import AuditEvent, opened_changes
from zhiren.clock import today
from zhiren.context import Actor, Context, TenantRef
from zhiren.crypto import SealBroken
from zhiren.db import Database
from zhiren.files.models import FileChunk, FileObject
from zhiren.files.schemas import CHUNK_BYTES
from zhiren.ids import new_id

RESUME = "林晓，13800138000，清华大学".encode()


async def put(ctx: Context, data: bytes = RESUME, **options: Any) -> files.FileRef:
    given = {"room": "tests", "name": "林晓简历.pdf", "media_type": "application/pdf", **options}
    return await files.put(ctx, data=data, **given)


async def events(ctx: Context, action: str) -> list[AuditEvent]:
    await ctx.session.flush()
    return list((await ctx.session.scalars(select(AuditEvent).where(AuditEvent.action == action))).all())


async def stored_bytes(ctx: Context) -> str:
    """Both tables as the database has them."""
    rows = await ctx.session.execute(text("SELECT o::text, c::text FROM file_object o LEFT JOIN file_chunk c ON true"))
    return repr(rows.all())


@pytest.mark.parametrize("size", [0, 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES + 17])
async def test_what_was_put_is_read(ctx: Context, size: int) -> None:
    data = os.urandom(size)
    made = await put(ctx, data)
    ctx.session.expire_all()
    ref, read = await files.read(ctx, made.id, room="tests")
    assert read == data
    assert (ref.name, ref.media_type, ref.size_bytes, ref.sha256) == (
        "林晓简历.pdf",
        "application/pdf",
        size,
        made.sha256,
    )
    assert await files.ref(ctx, made.id, room="tests") == ref


async def test_nothing_of_it_is_readable_in_the_tables(ctx: Context) -> None:
    made = await put(ctx)
    stored = await stored_bytes(ctx)
    for plain in (RESUME.hex(), "林晓", "13800138000", made.sha256):
        assert plain not in stored


async def test_another_room_finds_nothing(ctx: Context) -> None:
    made = await put(ctx)
    for act in (files.read, files.ref, files.erase):
        with pytest.raises(files.FileNotFound):
            await act(ctx, made.id, room="other")
    with pytest.raises(files.FileNotFound):
        await files.adopt(ctx, made.id, room="other", owner=("x", new_id()))
    with pytest.raises(files.FileNotFound):
        await files.read(ctx, new_id(), room="tests")


async def test_too_large_is_refused_and_leaves_nothing(ctx: Context) -> None:
    before = await ctx.session.scalar(select(func.count()).select_from(FileObject))
    with pytest.raises(files.FileTooLarge) as refusal:
        await put(ctx, bytes(101), max_bytes=100)
    assert refusal.value.status == 413
    assert await ctx.session.scalar(select(func.count()).select_from(FileObject)) == before
    assert (await put(ctx, bytes(100), max_bytes=100)).size_bytes == 100


async def tampered(ctx: Context, made: files.FileRef, **values: Any) -> None:
    with pytest.raises(SealBroken):
        await files.read(ctx, made.id, room="tests")


async def test_a_changed_chunk_is_refused(ctx: Context) -> None:
    made = await put(ctx)
    flip = "UPDATE file_chunk SET data_ct = set_byte(data_ct, 20, get_byte(data_ct, 20) # 1) WHERE file_id = :id"
    await ctx.session.execute(text(flip), {"id": made.id})
    await tampered(ctx, made)


async def test_chunks_cannot_change_places(ctx: Context) -> None:
    made = await put(ctx, os.urandom(2 * CHUNK_BYTES))
    mine = FileChunk.file_id == made.id
    for old, new in ((0, 9), (1, 0), (9, 1)):
        await ctx.session.execute(update(FileChunk).where(mine, FileChunk.number == old).values(number=new))
    await tampered(ctx, made)


async def test_a_chunk_of_another_file_does_not_open(ctx: Context) -> None:
    one, other = await put(ctx), await put(ctx)
    await ctx.session.execute(text("DELETE FROM file_chunk WHERE file_id = :id"), {"id": one.id})
    await ctx.session.execute(update(FileChunk).where(FileChunk.file_id == other.id).values(file_id=one.id))
    await tampered(ctx, one)


@pytest.mark.parametrize("number", [0, 1, 2])
async def test_a_missing_chunk_is_noticed(ctx: Context, number: int) -> None:
    made = await put(ctx, os.urandom(2 * CHUNK_BYTES + 5))
    await ctx.session.execute(
        text("DELETE FROM file_chunk WHERE file_id = :id AND number = :number"), {"id": made.id, "number": number}
    )
    await tampered(ctx, made)


async def test_files_of_a_thing(ctx: Context) -> None:
    owner = ("recruiting.candidate", new_id())
    first, second = await put(ctx, owner=owner), await put(ctx, owner=owner)
    await put(ctx, owner=("recruiting.candidate", new_id()))
    assert [ref.id for ref in await files.refs(ctx, owner)] == [first.id, second.id]
    assert await files.refs(ctx, ("recruiting.offer", owner[1])) == []


async def test_a_draft_is_adopted_and_stays(ctx: Context) -> None:
    draft = await put(ctx, keep_until=today() - timedelta(days=1))
    owner = ("recruiting.candidate", new_id())
    await files.adopt(ctx, draft.id, room="tests", owner=owner)
    await files.forget_expired(ctx)
    assert [ref.id for ref in await files.refs(ctx, owner)] == [draft.id]
    [event] = [one for one in await events(ctx, "files.file.adopt") if one.object_id == str(draft.id)]
    assert event.fields == ["keep_until", "owner"]


async def test_housekeeping_erases_what_is_over_and_nothing_else(ctx: Context) -> None:
    over = await put(ctx, keep_until=today() - timedelta(days=1))
    last_day = await put(ctx, keep_until=today())
    for_ever = await put(ctx)
    assert await files.forget_expired(ctx) == 1
    with pytest.raises(files.FileNotFound):
        await files.ref(ctx, over.id, room="tests")
    assert await files.ref(ctx, last_day.id, room="tests")
    assert await files.ref(ctx, for_ever.id, room="tests")


async def test_erased_is_gone_from_both_tables(ctx: Context) -> None:
    made = await put(ctx, os.urandom(2 * CHUNK_BYTES), owner=("recruiting.candidate", new_id()))
    await files.erase(ctx, made.id, room="tests", reason="本人要求")
    gone = {"id": made.id}
    assert await ctx.session.scalar(text("SELECT count(*) FROM file_chunk WHERE file_id = :id"), gone) == 0
    assert await ctx.session.scalar(text("SELECT count(*) FROM file_object WHERE id = :id"), gone) == 0
    with pytest.raises(files.FileNotFound):
        await files.read(ctx, made.id, room="tests")
    [event] = [one for one in await events(ctx, "files.file.erase") if one.object_id == str(made.id)]
    assert opened_changes(ctx, event)["sha256"] == (made.sha256, None)
    assert event.reason == "本人要求"


async def test_all_files_of_a_thing_are_erased(ctx: Context) -> None:
    owner = ("recruiting.candidate", new_id())
    for _ in range(3):
        await put(ctx, owner=owner)
    other = await put(ctx)
    assert await files.erase_of(ctx, owner) == 3
    assert await files.refs(ctx, owner) == []
    assert await files.ref(ctx, other.id, room="tests")


async def test_file_and_row_stand_or_fall_together(database: Database, tenant: TenantRef) -> None:
    class Stop(Exception):
        pass

    made: list[files.FileRef] = []
    with pytest.raises(Stop):
        async with database.tenant(tenant) as ctx:
            made.append(await put(ctx))
            raise Stop
    async with database.tenant(tenant) as ctx:
        with pytest.raises(files.FileNotFound):
            await files.ref(ctx, made[0].id, room="tests")


async def test_another_customer_s_file_is_not_there(
    database: Database, tenant: TenantRef, other_tenant: TenantRef
) -> None:
    async with database.tenant(tenant) as ctx:
        made = await put(ctx)
        sealed = await ctx.session.scalar(select(FileChunk.data_ct).where(FileChunk.file_id == made.id))
    async with database.tenant(other_tenant) as ctx:
        with pytest.raises(files.FileNotFound):
            await files.read(ctx, made.id, room="tests")
        # and whoever copies its rows has bytes that do not open
        mine = await put(ctx)
        await ctx.session.execute(update(FileChunk).where(FileChunk.file_id == mine.id).values(data_ct=sealed))
        await tampered(ctx, mine)


@pytest.mark.parametrize(("kind", "recorded"), [("user", 1), ("guest", 1), ("job", 0), ("system", 0)])
async def test_a_person_s_reading_is_recorded(ctx: Context, kind: Any, recorded: int) -> None:
    made = await put(ctx)
    asking = replace(ctx, actor=Actor(user_id=new_id() if kind == "user" else None, name="林晓", kind=kind))
    await files.read(asking, made.id, room="tests")
    await files.read(asking, made.id, room="tests", quiet=True)
    found = [one for one in await events(ctx, "files.file.read") if one.object_id == str(made.id)]
    assert len(found) == recorded
    assert all(one.sensitive for one in found)
