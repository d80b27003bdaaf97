"""Which provider carries a channel's messages: the customer's own, else the installation's, else none."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time
from email.utils import parseaddr
from typing import Final
from urllib.parse import parse_qs, unquote, urlsplit

from zhiren.context import Context
from zhiren.notices import repository, rules
from zhiren.notices.providers import Provider
from zhiren.notices.providers.im import DingTalk, WeCom
from zhiren.notices.providers.outward import Outward
from zhiren.notices.providers.sms import AliyunSms, GatewaySms
from zhiren.notices.providers.smtp import SmtpMail, SmtpServer
from zhiren.settings import Settings

ZONE: Final = "Asia/Shanghai"
REST_FROM, REST_UNTIL = time(21), time(8)
#: where push services may complain to when no sender is set (RFC 8292, 2.1)
NOBODY: Final = "nobody@example.com"


async def provider(ctx: Context, settings: Settings, channel: str) -> Provider | None:
    """Who carries ``channel`` for this customer; None when nobody does."""
    own = await repository.channel(ctx.session, channel)
    if own is not None and own.provider:
        outward = Outward(inside=settings.provider_networks == "any" or channel == "push")
        return make(own.provider, own.settings or {}, outward, settings)
    return of_installation(settings, channel)


def make(name: str, given: Mapping[str, str], outward: Outward, settings: Settings) -> Provider:
    """The provider of a customer's own settings, which were checked when they were saved. Raises ValueError,
    KeyError for ones that do not fit."""
    if name == "smtp":
        server = SmtpServer(
            host=given["host"],
            port=int(given["port"]),
            user=given.get("user", ""),
            password=given.get("password", ""),
            tls=given["tls"],
        )
        return SmtpMail(server, given["from"], outward)
    if name == "webhook":
        return GatewaySms(outward, given["url"], given["secret"])
    if name == "aliyun":
        return AliyunSms(outward, given)
    if name == "wecom":
        return WeCom(outward, given)
    if name == "dingtalk":
        return DingTalk(outward, given)
    if name == "vapid":
        # brings a validation library along that no other process needs
        from zhiren.notices.providers.push import WebPushes  # noqa: PLC0415

        return WebPushes(outward, given, parseaddr(settings.smtp_from)[1] or NOBODY)
    raise ValueError(f"no provider is named {name!r}")


def of_installation(settings: Settings, channel: str) -> Provider | None:
    """Who carries for customers that named nobody; where it connects to is the installation's own business."""
    if channel == "mail" and settings.smtp_url:
        return SmtpMail(SmtpServer.read(settings.smtp_url), settings.smtp_from)
    if channel == "sms" and settings.sms_url:
        name, given = read_sms_url(settings.sms_url)
        return make(name, given, Outward(inside=True), settings)
    return None


def read_sms_url(url: str) -> tuple[str, dict[str, str]]:
    """``https://:secret@gateway/path``, or ``aliyun://key-id:key-secret@dysmsapi.aliyuncs.com?sign=…&template=…``.
    Raises ValueError."""
    parts = urlsplit(url)
    if not parts.hostname or not parts.password:
        raise ValueError("https://:secret@host/path or aliyun://id:secret@host")
    host = parts.hostname + (f":{parts.port}" if parts.port else "")
    if parts.scheme == "aliyun":
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        given = {"url": f"https://{host}/", "key_id": unquote(parts.username or ""), "sign": query["sign"]}
        return "aliyun", {**given, "key_secret": unquote(parts.password), "template": query.get("template", "")}
    return "webhook", {
        "url": parts._replace(netloc=host).geturl(),
        "secret": unquote(parts.password),
    }


async def rest_over(ctx: Context, now: datetime) -> datetime | None:
    """When the hours of rest that ``now`` is in are over; None outside them."""
    start, end, zone = await rest(ctx)
    return rules.after_rest(now, start, end, zone)


async def rest(ctx: Context) -> tuple[time, time, str]:
    """The customer's hours of rest: from, until, time zone."""
    own = await repository.channel(ctx.session, "quiet")
    given = (own.settings if own is not None else None) or {}
    start = time.fromisoformat(given.get("from", REST_FROM.isoformat()))
    end = time.fromisoformat(given.get("until", REST_UNTIL.isoformat()))
    return start, end, given.get("zone", ZONE)
