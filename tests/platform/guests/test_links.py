"""Signed links: for one customer, one purpose, one thing, until a moment."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest

from zhiren import guests
from zhiren.context import Context, TenantRef
from zhiren.db import Database
from zhiren.ids import new_id

SOON = timedelta(hours=1)


def sign(ctx: Context, purpose: str = "tests.open", *, life: timedelta = SOON) -> tuple[str, object]:
    subject = new_id()
    return guests.sign(ctx, purpose, subject, expires_at=datetime.now(UTC) + life), subject


async def test_what_was_signed_is_read(ctx: Context) -> None:
    token, subject = sign(ctx)
    assert guests.verify(ctx, "tests.open", token) == subject
    assert re.fullmatch(r"[A-Za-z0-9_-]{50}", token)


async def test_another_purpose_is_refused(ctx: Context) -> None:
    token, _subject = sign(ctx)
    with pytest.raises(guests.LinkInvalid):
        guests.verify(ctx, "tests.close", token)


async def test_an_old_link_says_so(ctx: Context) -> None:
    token, _subject = sign(ctx, life=timedelta(seconds=-1))
    with pytest.raises(guests.LinkExpired) as refusal:
        guests.verify(ctx, "tests.open", token)
    assert refusal.value.status == 410


async def test_every_changed_letter_is_refused(ctx: Context) -> None:
    token, _subject = sign(ctx)
    for at, letter in enumerate(token):
        changed = token[:at] + ("A" if letter != "A" else "B") + token[at + 1 :]
        with pytest.raises((guests.LinkInvalid, guests.LinkExpired)) as refusal:
            guests.verify(ctx, "tests.open", changed)
        assert refusal.type is guests.LinkInvalid, at


@pytest.mark.parametrize("token", ["", "x", "A" * 50, "A" * 49 + "=", "A" * 5000, "名" * 50, "+" * 50])
async def test_nonsense_is_refused(ctx: Context, token: str) -> None:
    with pytest.raises(guests.LinkInvalid):
        guests.verify(ctx, "tests.open", token)


async def test_another_customer_s_link_is_refused(
    database: Database, tenant: TenantRef, other_tenant: TenantRef
) -> None:
    async with database.tenant(tenant) as ctx:
        token, subject = sign(ctx)
        assert guests.verify(ctx, "tests.open", token) == subject
    async with database.tenant(other_tenant) as ctx:
        with pytest.raises(guests.LinkInvalid):
            guests.verify(ctx, "tests.open", token)
