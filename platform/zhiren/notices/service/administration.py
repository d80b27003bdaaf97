"""Channels, wording and the messages that left the house, for the administrator."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import time
from uuid import UUID

from zhiren.audit import record
from zhiren.context import Context
from zhiren.errors import InvalidInput
from zhiren.i18n import LOCALES, _
from zhiren.ids import new_id
from zhiren.notices import kinds, repository, rules
from zhiren.notices.errors import (
    NotSendable,
    TestFailed,
    UnknownChannel,
    UnknownKind,
    UnknownMessage,
    UnknownPlaces,
    WrongSettings,
)
from zhiren.notices.kinds import COMMON, NoticeKind
from zhiren.notices.models import ChannelSetting, Message, Template
from zhiren.notices.providers import Parcel, Provider, Refused, TryLater
from zhiren.notices.providers.forms import FORMS, Form, form_of
from zhiren.notices.providers.outward import Outward
from zhiren.notices.schemas import Content, MessageLine
from zhiren.notices.service import carriers, delivery, problems, sending, wording
from zhiren.notices.service.wording import Words
from zhiren.settings import Settings

MAX_SUBJECT, MAX_BODY, MAX_SHORT = 200, 5000, 500


# -- channels ----------------------------------------------------------------------------------------------------------


async def save_channel(ctx: Context, settings: Settings, channel: str, provider: str, given: Mapping[str, str]) -> int:
    """Messages of ``channel`` leave by ``provider`` from now on; returns how many that waited are set going. A secret
    that is left empty stays as it was. Raises UnknownChannel, WrongSettings."""
    form = form_of(channel, provider)
    if form is None:
        raise UnknownChannel(_("没有这种发送方式。"))
    row = await repository.channel(ctx.session, channel)
    before = dict(row.settings or {}) if row is not None and row.provider == provider else {}
    values = _filled(form, given, before)
    try:
        carriers.make(provider, values, Outward(), settings)
    except (ValueError, KeyError) as error:
        raise WrongSettings(_("设置不对，请核对端口、地址和密钥。")) from error
    if row is None:
        row = ChannelSetting(channel=channel)
        ctx.session.add(row)
    row.provider = provider
    row.settings = values
    changed = [name for name in values if values.get(name) != before.get(name)]
    record(ctx, "notices.channel.update", object_type="notices.channel", object_id=channel, fields=[provider, *changed])
    await ctx.session.flush()
    return await delivery.set_going(ctx, channel)


async def clear_channel(ctx: Context, channel: str) -> None:
    """Back to what the installation offers. Raises UnknownChannel."""
    row = await repository.channel(ctx.session, channel)
    if row is None or channel not in FORMS:
        raise UnknownChannel(_("没有这种发送方式。"))
    await ctx.session.delete(row)
    record(ctx, "notices.channel.delete", object_type="notices.channel", object_id=channel)


async def save_rest(ctx: Context, start: str, end: str) -> None:
    """From when until when phones are left alone; equal times: never. Raises InvalidInput."""
    try:
        times = {
            "from": time.fromisoformat(start).isoformat("minutes"),
            "until": time.fromisoformat(end).isoformat("minutes"),
        }
    except ValueError:
        raise InvalidInput(_("时间的格式应为 21:00。")) from None
    row = await repository.channel(ctx.session, "quiet")
    if row is None:
        row = ChannelSetting(channel="quiet")
        ctx.session.add(row)
    before = row.settings or {}
    row.settings = {**before, **times}
    changes = {name: (before.get(name), value) for name, value in times.items()}
    record(ctx, "notices.channel.update", object_type="notices.channel", object_id="quiet", changes=changes)


def _filled(form: Form, given: Mapping[str, str], before: Mapping[str, str]) -> dict[str, str]:
    values, missing = {}, {}
    for field in form.fields:
        value = given.get(field.name, "").strip()
        if not value and field.kind == "secret":
            value = before.get(field.name, "")
        if not value and field.required:
            missing[field.name] = _("请填写。")
        values[field.name] = value
    if missing:
        raise WrongSettings(_("还有没填的。"), fields=missing)
    return {name: value for name, value in values.items() if value}


async def trial_parcel(
    ctx: Context, settings: Settings, channel: str, address: str, *, said: Words | None = None
) -> tuple[Provider, Parcel]:
    """A test message and who carries it. Raises NotSendable, InvalidInput."""
    if not address.strip():
        raise InvalidInput(_("请填写收件地址。"), fields={"address": _("请填写。")})
    provider = await carriers.provider(ctx, settings, channel)
    if provider is None:
        raise NotSendable(_("还没有设置发送服务。"))
    record(ctx, "notices.channel.test", object_type="notices.channel", object_id=channel)
    subject = _("{company} 的测试消息", company=ctx.tenant.name)
    content = Content(subject, _("收到这条消息，说明发送服务设置正确。"), values={"content": subject})
    if said is not None:
        content = Content(said.subject, said.body)
    parcel = Parcel(
        id=new_id(),
        kind="notices.test",
        company=ctx.tenant.name,
        recipient=ctx.actor.name,
        locale=ctx.locale,
        address=address.strip(),
        content=content,
        customer=ctx.tenant.slug,
        domain=f"{ctx.tenant.slug}.{settings.base_domain}",
    )
    return provider, parcel


async def send_trial(provider: Provider, parcel: Parcel) -> None:
    """Raises TestFailed with what the other side said."""
    try:
        await provider.send(parcel)
    except (TryLater, Refused) as trouble:
        raise TestFailed(problems.title(trouble.code), hint=trouble.detail) from trouble


# -- wording -----------------------------------------------------------------------------------------------------------


def kind_named(name: str) -> NoticeKind:
    """Raises UnknownKind."""
    kind = kinds.find(name)
    if kind is None:
        raise UnknownKind(_("没有这种通知。"))
    return kind


async def save_words(ctx: Context, name: str, locale: str, words: Words) -> None:
    """The customer's own words for one kind in one language. Raises UnknownKind, InvalidInput, UnknownPlaces."""
    kind = kind_named(name)
    check_words(kind, locale, words)
    row = await repository.template(ctx.session, name, locale)
    before = wording.built_in(kind, locale) if row is None else Words(row.subject, row.body, row.short)
    if row is None:
        row = Template(kind=name, locale=locale)
        ctx.session.add(row)
    row.subject, row.body, row.short = words.subject, words.body, words.short
    changes = {
        part: (getattr(before, part), getattr(words, part))
        for part in ("subject", "body", "short")
        if getattr(before, part) != getattr(words, part)
    }
    record(
        ctx, "notices.template.update", object_type="notices.template", object_id=f"{name} {locale}", changes=changes
    )


async def reset_words(ctx: Context, name: str, locale: str) -> None:
    """Back to the product's own words."""
    kind_named(name)
    if await repository.delete_template(ctx.session, name, locale):
        record(ctx, "notices.template.delete", object_type="notices.template", object_id=f"{name} {locale}")


def check_words(kind: NoticeKind, locale: str, words: Words) -> None:
    if locale not in LOCALES:
        raise InvalidInput(_("没有这种语言。"))
    wrong = {}
    for part, most in (("subject", MAX_SUBJECT), ("body", MAX_BODY), ("short", MAX_SHORT)):
        text = getattr(words, part)
        if len(text) > most:
            wrong[part] = _("最多 {most} 字。", most=most)
        elif not text.strip() and part != "short":
            wrong[part] = _("请填写。")
        elif unknown := rules.unknown_places(text, kind.places):
            wrong[part] = _("这里没有 {places}。", places=_("、").join(unknown))
    if wrong:
        known = _("、").join(f"{{{name}}}" for name in (*COMMON, *kind.values))
        raise UnknownPlaces(_("文字没有保存。"), hint=_("可以用的有 {places}。", places=known), fields=wrong)


def sample(ctx: Context, kind: NoticeKind, words: Words) -> Words:
    """``words`` as they would read, with the names of the values in their places."""
    values = {name: f"〔{name}〕" for name in kind.values}
    return wording.fill(words, {**values, "name": ctx.actor.name, "company": ctx.tenant.name})


# -- what left the house -----------------------------------------------------------------------------------------------


async def reveal(ctx: Context, message_id: UUID) -> tuple[Message, Content | None, str]:
    """A message with what it says and where it went, which is recorded. What carries a code or a link that logs in
    stays closed. Raises UnknownMessage."""
    row = await repository.message(ctx.session, message_id)
    if row is None:
        raise UnknownMessage(_("没有这条消息。"))
    record(
        ctx,
        "notices.message.reveal",
        object_type="notices.message",
        object_id=message_id,
        fields=["address", "content"],
        sensitive=True,
    )
    kind = kinds.find(row.kind)
    return row, None if kind is None or kind.secret else row.content, row.address or ""


async def line(ctx: Context, message_id: UUID) -> MessageLine:
    """What became of a message, without what it says. Raises UnknownMessage."""
    row = await repository.message(ctx.session, message_id)
    if row is None:
        raise UnknownMessage(_("没有这条消息。"))
    return sending.line(row)


async def send_again(ctx: Context, message_id: UUID) -> None:
    """Once more, to the same address. Raises UnknownMessage, NotSendable."""
    row = await repository.message(ctx.session, message_id, lock=True)
    if row is None:
        raise UnknownMessage(_("没有这条消息。"))
    if row.state not in ("failed", "bounced"):
        raise NotSendable(_("只有没发出或被退回的消息才能重发。"))
    await delivery.try_again(ctx, row)
    record(ctx, "notices.message.retry", object_type="notices.message", object_id=message_id)
