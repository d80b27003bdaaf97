"""Where a person wants to be reached, and what not to hear of; each sets it for himself."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from zhiren.audit import record
from zhiren.context import Actor, Context
from zhiren.errors import InvalidInput, NotFound
from zhiren.i18n import _
from zhiren.notices import kinds, repository
from zhiren.notices.models import ChannelSetting, Subscription
from zhiren.notices.providers.browsers import known_service, new_keys
from zhiren.notices.service.delivery import off_token
from zhiren.notices.service.inbox import reader_key
from zhiren.settings import Settings

#: of one person; the oldest gives way
MAX_BROWSERS: Final = 10
SINGLE: Final = ("mail", "sms", "im")


async def own_addresses(ctx: Context) -> dict[str, str]:
    """Where the actor is reached: one address for each of mail, sms and im."""
    rows = await repository.subscriptions(ctx.session, key(ctx.actor))
    return {row.channel: row.address or "" for row in rows if row.channel in SINGLE}


async def browsers(ctx: Context) -> list[Subscription]:
    return list(await repository.subscriptions(ctx.session, key(ctx.actor), "push"))


async def save_addresses(ctx: Context, given: dict[str, str]) -> None:
    """Empty takes one out. Raises InvalidInput."""
    mail = given.get("mail", "").strip()
    if mail and ("@" not in mail or len(mail) > 254 or any(c.isspace() for c in mail)):
        raise InvalidInput(_("邮箱地址不对。"), fields={"mail": _("例如 name@example.com。")})
    mobile = given.get("sms", "").strip().replace(" ", "")
    if mobile and not (mobile.removeprefix("+").isdigit() and 8 <= len(mobile) <= 16):
        raise InvalidInput(_("手机号不对。"), fields={"sms": _("例如 13800000000。")})
    wanted = {"mail": mail, "sms": mobile, "im": given.get("im", "").strip()[:64]}
    mine = key(ctx.actor)
    rows = {row.channel: row for row in await repository.subscriptions(ctx.session, mine) if row.channel in SINGLE}
    changes = {}
    for channel, address in wanted.items():
        row = rows.get(channel)
        before = (row.address or "") if row is not None else ""
        if before == address:
            continue
        changes[channel] = (before, address)
        if row is None:
            ctx.session.add(Subscription(channel=channel, recipient_key=mine, address=address))
        elif address:
            row.address = address
        else:
            await repository.delete_subscriptions(ctx.session, [row.id])
    record(ctx, "notices.subscription.update", object_type="notices.subscription", object_id=mine, changes=changes)


async def push_key(ctx: Context) -> str:
    """What a browser subscribes with; the customer's keys are made when the first one asks."""
    row = await repository.channel(ctx.session, "push")
    if row is None:
        row = await repository.add_channel(
            ctx.session, ChannelSetting(channel="push", provider="vapid", settings=new_keys())
        )
    return (row.settings or {})["key"]


async def subscribe(ctx: Context, settings: Settings, given: dict[str, Any], *, label: str) -> UUID:
    """A browser as ``PushSubscription.toJSON()`` gives it. Raises InvalidInput for one whose service is unknown."""
    endpoint = str(given.get("endpoint", ""))
    keys = given.get("keys")
    if not isinstance(keys, dict) or not keys.get("p256dh") or not keys.get("auth") or len(endpoint) > 2000:
        raise InvalidInput(_("浏览器没有给出完整的订阅。"))
    if not known_service(endpoint, settings.push_hosts):
        raise InvalidInput(_("不认识这个浏览器的推送服务。"), hint=_("请换用 Chrome、Edge、Firefox 或 Safari。"))
    mine = key(ctx.actor)
    held = {row.address: row for row in await browsers(ctx)}
    row = held.get(endpoint)
    if row is None:
        surplus = sorted(held.values(), key=lambda one: one.id)[: max(0, len(held) - MAX_BROWSERS + 1)]
        await repository.delete_subscriptions(ctx.session, [one.id for one in surplus])
        row = Subscription(channel="push", recipient_key=mine, address=endpoint)
        ctx.session.add(row)
    row.keys = {"p256dh": str(keys["p256dh"])[:200], "auth": str(keys["auth"])[:100]}
    row.label = label[:100]
    record(ctx, "notices.subscription.create", object_type="notices.subscription", object_id=row.id)
    return row.id


async def forget_browser(ctx: Context, subscription_id: UUID) -> None:
    """Raises NotFound for one that is not the actor's."""
    if subscription_id not in {row.id for row in await browsers(ctx)}:
        raise NotFound(_("没有这台设备。"))
    await repository.delete_subscriptions(ctx.session, [subscription_id])
    record(ctx, "notices.subscription.delete", object_type="notices.subscription", object_id=subscription_id)


async def optional_kinds(ctx: Context) -> list[tuple[str, str, bool]]:
    """(name, title, whether it is wanted) of the kinds that may be switched off."""
    rows = await repository.subscriptions(ctx.session, key(ctx.actor), "off")
    off = {row.notice_kind for row in rows}
    return [(kind.name, _(kind.title), kind.name not in off) for kind in kinds.every() if kind.optional]


async def save_wanted(ctx: Context, wanted: set[str]) -> None:
    mine = key(ctx.actor)
    rows = {row.notice_kind: row.id for row in await repository.subscriptions(ctx.session, mine, "off")}
    names = {kind.name for kind in kinds.every() if kind.optional}
    await repository.delete_subscriptions(ctx.session, [rows[name] for name in wanted & rows.keys()])
    for name in names - wanted - rows.keys():
        ctx.session.add(Subscription(channel="off", recipient_key=mine, notice_kind=name))
    record(ctx, "notices.subscription.update", object_type="notices.subscription", object_id=mine)


async def title_of(ctx: Context, message_id: UUID, token: str) -> str:
    """What kind of notice a link in a mail switches off. Raises NotFound for a link that is not ours."""
    row = await repository.message(ctx.session, message_id)
    kind = kinds.find(row.kind) if row is not None else None
    if kind is None or not kind.optional or token != off_token(ctx, message_id):
        raise NotFound(_("这个链接不对。"))
    return _(kind.title)


async def switch_off(ctx: Context, message_id: UUID, token: str) -> None:
    """Who had this message hears no more of its kind. Raises NotFound."""
    await title_of(ctx, message_id, token)
    row = await repository.message(ctx.session, message_id)
    if row is None:
        return
    held = await repository.subscriptions(ctx.session, row.recipient_key, "off")
    if row.kind not in {one.notice_kind for one in held}:
        ctx.session.add(Subscription(channel="off", recipient_key=row.recipient_key, notice_kind=row.kind))
    record(ctx, "notices.subscription.update", object_type="notices.message", object_id=message_id, fields=[row.kind])


def key(actor: Actor) -> str:
    found = reader_key(actor)
    if found is None:
        raise NotFound(_("这里只给登录的人用。"))
    return found
