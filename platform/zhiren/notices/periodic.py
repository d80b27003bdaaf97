"""What the scheduler does for notices: sets going what waited for a provider, and reads what came back."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Final

from zhiren.context import TenantRef
from zhiren.db import Database
from zhiren.jobs.runtime import Runtime
from zhiren.notices import bounces, mailboxes, replies, repository
from zhiren.notices.bounces import Bounce
from zhiren.notices.replies import CalendarAnswer
from zhiren.notices.service import carriers, delivery
from zhiren.settings import Settings

log = logging.getLogger(__name__)

WAITING_EVERY_S: Final = 300.0
BOUNCES_EVERY_S: Final = 180.0


async def set_waiting_going(runtime: Runtime, settings: Settings) -> int:
    """Messages whose channel has a provider by now, such as one set at a restart, are asked for; returns how many."""
    going = 0
    for tenant in await runtime.tenants.active():
        async with runtime.database.tenant(tenant) as ctx:
            for channel in await repository.waiting_channels(ctx.session):
                try:
                    ready = await carriers.provider(ctx, settings, channel) is not None
                except (ValueError, KeyError):
                    ready = False
                if ready:
                    going += await delivery.set_going(ctx, channel)
    return going


async def read_bounces(runtime: Runtime, settings: Settings) -> int:
    """Reads the installation's mailbox and those of customers; returns how many messages were marked and how
    many calendars' answers were heard. A mailbox that does not answer keeps no other from being read."""
    tenants = {tenant.slug: tenant for tenant in await runtime.tenants.active()}
    marked = 0
    if settings.bounces_url:
        marked += await _mark(runtime.database, tenants, await _from(settings.bounces_url))
    for slug, tenant in tenants.items():
        async with runtime.database.tenant(tenant) as ctx:
            own = await repository.channel(ctx.session, "mail")
            url = ((own.settings or {}) if own is not None else {}).get("bounces", "")
        if url and not url.startswith("maildir:") and await mailboxes.allowed(url, settings):
            # a customer's mailbox speaks of that customer's messages alone
            marked += await _mark(runtime.database, {slug: tenant}, await _from(url))
    return marked


async def _mark(database: Database, tenants: dict[str, TenantRef], found: Sequence[Bounce | CalendarAnswer]) -> int:
    marked = 0
    for news in found:
        tenant = tenants.get(news.customer)
        if tenant is None:
            continue
        async with database.tenant(tenant) as ctx:
            if isinstance(news, CalendarAnswer):
                marked += await replies.hand_on(ctx, news)
            else:
                marked += await delivery.note_bounce(ctx, news.message_id, news.status)
    return marked


async def _from(url: str) -> Sequence[Bounce | CalendarAnswer]:
    try:
        return await bounces.collect(url)
    except mailboxes.TROUBLE as error:
        log.warning("bounces: mailbox not read: %s", type(error).__name__)
        return ()
