"""From a kind of notice and its values to what one person reads."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from zhiren.context import Context
from zhiren.i18n import _, use_locale
from zhiren.notices import repository, rules
from zhiren.notices.kinds import NoticeKind
from zhiren.notices.schemas import Recipient


class Words(msgspec.Struct, frozen=True):
    """The texts of a kind in one language, with their places still open."""

    subject: str
    body: str
    short: str
    #: a customer's own
    own: bool = False


def built_in(kind: NoticeKind, locale: str) -> Words:
    with use_locale("en" if locale == "en" else "zh_CN"):
        return Words(_(kind.subject), _(kind.body), _(kind.short) if kind.short else "")


async def words(ctx: Context, kind: NoticeKind, locale: str) -> Words:
    """The customer's own words, else the product's."""
    own = await repository.template(ctx.session, kind.name, locale)
    return Words(own.subject, own.body, own.short, own=True) if own is not None else built_in(kind, locale)


def fill(words: Words, values: Mapping[str, str]) -> Words:
    """Values in their places, subjects and short texts on one line."""
    subject = rules.one_line(rules.fill(words.subject, values))
    short = rules.one_line(rules.fill(words.short, values)) if words.short else subject
    return Words(subject, rules.fill(words.body, values).strip(), short, words.own)


def common_values(ctx: Context, to: Recipient) -> dict[str, str]:
    return {"name": to.name, "company": ctx.tenant.name}
