"""Which provider carries a channel's messages: the customer's own, else the installation's, else none."""

from __future__ import annotations

from datetime import datetime, time

from zhiren.context import Context
from zhiren.notices import repository, rules
from zhiren.notices.providers import Provider
from zhiren.notices.providers.smtp import SmtpMail, SmtpServer
from zhiren.settings import Settings

ZONE = "Asia/Shanghai"
REST_FROM, REST_UNTIL = time(21), time(8)


async def provider(ctx: Context, settings: Settings, channel: str) -> Provider | None:
    """Who carries ``channel`` for this customer; None when nobody does."""
    own = await repository.channel(ctx.session, channel)
    if own is not None and own.provider:
        return make(channel, own.provider, own.settings or {})
    if channel == "mail" and settings.smtp_url:
        return SmtpMail(SmtpServer.read(settings.smtp_url), settings.smtp_from)
    return None


def make(channel: str, name: str, given: dict[str, str]) -> Provider | None:
    if (channel, name) == ("mail", "smtp"):
        return SmtpMail(SmtpServer.read(given["url"]), given["from"])
    return None


async def rest_over(ctx: Context, now: datetime) -> datetime | None:
    """When the hours of rest that ``now`` is in are over; None outside them."""
    own = await repository.channel(ctx.session, "quiet")
    given = (own.settings if own is not None else None) or {}
    start = time.fromisoformat(given.get("from", REST_FROM.isoformat()))
    end = time.fromisoformat(given.get("until", REST_UNTIL.isoformat()))
    return rules.after_rest(now, start, end, given.get("zone", ZONE))
