"""Codes: sent to whom the address belongs, good once, guessed by nobody; known and unknown look alike."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select, text, update

from tests.platform.guests.conftest import KIND, somebody
from zhiren import guests
from zhiren.audit import AuditEvent
from zhiren.context import Context, TenantRef
from zhiren.db import Database
from zhiren.errors import InvalidInput
from zhiren.guests.models import GuestCode
from zhiren.guests.service import codes
from zhiren.jobs.models import Job
from zhiren.notices.models import Message

MAIL = "lin@example.cn"


async def newest(ctx: Context) -> GuestCode:
    found = await ctx.session.scalar(select(GuestCode).order_by(GuestCode.id.desc()).limit(1))
    assert found is not None
    return found


async def messages(ctx: Context, code_id: UUID) -> Sequence[Message]:
    return (await ctx.session.scalars(select(Message).where(Message.about_id == code_id))).all()


async def asked(ctx: Context, address: str = MAIL, *, kind: str = KIND) -> str:
    """Asks for a code, does the job, and reads the code in the message that went out; empty when there is none."""
    await guests.send_code(ctx, kind, address, ip="127.0.0.1")
    row = await newest(ctx)
    await codes.deliver(ctx, row.id)
    sent = await messages(ctx, row.id)
    return next((word for m in sent for word in m.content.subject.split() if word.isdigit()), "")


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06d}"


async def test_the_code_lets_in_whom_it_was_sent_to(ctx: Context) -> None:
    lin = somebody(ctx.tenant, MAIL)
    code = await asked(ctx)
    assert len(code) == 6
    assert await guests.check_code(ctx, KIND, " LIN@example.cn", f" {code[:3]} {code[3:]} ") == lin.id


@pytest.mark.parametrize(("address", "channel"), [(MAIL, "mail"), ("13800138000", "sms")])
async def test_it_goes_where_it_was_asked_for(ctx: Context, address: str, channel: str) -> None:
    lin = somebody(ctx.tenant, address)
    await asked(ctx, address)
    [message] = await messages(ctx, (await newest(ctx)).id)
    assert (message.channel, message.address, message.recipient_id) == (channel, address, lin.id)
    assert message.expires_at is not None


async def test_a_code_works_once(ctx: Context) -> None:
    somebody(ctx.tenant, MAIL)
    code = await asked(ctx)
    await guests.check_code(ctx, KIND, MAIL, code)
    with pytest.raises(guests.CodeRefused):
        await guests.check_code(ctx, KIND, MAIL, code)


async def test_a_new_code_ends_the_one_before(ctx: Context) -> None:
    somebody(ctx.tenant, MAIL)
    first = await asked(ctx)
    second = await asked(ctx)
    if first != second:
        with pytest.raises(guests.CodeRefused):
            await guests.check_code(ctx, KIND, MAIL, first)
    assert await guests.check_code(ctx, KIND, MAIL, second)


async def test_a_code_is_over_after_ten_minutes(ctx: Context) -> None:
    somebody(ctx.tenant, MAIL)
    code = await asked(ctx)
    left = (await newest(ctx)).expires_at - datetime.now(UTC)
    assert timedelta(minutes=9) < left <= timedelta(minutes=10)
    await ctx.session.execute(update(GuestCode).values(expires_at=datetime.now(UTC) - timedelta(seconds=1)))
    with pytest.raises(guests.CodeRefused):
        await guests.check_code(ctx, KIND, MAIL, code)


async def test_a_code_of_one_kind_is_none_of_another(ctx: Context) -> None:
    somebody(ctx.tenant, MAIL)
    code = await asked(ctx)
    with pytest.raises(guests.CodeRefused):
        await guests.check_code(ctx, "other", MAIL, code)


async def test_five_wrong_ones_lock_the_address(ctx: Context) -> None:
    somebody(ctx.tenant, MAIL)
    code = await asked(ctx)
    for _ in range(5):
        with pytest.raises(guests.CodeRefused):
            await guests.check_code(ctx, KIND, MAIL, wrong(code))
    with pytest.raises(guests.CodeLocked) as refusal:
        await guests.check_code(ctx, KIND, MAIL, code)
    assert 0 < refusal.value.params["retry_after_s"] <= 15 * 60 + 1
    with pytest.raises(guests.CodeLocked):
        await guests.send_code(ctx, KIND, MAIL, ip="127.0.0.1")
    # the lock is this address's alone, and ends
    somebody(ctx.tenant, "other@example.cn")
    assert await asked(ctx, "other@example.cn")
    await ctx.session.execute(update(GuestCode).values(locked_until=datetime.now(UTC) - timedelta(seconds=1)))
    assert await guests.check_code(ctx, KIND, MAIL, await asked(ctx))


async def test_four_wrong_ones_do_not(ctx: Context) -> None:
    somebody(ctx.tenant, MAIL)
    code = await asked(ctx)
    for _ in range(4):
        with pytest.raises(guests.CodeRefused):
            await guests.check_code(ctx, KIND, MAIL, wrong(code))
    assert await guests.check_code(ctx, KIND, MAIL, code)


async def test_known_and_unknown_look_alike(ctx: Context) -> None:
    """The same rows, events and jobs; the same refusals, the lock included."""
    somebody(ctx.tenant, MAIL)
    seen = []
    for address in (MAIL, "nobody@example.cn"):
        before = [await _count(ctx, table) for table in (GuestCode, AuditEvent, Job, Message)]
        await guests.send_code(ctx, KIND, address, ip="127.0.0.1")
        await ctx.session.flush()
        after = [await _count(ctx, table) for table in (GuestCode, AuditEvent, Job, Message)]
        grown = [b - a for a, b in zip(before, after, strict=True)]
        refusals = []
        for _ in range(6):
            try:
                await guests.check_code(ctx, KIND, address, "no code")
            except guests.CodeRefused as refusal:
                refusals.append(refusal.message)
            except guests.CodeLocked as refusal:
                refusals.append(refusal.message)
        seen.append((grown, refusals))
    assert seen[0] == seen[1]
    assert seen[0][0] == [1, 1, 1, 0]
    assert len(set(seen[0][1])) == 2


async def _count(ctx: Context, table: type[object]) -> int:
    return await ctx.session.scalar(select(func.count()).select_from(table)) or 0


async def test_nobody_gets_nothing(ctx: Context) -> None:
    assert await asked(ctx, "nobody@example.cn") == ""
    row = await newest(ctx)
    assert (row.guest_id, row.code_hmac) == (None, None)
    assert await messages(ctx, row.id) == []


async def test_the_job_done_twice_sends_once(ctx: Context) -> None:
    somebody(ctx.tenant, MAIL)
    code = await asked(ctx)
    row = await newest(ctx)
    assert not await codes.deliver(ctx, row.id)
    assert len(await messages(ctx, row.id)) == 1
    assert await guests.check_code(ctx, KIND, MAIL, code)


async def test_neither_code_nor_address_stands_in_the_table(ctx: Context) -> None:
    somebody(ctx.tenant, MAIL)
    code = await asked(ctx)
    stored = repr((await ctx.session.execute(text("SELECT g::text FROM guest_code g"))).all())
    assert MAIL not in stored
    assert f",{code}," not in stored
    assert code.encode().hex() not in stored


@pytest.mark.parametrize("address", ["", "nonsense", "a@b", "lin@example.cn\n@x"])
async def test_what_is_no_address(ctx: Context, address: str) -> None:
    with pytest.raises(InvalidInput):
        await guests.send_code(ctx, KIND, address, ip="127.0.0.1")
    with pytest.raises(InvalidInput):
        await guests.check_code(ctx, KIND, address, "123456")


async def test_a_code_of_one_customer_is_none_of_another(
    database: Database, tenant: TenantRef, other_tenant: TenantRef
) -> None:
    somebody(tenant, MAIL)
    somebody(other_tenant, MAIL)
    async with database.tenant(tenant) as ctx:
        code = await asked(ctx)
    async with database.tenant(other_tenant) as ctx:
        await asked(ctx)
        row = await newest(ctx)
        # even with the row's HMAC copied over: it is made with the customer's own key
        async with database.tenant(tenant) as first:
            taken = (await newest(first)).code_hmac
        await ctx.session.execute(update(GuestCode).where(GuestCode.id == row.id).values(code_hmac=taken))
        with pytest.raises(guests.CodeRefused):
            await guests.check_code(ctx, KIND, MAIL, code)


async def test_old_codes_are_forgotten(ctx: Context) -> None:
    somebody(ctx.tenant, MAIL)
    await asked(ctx)
    assert await guests.forget_ended(ctx) == 0
    await ctx.session.execute(update(GuestCode).values(expires_at=datetime.now(UTC) - timedelta(days=1, minutes=1)))
    assert await guests.forget_ended(ctx) > 0
    assert await _count(ctx, GuestCode) == 0
