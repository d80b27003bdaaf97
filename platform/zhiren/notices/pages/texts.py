"""What messages say: the customer's own words for each kind and language."""

from __future__ import annotations

from typing import Final

from litestar import get, post
from litestar.params import FromPath, FromQuery

from zhiren.context import Context
from zhiren.errors import ZhirenError
from zhiren.i18n import LOCALE_NAMES, LOCALES, _
from zhiren.notices import kinds, repository
from zhiren.notices.kinds import COMMON
from zhiren.notices.pages.channels import MANAGE, settings_of
from zhiren.notices.schemas import CHANNEL_TITLES
from zhiren.notices.service import administration, wording
from zhiren.notices.service.wording import Words
from zhiren.web import Page, Redirect, page, redirect
from zhiren.web.fields import AnyRequest, Form, read_form

_LOCALE: Final = "zh_CN"


@get("/admin/notices/texts", permission=MANAGE)
async def list_page(ctx: Context) -> Page:
    changed = {(row.kind, row.locale) for row in await repository.templates(ctx.session)}
    rows = [
        (
            kind.name,
            _(kind.title),
            _("、").join(_(CHANNEL_TITLES[channel]) for channel in kind.channels),
            [LOCALE_NAMES[locale] for locale in LOCALES if (kind.name, locale) in changed],
        )
        for kind in kinds.every()
    ]
    return page("notices/texts.html", kinds=rows)


@get("/admin/notices/texts/{name:str}", permission=MANAGE)
async def text_page(ctx: Context, name: FromPath[str], locale: FromQuery[str] = _LOCALE) -> Page:
    kind = administration.kind_named(name)
    return await _text(ctx, name, locale, await wording.words(ctx, kind, locale))


@post("/admin/notices/texts/{name:str}", permission=MANAGE, status_code=303)
async def save_text(request: AnyRequest, ctx: Context, name: FromPath[str]) -> Page | Redirect:
    """Saves, or with ``preview`` only shows what it would look like, or with ``test`` sends that to the sender."""
    form = await read_form(request, longest=administration.MAX_BODY + 1)
    locale, words = form["locale"], _words(form)
    kind = administration.kind_named(name)
    try:
        administration.check_words(kind, locale, words)
        if form["do"] == "preview":
            return await _text(ctx, name, locale, words, preview=administration.sample(ctx, kind, words))
        if form["do"] == "test":
            said = administration.sample(ctx, kind, words)
            ready = await administration.trial_parcel(ctx, settings_of(request), "mail", form["address"], said=said)
            await administration.send_trial(*ready)
            return await _text(ctx, name, locale, words, preview=said, sent_to=form["address"])
        await administration.save_words(ctx, name, locale, words)
    except ZhirenError as refusal:
        return await _text(ctx, name, locale, words, error=refusal, address=form["address"])
    return redirect(f"/admin/notices/texts/{name}?locale={locale}", _("已保存，以后的通知用这段文字。"))


@post("/admin/notices/texts/{name:str}/reset", permission=MANAGE, status_code=303)
async def reset_text(request: AnyRequest, ctx: Context, name: FromPath[str]) -> Redirect:
    locale = (await read_form(request))["locale"]
    await administration.reset_words(ctx, name, locale)
    return redirect(f"/admin/notices/texts/{name}?locale={locale}", _("已恢复原来的文字。"))


def _words(form: Form) -> Words:
    # browsers end lines with CR LF
    return Words(form["subject"].strip(), form["body"].replace("\r\n", "\n").strip(), form["short"].strip())


async def _text(
    ctx: Context,
    name: str,
    locale: str,
    words: Words,
    *,
    preview: Words | None = None,
    error: ZhirenError | None = None,
    sent_to: str = "",
    address: str = "",
) -> Page:
    kind = administration.kind_named(name)
    return page(
        "notices/text.html",
        kind=kind,
        locale=locale if locale in LOCALES else _LOCALE,
        locales=[(one, LOCALE_NAMES[one]) for one in LOCALES],
        words=words,
        changed=await repository.template(ctx.session, name, locale) is not None,
        places=(*COMMON, *kind.values),
        preview=preview,
        error=error,
        sent_to=sent_to,
        address=address or sent_to,
        status_code=None if preview is None and error is None else (200 if error is None else error.status),
    )


route_handlers = (list_page, text_page, save_text, reset_text)
