"""A reminder on the administrator's home page when the licence ends, or its seats are taken."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from markupsafe import Markup

from licensing import rules
from licensing.entitlements import Entitlements, Standing
from zhiren.context import Context
from zhiren.i18n import _

PERMISSION = "licensing.manage"
_CARD = Markup(
    '<div class="alert {kind}" role="status">{words} <a class="alert-link" href="/admin/modules">{link}</a></div>'
)


def reminder(entitlements: Entitlements) -> Callable[[Context], Awaitable[Markup | None]]:
    """A card for the home page (``Deployment.home_cards``); nothing for people who cannot act on it."""

    async def card(ctx: Context) -> Markup | None:
        if not ctx.actor.can(PERMISSION):
            return None
        standing = await entitlements.standing(ctx.tenant)
        words = _words(standing) or await _seats(ctx, entitlements, standing)
        if not words:
            return None
        kind = "alert-danger" if standing.kind == "ended" else "alert-warning"
        return _CARD.format(kind=kind, words=words, link=_("查看授权"))

    return card


def _words(standing: Standing) -> str:
    day = standing.licence.valid_until.isoformat() if standing.licence else ""
    if standing.kind == "ending":
        return _("授权将于 {day} 到期，请及时续期。", day=day)
    if standing.kind == "grace":
        return _("授权已于 {day} 到期，30 天宽限期内一切照常，请尽快续期。", day=day)
    if standing.kind == "ended":
        return _("授权已于 {day} 到期。登录、查看和导出不受影响，但不能新建。请联系服务商续期。", day=day)
    return ""


async def _seats(ctx: Context, entitlements: Entitlements, standing: Standing) -> str:
    seats = standing.licence.seats if standing.licence else 0
    used = await entitlements.seats_used(ctx) if seats else None
    if used is None or rules.fullness(used, seats) == "free":
        return ""
    limit = rules.most(seats)
    return _("授权 {seats} 人，现有在职 {used} 人。超过 {limit} 人后不能再新增。", seats=seats, used=used, limit=limit)
