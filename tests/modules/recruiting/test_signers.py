"""What a signer is led to: only pages that they may open."""

from __future__ import annotations

import pytest

from modules.recruiting.models import Offer, Requisition
from modules.recruiting.service import approving, offers
from tests.factories.records import granted
from tests.factories.recruiting import make_application, make_job
from zhiren.context import TenantRef
from zhiren.db import Database
from zhiren.ids import new_id


@pytest.mark.parametrize(
    ("permissions", "own", "led"),
    [
        (("recruiting.request", "recruiting.manage"), False, True),
        (("recruiting.request",), True, True),
        (("recruiting.request",), False, False),
        ((), False, False),
    ],
)
async def test_a_requisition(
    database: Database, tenant: TenantRef, permissions: tuple[str, ...], own: bool, led: bool
) -> None:
    reader = granted(*permissions)
    async with database.tenant(tenant) as ctx:
        asker = reader.user_id if own else new_id()
        wish = Requisition(number=f"R-{new_id().hex[-9:]}", title="质检员", unit_id=new_id(), headcount=1)
        wish.requester_id = asker  # type: ignore[assignment]  # granted() always has one
        ctx.session.add(wish)
        await ctx.session.flush()
        card = await approving.describe(ctx.with_actor(reader), wish.id)
    assert card.title == "质检员"
    assert bool(card.path) is led


@pytest.mark.parametrize(
    ("permissions", "own", "led"),
    [
        (("recruiting.hire", "recruiting.manage"), False, True),
        (("recruiting.hire",), True, True),
        (("recruiting.hire",), False, False),
        ((), True, False),
    ],
)
async def test_an_offer(
    database: Database, tenant: TenantRef, permissions: tuple[str, ...], own: bool, led: bool
) -> None:
    reader = granted(*permissions)
    async with database.tenant(tenant) as ctx:
        job = await make_job(ctx, owner_id=reader.user_id if own else new_id())
        application = await make_application(ctx, job=job, stage="offer")
        offer = Offer(
            number=f"F-{new_id().hex[-9:]}", application_id=application.id, title=job.title, unit_id=job.unit_id
        )
        offer.start_on = application.applied_at.date()
        ctx.session.add(offer)
        await ctx.session.flush()
        card = await offers.describe(ctx.with_actor(reader), offer.id)
    assert ("职位", job.title) in card.lines
    assert bool(card.path) is led
